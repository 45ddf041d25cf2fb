"""The plan of supplies: critical racks, what to replace and when (CCTP 3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Section, Table, optional, required
from piste.papers.dossier.subject import Commune


class Supplied(TypedDict):
    """A rack: its supply and the ends of battery and supply, or the day planned for a supply."""

    site: str
    rack: str
    critical: bool
    ups: str | None
    battery_until: str | None
    end_of_life: str | None
    runtime_minutes: int | None
    planned: str | None
    status: str | None


class SupplyPlan(TypedDict):
    racks: list[Supplied]


def supply_plan(subject: Commune) -> SupplyPlan:
    """Give the racks that have a supply or need it, the first to replace first."""
    racks: list[Supplied] = []
    for name, site in subject.town.sites.items():
        if site["lifecycle"] not in ("open", "closing"):
            continue
        by_rack = {ups["rack"]: ups for ups in site["premises"]["ups"]}
        for rack in site["premises"]["racks"]:
            ups = by_rack.get(rack["name"])
            if ups or rack["critical"] or rack["ups_planned"]:
                racks.append(
                    Supplied(
                        site=name,
                        rack=rack["name"],
                        critical=rack["critical"],
                        ups=ups["name"] if ups else None,
                        battery_until=ups["battery_until"] if ups else None,
                        end_of_life=ups["end_of_life"] if ups else None,
                        runtime_minutes=ups["runtime_minutes"] if ups else None,
                        planned=rack["ups_planned"],
                        status=ups["status"] if ups else rack["status"],
                    )
                )
    return SupplyPlan(racks=sorted(racks, key=_first))


def _first(rack: Supplied) -> tuple[str, str, str]:
    ends = [day for day in (rack["battery_until"], rack["end_of_life"], rack["planned"]) if day]
    return min(ends, default="9999-12-31"), rack["site"], rack["rack"]


def sections(data: SupplyPlan, subject: Commune) -> Iterator[Section]:
    """Print the plan."""
    yield Section("racks", "Ce qui se remplace, dans l’ordre", [_table(data, subject)])


def _table(data: SupplyPlan, subject: Commune) -> Table:
    return Table.of(
        "racks", "Une baie critique a un onduleur, ou le jour où elle en aura un", data["racks"],
        lambda rack: f"{rack['site']}/{rack['rack']}",
        (Column("rack", "Baie", 2), lambda rack: f"{subject.town.sites[rack['site']]['name']}, {rack['rack']}"),
        (Column("ups", "Onduleur", 2), _supply),
        (Column("battery_until", "Batterie jusqu’au", 1), lambda rack: _day(rack, rack["battery_until"])),
        (Column("end_of_life", "Fin de vie", 1), lambda rack: _day(rack, rack["end_of_life"])),
        (Column("runtime", "Autonomie", 1), _runtime),
        status=lambda rack: rack["status"],
        required=True,
    )  # fmt: skip


def _supply(rack: Supplied) -> Cell:
    planned = rack["planned"]
    said = rack["ups"] or (f"prévu le {notation.day(planned)}" if planned else None)
    return required(said) if rack["critical"] else optional(said)


def _day(rack: Supplied, day: str | None) -> Cell:
    """Write an end, which a supply that is there must have."""
    said = notation.day(day) if day else None
    return required(said) if rack["ups"] else optional(said)


def _runtime(rack: Supplied) -> Cell:
    return optional(f"{rack['runtime_minutes']} min" if rack["runtime_minutes"] else None)
