"""The items of the inventory in the declaration, and their mandatory attributes (F9).

A printer is declared as a queue, an engine of the firewall not at all: they are items of GLPI (`ABSENT`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, get_args

from piste.model import Town
from piste.model.hosting.derived import HostingMachine
from piste.model.placeholder import is_empty, is_placeholder

MANDATORY: Mapping[str, str] = {
    "serial": "numéro de série",
    "site": "localisation",
    "assigned_to": "affectation",
    "warranty_until": "garantie",
    "state": "statut",
    "end_of_life": "fin de vie prévisionnelle",
}
"""Mandatory attributes of an item of the inventory (CCTP 3.4.1), by the name of the column."""
VIRTUAL = ("site", "assigned_to", "state")
"""Mandatory attributes of a virtual machine: it has no maker, and ends when it is removed."""
CLASSES: Mapping[str, tuple[str, ...]] = {
    "switch": tuple(MANDATORY),
    "access_point": tuple(MANDATORY),
    "ups": tuple(MANDATORY),
    "server": tuple(MANDATORY),
    "virtual_machine": VIRTUAL,
}
"""Mandatory attributes by class of items."""
ABSENT: Mapping[str, str] = {
    "computer": "postes fixes, portables, clients légers",
    "mobile": "tablettes, téléphones mobiles",
    "phone": "téléphones fixes",
    "printer": "imprimantes et copieurs",
    "interactive_board": "tableaux blancs interactifs",
    "firewall": "pare-feu",
    "core": "cœur de réseau hors Meraki",
    "license": "licences",
    "certificate": "certificats",
    "application": "applications métiers",
}
"""Classes of the inventory without an item in the declaration: they are not counted."""
Filling = Literal["filled", "to_confirm", "placeholder", "empty"]
FILLINGS: tuple[Filling, ...] = get_args(Filling)


class Item(NamedTuple):
    """An item: its class, its columns by name, and its `model`, which gives the dates left out."""

    kind: str
    columns: Mapping[str, Any]
    model: Mapping[str, Any] | None = None

    @property
    def mandatory(self) -> tuple[str, ...]:
        return CLASSES[self.kind]

    def filling(self, attribute: str) -> Filling:
        """Classify an attribute: an example, whatever its value, is not filled."""
        value = self.columns.get(attribute)
        if is_empty(value):
            return "empty"
        if is_placeholder(value):
            return "placeholder"
        same = self.model is not None and attribute in _OF_MODEL and self.model.get(attribute) == value
        doubted = self.columns.get("status") == "to_confirm" or (
            same and (self.model or {}).get("status") == "to_confirm"
        )
        return "to_confirm" if doubted else "filled"


_OF_MODEL = ("warranty_until", "end_of_life")


def items(town: Town) -> Iterator[Item]:
    """List every item, also those on their way, and the devices of a closed site until reused."""
    elsewhere = {
        device["serial"]
        for site in town.sites.values()
        if site["lifecycle"] != "closed"
        for device in site["devices"]
    }
    for name, site in town.sites.items():
        for device in (*site["devices"], *site["awaited"]):
            if site["lifecycle"] == "closed" and device["serial"] in elsewhere:
                continue
            yield Item(device["kind"], {**device, "site": name}, town.hardware.get(device["model"]))
        for ups in site["premises"]["ups"]:
            yield Item("ups", {**ups, "site": name})
    hosting = town.commune["hosting"] if town.commune else None
    if hosting is not None:
        for node in hosting["nodes"]:
            yield Item("server", {**node, "site": hosting["site"]})
        for machine in hosting["machines"]:
            yield Item("virtual_machine", _machine(machine, hosting["site"]))


def _machine(machine: HostingMachine, site: str) -> Mapping[str, Any]:
    state = "stopped" if machine["power"] == "stopped" else "in_service"
    columns = {"site": site, "assigned_to": machine["owner"], "state": state, "model": machine["role"]}
    return {**columns, **{name: machine[name] for name in ("name", "address", "status")}}
