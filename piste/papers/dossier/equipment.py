"""Tables of the equipment of a site: devices, inventory, racks, power supplies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Table, optional, required
from piste.town.model.assets.classes import CLASSES, STATES
from piste.town.model.assets.derived import Asset
from piste.town.model.devices import Device
from piste.town.model.equipment import Item
from piste.town.model.premises import Rack, Ups
from piste.town.model.rack_checks import LOCKS, RackChecked


class DeviceLine(Item):
    name: str
    kind: str
    model: str
    serial: str | None
    address: str
    covers: str | None
    rack: str | None
    unit: int | None


class AssetLine(TypedDict):
    name: str
    kind: str
    serial: str | None
    assigned_to: str | None
    state: str
    warranty_until: str | None
    end_of_life: str | None
    status: str | None


class ParkLine(TypedDict):
    """The assets of a class or variant: all that did not leave, and those in service."""

    kind: str
    variant: str | None
    count: int
    in_service: int


_COUNTED = ("computer", "phone", "mobile", "interactive_board")
"""Classes that a site has many of: its sheet counts them, the inventory names them."""
_ORDER = [*CLASSES]


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
        key,
        caption,
        devices,
        lambda device: device["name"],
        (Column("name", "Nom"), lambda device: device["name"]),
        (Column("model", "Modèle", 1), lambda device: device["model"]),
        (Column("serial", "Numéro de série", code=True), lambda device: device["serial"]),
        (Column("address", "Adresse", code=True), lambda device: device["address"]),
        *(place if racked else [(Column("covers", "Couvre", 2), lambda device: optional(device["covers"]))]),
        status=lambda device: device["status"],
        required=True,
    )


def nexus_table(switches: Sequence[NexusLine]) -> Table:
    """Table of the Nexus switches of a site."""
    return Table.of(
        "nexus",
        "Nexus : lus et jugés, jamais écrits",
        switches,
        lambda switch: switch["name"],
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
        "racks",
        "Baies du site",
        racks,
        lambda rack: rack["name"],
        (Column("name", "Baie"), lambda rack: rack["name"]),
        (Column("room", "Local", 2), lambda rack: rack["room"]),
        (Column("access", "Accès", 2), _opened),
        (Column("units", "Hauteur"), lambda rack: _measure(rack["units"], "U")),
        (Column("ups", "Onduleur", 2), lambda rack: _supplies(rack, supplies)),
        status=lambda rack: rack["status"],
        required=True,
    )


def rack_checks_table(racks: list[Rack]) -> Table:
    """Table of the checks of racks, each with its last day and the day of the next."""
    return Table.of(
        "rack_checks",
        "Contrôles des baies",
        [(rack["name"], check) for rack in racks for check in rack["checks"]],
        lambda row: f"{row[0]}/{row[1]['id']}",
        (Column("rack", "Baie"), lambda row: row[0]),
        (Column("step", "Contrôle", code=True), lambda row: row[1]["id"]),
        (Column("what", "Ce qui se regarde", 3), lambda row: row[1]["what"]),
        (Column("who", "Qui"), lambda row: row[1]["who"]),
        (Column("done", "Fait le"), lambda row: optional(_done(row[1]))),
        (Column("due", "À refaire avant le"), lambda row: optional(_day(row[1]["due"]))),
        empty="Aucun contrôle déclaré (rack_checks).",
    )


def _done(check: RackChecked) -> str:
    day = _day(check["done"])
    return f"{day}, {check['reference']}" if day else "jamais inscrit"


def _day(day: str | None) -> str | None:
    return notation.day(day) if day else None


def _opened(rack: Rack) -> Cell:
    """Write how a rack is opened, and the roles that hold what opens it."""
    opener = f"{LOCKS[rack['lock']]} : {', '.join(rack['holders'])}" if rack["lock"] and rack["holders"] else None
    said = " ; ".join(filter(None, (rack["access"], opener)))
    return required(said if opener or not rack["critical"] else None)


def _supplies(rack: Rack, supplies: list[Ups]) -> Cell:
    """Name the supplies of a rack, or the day of the next; only a critical rack must have it."""
    names = ", ".join(ups["name"] for ups in supplies if ups["rack"] == rack["name"])
    if not names and rack["ups_planned"]:
        names = f"prévu le {notation.day(rack['ups_planned'])}"
    return required(names) if rack["critical"] else optional(names)


def ups_table(supplies: list[Ups], today: str) -> Table:
    """Table of power supplies; a battery whose day is before `today` is over."""
    return Table.of(
        "ups",
        "Onduleurs du site",
        supplies,
        lambda ups: ups["name"],
        (Column("name", "Onduleur"), lambda ups: ups["name"]),
        (Column("model", "Modèle", 1), lambda ups: ups["model"]),
        (Column("serial", "Numéro de série", code=True), lambda ups: ups["serial"]),
        (Column("address", "Adresse", code=True), lambda ups: ups["address"]),
        (Column("power", "Puissance"), lambda ups: _measure(ups["power_va"], "VA")),
        (Column("battery", "Batterie jusqu’au"), lambda ups: _end(ups["battery_until"], today)),
        status=lambda ups: ups["status"],
        empty="Aucun onduleur déclaré.",
    )


def asset_lines(assets: Iterable[Asset]) -> list[AssetLine]:
    """Give the lines of the assets that a site knows by name, in the order of the classes."""
    named = [asset for asset in assets if asset["kind"] not in _COUNTED and asset["state"] != "retired"]
    named.sort(key=lambda asset: (_ORDER.index(asset["kind"]), asset["name"]))
    return [{name: asset[name] for name in AssetLine.__annotations__} for asset in named]  # type: ignore[literal-required, misc]


def park_lines(assets: Iterable[Asset]) -> list[ParkLine]:
    """Count the assets of a site by class and variant."""
    there = [asset for asset in assets if asset["state"] != "retired"]
    counts = Counter((asset["kind"], asset["variant"]) for asset in there)
    used = Counter((asset["kind"], asset["variant"]) for asset in there if asset["state"] == "in_service")
    return [
        ParkLine(kind=kind, variant=variant, count=counts[kind, variant], in_service=used[kind, variant])
        for kind, variant in sorted(counts, key=lambda key: (_ORDER.index(key[0]), key[1] or ""))
    ]


def items_table(assets: Sequence[AssetLine], today: str) -> Table:
    """Mandatory attributes of each asset, beside its place (CCTP 3.4.1).

    A day before `today` is over.
    """
    return Table.of(
        "items",
        "Numéro de série, affectation, statut, garantie et fin de vie",
        assets,
        lambda item: item["name"],
        (Column("name", "Équipement"), lambda item: item["name"]),
        (Column("serial", "Série", code=True), lambda item: item["serial"]),
        (Column("assigned_to", "Affectation", 2), lambda item: item["assigned_to"]),
        (Column("state", "Statut", 1), lambda item: STATES[item["state"]]),
        (Column("warranty_until", "Garantie"), lambda item: _end(item["warranty_until"], today)),
        (Column("end_of_life", "Fin de vie"), lambda item: _end(item["end_of_life"], today)),
        status=lambda item: item["status"],
    )


def park_table(park: Sequence[ParkLine]) -> Table:
    """Table of the counts of a site, by class."""
    return Table.of(
        "park",
        "Parc du site",
        park,
        _class,
        (Column("class", "Classe", 2), _class),
        (Column("count", "Nombre"), lambda line: str(line["count"])),
        (Column("in_service", "En service"), lambda line: str(line["in_service"])),
        empty="Aucun équipement déclaré.",
    )


def _class(line: ParkLine) -> str:
    entry = CLASSES[line["kind"]]
    return entry.variants.get(line["variant"] or "", entry.label)


def _measure(value: int | None, unit: str) -> str | None:
    return notation.measure(value, unit) if value else None


def _end(text: str | None, today: str) -> Cell:
    """Write the day when something ends, in so many words where it is over."""
    if text and text < today:
        return Cell(f"{notation.day(text)}, dépassée", "bad", required=True)
    return required(notation.day(text) if text else None)
