"""A second opinion: thousands of drawn packets, each followed through the rules by hand."""

from __future__ import annotations

import random
from collections import Counter
from ipaddress import IPv4Address, ip_address, ip_network

import pytest

from piste.sites.flows import declared_rules
from piste.sites.verdict import Verdicts
from piste.town import declared
from piste.town.model import Town
from tests.support.followed import Followed, Packet, Place, simplified
from tests.support.fuzz import WIDE
from tests.unit.model.broken_town import Copy
from tests.unit.model.conftest import copy, lent

__all__ = ["copy", "lent"]

pytestmark = pytest.mark.drawn

DRAWN = 10_000 if WIDE else 1500
SEGMENTS = ("utilisateurs", "telephonie", "administration", "serveurs", "pedagogique")
ASKED = [*(("tcp", port) for port in (22, 53, 80, 88, 443, 445, 1494, 3389)),
         *(("udp", port) for port in (53, 67, 123, 161, 5004, 16384, 20000, 40000))]  # fmt: skip
CLIENT = 51_515
PORTS = (CLIENT, 1024, 40_000, 22, 53, 445, 3389)
"""Ports of the source; an answer of what is permitted opens its own."""
FILE = "group_vars/all/segmentation.yml"


@pytest.fixture(params=["as declared", "answers that open a port, sites that do not filter"])
def town(request: pytest.FixtureRequest, copy: Copy) -> Town:
    if request.param == "as declared":
        return declared.rule()
    copy.edit(FILE, "to: [telephonie]\n      services: [voix]", "to: [utilisateurs]\n      services: [ssh] # essai")
    why = 'why: reprise, until: "2099-12-31"'
    copy.edit(FILE, "unfiltered: {}", f"unfiltered: {{ccas: {{{why}}}, ctm: {{{why}}}, mediatheque: {{{why}}}}}")
    return copy.load()


def places(town: Town) -> list[Place]:
    return [
        Place(name, key, segment["subnet"], segment["gateway_device"] == "core")
        for name, site in town.sites.items()
        if site["lifecycle"] == "open"
        for key, segment in site["segments"].items()
        if key in SEGMENTS
    ]


def test_the_computation_agrees_with_packets_that_are_followed_by_hand(town: Town) -> None:
    assert town.commune
    assert town.commune["core"]
    firewall = town.commune["firewall"]
    elements = simplified({f"{item['kind']}/{item['name']}": item for item in firewall["elements"]})
    lists = {name: list(rules) for name, rules in declared_rules(town).access_lists.items()}
    followed = Followed(lists, firewall, elements, town.commune["core"]["site"])
    known = places(town)
    servers = [address for segment in town.sites["hotel-de-ville"]["segments"].values()
               for address in segment["reservations"].values()]  # fmt: skip
    home = {text: place for place in known for text in servers if ip_address(text) in ip_network(place.subnet)}
    drawn, verdicts = random.Random(38), Verdicts(town)

    def end() -> tuple[Place, IPv4Address]:
        if drawn.random() < 0.4:
            address = drawn.choice(list(home))
            return home[address], IPv4Address(address)
        place = drawn.choice(known)
        return place, ip_network(place.subnet)[drawn.randrange(20, 250)]  # type: ignore[return-value]

    states: Counter[str] = Counter()
    for _ in range(DRAWN):
        (start, source), (stop, target) = end(), end()
        if start == stop:
            continue
        protocol, port = drawn.choice(ASKED)
        said = verdicts.of(str(source), str(target), f"{protocol}/{port}")
        asked = PORTS if said.state == "unknown" else (CLIENT, drawn.choice(PORTS))
        packets = [Packet(source, client, target, port, protocol) for client in asked]
        by_hand = [followed.passes(packet, start, stop) for packet in packets]
        # At most: a client's own port does not pass, that of an answer does.
        expected = {"passes": {True}, "stopped": {False}, "unknown": {False, True}}[said.state]
        assert (set(by_hand), by_hand[0]) == (expected, said.state == "passes"), (start, stop, packets[0], said)
        states[f"{said.state} {'core' if start.at_core and stop.at_core else 'firewall'}"] += 1
    certain = {f"{state} {by}" for state in ("passes", "stopped") for by in ("core", "firewall")}
    assert min(states[name] for name in certain) > 10, states
    assert ("unknown core" in states) == (town is not declared.rule())
