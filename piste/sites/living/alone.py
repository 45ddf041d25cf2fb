"""A reading of what lives, alone: the parts that it gave, and why not the others."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.converge.moments import ahead
from piste.plans.play import Order, Played, play
from piste.sites.living import kept
from piste.sites.living.kept import NEXUS_PORTS, PARTS, Kept
from piste.sites.living.seen import FILE, SYSTEMS, Reading, readings

if TYPE_CHECKING:
    from piste.model.derived import Derived

PLAYBOOK = "playbooks/living.yml"
_COUNTS: Mapping[str, Callable[[Mapping[str, Any]], int]] = {
    "ports": lambda values: sum(map(len, values.values())),
    "problems": lambda values: sum(values.values()),
}
"""How to count the parts whose names are not what counts."""


class PartRead(NamedTuple):
    """A part as it is kept now; `why` it was not read this time, empty where it was."""

    part: str
    label: str
    read_at: str | None
    number: int | None
    why: str


def order(town: Derived, environment: str, folder: Path) -> Order:
    """Make the order of the reading: lists of the whole town, into a folder."""
    hosted = town.commune is not None and town.commune["hosting"] is not None
    nexus = {"nexus_concerned": True} if _switches(town) else {}
    return Order(PLAYBOOK, environment, extra={"folder": str(folder), "hosting_concerned": hosted, **nexus})


def read(town: Derived, environment: str, said: Callable[[Order], None]) -> tuple[list[PartRead], list[str], Played]:
    """Read and keep; `said` hears of the order first.

    Return the parts, the words of the systems that this environment does not have, and the run.
    """
    with tempfile.TemporaryDirectory(prefix="piste-living-") as name:
        folder = Path(name)
        asked = order(town, environment, folder)
        said(asked)
        played = play(asked, check=False)
        known, whole = readings(folder, played), (folder / FILE).is_file()
        fresh = kept.add(environment, folder / FILE)
    switches = _switches(town)
    systems = [system for system in PARTS if system != "nexus" or switches]
    absent = [system for system in systems if whole and _absent(system, known[system], played)]
    parts = [*_parts(known, fresh, kept.last(environment), absent, switches)]
    return parts, [SYSTEMS[system] for system in absent], played


def _switches(town: Derived) -> list[str]:
    """Name the declared Nexus."""
    return [switch["name"] for switch in town.commune["nexus"]["switches"]] if town.commune else []


def _absent(system: str, reading: Reading, played: Played) -> bool:
    """Tell whether nobody asked a system: its part is empty, and nothing went wrong."""
    return not reading.parts and not any(f"({SYSTEMS[system]})" in trouble.task for trouble in played.troubles)


def _parts(
    known: Mapping[str, Reading], fresh: Kept, every: Kept, absent: list[str], switches: list[str]
) -> Iterator[PartRead]:
    now, before = dict(kept.each(fresh)), dict(kept.each(every))
    for system, parts in PARTS.items():
        for part in parts if system not in absent else ():
            for name in kept.names(part, switches):
                there = before.get(name)
                number = None if there is None else _COUNTS.get(part, len)(there["values"])
                read_at = None if there is None else there["read_at"].isoformat()
                why = "" if name in now else _why(known[system], name, read_at)
                yield PartRead(name, kept.label(name), read_at, number, why)


def _why(reading: Reading, name: str, kept_at: str | None) -> str:
    part, _, switch = name.partition("/")
    if why := reading.unread(f"{switch}/ports", switch) if part == NEXUS_PORTS else reading.unread(part):
        return why
    if reading.read_at and ahead(reading.read_at):
        return f"daté de l’avenir ({reading.read_at}) : l’horloge de ce poste ou celle du système n’est pas à l’heure"
    if reading.read_at and kept_at and ahead(kept_at, datetime.fromisoformat(reading.read_at)):
        return f"daté d’avant ({reading.read_at}) : l’horloge du système retarde, ou un autre relevé vient de finir"
    return "ce qui a été lu ne se comprend pas"
