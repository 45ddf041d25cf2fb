"""Switches and stacks that carry routed interfaces: their places and models.

Source: Dashboard API, the layer 3 operations of a switch and of a stack, which differ by their path alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from piste.engine.converge.errors import Ambiguous, Missing
from piste.engine.converge.resource import Field
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.switch_stacks import SwitchStacks
from piste.town.model.routing.models import IOS_XE, Limits, least, limits

ALONE = "/devices/{serial}/switch/routing"
STACKED = "/networks/{network_id}/switch/stacks/{stack_id}/routing"
NO_ROUTING = ("MS120", "MS220")
"""Beginnings of the models that are not even asked what they route [belief meraki.no_routing]."""
MODELS = Field(
    "models",
    "Models that route and that Piste does not know, each with its C(interfaces) and C(static_routes) at most, and "
    "whether it has a C(dhcp_server).",
    type="dict",
)
SERIAL = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}")


@dataclass(frozen=True, slots=True)
class Carrier:
    """A switch or a stack; `ids` are those of its paths, none while it is only planned.

    `models` has that of each member, empty where nothing says it; `declared` the limits of models that people gave.
    """

    network: str
    name: str
    ids: Mapping[str, str] = field(hash=False)
    serials: tuple[str, ...]
    models: tuple[str, ...]
    declared: Mapping[str, Limits] = field(hash=False, compare=False)

    @property
    def key(self) -> str:
        return f"{self.network}/{self.name}"

    @property
    def exists(self) -> bool:
        return bool(self.ids)

    @property
    def cannot_route(self) -> tuple[str, ...]:
        """Models that nobody knows to route."""
        return tuple(sorted({model for model in self.models if model and limits(model, self.declared) is None}))

    @property
    def never_asked(self) -> bool:
        return any(model.startswith(NO_ROUTING) for model in self.models)

    @property
    def room(self) -> Limits | None:
        """Limits of its models; None where nothing says them."""
        known = [limit for model in self.models if (limit := limits(model, self.declared))]
        return least(known) if known else None

    @property
    def names_its_uplink(self) -> bool:
        """True where the interface of the default gateway must say that it is the uplink."""
        return any(model.startswith(IOS_XE) for model in self.models)


def spelt(name: str) -> str:
    """Spell a carrier as the system does: a serial number is in capitals."""
    return name.upper() if SERIAL.fullmatch(name.upper()) else name


def path_for(template: str, ids: Mapping[str, Any]) -> str:
    """Give the template of the stack's path where the carrier is a stack."""
    return template.replace(ALONE, STACKED, 1) if "stack_id" in ids else template


class Carriers:
    """The carriers of the organization, by name; the run's lists are read where needed."""

    def __init__(self, dashboard: Dashboard, declared: Mapping[str, Limits] | None = None) -> None:
        self._dashboard, self._declared = dashboard, declared or {}
        self._known: dict[tuple[str, str], Carrier | None] = {}

    def named(self, network: str, name: str) -> Carrier | None:
        """Find a carrier, live or planned by check mode; None where there is none."""
        if (network, name) not in self._known:
            self._known[network, name] = self._find(network, name)
        return self._known[network, name]

    def in_network(self, network: Mapping[str, Any]) -> Iterator[Carrier]:
        """List what may route in a network: its stacks, and its switches that are in none."""
        if "switch" not in network.get("productTypes", ("switch",)):
            return
        stacks = SwitchStacks.documents(self._dashboard, network["id"])
        for stack in stacks:
            yield self._stack(network, stack)
        stacked = {serial for stack in stacks for serial in stack["members"]}
        for serial in sorted(set(self._switches(network["id"])) - stacked):
            carrier = self._switch(network, serial)
            if not carrier.never_asked:
                yield carrier

    def stacked(self, carrier: Carrier) -> bool:
        """True for a switch that is a member of a stack, which routes for it."""
        if "serial" not in carrier.ids:
            return False
        stacks = SwitchStacks.documents(self._dashboard, self._dashboard.network(carrier.network)["id"])
        return any(carrier.name in stack["members"] for stack in stacks)

    def everywhere(self) -> Iterator[Carrier]:
        for network in sorted(self._dashboard.networks(), key=lambda network: str(network["name"])):
            yield from self.in_network(network)

    def _find(self, network: str, name: str) -> Carrier | None:
        try:
            place = self._dashboard.network(network)
        except Missing:
            return None
        if SERIAL.fullmatch(name):
            if place["id"] and name in self._switches(place["id"]):
                return self._switch(place, name)
            planned = self._dashboard.planned_in("device", network, name)
            return self._carrier(network, name, {}, name) if planned else None
        stacks = SwitchStacks.documents(self._dashboard, place["id"]) if place["id"] else []
        matches = [stack for stack in stacks if stack["name"] == name]
        if len(matches) > 1:
            raise Ambiguous(
                f"{len(matches)} piles s’appellent « {name} »",
                where=network,
                todo="Renommez-en une dans le Dashboard : le nom est l’identité d’une pile.",
            )
        if matches:
            return self._stack(place, matches[0])
        planned = self._dashboard.planned(SwitchStacks.resource.name).get(network, {}).get(name)
        if planned is None:
            return None
        if planned["id"]:  # it only gets its name
            return self._stack(place, {**planned, "name": name})
        return self._carrier(network, name, {}, *planned["members"])

    def _switch(self, network: Mapping[str, Any], serial: str) -> Carrier:
        return self._carrier(network["name"], serial, {"serial": serial}, serial)

    def _stack(self, network: Mapping[str, Any], stack: Mapping[str, Any]) -> Carrier:
        ids = {"network_id": network["id"], "stack_id": stack["id"]}
        return self._carrier(network["name"], stack["name"], ids, *stack["members"])

    def _carrier(self, network: str, name: str, ids: Mapping[str, str], *serials: str) -> Carrier:
        return Carrier(network, name, ids, serials, self._models(*serials), self._declared)

    def _switches(self, network_id: str) -> list[str]:
        return [
            device["serial"]
            for device in self._dashboard.devices()
            if device.get("networkId") == network_id and device.get("productType") == "switch"
        ]

    def _models(self, *serials: str) -> tuple[str, ...]:
        """Models of switches; a switch that check mode has planned is in the inventory at most."""
        models = {device["serial"]: str(device.get("model") or "") for device in self._dashboard.devices()}
        if not models.keys() >= {*serials}:
            models |= {device["serial"]: str(device.get("model") or "") for device in self._dashboard.inventory()}
        return tuple(models.get(serial, "") for serial in serials)
