"""Life of the firewall: nodes of engines, their policy, its installation, versions, tunnels.

Source: the vendor's library (`smc.administration.monitoring_status`, 1.0.34), which asks the status of an element by
`POST /system/monitoring_status`; an SMC that does not offer it gives that of a node at its link `status`, without the
day of the last installation. The SMC has no documented bulk read of statuses: a read a node, a read a VPN.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from piste.engine.converge.errors import Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.moments import of_milliseconds, stamped, written
from piste.engine.converge.reading import in_parts, listed, mapped, optional, text
from piste.engine.transport.subjects import subject
from piste.engine.words import agreed, some
from piste.systems.forcepoint import references
from piste.systems.forcepoint.connection import FORCEPOINT
from piste.systems.forcepoint.references import ENGINES
from piste.systems.forcepoint.smc import Smc, explain

STATUS = "monitoring_status"
TUNNELS = ("vpn", "rbvpn_tunnel")
"""Kinds whose status says whether tunnels stand: policy-based VPNs, route-based tunnels."""
ONLINE = ("Online", "Locked Online")
STANDBY = ("Standby", "Going Standby", "Going Online", "Going Locked Online")
"""States of a node of a cluster whose other nodes work; a node that goes on line is not there yet."""
UNSEEN = ("Unknown", "Not Monitored")
REPORTING = ("READY", "ONLINE", "DUMMY")
"""States of a monitoring that hears its node: `ONLINE` is that of the link `status` [read in vendor code]."""
_SHOWN = 3
_VERSION = re.compile(r"\d+(?:\.\d+)+")


def living(smc: Smc) -> dict[str, Any]:
    """Read what lives: `{read_at, engines, tunnels, unread}`.

    `engines` are by name `{nodes, pending}`, each node `{name, state, monitoring, configuration, policy, installed_at,
    version}`; `pending` counts changes that wait for an installation, None where the SMC does not say. `tunnels` are
    `{name, kind, monitoring}`. `unread`: see `in_parts`. Raises `Unreachable`.
    """
    reads = {"engines": lambda: dict(_engines(smc)), "tunnels": lambda: list(_tunnels(smc))}
    seen = in_parts(smc.host, reads)
    return {"read_at": written(smc.transport.now()), **seen}


def _engines(smc: Smc) -> Iterator[tuple[str, dict[str, Any]]]:
    paths = {name: path for kind in ENGINES for name, path in smc.listing(kind).items()}
    for name, document in zip(paths, smc.documents(paths.values()), strict=True):
        if document is not None:
            nodes = [node for wrapped in listed(document.get("nodes")) for node in mapped(wrapped).values()]
            waiting = smc.results(f"{paths[name]}/pending_changes")
            pending = None if waiting is None else len(waiting)
            yield name, {"nodes": smc.map(lambda node: _node(smc, node), nodes), "pending": pending}


OTHER_POLICY = " y est installée, non {}"
"""What is said of a policy that runs in the place of the declared one, after both names."""


def doubts(name: str, engine: Mapping[str, Any] | None, policy: str) -> tuple[list[str], list[str]]:
    """Say why an engine of `living` does not run its policy, then what nobody knows of it."""
    if engine is None:
        return [f"{name} n’est pas dans le SMC"], []
    wrong, unknown = [], []
    nodes, pending = engine["nodes"], engine["pending"]
    working = any(node["state"] in ONLINE for node in nodes)
    for node in nodes:
        if node["configuration"] != "Installed" or node["policy"] is None:
            wrong.append(f"{node['name']} : aucune politique installée")
        elif node["monitoring"] not in REPORTING or node["state"] in UNSEEN:
            unknown.append(f"{node['name']} : le SMC n’en a pas de nouvelles ({node['state']})")
        elif node["state"] not in ONLINE and not (working and node["state"] in STANDBY):
            wrong.append(f"{node['name']} : {node['state']}")
        if node["policy"] not in (None, policy):
            wrong.append(f"{node['name']} : {node['policy']}{OTHER_POLICY.format(policy)}")
    if not nodes:
        unknown.append(f"{name} : aucun nœud visible")
    if pending is None:
        unknown.append(f"{name} : le SMC ne dit pas ce qui attend l’installation")
    elif pending and any(node["policy"] for node in nodes):
        wrong.append(f"{name} : {agreed(pending, 'modification(s)')} à installer")
    return wrong, unknown


def uninstalled(smc: Smc, engine: str, policy: str) -> str:
    """Say why an engine may not run a policy as the SMC holds it; empty where it does."""
    wrong, unknown = doubts(engine, dict(_engines(smc)).get(engine), policy)
    return some([*wrong, *unknown], _SHOWN, " ; ")


def _node(smc: Smc, node: Mapping[str, Any]) -> dict[str, Any]:
    links = {text(link["rel"]): text(link["href"]) for link in listed(node.get("link"))}
    status = status_of(smc, links["self"]) if STATUS in smc.entry_points else mapped(smc.get(links["status"]))
    version = _VERSION.search(optional(text, status.get("version")) or "")
    policy = optional(text, status.get("installed_policy"))
    return {
        "name": text(node["name"]),
        "state": text(status.get("engine_node_status") or status["status"]),
        "monitoring": text(status.get("monitoring_state") or status["state"]),
        "configuration": text(status["configuration_status"]),
        "policy": f"fw_policy/{policy}" if policy else None,
        "installed_at": optional(moment, status.get("last_upload_time")),
        "version": version[0] if version else None,
    }


def moment(value: Any) -> str | None:
    """Read the moment of an installation; another text is no moment.

    Its form is [belief smc.installed_at].
    """
    said = str(value) if type(value) is int else text(value)
    for read in (of_milliseconds, stamped):
        with suppress(ValueError, OverflowError, OSError):
            return read(said)
    return None


def status_of(smc: Smc, path: str) -> Mapping[str, Any]:
    """Ask the status of an element. Raises `Rejected`, also where the SMC does not monitor it."""
    where = smc.entry_points[STATUS]
    body = {"value": smc.root + references.path_of(path)}
    response = smc.request("POST", where, body=body, retry=True, changes=False)
    if response.status >= 400:
        raise Rejected(f"POST {where} : {response.status}", status=response.status, why=explain(response))
    return response.mapping()


def _tunnels(smc: Smc) -> Iterator[dict[str, Any]]:
    for kind in TUNNELS:
        for name, path in smc.listing(kind).items():
            try:
                state = text(status_of(smc, path)["monitoring_status"]) if STATUS in smc.entry_points else "UNKNOWN"
            except Rejected:
                state = "NOT_MONITORED"
            yield {"name": name, "kind": kind, "monitoring": state}


MODULES: Mapping[str, Module] = subject("smc_living", FORCEPOINT, lambda smc, params: {"living": living(smc)})
