"""The last readings of an environment and the history of its findings, in a SQLite file.

A reading is written whole in one transaction: killed anywhere, the former stays. What comes out is checked as what goes
in: its size, its moment, the form of its subject.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.moments import ahead, zoned
from piste.engine.converge.private import NotWritten, private_folder
from piste.engine.repository import ROOT
from piste.readings.belief import Last, Reading, Tried, Unread, UnreadableReading, believed, doubted, left_out
from piste.readings.former import Former
from piste.readings.mounts import network
from piste.readings.schema import AFTER, BEFORE, FORM, READ, TABLES, TAKEN, TRIED
from piste.readings.subject import Subject, named
from piste.readings.table import SUBJECTS, Answer
from piste.town.model import freshness
from piste.town.model.dates import now
from piste.town.model.freshness import Ages

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

FILE = "readings.db"
LARGEST = 64 * 2**20
"""Bytes of the reading of a thing."""
_TOO_LONG = f"plus de {LARGEST // 2**20} Mio"
LONGEST = 200
"""Characters of the name of a thing."""
PATIENCE = 60.0
"""Seconds to wait for another reading that is being kept, which takes a moment."""
_ROWS = """SELECT thing, read_at, iif(length(content) <= ?, content, NULL), tried_at, why
FROM reading WHERE subject = ?"""
_SILENT = "SELECT 1 FROM reading WHERE subject = ? AND tried_at IS NOT NULL AND read_at IS NOT NULL"
_OLD = "ifnull(julianday({}), 0) < julianday(?)"
_PURGE = f"DELETE FROM reading WHERE subject = ? AND {_OLD.format('ifnull(read_at, tried_at)')}"
_PURGE_FINDINGS = f"DELETE FROM finding WHERE (id = ? OR instr(id, ?) = 1) AND {_OLD.format('last_seen')}"
_SHORTEN = "UPDATE reading SET content = ? WHERE subject = ? AND thing = ?"
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


def last(subject: Subject, environment: str, ages: Ages | None = None) -> dict[str, Last[Any]]:
    """Give what may be said now of each thing of a subject. Raises `UnreadableReading`.

    `ages` are those of the town; a subject that does not grow old needs none.
    """
    return _every(subject, environment, ages, lambda thing: True)


def standing(subject: Subject, town: Derived, environment: str) -> dict[str, Last[Any]]:
    """Give what may be said of each thing that the town still has. Raises `UnreadableReading`."""
    stands = partial(named(subject.stands), town) if subject.stands else lambda thing: True
    return _every(subject, environment, freshness.ages(town), stands)


def _every(
    subject: Subject, environment: str, ages: Ages | None, stands: Callable[[str], bool]
) -> dict[str, Last[Any]]:
    if subject.kept_in:
        every = named(subject.kept_in)(environment).items()
        return {thing: _sealed(subject, thing, tried, ages) for thing, tried in every if stands(thing)}
    formers = subject.formers(environment)
    if not place(environment).exists() and not formers:
        return {}
    with opened(environment) as base:
        _take_in(base, subject, formers)
        rows = base.execute(_ROWS, (LARGEST, subject.name)).fetchall()
    moment = now()
    return {
        thing: _last(subject, good_for(subject, thing, ages), moment, *row) for thing, *row in rows if stands(thing)
    }


def silences(subject: Subject, town: Derived, environment: str) -> dict[str, Unread]:
    """Give the attempts that failed since, of what is believed and is of the town still.

    Raises `UnreadableReading`.
    """
    if subject.kept != "last" or not place(environment).exists():
        return {}
    with opened(environment) as base:
        if base.execute(_SILENT, (subject.name,)).fetchone() is None:
            return {}
    known = standing(subject, town, environment)
    return {thing: read.silence for thing, read in known.items() if isinstance(read, Reading) and read.silence}


def _sealed(subject: Subject, thing: str, tried: Tried[Any], ages: Ages | None) -> Last[Any]:
    return tried if isinstance(tried, Unread) else believed(tried, good_for(subject, thing, ages), now(), subject.again)


def good_for(subject: Subject, thing: str, ages: Ages | None) -> timedelta | None:
    """Give the age that the reading of a thing may have; None where it does not grow old."""
    hours: Mapping[str, int] = ages["readings_hours"] if ages else {}
    limit = hours.get(f"{subject.name}/{thing}", hours.get(subject.name))
    return None if limit is None else timedelta(hours=limit)


def _last(
    subject: Subject,
    good_for: timedelta | None,
    now: datetime,
    read_at: str | None,
    content: bytes | None,
    tried_at: str | None,
    why: str | None,
) -> Last[Any]:
    silence = at = None
    try:
        if tried_at is not None:
            silence = Unread(why or "", zoned(tried_at))
            if read_at is None:
                return silence
        at = zoned(read_at or "")
        if content is None:
            raise ValueError(_TOO_LONG)
        return believed(Reading(subject.parsed(content), at, silence), good_for, now, subject.again)
    except (ValueError, OverflowError) as error:
        why = f"la dernière lecture est illisible : {_said(error, subject)}"
        return doubted(why, at, silence, subject.anew or subject.again)


def keep(
    subject: Subject,
    environment: str,
    tried: Mapping[str, Tried[Any]],
    *,
    only: Collection[str] | None = None,
    elsewhere: bool = False,
) -> list[str]:
    """Keep the outcome of attempts to read things; name the things that were left out.

    An attempt that failed is kept beside the last reading, which stays. What comes from the future is left out, as an
    attempt that failed; what is older than the kept (a reading was slow, or a clock set back), and what has no name of
    reasonable length. Where `only` is given, a thing that is neither tried nor among it is forgotten. What was read
    `elsewhere`, before, ends no silence that came after it.

    Raises `UnreadableReading`, `MisplacedStore`, `NotWritten`.
    """
    formers = subject.formers(environment)
    with opened(environment) as base:
        _take_in(base, subject, formers)
        with transaction(base):
            left = _merge(base, subject, tried, TAKEN if elsewhere else READ)
            if only is not None:
                every = base.execute("SELECT thing FROM reading WHERE subject = ?", (subject.name,)).fetchall()
                gone = [(subject.name, thing) for (thing,) in every if thing not in {*tried, *only}]
                base.executemany("DELETE FROM reading WHERE subject = ? AND thing = ?", gone)
    return left


def keep_alone(subject: Subject, environment: str, thing: str, outcome: Tried[Any]) -> bool:
    """Keep the outcome of the only thing of a subject; tell whether a reading was taken.

    A reading that is left out is an attempt that failed. Once one is taken, any other thing is forgotten. Raises
    `UnreadableReading`, `MisplacedStore`, `NotWritten`.
    """
    if keep(subject, environment, {thing: outcome}) and isinstance(outcome, Reading):
        keep(subject, environment, {thing: Unread(left_out(outcome.read_at, now()), now())})
    taken = last(subject, environment).get(thing)
    if not isinstance(taken, Reading) or taken.silence:
        return False
    keep(subject, environment, {}, only=(thing,))
    return True


def unanswered(answer: Answer, why: str = "rien n’a été répondu") -> Unread:
    """Give the outcome of an attempt where nothing came: what the run says, else `why`."""
    return Unread(" ; ".join(answer.troubles.values())[:500] or why, now())


def purge(town: Derived, environment: str) -> int:
    """Forget the personal readings that are past their days, with their findings; count them.

    Neither the store nor the files of earlier versions hold them any more. Raises `UnreadableReading`, `NotWritten`.
    """
    formers = {subject: subject.formers(environment) for subject in SUBJECTS.values() if subject.personal}
    if not place(environment).exists() and not any(formers.values()):
        return 0
    gone = 0
    with opened(environment) as base:
        for subject, files in formers.items():
            _take_in(base, subject, files)
        with transaction(base):
            for subject in formers:
                gone += _forget(base, subject, now() - timedelta(days=named(subject.keep_days)(town)))
        for path in (path for files in formers.values() for path in files):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise _not_written(error, path) from error
        if gone or any(formers.values()):
            base.execute("VACUUM")
    return gone


def _forget(base: sqlite3.Connection, subject: Subject, oldest: datetime) -> int:
    at = oldest.isoformat(timespec="seconds")
    gone = base.execute(_PURGE, (subject.name, at)).rowcount
    gone += base.execute(_PURGE_FINDINGS, (subject.name, f"{subject.name}.", at)).rowcount
    base.execute("DELETE FROM former WHERE subject = ?", (subject.name,))
    for thing, _, content, *_ in base.execute(_ROWS, (LARGEST, subject.name)).fetchall() if subject.shortened else ():
        with suppress(ValueError):  # what makes no sense goes at its age
            value = subject.parsed(content or b"")
            short = named(subject.shortened)(value, oldest)
            if short != value:
                gone += base.execute(_SHORTEN, (_content(subject, short)[0], subject.name, thing)).rowcount
    return gone


def _merge(base: sqlite3.Connection, subject: Subject, tried: Mapping[str, Tried[Any]], read: str) -> list[str]:
    """Write outcomes beside those that are kept; name the things that were left out."""
    rows = base.execute("SELECT thing, read_at, tried_at FROM reading WHERE subject = ?", (subject.name,))
    kept = {thing: moments for thing, *moments in rows.fetchall()}
    moment, left = now(), []
    for thing, outcome in tried.items():
        read_at, tried_at = kept.get(thing, (None, None))
        # An attempt that failed has the clock of this machine, a reading that of its system: they are not compared.
        before = (read_at, tried_at) if isinstance(outcome, Unread) else (read_at,)
        late, future = any(_newer(at, outcome.read_at, moment) for at in before), ahead(outcome.read_at, moment)
        unnamed = not (0 < len(thing) <= LONGEST and thing.isprintable())
        if late or future or unnamed:
            left.append(thing)
            if future and not unnamed and read == READ:
                tried_at = moment.isoformat(timespec="seconds")
                base.execute(TRIED, (subject.name, thing, tried_at, left_out(outcome.read_at, moment)))
            continue
        at = outcome.read_at.isoformat(timespec="seconds")
        content, why = (None, outcome.why) if isinstance(outcome, Unread) else _content(subject, outcome.value)
        if content is None:
            base.execute(TRIED, (subject.name, thing, at, _text(why)))
            continue
        base.execute(read, (subject.name, thing, at, content))
        silence = outcome.silence if isinstance(outcome, Reading) else None
        if silence and not ahead(silence.read_at, moment) and not _newer(tried_at, silence.read_at, moment):
            at = silence.read_at.isoformat(timespec="seconds")
            base.execute(TRIED, (subject.name, thing, at, _text(silence.why)))
    return left


def _text(why: str | None) -> str:
    return (why or "").encode("utf-8", "replace").decode()


def _newer(kept: str | None, at: datetime, now: datetime) -> bool:
    """Tell whether what is kept is newer than an outcome, and not itself from the future."""
    try:
        return kept is not None and datetime.fromisoformat(kept) > at and not ahead(kept, now)
    except (TypeError, ValueError):
        return False


def _content(subject: Subject, value: Any) -> tuple[bytes | None, str | None]:
    """Write a value in the form of its subject, else say why it makes no sense."""
    try:
        content = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain).encode("utf-8", "replace")
        subject.parsed(content)
    except (TypeError, ValueError, RecursionError) as error:
        return None, f"ce qui a été lu ne se comprend pas : {_said(error, subject)}"
    return (content, None) if len(content) <= LARGEST else (None, f"lu, et trop long : {_TOO_LONG}")


def _plain(value: Any) -> Any:
    from pydantic import BaseModel

    if not isinstance(value, BaseModel):
        raise TypeError(f"{type(value).__name__} n’est pas une valeur")
    return value.model_dump(mode="json", by_alias=True)


def _said(error: Exception, subject: Subject) -> str:
    from piste.town.model.wording import first_fault

    return first_fault(error, named(subject.form))


def _take_in(base: sqlite3.Connection, subject: Subject, formers: Mapping[Path, Former]) -> None:
    """Take in the files of earlier versions that changed: an older commit may have run again."""
    known = dict(base.execute("SELECT path, state FROM former WHERE subject = ?", (subject.name,)).fetchall())
    for path, former in formers.items():
        if known.get(str(path)) != former.state:
            with transaction(base):
                _merge(base, subject, former.content(), TAKEN)
                base.execute("REPLACE INTO former VALUES (?, ?, ?)", (subject.name, str(path), former.state))


@contextmanager
def opened(environment: str) -> Iterator[sqlite3.Connection]:
    """Open the readings of an environment, made where there are none.

    Raises `UnreadableReading`, `MisplacedStore`, `NotWritten`.
    """
    path = place(environment)
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
        raise _not_written(error, path) from error
    others = status.st_mode & 0o022 or status.st_uid not in (0, os.geteuid())
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or others:
        raise _unreadable(path, "il est à un autre compte, ou d’autres comptes peuvent l’écrire")
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as base:
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * LARGEST)
            base.executescript(_SETTINGS)
            if (form := _form(base)) > FORM:
                raise _unreadable(path, f"il est d’une version plus récente de Piste (forme {form})")
            if form < FORM:
                _bring(base)
            yield base
    except sqlite3.OperationalError as error:
        raise _not_written(OSError(error.sqlite_errorcode, str(error)), path) from error
    except sqlite3.DatabaseError as error:
        raise _unreadable(path, str(error)) from error


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


def _not_written(error: OSError, path: Path) -> NotWritten:
    return NotWritten(
        "les lectures ne se gardent pas, ou ne se relisent pas",
        where=str(path),
        why=error.strerror or str(error),
        todo="Vérifiez la place et les droits de ce dossier, puis relancez.",
    )
