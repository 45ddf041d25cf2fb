"""Recovery points, made by people or by the protection policies."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lab.prism.errors import TaskFailure
from lab.prism.site import Site, refuse

Json = dict[str, Any]
_SHARED = ("creationTime", "expirationTime", "status", "recoveryPointType")
_INTERVALS = {"HOURLY": 3_600, "DAILY": 86_400, "WEEKLY": 604_800, "MONTHLY": 2_592_000, "YEARLY": 31_536_000}


def complete(site: Site, entity: Json, new: bool) -> None:
    """Complete a new recovery point. Raises TaskFailure."""
    if not entity.get("expirationTime"):
        raise TaskFailure("DP-10100", "EXPIRATION_REQUIRED", "The expiration time must not be null.")
    for machine in entity.get("vmRecoveryPoints", ()):
        refuse(site, "Vm", machine.get("vmExtId", ""), "DP-10101", "VM_NOT_FOUND")
    _fill(site, entity, site.moment())


def _fill(site: Site, entity: Json, moment: str) -> None:
    entity |= {"creationTime": moment, "status": "COMPLETE", "ownerExtId": site.owner}
    entity.setdefault("recoveryPointType", "CRASH_CONSISTENT")
    entity["locationReferences"] = [{"locationExtId": site.cluster["extId"]}]
    entity["totalExclusiveUsageBytes"] = 0
    for machine in entity.get("vmRecoveryPoints", ()):
        vm = site.world.of("Vm")[machine["vmExtId"]]
        machine |= {key: entity[key] for key in _SHARED}
        machine |= {"extId": site.world.new_id(), "name": entity.get("name", "")}
        machine["vmCategories"] = [category["extId"] for category in vm.get("categories", ())]
        machine["hypervisorType"] = "AHV"
        machine["_machine"] = copy.deepcopy(vm)
        # A tenth of what the disks may contain differs from the copy before.
        size = sum(disk.get("backingInfo", {}).get("diskSizeBytes", 0) for disk in vm.get("disks", ())) // 10
        machine["totalExclusiveUsageBytes"] = size
        entity["totalExclusiveUsageBytes"] += size


def keep_up(site: Site) -> None:
    """Take the copies that are due by the policies, and forget those that have expired."""
    points, now = site.world.of("RecoveryPoint"), site.now()
    for ext_id in [key for key, point in points.items() if _seconds(point["expirationTime"]) <= now]:
        del points[ext_id]
    last: dict[str, float] = {}
    for point in points.values():
        for machine in point.get("vmRecoveryPoints", ()):
            at = _seconds(point["creationTime"])
            last[machine["vmExtId"]] = max(at, last.get(machine["vmExtId"], 0.0))
    for policy, schedule in _schedules(site):
        every = schedule["recoveryPointObjectiveTimeSeconds"] or 60
        for vm in _protected(site, policy):
            before = last.get(vm["extId"])
            if vm["name"] in site.behaviour.uncopied or (before is not None and before + every > now):
                continue
            at = now if before is None else before + (now - before) // every * every
            last[vm["extId"]] = at
            _take(site, policy, vm, at, at + _kept(schedule, every))


def _schedules(site: Site) -> Iterator[tuple[Json, Json]]:
    for policy in site.world.of("ProtectionPolicy").values():
        for configuration in policy["replicationConfigurations"][:1]:
            yield policy, configuration["schedule"]


def _protected(site: Site, policy: Json) -> Iterator[Json]:
    wanted = set(policy.get("categoryIds", ()))
    for vm in list(site.world.of("Vm").values()):
        if wanted & {category["extId"] for category in vm.get("categories", ())}:
            yield vm


def _take(site: Site, policy: Json, vm: Json, at: float, until: float) -> None:
    point: Json = {
        "name": f"{policy['name']} {vm['name']}",
        "expirationTime": site.moment(until),
        "vmRecoveryPoints": [{"vmExtId": vm["extId"]}],
    }
    _fill(site, point, site.moment(at))
    site.world.keep("RecoveryPoint", point)


def _kept(schedule: Json, every: int) -> int:
    """Seconds for which a copy is kept."""
    retention = schedule.get("retention", {})
    local = retention.get("local", 1)
    if isinstance(local, int):
        return int(local * every)
    return int(local["frequency"] * _INTERVALS[local["snapshotIntervalType"]])


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
