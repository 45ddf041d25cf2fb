"""Clusters and hosts: their counts of machines, and their statistics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from lab.prism.errors import SchemaError
from lab.prism.query import parameter
from lab.prism.site import Site

Json = dict[str, Any]
Query = Mapping[str, Sequence[str]]
# Watts of a node (two Xeon Silver 4314, 256 GB, six SSD) by share of its processors in use; straight lines between.
CURVE = ((0.0, 150), (0.1, 204), (0.2, 258), (0.3, 300), (0.5, 362), (1.0, 470))
CVM_LOAD = 0.08
VCPU_LOAD = 0.15
READY_LOAD, READY_PPM = 0.5, 200_000
"""The load of a node from which its machines wait for a processor, and how much more they do at its full load."""
IO_MICROSECONDS, IOPS = 1_800, 40
_MOST_READINGS = 600


def _show_cluster(site: Site, entity: Json) -> Json:
    inside = sum(vm["cluster"]["extId"] == entity["extId"] for vm in site.world.of("Vm").values())
    return {"vmCount": inside, "inefficientVmCount": 0}


def _show_host(site: Site, entity: Json) -> Json:
    number = sum(vm["host"]["extId"] == entity["extId"] for vm in site.world.vms_on())
    return {"hypervisor": {**entity["hypervisor"], "numberOfVms": number}}


VIEWS: Mapping[str, Callable[[Site, Json], Json]] = {"Cluster": _show_cluster, "Host": _show_host}


def watts(load: float) -> int:
    """Return the watts of a node at a share of its processors in use."""
    for (low, less), (high, more) in pairwise(CURVE):
        if load <= high:
            return round(less + (more - less) * (load - low) / (high - low))
    return CURVE[-1][1]


def vcpus(vm: Json) -> int:
    return int(vm["numSockets"] * vm["numCoresPerSocket"] * vm["numThreadsPerCore"])


def _reading(site: Site, host: Json) -> dict[str, int]:
    """Return the present figures of a host."""
    here = [vm for vm in site.world.vms_on() if vm["host"]["extId"] == host["extId"]]
    cores = sum(vcpus(vm) for vm in here)
    load = min(1.0, CVM_LOAD + VCPU_LOAD * cores / host["numberOfCpuThreads"])
    memory = sum(vm["memorySizeBytes"] for vm in here)
    used = host["_cvm"] + memory * 7 // 10
    return {
        "cpuCapacityHz": host["cpuCapacityHz"],
        "cpuUsageHz": round(host["cpuCapacityHz"] * load),
        "hypervisorCpuUsagePpm": round(load * 1_000_000),
        "memoryCapacityBytes": host["memorySizeBytes"],
        "overallMemoryUsageBytes": used,
        "aggregateHypervisorMemoryUsagePpm": used * 1_000_000 // host["memorySizeBytes"],
        "freeMemoryBytes": host["memorySizeBytes"] - host["_cvm"] - memory,
        "totalConfiguredVmMemoryBytes": memory,
        "powerConsumptionInstantWatt": watts(load),
        "controllerAvgIoLatencyUsecs": IO_MICROSECONDS,
        "controllerNumIops": IOPS * len(here),
        "vcpus": cores,
    }


def _host_stats(site: Site, ids: Mapping[str, str], query: Query) -> tuple[str, Json]:
    host = site.world.get("Host", ids["extId"])
    reading = _reading(site, host)
    reading["totalVmConfiguredVcpus"] = reading.pop("vcpus")
    return "clustermgmt.v4.stats.HostStats", _series(site, query, reading) | {"extId": host["extId"]}


def _cluster_stats(site: Site, ids: Mapping[str, str], query: Query) -> tuple[str, Json]:
    cluster = site.world.get("Cluster", ids["extId"])
    hosts = [host for host in site.world.of("Host").values() if host["cluster"]["uuid"] == cluster["extId"]]
    readings = [_reading(site, host) for host in hosts]
    total = {key: sum(reading[key] for reading in readings) for key in (readings[0] if readings else ())}
    if total:
        for key in ("hypervisorCpuUsagePpm", "aggregateHypervisorMemoryUsagePpm"):
            total[key] //= len(readings)
        total["aggregateVmConfiguredVcpus"] = total.pop("vcpus")
        total["haMemoryReservedBytes"] = max(host["memorySizeBytes"] - host["_cvm"] for host in hosts)
        capacity = [c for c in site.world.of("StorageContainer").values() if c["clusterExtId"] == cluster["extId"]]
        total["storageCapacityBytes"] = max((c["maxCapacityBytes"] for c in capacity), default=0)
        machines = site.world.of("Vm").values()
        sizes = [d["backingInfo"].get("diskSizeBytes", 0) for vm in machines for d in vm.get("disks", ())]
        total["storageUsageBytes"] = sum(sizes) * 4 // 10
    return "clustermgmt.v4.stats.ClusterStats", _series(site, query, total) | {"extId": cluster["extId"]}


def vm_stats(site: Site, query: Query) -> list[Json]:
    """Return the series of every machine, empty for a stopped machine. Raises SchemaError."""
    for name in ("$startTime", "$endTime", "$samplingInterval", "$select"):
        if not parameter(query, name):
            raise SchemaError([("/query", f"{name} is required.")])
    hosts = {host["extId"]: _reading(site, host) for host in site.world.of("Host").values()}
    moments = _moments(site, query)
    series = []
    for vm in site.world.of("Vm").values():
        on = vm["powerState"] == "ON"
        reading = site.behaviour.waits.get(vm["name"]) or (_waits(hosts[vm["host"]["extId"]]) if on else {})
        points = [{"timestamp": site.moment(at), **reading} for at in moments if on]
        series.append({"extId": vm["extId"], "stats": points})
    return series


def _waits(host: Mapping[str, int]) -> dict[str, int]:
    load = host["hypervisorCpuUsagePpm"] / 1_000_000
    ready = round(READY_PPM * max(0.0, load - READY_LOAD) / (1 - READY_LOAD))
    return {"hypervisorCpuReadyTimePpm": ready, "controllerAvgIoLatencyMicros": IO_MICROSECONDS,
            "controllerNumIops": IOPS}  # fmt: skip


def _moments(site: Site, query: Query) -> list[float]:
    """List the moments of a query. Raises SchemaError for a faulty period."""
    try:
        start, end = (datetime.fromisoformat(parameter(query, name)).timestamp() for name in ("$startTime", "$endTime"))
        step = int(parameter(query, "$samplingInterval") or "30")
    except ValueError:
        text = "$startTime and $endTime are moments, $samplingInterval a number of seconds."
        raise SchemaError([("/query", text)]) from None
    if step < 1 or end < start:
        raise SchemaError([("/query", "$endTime is before $startTime, or $samplingInterval below 1.")])
    end = min(end, site.now())
    return [start + rank * step for rank in range(min(_MOST_READINGS, int((end - start) // step) + 1))]


def _series(site: Site, query: Query, reading: Mapping[str, int]) -> Json:
    """Repeat a reading at each moment of the query."""
    moments = _moments(site, query)
    if not site.behaviour.power_readings:
        reading = {key: value for key, value in reading.items() if key != "powerConsumptionInstantWatt"}
    return {
        key: [{"timestamp": site.moment(at), "value": value} for at in moments]
        for key, value in reading.items()
        if moments
    }


STATS: Mapping[str, Callable[..., tuple[str, Json]]] = {"GetHostStats": _host_stats, "GetClusterStats": _cluster_stats}
