"""Clusters as facts: nodes, machines, room left after the loss of a node, power.

Source: clustermgmt v4 `config/clusters`, `config/hosts`, `stats`. Nothing is written. The system does not give the
memory of the controller of each node: it is declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from piste.engine.converge.errors import Missing
from piste.engine.converge.module import Module
from piste.engine.converge.reading import listed, mapped, number, text
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.transport.subjects import subject
from piste.systems.nutanix.connection import PRISM_CENTRAL
from piste.systems.nutanix.documents import memory, runs
from piste.systems.nutanix.names import clusters_of, is_aos
from piste.systems.nutanix.prism import CLUSTERS, HOSTS, VMS, Prism
from piste.systems.nutanix.quantities import in_bytes, size
from piste.systems.nutanix.room import GIB, room, vcpus
from piste.systems.nutanix.waits import NODES, asked, measured

POWER_SINCE = (4, 1)
"""Version from which nodes give the power that they draw."""
_WATTS = "powerConsumptionInstantWatt"
_READINGS = {"cpu_used": "hypervisorCpuUsagePpm", "memory_used_gib": "overallMemoryUsageBytes"}
"""Measures that a node gives in every version: our name, their name."""
_SPAN = timedelta(minutes=10)


def facts(prism: Prism, name: str, cvm_bytes: int, *, power: bool) -> Iterator[dict[str, Any]]:
    """Yield the facts of each cluster with machines, or of the cluster of that name.

    Raises `Missing`.
    """
    clusters = [cluster for cluster in prism.all(CLUSTERS) if is_aos(cluster)]
    chosen = [cluster for cluster in clusters if not name or cluster.get("name") == name]
    if name and not chosen:
        there = ", ".join(sorted(str(cluster.get("name")) for cluster in clusters)) or "aucune"
        todo = f"Grappes visibles : {there}."
        raise Missing(f"la grappe « {name} » n’existe pas", where=prism.host, todo=todo)
    for cluster in sorted(chosen, key=lambda cluster: str(cluster.get("name"))):
        yield _cluster(prism, cluster, cvm_bytes, power=power)


def _cluster(prism: Prism, cluster: Mapping[str, Any], cvm_bytes: int, *, power: bool) -> dict[str, Any]:
    ext_id, config = text(cluster["extId"]), mapped(cluster.get("config"))
    hosts = [host for host in prism.all(HOSTS) if text(host["cluster"]["uuid"]) == ext_id]
    machines = [machine for machine in prism.all(VMS) if ext_id in clusters_of(machine)]
    nodes = [_node(prism, ext_id, host, machines, cvm_bytes, power=power) for host in hosts]
    return {
        "name": cluster.get("name"),
        "version": mapped(config.get("buildInfo")).get("version"),
        "redundancy_factor": config.get("redundancyFactor"),
        "nodes": sorted(nodes, key=lambda node: str(node["name"])),
        "machines": _allotted(machines),
        "after_the_loss_of_a_node": room(machines, [memory(host) for host in hosts], cvm_bytes),
    }


def _allotted(machines: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {
        "count": len(machines),
        "running": sum(runs(machine) for machine in machines),
        "vcpus": sum(vcpus(machine) for machine in machines),
        "memory_gib": sum(memory(machine) for machine in machines) // GIB,
    }


def _node(
    prism: Prism,
    cluster: str,
    host: Mapping[str, Any],
    machines: Sequence[Mapping[str, Any]],
    cvm_bytes: int,
    *,
    power: bool,
) -> dict[str, Any]:
    here = [machine for machine in machines if mapped(machine.get("host")).get("extId") == host["extId"]]
    installed = memory(host)
    return {
        "name": host.get("hostName"),
        "model": host.get("blockModel"),
        "serial": host.get("blockSerial"),
        "cores": host.get("numberOfCpuCores"),
        "threads": host.get("numberOfCpuThreads"),
        "memory_gib": installed // GIB,
        "memory_for_machines_gib": max(0, installed - cvm_bytes) // GIB,
        "state": host.get("nodeStatus"),
        "machines": _allotted(here),
        **readings(prism, cluster, text(host["extId"]), power=power),
    }


def readings(prism: Prism, cluster: str, host: str, *, power: bool) -> dict[str, Any]:
    """Last measures of a node, in one call: `{cpu_used, memory_used_gib, watts}`.

    None for a measure that the node does not make or that the account may not read.
    """
    names = dict(_READINGS)
    if prism.version(NODES.namespace) >= POWER_SINCE:
        names["watts"] = _WATTS
    last = _last(prism, cluster, host, list(names.values())) if power else {}
    values = {name: last.get(wire) for name, wire in names.items()}
    load, used = values["cpu_used"], values["memory_used_gib"]
    return {
        "cpu_used": None if load is None else round(load / 1_000_000, 3),
        "memory_used_gib": None if used is None else used // GIB,
        "watts": values.get("watts"),
    }


def _last(prism: Prism, cluster: str, host: str, names: Sequence[str]) -> dict[str, int]:
    """Last value of each measure that has one."""
    now = datetime.fromtimestamp(prism.now(), UTC)
    data = measured(prism, cluster, host, asked(now - _SPAN, now, names, 60, "LAST"))
    known = {name: data[name] for name in names if listed(data.get(name))}
    last = {name: max(points, key=lambda point: text(point["timestamp"])) for name, points in known.items()}
    return {name: number(point["value"]) for name, point in last.items()}


def _clusters(prism: Prism, params: Params) -> dict[str, Any]:
    cvm = in_bytes(size(params["cvm_memory"])) if params.get("cvm_memory") else 0
    return {"gathered": list(facts(prism, params.get("cluster") or "", cvm, power=bool(params.get("power"))))}


MODULES: Mapping[str, Module] = subject(
    "prism_clusters",
    PRISM_CENTRAL,
    _clusters,
    Field("cluster", "Name of the cluster; all those that hold machines without it."),
    Field("cvm_memory", "Memory that the controller of each node takes, C(32 GiB)."),
    Field(
        "power",
        "Whether to ask each node for what it uses and the power that it draws.",
        type="bool",
        default=False,
    ),
)
