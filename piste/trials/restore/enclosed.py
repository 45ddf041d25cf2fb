"""Namespaces of their own, where a restored server sees a loopback and nothing else.

Whatever ends this process ends the enclosure: its first process lives by its standard input, and the kernel ends the
others with it. A mark in the environment of each lets another process find what is left.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from piste.engine.converge.errors import Misused, Unreachable

MARK = "PISTE_RESTORE"
TREE = "/run/dc"
"""Where a restored server lives, in memory: its databases contain paths."""
COMMANDS = ("unshare", "nsenter", "mount", "ip")
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
_PATIENCE = 900.0
# The first line of its input starts the server; the end of its input is the end of all.
_FIRST = f"""set -eu
ip link set lo up
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/samba {TREE}/lock
printf '127.0.0.1 localhost\\n127.0.0.1 %s\\n' "$1" >{TREE}/hosts
mount --bind {TREE}/hosts /etc/hosts
echo ready
shift
read -r begin || exit 0
[ "$begin" = start ] || exit 0
exec "$@" >&2
"""


def obstacle(programs: Sequence[str] = ()) -> str:
    """Say in French why nothing can be enclosed here; empty where it can."""
    missing = [name for name in (*COMMANDS, *programs) if shutil.which(name, path=_PATH) is None]
    if missing:
        return f"il manque à ce poste {', '.join(missing)}"
    done = subprocess.run([*_unshare(), "ip", "-o", "link"], capture_output=True, text=True, env=_environment(""))
    if done.returncode:
        return f"le noyau refuse un espace de noms à part ({done.stderr.strip()[:200]})"
    others = [line.split(":")[1].strip() for line in done.stdout.splitlines() if ": lo:" not in line]
    return f"le réseau n’est pas isolé : {', '.join(others)} s’y voit" if others else ""


class Enclosed:
    """An enclosure that is open; `mark` names it, `host` is the name of its loopback."""

    def __init__(self, mark: str, host: str, server: Sequence[str], log: Path) -> None:
        self._environment = _environment(mark)
        with log.open("wb") as output:
            self._first = subprocess.Popen(
                [*_unshare(), "bash", "-c", _FIRST, "first", host, *server],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, env=self._environment,
                start_new_session=True,
            )  # fmt: skip
        assert self._first.stdout
        if self._first.stdout.readline().strip() != b"ready":
            self.close()
            raise Misused("l’espace de noms à part ne s’ouvre pas", why=log.read_text("utf-8", "replace")[-300:])

    def start(self) -> None:
        """Start the server."""
        assert self._first.stdin
        with suppress(BrokenPipeError):
            self._first.stdin.write(b"start\n")
            self._first.stdin.flush()

    @property
    def runs(self) -> bool:
        return self._first.poll() is None

    def run(self, *command: str) -> str:
        """Run a command inside; return its output. Raises `Unreachable`, with its last words."""
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        entering = ["nsenter", "--target", str(self._first.pid), *user, "--mount", "--net", "--", *command]
        try:
            done = subprocess.run(
                entering, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=_PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Unreachable("la commande n’a pas fini à temps", where=command[0]) from None
        if done.returncode:
            lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
            said = next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else "")
            raise Unreachable(f"{' '.join(command[:3])} a échoué", why=said[:300])
        return done.stdout

    def close(self) -> None:
        for stream in (self._first.stdin, self._first.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()
        with suppress(ProcessLookupError):
            os.killpg(self._first.pid, signal.SIGKILL)
        self._first.wait()


def alive(mark: str) -> Iterator[int]:
    """Yield the processes of an enclosure, by the mark of their environment."""
    wanted = f"{MARK}={mark}".encode()
    for place in Path("/proc").iterdir():
        if place.name.isdecimal():
            with suppress(OSError):
                if wanted in (place / "environ").read_bytes().split(b"\0"):
                    yield int(place.name)


def end(mark: str) -> None:
    """End every process of an enclosure."""
    for _ in range(50):
        living = [*alive(mark)]
        if not living:
            return
        for process in living:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.1)


def _unshare() -> list[str]:
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user", "--map-auto"]
    return ["unshare", *user, "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "--"]


def _environment(mark: str) -> dict[str, str]:
    """Make the environment of the enclosed: no Python of ours, untranslated texts, the mark."""
    settings = {"PATH": _PATH, "LC_ALL": "C.UTF-8", "TMPDIR": "/run", "KRB5_CONFIG": f"{TREE}/krb5.conf"}
    return {**settings, MARK: mark} if mark else settings
