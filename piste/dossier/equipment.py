"""Tables of the equipment of a site: devices, inventory, racks, power supplies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from piste.dossier import notation
from piste.dossier.blocks import Cell, Column, Table, optional, required
from piste.model.devices import Device
from piste.model.equipment import Item
from piste.model.premises import Rack, Ups


class DeviceLine(Item):
    name: str
    kind: str
    model: str
    serial: str | None
    address: str
    rack: str | None
    unit: int | None


class NexusLine(TypedDict):
    name: str
    address: str
    vlans: list[int]
    vpc_domain: int | None
    status: str | None


def device_line(device: Device, place: tuple[str | None, int | None]) -> DeviceLine:
    """Give the line of a device; `place` is its rack and its unit there."""
    rack, unit = place
    whole: dict[str, Any] = {**device, "serial": device["serial"] or None, "rack": rack, "unit": unit}
    line: Any = {name: whole[name] for name in DeviceLine.__annotations__}
    return line  # type: ignore[no-any-return]


def devices_table(key: str, caption: str, devices: list[DeviceLine], *, racked: bool) -> Table:
    """Table of devices; `racked` adds their rack and their unit."""
    place: list[tuple[Column, Callable[[DeviceLine], object]]] = [
        (Column("rack", "Baie"), lambda device: device["rack"]),
        (Column("unit", "Rang"), lambda device: device["unit"]),
    ]
    return Table.of(
        key, caption, devices, lambda device: device["name"],
        (Column("name", "Nom"), lambda device: device["name"]),
        (Column("model", "Modèle", 1), lambda device: device["model"]),
        (Column("serial", "Numéro de série", code=True), lambda device: device["serial"]),
        (Column("address", "Adresse", code=True), lambda device: device["address"]),
        *(place if racked else ()),
        status=lambda device: device["status"],
        required=True,
    )


def nexus_table(switches: Sequence[NexusLine]) -> Table:
    """Table of the Nexus switches of a site."""
    return Table.of(
        "nexus", "Nexus : lus et jugés, jamais écrits", switches, lambda switch: switch["name"],
        (Column("name", "Nom"), lambda switch: switch["name"]),
        (Column("address", "Adresse", code=True), lambda switch: switch["address"]),
        (Column("vlans", "VLAN portés", 2, code=True), lambda switch: ", ".join(map(str, switch["vlans"]))),
        (Column("vpc", "Domaine vPC"), lambda switch: optional(switch["vpc_domain"])),
        status=lambda switch: switch["status"],
        required=True,
    )


def racks_table(racks: list[Rack], supplies: list[Ups]) -> Table:
    """Table of racks, each with its power supplies."""
    return Table.of(
        "racks", "Baies du site", racks, lambda rack: rack["name"],
        (Column("name", "Baie"), lambda rack: rack["name"]),
        (Column("room", "Local", 2), lambda rack: rack["room"]),
        (Column("access", "Accès", 2), lambda rack: rack["access"]),
        (Column("units", "Hauteur"), lambda rack: _measure(rack["units"], "U")),
        (Column("ups", "Onduleur", 2), lambda rack: _supplies(rack, supplies)),
        status=lambda rack: rack["status"],
        required=True,
    )


def _supplies(rack: Rack, supplies: list[Ups]) -> Cell:
    """Name the supplies of a rack, or the day of the next; only a critical rack must have it."""
    names = ", ".join(ups["name"] for ups in supplies if ups["rack"] == rack["name"])
    if not names and rack["ups_planned"]:
        names = f"prévu le {notation.day(rack['ups_planned'])}"
    return required(names) if rack["critical"] else optional(names)


def ups_table(supplies: list[Ups]) -> Table:
    """Table of power supplies."""
    return Table.of(
        "ups", "Onduleurs du site", supplies, lambda ups: ups["name"],
        (Column("name", "Onduleur"), lambda ups: ups["name"]),
        (Column("model", "Modèle", 1), lambda ups: ups["model"]),
        (Column("serial", "Numéro de série", code=True), lambda ups: ups["serial"]),
        (Column("address", "Adresse", code=True), lambda ups: ups["address"]),
        (Column("power", "Puissance"), lambda ups: _measure(ups["power_va"], "VA")),
        (Column("battery", "Batterie jusqu'au"), lambda ups: _day(ups["battery_until"])),
        status=lambda ups: ups["status"],
        empty="Aucun onduleur déclaré.",
    )


def items_table(items: Sequence[DeviceLine | Ups]) -> Table:
    """Inventory fields of each item, beside its number and its place (CCTP 3.4.1)."""
    return Table.of(
        "items", "Affectation, statut, garantie et fin de vie", items, lambda item: item["name"],
        (Column("name", "Équipement"), lambda item: item["name"]),
        (Column("assigned_to", "Affectation", 2), lambda item: item["assigned_to"]),
        (Column("state", "Statut", 1), lambda item: notation.ITEM_STATE[item["state"]]),
        (Column("warranty_until", "Garantie jusqu'au"), lambda item: _day(item["warranty_until"])),
        (Column("end_of_life", "Fin de vie"), lambda item: _day(item["end_of_life"])),
        status=lambda item: item["status"],
    )


def _measure(value: int | None, unit: str) -> str | None:
    return notation.measure(value, unit) if value else None


def _day(text: str | None) -> str | None:
    return notation.day(text) if text else None
