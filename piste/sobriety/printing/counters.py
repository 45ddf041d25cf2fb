"""Counters that only grow: the pages of a month are the difference of its ends.

A reading near the turn of a month stands for it. A counter that went back is another device, or a reset: that month is
unknown, never negative. Months without a reading at both ends are unknown.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from piste.engine.converge.errors import Fault
from piste.sobriety.printing.printed import Line

NEAR = 5
"""Days between the turn of a month and a reading that stands for it."""


def months(lines: Sequence[Line], label: str, faults: list[Fault], notes: list[str]) -> Iterator[Line]:
    """Yield the counts of each month that two readings surround, dated by its last day."""
    devices: dict[str, dict[date, Line]] = defaultdict(dict)
    for line in lines:
        first = devices[line.queue].setdefault(line.day, line)
        if first is not line and first.counts != line.counts:
            message = f"{line.queue} a déjà d’autres compteurs ce jour-là ({first.where}) : gardez une des deux lignes"
            faults.append(Fault(line.where, message))
    for queue, readings in sorted(devices.items()):
        ends = _ends(readings)
        if len(readings) > 1 and len(ends) < 2:
            notes.append(f"{label} : {queue} n’est pas relevé autour des fins de mois, ses pages sont inconnues")
        for before, after in zip(sorted(ends), sorted(ends)[1:], strict=False):
            if _next(before) != after:
                notes.append(f"{label} : {queue} n’est pas relevé de {before:%Y-%m} à {after:%Y-%m}, mois inconnus")
                continue
            counts = _difference(ends[before], ends[after])
            if counts is None:
                why = "un compteur recule, l’appareil a été remplacé ou remis à zéro"
                notes.append(f"{label} : {queue}, {after:%Y-%m} inconnu ({why})")
                continue
            yield replace(ends[after], day=after, counts=counts)


def _ends(readings: dict[date, Line]) -> dict[date, Line]:
    """Choose, by last day of a month, the reading nearest to its end."""
    chosen: dict[date, Line] = {}
    for day, line in sorted(readings.items()):
        for end in (day.replace(day=1) - timedelta(days=1), _last(day)):
            away = abs((day - timedelta(days=1) - end).days) if day > end else (end - day).days
            known = chosen.get(end)
            if away <= NEAR and (known is None or away < abs((known.day - end).days)):
                chosen[end] = line
    return chosen


def _last(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _next(end: date) -> date:
    return _last(end + timedelta(days=1))


def _difference(before: Line, after: Line) -> dict[str, int | None] | None:
    """Subtract the counters of two readings; None where one went back."""
    counts: dict[str, int | None] = {}
    for name, value in after.counts.items():
        earlier = before.counts.get(name)
        counts[name] = None if value is None or earlier is None else value - earlier
        if (counts[name] or 0) < 0:
            return None
    return counts
