"""The months over which links are measured."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from piste.engine.converge.errors import Misused
from piste.papers.dossier.notation import MONTHS

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


class Bounds(NamedTuple):
    """Both ends of a period, in seconds since 1970."""

    start: int
    end: int

    @property
    def seconds(self) -> int:
        return self.end - self.start


def month_before(day: date) -> str:
    """Name the last month that is over: `2026-10`."""
    return f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"


def month_words(month: str) -> str:
    """Write a month: `octobre 2026`."""
    year, number = month.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def bounds(month: str, zone: ZoneInfo | None = None) -> Bounds:
    """Give the bounds of a month in a zone, UTC by default. Raises `Misused`."""
    match = MONTH.fullmatch(month)
    if not match:
        raise Misused(f"« {month} » n’est pas un mois", todo="Donnez l’année et le mois, par exemple 2026-10.")
    year, number = int(match[1]), int(match[2])
    after = (year, number + 1) if number < 12 else (year + 1, 1)
    starts, ends = (datetime(*at, 1, tzinfo=zone or UTC) for at in ((year, number), after))
    return Bounds(int(starts.timestamp()), int(ends.timestamp()))
