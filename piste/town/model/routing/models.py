"""Models of switches that route or filter, and what they carry.

Source: documentation.meraki.com, *MS Layer 3 Switching and Routing* (interfaces, static routes, DHCP server),
*Configuring ACLs* (VLAN of a rule), *Campus LAN; Planning, Design Guidelines and Best Practices* (rules of a list: 128
a network, fewer than 80 with an MS220, no figure for an MS390); netascode.cisco.com, *Switch Stacks Routing Interfaces*
(uplink of IOS XE). A model that is not here is declared with its limits and their source (`hardware`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict


class Limits(TypedDict):
    """Limits of a switch or a stack; without `dhcp_server` it relays alone."""

    interfaces: int
    static_routes: int
    dhcp_server: bool


_SMALL = Limits(interfaces=16, static_routes=16, dhcp_server=False)
_LARGE = Limits(interfaces=256, static_routes=256, dhcp_server=True)
ROUTING: Mapping[str, Limits] = {
    "MS210": _SMALL,
    "MS225": _SMALL,
    "MS250": _LARGE,
    "MS350": _LARGE,
    "MS355": _LARGE,
    "MS390": _LARGE,
    "MS410": _LARGE,
    "MS425": _LARGE,
    "MS450": _LARGE,
    "C9300": _LARGE,
}
"""Limits by the beginning of a model."""
IOS_XE = ("C9",)
"""Beginnings of the models whose uplink interface says so itself [belief meraki.ios_xe_uplink]."""
NO_VLAN_IN_RULES = ("MS390", "C9")
"""Beginnings of the models that ignore the VLAN of a rule; [belief meraki.routing_models] for C9 beyond the C9300."""


MOST_RULES = 128
"""The most rules of an access list in a network."""
ACCESS_RULES: Mapping[str, int | None] = {
    "MS220": 79,
    "MS390": None,
    **dict.fromkeys(("MS1", "MS2", "MS3", "MS4"), MOST_RULES),
}
"""The most rules of an access list by the beginning of a model; None: nobody says how many."""


def access_rules(model: str, declared: int | None = None) -> int | None:
    """Give the rules that a model holds in a list, None where nobody says it.

    A bare family (`MS`) is no model.
    """
    if declared is not None:
        return declared
    return next((most for start, most in ACCESS_RULES.items() if model.startswith(start)), None)


def limits(model: str, declared: Mapping[str, Limits]) -> Limits | None:
    """Give what a model carries, None where nobody says that it routes."""
    if model in declared:
        return declared[model]
    return next((known for start, known in ROUTING.items() if model.startswith(start)), None)


def least(known: Iterable[Limits]) -> Limits:
    """Give the limits of a stack, those of its weakest member [belief meraki.routing_models]."""
    known = list(known)
    return Limits(
        interfaces=min(limit["interfaces"] for limit in known),
        static_routes=min(limit["static_routes"] for limit in known),
        dhcp_server=all(limit["dhcp_server"] for limit in known),
    )
