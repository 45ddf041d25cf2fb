"""What NPS servers hold and nobody declares: clients and policies. What NPS is installed with is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from piste.converge.module import Module
from piste.converge.resource import Field, Resource
from piste.converge.secrets import Vault
from piste.windows.nps.document import CLIENTS, NETWORK_POLICIES, NETWORK_PROFILES, REQUEST_POLICIES, Document, Place
from piste.windows.nps.driver import flag, number
from piste.windows.nps.server import opened
from piste.windows.nps.tables import CONNECTION_REQUEST_POLICIES, RADIUS_CLIENTS, SERVERS
from piste.windows.nps.tables import NETWORK_POLICIES as POLICIES
from piste.windows.winrm_access import WINRM

_KINDS: Mapping[str, tuple[Resource, Place]] = {
    "clients": (RADIUS_CLIENTS, CLIENTS),
    "connection_request_policies": (CONNECTION_REQUEST_POLICIES, REQUEST_POLICIES),
    "network_policies": (POLICIES, NETWORK_POLICIES),
}
LAST = 999_999
"""From this order on stand the policies that NPS is installed with, whatever the language of their names."""
WHY = "personne ne le déclare"


def orphans(documents: Mapping[str, Document], declared: Mapping[str, Iterable[str]]) -> Iterator[dict[str, str]]:
    """``{kind, key, why}`` an orphan; ``declared`` holds the names of what is declared, by option of the module."""
    for option, (resource, place) in _KINDS.items():
        # What is kept as it was found is known by its key.
        known = {name.removeprefix(f"{server}/").casefold() for name in declared[option] for server in documents}
        found: dict[str, list[str]] = {}
        for server, document in documents.items():
            for name in document.names(place):
                if name.casefold() not in known and not _installed(document, place, name):
                    found.setdefault(name, []).append(server)
        for name, servers in found.items():
            where = "" if len(servers) == len(documents) else f", sur {', '.join(servers)} seul"
            yield {"kind": resource.name, "key": name, "why": WHY + where}


def _installed(document: Document, place: Place, name: str) -> bool:
    order = number(next(iter(document.values(place, name, "msNPSequence")), ""))
    return order is not None and order >= LAST and not _admits(document, place, name)


def _admits(document: Document, place: Place, name: str) -> bool:
    """True for a network policy in force that grants access: those that NPS is installed with all deny it."""
    allowed = document.values(NETWORK_PROFILES, name, "msNPAllowDialin") if place == NETWORK_POLICIES else ()
    enabled = document.values(place, name, "Policy_Enabled")
    return flag(next(iter(allowed), "0")) and flag(next(iter(enabled), "1"))


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    servers = opened(params["winrm"], params["servers"], Vault(params["secrets"]))
    try:
        documents = {server.name: server.document(fresh=False) for server in servers}
        found = list(orphans(documents, params))
    finally:
        for server in servers:
            server.close()
    warnings = [f"{entry['kind']} {entry['key']} : {entry['why']}" for entry in found]
    calls = {name: sum(server.host.calls[name] for server in servers) for name in ("reads", "writes")}
    return {"changed": False, "orphans": found, "warnings": warnings, "calls": calls}


MODULES: Mapping[str, Module] = {
    "nps_orphans": Module(
        name="nps_orphans",
        options=(
            WINRM,
            SERVERS,
            Field("clients", "Names of all the RADIUS clients that are declared.", type="list", required=True),
            Field(
                "connection_request_policies",
                "Names of all the connection request policies that are declared.",
                type="list",
                required=True,
            ),
            Field(
                "network_policies", "Names of all the network policies that are declared.", type="list", required=True
            ),
            Field("secrets", "Values of the secrets, by path.", type="dict", default={}, no_log=True),
        ),
        run=_run,
    )
}
