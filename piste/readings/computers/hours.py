"""The nights of a computer, when nobody is expected at its site by the declared hours.

Pure. A night begins when the site has closed, plus the delay of the shutdown policy, and ends `EARLY` before it opens:
people come a little early. Public holidays of the calendar have no hours; school holidays have those of any week, since
a site declares no others. A site without hours has no nights: its service is continuous.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from piste.readings.computers.report import State
from piste.town.model.hours import DAYS

EARLY = timedelta(minutes=30)
SLEEP_BELOW = timedelta(minutes=15)
"""« < 15 min » is strict: a computer that stays on for 15 minutes does not conform."""
RETRY = timedelta(hours=1)
"""The shutdown task comes back each hour, for a computer that was in use."""
UNSEEN = timedelta(minutes=5)
"""Time of a night that no state covers, beyond which the night is not judged."""
FEWEST, ENOUGH = 5, 0.9
"""Nights below which nothing is said; share of them that must conform."""


class Opening(NamedTuple):
    """The declared hours of a site: `days` are English names, `start` and `end` are HH:MM."""

    days: Sequence[str]
    start: str
    end: str
    zone: ZoneInfo


class Night(NamedTuple):
    """A stretch during which nobody is expected, in universal time."""

    start: datetime
    end: datetime


class Behaviour(NamedTuple):
    """Nights that states cover: how many, how many were slept, how many off.

    `awake` is the time on during the nights that were covered, which last `length` together. A week without a holiday
    has `in_a_week` of nights.
    """

    nights: int
    slept: int
    stopped: int
    awake: timedelta
    length: timedelta
    in_a_week: timedelta

    @property
    def sleeps(self) -> bool | None:
        return None if self.nights < FEWEST else self.slept >= ENOUGH * self.nights

    @property
    def stops(self) -> bool | None:
        return None if self.nights < FEWEST else self.stopped >= ENOUGH * self.nights

    @property
    def awake_hours(self) -> float | None:
        """Hours on, over the nights of a week: those of holidays and weekends are longer."""
        return None if self.nights < FEWEST else self.awake / self.length * (self.in_a_week / timedelta(hours=1))


def openings(hours: Opening, holidays: Mapping[str, str], first: date, last: date) -> Iterator[Night]:
    """Yield the hours of a site between two days, both included.

    An end before its start is on the next day.
    """
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        if DAYS[day.weekday()] in hours.days and day.isoformat() not in holidays:
            start, end = (datetime.combine(day, time.fromisoformat(at), hours.zone) for at in (hours.start, hours.end))
            yield Night(start.astimezone(UTC), (end if end > start else _next_day(end)).astimezone(UTC))


def _next_day(moment: datetime) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=1), moment.timetz())


def nights(
    hours: Opening, holidays: Mapping[str, str], delay: timedelta, first: datetime, last: datetime
) -> Iterator[Night]:
    """Yield the whole nights between two moments."""
    around = timedelta(days=15)
    spans = list(openings(hours, holidays, (first - around).date(), (last + around).date()))
    for before, after in pairwise(spans):
        night = Night(before.end + delay, after.start - EARLY)
        if night.start < night.end and night.start >= first and night.end <= last:
            yield night


def in_a_week(hours: Opening, delay: timedelta) -> timedelta:
    """Add the nights of a week without a holiday, nor a change of clock."""
    monday = date(2024, 1, 1)
    spans = openings(hours._replace(zone=ZoneInfo("UTC")), {}, monday, monday + timedelta(days=13))
    first = list(pairwise(spans))[: len(hours.days)]
    return sum((max(timedelta(), after.start - EARLY - before.end - delay) for before, after in first), timedelta())


def behaviour(states: Sequence[State], every: Sequence[Night], week: timedelta) -> Behaviour:
    """Judge the nights that the states cover, by the time on and the time not off of each."""
    ends = [state.until for state in states]
    judged, length = [], timedelta()
    for night in every:
        seen = _seen(states[bisect_right(ends, night.start) :], night)
        if night.end - night.start - seen.known <= UNSEEN:
            judged.append(seen)
            length += night.end - night.start
    return Behaviour(
        len(judged),
        sum(seen.longest < SLEEP_BELOW for seen in judged),
        sum(seen.late < SLEEP_BELOW for seen in judged),
        sum((seen.on for seen in judged), timedelta()),
        length,
        week,
    )


class _Seen(NamedTuple):
    """Time of a night that is known, on, on in a single stretch, not off after `RETRY`."""

    known: timedelta
    on: timedelta
    longest: timedelta
    late: timedelta


def _seen(states: Sequence[State], night: Night) -> _Seen:
    known, on, longest, stretch, late = (timedelta() for _ in range(5))
    for state in states:
        if state.since >= night.end:
            break
        length = _overlap(state, night)
        known += length
        if state.state == "on":
            on += length
            stretch += length
            longest = max(longest, stretch)
        else:
            stretch = timedelta()
        if state.state != "off":
            late += _overlap(state, Night(night.start + RETRY, night.end))
    return _Seen(known, on, longest, late)


def _overlap(state: State, night: Night) -> timedelta:
    return max(timedelta(), min(state.until, night.end) - max(state.since, night.start))


def outside(hours: Opening | None) -> list[bool]:
    """List the hours of a week, from Monday 0:00: True where the site is closed for all of it."""
    if hours is None:
        return [False] * 168
    closed = []
    for number in range(168):
        day, hour = DAYS[number // 24], number % 24
        start, end = _minutes(hours.start), _minutes(hours.end)
        begun = day in hours.days and hour * 60 < (end if end > start else 1440) and (hour + 1) * 60 > start
        yesterday = DAYS[(number // 24 - 1) % 7]
        going_on = yesterday in hours.days and end <= start and hour * 60 < end
        closed.append(not (begun or going_on))
    return closed


def _minutes(at: str) -> int:
    return int(at[:2]) * 60 + int(at[3:5])
