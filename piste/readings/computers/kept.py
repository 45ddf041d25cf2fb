"""The measures of an environment: the last good report of each computer, and its days.

They are in the store alone, for its account: the hours of a computer are nearly those of a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from piste.readings import store
from piste.readings.belief import Doubted, Reading, Tried, Unread, silence_of
from piste.readings.computers.report import Report
from piste.readings.table import SUBJECTS
from piste.town.model.computer_measures import LONGEST, SPAN
from piste.town.model.derived import Derived

COMPUTERS, MEASURES = SUBJECTS["computers"], SUBJECTS["measures"]
SHARE = "partage"
"""The thing that a collection is about."""
WHOLE_DAY = 24 * 60
Minutes = Annotated[int, Field(ge=0, le=WHOLE_DAY)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


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
    """The last answer of the share.

    `partial`: a part was not read. `more` counts the refused files beyond those that are named. `owners` says in French
    why owners were not checked; empty where they were. `rights` are the faults of the share's access list; None where
    it was not read.
    """

    taken_at: datetime
    state: Literal["complete", "partial"]
    why: str
    files: int
    read: int
    refused: list[Refused]
    more: int
    owners: str
    rights: list[str] | None = None


class Kept(NamedTuple):
    """The measures of an environment, by computer; no collection before the first.

    `silence` says why the last attempt gave nothing; empty where it did.
    """

    collection: Collection | None
    measures: Mapping[str, Measure]
    silence: str = ""


NOTHING = Kept(None, {})


def last(environment: str) -> Kept:
    """Load what an environment keeps; a measure that makes no sense is read again.

    Raises `UnreadableReading`.
    """
    share = store.last(COMPUTERS, environment).get(SHARE)
    measures = store.last(MEASURES, environment).items()
    silence = silence_of(share) if share else None
    return Kept(
        share.value if isinstance(share, Reading) else None,
        {name: measure.value for name, measure in measures if isinstance(measure, Reading)},
        silence.why if silence else share.why if isinstance(share, Doubted) else "",
    )


def keep(environment: str, before: Kept, made: Kept, now: datetime) -> None:
    """Keep what changed, and forget the computers that are no longer there.

    Raises `UnreadableReading`, `NotWritten`.
    """
    changed: dict[str, Tried[Measure]] = {
        name: Reading(measure, measure.report.taken_at)
        for name, measure in made.measures.items()
        if measure != before.measures.get(name)
    }
    store.keep(MEASURES, environment, changed, only=made.measures)
    share = Unread(made.silence, now) if made.silence else Reading(made.collection, now)
    store.keep(COMPUTERS, environment, {SHARE: share})


def keep_days(town: Derived) -> int:
    """Give the declared days; the longest that are allowed where there is none, or a fault."""
    declared = town.commune["computer_measures"] if town.commune else None
    return declared["keep_days"] if declared and SPAN <= declared["keep_days"] <= LONGEST else LONGEST


def shortened(measure: Measure, oldest: datetime) -> Measure:
    """Leave out the days that are too old."""
    return measure.model_copy(update={"days": [day for day in measure.days if day.day >= oldest.date()]})


def added(before: Measure | None, made: Measure) -> Measure:
    """Add to a report the days that are already known of its computer."""
    days = {day.day: day for day in before.days} if before else {}
    for day in days_of(made.report):
        former = days.get(day.day)
        if former is None or day.known >= former.known:
            days[day.day] = day
    return made.model_copy(update={"days": [days[key] for key in sorted(days)]})


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
