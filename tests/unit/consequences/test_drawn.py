"""Drawn changes: what is computed of each, against packets that are followed by hand."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from piste.runs.plans.play import Trouble
from piste.sites.consequences import said
from piste.sites.consequences.computed import Consequences, of
from piste.systems.kinds import BY_MODULE
from tests.support.fuzz import WIDE
from tests.unit.consequences.changes import CORE, items, operation, plan, town
from tests.unit.consequences.naive import Packet, Population, World, computer, has_address, has_port

pytestmark = pytest.mark.drawn

MODULES = ("smc_elements", "smc_policies", "meraki_ssids", "meraki_network_settings", "meraki_switch_ports",
           "meraki_routed_interfaces", "smc_engine_interfaces")  # fmt: skip
PACKETS, POPULATIONS = 12, 16
Objects = dict[str, dict[tuple[str, str], Any]]


@cache
def objects() -> Objects:
    """Give the declared objects, policies in the order in which they are installed."""
    known: Objects = {module: {} for module in MODULES}
    for module in MODULES:
        for owner in town().owners:
            serves = town().owners[owner]["lifecycle"] in ("open", "closing")
            if serves and (owner in town().sites or BY_MODULE[module].domain != "network"):
                for item in items(module, owner):
                    key = BY_MODULE[module].table.key_of(item)
                    known[module][owner if module == "meraki_ssids" else "", key] = item
    sections = known["smc_policies"]
    last = ("", "fw_policy/section:Tout le reste/VLB")
    if last in sections:
        sections[last] = sections.pop(last)
    return known


def sites() -> dict[str, Any]:
    return {name: site for name, site in town().sites.items() if site["lifecycle"] in ("open", "closing")}


def owner_of(module: str, key: str) -> str:
    for name in town().owners:
        there = name in town().sites or BY_MODULE[module].domain != "network"
        if there and any(BY_MODULE[module].table.key_of(item) == key for item in items(module, name)):
            return name
    raise AssertionError(key)


Drawn = tuple[str, tuple[str, str], Any]
"""A change: module, place, what the object becomes; None for nothing."""


def rule_gone(draw: random.Random) -> Drawn:
    place, policy = drawn(draw, "smc_policies", lambda item: item.get("ipv4_access"))
    policy["ipv4_access"].pop(draw.randrange(len(policy["ipv4_access"])))
    return "smc_policies", place, policy


def rule_come(draw: random.Random) -> Drawn:
    place, policy = drawn(draw, "smc_policies", lambda item: item.get("ipv4_access"))
    networks = [name for name, kind in elements() if kind == "network"]
    hosts = [name for name, kind in elements() if kind == "host"]
    rule = {
        "id": "x", "name": "x", "sources": [draw.choice(networks)], "destinations": [draw.choice(hosts)],
        "services": [draw.choice([name for name, kind in elements() if kind == "tcp_service"])],
        "action": [draw.choice(["allow", "discard"])],
    }  # fmt: skip
    policy["ipv4_access"].insert(draw.randrange(len(policy["ipv4_access"]) + 1), rule)
    return "smc_policies", place, policy


def rule_above(draw: random.Random) -> Drawn:
    """Put a refusal above the permissions of a section."""
    place, policy = drawn(draw, "smc_policies", lambda item: len(item.get("ipv4_access") or ()) > 1)
    refused = copy.deepcopy(draw.choice(policy["ipv4_access"])) | {"id": "x", "name": "x", "action": ["discard"]}
    policy["ipv4_access"].insert(0, refused)
    return "smc_policies", place, policy


def address_changed(draw: random.Random) -> Drawn:
    place, element = drawn(draw, "smc_elements", lambda item: item["type"] == "host" and item.get("address"))
    element["address"] = draw.choice(["10.93.2.200", "10.93.1.77", "203.0.113.9"])
    return "smc_elements", place, element


def member_gone(draw: random.Random) -> Drawn:
    place, group = drawn(draw, "smc_elements", lambda item: len(item.get("members") or ()) > 1)
    group["members"].pop(draw.randrange(len(group["members"])))
    return "smc_elements", place, group


def port_changed(draw: random.Random) -> Drawn:
    place, service = drawn(draw, "smc_elements", lambda item: item["type"] == "tcp_service")
    service["ports"] = str(draw.randrange(1, 9000))
    return "smc_elements", place, service


def ssid_moved(draw: random.Random) -> Drawn:
    place, ssid = drawn(draw, "meraki_ssids", lambda item: item["enabled"])
    segments = sites()[place[0]]["segments"].values()
    ssid["default_vlan_id"] = draw.choice([segment["vlan"] for segment in segments])
    return "meraki_ssids", place, ssid


def ssid_off(draw: random.Random) -> Drawn:
    place, ssid = drawn(draw, "meraki_ssids", lambda item: item["enabled"])
    ssid["enabled"] = False
    return "meraki_ssids", place, ssid


def ssid_opened(draw: random.Random) -> Drawn:
    place, ssid = drawn(draw, "meraki_ssids", lambda item: (item.get("l3_firewall") or {}).get("rules"))
    ssid["l3_firewall"] = {"allow_lan_access": True, "rules": []}
    return "meraki_ssids", place, ssid


def list_cut(draw: random.Random) -> Drawn:
    place, settings = drawn(draw, "meraki_network_settings", lambda item: (item.get("access_lists") or {}).get("rules"))
    rules = settings["access_lists"]["rules"]
    rules.pop(draw.randrange(len(rules)))
    return "meraki_network_settings", place, settings


def list_refuses(draw: random.Random) -> Drawn:
    place, settings = drawn(draw, "meraki_network_settings", lambda item: (item.get("access_lists") or {}).get("rules"))
    rules = settings["access_lists"]["rules"]
    rules.insert(0, {**draw.choice(rules), "policy": "deny", "comment": "x"})
    return "meraki_network_settings", place, settings


def vlan_off(draw: random.Random) -> Drawn:
    known = {
        f"{device['serial']}/{port['port']}" for device in sites()[CORE]["devices"] for port in device["ports"]
        if port["uplink"] and port["far_end"] in sites()
    }  # fmt: skip
    place, port = drawn(draw, "meraki_switch_ports", lambda item: f"{item['serial']}/{item['port_id']}" in known)
    vlans = port["allowed_vlans"].split(",")
    vlans.remove(draw.choice(vlans[1:]))
    port["allowed_vlans"] = ",".join(vlans)
    return "meraki_switch_ports", place, port


CORE_GATEWAYS = "meraki_routed_interfaces"


def gateway_gone(draw: random.Random, module: str = "") -> Drawn:
    module = module or draw.choice([CORE_GATEWAYS, "smc_engine_interfaces"])
    carried = {segment["vlan"] for site in sites().values() for segment in site["segments"].values()}
    place, _ = drawn(draw, module, lambda item: _vlan(item) in carried)
    return module, place, None


def core_gateway_gone(draw: random.Random) -> Drawn:
    return gateway_gone(draw, CORE_GATEWAYS)


def core_gateway_moved(draw: random.Random) -> Drawn:
    """Give a gateway another address than the one that computers know."""
    module, place, _ = core_gateway_gone(draw)
    gateway = copy.deepcopy(objects()[module][place])
    gateway["address"] = str(ip_network(gateway["subnet"])[-3])
    return module, place, gateway


def core_gateway_named(draw: random.Random) -> Drawn:
    module, place, _ = core_gateway_gone(draw)
    return module, place, copy.deepcopy(objects()[module][place]) | {"name": "x"}


def port_named(draw: random.Random) -> Drawn:
    place, port = drawn(draw, "meraki_switch_ports", lambda item: True)
    return "meraki_switch_ports", place, port | {"name": "x"}


def _vlan(item: Mapping[str, Any]) -> int:
    text = str(item.get("vlan") or str(item.get("interface")).partition(".")[2])
    return int(text) if text.isdecimal() else 0


def name_changed(draw: random.Random) -> Drawn:
    """A change of what people read alone."""
    module, name = draw.choice([("smc_elements", "comment"), ("meraki_switch_ports", "name"),
                                ("meraki_routed_interfaces", "name")])  # fmt: skip
    place, item = drawn(draw, module, lambda item: True)
    item[name] = "x"
    return module, place, item


def rules_turned(draw: random.Random) -> Drawn:
    """Put permissions in another order: what passes is the same."""
    allows = {"allow"}
    place, policy = drawn(draw, "smc_policies", lambda item: len(item.get("ipv4_access") or ()) > 1 and all(
        {*rule["action"]} == allows for rule in item["ipv4_access"]))  # fmt: skip
    draw.shuffle(policy["ipv4_access"])
    return "smc_policies", place, policy


KINDS: tuple[Callable[[random.Random], Drawn], ...] = (
    rule_gone, rule_come, rule_above, address_changed, member_gone, port_changed, ssid_moved, ssid_off, ssid_opened,
    list_cut, list_refuses, vlan_off, gateway_gone, name_changed, rules_turned,
)  # fmt: skip
ROUTING = (core_gateway_gone, core_gateway_moved, core_gateway_named)
DRAWS = (*(KINDS * 10), *(ROUTING * 14), *([port_named] * 8)) if WIDE else KINDS
"""The changes by seed."""


def drawn(draw: random.Random, module: str, fits: Callable[[Any], Any]) -> tuple[tuple[str, str], Any]:
    places = [place for place, item in objects()[module].items() if fits(item)]
    place = draw.choice(places)
    return place, copy.deepcopy(objects()[module][place])


def elements() -> list[tuple[str, str]]:
    return [(f"{item['type']}/{item['name']}", item["type"]) for item in objects()["smc_elements"].values()]


def populations() -> Iterator[Population]:
    for name, site in sites().items():
        for key, segment in site["segments"].items():
            if segment["vlan"] in wired(site) or not any(ssid["segment"] == key for ssid in site["ssids"]):
                yield Population(name, key)
    for site_name, ssid in objects()["meraki_ssids"]:
        item = objects()["meraki_ssids"][site_name, ssid]
        segments = sites()[site_name]["segments"].values()
        key = next((each["key"] for each in segments if each["vlan"] == item["default_vlan_id"]), "")
        if item["enabled"] and key:
            yield Population(site_name, key, ssid)


def wired(site: Any) -> set[Any]:
    """Give the VLANs in which a port puts somebody."""
    policies = {policy["name"]: policy for policy in site["access_policies"]}
    ports = [port for device in site["devices"] for port in device["ports"]]
    ports = [port for port in ports if port["enabled"] and port["mode"] == "access"]
    vlans = {port[name] for port in ports for name in ("vlan", "voice_vlan")}
    followed = [policies[port["access_policy"]] for port in ports if port["access_policy"]]
    return vlans | {policy[name] for policy in followed for name in ("guest_vlan", "critical_vlan", "failed_vlan")}


def packets(draw: random.Random, near: list[Any]) -> list[Packet]:
    """Draw packets: to what elements and segments name, and to what a change is about."""
    texts = [item.get("address") or item.get("ipv4_network") for item in objects()["smc_elements"].values()]
    texts += [segment["subnet"] for site in sites().values() for segment in site["segments"].values()]
    targets = [*filter(None, texts)]
    ports = [(item["type"].partition("_")[0], str(item["ports"])) for item in objects()["smc_elements"].values()
             if item.get("ports")]  # fmt: skip
    near = [*near, *draw.choices(targets, k=PACKETS)]
    return [
        Packet(host(draw, target), protocol, int(text.partition("-")[0]))
        for target in near
        for protocol, text in draw.sample(ports, 3)
        if ":" not in target
    ]  # fmt: skip


def host(draw: random.Random, text: str) -> Any:
    network = ip_network(text)
    return network[draw.choice([0, min(60, network.num_addresses - 1)])] if network.num_addresses > 1 else network[0]


def said_of(result: Consequences, population: Population, packet: Packet) -> set[str]:
    """Give what the lines say of a packet of a population."""
    ssids = {name for _, name in objects()["meraki_ssids"]}
    changes = set()
    for line in result.lines:
        for source in (line.flow or {}).get("from", ()):
            if source["ports"]:
                continue
            medium = source["access"] if source["access"] in ssids else ""
            if (source["site"], medium) != (population.site, population.ssid):
                continue
            if not medium and source["segment"] != population.segment:
                continue
            here = computer(sites()[source["site"]]["segments"][source["segment"]]["subnet"])
            if any(has_address(part["addresses"], packet.target) and has_port(part["ports"], *packet[1:])
                   and (not part["sources"] or has_address(part["sources"], here))
                   for part in source["traffic"]):  # fmt: skip
                changes.add(line.flow["change"])  # type: ignore[index]
    return changes


@pytest.mark.parametrize("seed", range(len(DRAWS)))
def test_what_is_computed_is_what_packets_do(seed: int) -> None:
    draw = random.Random(seed)
    module, place, after = DRAWS[seed](draw)
    before = objects()[module][place]
    changed = {**objects(), module: {**objects()[module], place: after}}
    if after is None:
        del changed[module][place]
    owner = place[0] or owner_of(module, place[1])
    result = of(plan(operation(module, owner, before, after)), town())
    old, new = World(sites(), CORE, objects()), World(sites(), CORE, changed)
    asked = packets(draw, [*about(before), *about(after)])
    wrong = []
    everybody = [*populations()]
    mine = [population for population in everybody if population.site in (owner, CORE)]
    for population in dict.fromkeys([*mine, *draw.sample(everybody, POPULATIONS)]):
        for packet in asked:
            was, will = old.passes(population, packet), new.passes(population, packet)
            expected = {"stops"} if was and not will else {"starts"} if will and not was else set()
            if (computed := said_of(result, population, packet)) != expected:
                wrong.append((population, packet, expected, computed))
    assert (module, place, wrong[:5]) == (module, place, [])


def test_a_drawn_change_that_rests_on_a_silent_system_is_not_certain() -> None:
    """The owner of the change did not answer: what is said of it is not sure."""
    draw, kinds = random.Random(10), set()
    for make in (*KINDS, *KINDS, *(ROUTING * 3)) if WIDE else draw.sample(KINDS, 7):
        module, place, after = make(draw)
        owner = place[0] or owner_of(module, place[1])
        made = operation(module, owner, objects()[module][place], after)
        silent = Trouble(owner, "Lire", "unknown", "ne répond pas")
        result = of(plan(made, limit="", troubles=(silent,)), town())
        kinds.add(made["kind"])
        assert not result.nothing, made
        assert "= rien ne change pour personne" not in [*said.ending(result, lambda owner: "")]
        mine = [line for line in result.lines if any(part[0] == owner for part in (*line.assumed, *line.unread))]
        assert all(line.basis == "unknown" for line in mine), made
        assert any(text.startswith(f"{owner} / Lire : pas lu") for text in result.unread)
    assert len(kinds) > 3


@pytest.mark.parametrize("seed", range(6 if WIDE else 2))
def test_a_port_that_moves_is_the_difference_of_two_segments(seed: int) -> None:
    draw = random.Random(2000 + seed)
    vlans = {
        (name, segment["vlan"]): key for name, site in sites().items() for key, segment in site["segments"].items()
    }  # fmt: skip
    place, port = drawn(draw, "meraki_switch_ports", lambda item: item.get("type") == "access" and item.get("enabled"))
    owner = owner_of("meraki_switch_ports", place[1])
    before = objects()["meraki_switch_ports"][place]
    others = [vlan for name, vlan in vlans if name == owner and vlan != before["vlan"]]
    port["vlan"] = draw.choice(others)
    result = of(plan(operation("meraki_switch_ports", owner, before, port)), town())
    world, wrong = World(sites(), CORE, objects()), []
    ends = [Population(owner, vlans[owner, side["vlan"]]) for side in (before, port)]
    own = [ip_network(sites()[owner]["segments"][end.segment]["subnet"]) for end in ends]
    for packet in packets(draw, []):
        if any(packet.target in subnet for subnet in own):
            continue
        was, will = (world.passes(end, packet) for end in ends)
        expected = {"stops"} if was and not will else {"starts"} if will and not was else set()
        lines = [line.flow for line in result.lines if line.flow]
        computed = {
            flow["change"] for flow in lines for source in flow["from"] for part in source["traffic"]
            if source["ports"] and has_address(part["addresses"], packet.target)
            and has_port(part["ports"], *packet[1:])
        }  # fmt: skip
        if computed != expected:
            wrong.append((packet, expected, computed))
    assert (place, wrong[:5]) == (place, [])


def about(item: Any) -> list[str]:
    """List the addresses that an object speaks of."""
    texts = [str((item or {}).get(name) or "") for name in ("address", "ipv4_network", "subnet")]
    texts += [str(element.get("address") or "") for rule in (item or {}).get("ipv4_access") or ()
              for name in rule["destinations"] for element in objects()["smc_elements"].values()
              if name == f"{element['type']}/{element['name']}"]  # fmt: skip
    return [text for text in texts if text and ":" not in text and ip_address(text.partition("/")[0])]


@pytest.mark.parametrize("seed", range(10 if WIDE else 2))
def test_what_changes_nothing_has_no_line(seed: int) -> None:
    draw = random.Random(1000 + seed)
    module, place, after = (name_changed if seed % 2 else rules_turned)(draw)
    owner = place[0] or owner_of(module, place[1])
    result = of(plan(operation(module, owner, objects()[module][place], after)), town())
    assert result.lines == []
    assert result.idle
