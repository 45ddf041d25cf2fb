"""The gravity of operations and orphans: what opens a way, then what cuts people off.

The scale is closed: `opens`, `cuts`, nothing. It is data by kind and field; what can be said better has its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any

from piste.engine.converge.orphan import OPENS
from piste.engine.words import agreed

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
    said, _ = _words(described)
    of_fields = (
        degree for degree, kinds in FIELDS.items() if {ALL, *described["fields"]} & {*kinds.get(described["kind"], ())}
    )
    return min(said, next(of_fields, ""), key=SCALE.index)


def words(described: Described) -> str:
    """Say what is grave of an operation, behind its name; empty where its values say enough."""
    _, said = _words(described)
    return f" — {said}" if said else ""


def _words(described: Described) -> tuple[str, str]:
    """Give the degree and the words of the gravest thing that an operation ends or brings."""
    before, after = described["content"]["before"] or {}, described["content"]["after"] or {}
    after = {**before, **after} if after else after
    for degree, word in _WORDS.get(described["kind"], ()):
        if before and (said := word(before, after)):
            return degree, f"aujourd’hui : {said}"
        if after and (said := word(after, before)):
            return degree, f"ensuite : {said}"
    return "", ""


def _open(item: Item, other: Item) -> str:
    """Say that an SSID is open, where its other side is not."""
    mode, lit = str(item.get("auth_mode")), item.get("enabled", other.get("enabled", True))
    came = mode.startswith("open") and mode != other.get("auth_mode")
    return "OUVERT, n’importe qui s’y connecte" if came and lit else ""


def _lets_all_pass(item: Item, other: Item) -> str:
    """Name the first rule of a policy that lets everything pass, unless its other side has it."""
    # Imported here: only a policy needs it.
    from piste.systems.forcepoint.rules import passes_all

    for field in ("ipv4_access", "ipv6_access"):
        known = [rule for rule in other.get(field) or () if passes_all(rule)]
        for at, rule in enumerate(item.get(field) or ()):
            if passes_all(rule) and rule not in known:
                name = rule.get("name") or rule.get("id") or "sans nom"
                behind = len(item[field]) - at - 1
                return f"« {name} » laisse tout passer, avant {agreed(behind, 'règle(s)')}"
    return ""


def _lets_none_pass(item: Item, other: Item) -> str:
    """Name the first rule of a policy that permits and fits nothing, new on this side."""
    for field in ("ipv4_access", "ipv6_access"):
        known = [rule for rule in other.get(field) or () if _fits_nothing(rule)]
        for rule in item.get(field) or ():
            if _fits_nothing(rule) and rule not in known:
                return f"« {rule.get('name') or rule.get('id') or 'sans nom'} » ne laisse plus rien passer"
    return ""


def _fits_nothing(rule: Item) -> bool:
    cells = (rule.get(name) for name in ("sources", "destinations", "services"))
    return "allow" in (rule.get("action") or ()) and not rule.get("disabled") and ["none"] in cells


def _applies_to_nobody(item: Item, other: Item) -> str:
    """Say that a group policy applies to nobody, where its other side does."""
    return "ne s’applique à personne" if _is_for_nobody(item) and not _is_for_nobody(other) else ""


def _is_for_nobody(item: Item) -> bool:
    applied, exempt = ({str(name).casefold() for name in item.get(field) or ()} for field in ("filtering", "exempt"))
    return item.get("filtering") is not None and applied <= exempt


def _lends_nothing(item: Item, other: Item) -> str:
    """Say that a scope lends no address, where its other side does."""
    if item.get("active") is False:
        return "" if other.get("active") is False else "ne donne aucune adresse"
    if not _is_excluded(item) or _is_excluded(other):
        return ""
    return "ne donne que ses adresses réservées" if item.get("reservations") else "ne donne aucune adresse"


def _is_excluded(item: Item) -> bool:
    """Tell whether exclusions cover the whole range of a scope."""
    if not item.get("start") or not item.get("end"):
        return False
    left = IPv4Address(item["start"])
    spans = [(IPv4Address(span["start"]), IPv4Address(span["end"])) for span in item.get("exclusions") or ()]
    for first, last in sorted(spans):
        left = last + 1 if first <= left <= last else left
    return left > IPv4Address(item["end"])


_WORDS: Mapping[str, Sequence[tuple[str, Callable[[Item, Item], str]]]] = {
    "dhcp_scope": ((CUTS, _lends_nothing),),
    "gpo": ((CUTS, _applies_to_nobody),),
    "policy": ((OPENS, _lets_all_pass), (CUTS, _lets_none_pass)),
    "ssid": ((OPENS, _open),),
}
"""What is said first of an object, by kind, with its degree: from one side of a change, and the other."""


def rank(described: Described) -> int:
    return SCALE.index(gravity(described))


def by_gravity(orphans: Iterable[Described]) -> list[Described]:
    """Sort orphans, the gravest first."""
    return sorted(orphans, key=lambda orphan: SCALE.index(orphan.get("gravity", "")))
