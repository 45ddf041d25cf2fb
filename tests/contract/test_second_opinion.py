"""A second opinion by the vendors' libraries: they resolve the rules that packets follow.

The SMC's library resolves groups and services of each rule; Meraki's reads the access lists. The computation then says
the same of every packet.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, ip_network
from pathlib import Path
from typing import Any

import meraki
import pytest
from smc import session
from smc.elements.group import GroupMixin
from smc.elements.network import AddressRange, Host, Network
from smc.elements.service import ICMPService, TCPService, UDPService, URLCategory
from smc.policy.layer3 import FirewallPolicy

from lab.server import Listener
from piste.sites.flows import declared_rules
from piste.sites.verdict import Verdicts
from piste.systems.forcepoint.intent import smc_intent
from piste.town import declared
from piste.town.model import Town
from tests.support.followed import Followed, Packet, Place, simplified
from tests.support.inprocess import API_KEY
from tests.support.smc import SmcWorld
from tests.support.town import converge, site, town_world

SITES = ("ecole-jaures", "police-municipale", "hotel-de-ville")
SEGMENTS = ("utilisateurs", "telephonie", "serveurs", "pedagogique", "administration")
ASKED = [*(("tcp", port) for port in (22, 53, 88, 443, 445)), *(("udp", port) for port in (53, 123, 161, 16384))]
PORTS = (51_515, 1024, 445, 53)
DRAWN = 700
FIELDS = {"protocol": "protocol", "src_cidr": "srcCidr", "src_port": "srcPort", "dst_cidr": "dstCidr",
          "dst_port": "dstPort"}  # fmt: skip


@pytest.fixture
def town() -> Town:
    return declared.rule()


@pytest.fixture
def firewall(town: Town, tmp_path: Path) -> Iterator[FirewallPolicy]:
    """Write the policy of the town to an SMC, and open it with the vendor's library."""
    assert town.commune
    intent = smc_intent(town.commune)
    world = SmcWorld(tmp_path / "smc")
    world.module("smc_elements", intent["elements"])
    # The library asks for each rule: those of the other sites are left out.
    others = {f"section:Site {name}" for name in town.sites if name not in SITES}
    world.module("smc_policies", [policy for policy in intent["installed"] if policy["scope"] not in others])
    listener = Listener({"": world.simulator})
    try:
        session.login(url=listener.url, api_key=world.key, api_version="7.4", domain="Shared Domain")
        yield FirewallPolicy(town.commune["firewall"]["policy"])
    finally:
        session.logout()
        listener.close()


def addresses(elements: Sequence[Any]) -> Iterator[str]:
    """Yield the addresses of elements, as the library resolves them."""
    for element in elements:
        if isinstance(element, Host):
            yield str(element.address)
        elif isinstance(element, Network):
            yield str(element.ipv4_network)
        elif isinstance(element, AddressRange):
            yield str(element.ip_range)
        elif isinstance(element, GroupMixin):
            yield from addresses(element.obtain_members())
        else:
            raise AssertionError(element)


def services(elements: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for element in elements:
        if isinstance(element, GroupMixin):
            yield from services(element.obtain_members())
        elif isinstance(element, TCPService | UDPService):
            first, last = element.data["min_dst_port"], element.data.get("max_dst_port")
            yield ("tcp" if isinstance(element, TCPService) else "udp"), f"{first}-{last or first}"
        else:
            # No packet says the site of the Web that it is for.
            assert isinstance(element, ICMPService | URLCategory), element


def resolved(policy: FirewallPolicy) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Give the rules of a policy and their elements, as the library says them."""
    elements: dict[str, dict[str, Any]] = {}
    rules = []
    for rule in policy.fw_ipv4_access_rules.all():
        if rule.is_rule_section or rule.is_disabled:
            continue
        said: dict[str, Any] = {"action": "allow" if "allow" in rule.action.action else "refuse"}
        for part in ("sources", "destinations"):
            side = getattr(rule, part)
            key = f"{rule.tag}/{part}"
            said[part] = ["any"] if side.is_any else [key]
            elements[key] = {"kind": "range", "values": []}
            ends = [text for text in ([] if side.is_any else addresses(side.all())) if ":" not in text]
            said[part] += [f"{key}/{text}" for text in ends if "-" not in text]
            elements |= {f"{key}/{text}": {"kind": "network", "values": [text]} for text in ends if "-" not in text}
            elements[key]["values"] = [text for text in ends if "-" in text]
        said["services"] = ["any"] if rule.services.is_any else []
        for number, (protocol, ports) in enumerate([] if rule.services.is_any else services(rule.services.all())):
            key = f"{rule.tag}/service/{number}"
            elements[key] = {"kind": protocol, "values": [ports]}
            said["services"].append(key)
        rules.append(said)
    return rules, elements


def access_lists(tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    """Write the lists of the sites to the Dashboard, and read them with the vendor's SDK."""
    world = town_world(tmp_path)
    for name in SITES:
        whole = site(name)
        first = next(device for device in whole["devices"] if device["kind"] == "switch")
        alone: dict[str, Any] = {key: [] for key in ("ssids", "stacks", "aggregates", "stp_priorities")}
        converge(world, {**whole, **alone, "devices": [first]})
    listener = Listener({"": world.simulator})
    try:
        dashboard = meraki.DashboardAPI(
            api_key=API_KEY, base_url=f"{listener.url}/api/v1", suppress_logging=True, maximum_retries=1,
            smart_flow_enabled=False,
        )  # fmt: skip
        (organization,) = dashboard.organizations.getOrganizations()
        networks = dashboard.organizations.getOrganizationNetworks(organization["id"])
        lists = {}
        for network in networks:
            rules = dashboard.switch.getNetworkSwitchAccessControlLists(network["id"])["rules"]
            lists[network["name"].removeprefix("VLB ")] = [
                {"policy": rule["policy"], **{ours: str(rule[theirs]).lower() for ours, theirs in FIELDS.items()}}
                for rule in rules
            ]
        return {name: lists[name] for name in SITES}
    finally:
        listener.close()


def test_what_the_vendors_libraries_resolve_says_the_same_of_every_packet(
    town: Town, firewall: FirewallPolicy, tmp_path: Path
) -> None:
    rules, elements = resolved(firewall)
    assert len(rules) > 20
    lists = access_lists(tmp_path)
    assert all(lists.values())
    followed = Followed(lists, {"sections": [{"rules": rules}]}, simplified(elements), "hotel-de-ville")
    known = [
        Place(name, key, segment["subnet"], segment["gateway_device"] == "core")
        for name in SITES
        for key, segment in town.sites[name]["segments"].items()
        if key in SEGMENTS
    ]
    servers = [(place, IPv4Address(address)) for place in known
               for address in town.sites[place.site]["segments"][place.segment]["reservations"].values()]  # fmt: skip
    drawn = random.Random(39)
    verdicts = Verdicts(town, declared_rules(town))

    def end() -> tuple[Place, IPv4Address]:
        if drawn.random() < 0.4:
            return drawn.choice(servers)
        place = drawn.choice(known)
        return place, ip_network(place.subnet)[drawn.randrange(20, 250)]  # type: ignore[return-value]

    states: Counter[str] = Counter()
    for _ in range(DRAWN):
        (start, source), (stop, target) = end(), end()
        if start == stop:
            continue
        protocol, port = drawn.choice(ASKED)
        said = verdicts.of(str(source), str(target), f"{protocol}/{port}")
        packet = Packet(source, drawn.choice(PORTS), target, port, protocol)
        assert (said.state == "passes") == followed.passes(packet, start, stop), (start, stop, packet, said)
        assert said.state in ("passes", "stopped")
        states[f"{said.state} {'core' if start.at_core and stop.at_core else 'firewall'}"] += 1
    assert min(states[f"{state} {by}"] for state in ("passes", "stopped") for by in ("core", "firewall")) > 4, states
