"""The energy of computers by window: meters, else measured states by declared watts.

The two never mix: a window is metered or estimated, and says which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from piste.readings.computers.judge import Computer
from piste.readings.computers.kept import Day
from piste.sobriety.counting import Known
from piste.sobriety.parts import factor
from piste.sobriety.value_range import Range, total
from piste.town.model.energy_factors import Factor

MONTH = 30
WHOLE = 20 * 60
"""Minutes of a day that must be known for the day to count."""
FEWEST = 10
"""Days of a window that a computer must have, to be brought to thirty days."""
_ON: Mapping[str, str] = {"fixed": "pc_on", "laptop": "laptop_on", "thin_client": "thin_client_on", "mac": "mac_on"}


class Window(NamedTuple):
    """Kilowatt-hours of thirty days of a computer, over the `computers` of a site.

    `first` and `last` are the days of the window, both included.
    """

    first: str
    last: str
    site: str
    method: Literal["measured", "estimated"]
    computers: int
    kwh: Range


def windows(known: Known) -> list[Window]:
    """List the windows of each site, the latest first: each meter's own, then months of states."""
    made = [*_metered(known), *_by_states(known)]
    return sorted(made, key=lambda window: (window.last, window.site, window.method), reverse=True)


def _metered(known: Known) -> Iterator[Window]:
    for row in known.imports.electricity or ():
        if row.equipment in ("pc", "thin_client") and row.until <= known.day:
            days = (date.fromisoformat(row.until) - date.fromisoformat(row.start)).days + 1
            kwh = row.kwh / row.count / days * MONTH
            yield Window(row.start, row.until, row.site, "measured", row.count, Range(kwh, kwh, kwh))


def _by_states(known: Known) -> Iterator[Window]:
    groups: dict[tuple[str, str], list[Range]] = defaultdict(list)
    for computer in in_service(known):
        months: dict[str, list[Day]] = defaultdict(list)
        for day in computer.days:
            months[day.day.isoformat()[:7]].append(day)
        for month, days in months.items():
            if kwh := of_days(known, computer, days):
                groups[month, computer.site].append(kwh)
    for (month, site), each in groups.items():
        first = date.fromisoformat(f"{month}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        until = min(last, known.today)
        mean = total(each).times(1 / len(each))
        yield Window(first.isoformat(), until.isoformat(), site, "estimated", len(each), mean)


def in_service(known: Known) -> list[Computer]:
    return known.readings.computers.in_service if known.readings.computers else []


def watts(known: Known, computer: Computer) -> tuple[Factor, Factor, Factor] | None:
    """Give the declared watts of a computer: on, asleep, off; None where a factor is missing."""
    on, asleep, off = (factor(known, name) for name in (_ON[computer.kind], "pc_sleep", "pc_off"))
    return (on, asleep, off) if on and asleep and off else None


def of_days(known: Known, computer: Computer, days: Sequence[Day]) -> Range | None:
    """Estimate thirty days of a computer from the days that are known; None where too few are."""
    whole = [day for day in days if day.known >= WHOLE]
    powers = watts(known, computer)
    if len(whole) < FEWEST or powers is None:
        return None
    minutes = [sum(getattr(day, state) for day in whole) for state in ("on", "asleep", "off")]
    scale = MONTH * 24 * 60 / sum(day.known for day in whole) / 60_000
    parts = [
        Range(power.value, power.low, power.high).times(count * scale)
        for power, count in zip(powers, minutes, strict=True)
    ]
    return total(parts)


def last_days(known: Known, computer: Computer) -> list[Day]:
    first = known.today - timedelta(days=MONTH)
    return [day for day in computer.days if first <= day.day <= known.today]
