"""The last readings of an environment and the history of its findings, in a SQLite file.

A reading is written whole in one transaction: killed anywhere, the former stays. What comes out is checked as what goes
in: its size, its moment, the form of its subject.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.engine.converge.moments import ahead, zoned
from piste.readings.belief import Last, Reading, Tried, Unread, believed, doubted, left_out
from piste.readings.file import LARGEST, not_written, opened, place, transaction
from piste.readings.former import Former
from piste.readings.schema import READ, TAKEN, TRIED
from piste.readings.subject import Subject, named
from piste.readings.table import SUBJECTS, Answer
from piste.town.model import freshness
from piste.town.model.dates import now
from piste.town.model.freshness import Ages

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

_TOO_LONG = f"plus de {LARGEST // 2**20} Mio"
LONGEST = 200
"""Characters of the name of a thing."""
_ROWS = """SELECT thing, read_at, iif(length(content) <= ?, content, NULL), tried_at, why
FROM reading WHERE subject = ?"""
_SILENT = "SELECT 1 FROM reading WHERE subject = ? AND tried_at IS NOT NULL AND read_at IS NOT NULL"
_OLD = "ifnull(julianday({}), 0) < julianday(?)"
_PURGE = f"DELETE FROM reading WHERE subject = ? AND {_OLD.format('ifnull(read_at, tried_at)')}"
_PURGE_FINDINGS = f"DELETE FROM finding WHERE (id = ? OR instr(id, ?) = 1) AND {_OLD.format('last_seen')}"
_SHORTEN = "UPDATE reading SET content = ? WHERE subject = ? AND thing = ?"
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
                raise not_written(error, path) from error
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
