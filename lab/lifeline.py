"""Programs that end with the lab: their shell sees the end of its standard input.

A shell that is killed takes its programs with it (`setpriv --pdeathsig`). Whatever happened, each program of a lab has
the lab's folder in its environment, and `end_leftovers` finds it there.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 60.0
MARK = "PISTE_LAB_CHILD"
"""The variable that names the folder of the lab in the environment of its programs, and of nothing else."""
CLOCK = ("LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC", "FAKETIME_FORCE_MONOTONIC_FIX", "NO_FAKE_STAT")
"""The variables by which Debian's `faketime` gives a program another clock."""
TO_DIE = ("setpriv", "--pdeathsig", "KILL", "--")
"""The words that make a program end with the shell that began it."""
# A server of Zabbix whose database has gone waits for it before it ends, for ever.
_END = """kill $(jobs -p) 2>/dev/null || true
for _ in {1..150}; do [ -n "$(jobs -rp)" ] || break; sleep 0.1; done
kill -KILL $(jobs -p) 2>/dev/null || true
wait
"""
_AFTER_ALL = f"cat >/dev/null\n{_END}"
_AFTER_ANY = f"exec 3<&0\ncat <&3 >/dev/null &\nwait -n || true\n{_END}"


def begin(
    programs: Mapping[str, Sequence[str]],
    folder: Path,
    environment: Mapping[str, str],
    *,
    within: Sequence[str] = (),
    descriptors: Sequence[int] = (),
    together: bool = False,
) -> subprocess.Popen[bytes]:
    """Start programs in `folder`, each with a log of its name.

    within       words that run a shell in other namespaces
    descriptors  those that the programs inherit
    together     where a program ends, all of them do
    """
    lines = [
        f"{shlex.join([*TO_DIE, *words])} </dev/null >{shlex.quote(name)}.log 2>&1 &"
        for name, words in programs.items()
    ]
    with (folder / "programs.log").open("wb") as log:
        return subprocess.Popen(
            [*within, "bash", "-c", "\n".join([*lines, _AFTER_ANY if together else _AFTER_ALL])],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=descriptors,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End the programs of a shell, and wait for it."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def inherited() -> dict[str, str]:
    """Give the mark and the clock of this lab, for an environment that is made anew."""
    return {name: os.environ[name] for name in (MARK, *CLOCK) if name in os.environ}


def leftovers(folder: Path) -> dict[int, str]:
    """Find the programs of a lab that has ended: their names, by id."""
    wanted = f"{MARK}={folder}".encode()
    left: dict[int, str] = {}
    for process in Path("/proc").glob("[0-9]*"):
        # A process that ends meanwhile, or that is another account's, is no leftover of ours.
        with contextlib.suppress(OSError):
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                left[int(process.name)] = (process / "comm").read_text("utf-8").strip()
    return left


def end_leftovers(folder: Path, patience: float = 10.0) -> list[str]:
    """End the programs that a lab left, and name them; what ignores the request is killed."""
    ended = leftovers(folder)
    for ending in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + patience
        for process in leftovers(folder):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, ending)
        while leftovers(folder) and time.monotonic() < deadline:
            time.sleep(0.05)
    return sorted({*ended.values()})
