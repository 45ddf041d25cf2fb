"""Changes drawn in the domains that decide who reaches what, by domain."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from ipaddress import ip_network
from typing import Any

from piste.systems.kinds import BY_MODULE
from tests.support.fuzz import WIDE
from tests.unit.consequences.changes import CORE, items, town
from tests.unit.consequences.naive import Population

MODULES = ("smc_elements", "smc_policies", "meraki_ssids", "meraki_network_settings", "meraki_switch_ports",
           "meraki_routed_interfaces", "smc_engine_interfaces", "smc_engine_routes", "meraki_devices",
           "meraki_access_policies", "meraki_switch_stacks", "meraki_radios")  # fmt: skip
OF_SITES = ("meraki_ssids", "meraki_access_policies", "meraki_radios")
"""Modules whose keys are those of a site alone."""
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
                    known[module][owner if module in OF_SITES else "", key] = item
    # The town declares no radio by hand.
    known["meraki_radios"] |= {(name, device["serial"]): {"serial": device["serial"], "two_four_ghz": {"channel": 1}}
                               for name, site in sites().items() for device in site["devices"]
                               if device["kind"] == "access_point"}  # fmt: skip
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
        "action": ["allow"],
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


def ssid_isolates(draw: random.Random) -> Drawn:
    """Isolate the clients of an SSID, or no more; its rules may go with that."""
    place, ssid = drawn(draw, "meraki_ssids", lambda item: item["enabled"])
    ssid["lan_isolation_enabled"] = not ssid.get("lan_isolation_enabled")
    if draw.random() < 0.5:
        ssid["l3_firewall"] = {"allow_lan_access": draw.random() < 0.5, "rules": []}
    return "meraki_ssids", place, ssid


def ssid_ruled(draw: random.Random) -> Drawn:
    """Refuse a service of their own segment to the clients of an SSID, or all of it."""
    place, ssid = drawn(draw, "meraki_ssids", lambda item: item["enabled"])
    segments = sites()[place[0]]["segments"].values()
    own = next(each["subnet"] for each in segments if each["vlan"] == ssid["default_vlan_id"])
    service = draw.choice([{"protocol": "any"}, {"protocol": "tcp", "dest_port": "445"}])
    rule = {"comment": "x", "policy": "deny", "dest_cidr": own, **service}
    ssid["l3_firewall"] = {"allow_lan_access": True, "rules": [rule]}
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


def list_closes(draw: random.Random) -> Drawn:
    """Refuse a service between the people of a segment, or all of it."""
    place, settings = drawn(draw, "meraki_network_settings", lambda item: (item.get("access_lists") or {}).get("rules"))
    (site,) = [site for site in sites().values() if site["network_name"] == place[1]]
    own = draw.choice([segment["subnet"] for segment in site["segments"].values()])
    rules = settings["access_lists"]["rules"]
    service = draw.choice([{"protocol": "any", "dst_port": "any"}, {"protocol": "tcp", "dst_port": "445"}])
    rules.insert(0, {**rules[0], **service, "src_cidr": own, "dst_cidr": own, "policy": "deny", "comment": "x"})
    return "meraki_network_settings", place, settings


ENDED = (("guest_vlan_id",), ("radius", "failed_auth_vlan_id"), ("radius", "critical_auth", "data_vlan_id"))
"""Where an access policy says the VLAN of whom it does not admit."""


def policy_leads(draw: random.Random) -> Drawn:
    """Put those that an access policy does not admit in another VLAN, or in none."""
    followed = {owner_of("meraki_switch_ports", key) for (_, key), port in objects()["meraki_switch_ports"].items()
                if port.get("access_policy") == "agents" and port["enabled"]}  # fmt: skip
    places = [place for place in objects()["meraki_access_policies"] if place[0] in followed and place[1] == "agents"]
    place = draw.choice(places)
    policy = copy.deepcopy(objects()["meraki_access_policies"][place])
    *path, last = draw.choice(ENDED)
    holder = policy
    for name in path:
        holder = holder[name]
    vlans = [segment["vlan"] for segment in sites()[place[0]]["segments"].values()]
    holder[last] = draw.choice([vlan for vlan in (*vlans, None) if vlan != holder.get(last)])
    return "meraki_access_policies", place, policy


def radio_tuned(draw: random.Random) -> Drawn:
    place, radio = drawn(draw, "meraki_radios", lambda item: True)
    return "meraki_radios", place, radio | {"two_four_ghz": {"channel": draw.choice([6, 11])}}


def stack_parted(draw: random.Random) -> Drawn:
    place, stack = drawn(draw, "meraki_switch_stacks", lambda item: len(item["members"]) > 1)
    stack["members"].pop(draw.randrange(len(stack["members"])))
    return "meraki_switch_stacks", place, draw.choice([stack, None])


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


CORE_GATEWAYS, FIREWALL_GATEWAYS = "meraki_routed_interfaces", "smc_engine_interfaces"


def gateway(draw: random.Random, module: str, fits: Callable[[Any], Any] = lambda item: True) -> tuple[Any, Any]:
    """Draw a gateway of people."""
    carried = {segment["vlan"] for site in sites().values() for segment in site["segments"].values()}
    return drawn(draw, module, lambda item: _vlan(item) in carried and fits(item))


def firewall_gateway_gone(draw: random.Random) -> Drawn:
    return FIREWALL_GATEWAYS, gateway(draw, FIREWALL_GATEWAYS)[0], None


def core_gateway_gone(draw: random.Random) -> Drawn:
    return CORE_GATEWAYS, gateway(draw, CORE_GATEWAYS)[0], None


def core_gateway_moved(draw: random.Random) -> Drawn:
    """Give a gateway another address than the one that computers know."""
    place, item = gateway(draw, CORE_GATEWAYS)
    return CORE_GATEWAYS, place, item | {"address": str(ip_network(item["subnet"])[-3])}


def _relays(item: Any) -> bool:
    return bool((item.get("dhcp") or {}).get("relay_servers") or item.get("relay"))


def relay_cut(draw: random.Random) -> Drawn:
    place, item = gateway(draw, CORE_GATEWAYS, _relays)
    return CORE_GATEWAYS, place, item | {"dhcp": {"mode": "dhcpDisabled"}}


def relay_elsewhere(draw: random.Random) -> Drawn:
    """Relay to a machine that lends nothing, beside a server of addresses or in its place."""
    place, item = gateway(draw, CORE_GATEWAYS, _relays)
    servers = draw.choice([["10.93.2.18"], ["10.93.2.11", "10.93.2.18"]])
    return CORE_GATEWAYS, place, item | {"dhcp": {**item["dhcp"], "relay_servers": servers}}


def relay_turned(draw: random.Random) -> Drawn:
    place, item = gateway(draw, CORE_GATEWAYS, _relays)
    return CORE_GATEWAYS, place, item | {"dhcp": {**item["dhcp"], "relay_servers": item["dhcp"]["relay_servers"][::-1]}}


def firewall_relay_cut(draw: random.Random) -> Drawn:
    place, item = gateway(draw, FIREWALL_GATEWAYS, _relays)
    return FIREWALL_GATEWAYS, place, item | {"relay": []}


def route_gone(draw: random.Random) -> Drawn:
    place, item = drawn(draw, "smc_engine_routes", lambda item: item["routes"])
    item["routes"].pop(draw.choice([*item["routes"]]))
    return "smc_engine_routes", place, item


def core_gateway_named(draw: random.Random) -> Drawn:
    return otherwise(draw, CORE_GATEWAYS, "name")


def port_named(draw: random.Random) -> Drawn:
    return otherwise(draw, "meraki_switch_ports", "name")


def element_explained(draw: random.Random) -> Drawn:
    return otherwise(draw, "smc_elements", "comment")


def interface_explained(draw: random.Random) -> Drawn:
    return otherwise(draw, FIREWALL_GATEWAYS, "comment")


def otherwise(draw: random.Random, module: str, name: str) -> Drawn:
    """Change what people read alone."""
    place, item = drawn(draw, module, lambda item: True)
    return module, place, item | {name: "x"}


def device_named(draw: random.Random) -> Drawn:
    return otherwise(draw, "meraki_devices", "notes")


def _vlan(item: Mapping[str, Any]) -> int:
    text = str(item.get("vlan") or str(item.get("interface")).partition(".")[2])
    return int(text) if text.isdecimal() else 0


def rules_turned(draw: random.Random) -> Drawn:
    """Put permissions in another order: what passes is the same."""
    allows = {"allow"}
    place, policy = drawn(draw, "smc_policies", lambda item: len(item.get("ipv4_access") or ()) > 1 and all(
        {*rule["action"]} == allows for rule in item["ipv4_access"]))  # fmt: skip
    draw.shuffle(policy["ipv4_access"])
    return "smc_policies", place, policy


Maker = Callable[[random.Random], Drawn]
NOTICED: Mapping[str, tuple[Maker, ...]] = {
    "firewall": (rule_gone, rule_come, rule_above, address_changed, member_gone, port_changed, firewall_gateway_gone,
                 firewall_relay_cut),
    "network": (ssid_moved, ssid_off, ssid_opened, ssid_isolates, ssid_ruled, list_cut, list_refuses, list_closes,
                vlan_off, policy_leads, radio_tuned, stack_parted),
    "routing": (core_gateway_gone, core_gateway_moved, relay_cut, relay_elsewhere, route_gone),
}  # fmt: skip
"""Changes that people may notice."""
UNNOTICED: Mapping[str, tuple[Maker, ...]] = {
    "firewall": (rules_turned, element_explained, interface_explained),
    "network": (port_named, device_named),
    "routing": (core_gateway_named, relay_turned),
}
"""Changes that nobody notices."""
LEAST, IDLE, UNREAD = (50, 10, 10) if WIDE else (6, 1, 1)
"""The draws of each domain: all of them, those that nobody notices, those of a system that is partly unread."""


@cache
def changes(domain: str) -> list[Drawn]:
    """Draw the changes of a domain, of each kind in its turn, the unnoticed last."""
    draw, (noticed, unnoticed) = random.Random(domain), (NOTICED[domain], UNNOTICED[domain])
    made = [noticed[at % len(noticed)](draw) for at in range(max(LEAST - IDLE, len(noticed)))]
    return [*made, *(unnoticed[at % len(unnoticed)](draw) for at in range(IDLE))]


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
