"""The computers of the inventory, and what their measures say of each. Pure.

The inventory is the denominator: a computer in service that says nothing recent is unknown, and since when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from piste.readings.computers.hours import Behaviour, Night, Opening, behaviour, in_a_week, nights
from piste.readings.computers.kept import Day, Kept, Measure
from piste.readings.computers.report import Report
from piste.town.model import Site, Town
from piste.town.model.assets.classes import State as AssetState
from piste.town.model.assets.derived import Asset

Kind = Literal["fixed", "laptop", "thin_client", "mac"]
SLEEP_BELOW_S = 900
"""« < 15 min » is strict: 900 seconds do not conform, and 0 is never."""
DONE = (0, 0x41300, 0x41301, 0x41303)
"""Last results of a task that says no failure: done, ready, running, not run yet (Task Scheduler, SCHED_S_…)."""
SILENT_DAYS = 14
"""Age of a report beyond which a computer is silent, where nothing is declared."""
UNKNOWN = "l’inventaire ne connaît pas ce poste"
"""Reason for which the file of a computer is refused, unread."""
_KINDS: Mapping[str, Kind] = {"laptop": "laptop", "mac": "mac", "thin_client": "thin_client"}


@dataclass(frozen=True, slots=True)
class Computer:
    """A computer of the inventory.

    `report` is its last good report, None where there is none recent enough: `silent_since` is then the day of the
    last, None where it never spoke. `sleeps` and `stops` are its settings, `behaviour` the nights that were seen. None:
    not known. `mismatch` says in French what differs from the inventory; `checked`: its file is its own.
    """

    name: str
    site: str
    service: str
    kind: Kind
    model: str
    serial: str | None
    state: AssetState
    warranty_until: str | None
    end_of_life: str | None
    taken_at: datetime | None
    silent_since: date | None
    report: Report | None
    days: Sequence[Day]
    sleeps: bool | None
    stops: bool | None
    behaviour: Behaviour | None
    mismatch: str
    checked: bool

    @property
    def slept(self) -> bool | None:
        """Verdict on the nights: on less than 15 minutes at a time; None where few were seen."""
        return self.behaviour.sleeps if self.behaviour else None

    @property
    def stopped(self) -> bool | None:
        """Verdict on the nights: off, from one hour after their beginning."""
        return self.behaviour.stops if self.behaviour else None

    @property
    def awake_hours(self) -> float | None:
        """Hours on, in a week, when nobody is expected."""
        return self.behaviour.awake_hours if self.behaviour else None

    @property
    def defied(self) -> bool:
        """True where a setting is in force and not followed: « réglé mais éveillé »."""
        return (self.sleeps is True and self.slept is False) or (self.stops is True and self.stopped is False)

    @property
    def unset(self) -> bool:
        """True where the computer is off at night without the setting: « éteint sans réglage »."""
        return self.stops is False and self.stopped is True


@dataclass(frozen=True, slots=True)
class Measured:
    """The computers of the inventory, and what is measured beyond it.

    `strangers` are measured, and the inventory does not have them; `refused` gives the reason of each refused file,
    `silence` that of a share that did not answer last.
    """

    computers: Sequence[Computer]
    strangers: Sequence[str] = ()
    refused: Sequence[tuple[str, str]] = ()
    silence: str = ""

    @property
    def in_service(self) -> list[Computer]:
        return [row for row in self.computers if row.state == "in_service"]


def measured(town: Town, kept: Kept, today: date) -> Measured:
    """Judge what an environment keeps."""
    last = kept.collection
    refused = [(refused.file, refused.why) for refused in last.refused] if last else []
    silence = kept.silence or ("" if last else "jamais relevé (piste computers read)")
    return Measured(computers(town, kept, today), strangers(town, kept, refused), refused, silence)


def computers(town: Town, kept: Kept, today: date) -> list[Computer]:
    """List the computers of the inventory by name, with their measures."""
    declared = town.commune["computer_measures"] if town.commune else None
    oldest = today - timedelta(days=declared["silent_days"] if declared else SILENT_DAYS)
    measures = {name.casefold(): measure for name, measure in kept.measures.items()}
    every = list(_assets(town))
    seen: dict[str, list[Night]] = {}
    rows = []
    for site, asset in every:
        measure = measures.get(asset["name"].casefold())
        rows.append(_computer(town, site, asset, measure, oldest, today, seen))
    return sorted(rows, key=lambda row: row.name.casefold())


def strangers(town: Town, kept: Kept, refused: Sequence[tuple[str, str]] = ()) -> list[str]:
    """Name the computers that are measured, and that the inventory does not have."""
    known = {asset["name"].casefold() for _, asset in _assets(town)}
    files = [file.removesuffix(".json") for file, why in refused if why == UNKNOWN]
    return sorted(name for name in {*kept.measures, *files} if name.casefold() not in known)


def _assets(town: Town) -> Iterator[tuple[Site, Asset]]:
    for site in town.sites.values():
        for asset in site["assets"]:
            if asset["kind"] == "computer":
                yield site, asset


def _computer(
    town: Town, site: Site, asset: Asset, measure: Measure | None, oldest: date, today: date,
    seen: dict[str, list[Night]],
) -> Computer:  # fmt: skip
    last = measure.report if measure else None
    on = last.taken_at.date() if last else None
    report = last if on and oldest <= on <= today + timedelta(days=1) else None
    opening = opening_of(site)
    judged = None
    if report and report.states and opening:
        if site["id"] not in seen:
            seen[site["id"]] = _nights(town, opening, today)
        delay = timedelta(minutes=town.sobriety.closing_delay_min)
        judged = behaviour(report.states, seen[site["id"]], in_a_week(opening, delay))
    return Computer(
        name=asset["name"], site=site["id"], service=asset["assigned_to"] or "", kind=_kind(asset, last),
        model=(last.model if last else None) or asset["model"] or "", serial=asset["serial"], state=asset["state"],
        warranty_until=asset["warranty_until"], end_of_life=asset["end_of_life"],
        taken_at=last.taken_at if last else None, silent_since=None if report else on, report=report,
        days=measure.days if measure else (), sleeps=_sleeps(report), stops=_stops(report), behaviour=judged,
        mismatch=_mismatch(asset, last), checked=bool(measure and measure.owner == "its"),
    )  # fmt: skip


def opening_of(site: Site) -> Opening | None:
    hours = site["opening_hours"]
    return Opening(hours["days"], hours["start"], hours["end"], ZoneInfo(site["timezone"])) if hours else None


def _nights(town: Town, opening: Opening, today: date) -> list[Night]:
    """List the nights of a site that any recent report may cover."""
    last = datetime.combine(today + timedelta(days=2), time(), UTC)
    delay = timedelta(minutes=town.sobriety.closing_delay_min)
    return list(nights(opening, town.sobriety.holidays, delay, last - timedelta(days=120), last))


def _kind(asset: Asset, report: Report | None) -> Kind:
    """Give the kind of a computer: that of the inventory, else that of its chassis."""
    if kind := _KINDS.get(asset["variant"] or ""):
        return kind
    if report and report.system.family == "macos":
        return "mac"
    return _KINDS.get((report.chassis or "") if report else "", "fixed")


def _sleeps(report: Report | None) -> bool | None:
    seconds = report.power.sleep_ac_s if report and report.power else None
    return None if seconds is None else 0 < seconds < SLEEP_BELOW_S


def _stops(report: Report | None) -> bool | None:
    """Check that the shutdown task is there, and did not fail last."""
    if report is None or report.shutdown is None:
        return None
    task = report.shutdown
    return task.task_present and (task.last_result is None or task.last_result in DONE)


def _mismatch(asset: Asset, report: Report | None) -> str:
    if report and report.serial and asset["serial"] and report.serial.casefold() != asset["serial"].casefold():
        return f"numéro de série {report.serial}, {asset['serial']} à l’inventaire"
    return ""


def by[T](rows: Sequence[T], key: str) -> dict[str, list[T]]:
    """Group rows by the value of an attribute, in order."""
    groups: dict[str, list[T]] = defaultdict(list)
    for row in rows:
        groups[str(getattr(row, key))].append(row)
    return {name: groups[name] for name in sorted(groups, key=str.casefold)}
