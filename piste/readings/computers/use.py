"""The real use of a site against its declared hours: minutes of session, of no person. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from piste.readings.computers.hours import outside
from piste.readings.computers.judge import Computer, by, opening_of
from piste.readings.computers.report import WEEK
from piste.town.model import Site
from piste.town.model.hours import DAYS

FRENCH = dict(zip(DAYS, ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"), strict=True))
SEVEN_DAYS = 7 * 86_400
FEWEST = 3
"""Computers below which a site says nothing: the hours of one or two would be those of a person."""


class SiteUse(NamedTuple):
    """Hours of session of a week at a site, over the `computers` that count them.

    `outside` are those of the hours when the site is closed; `open` counts its declared hours in a week, `empty` those
    of them without any session; `busiest` is the closed hour with most sessions. None: not known.
    """

    site: str
    computers: int
    hours: float | None
    outside: float | None
    open: int | None
    empty: list[str] | None
    busiest: str


def uses(rows: Iterable[Computer], sites: Mapping[str, Site]) -> list[SiteUse]:
    """Compute the use of each site that has computers, by name."""
    return [_use(sites[name], computers) for name, computers in by(list(rows), "site").items()]


def week_of(computers: Iterable[Computer]) -> tuple[int, list[float]]:
    """Sum the minutes of session of a week, by hour, and count the computers that have some."""
    count, week = 0, [0.0] * WEEK
    for row in computers:
        sessions = row.report.sessions if row.report else None
        if sessions is None or row.report is None:
            continue
        weeks = max(1.0, (row.report.taken_at - sessions.since).total_seconds() / SEVEN_DAYS)
        count += 1
        for hour, minutes in enumerate(sessions.minutes):
            week[hour] += minutes / weeks
    return count, week


def _use(site: Site, computers: list[Computer]) -> SiteUse:
    count, week = week_of(computers)
    opening = opening_of(site)
    if count < FEWEST:
        return SiteUse(site["id"], count, None, None, None, None, "")
    closed = outside(opening)
    lost = [minutes if shut else 0.0 for minutes, shut in zip(week, closed, strict=True)]
    empty = [hour for hour in range(WEEK) if not closed[hour] and not week[hour]] if opening else None
    busiest = max(range(WEEK), key=lambda hour: lost[hour])
    return SiteUse(
        site["id"], count, sum(week) / 60, sum(lost) / 60 if opening else None,
        closed.count(False) if opening else None, None if empty is None else [hour_of(hour) for hour in empty],
        hour_of(busiest) if lost[busiest] else "",
    )  # fmt: skip


def hour_of(number: int) -> str:
    """Write an hour of the week: `mardi 7 h`."""
    return f"{FRENCH[DAYS[number // 24]]} {number % 24} h"
