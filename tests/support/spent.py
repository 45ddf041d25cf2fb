"""The CPU time of a check, by what took it.

`python -m tests.support.spent NAME COMMAND…` runs a command, and notes the time of all that it started, servers
included. Without a command it says what was noted. The tests and the fork servers note their own parts.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

NOTED = "PISTE_SPENT"
"""Variable: the file in which a check notes its CPU time."""
TESTS, ANSIBLE, COMMANDS, PYTEST = "tests", "ansible", "commands", "pytest"
_PARTS = {TESTS: "tests, dans leur processus", ANSIBLE: "Ansible", COMMANDS: "commandes de Piste"}
_REST = "serveurs et autres programmes"
_SUBREAPER = 36
_PATIENCE = 4.0
"""Seconds that servers have to end after the command: those of the forks look every two seconds."""


def note(what: str, seconds: float, path: str | Path | None = None) -> None:
    """Note the time of a part; nothing outside a check."""
    if file := path or os.environ.get(NOTED):
        with open(file, "a", encoding="utf-8") as noted:
            noted.write(f"{what} {seconds:.3f}\n")


def read(path: Path) -> Counter[str]:
    """Sum up what was noted."""
    spent: Counter[str] = Counter()
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        what, seconds = line.rsplit(" ", 1)
        spent[what] += float(seconds)  # type: ignore[assignment]
    return spent


def run(what: str, *command: str) -> int:
    """Run a command, note what it and its descendants took, and return its exit code.

    A process whose parent has ended is a child of this process from then on: its time counts too.
    """
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    signal.signal(signal.SIGINT, lambda *_: None)
    started, code, until = os.posix_spawnp(command[0], command, os.environ), None, 0.0
    with suppress(ChildProcessError):
        while code is None or time.monotonic() < until:
            ended, status = os.waitpid(-1, 0 if code is None else os.WNOHANG)
            if ended == started:
                code, until = os.waitstatus_to_exitcode(status), time.monotonic() + _PATIENCE
            elif not ended:
                time.sleep(0.05)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    note(what, usage.ru_utime + usage.ru_stime)
    return 128 - code if code is not None and code < 0 else code or 0


def report(spent: Counter[str]) -> str:
    """Say the minutes of each kind of cost, the dearest first; empty where nothing was noted."""
    parts = {said: spent[what] for what, said in _PARTS.items()}
    parts[_REST] = max(spent[PYTEST] - sum(parts.values()), 0)
    parts |= {what: seconds for what, seconds in spent.items() if what not in (PYTEST, *_PARTS)}
    if not any(parts.values()):
        return ""
    said = [f"{name} {_minutes(seconds)}" for name, seconds in sorted(parts.items(), key=lambda part: -part[1])]
    return f"Processeur, en minutes : {_minutes(sum(parts.values()))} ; {' ; '.join(said)}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}".replace(".", ",")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(run(*sys.argv[1:]))
    print(report(read(Path(os.environ[NOTED]))))
