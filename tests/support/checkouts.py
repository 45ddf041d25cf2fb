"""A clone of the repository as it stands, whose declaration a test may change.

It includes uncommitted changes.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from lab.declared import declared_town
from tests.support import playbooks
from tests.unit.repository.tree import ROOT, tracked

FEW = ("ccas", "commune", "ctm", "ecole-jaures", "hotel-de-ville", "mediatheque", "police-municipale")
"""Sites that stay open where a test edits a copy of the declaration: each costs a load of the town most of its time."""


def checkout(folder: Path, opened: Collection[str] = ()) -> Path:
    """Copy the repository to a folder and commit it; with `opened`, only those sites are open.

    What is proven there does not depend on their number, and each costs a second or two of every run.
    """
    for file in tracked("*"):
        copied = folder / file.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copied, follow_symlinks=False)
        if file.suffix == ".py" and (compiled := Path(cache_from_source(file))).exists():
            # Python takes it by the time of the source, which is copied too.
            kept = Path(cache_from_source(copied))
            kept.parent.mkdir(exist_ok=True)
            shutil.copy2(compiled, kept)
    _git(folder, "init", "--quiet", "-b", "main")
    open_alone(folder, opened)
    _commit(folder)
    return folder


_free: list[tuple[Path, str]] = []
"""Clones that no test works in, each with the commit of the repository as it stands."""


@contextmanager
def lent(factory: pytest.TempPathFactory, opened: Collection[str]) -> Iterator[Path]:
    """Work in a clone of the session; the next test file gets it clean again.

    It is made as `checkout` makes it.

    Its fork servers, which have imported its code and read its inventories, are those of the last file.
    """
    if _free:
        folder, whole = _free.pop()
        _git(folder, "checkout", "--quiet", "--force", "-B", "main", whole)
        _git(folder, "clean", "--quiet", "-ffdx", "--exclude=__pycache__")
    else:
        folder = checkout(factory.mktemp("clone"))
        whole = _git(folder, "rev-parse", "HEAD")
    open_alone(folder, opened)
    _commit(folder, "--amend")
    with working_in(folder):
        yield folder
    _free.append((folder, whole))


def open_alone(folder: Path, opened: Collection[str]) -> None:
    """Leave only those sites open in a declaration; all where none is named."""
    for path in (folder / "inventories/town/host_vars").glob("*.yml"):
        if opened and path.stem not in opened:
            path.write_text(path.read_text("utf-8").replace("lifecycle: open", "lifecycle: planned"), "utf-8")


def _commit(folder: Path, *options: str) -> None:
    _git(folder, "add", "-A")
    who = ("-c", "user.name=Essai", "-c", "user.email=essai@lab.invalid")
    _git(folder, *who, "commit", "--quiet", "-m", "Essai", *options)


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def close_others(console: playbooks.Console, opened: Collection[str]) -> None:
    """Remove the live networks of a clone's closed sites: they would be strangers."""
    others = {f"VLB {site}" for site in declared_town().sites} - {f"VLB {site}" for site in opened}
    for network, live in list(console.lab.meraki.world.networks.items()):
        if live["name"] in others:
            console.lab.meraki.edit("DELETE", f"/networks/{network}")


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Have consoles and terminals work in that clone, with its own code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(playbooks, "REPOSITORY", folder)
        yield
