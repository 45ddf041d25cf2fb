"""A clone of the repository as it stands, whose declaration a test may change.

It includes uncommitted changes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from lab.declared import declared_town
from tests.support import playbooks
from tests.unit.repository.tree import ROOT, tracked

FEW = ("ccas", "commune", "ctm", "ecole-jaures", "hotel-de-ville", "mediatheque", "police-municipale")
"""Sites of a copy that a test edits: each costs a load of the town most of its time."""


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


def few(folder: Path) -> Path:
    """Copy the declaration to a folder, cut down to a few sites: the others are not even named."""
    return shutil.copytree(cut_down(), folder, symlinks=True, dirs_exist_ok=True)


@cache
def cut_down() -> Path:
    """The declaration of a few sites, made once a process: nobody writes there."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["PISTE_TESTS_SESSION"]))
    declaration(folder)
    _leave_alone(folder, FEW)
    return folder


def declaration(folder: Path) -> Path:
    """Copy the declaration to a folder."""
    shutil.copytree(ROOT / "group_vars", folder / "group_vars")
    shutil.copytree(ROOT / "inventories/town", folder / "inventories/town", symlinks=True)
    return folder


def _leave_alone(folder: Path, kept: Collection[str]) -> None:
    """Leave only those sites in a declaration, and no mention of the others."""
    inventory = folder / "inventories/town"
    gone, codes = set[str](), set[str]()
    for path in (inventory / "host_vars").glob("*.yml"):
        text = path.read_text("utf-8")
        if "lifecycle:" in text and path.stem not in kept:
            gone.add(path.stem)
            codes |= {*re.findall(r"\bcode: (\w+)", text)}
            path.unlink()
    hosts = _without(inventory / "hosts.yml", rf"^ +(?:{_any(gone)}):\n")
    empty = re.findall(r"^        (\w+):\n          hosts:\n(?! {12})", hosts, re.MULTILINE)
    categories = "".join((folder / f"group_vars/{name}.yml").read_text("utf-8") for name in empty)
    labels = re.findall(r"^category: {label: ([^,}\n]+)", categories, re.MULTILINE)
    own = rf"[a-z]+-(?:{_any(codes)})-\d+"
    for path in (inventory / "assets").glob("*.csv"):
        _without(path, rf"^(?:{own},.*|.*,(?:{_any(gone)})(?:,.*)?)\n")
    for path in (folder / "group_vars/all").glob("*.yml"):
        _without(path, rf"^ +(?:{_any(gone)}|Ville/(?:{_any(labels)})):.*\n", rf", site: (?:{_any(gone)})(?=\}})",
                 rf"(?<=\[)(?:(?:{_any(gone)}|{own}), )+", rf", (?:{_any(gone)}|{own})(?=[],])")  # fmt: skip


def _any(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names)))


def _without(path: Path, *patterns: str) -> str:
    """Remove each occurrence of some patterns from a file; return the rest."""
    text = path.read_text("utf-8")
    for pattern in patterns:
        text = re.sub(pattern, "", text, flags=re.MULTILINE)
    path.write_text(text, "utf-8")
    return text


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
