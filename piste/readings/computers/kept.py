"""The measures of an environment: the last good report of each computer, and its days.

They lie beside the records of runs, for their account alone, and never in the declaration's repository: the hours of a
computer are nearly those of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import write_private
from piste.engine.converge.untrusted import NotPlain, read_plain
from piste.engine.repository import private_place
from piste.readings.belief import Reading, Tried, Unread
from piste.readings.computers.report import Report

COLLECTION = "collection.json"
SHARE = "partage"
"""The thing that a collection is about."""
LONGEST = 4 << 20
"""Bytes of a kept file: a report, and two years of days."""
WHOLE_DAY = 24 * 60
Minutes = Annotated[int, Field(ge=0, le=WHOLE_DAY)]


class UnreadableMeasure(PisteError):
    """A kept file is not what was written there."""

    code = "PISTE-E149"


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Day(_Form):
    """Minutes of a day, in universal time, in each state; what is missing is not known."""

    day: date
    on: Minutes
    asleep: Minutes
    off: Minutes

    @property
    def known(self) -> int:
        return self.on + self.asleep + self.off


class Measure(_Form):
    """The last good report of a computer.

    `written` and `size` are those of its file, which is not read again while they stay. `owner`: the account that owns
    the file is that of the computer (`its`), or that was not checked.
    """

    written: int
    size: int
    owner: Literal["its", "unchecked"]
    report: Report
    days: list[Day]


class Refused(_Form):
    """A file that was not believed, since when (the collection that first refused it)."""

    file: str
    why: str
    since: datetime


class Collection(_Form):
    """The last attempt.

    `silent`: the share did not answer; `partial`: a part was not read. `more` counts the refused files beyond those
    that are named. `owners` says in French why owners were not checked; empty where they were. `rights` are the faults
    of the share's access list; None where it was not read.
    """

    taken_at: datetime
    state: Literal["complete", "partial", "silent"]
    why: str
    files: int
    read: int
    refused: list[Refused]
    more: int
    owners: str
    rights: list[str] | None = None


class Kept(NamedTuple):
    """The measures of an environment, by computer; no collection before the first."""

    collection: Collection | None
    measures: Mapping[str, Measure]


NOTHING = Kept(None, {})


def folder(environment: str) -> Path:
    """Locate the measures of an environment."""
    return private_place("computers", environment)


def last(place: Path) -> Kept:
    """Load what a folder keeps. Raises `UnreadableMeasure`."""
    if not place.is_dir():
        return NOTHING
    collection, measures = None, {}
    for path in sorted(place.glob("[!.]*.json")):
        if path.name == COLLECTION:
            collection = _parsed(Collection, path)
        else:
            measure = _parsed(Measure, path)
            if path.stem != measure.report.computer:
                raise _unreadable(path, "il porte le nom d’un poste et parle d’un autre")
            measures[path.stem] = measure
    return Kept(collection, measures)


def tried(environment: str) -> dict[str, Tried[Collection]]:
    """Give the last collection. Raises `UnreadableMeasure`."""
    made = last(folder(environment)).collection
    if made is None:
        return {}
    return {SHARE: Unread(made.why, made.taken_at) if made.state == "silent" else Reading(made, made.taken_at)}


def keep(place: Path, kept: Kept) -> None:
    """Replace what a folder keeps: a file a computer, each whole, for this account alone."""
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.chmod(0o700)
    for name, measure in kept.measures.items():
        path = place / f"{name}.json"
        content = measure.model_dump_json(by_alias=True).encode()
        if not path.is_file() or path.read_bytes() != content:
            write_private(path, content)
    for path in place.glob("[!.]*.json"):
        if path.name != COLLECTION and path.stem not in kept.measures:
            path.unlink()
    if kept.collection:
        write_private(place / COLLECTION, kept.collection.model_dump_json(indent=1).encode() + b"\n")


def _parsed[T: BaseModel](form: type[T], path: Path) -> T:
    try:
        return form.model_validate_json(read_plain(path, LONGEST))
    except ValidationError as error:
        raise _unreadable(path, str(error.errors(include_url=False, include_input=False)[0]["msg"])) from None
    except NotPlain as error:
        raise _unreadable(path, str(error.strerror)) from None


def _unreadable(path: Path, why: str) -> UnreadableMeasure:
    return UnreadableMeasure(
        "une mesure gardée est illisible",
        where=str(path),
        why=why,
        todo="Écartez le fichier : le prochain relevé le refait (piste computers read).",
    )


def added(before: Measure | None, made: Measure) -> Measure:
    """Add to a report the days that are already known of its computer."""
    days = {day.day: day for day in before.days} if before else {}
    for day in days_of(made.report):
        former = days.get(day.day)
        if former is None or day.known >= former.known:
            days[day.day] = day
    return made.model_copy(update={"days": [days[key] for key in sorted(days)]})


def purged(measures: Mapping[str, Measure], names: Iterable[str], today: date, keep_days: int) -> dict[str, Measure]:
    """Forget what is too old, and the computers that are no longer in the inventory (`names`)."""
    oldest, known = today - timedelta(days=keep_days), {name.upper() for name in names}
    return {
        name: measure.model_copy(update={"days": [day for day in measure.days if day.day >= oldest]})
        for name, measure in measures.items()
        if name in known and measure.report.taken_at.date() >= oldest
    }


def days_of(report: Report) -> Iterator[Day]:
    """Count the minutes of each day that a report's states cover."""
    seconds: dict[date, dict[str, float]] = {}
    for state in report.states or ():
        start = state.since
        while start < state.until:
            midnight = datetime.combine(start.date() + timedelta(days=1), datetime.min.time(), UTC)
            end = min(midnight, state.until)
            counts = seconds.setdefault(start.date(), {"on": 0.0, "asleep": 0.0, "off": 0.0})
            counts[state.state] += (end - start).total_seconds()
            start = end
    for day, counted in sorted(seconds.items()):
        minutes = {state: int(count // 60) for state, count in counted.items()}
        yield Day(day=day, on=minutes["on"], asleep=minutes["asleep"], off=minutes["off"])
