"""Profiles of use by hour of the week, from the kept weeks. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from piste.sobriety.usage import HOURS, Values, Week
from piste.town.model.hours import DAYS
from piste.town.model.outside_hours import Window

WINDOW = 8
"""The last weeks that a profile joins: two months smooth a holiday, and follow a change of use."""
FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
Curve = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Profile:
    """Values by hour of the week; None is unknown. `weeks` counts the weeks with a value."""

    mean: Curve
    peak: Curve
    weeks: int

    @property
    def known(self) -> bool:
        return any(value is not None for value in self.mean)

    @property
    def idle(self) -> frozenset[int]:
        """The hours in which nothing was ever seen."""
        return frozenset(hour for hour, value in enumerate(self.peak) if value == 0)

    @property
    def used(self) -> frozenset[int]:
        return frozenset(hour for hour, value in enumerate(self.peak) if value)

    @property
    def busiest(self) -> int | None:
        """The hour of the greatest mean; the first of equals, None where nothing was seen."""
        values = [value or 0.0 for value in self.mean]
        return values.index(max(values)) if any(values) else None


@dataclass(frozen=True, slots=True)
class Use:
    """Use of a site: clients of its access points, together and each, and traffic of its ports.

    `clients` is unknown in an hour in which an access point was not measured. `watts` is the mean power of a port that
    feeds an access point, None where the Dashboard gives none. `quiet` are the ports that carried nothing in any of the
    `quiet_weeks`.
    """

    clients: Profile
    points: Mapping[str, Profile]
    radio: Profile
    access: Profile
    watts: Curve
    quiet: Sequence[str]
    quiet_weeks: int

    @property
    def fed(self) -> float | None:
        """The mean power of a port that feeds an access point; None where no energy was measured.

        A switch that does not feed its ports measures 0, which says nothing of an access point.
        """
        known = [watts for watts in self.watts if watts is not None]
        return sum(known) / len(known) or None if known else None


def use_of(weeks: Sequence[Week], site: str, points: Sequence[str]) -> Use:
    """Compute the use of a site with these access points over the last weeks."""
    last = [week["sites"].get(site) for week in weeks[-WINDOW:]]
    sites: list[Any] = [here for here in last if here is not None]
    by_point = {
        serial: profile([here["points"][serial] for here in sites if serial in here["points"]]) for serial in points
    }
    together = [_together(here["points"], points) for here in sites]
    with_ports = [here for here in sites if "radio" in here]
    quiet = set.intersection(*(set(here["quiet"]) for here in with_ports)) if with_ports else set()
    return Use(
        clients=profile([curve for curve in together if curve]),
        points=by_point,
        radio=profile([here["radio"]["kbps"] for here in with_ports], [here["radio"]["peak"] for here in with_ports]),
        access=profile(
            [here["access"]["kbps"] for here in with_ports], [here["access"]["peak"] for here in with_ports]
        ),
        watts=_watts([here["radio"] for here in with_ports]),
        quiet=sorted(quiet),
        quiet_weeks=len(with_ports),
    )


def profile(curves: Sequence[Curve], peaks: Sequence[Curve] = ()) -> Profile:
    """Join weeks: the mean of the measured values of each hour, and the greatest."""
    hours = [[curve[hour] for curve in curves if curve[hour] is not None] for hour in range(HOURS)]
    tops = [[curve[hour] for curve in peaks or curves if curve[hour] is not None] for hour in range(HOURS)]
    return Profile(
        [sum(values) / len(values) if values else None for values in hours],  # type: ignore[arg-type]
        [max(values) if values else None for values in tops],  # type: ignore[type-var]
        sum(any(value is not None for value in curve) for curve in curves),
    )


def _together(points: Mapping[str, Values], serials: Sequence[str]) -> list[float | None]:
    """Sum the access points of a site by hour; None where one of them was not measured."""
    if not serials:
        return []
    curves = [points.get(serial) for serial in serials]
    sums: list[float | None] = []
    for hour in range(HOURS):
        values = [curve[hour] if curve is not None else None for curve in curves]
        known = [value for value in values if value is not None]
        sums.append(sum(known) if len(known) == len(values) else None)
    return sums


def _watts(radio: Sequence[Any]) -> Curve:
    """Give the mean power of a port that feeds a device, by hour.

    Ports wait for access points to come, and give nothing: they are not in the mean.
    """
    each = [
        [wh / fed if wh is not None and fed else None for wh, fed in zip(here["wh"], here["fed"], strict=True)]
        for here in radio
        if "fed" in here
    ]
    return profile(each).mean


def hour_words(hour: int) -> str:
    """Name an hour of the week: `mardi de 10 h à 11 h`."""
    day, start = divmod(hour, 24)
    return f"{FRENCH_DAYS[day]} de {start} h à {start + 1} h"


def spans(hours: frozenset[int]) -> list[tuple[int, int, int]]:
    """Join hours of a day that follow each other: day, first hour, hour after the last."""
    joined: list[tuple[int, int, int]] = []
    for hour in sorted(hours):
        day, start = divmod(hour, 24)
        if joined and joined[-1][0] == day and joined[-1][2] == start:
            joined[-1] = (day, joined[-1][1], start + 1)
        else:
            joined.append((day, start, start + 1))
    return joined


def on_air(schedule: Mapping[str, Any] | None) -> list[float]:
    """Give the share of each hour of the week in which an SSID is on the air, by its outages."""
    shares = [1.0] * HOURS
    if not schedule or not schedule.get("enabled"):
        return shares
    for minute in _outages(schedule.get("ranges") or ()):
        shares[minute // 60] -= 1 / 60
    return [max(0.0, round(share, 4)) for share in shares]


def _outages(ranges: Sequence[Mapping[str, Any]]) -> set[int]:
    """List the minutes of the week that are in a range; a range may go over the end of the week."""
    minutes: set[int] = set()
    whole = HOURS * 60
    for span in ranges:
        start, end = (_minute(str(span[f"{edge}_day"]), str(span[f"{edge}_time"])) for edge in ("start", "end"))
        minutes.update(minute % whole for minute in range(start, end if end > start else end + whole))
    return minutes


def _minute(day: str, time: str) -> int:
    """Give the minute of the week of a day and a time; a day may be cut to three letters.

    Raises `ValueError`.
    """
    number = next((rank for rank, name in enumerate(DAYS) if name.startswith(day.lower()[:3])), None)
    hours, _, minutes = time.partition(":")
    if number is None:
        raise ValueError(day)
    return number * 1440 + int(hours) * 60 + int(minutes)


def open_shares(windows: Sequence[Window]) -> list[float]:
    """Give the share of each hour of the week that is in the opening hours."""
    shares = [0.0] * HOURS
    for window in windows:
        day = DAYS.index(window["day"]) * 1440
        for minute in range(_of_day(window["start"]), _of_day(window["end"])):
            shares[(day + minute) // 60] += 1 / 60
    return [round(share, 4) for share in shares]


def _of_day(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)
