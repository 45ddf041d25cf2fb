"""Programs that end with the lab: their shell sees the end of its standard input."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 60.0
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
        f"{shlex.join(words)} </dev/null >{shlex.quote(name)}.log 2>&1 &" for name, words in programs.items()
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
