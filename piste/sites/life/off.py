"""The assets switched off, by the declaration, the history and the journal (CCTP 8.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from piste.papers.dossier import notation
from piste.papers.dossier.life.paper import Paper
from piste.papers.dossier.life.switched_off import Reason, SwitchedOff, SwitchedOffList
from piste.runs.records.record import Record
from piste.sites.life.papers import site_name
from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES
from piste.town.model.assets.derived import Asset
from piste.town.model.life.history import Event

PIVOTS = ("server", "cluster", "virtual_machine", "firewall", "core_switch", "switch")
"""Classes whose end lessens the work of keeping the town running: servers, and what the others hang on."""
_MACHINE = "vm"


class End(NamedTuple):
    """The end of a machine in the journal: the day, the run."""

    day: str
    run: str


def switched_off(town: Town, records: Iterable[Record]) -> Paper[SwitchedOffList]:
    """Gather the dated list of the assets switched off.

    `records` are those of the environment, newest first.
    """
    stops, removals = ends(records)
    decided = {event.asset: event for event in town.history if event.action in ("switch_off", "exit")}
    items = {item.asset: item for item in _items(town, decided, stops, removals)}
    ordered = sorted(items.values(), key=lambda item: (item.since or "9999", item.asset))
    return Paper(SwitchedOffList(items=ordered), "moins-value", town.name, "CCTP 8.4", town.name)


def ends(records: Iterable[Record]) -> tuple[dict[str, End], dict[str, End]]:
    """Give the last stop and the last removal of each machine, by its name.

    A machine that was started, or made anew, since has neither.
    """
    stops: dict[str, End] = {}
    removals: dict[str, End] = {}
    seen: set[str] = set()
    for record in records:
        # Within a run, the last operation counts.
        for task in reversed(record["tasks"]):
            for operation in reversed(task["operations"] if not task["check"] else []):
                name = operation["label"]
                power = (operation["content"]["after"] or {}).get("power")
                ended = operation["action"] == "delete"
                if operation["kind"] != _MACHINE or name in seen or not (ended or "power" in operation["fields"]):
                    continue
                seen.add(name)
                if ended:
                    removals[name] = End(record["ended"][:10], record["id"])
                elif power == "stopped":
                    stops[name] = End(record["ended"][:10], record["id"])
    return stops, removals


def _items(
    town: Town, decided: Mapping[str, Event], stops: Mapping[str, End], removals: Mapping[str, End]
) -> Iterator[SwitchedOff]:
    hosting = town.commune["hosting"] if town.commune else None
    machines = hosting["machines"] if hosting else []
    stopped = {machine["name"] for machine in machines if machine["power"] == "stopped"}
    assets = {asset["name"]: asset for asset in town.assets}
    for name, asset in assets.items():
        event = decided.get(name)
        if asset["state"] == "retired" and asset["kind"] in PIVOTS:
            yield _item(town, asset, "retired", event, None)
        elif name in stopped:
            yield _item(town, asset, "stopped", event, stops.get(name))
        elif event and event.action == "switch_off":
            # Only a machine says in the declaration whether it runs: the event alone says it of the others.
            yield _item(town, asset, "decided" if asset["kind"] == "virtual_machine" else "stopped", event, None)
    for name in [*removals, *(name for name, event in decided.items() if event.action == "switch_off")]:
        if name not in assets:
            event = decided.get(name)
            where = (hosting["site"] if hosting else "") if event is None else event.site or ""
            known = {"name": name, "kind": "virtual_machine", "serial": event.serial if event else None}
            yield _item(town, {**known, "site": where}, "removed", event, removals.get(name))


def _item(
    town: Town, asset: Asset | Mapping[str, str | None], reason: Reason, event: Event | None, end: End | None
) -> SwitchedOff:
    kind = str(asset["kind"])
    since, source = (end.day, f"journal, {end.run}") if end else (None, None)
    if event and since is None and reason != "decided":
        since, source = event.date, f"histoire, {event.label} du {notation.day(event.date)}"
    return SwitchedOff(
        asset=str(asset["name"]),
        kind=kind,
        label=CLASSES[kind].label,
        serial=asset["serial"],
        site=site_name(town, str(asset["site"])),
        reason=reason,
        since=since,
        since_source=source,
        decision=event.reference if event else None,
        role=event.role if event else None,
    )
