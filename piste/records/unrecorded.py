"""Notes of writes without a record, for the log of the system and for the next record."""

from __future__ import annotations

import os
import syslog
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from piste.converge.locks import locks_folder
from piste.converge.private import private_folder
from piste.converge.task_log import write_line
from piste.converge.text import on_one_line
from piste.converge.untrusted import read_plain

MOST = 100
"""Lines that a record takes over: the file is as safe as the folder of the account."""
_LONGEST = 500


def _file() -> Path:
    """Locate the notes: beside the locks, a folder of the account that no journal fills."""
    return locks_folder() / "unrecorded.txt"


def note(text: str) -> str:
    """Note a write without a record wherever it can be, and give the line; nothing is raised."""
    line = on_one_line(text)[:_LONGEST]
    with suppress(OSError):
        syslog.openlog("piste")
        syslog.syslog(syslog.LOG_WARNING, line)
    with suppress(OSError):
        path = _file()
        private_folder(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        try:
            write_line(descriptor, line.encode("utf-8", "backslashreplace") + b"\n", synced=True)
        finally:
            os.close(descriptor)
    return line


def noted() -> list[str]:
    """Read the notes that no record has taken over yet."""
    try:
        lines = read_plain(_file()).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line[:_LONGEST] for line in lines[:MOST]]


def forget(taken: Sequence[str]) -> None:
    """Remove the notes that a record has taken over, unless another has come meanwhile."""
    if taken and noted() == taken:
        with suppress(OSError):
            _file().unlink()
