"""Whole weeks of a town, in its local time, and the hours of a week; pure.

A week has 168 hours, Monday midnight first. The last Sunday of March has no third hour, and that of October has it
twice: the hour of a week has then no moment, or two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOURS = 168
HOUR = 3600


class Week(NamedTuple):
    """A week from Monday to Monday: `2026-W47`, its ends in seconds since 1970."""

    name: str
    start: int
    end: int


def last_weeks(now: float, zone: ZoneInfo, count: int, furthest: float) -> list[Week]:
    """List the last whole weeks, oldest first, that begin no earlier than `furthest`."""
    today = datetime.fromtimestamp(now, zone).date()
    mondays = [today - timedelta(days=today.weekday(), weeks=ago) for ago in range(count, -1, -1)]
    weeks = [
        Week("{}-W{:02}".format(*monday.isocalendar()[:2]), _midnight(monday, zone), _midnight(after, zone))
        for monday, after in pairwise(mondays)
    ]
    return [week for week in weeks if week.start >= furthest]


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())


def days(week: Week, zone: ZoneInfo) -> list[tuple[int, int]]:
    """List the local days of a week, from midnight to midnight."""
    monday = datetime.fromtimestamp(week.start, zone).date()
    return list(pairwise(_midnight(monday + timedelta(days=ahead), zone) for ahead in range(8)))


def hours(week: Week, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """Yield the beginning of each hour that the week has, and its place among the 168."""
    for start in range(week.start, week.end, HOUR):
        moment = datetime.fromtimestamp(start, UTC).astimezone(zone)
        yield start, moment.weekday() * 24 + moment.hour


def profile(places: Sequence[int], values: Sequence[float | None]) -> list[float | None]:
    """Bring the values of the hours of a week to its 168 hours.

    An hour that comes twice has its mean, an hour without a moment or a value is None.
    """
    samples: list[list[float | None]] = [[] for _ in range(HOURS)]
    for place, value in zip(places, values, strict=True):
        samples[place].append(value)
    return [_mean(of) for of in samples]


def _mean(samples: Sequence[float | None]) -> float | None:
    known = [value for value in samples if value is not None]
    return round(sum(known) / len(known), 2) if known and len(known) == len(samples) else None
