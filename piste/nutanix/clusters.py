"""Clusters as facts: nodes, what they hold, what is left where one is lost, the power that they draw.

Source: clustermgmt v4 ``config/clusters``, ``config/hosts``, ``stats``. Nothing is written. Memory of the controller of
each node is not told by the system: it is declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from piste.converge.errors import Missing, Rejected
from piste.converge.module import Module
from piste.converge.reading import listed, mapped, number, reading, text
from piste.converge.resource import Field
from piste.nutanix.connection import PRISM
from piste.nutanix.documents import memory, runs
from piste.nutanix.names import clusters_of, is_aos
from piste.nutanix.prism import CLUSTERS, HOSTS, VMS, Collection, Prism
from piste.nutanix.quantities import in_bytes, size
from piste.nutanix.room import GIB, room, vcpus

_STATS = Collection("stats", "clustermgmt", "stats/clusters")
POWER_SINCE = (4, 1)
"""The version from which nodes tell the power that they draw."""
_WATTS = "powerConsumptionInstantWatt"
_READINGS = {"cpu_used": "hypervisorCpuUsagePpm", "memory_used_gib": "overallMemoryUsageBytes"}
"""What a node tells of what it uses, in every version."""
_SPAN = timedelta(minutes=10)


def facts(prism: Prism, name: str, cvm_bytes: int, *, power: bool) -> Iterator[dict[str, Any]]:
    """What is known of each cluster that holds machines, or of the one of that name."""
    clusters = [one for one in prism.all(CLUSTERS) if is_aos(one)]
    chosen = [one for one in clusters if not name or one.get("name") == name]
    if name and not chosen:
        there = ", ".join(sorted(str(one.get("name")) for one in clusters)) or "aucune"
        todo = f"Grappes visibles : {there}."
        raise Missing(f"la grappe « {name} » n'existe pas", where=prism.host, todo=todo)
    for cluster in sorted(chosen, key=lambda one: str(one.get("name"))):
        yield _cluster(prism, cluster, cvm_bytes, power=power)


def _cluster(prism: Prism, cluster: Mapping[str, Any], cvm_bytes: int, *, power: bool) -> dict[str, Any]:
    ext_id, config = text(cluster["extId"]), mapped(cluster.get("config"))
    hosts = [one for one in prism.all(HOSTS) if text(one["cluster"]["uuid"]) == ext_id]
    machines = [one for one in prism.all(VMS) if ext_id in clusters_of(one)]
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
        "running": sum(runs(one) for one in machines),
        "vcpus": sum(vcpus(one) for one in machines),
        "memory_gib": sum(memory(one) for one in machines) // GIB,
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
    here = [one for one in machines if mapped(one.get("host")).get("extId") == host["extId"]]
    held = memory(host)
    return {
        "name": host.get("hostName"),
        "model": host.get("blockModel"),
        "cores": host.get("numberOfCpuCores"),
        "threads": host.get("numberOfCpuThreads"),
        "memory_gib": held // GIB,
        "memory_for_machines_gib": max(0, held - cvm_bytes) // GIB,
        "state": host.get("nodeStatus"),
        "machines": _allotted(here),
        **readings(prism, cluster, text(host["extId"]), power=power),
    }


def readings(prism: Prism, cluster: str, host: str, *, power: bool) -> dict[str, Any]:
    """What a node uses and the watts that it draws, as its last reading says: one call; None for what it does not
    measure, or where nobody may ask."""
    names = dict(_READINGS)
    if prism.version(_STATS.namespace) >= POWER_SINCE:
        names["watts"] = _WATTS
    told = _last(prism, cluster, host, list(names.values())) if power else {}
    found = {name: told.get(wire) for name, wire in names.items()}
    load, used = found["cpu_used"], found["memory_used_gib"]
    return {
        "cpu_used": None if load is None else round(load / 1_000_000, 3),
        "memory_used_gib": None if used is None else used // GIB,
        "watts": found.get("watts"),
    }


def _last(prism: Prism, cluster: str, host: str, names: Sequence[str]) -> dict[str, int]:
    """The last reading of each name that has one."""
    now = datetime.fromtimestamp(prism.now(), UTC)
    moments = [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (now - _SPAN, now)]
    query = {
        "$startTime": moments[0],
        "$endTime": moments[1],
        "$samplingInterval": 60,
        "$statType": "LAST",
        "$select": ",".join(names),
    }
    try:
        answer = prism.request("GET", prism.url(_STATS, cluster, "hosts", host), query=query).mapping("data")
    except Rejected:
        return {}
    data = mapped(answer["data"])
    series = {name: max(data[name], key=lambda one: text(one["timestamp"])) for name in names if listed(data.get(name))}
    return {name: number(last["value"]) for name, last in series.items()}


@reading("prism")
def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    prism = Prism(params["prism"])
    try:
        cvm = in_bytes(size(params["cvm_memory"])) if params.get("cvm_memory") else 0
        found = list(facts(prism, params.get("cluster") or "", cvm, power=bool(params.get("power"))))
    finally:
        prism.close()
    return {"changed": False, "gathered": found, "calls": prism.transport.calls}


MODULES: Mapping[str, Module] = {
    "prism_clusters": Module(
        name="prism_clusters",
        options=(
            PRISM,
            Field("cluster", "Name of the cluster; all those that hold machines without it."),
            Field("cvm_memory", "Memory that the controller of each node takes, C(32 GiB)."),
            Field(
                "power",
                "Whether to ask each node for what it uses and the power that it draws.",
                type="bool",
                default=False,
            ),
        ),
        run=_run,
    )
}
