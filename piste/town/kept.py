"""Derivations kept from run to run, under the digest of all that they derive from.

They lie in a folder of the account and not in the clone: a clone from elsewhere brings nothing to believe.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from glob import glob
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.untrusted import NotPlain, parse_json, read_plain
from piste.engine.repository import CODE
from piste.town.model.dates import today

VARIABLE = "PISTE_DERIVED_DIR"
KEPT = 8
"""Derivations that are kept: those of a few environments, before and after a change."""
LARGEST = 2_000_000
"""Bytes of a file that the model reads (`piste.town.model.source`)."""
_INDEX = "index.json"


class Inputs(NamedTuple):
    """The sources of a derivation: the town's inventory, and what an environment adds to it."""

    inventory: Path
    as_found: Path | None = None
    proofs: Path | None = None
    rehearsed: Path | None = None


def folder() -> Path:
    """The folder of derivations: `PISTE_DERIVED_DIR`, or `~/.piste/derived`."""
    return Path(os.environ.get(VARIABLE) or Path.home() / ".piste" / "derived")


def key(inputs: Inputs) -> str | None:
    """Compute the digest of a derivation's sources: files, names of files, day, code.

    None where they cannot be read.
    """
    root = Path(os.path.realpath(inputs.inventory)).parent.parent
    try:
        made = {
            "code": _code(),
            "day": today().isoformat(),
            "town": {
                name: _content(inputs.inventory / name, below)
                for name, below in (("hosts.yml", 0), ("group_vars", 2), ("host_vars", 2), ("assets", 1))
            },
            # The faults name the place of a file that is there.
            "places": [
                given and (os.path.relpath(os.path.realpath(given), root) if given.exists() else "") for given in inputs
            ],
            "beside": [given and _content(given, 1) for given in inputs[1:]],
        }
    except OSError:
        return None
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


@cache
def _code() -> str:
    """The digest of the code that derives, and of the versions of the libraries that it calls."""
    digest = hashlib.sha256()
    # The tables and the templates of a vendor are in what is derived too.
    code = (name for name in glob("piste/**/*.*", root_dir=CODE, recursive=True) if "__pycache__" not in name)
    for file in sorted([*code, *glob("requirements/*.txt", root_dir=CODE)]):
        with open(f"{CODE}/{file}", "rb", buffering=0) as opened:
            content = opened.read()
        digest.update(f"{file} {len(content)}\n".encode() + content)
    # Beside an installed package, the names of these folders are the versions.
    digest.update("\n".join(sorted(glob("*.dist-info", root_dir=CODE))).encode())
    return digest.hexdigest()


def _content(path: Path, below: int) -> Any:
    """Describe a path: digest of a file, entries of a folder, None if absent.

    `below` is the number of levels of folders to go down.
    """
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISDIR(status.st_mode):
        return {entry.name: _content(entry, below - 1) for entry in path.iterdir()} if below else {}
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise NotPlain(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read(name: str) -> dict[str, bytes] | None:
    """Read the documents kept under a digest.

    None unless they are whole, and nobody else could have written them.
    """
    try:
        place = folder() / name
        _refuse_foreign(place.parent)
        _refuse_foreign(place)
        written = read_plain(place / _INDEX)
        documents = {name: read_plain(place / name) for name in parse_json(written) if name and "/" not in name}
        if written != _index(documents):
            raise ValueError(name)
        os.utime(place)
    except (OSError, RuntimeError, TypeError, ValueError):
        _forget(name)
        return None
    return documents


def _refuse_foreign(place: Path) -> None:
    status = place.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise PermissionError(place)


def write(name: str, documents: Mapping[str, bytes]) -> None:
    """Keep documents under a digest, whole or not at all.

    What cannot be kept is derived again: nothing is raised.
    """
    with suppress(OSError, RuntimeError):
        home = folder()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_foreign(home)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=home))
        for file, content in {**documents, _INDEX: _index(documents)}.items():
            (draft / file).write_bytes(content)
        with suppress(OSError):  # Another run has just kept the same.
            draft.rename(home / name)
        shutil.rmtree(draft, ignore_errors=True)
        # By the distance: what a clock that was ahead has dated would stay, and nothing else.
        now = time.time_ns()
        for old in sorted(home.iterdir(), key=lambda entry: abs(now - entry.lstat().st_mtime_ns))[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


def _index(documents: Mapping[str, bytes]) -> bytes:
    """List the names of documents with their digests, then the digest of the whole list."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in documents.items()}
    return json.dumps({**digests, "": hashlib.sha256(json.dumps(digests).encode()).hexdigest()}).encode()


def _forget(name: str) -> None:
    """Remove what will be derived again, if anything is kept."""
    with suppress(OSError, RuntimeError):
        shutil.rmtree(folder() / name)
