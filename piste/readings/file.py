"""The SQLite file of the readings of an environment, as it opens, and its transactions."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from pathlib import Path

from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import NotWritten, private_folder
from piste.engine.repository import ROOT
from piste.readings.belief import FAILED, UnreadableReading
from piste.readings.mounts import network
from piste.readings.schema import AFTER, BEFORE, FORM, TABLES

FILE = "readings.db"
LARGEST = 64 * 2**20
"""Bytes of the reading of a thing."""
PATIENCE = 60.0
"""Seconds to wait for another reading that is being kept, which takes a moment."""
_SETTINGS = """
PRAGMA trusted_schema = OFF; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
"""


class MisplacedStore(PisteError):
    """The readings lie on a network file system, whose locks SQLite cannot rely on."""

    code = "PISTE-E164"
    kind = "refused"


def place(environment: str) -> Path:
    """Locate the readings of an environment."""
    given = os.environ.get("PISTE_STATE_DIR")
    return (Path(given) if given else ROOT / ".piste" / "state") / environment / FILE


@contextmanager
def opened(environment: str) -> Iterator[sqlite3.Connection]:
    """Open the readings of an environment, made where there are none.

    Raises `UnreadableReading`, `MisplacedStore`, `NotWritten`.
    """
    path = place(environment)
    try:
        with _shared.get({}).get(path) or closing(_connected(path)) as base:
            yield base
    except sqlite3.OperationalError as error:
        raise not_written(OSError(error.sqlite_errorcode, str(error)), path) from error
    except sqlite3.DatabaseError as error:
        raise _unreadable(path, str(error)) from error


_shared: ContextVar[Mapping[Path, nullcontext[sqlite3.Connection]]] = ContextVar("shared")
"""The files that `together` holds open, in this thread alone."""


@contextmanager
def together(environment: str) -> Iterator[None]:
    """Open the readings of an environment once for all that reads them within.

    Where they do not open, each that reads them says so.
    """
    path = place(environment)
    with ExitStack() as stack:
        if path.exists():
            with suppress(*FAILED):
                base = stack.enter_context(opened(environment))
                stack.callback(_shared.reset, _shared.set({**_shared.get({}), path: nullcontext(base)}))
        yield


def _connected(path: Path) -> sqlite3.Connection:
    """Open a file that nobody else may write. Raises `sqlite3.Error`, and as `opened` does."""
    try:
        private_folder(path.parent)
        if kind := network(path.parent):
            raise MisplacedStore(
                "les lectures ne se gardent pas sur un système de fichiers du réseau",
                where=str(path),
                why=f"{kind} : ses verrous ne suffisent pas",
                todo="Donnez un dossier d’un disque de cette machine : PISTE_STATE_DIR.",
            )
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        status = os.fstat(descriptor)
        os.close(descriptor)
    except OSError as error:
        raise not_written(error, path) from error
    others = status.st_mode & 0o022 or status.st_uid not in (0, os.geteuid())
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or others:
        raise _unreadable(path, "il est à un autre compte, ou d’autres comptes peuvent l’écrire")
    base = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * LARGEST)
        base.executescript(_SETTINGS)
        if (form := _form(base)) > FORM:
            raise _unreadable(path, f"il est d’une version plus récente de Piste (forme {form})")
        if form < FORM:
            _bring(base)
    except BaseException:
        base.close()
        raise
    return base


def _form(base: sqlite3.Connection) -> int:
    (form,) = base.execute("PRAGMA user_version").fetchone()
    return int(form)


def _bring(base: sqlite3.Connection) -> None:
    """Bring the tables to the form of today, from none or from that of an earlier version."""
    with transaction(base):
        if (form := _form(base)) < FORM:  # another process may have been quicker
            for statement in (*(BEFORE if form else ()), *TABLES, *(AFTER if form else ())):
                base.execute(statement)
            base.execute(f"PRAGMA user_version = {FORM}")


@contextmanager
def transaction(base: sqlite3.Connection) -> Iterator[None]:
    """Write all of it, or nothing."""
    base.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if base.in_transaction:  # SQLite ends it by itself where the disk is full
            base.execute("ROLLBACK")
        raise
    base.execute("COMMIT")


def _unreadable(path: Path, why: str) -> UnreadableReading:
    return UnreadableReading(
        "les lectures gardées de cet environnement sont illisibles",
        where=str(path),
        why=why,
        todo="Écartez ce fichier, puis relisez (piste certificates scan, piste living read, …).",
    )


def not_written(error: OSError, path: Path) -> NotWritten:
    return NotWritten(
        "les lectures ne se gardent pas, ou ne se relisent pas",
        where=str(path),
        why=error.strerror or str(error),
        todo="Vérifiez la place et les droits de ce dossier, puis relancez.",
    )
