"""Firewall rules of an SSID and access lists of switches, as neutral rules of filtering.

Source: Dashboard API, `updateNetworkWirelessSsidFirewallL3FirewallRules`: the rules in order, then the access to the
local network, then everything is allowed; `updateNetworkSwitchAccessControlLists`: the rules in order, then everything
is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.town.model.flows.access_lists import AccessList, ListRule
from piste.town.model.flows.access_lists import access_list as listed
from piste.town.model.flows.filtering import FilterRule, allow_all
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.traffic import ANY_SERVICE, ANYWHERE, IPV4, IPV6, PRIVATE, Box, addresses, icmp, ports

_VERSIONS = {"any": ANYWHERE, "both": ANYWHERE, "ipv4": IPV4, "ipv6": IPV6}
_PROTOCOLS = {"tcp": ("tcp",), "udp": ("udp",)}
LAN, REST = "Local LAN", "le reste"
_TAGGING = (None, "Bridge mode", "Layer 3 roaming")


def client_vlan(ssid: Mapping[str, Any]) -> int | None:
    """Give the VLAN that an SSID tags its clients with at its access points; None for no VLAN.

    Source: Dashboard API, `updateNetworkWirelessSsid`: `useVlanTagging` and `defaultVlanId` are for the bridge and
    roaming modes; in the others clients are translated, or leave by a tunnel.
    """
    tags = ssid.get("ip_assignment_mode") in _TAGGING and ssid.get("use_vlan_tagging") is not False
    return ssid.get("default_vlan_id") if tags else None


def ssid_rules(ssid: Mapping[str, Any]) -> tuple[FilterRule, ...]:
    """Neutral rules of an SSID in the form of `meraki_ssids`; none where it filters nothing."""
    rules = list(_rules(str(ssid["name"]), ssid.get("l3_firewall") or {}))
    return (*rules, allow_all(str(ssid["name"]), REST)) if rules else ()


def _rules(name: str, firewall: Mapping[str, Any]) -> Iterator[FilterRule]:
    for rule in firewall.get("rules") or ():
        allow, version = rule["policy"] == "allow", _VERSIONS[rule.get("ip_ver", "both")]
        destinations, services = _destinations(rule["dest_cidr"]), _services(rule)
        exact = destinations is not None
        if destinations is None and not allow:
            continue  # a name: the addresses that it denies are unknown
        where = ANYWHERE if destinations is None else destinations
        label = str(rule.get("comment") or rule["dest_cidr"])
        yield FilterRule(name, label, allow, (Box(version, where & version, services),), exact)
    if firewall.get("allow_lan_access") is False:
        private = Ranges.union(addresses(prefix) for prefix in PRIVATE)
        yield FilterRule(name, LAN, False, (Box(ANYWHERE, private, ANY_SERVICE),))


def _destinations(text: str) -> Ranges | None:
    """Addresses of a rule's destination; None for names."""
    if text.lower() == "any":
        return ANYWHERE
    if text.lower() == LAN.lower():
        return Ranges.union(addresses(prefix) for prefix in PRIVATE)
    try:
        return Ranges.union(addresses(part.strip()) for part in text.split(","))
    except ValueError:
        return None


def _services(rule: Mapping[str, Any]) -> Ranges:
    protocol, text = str(rule["protocol"]).lower(), str(rule.get("dest_port", "any")).lower()
    if protocol in ("icmp", "icmp6"):
        return icmp(None, protocol="icmp" if protocol == "icmp" else "icmpv6")
    names = _PROTOCOLS.get(protocol, ("tcp", "udp"))
    if text == "any":
        return ANY_SERVICE if protocol == "any" else ports(protocol, "0-65535")
    return Ranges.union(ports(name, part.strip()) for name in names for part in text.split(","))


def access_list(rules: Sequence[Mapping[str, Any]], site: str) -> AccessList:
    """Neutral rules of the access lists of a site, in the form of `meraki_network_settings`."""
    return listed(map(_neutral, rules), site)


def _neutral(rule: Mapping[str, Any]) -> ListRule:
    version = _VERSIONS[rule.get("ip_version", "ipv4")]
    source, target = (_end(rule.get(name, "any")) & version for name in ("src_cidr", "dst_cidr"))
    source_port, target_port = (str(rule.get(name, "any")) for name in ("src_port", "dst_port"))
    label, protocol = str(rule.get("comment") or "sans commentaire"), str(rule.get("protocol", "any"))
    whole = str(rule.get("vlan", "any")) == "any"
    return ListRule(label, rule["policy"] == "allow", protocol, source, source_port, target, target_port, whole)


def _end(text: str) -> Ranges:
    return ANYWHERE if text == "any" else addresses(text)
