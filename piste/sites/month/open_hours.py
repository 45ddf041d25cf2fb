"""The opening hours of a site between two moments, and what interruptions take of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from piste.engine.clock import TOWN
from piste.town.model.hours import DAYS

type Between = tuple[datetime, datetime]


def hours_open(
    hours: Mapping[str, Any], start: datetime, end: datetime, cut: Iterable[Between] = ()
) -> tuple[float, float]:
    """Count the hours open between two moments, and those lost to interruptions, each hour once.

    `hours` are those of a site (`days`, `start`, `end`), by the clock of the town. Holidays count as open.
    """
    opened = lost = timedelta()
    merged = _merged(cut)
    day, last = start.astimezone(TOWN).date(), end.astimezone(TOWN).date()
    while hours and day <= last:
        if DAYS[day.weekday()] in hours["days"]:
            begins, ends = (datetime.combine(day, time.fromisoformat(hours[name]), TOWN) for name in ("start", "end"))
            begins, ends = max(begins, start), min(ends, end)
            opened += _between(begins, ends)
            for first, until in merged:
                lost += _between(max(begins, first), min(ends, until))
        day += timedelta(days=1)
    return opened.total_seconds() / 3600, lost.total_seconds() / 3600


def _between(first: datetime, last: datetime) -> timedelta:
    """Measure the time between two moments, whatever the change of the clock."""
    return max(timedelta(), timedelta(seconds=last.timestamp() - first.timestamp()))


def _merged(cut: Iterable[Between]) -> list[Between]:
    made: list[Between] = []
    for first, last in sorted(cut):
        if made and first <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], last))
        else:
            made.append((first, last))
    return made
