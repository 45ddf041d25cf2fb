"""The routing tree of an engine: interface, network, gateway, destination.

Source: the vendor's library 1.0.34 (`smc/core/route.py`). The SMC derives the upper levels from the interfaces; people
put gateways under a network, and destinations under a gateway. A dynamic route, a netlink or a BGP peering is such a
node too: it has no plain address, or is of a kind of its own, and is left alone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from piste.engine.converge.reading import listed, mapped, text, truth
from piste.systems.forcepoint import references

NODES, SPOOFING = "routing_node", "antispoofing_node"
STATIC = ("router", "host")
"""Kinds of the elements that are gateways of static routes [read in vendor code]."""
ANY = "Any network"
"""Name of the node of the default route, which may come without an address [documented in vendor code]."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route: its destination, its gateway, the paths of both nodes.

    `shared` is true where the gateway also has destinations that are no plain network.
    """

    interface: str
    network: str
    destination: str
    gateway: str
    path: str
    gateway_path: str
    shared: bool


def routes(root: Mapping[str, Any]) -> tuple[list[Route], list[str]]:
    """List the static routes of a tree, and the names of what else people have put there."""
    static: list[Route] = []
    others: list[str] = []
    for interface in _below(root):
        for network in _below(interface):
            for gateway in _below(network):
                ends = list(_below(gateway))
                plain = gateway.get("related_element_type") in STATIC and bool(_address(gateway))
                for end in ends:
                    destination = _destination(end, gateway)
                    if plain and destination:
                        static.append(
                            Route(
                                str(interface.get("nic_id") or ""),
                                str(network.get("ip") or ""),
                                destination,
                                _address(gateway),
                                references.own_path(end),
                                references.own_path(gateway),
                                any(not _destination(other, gateway) for other in ends),
                            )
                        )
                    else:
                        others.append(f"{interface.get('name')} : {gateway.get('name')} → {end.get('name')}")
                if not plain and not ends:
                    others.append(f"{interface.get('name')} : {gateway.get('name')}")
    return static, others


def next_hops(root: Mapping[str, Any], networks: Mapping[str, str]) -> list[str]:
    """Routes whose gateway is on one of some networks, as `10.0.0.0/8 via 10.1.1.1`."""
    return [
        f"{route.destination} via {route.gateway}"
        for route in routes(root)[0]
        if any(_inside(route.gateway, network) for network in networks)
    ]


def stale(root: Mapping[str, Any], interfaces: set[str]) -> list[str]:
    """Paths of the nodes that the SMC keeps, marked, of interfaces that are gone."""
    return [
        references.own_path(node)
        for node in _below(root)
        if truth(node.get("to_delete")) and str(node.get("nic_id") or "") in interfaces
    ]


def unusual(root: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the nodes of antispoofing that the SMC has not derived, or that are not enforced."""
    for interface in _below(root, SPOOFING):
        todo = list(_below(interface, SPOOFING))
        while todo:
            node = todo.pop(0)
            todo += _below(node, SPOOFING)
            place = f"{interface.get('name')} : {node.get('name')}"
            if text(node["auto_generated"]) == "false":
                yield place, "ajouté à la main à l’antispoofing"
            if (validity := text(node["validity"])) != "enable":
                yield place, f"antispoofing « {validity} » et non « enable »"


def _below(node: Mapping[str, Any], below: str = NODES) -> Iterator[Mapping[str, Any]]:
    return map(mapped, listed(node.get(below)))


def _address(node: Mapping[str, Any]) -> str:
    try:
        return str(ipaddress.ip_address(str(node.get("ip") or "")))
    except ValueError:
        return ""


def _destination(node: Mapping[str, Any], gateway: Mapping[str, Any]) -> str:
    """Network of a destination; empty for an element that is not a single network."""
    if not node.get("ip") and node.get("name") == ANY:
        return "::/0" if ":" in _address(gateway) else "0.0.0.0/0"
    try:
        return str(ipaddress.ip_network(str(node.get("ip") or ""), strict=False))
    except ValueError:
        return ""


def _inside(address: str, network: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network)
