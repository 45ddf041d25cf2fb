"""Figures month by month: the last reading of each month, a gap where there is none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from piste.sobriety.figure import Figure
from piste.sobriety.history import Reading, by_day
from piste.town.model.sobriety.form import SobrietyTarget

POINTS = 24
"""The most months that a trend shows."""
TOTAL = "F22.kwh"
Direction = Literal["better", "worse", "up", "down", "steady", "unknown"]
STEADY_POINTS, STEADY_PART = 1.0, 0.02
"""Below that change, in points of a share or as a part of any other value, a figure is steady."""


class Point(NamedTuple):
    """A figure in a month, with the day of its reading; `value` is None where it was not known.

    `measured` (0 to 1) is the part that rests on measures.
    """

    month: str
    day: str
    value: float | None
    measured: float


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure over the months, and where it goes since `since`, the month it is compared with."""

    figure: str
    title: str
    unit: str
    points: Sequence[Point]
    direction: Direction
    since: str = ""
    change: float | None = None


def months_until(first: str, last: str) -> list[str]:
    """List the months between two days, both included."""
    start, end = (int(day[:4]) * 12 + int(day[5:7]) - 1 for day in (first, last))
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(start, end + 1)]


def trends(readings: Sequence[Reading], until: str) -> list[Trend]:
    """Follow the figures of the last reading that have a target, then the energy of all."""
    ordered = [reading for reading in by_day(readings) if reading.day <= until]
    if not ordered:
        return []
    of_month = {reading.day[:7]: reading for reading in ordered}
    months = months_until(ordered[0].day, until)[-POINTS:]
    last = ordered[-1]
    followed = [figure for figure in last.figures if figure.target or figure.id == TOTAL]
    return [_trend(figure, [_point(of_month.get(month), month, figure.id) for month in months]) for figure in followed]


def _point(reading: Reading | None, month: str, name: str) -> Point:
    figure = reading.figure(name) if reading else None
    if reading is None or figure is None or figure.value is None:
        return Point(month, reading.day if reading else "", None, 0.0)
    share = {"measured": 1.0, "estimated": 0.0, "mixed": 0.5}[figure.method]
    return Point(month, reading.day, figure.value, share if figure.measured_share is None else figure.measured_share)


def _trend(figure: Figure, points: Sequence[Point]) -> Trend:
    name, title, unit = figure.id, figure.title, figure.unit
    known = [point for point in points if point.value is not None]
    if len(known) < 2 or points[-1].value is None:
        return Trend(name, title, unit, points, "unknown")
    now, before = known[-1], _compared(known)
    assert now.value is not None
    assert before.value is not None
    change = now.value - before.value
    least = STEADY_POINTS if unit == "%" else STEADY_PART * abs(before.value)
    if abs(change) < least or change == 0:
        return Trend(name, title, unit, points, "steady", before.month, change)
    gain = _gain(before.value, now.value, figure.target)
    direction: Direction = ("up" if change > 0 else "down") if gain is None else "better" if gain else "worse"
    return Trend(name, title, unit, points, direction, before.month, change)


def _compared(known: Sequence[Point]) -> Point:
    """Choose the month to compare with: three months before, else the oldest known."""
    last = _rank(known[-1].month)
    earlier = [point for point in known[:-1] if last - _rank(point.month) >= 3]
    return earlier[-1] if earlier else known[0]


def _rank(month: str) -> int:
    day = date.fromisoformat(f"{month}-01")
    return day.year * 12 + day.month


def _gain(before: float, now: float, target: SobrietyTarget | None) -> bool | None:
    """Check that a value went towards its target; None where no side of it is better."""
    if target is None:
        return None
    low, high = target.at_least, target.at_most
    if low is not None and high is not None:
        away = [max(low - value, value - high, 0.0) for value in (before, now)]
        return None if away[0] == away[1] else away[1] < away[0]
    return now > before if low is not None else now < before
