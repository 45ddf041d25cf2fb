"""Notes of writes without a record, for the log of the system and for the next record."""

from __future__ import annotations

import os
import syslog
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from piste.engine.converge.locks import locks_folder
from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.task_log import write_line
from piste.engine.converge.text import on_one_line
from piste.engine.converge.untrusted import read_plain

MOST = 100
"""Lines that a record takes over; the next record takes the others."""
_LONGEST = 500


def _file(environment: str) -> Path:
    """Locate the notes of an environment: beside the locks, in a folder that no journal fills."""
    return locks_folder() / f"unrecorded-{environment}.txt"


def note(environment: str, text: str) -> str:
    """Note a write without a record wherever it can be, and give the line; nothing is raised."""
    line = on_one_line(text)[:_LONGEST]
    with suppress(OSError):
        syslog.openlog("piste")
        syslog.syslog(syslog.LOG_WARNING, line)
    with suppress(OSError):
        path = _file(environment)
        private_folder(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        try:
            write_line(descriptor, line.encode("utf-8", "backslashreplace") + b"\n", synced=True)
        finally:
            os.close(descriptor)
    return line


def noted(environment: str) -> list[str]:
    """Read the notes that no record of the environment has taken over yet."""
    return _lines(environment)[:MOST]


def forget(environment: str, taken: Sequence[str]) -> None:
    """Remove the notes that a record has taken over; those that came meanwhile stay."""
    lines, path = _lines(environment), _file(environment)
    if not taken or lines[: len(taken)] != taken:
        return
    with suppress(OSError):
        if rest := lines[len(taken) :]:
            write_private(path, "".join(f"{line}\n" for line in rest).encode("utf-8", "backslashreplace"))
        else:
            path.unlink()


def _lines(environment: str) -> list[str]:
    try:
        lines = read_plain(_file(environment)).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line[:_LONGEST] for line in lines]
