"""The real town: its place, copies to edit, and the guard of the other tests."""

from __future__ import annotations

import copy
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import frozen

_opened = False
_NAMED = re.compile("|".join({name.partition("/")[0] for name in frozen.DECLARATION})).search
"""A quick look first: each file that a test opens goes through it."""


class RealTownRead(AssertionError):
    """A test reads the declaration that people edit every day: an edit would make it fail."""


def place() -> Path:
    """Locate the repository whose town people edit."""
    known = frozen.repository()
    assert known
    return known


def guard() -> None:
    """Refuse from now on that this process opens a file of the real declaration, but in `read`."""
    real = f"{place()}/"

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or _opened or not isinstance(arguments[0], str) or not _NAMED(arguments[0]):
            return
        path = os.path.normpath(arguments[0])
        if path.startswith(real) and frozen.is_declared(path.removeprefix(real)):
            raise RealTownRead(f"{path} : les tests lisent la ville figée, tests/town (docs/architecture.md)")

    sys.addaudithook(refuse)
    # Python announces each call of `id`, one for each value that a deep copy copies: half of its time would go to this.
    copy.id = object.__hash__  # type: ignore[attr-defined]


@contextmanager
def read() -> Iterator[Path]:
    """Open the real declaration to this process."""
    global _opened
    _opened = True
    try:
        yield place()
    finally:
        _opened = False


def copied(root: Path, folder: Path) -> Path:
    """Copy the declaration of a repository to a folder, where a test may edit it."""
    for name in frozen.DECLARATION:
        source, copy = root / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, symlinks=True)
        else:
            shutil.copy(source, copy)
    return folder
