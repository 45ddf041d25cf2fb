"""One writer at a time on a system object, on this machine; another machine's writes are caught by looking again."""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import os
import platform
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from piste.converge.errors import Misused

WAIT = 600.0
"""Seconds for which somebody else's run is waited for, unless ``PISTE_LOCK_WAIT`` says otherwise."""


class Held(Misused):
    code = "PISTE-E031"


def locks_folder() -> Path:
    """Where the locks of all users of the machine are: ``PISTE_LOCK_DIR``, else the temporary folder."""
    return Path(os.environ.get("PISTE_LOCK_DIR") or Path(tempfile.gettempdir()) / "piste-locks")


def held() -> list[tuple[str, str]]:
    """What is being written on this machine at this moment, and by whom; nothing waits, nothing is held."""
    found = []
    for path in sorted(locks_folder().glob("*.lock")):
        with open(path, encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                found.append((path.stem.rpartition("-")[0], handle.read().strip() or "inconnu"))
    return found


@contextmanager
def exclusive(name: str, wait: float | None = None) -> Iterator[None]:
    """Hold the lock ``name`` for all users of the machine; the kernel frees it when the process ends, however."""
    folder = locks_folder()
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o1777)
    readable = re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII)[:80]
    path = folder / f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:12]}.lock"
    patience = float(os.environ.get("PISTE_LOCK_WAIT") or WAIT) if wait is None else wait
    with os.fdopen(_open(path), "r+") as handle:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    holder = handle.read().strip() or "inconnu"
                    raise Held(
                        f"« {name} » est en cours de modification par {holder}",
                        todo="Attendez la fin de son exécution, puis relancez.",
                    ) from None
                time.sleep(0.1)
        handle.seek(0)
        handle.truncate()
        handle.write(f"{getpass.getuser()} sur {platform.node()} (processus {os.getpid()})")
        handle.flush()
        yield


def _open(path: Path) -> int:
    """The lock file, which every user may lock. Linux refuses O_CREAT on somebody else's file in a shared folder, so
    that what exists is opened without it."""
    while True:
        with suppress(FileNotFoundError):
            return os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
            os.fchmod(descriptor, 0o666)
            return descriptor
