"""Link aggregations of a network, known by their ports: the system gives them no name.

Source: Dashboard API, `createNetworkSwitchLinkAggregation`, `updateNetworkSwitchLinkAggregation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Ambiguous
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Vault
from piste.engine.converge.values import Misfit
from piste.systems.meraki.collection import Collection, in_list
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.driver import retry_fresh
from piste.systems.meraki.neighbours import facing

LEAST, MOST = 2, 8
"""Ports of an aggregation."""
_PORT = re.compile(r"[0-9A-Z-]+/\w+")


def ports_of(value: str) -> list[str]:
    """List the ports of a key, `QZZZ-0000-0001/49+QZZZ-0000-0002/49`."""
    return [part for part in re.split(r"[+,\s]+", value.upper()) if part]


def spelt(value: str) -> str:
    """Spell the ports of an aggregation in their order. Raises ValueError."""
    ports = sorted(set(ports_of(value)), key=_counted)
    if not LEAST <= len(ports) <= MOST or not all(map(_PORT.fullmatch, ports)):
        raise ValueError(value)
    return "+".join(ports)


def _counted(port: str) -> tuple[str, int, str]:
    serial, _, number = port.partition("/")
    return serial, int(number) if number.isdecimal() else 0, number


LINK_AGGREGATIONS = Resource(
    system="meraki",
    name="link_aggregation",
    doc="Agrégation de liens",
    key=("ports",),
    parents={"network": ""},
    endpoint=in_list("/networks/{network_id}/switch/linkAggregations"),
    known=frozenset({"id", "switchPorts", "switchProfilePorts"}),
    fields=(
        Field(
            "ports",
            "Its ports, C(SERIAL/PORT), joined by C(+): 2 to 8, of one switch or one stack; its identity.",
            required=True,
            path_only=True,
            normalise=spelt,
        ),
    ),
)


class LinkAggregations(Collection):
    resource = LINK_AGGREGATIONS
    rests = (("meraki.aggregation", ""),)

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        super().__init__(dashboard, vault, owner, network)
        self._going: set[str] = set()
        """The aggregations that the task wants gone."""

    def asked_absent(self, names: Iterable[str]) -> list[str]:
        names = super().asked_absent(names)
        self._going = {*names}
        return names

    @classmethod
    def documents(cls, dashboard: Dashboard, network_id: str) -> Sequence[Mapping[str, Any]]:
        """List the aggregations of a network, with the text that names the ports of each."""
        documents = [dict(known) for known in super().documents(dashboard, network_id)]
        for known in documents:
            ports = [f"{text(port['serial'])}/{text(port['portId'])}" for port in listed(known["switchPorts"])]
            if not (ports or known.get("switchProfilePorts")):
                raise Misfit("les ports d’une agrégation, qui la nomment, sont attendus")
            known["ports"] = "+".join(sorted(ports, key=_counted))
        return documents

    def traced(self, desired: Sequence[Item], live: Mapping[str, Item]) -> Mapping[str, str]:
        """Find the aggregation that a desired one widens or narrows: it has some of its ports."""
        wanted = {self.resource.key_of(item) for item in desired}
        traced: dict[str, str] = {}
        for key in sorted(wanted - live.keys()):
            others = [other for other in live if other not in wanted | self._going]
            near = [other for other in others if {*ports_of(other)} & {*ports_of(key)}]
            if len(near) > 1:
                raise Ambiguous(
                    f"les ports {key} sont aujourd’hui dans {len(near)} agrégations : {', '.join(near)}",
                    where=self.scope,
                    todo="Retirez d’abord celles qui ne restent pas (absent).",
                )
            if near:
                traced[key] = near[0]
        return traced

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Put what goes first: a port is in one aggregation at most."""
        return sorted(operations, key=lambda operation: operation.action != "delete")

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Ask for a word where an aggregation of a live uplink comes, changes or goes.

        A link with an aggregation at one end alone may pass nothing.
        """
        live = {device["serial"] for device in self.dashboard.devices() if device.get("networkId") == self.network_id}
        changed = [
            (operation.key, port)
            for operation in operations
            for port in dict.fromkeys([*ports_of(operation.place), *ports_of(operation.key)])
            if port.partition("/")[0] in live and self.exists
        ]
        concerned = sorted({port for _, port in changed})
        faced = retry_fresh(self, lambda: facing(self.dashboard, concerned)) if concerned and not self.fresh() else {}
        return {
            f"{word}:{key}": f"{port} {why}"
            for key, port in changed
            for word, why in [faced.get(port, ("", ""))]
            if word
        }

    def created(self, operation: Operation) -> dict[str, Any]:
        return {"switchPorts": _wire(operation.key)}

    def body(self, operation: Operation) -> dict[str, Any]:
        return {"switchPorts": _wire(operation.key)}


def _wire(key: str) -> list[dict[str, str]]:
    return [dict(zip(("serial", "portId"), port.split("/", 1), strict=True)) for port in ports_of(key)]
