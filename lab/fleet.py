"""A simulated fleet: the computers of the inventory, and six strangers.

The rank of a computer gives its behaviour, so that the same day gives the same bytes. Files are those that the
collector writes, on the share where it writes them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from piste.town.model import Site, Town
from piste.town.model.hours import DAYS

Role = Literal["good", "blocked", "night", "woken", "unset", "sleeper", "silent", "old"]
ROLES: tuple[Role, ...] = (
    "silent", "old", "blocked", "blocked", "night", "night", "night", "woken", "unset", "unset", "sleeper",
    "good", "good", "good", "good", "good", "good", "good", "good", "good",
)  # fmt: skip
"""The behaviour of a computer, by its rank modulo twenty."""
SOBER: tuple[Role, ...] = ("silent", "good", "blocked", *("good",) * 17)
"""The same, once the town is sober."""
STRANGERS = 6
HISTORY = 35
"""Days of states in a file."""
STALE = 90
"""Age in days of the last file of an old computer."""
BLOCKER, TIMER = "Lecteur de diffusion", "Mise à jour nocturne"
MODELS = ("EliteDesk 800 G4", "OptiPlex 7010", "ThinkCentre M720q")
PROGRAMS = ("OneDrive", "Microsoft Teams", "Adobe Updater", "Java Update", "Skype", "iTunes Helper", "Agent antivirus")
UNREAD_BY_MACOS = ("shutdown", "states", "wakes", "armed", "sessions", "printers", "telemetry", "firmware_on",
                    "policies", "updates", "software")
"""Parts that the collector of macOS does not read."""
Step = tuple[int, str]
"""A minute of the day by the clock of the site, and the state from then on."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer of the fleet: its rank among those of the inventory, its behaviour."""

    name: str
    rank: int
    role: Role
    variant: str
    serial: str
    site: Site | None

    @property
    def laptop(self) -> bool:
        return self.variant == "laptop"

    @property
    def tired(self) -> bool:
        """True for a laptop whose battery is worn."""
        return self.laptop and self.rank % 2 == 0

    @property
    def unused(self) -> bool:
        """True where nobody opens a session."""
        return self.rank % 30 == 17

    @property
    def heavy(self) -> bool:
        """True where all the programs start by themselves; else two of them."""
        return self.rank % 3 == 0

    @property
    def local_printer(self) -> bool:
        return self.rank % 11 == 5


def fleet(town: Town, today: date, sober_from: date | None = None) -> list[Machine]:
    """List the computers of the fleet, those of the inventory by name, then the strangers."""
    roles = SOBER if sober_from is not None and sober_from <= today else ROLES
    assets = sorted(
        ((asset, site) for site in town.sites.values() for asset in site["assets"] if asset["kind"] == "computer"),
        key=lambda pair: pair[0]["name"],
    )
    said = any(asset["variant"] == "laptop" for asset, _ in assets)
    known = [
        Machine(
            asset["name"].upper(), rank, roles[rank % len(roles)],
            # An inventory without a laptop does not know them: one desktop of five is.
            "laptop" if not said and asset["variant"] == "desktop" and rank % 5 == 4 else asset["variant"] or "",
            asset["serial"] or "", site,
        )
        for rank, (asset, site) in enumerate(assets)
    ]  # fmt: skip
    extra = [
        Machine(f"PC-INCONNU-{number + 1:02d}", len(known) + number, "good", "desktop", f"INC{number + 1:04d}", None)
        for number in range(STRANGERS)
    ]
    return known + extra


def write(folder: Path, town: Town, today: date, sober_from: date | None = None) -> list[Machine]:
    """Write the files of the fleet, as computers did on the eve; the silent have none."""
    machines = fleet(town, today, sober_from)
    for machine in machines:
        path = folder / f"{machine.name}.json"
        if machine.role == "silent":
            path.unlink(missing_ok=True)
            continue
        document = report(machine, town.sobriety.holidays, today)
        path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")), "utf-8")
        moment = datetime.fromisoformat(document["taken_at"]).timestamp()
        os.utime(path, (moment, moment))
    return machines


def report(machine: Machine, holidays: Mapping[str, str], today: date) -> dict[str, Any]:
    """Make the document of a computer."""
    ago = STALE if machine.role == "old" else 1
    taken = datetime.combine(today - timedelta(days=ago), time(16, machine.rank % 60), UTC)
    unread = dict.fromkeys(UNREAD_BY_MACOS) if machine.variant == "mac" else {}
    thin, mac = machine.variant == "thin_client", machine.variant == "mac"
    family = "macos" if mac else "thin_client_os" if thin else "windows"
    return {
        "format": 1, "computer": machine.name, "serial": machine.serial, "taken_at": _text(taken), "collector": "1.1",
        "system": {"family": family, "version": "15.1" if mac else "10.0.19045"},
        "chassis": "thin_client" if thin else "laptop" if machine.laptop else "all_in_one" if mac else "desktop",
        "maker": "Apple" if mac else "Fabricant",
        "model": "iMac 24" if mac else "t540" if thin else _model(machine),
        "firmware_on": f"{2016 + machine.rank % 9}-03-01", "installed_on": None, "battery": _battery(machine),
        "power": {"sleep_ac_s": _sleep(machine), "wake_timers": None if mac else "on", "modern_standby": False},
        "shutdown": _shutdown(machine, taken), "states": list(_states(machine, holidays, taken)),
        "wakes": [{"source": "timer", "owner": TIMER, "times": HISTORY}] if machine.role == "woken" else [],
        "requests": _requests(machine),
        "armed": [{"kind": "task", "owner": TIMER}] if machine.role in ("woken", "good") else [],
        "startup": [
            {"name": name, "place": "run", "enabled": True, "scope": "machine"}
            for name in (PROGRAMS if machine.heavy else PROGRAMS[-2:])
        ],
        "sessions": {"since": _text(taken - timedelta(days=HISTORY)), "minutes": _sessions(machine)},
        "printers": [{"port": "usb", "driver": "Imprimante de bureau", "shared": False}] * machine.local_printer,
        "telemetry": {"level": 1 if machine.rank % 2 else 3},
        "policies": [] if machine.rank % 13 == 7 else ["Socle commun"], "encrypted": machine.rank % 9 != 4,
        "updates": _updates(machine, taken),
        "software": [{"name": "Suite bureautique", "version": "7.5.2" if machine.rank % 21 == 8 else "7.6.1"}],
        **unread,
    }  # fmt: skip


def _updates(machine: Machine, taken: datetime) -> dict[str, Any]:
    """Give the updates of a computer: some are behind, some fail, some await a restart."""
    behind = 70 if machine.rank % 17 == 3 else 6
    return {
        "searched": _text(taken - timedelta(hours=9)), "installed": _text(taken - timedelta(days=behind)),
        "pending": 4 if behind > 30 else 0, "failed": 2 if machine.rank % 19 == 5 else 0,
        "restart": machine.rank % 7 == 2,
    }  # fmt: skip


def _requests(machine: Machine) -> list[dict[str, Any]] | None:
    """Give what asks to stay awake; Windows does not say it."""
    if machine.variant != "mac":
        return None
    return [{"kind": "system", "owner": BLOCKER, "times": 1}] if machine.role in ("blocked", "night") else []


def _model(machine: Machine) -> str:
    return "EliteBook 840 G8" if machine.laptop else MODELS[machine.rank % len(MODELS)]


def _battery(machine: Machine) -> dict[str, int] | None:
    if not machine.laptop:
        return None
    return {"designed_mwh": 50_000, "full_mwh": 20_000 if machine.tired else 45_000, "cycles": 300}


def _sleep(machine: Machine) -> int:
    return {"night": 0, "unset": 1800}.get(machine.role, 600)


def _shutdown(machine: Machine, taken: datetime) -> dict[str, Any]:
    if machine.role in ("night", "unset", "sleeper"):
        return {"task_present": False}
    return {"task_present": True, "last_run": _text(taken - timedelta(days=1)), "last_result": 0}


def _sessions(machine: Machine) -> list[int]:
    """Give the minutes of five weeks: fifty in an hour of opening, sixty where nobody signs out."""
    if machine.unused:
        return [0] * 168
    hours = machine.site["opening_hours"] if machine.site else None
    if machine.role == "night" or hours is None:
        return [300] * 168
    first, last = int(hours["start"][:2]), int(hours["end"][:2])
    return [250 if DAYS[day] in hours["days"] and first <= hour < last else 0 for day in range(7) for hour in range(24)]


def _states(machine: Machine, holidays: Mapping[str, str], taken: datetime) -> Iterator[dict[str, str]]:
    """Yield the states of the days before the file was written, by the clock of the site."""
    zone = ZoneInfo(machine.site["timezone"]) if machine.site else ZoneInfo("UTC")
    first = (taken - timedelta(days=HISTORY)).date()
    steps: list[tuple[datetime, str]] = []
    for ahead in range(HISTORY + 2):
        day = first + timedelta(days=ahead)
        midnight = datetime.combine(day, time(), zone)
        for minute, state in _day(machine, day, holidays):
            at = (midnight + timedelta(minutes=minute)).astimezone(UTC)
            if at < taken and (not steps or steps[-1][1] != state):
                steps.append((at, state))
    ends = [at for at, _ in steps[1:]] + [taken]
    for (since, state), until in zip(steps, ends, strict=True):
        yield {"from": _text(since), "until": _text(until), "state": state}


def _day(machine: Machine, day: date, holidays: Mapping[str, str]) -> list[Step]:
    hours = machine.site["opening_hours"] if machine.site else None
    if machine.role in ("blocked", "night") or hours is None:
        return [(0, "on")]
    rest = "asleep" if machine.role in ("woken", "sleeper") else "off"
    night: list[Step] = [(0, rest), (3 * 60, "on"), (3 * 60 + 40, rest)] if machine.role == "woken" else [(0, rest)]
    if DAYS[day.weekday()] not in hours["days"] or day.isoformat() in holidays:
        return night
    start, end = (int(hours[at][:2]) * 60 + int(hours[at][3:]) for at in ("start", "end"))
    return [*night, (start, "on"), (12 * 60 + 15, "asleep"), (13 * 60 + 45, "on"), (end, rest)]


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
