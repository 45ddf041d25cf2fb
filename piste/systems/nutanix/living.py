"""Life of the clusters: machines, nodes, and the versions that run there.

Source: vmm v4 `ahv/config/vms`, clustermgmt v4 `config/clusters` and `config/hosts`; lists that a run reads once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.moments import written
from piste.engine.converge.reading import in_parts, listed, mapped, optional, text, truth
from piste.engine.transport.subjects import subject
from piste.systems.nutanix.connection import PRISM_CENTRAL
from piste.systems.nutanix.names import is_aos
from piste.systems.nutanix.prism import CLUSTERS, HOSTS, VMS, Prism

VERSION = re.compile(r"\d[\w.-]*")


def living(prism: Prism) -> dict[str, Any]:
    """Read what lives: `{read_at, machines, places, nodes, clusters, unread}`.

    `machines` is the power state of each by name, a list where several share the name; `places` is their node alike,
    None for a machine that runs on none that is known; `nodes` are by name `{state,
    degraded, hypervisor, connected, controller_in_maintenance, version}`; `clusters` the AOS version by name. `unread`:
    see `in_parts`. Raises `Unreachable`.
    """
    reads = {"machines": _machines, "places": _places, "nodes": _nodes, "clusters": _clusters}
    seen = in_parts(prism.host, {name: partial(read, prism) for name, read in reads.items()})
    return {"read_at": written(prism.now()), **seen}


def _machines(prism: Prism) -> dict[str, Any]:
    states: dict[str, list[str]] = {}
    for machine in prism.all(VMS):
        states.setdefault(text(machine["name"]), []).append(text(machine["powerState"]))
    return dict(states)


def _places(prism: Prism) -> dict[str, Any]:
    nodes = {text(host["extId"]): text(host["hostName"]) for host in prism.all(HOSTS)}
    places: dict[str, list[str | None]] = {}
    for machine in prism.all(VMS):
        node = optional(text, mapped(machine.get("host")).get("extId"))
        places.setdefault(text(machine["name"]), []).append(nodes.get(node or ""))
    return dict(places)


def _nodes(prism: Prism) -> dict[str, Any]:
    return {text(host["hostName"]): _node(host, mapped(host.get("hypervisor"))) for host in prism.all(HOSTS)}


def _node(host: Mapping[str, Any], hypervisor: Mapping[str, Any]) -> dict[str, Any]:
    # `Nutanix 20230302.102005`, or `Nutanix 10.3`: the version is the last word that begins by a digit
    # [belief prism.node_version].
    versions = [word for word in (optional(text, hypervisor.get("fullName")) or "").split() if VERSION.fullmatch(word)]
    return {
        "state": text(host["nodeStatus"]),
        "degraded": truth(host.get("isDegraded")),
        "hypervisor": optional(text, hypervisor.get("state")),
        "connected": optional(text, hypervisor.get("acropolisConnectionState")),
        "controller_in_maintenance": truth(mapped(host.get("controllerVm")).get("isInMaintenanceMode")),
        "version": versions[-1] if versions else None,
    }


def _clusters(prism: Prism) -> dict[str, Any]:
    return {
        text(cluster["name"]): optional(text, mapped(mapped(cluster.get("config")).get("buildInfo")).get("version"))
        for cluster in listed(prism.all(CLUSTERS))
        if is_aos(cluster)
    }


MODULES: Mapping[str, Module] = subject(
    "prism_living", PRISM_CENTRAL, lambda prism, params: {"living": living(prism)}
)
