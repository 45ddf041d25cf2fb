"""Orphans of NPS servers: undeclared clients and policies.

Policies that NPS is installed with are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from piste.engine.converge.orphan import WHY
from piste.engine.converge.resource import Resource
from piste.systems.windows.nps.document import (
    CLIENTS,
    NETWORK_POLICIES,
    NETWORK_PROFILES,
    REQUEST_POLICIES,
    Document,
    Place,
)
from piste.systems.windows.nps.driver import flag, number
from piste.systems.windows.nps.pair import Pair
from piste.systems.windows.nps.tables import CONNECTION_REQUEST_POLICIES, RADIUS_CLIENTS
from piste.systems.windows.nps.tables import NETWORK_POLICIES as POLICIES

_KINDS: Mapping[str, tuple[Resource, Place]] = {
    "clients": (RADIUS_CLIENTS, CLIENTS),
    "connection_request_policies": (CONNECTION_REQUEST_POLICIES, REQUEST_POLICIES),
    "network_policies": (POLICIES, NETWORK_POLICIES),
}
LAST = 999_999
"""Lowest order of the policies that NPS is installed with, in any language."""


def orphans(documents: Mapping[str, Document], declared: Mapping[str, Iterable[str]]) -> Iterator[dict[str, str]]:
    """Yield the orphans, `{kind, key, why}`; `declared` maps options of the module to names."""
    for option, (resource, place) in _KINDS.items():
        # An object kept as found is declared by its key.
        known = {name.removeprefix(f"{server}/").casefold() for name in declared[option] for server in documents}
        servers_of: dict[str, list[str]] = {}
        for server, document in documents.items():
            for name in document.names(place):
                if name.casefold() not in known and not _installed(document, place, name):
                    servers_of.setdefault(name, []).append(server)
        for name, servers in servers_of.items():
            where = "" if len(servers) == len(documents) else f", sur {', '.join(servers)} seul"
            yield {"kind": resource.name, "key": name, "why": WHY + where}


def _installed(document: Document, place: Place, name: str) -> bool:
    order = number(next(iter(document.values(place, name, "msNPSequence")), ""))
    return order is not None and order >= LAST and not _admits(document, place, name)


def _admits(document: Document, place: Place, name: str) -> bool:
    """Return True for an enabled network policy that grants access.

    The policies that NPS is installed with deny it.
    """
    allowed = document.values(NETWORK_PROFILES, name, "msNPAllowDialin") if place == NETWORK_POLICIES else ()
    enabled = document.values(place, name, "Policy_Enabled")
    return flag(next(iter(allowed), "0")) and flag(next(iter(enabled), "1"))


def undeclared(pair: Pair, declared: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the orphans of the servers; `declared` has names by kind."""
    return orphans({server.name: server.document(fresh=False) for server in pair.servers}, declared)
