"""Processes of a twin: each has the name of its twin in its environment."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MARK = "PISTE_TWIN"
PATH = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"
_KEPT = ("HOME", "LANG", "TERM", "TMPDIR")


def environment(mark: str) -> dict[str, str]:
    """Give the environment of a program of a twin; nothing of ours but what programs need."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PATH": PATH, MARK: mark, "LC_ALL": "C.UTF-8"}


def marked(mark: str) -> list[int]:
    """List the processes of a twin, the current process excepted."""
    wanted, known = f"{MARK}={mark}".encode(), list[int]()
    for path in Path("/proc").glob("[0-9]*/environ"):
        number = int(path.parent.name)
        with suppress(OSError):
            if wanted in path.read_bytes().split(b"\0") and number != os.getpid() and _state(number) not in "ZX":
                known.append(number)
    return known


def birth(number: int) -> str:
    """Give the moment at which a process began, in the clock of the kernel; empty for none."""
    return _field(number, 19)


def _state(number: int) -> str:
    return _field(number, 0) or "X"


def _field(number: int, rank: int) -> str:
    with suppress(OSError, IndexError):
        return Path(f"/proc/{number}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[rank]
    return ""
