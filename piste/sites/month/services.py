"""The services of a month: their trials by probes, and the time that these account for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from piste.engine.converge.moments import zoned
from piste.engine.converge.untrusted import read_plain
from piste.sites.month.open_hours import Between, hours_open
from piste.sites.month.period import Period
from piste.trials.probe.results import Probing, folder
from piste.trials.probe.services import KIND

TIMER = timedelta(hours=18, minutes=15)
"""The longest interval between two trials of the timer (`contrib/systemd/piste-probe.timer`)."""
GAP = 2 * TIMER
"""The interval between two trials beyond which the state between them is unknown."""
_WORKED = {"conform": True, "wrong": False}


class Trial(NamedTuple):
    """A trial of a service from a place; `worked` is None where it says nothing."""

    at: datetime
    worked: bool | None
    site: str
    place: str


type Tries = dict[str, list[Trial]]
"""The trials by application, with those around the month."""


class Share(NamedTuple):
    """The opening hours that trials account for, in hours, all places together."""

    opened: float = 0.0
    lost: float = 0.0
    unknown: float = 0.0

    @property
    def percent(self) -> float | None:
        """Give the share of the known hours in which the service worked."""
        known = self.opened - self.unknown
        return round(100 * (1 - self.lost / known), 2) if known > 0 else None

    def plus(self, other: Share) -> Share:
        return Share(*(mine + its for mine, its in zip(self, other, strict=True)))


def tries(environment: str, during: Period) -> Tries:
    """Give the trials of a month, and around it.

    Raises `OSError`, `ValueError` where a file does not read. A twin rehearses the lab: it tries
    no service of a real town.
    """
    made: Tries = {}
    first, last = (f"{at:%Y%m%d}" for at in (during.first - GAP - timedelta(days=1), during.last + 2 * GAP))
    for path in sorted(folder(environment).glob("*/*.json")):
        if not first <= path.stem[:8] <= last:
            continue
        record = Probing.model_validate_json(read_plain(path))
        if record.carrier == "twin" and environment != "lab":
            continue
        for place in record.places:
            for result in place.results:
                if result.kind == KIND:
                    trial = Trial(zoned(str(place.ended)), _WORKED.get(result.verdict), record.site, place.name)
                    made.setdefault(result.id.removeprefix(f"{KIND}."), []).append(trial)
    return made


def share(every: Iterable[Trial], sites: Mapping[str, Any], start: datetime, end: datetime) -> Share:
    """Count the opening hours of the sites of trials, those lost and those unknown.

    A state holds until the next trial from the same place; over `GAP`, the interval is unknown.
    """
    by_place: dict[tuple[str, str], list[Trial]] = {}
    for trial in sorted(every, key=lambda made: made.at):
        by_place.setdefault((trial.site, trial.place), []).append(trial)
    made = Share()
    for (site, _), mine in by_place.items():
        if not any(start <= trial.at < end for trial in mine):
            continue
        hours = (sites.get(site) or {}).get("opening_hours") or {}
        opened, lost = hours_open(hours, start, end, _intervals(mine, False, start, end))
        made = made.plus(Share(opened, lost, hours_open(hours, start, end, _intervals(mine, None, start, end))[1]))
    return made


def _intervals(mine: list[Trial], state: bool | None, start: datetime, end: datetime) -> Iterator[Between]:
    """Yield the intervals of a state; before the first trial, and too long, they are unknown."""
    if state is None and mine[0].at > start:
        yield start, mine[0].at
    for trial, after in zip(mine, chain((each.at for each in mine[1:]), (max(end, mine[-1].at),)), strict=True):
        if (trial.worked if after - trial.at <= GAP else None) is state:
            yield trial.at, after
