"""The kinds of objects that Piste converges, in order, and what it does with each.

The only list of kinds: modules, roles, export, replay, undo, closing, adoption, drift and the page of gaps follow it.
It imports no vendor: a run pays for those that it drives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from piste.engine.kind import Kind, faults
from piste.systems.kinds.forcepoint import FIREWALL
from piste.systems.kinds.glpi import INVENTORY
from piste.systems.kinds.meraki import NETWORK, ROUTING
from piste.systems.kinds.nutanix import HOSTING
from piste.systems.kinds.windows import ACCESS, ADDRESSING, DIRECTORY, NAMES, PRINTING
from piste.systems.kinds.zabbix import SUPERVISION

KINDS: tuple[Kind, ...] = (
    *DIRECTORY,
    *NAMES,
    *ADDRESSING,
    *ACCESS,
    *FIREWALL,
    *PRINTING,
    *NETWORK,
    *ROUTING,
    *HOSTING,
    *SUPERVISION,
    *INVENTORY,
)

ADMITTING = ("directory", "access")
"""The domains whose objects admit devices to the network."""
ADMINISTRATORS = ("meraki_administrators", "smc_administrators", "prism_administrators", "ad_administrators")
"""The modules that, in a drift, name the administrators that nobody declares."""

if wrong := list(faults(KINDS)):
    raise ValueError("piste/systems/kinds: " + "; ".join(wrong))

BY_MODULE: Mapping[str, Kind] = {kind.module: kind for kind in KINDS}
DOMAINS: tuple[str, ...] = tuple(dict.fromkeys(kind.domain for kind in KINDS))
"""Domains in the order of converging."""
TITLES: Mapping[str, str] = {
    "directory": "annuaire",
    "names": "noms",
    "addressing": "adressage",
    "access": "contrôle d’accès",
    "firewall": "pare-feu",
    "printing": "impression",
    "network": "réseau",
    "routing": "routage",
    "hosting": "hébergement",
    "supervision": "supervision",
    "inventory": "inventaire",
}
"""Domains in the town's words."""


def of_domain(domain: str) -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if kind.domain == domain)


@cache
def of_object(name: str) -> Kind:
    """Find the kind of an operation by its name there. Raises KeyError."""
    # Most modules are its plural, or end with it: their tables are imported first, and the others seldom.
    plurals = (name, f"{name}s", f"{name.removesuffix('y')}ies")

    def guess(kind: Kind) -> tuple[bool, bool]:
        return kind.module.partition("_")[2] not in plurals, not kind.module.endswith(plurals)

    for kind in sorted(KINDS, key=guess):
        if kind.table.name == name:
            return kind
    raise KeyError(name)


def comes_before(kind: Kind, name: str) -> bool:
    """Tell whether a kind converges before the kind of an object."""
    return KINDS.index(kind) < KINDS.index(of_object(name))


def admitted(operations: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Name the owners whose ports or SSIDs some operations put behind the RADIUS servers."""
    fields = {kind.table.name: frozenset(kind.admission) for kind in KINDS if kind.admission}

    def admits(described: Mapping[str, Any]) -> bool:
        after = described["content"]["after"] or {}
        changed = fields.get(described["kind"], frozenset()) & {*described["fields"]}
        return any(after.get(name) for name in changed)

    return frozenset(described["owner"] for described in operations if admits(described))


def domain_of(described: Mapping[str, Any]) -> str:
    """Name the domain of an operation; empty where another version of Piste knew its kind."""
    try:
        return of_object(described["kind"]).domain
    except KeyError:
        return ""


def touched(operations: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the domains that operations touch, and those that admit the devices that they move."""
    named = {*map(domain_of, operations), *(ADMITTING if admitted(operations) else ())}
    return [domain for domain in DOMAINS if domain in named]


def within(module: str) -> tuple[Kind, ...]:
    """List the kinds of what an object of another kind takes with it."""
    return tuple(kind for kind in KINDS if module in kind.within)
