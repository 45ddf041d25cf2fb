"""The gravity of operations and orphans: what opens a way, then what cuts people off.

The scale is closed: `opens`, `cuts`, nothing. It is data by kind and field; what can be said better has its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from piste.converge.orphan import OPENS
from piste.words import agreed

CUTS = "cuts"
SCALE = (OPENS, CUTS, "")
"""From the gravest down."""
ALL = "*"
"""Every field of a kind."""
FIELDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    OPENS: {
        "connection_request_policy": (ALL,),
        "group": ("members",),
        "network_policy": (ALL,),
        "policy": ("ipv4_access", "ipv6_access", "ipv4_nat", "ipv6_nat", "template"),
        "ssid": ("auth_mode", "psk", "radius_servers"),
        "switch_port": ("access_policy", "access_policy_type"),
    },
    CUTS: {
        "dhcp_relation": (ALL,),
        "dhcp_scope": ("active", "start", "end", "exclusions", "options"),
        "dns_record": ("values",),
        "engine_interface": (ALL,),
        "engine_routes": (ALL,),
        "link_aggregation": (ALL,),
        "network_settings": ("stp", "mtu", "switch", "access_lists"),
        "routed_interface": (ALL,),
        "ssid": ("enabled", "default_vlan_id", "ip_assignment_mode"),
        "static_route": (ALL,),
        "subnet": ("vlan",),
        "switch_port": ("enabled", "type", "vlan", "voice_vlan", "allowed_vlans", "poe_enabled"),
        "vm": ("power", "nics"),
    },
}
"""By degree and kind, the fields whose change has it."""
Described = Mapping[str, Any]
Item = Mapping[str, Any]


def gravity(described: Described) -> str:
    """Give the degree of an operation, `opens`, `cuts` or empty."""
    if _words(described):
        return CUTS if described["kind"] == "dhcp_scope" else OPENS
    for degree, kinds in FIELDS.items():
        of_kind = kinds.get(described["kind"], ())
        if ALL in of_kind or {*of_kind} & {*described["fields"]}:
            return degree
    return ""


def words(described: Described) -> str:
    """Say what is grave of an operation, behind its name; empty where its values say enough."""
    said = _words(described)
    return f" — {said}" if said else ""


def _words(described: Described) -> str:
    before, after = described["content"]["before"] or {}, described["content"]["after"] or {}
    word = _WORDS.get(described["kind"])
    if word is None:
        return ""
    if before and (said := word(before, after)):
        return f"aujourd’hui : {said}"
    if after and (said := word(after, before)):
        return f"ensuite : {said}"
    return ""


def _open(item: Item, other: Item) -> str:
    """Say that an SSID is open, where its other side is not."""
    mode, lit = str(item.get("auth_mode")), item.get("enabled", other.get("enabled", True))
    came = mode.startswith("open") and mode != other.get("auth_mode")
    return "OUVERT, n’importe qui s’y connecte" if came and lit else ""


def _lets_all_pass(item: Item, other: Item) -> str:
    """Name the first rule of a policy that lets everything pass, unless its other side has it."""
    # Imported here: only a policy needs it.
    from piste.forcepoint.rules import passes_all

    for field in ("ipv4_access", "ipv6_access"):
        known = [rule for rule in other.get(field) or () if passes_all(rule)]
        for at, rule in enumerate(item.get(field) or ()):
            if passes_all(rule) and rule not in known:
                name = rule.get("name") or rule.get("id") or "sans nom"
                behind = len(item[field]) - at - 1
                return f"« {name} » laisse tout passer, avant {agreed(behind, 'règle(s)')}"
    return ""


def _lends_nothing(item: Item, other: Item) -> str:
    """Say that a scope lends no address, where its other side does."""
    return "ne donne aucune adresse" if item.get("active") is False and other.get("active") is not False else ""


_WORDS: Mapping[str, Callable[[Item, Item], str]] = {
    "dhcp_scope": _lends_nothing,
    "policy": _lets_all_pass,
    "ssid": _open,
}
"""What is said first of an object, by kind: from one side of a change, and the other."""


def rank(described: Described) -> int:
    return SCALE.index(gravity(described))


def by_gravity(orphans: Iterable[Described]) -> list[Described]:
    """Sort orphans, the gravest first."""
    return sorted(orphans, key=lambda orphan: SCALE.index(orphan.get("gravity", "")))
