"""The files in which earlier versions kept readings: taken in, never written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.bounded import Unreadable, content, of_json
from piste.engine.converge.reading import FAULTS
from piste.engine.repository import LAB, ROOT
from piste.readings.belief import Tried

type Content = Mapping[str, Tried[Any]]


class Former(NamedTuple):
    """A file of an earlier version; `state` changes with it, `content` reads it."""

    state: str
    content: Callable[[], Content]


def of_file(path: Path, parse: Callable[[Any], Content]) -> dict[Path, Former]:
    """Give a file with what reads its JSON; a file that makes no sense says nothing."""
    try:
        status = path.stat(follow_symlinks=False)
    except OSError:
        return {}

    def read() -> Content:
        try:
            return parse(of_json(content(path)))
        except (Unreadable, *FAULTS):
            return {}

    return {path: Former(f"{status.st_size} {status.st_mtime_ns}", read)}


def of_folder(folder: Path, names: str, parse: Callable[[Any], Content]) -> dict[Path, Former]:
    """Give the files of a folder whose names match."""
    return {path: former for place in sorted(folder.glob(names)) for path, former in of_file(place, parse).items()}


def private_place(name: str, environment: str) -> Path:
    """Locate the private files of an environment; `PISTE_<NAME>_DIR` moved them."""
    if given := os.environ.get(f"PISTE_{name.upper()}_DIR"):
        return Path(given) / environment
    if environment == LAB:
        return Path(os.environ.get("PISTE_LAB_DIR") or ROOT / ".lab") / name
    return ROOT / ".piste" / name / environment
