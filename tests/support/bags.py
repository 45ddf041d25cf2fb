"""A small bag that is whole: a school, the tables, the schemas, a repository of one file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from piste.bag import make
from piste.bag.contents import read
from piste.bag.documents import Documents
from tests.unit.bag.test_make import SITE, exported, small


def repository(folder: Path, **files: str) -> str:
    """A repository of these files and of the lists of packages; its commit."""
    for name, text in {"requirements/demo.txt": "piste\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git = ("git", "-C", str(folder), "-c", "user.name=essai", "-c", "user.email=essai@example.org")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "Essai", "--no-gpg-sign")):
        subprocess.run([*git, *words], check=True, capture_output=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


def tiny(folder: Path, **files: str) -> Path:
    """The bag, with `files` in its repository."""
    bag, origin = folder / "sac", folder / "depot"
    readings = read(exported(bag / "data/systems"), [SITE], {})
    head = repository(origin, **files)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make, "ROOT", origin)
        patch.setattr(make, "commit", lambda: (head, True))
        patch.setattr(make, "put", lambda *given: Documents(made=0, unverified=(), joined=0, reading=""))
        patch.setenv("PISTE_JOURNAL_DIR", str(folder / "journal"))
        make.assemble(bag, readings, small(), make.Wish("lab"))
    return bag
