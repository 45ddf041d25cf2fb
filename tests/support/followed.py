"""Packets that are followed through rules by hand, for a second opinion of what is computed.

Nothing of the computation is used here: addresses are compared with the standard library, the first rule that matches
decides, and a packet meets the lists of its site, of the core and of its destination, there and back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from typing import Any, NamedTuple


class Packet(NamedTuple):
    source: IPv4Address
    source_port: int
    target: IPv4Address
    target_port: int
    protocol: str

    @property
    def answer(self) -> Packet:
        return Packet(self.target, self.target_port, self.source, self.source_port, self.protocol)


class Place(NamedTuple):
    site: str
    segment: str
    subnet: str
    at_core: bool


@cache
def network(text: str) -> IPv4Network:
    """Read a network, once for all packets."""
    return ip_network(text)  # type: ignore[return-value]


def in_prefix(address: IPv4Address, text: str) -> bool:
    return text == "any" or address in network(text)


def dropped(packet: Packet, rules: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether an ordered list drops a packet; what no rule names passes."""
    for rule in rules:
        ports = ((rule.get("src_port", "any"), packet.source_port), (rule.get("dst_port", "any"), packet.target_port))
        if (
            rule.get("protocol", "any") in ("any", packet.protocol)
            and in_prefix(packet.source, rule.get("src_cidr", "any"))
            and in_prefix(packet.target, rule.get("dst_cidr", "any"))
            and all(text in ("any", str(port)) for text, port in ports)
        ):
            return bool(rule["policy"] == "deny")
    return False


def members(name: str, elements: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the kind and value of each simple element in another."""
    kind, values = elements[name]["kind"], elements[name]["values"]
    if kind in ("group", "service_group"):
        for value in values:
            yield from members(value, elements)
    else:
        yield from ((kind, value) for value in values)


Simple = Mapping[str, Sequence[tuple[str, str]]]
"""The simple elements in each element, by its name."""


def has_address(name: str, address: IPv4Address, simple: Simple) -> bool:
    if name == "any":
        return True
    for kind, value in simple[name]:
        if ":" in value:
            continue
        first, _, last = value.partition("-")
        if kind == "range" and ip_address(first) <= address <= ip_address(last):
            return True
        if kind != "range" and address in network(value):
            return True
    return False


def has_service(name: str, packet: Packet, simple: Simple) -> bool:
    if name == "any":
        return True
    # No packet says the site of the Web that it is for.
    for kind, value in simple.get(name, ()):
        first, _, last = value.partition("-")
        if kind == packet.protocol and int(first) <= packet.target_port <= int(last or first):
            return True
    return False


def admitted(packet: Packet, firewall: Mapping[str, Any], simple: Simple) -> bool:
    for section in firewall["sections"]:
        for rule in section["rules"]:
            if (
                any(has_address(name, packet.source, simple) for name in rule["sources"])
                and any(has_address(name, packet.target, simple) for name in rule["destinations"])
                and any(has_service(name, packet, simple) for name in rule["services"])
            ):
                return bool(rule["action"] == "allow")
    return False


def simplified(elements: Mapping[str, Any]) -> Simple:
    """Give the simple elements in each element, by name."""
    return {name: [*members(name, elements)] for name in elements}


class Followed(NamedTuple):
    """The filters of a town as plain data: lists of sites, rules and elements of the firewall."""

    lists: Mapping[str, Sequence[Mapping[str, Any]]]
    firewall: Mapping[str, Any]
    elements: Simple
    core: str

    def passes(self, packet: Packet, start: Place, stop: Place) -> bool:
        """Tell whether a packet arrives and its answer comes back."""
        if not ((start.at_core and stop.at_core) or admitted(packet, self.firewall, self.elements)):
            return False
        crossed = {start.site, stop.site, self.core}
        return not any(dropped(way, self.lists[site]) for site in crossed for way in (packet, packet.answer))
