"""The equipment of a site as documents tell it: its devices, what the inventory wants of each, racks and supplies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from piste.dossier import french
from piste.dossier.blocks import Column, Row, Table, filled, optional, required
from piste.model.site import Device
from piste.model.site_premises import Item, Rack, Ups


class DeviceLine(Item):
    name: str
    kind: str
    model: str
    serial: str | None
    address: str
    rack: str | None
    unit: int | None


def device_line(device: Device, place: tuple[str | None, int | None]) -> DeviceLine:
    """A device as it is told; `place` is its rack and its unit there."""
    rack, unit = place
    whole: dict[str, Any] = {**device, "serial": device["serial"] or None, "rack": rack, "unit": unit}
    kept: Any = {name: whole[name] for name in DeviceLine.__annotations__}
    return kept  # type: ignore[no-any-return]


def devices_table(key: str, caption: str, devices: list[DeviceLine], *, racked: bool) -> Table:
    columns = [
        Column("name", "Nom"),
        Column("model", "Modèle", 1),
        Column("serial", "Numéro de série", code=True),
        Column("address", "Adresse", code=True),
        *([Column("rack", "Baie"), Column("unit", "Rang")] if racked else []),
    ]
    rows = [
        Row(
            one["name"],
            [
                required(one["name"]),
                required(one["model"]),
                required(one["serial"]),
                required(one["address"]),
                *([required(one["rack"]), required(one["unit"])] if racked else []),
            ],
            one["status"],
        )
        for one in devices
    ]
    return Table(key, caption, columns, rows, required=True)


def racks_table(racks: list[Rack], supplies: list[Ups]) -> Table:
    columns = [
        Column("name", "Baie"),
        Column("room", "Local", 2),
        Column("access", "Accès", 2),
        Column("units", "Hauteur"),
        Column("ups", "Onduleur", 2),
    ]
    rows = [
        Row(
            one["name"],
            [
                required(one["name"]),
                required(one["room"]),
                required(one["access"]),
                required(french.measure(one["units"], "U") if one["units"] else None),
                _supplied(one, supplies),
            ],
            one["status"],
        )
        for one in racks
    ]
    return Table("racks", "Baies du site", columns, rows, required=True)


def _supplied(rack: Rack, supplies: list[Ups]) -> Any:
    """A critical rack has a supply, or the day of one; the others may do without."""
    told = ", ".join(ups["name"] for ups in supplies if ups["rack"] == rack["name"])
    if not told and rack["ups_planned"]:
        told = f"prévu le {french.day(rack['ups_planned'])}"
    return required(told) if rack["critical"] else optional(told)


def ups_table(supplies: list[Ups]) -> Table:
    columns = [
        Column("name", "Onduleur"),
        Column("model", "Modèle", 1),
        Column("serial", "Numéro de série", code=True),
        Column("address", "Adresse", code=True),
        Column("power", "Puissance"),
        Column("battery", "Batterie jusqu'au"),
    ]
    rows = [
        filled(
            one["name"],
            [
                one["name"],
                one["model"],
                one["serial"],
                one["address"],
                french.measure(one["power_va"], "VA") if one["power_va"] else None,
                french.day(one["battery_until"]) if one["battery_until"] else None,
            ],
            one["status"],
        )
        for one in supplies
    ]
    return Table("ups", "Onduleurs du site", columns, rows, "Aucun onduleur déclaré.")


def items_table(items: Sequence[DeviceLine | Ups]) -> Table:
    """What the inventory must tell of each thing beside its number and its place (CCTP 3.4.1)."""
    columns = [
        Column("name", "Équipement"),
        Column("assigned_to", "Affectation", 2),
        Column("state", "Statut", 1),
        Column("warranty_until", "Garantie jusqu'au"),
        Column("end_of_life", "Fin de vie"),
    ]
    rows = [
        filled(
            one["name"],
            [
                one["name"],
                one["assigned_to"],
                french.ITEM_STATE[one["state"]],
                french.day(one["warranty_until"]) if one["warranty_until"] else None,
                french.day(one["end_of_life"]) if one["end_of_life"] else None,
            ],
            one["status"],
        )
        for one in items
    ]
    return Table("items", "Affectation, statut, garantie et fin de vie", columns, rows)
