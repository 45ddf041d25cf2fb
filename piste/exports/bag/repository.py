"""The repository of a bag: a file that git clones. None of it is run or believed."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO

from piste.engine.converge.bounded import DOCUMENT, Unreadable, opened
from piste.engine.git import GitFailed, git

BUNDLE = "repository/piste.bundle"
TOTAL = 2**31
"""Most bytes of an unpacked repository that is searched."""
_HEAD = (b"# v2 git bundle\n", b"# v3 git bundle\n")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


@contextmanager
def cloned(bundle: Path, clones: Path | None = None) -> Iterator[Path]:
    """Make a bare clone for the block, or once under `clones`, a folder that outlives it.

    Raises `Unreadable` where git cannot.
    """
    with nullcontext(clones) if clones else tempfile.TemporaryDirectory(prefix="piste-bag-") as folder:
        place = Path(folder, hashlib.sha256(os.fsencode(bundle.resolve())).hexdigest())
        if not place.exists():
            _clone(bundle, place)
        yield place


def _clone(bundle: Path, place: Path) -> None:
    with opened(bundle) as stream:
        if not stream.read(len(_HEAD[0])).startswith(_HEAD):
            raise Unreadable((0, "git ne le clone pas : ce n’est pas un paquet git"))
    draft = place.with_suffix(".draft")
    _git("clone", "--quiet", "--bare", "--template=", "--", str(bundle.resolve()), str(draft))
    draft.rename(place)


def holds(clone: Path, commit: str) -> bool:
    """Tell whether a commit is in a clone."""
    if not _COMMIT.fullmatch(commit):
        return False
    try:
        _git("-C", str(clone), "cat-file", "-e", f"{commit}^{{commit}}")
    except Unreadable:
        return False
    return True


def objects(clone: Path) -> Iterator[tuple[str, bytes]]:
    """Read every file, message and tag of the history, by short id. Raises `Unreadable`."""
    form = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
    known = _git("-C", str(clone), "cat-file", "--batch-all-objects", "--unordered", form).decode().splitlines()
    wanted = [(name, int(size)) for name, kind, size in map(str.split, known) if kind != "tree"]
    for name, size in wanted:
        if size > DOCUMENT:
            raise Unreadable((0, f"l’objet {name[:12]} a plus de {DOCUMENT // 2**20} Mio"))
    if sum(size for _, size in wanted) > TOTAL:
        raise Unreadable((0, f"plus de {TOTAL // 2**20} Mio une fois ouvert"))
    with tempfile.TemporaryFile() as names, tempfile.TemporaryFile() as answer:
        names.write("".join(f"{name}\n" for name, _ in wanted).encode())
        names.seek(0)
        _git("-C", str(clone), "cat-file", "--batch", given=names, to=answer)
        answer.seek(0)
        for name, size in wanted:
            answer.readline()
            yield name[:12], answer.read(size)
            answer.read(1)


def _git(*arguments: str, given: IO[bytes] | None = None, to: IO[bytes] | None = None) -> bytes:
    try:
        return git(*arguments, given=given, to=to)
    except GitFailed as failed:
        raise Unreadable((0, f"git ne le clone pas : {failed}")) from None
