"""The files of the lab folder: private, with atomic writes."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

FILLING = "PISTE_LAB_FILLING"
"""The variable of who fills a lab: until it is whole, nobody else knows where it listens."""


def info_of(folder: Path) -> Path:
    """Locate what a lab says of itself."""
    return folder / ("filling.json" if os.environ.get(FILLING) else "info.json")


def private_folder(folder: Path) -> Path:
    """Create a folder if it is missing; only its owner may enter it (0700)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_json(path: Path, value: Any, indent: int | None = 1) -> None:
    """Write a JSON file (0600); a reader sees the old or the new content, never a part."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(json.dumps(value, ensure_ascii=False, indent=indent))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> Any:
    """Return the content of a JSON file, or None where it does not exist."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
