"""Temporary files of a session in memory: there, a file takes a tenth of the time."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")
_ROOM = 4 * 2**30
"""Bytes free, in the file system and on the machine, under which the disk is kept: a whole session takes 1.1 GB."""


def use() -> None:
    """Keep temporary files in memory, of programs too, where nobody has said another place."""
    if "TMPDIR" not in os.environ and _fits():
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None


def _fits() -> bool:
    """Tell whether a session has room there, and programs may start there."""
    try:
        status = os.statvfs(_MEMORY)
    except OSError:
        return False
    free = min(status.f_bavail * status.f_frsize, _available())
    return os.access(_MEMORY, os.W_OK) and not status.f_flag & os.ST_NOEXEC and free >= _ROOM


def _available() -> int:
    """Read the bytes of memory that programs may still take."""
    known = dict(line.split(":") for line in Path("/proc/meminfo").read_text("ascii").splitlines())
    return int(known["MemAvailable"].removesuffix("kB")) * 1024


def leave(config: pytest.Config) -> None:
    """Give back the memory of a session that has succeeded: pytest keeps the last three."""
    folder = config._tmp_path_factory._basetemp  # type: ignore[attr-defined]
    if folder and folder.is_relative_to(_MEMORY):
        shutil.rmtree(folder, ignore_errors=True)
