"""Locks: a single writer at a time on a system object, on this machine.

The writes of another machine are caught by looking again.
"""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import os
import platform
import pwd
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from piste.engine.converge.errors import Misused
from piste.engine.converge.untrusted import NotPlain, opened_plain

WAIT = 600.0
"""Seconds to wait for somebody else's run, unless `PISTE_LOCK_WAIT` says otherwise."""
_REMOVE = "Voyez qui l’a mis là, puis effacez-le."


class Taken(NamedTuple):
    """A lock in use: its name, who writes, and the folder of the writer, empty where unknown."""

    name: str
    holder: str
    folder: str

    @property
    def words(self) -> str:
        """Name the object that is written, without the address of its system."""
        return " ".join(word for word in self.name.split() if "://" not in word)

    def within(self, root: Path) -> bool:
        """Check that the writer works in a repository."""
        return Path(self.folder).is_relative_to(root)


class Busy(Misused):
    code = "PISTE-E031"


class Exposed(Misused):
    """The folder of the locks is open to anybody, who could take them."""

    code = "PISTE-E036"


def locks_folder() -> Path:
    """Locate the locks: `PISTE_LOCK_DIR`, which a team shares, else a folder of this account.

    It is the same whatever the environment: a timer and a terminal of one account must find each other.
    """
    if given := os.environ.get("PISTE_LOCK_DIR"):
        return Path(given)
    with suppress(KeyError):  # An account that the machine does not know has no home.
        home = Path(pwd.getpwuid(os.getuid()).pw_dir)
        own = home / ".piste" / "locks"
        if os.access(own if own.is_dir() else home, os.W_OK | os.X_OK):
            return own
    return Path(tempfile.gettempdir()) / f"piste-locks-{os.getuid()}"


def _made() -> Path:
    """Make the folder, closed to others. Raises `Exposed`."""
    folder = locks_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Exposed("le dossier des verrous ne se fait pas", where=str(folder), why=str(error.strerror)) from None
    status = folder.lstat()
    shared = bool(os.environ.get("PISTE_LOCK_DIR"))
    closed = not status.st_mode & (0o002 if shared else 0o077) and (shared or status.st_uid == os.getuid())
    if not stat.S_ISDIR(status.st_mode) or not closed:
        raise Exposed(
            "n’importe quel compte de ce poste pourrait y tenir un verrou, et tout arrêter",
            where=str(folder),
            todo="Donnez-lui votre compte et les droits 700 ; ou, pour une équipe, PISTE_LOCK_DIR et les droits 2770.",
        )
    return folder


def in_use() -> list[Taken]:
    """List the locks in use on this machine at this moment; nothing waits."""
    taken = []
    for path in sorted(locks_folder().glob("*.lock")):
        with suppress(NotPlain, FileNotFoundError), opened_plain(path) as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                said = [*handle.read().decode(errors="replace").splitlines(), "", "", ""]
                taken.append(Taken(said[1] or path.stem.rpartition("-")[0], said[0] or "inconnu", said[2]))
    return taken


@contextmanager
def exclusive(name: str, wait: float | None = None) -> Iterator[None]:
    """Take the lock `name`; the kernel frees it at the end of the process. Raises `Busy`."""
    folder = _made()
    readable = re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII)[:80]
    path = folder / f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:12]}.lock"
    patience = float(os.environ.get("PISTE_LOCK_WAIT") or WAIT) if wait is None else wait
    with locked(path, name, patience):
        yield


@contextmanager
def locked(path: Path, name: str, wait: float, mode: int = 0o660) -> Iterator[None]:
    """Take a lock by its file, in a folder that is there; people read `name`. Raises `Busy`."""
    with os.fdopen(_open(path, mode), "r+") as handle:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    holder = handle.readline().strip() or "inconnu"
                    raise Busy(
                        f"« {name} » est en cours de modification par {holder}",
                        todo="Attendez la fin de son exécution, puis relancez.",
                    ) from None
                time.sleep(0.1)
        handle.seek(0)
        handle.truncate()
        who = f"{getpass.getuser()} sur {platform.node()} (processus {os.getpid()})"
        handle.write("\n".join(" ".join(part.splitlines()) for part in (who, name, str(Path.cwd()))))
        handle.flush()
        yield


def _open(path: Path, mode: int) -> int:
    """Open the lock file, which every account that reaches the folder may lock.

    The mask does not matter. Linux may refuse O_CREAT on somebody else's file in a shared folder, so that an existing
    file is opened without it. Raises `Exposed` where it is no plain file or has another name: to write in it would
    write elsewhere.
    """
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            with suppress(FileExistsError):
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
                os.fchmod(descriptor, mode)
                return descriptor
            continue
        except OSError as error:
            raise Exposed("ce verrou ne s’ouvre pas", where=str(path), why=str(error.strerror), todo=_REMOVE) from None
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            return descriptor
        os.close(descriptor)
        raise Exposed("ce verrou n’est pas un fichier à lui", where=str(path), todo=_REMOVE)
