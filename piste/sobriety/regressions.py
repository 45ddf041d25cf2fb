"""Regressions: what was better, or better known, in an earlier reading. Pure.

A lever undone by hand, a part of the town that drifts back, unknowns that grow, a meter that jumps, data that grow old.
An alert opens and closes on different values (`margin_points`), so that noise around a threshold does not flap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple, Self

from piste.sobriety.breakdown import By, Share
from piste.sobriety.figure import Figure, merit
from piste.sobriety.history import Reading, by_day
from piste.sobriety.places import applied_since, place_of
from piste.sobriety.since import METERS, comparable
from piste.town.model import Town
from piste.town.model.sobriety.form import Drives, SobrietyTarget
from piste.town.model.sobriety.reporting import SobrietyAlerts

Kind = Literal["undone", "drift", "silent", "jump", "stale"]
LIVE: Mapping[str, tuple[Drives, ...]] = {
    "F1.policy": ("sleep", "shutdown"), "F7.queues": ("print_defaults",), "F8": ("ssid_hours", "port_hours"),
}  # fmt: skip
"""The figures of live settings, whose names of sites or queues show a lever that is no longer there."""
DRIVEN_BY: Mapping[str, tuple[Drives, ...]] = {
    **LIVE, "F1": ("sleep", "shutdown"), "F3": ("machine_hours",), "F6": ("print_defaults",), "F7": ("print_defaults",),
}  # fmt: skip
SHARE = "%"


@dataclass(frozen=True, slots=True)
class Regression:
    """A figure, of the town (`where` empty) or of a part of it, that was better before `since`.

    `before` was read on `before_day`, `now` in the last reading, in `unit`. `names` are the failing queues of a site.
    Without `confirmed`, too few readings have shown it yet.
    """

    kind: Kind
    figure: str
    by: By | Literal[""]
    where: str
    lever: str
    since: str
    confirmed: bool
    before: float | None = None
    before_day: str = ""
    now: float | None = None
    unit: str = ""
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A reading for an alert: `bad` opens it, a good reading closes it, None leaves it as it is."""

    day: str
    bad: bool | None
    value: float | None = None
    best: float | None = None
    best_day: str = ""


def regressions(town: Town, readings: Sequence[Reading]) -> list[Regression]:
    """List the regressions of the last reading, in any order of readings."""
    ordered = by_day(readings)
    if not ordered:
        return []
    undone = list(_undone(town, ordered))
    # A lever undone at a site explains why its figure falls, there and in the town.
    known = {(alert.figure, where) for alert in undone for where in (alert.where, "")}
    drifts = [alert for alert in _drifts(town, ordered) if (alert.figure, alert.where) not in known]
    return [*undone, *drifts, *_silent(town, ordered), *_jumps(town, ordered), *_stale(town, ordered[-1])]


def opened(marks: Sequence[Mark], needed: int) -> tuple[Mark, bool] | None:
    """Find the first mark of an open alert, and if it is confirmed; None if it is closed."""
    first: Mark | None = None
    confirmed, bad, good = False, 0, 0
    for mark in marks:
        if mark.bad is None:
            continue
        if mark.bad:
            first = first or mark
            bad, good = bad + 1, 0
            confirmed = confirmed or bad >= needed
        else:
            bad, good = 0, good + 1
            if not confirmed or good >= needed:
                first, confirmed = None, False
    return (first, confirmed) if first else None


def _alert(
    town: Town, kind: Kind, figure: str, by: By | Literal[""], where: str, marks: Sequence[Mark], unit: str = "",
    lever: str = "", names: Sequence[str] = (),
) -> Iterator[Regression]:  # fmt: skip
    match = opened(marks, town.sobriety.alerts.confirm_readings)
    if match:
        first, confirmed = match
        last = marks[-1]
        yield Regression(
            kind, figure, by, where, lever, first.day, confirmed, first.best, first.best_day, last.value, unit, names
        )


def _undone(town: Town, readings: Sequence[Reading]) -> Iterator[Regression]:
    for figure, drives in LIVE.items():
        levers = [name for name, lever in town.sobriety.levers.items() if lever.drives in drives]
        for site in town.sites:
            days = {lever: applied_since(town, lever, site, readings[-1].day) for lever in levers}
            applied = {lever: since for lever, since in days.items() if since}
            if not applied:
                continue
            marks, names, was_right = [], list[str](), ""
            for reading in readings:
                if reading.day <= min(applied.values()):
                    continue
                failing = _failing(town, reading.figure(figure), site)
                names = failing if failing is not None else names
                was_right = reading.day if failing == [] else was_right
                # A setting that was never read in place was not undone: the figure itself says that it is missing.
                bad = None if failing is None or not was_right else bool(failing)
                marks.append(Mark(reading.day, bad, best_day=was_right))
            own = [name for name in names if name != site]
            yield from _alert(town, "undone", figure, "site", site, marks, lever=_newest(applied), names=own)


def _newest(applied: Mapping[str, str]) -> str:
    """Choose the lever that was applied last; of a single day, the first declared."""
    return max(applied, key=lambda lever: applied[lever])


def _failing(town: Town, figure: Figure | None, site: str) -> list[str] | None:
    """List the failing names of a figure at a site; None if it was not wholly read."""
    if figure is None or figure.value is None:
        return None
    excluded = [left.name for left in figure.excluded]
    if failing := [name for name in figure.failing if place_of(town, name) == site]:
        return failing
    if any(place_of(town, name) == site for name in (*figure.unknown, *(name for name in excluded if name == site))):
        return None
    return []


def _drifts(town: Town, readings: Sequence[Reading]) -> Iterator[Regression]:
    last = readings[-1]
    for figure in last.figures:
        if figure.target is None:
            continue
        values = [_Value.of(reading.day, reading.figure(figure.id)) for reading in readings]
        start = _start(town, figure.id, "", last.day)
        marks = _against_best(town, values, figure.target, figure.unit, start)
        yield from _alert(town, "drift", figure.id, "", "", marks, figure.unit, _lever(town, figure.id))
    for (name, by, where), shares in _parts(readings, ("site", "service")).items():
        target, share = town.sobriety.targets.get(name), shares.get(last.day)
        if target is None or share is None:
            continue
        site = where if by == "site" else ""
        start = _start(town, name, site, last.day)
        values = [_Value.of(reading.day, shares.get(reading.day)) for reading in readings]
        marks = _against_best(town, values, target, share.unit, start)
        yield from _alert(town, "drift", name, by, where, marks, share.unit, _lever(town, name))


def _lever(town: Town, figure: str) -> str:
    drives = DRIVEN_BY.get(figure, ())
    return next((name for name, lever in town.sobriety.levers.items() if lever.drives in drives), "")


def _start(town: Town, figure: str, site: str, day: str) -> str:
    """Find the day after which a figure is compared: its lever's application, or its reversal."""
    drives = DRIVEN_BY.get(figure, ())
    days = [""]
    for name, lever in town.sobriety.levers.items():
        if lever.drives not in drives:
            continue
        if since := applied_since(town, name, site, day):
            days.append(since)
        else:
            days += [step.date for step in town.sobriety.rollout if step.lever == name and step.step == "reverted"]
    return max(known for known in days if known <= day)


class _Value(NamedTuple):
    """A value of a day; `hidden` are the points that its unknowns may hide."""

    day: str
    value: float | None
    hidden: float

    @classmethod
    def of(cls, day: str, known: Figure | Share | None) -> Self:
        if isinstance(known, Share):
            hidden = 100 * known.unknown / known.denominator if known.denominator else 0.0
            return cls(day, known.value, hidden)
        return cls(day, known.value if known else None, _unknown(known) or 0.0)


def _against_best(town: Town, values: Sequence[_Value], target: SobrietyTarget, unit: str, start: str) -> list[Mark]:
    """Mark each value against the best before it, from `start` on.

    A fall that unknowns may explain is none: they are an alert of their own.
    """
    limits, marks = town.sobriety.alerts, []
    best: tuple[float, str] | None = None
    for day, value, hidden in values:
        if day < start or value is None:
            marks.append(Mark(day, None))
            continue
        bad: bool | None = False
        if best is not None:
            now = merit(value, target) + (hidden if unit == SHARE and target.at_most is None else 0)
            bad = _fell(limits, unit, merit(best[0], target), now)
        marks.append(Mark(day, bad, value, *(best or (None, ""))))
        if best is None or merit(value, target) > merit(best[0], target):
            best = (value, day)
    return marks


def _fell(limits: SobrietyAlerts, unit: str, best: float, now: float) -> bool | None:
    """Judge a merit by the best before it; None where an alert neither opens nor closes."""
    crossed, fall = best >= 0 > now, best - now
    if unit != SHARE:
        return crossed
    if fall > limits.drift_points or (crossed and -now > limits.margin_points):
        return True
    return None if crossed or fall > limits.drift_points - limits.margin_points else False


def _silent(town: Town, readings: Sequence[Reading]) -> Iterator[Regression]:
    last = readings[-1].day
    # A figure that nothing answers for is said once, for the town: each site would repeat it.
    whole = {figure.id for figure in readings[-1].figures if figure.value is None}
    for figure in readings[-1].figures:
        shares = {reading.day: _unknown(reading.figure(figure.id)) for reading in readings}
        yield from _alert(town, "silent", figure.id, "", "", _growth(town, shares), SHARE)
    for (name, by, where), of_day in _parts(readings, ("site",)).items():
        if last in of_day and name in town.sobriety.targets and name not in whole:
            shares = {
                day: 100 * share.unknown / share.denominator for day, share in of_day.items() if share.denominator
            }
            yield from _alert(town, "silent", name, by, where, _growth(town, shares), SHARE)


def _unknown(figure: Figure | None) -> float | None:
    """Compute the share of names that were not read; None where the figure does not count names."""
    if figure is None:
        return None
    if figure.value is None:
        return 100.0
    counted = (figure.numerator or 0) + len(figure.failing) + len(figure.unknown)
    return 100 * len(figure.unknown) / counted if counted and counted == figure.denominator else 0.0


def _growth(town: Town, shares: Mapping[str, float | None]) -> list[Mark]:
    """Mark each share of unknowns against the least before it."""
    limits, marks = town.sobriety.alerts, []
    least: tuple[float, str] | None = None
    for day, value in shares.items():
        if value is None:
            continue
        more = value - least[0] if least else 0
        bad = True if more > limits.unknown_points else False if more <= limits.unknown_points / 2 else None
        marks.append(Mark(day, bad, value, *(least or (None, ""))))
        if least is None or value < least[0]:
            least = (value, day)
    return marks


def _jumps(town: Town, readings: Sequence[Reading]) -> Iterator[Regression]:
    limits = town.sobriety.alerts
    for (name, by, where), of_day in _parts(readings, ("site", "kind")).items():
        if name not in METERS or readings[-1].day not in of_day:
            continue
        marks, base, former = list[Mark](), None, None
        for day, share in of_day.items():
            if share.value is None:
                continue
            since = next((mark.day for mark in reversed(marks) if not mark.bad), day)
            # A level that lasts is the new level: the jump was real, and was looked at.
            lasted = (date.fromisoformat(day) - date.fromisoformat(since)).days > limits.data_age_days
            # Another switch under the same sum is another level, and no jump.
            base = base if former is None or comparable(former, share) else None
            former = share
            jumped = base is not None and abs(share.value / base[0] - 1) * 100 > limits.meter_jump_percent
            bad = jumped and not lasted
            marks.append(Mark(day, bad, share.value, *(base or (None, ""))))
            base = base if bad else (share.value, day)
        yield from _alert(town, "jump", name, by, where, marks, of_day[readings[-1].day].unit)


def _stale(town: Town, reading: Reading) -> Iterator[Regression]:
    for figure in reading.figures:
        ended = _end(figure.date)
        if figure.value is None or figure.method == "estimated" or ended is None:
            continue
        target = figure.target
        limit = target.max_age_days if target and target.max_age_days else town.sobriety.alerts.data_age_days
        until = ended + timedelta(days=limit)
        if until.isoformat() < reading.day:
            age = (date.fromisoformat(reading.day) - ended).days
            yield Regression(
                "stale", figure.id, "", "", "", (until + timedelta(days=1)).isoformat(), True, limit, figure.date, age,
                "jours",
            )  # fmt: skip


def _end(day: str) -> date | None:
    """Read a day, or the last day of a month; None for what is neither."""
    try:
        if len(day) > len("2026-11"):
            return date.fromisoformat(day[:10])
        first = date.fromisoformat(f"{day}-01")
    except ValueError:
        return None
    return date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)


def _parts(readings: Sequence[Reading], by: Sequence[By]) -> dict[tuple[str, By, str], dict[str, Share]]:
    """Group the breakdowns by figure and part, then by day."""
    parts: dict[tuple[str, By, str], dict[str, Share]] = {}
    for reading in readings:
        for share in reading.breakdowns:
            if share.by in by:
                parts.setdefault((share.figure, share.by, share.name), {})[reading.day] = share
    return parts
