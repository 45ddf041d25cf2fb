"""A second opinion: thousands of drawn packets, each followed through the rules by hand.

Nothing of the computation is used here: addresses are compared with the standard library, the first rule that matches
decides, and a packet meets the lists of its site, of the core and of its destination, there and back.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from typing import Any, NamedTuple

from piste.sites.flows import declared_rules
from piste.sites.verdict import Verdicts
from piste.town import declared
from tests.support.fuzz import WIDE

DRAWN = 20_000 if WIDE else 3000
SEGMENTS = ("utilisateurs", "telephonie", "administration", "serveurs", "pedagogique")
ASKED = [*(("tcp", port) for port in (22, 53, 80, 88, 443, 445, 1494, 3389)),
         *(("udp", port) for port in (53, 67, 123, 161, 5004, 16384, 20000, 40000))]  # fmt: skip
CLIENT = 51_515


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


def dropped(packet: Packet, rules: list[Mapping[str, Any]]) -> bool:
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


def test_the_computation_agrees_with_packets_that_are_followed_by_hand() -> None:
    town = declared.rule()
    assert town.commune
    firewall = town.commune["firewall"]
    elements = {f"{item['kind']}/{item['name']}": item for item in firewall["elements"]}
    simple = {name: [*members(name, elements)] for name in elements}
    lists = {name: list(rules) for name, rules in declared_rules(town).access_lists.items()}
    core = town.commune["core"]
    assert core
    places = [
        Place(name, key, segment["subnet"], segment["gateway_device"] == "core")
        for name, site in town.sites.items()
        if site["lifecycle"] == "open"
        for key, segment in site["segments"].items()
        if key in SEGMENTS
    ]
    servers = [address for segment in town.sites["hotel-de-ville"]["segments"].values()
               for address in segment["reservations"].values()]  # fmt: skip
    home = {text: place for place in places for text in servers if ip_address(text) in ip_network(place.subnet)}
    drawn, verdicts = random.Random(38), Verdicts(town)

    def end() -> tuple[Place, IPv4Address]:
        if drawn.random() < 0.2:
            address = drawn.choice(list(home))
            return home[address], IPv4Address(address)
        place = drawn.choice(places)
        return place, ip_network(place.subnet)[drawn.randrange(20, 250)]  # type: ignore[return-value]

    states: Counter[str] = Counter()
    for _ in range(DRAWN):
        (start, source), (stop, target) = end(), end()
        if start == stop:
            continue
        protocol, port = drawn.choice(ASKED)
        there = Packet(source, CLIENT, target, port, protocol)
        crossed = {start.site, stop.site, core["site"]}
        passes = (start.at_core and stop.at_core) or admitted(there, firewall, simple)
        passes = passes and not any(dropped(way, lists[site]) for site in crossed for way in (there, there.answer))
        said = verdicts.of(str(source), str(target), f"{protocol}/{port}")
        assert said.state == ("passes" if passes else "stopped"), (start, stop, there, said)
        states[f"{said.state} {'core' if start.at_core and stop.at_core else 'firewall'}"] += 1
    assert min(states.values()) > 10, states
    assert set(states) == {f"{state} {by}" for state in ("passes", "stopped") for by in ("core", "firewall")}
