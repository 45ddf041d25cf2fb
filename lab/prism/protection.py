"""Protection policies, and recovery plans with their stages and network mappings.

Source: datapolicies v4 `config`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lab.prism.errors import TaskFailure
from lab.prism.site import Site, refuse

Json = dict[str, Any]
_START = re.compile(r"([01][0-9]|2[0-3])h:[0-5][0-9]m")
_HOUR = 3_600
_ROLLED_UP = (
    *(60 * minutes for minutes in (1, 2, 3, 4, 5, 6, 10, 12, 15)),
    *(_HOUR * hours for hours in (1, 2, 3, 4, 6, 8, 12, 24, 168, 336)),
)
"""Objectives of a schedule whose retention rolls up."""
_PARTS = ("RecoveryStage", "NetworkMapping")


def _refuse(group: str, text: str) -> TaskFailure:
    return TaskFailure("DPOL-10100", group, text)  # [inferred]


def _unique(site: Site, kind: str, entity: Json) -> None:
    for other in site.world.of(kind).values():
        if other["extId"] != entity["extId"] and other["name"] == entity["name"]:
            raise _refuse("NAME_IN_USE", f"The name {entity['name']} is already in use.")


def _policy(site: Site, entity: Json, new: bool) -> None:
    _unique(site, "ProtectionPolicy", entity)
    entity.setdefault("isApprovalPolicyNeeded", False)
    entity["ownerExtId"] = site.owner
    for category in entity.get("categoryIds", ()):
        refuse(site, "Category", category, "DPOL-10101", "CATEGORY_NOT_FOUND")
    locations = {location["label"]: location for location in entity["replicationLocations"]}
    if len(locations) != len(entity["replicationLocations"]) or not locations:
        raise _refuse("INVALID_LOCATIONS", "Each replication location has a label of its own.")
    for location in locations.values():
        refuse(site, "DomainManager", location["domainManagerExtId"], "DPOL-10102", "DOMAIN_MANAGER_NOT_FOUND")
        for cluster in location.get("replicationSubLocation", {}).get("clusterExtIds", ()):
            refuse(site, "Cluster", cluster, "DPOL-10103", "CLUSTER_NOT_FOUND")
    pairs = []
    for configuration in entity["replicationConfigurations"]:
        source, remote = configuration["sourceLocationLabel"], configuration.get("remoteLocationLabel")
        if not {source, remote} - {None} <= set(locations):
            raise _refuse("UNKNOWN_LABEL", "A configuration names a location that the policy does not have.")
        pairs.append((source, remote))
        _schedule(site, configuration["schedule"], remote is not None, new)
    if any(remote and (remote, source) not in pairs for source, remote in pairs):
        raise _refuse("ONE_WAY", "Two locations need a configuration each way.")


def _schedule(site: Site, schedule: Json, remote: bool, new: bool) -> None:
    every = schedule["recoveryPointObjectiveTimeSeconds"]
    retention = schedule.get("retention")
    if (retention is None) != (every == 0):
        raise _refuse("INVALID_RETENTION", "A schedule has a retention, except where it is synchronous.")
    if every == 0 and not remote:
        raise _refuse("INVALID_RPO", "A synchronous schedule needs a remote location.")
    if every >= _HOUR and every % _HOUR:
        raise _refuse("INVALID_RPO", "From one hour on, the recovery point objective is in whole hours.")
    if str((retention or {}).get("$objectType")).endswith("AutoRollupRetention") and every not in _ROLLED_UP:
        raise _refuse("INVALID_RPO", "This recovery point objective cannot have a roll-up retention.")
    if not _START.fullmatch(schedule.get("startTime", "00h:00m")):
        raise _refuse("INVALID_START", "The start time is written 22h:30m.")
    schedule.setdefault("recoveryPointType", "CRASH_CONSISTENT")
    if new and "scheduleExtId" in schedule:
        raise _refuse("INVALID_SCHEDULE", "The id of a schedule is given by the system.")
    schedule.setdefault("scheduleExtId", site.world.new_id())
    schedule["isReplicationPaused"] = not new and schedule.get("isReplicationPaused", False)


def _plan(site: Site, entity: Json, new: bool) -> None:
    _unique(site, "RecoveryPlan", entity)
    entity.setdefault("isProtectionPausedPostFailover", False)
    entity["ownerExtId"] = site.owner
    places = [entity["primaryLocation"], entity["recoveryLocation"]]
    for place in places:
        refuse(site, "DomainManager", place["domainManagerExtId"], "DPOL-10102", "DOMAIN_MANAGER_NOT_FOUND")
        for cluster in place.get("clusters", ()):
            refuse(site, "Cluster", cluster["extId"], "DPOL-10103", "CLUSTER_NOT_FOUND")
    primary, recovery = ([cluster["extId"] for cluster in place.get("clusters", ())] for place in places)
    if places[0]["domainManagerExtId"] != places[1]["domainManagerExtId"]:
        return
    if not primary or not recovery:
        raise _refuse("CLUSTERS_REQUIRED", "Inside one domain manager, both locations name their clusters.")
    if set(recovery) & set(primary) and site.behaviour.same_cluster_plan == "refuse":
        raise _refuse("SAME_CLUSTER", "The primary and the recovery location have the same cluster.")  # [inferred]
    if len(recovery) > 1:
        raise _refuse("INVALID_CLUSTERS", "A recovery location has a single cluster.")


def _stage(site: Site, entity: Json, new: bool) -> None:
    refuse(site, "RecoveryPlan", entity["_plan"], "DPOL-10104", "RECOVERY_PLAN_NOT_FOUND")
    entity.setdefault("priority", 1)
    if not entity.get("categoryExtIds") and not entity.get("entities"):
        raise _refuse("EMPTY_STAGE", "A stage names entities or categories.")
    for category in entity.get("categoryExtIds", ()):
        refuse(site, "Category", category, "DPOL-10101", "CATEGORY_NOT_FOUND")
    for machine in entity.get("entities", ()):
        refuse(site, "Vm", machine["extId"], "DPOL-10105", "VM_NOT_FOUND")


def _mapping(site: Site, entity: Json, new: bool) -> None:
    refuse(site, "RecoveryPlan", entity["_plan"], "DPOL-10104", "RECOVERY_PLAN_NOT_FOUND")
    entity.setdefault("isIpMappingEnabled", False)
    for subnet in _subnets(entity):
        refuse(site, "Subnet", subnet, "DPOL-10106", "SUBNET_NOT_FOUND")


def _subnets(mapping: Json) -> Iterator[str]:
    for key in ("primaryNetwork", "recoveryNetwork", "primaryTestNetwork", "recoveryTestNetwork"):
        if key in mapping:
            network = mapping[key]
            if not network.keys() & {"subnetExtId", "subnetName"}:
                raise _refuse("INVALID_NETWORK", f"{key} names no subnet.")
            yield from (network[name] for name in ("subnetExtId",) if name in network)


def forget(site: Site, kind: str, ext_id: str) -> None:
    """Remove what goes with an entity: the parts of a recovery plan."""
    for part in _PARTS if kind == "RecoveryPlan" else ():
        entities = site.world.of(part)
        for key in [key for key, entity in entities.items() if entity["_plan"] == ext_id]:
            del entities[key]


COMPLETE: Mapping[str, Callable[[Site, Json, bool], None]] = {
    "ProtectionPolicy": _policy,
    "RecoveryPlan": _plan,
    "RecoveryStage": _stage,
    "NetworkMapping": _mapping,
}
