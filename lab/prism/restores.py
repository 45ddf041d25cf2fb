"""Restores: new machines made from a recovery point, off, under other names if asked.

Source: dataprotection v4 `config/recovery-points/{extId}/$actions/restore`. The task names the recovery point, and its
completion details the new machines [recorded].
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from lab.prism import vms
from lab.prism.errors import TaskFailure
from lab.prism.site import Site

Json = dict[str, Any]
_OWN = ("extId", "host", "generationUuid", "biosUuid", "_rev", "_lag", "links")


def restore(site: Site, job: Json) -> None:
    """Make machines of a recovery point again, all or those named. Raises TaskFailure."""
    point = site.world.of("RecoveryPoint").get(job["ids"]["extId"])
    if point is None:
        raise TaskFailure("DP-10110", "RECOVERY_POINT_NOT_FOUND", "The recovery point has expired.")
    cluster = job["body"].get("clusterExtId") or site.cluster["extId"]
    if cluster not in site.world.of("Cluster"):
        raise TaskFailure("DP-10112", "CLUSTER_NOT_FOUND", f"The cluster with UUID '{cluster}' is not found.")
    overrides = job["body"].get("vmRecoveryPointRestoreOverrides", ())
    asked = {override.get("vmRecoveryPointExtId", ""): override for override in overrides}
    inside = {machine["extId"]: machine for machine in point.get("vmRecoveryPoints", ())}
    if unknown := set(asked) - set(inside):
        text = f"{min(unknown)} is not in the recovery point."
        raise TaskFailure("DP-10111", "VM_RECOVERY_POINT_NOT_FOUND", text)
    made = []
    for ext_id in asked or inside:
        machine = inside[ext_id]["_machine"]
        if machine["name"] in site.behaviour.damaged:
            text = f"Failed to restore the VM {machine['name']}: a disk of the recovery point cannot be read."
            raise TaskFailure("DP-10200", "RESTORE_FAILED", text)  # [inferred]
        vm = _again(site, machine, asked.get(ext_id, {}).get("vmOverrideSpec", {}))
        vm["cluster"] = {"extId": cluster}
        vms.keep_new(site, vm)
        made.append(vm["extId"])
    job["details"] = {"vmExtIds": ",".join(made)}


def _again(site: Site, machine: Json, override: Json) -> Json:
    """Return a new machine, off, from a copy of another; parts and identities are its own."""
    vm: Json = {key: copy.deepcopy(value) for key, value in machine.items() if key not in _OWN}
    vm |= {"extId": site.world.new_id(), "powerState": "OFF", "createTime": site.moment(), "updateTime": site.moment()}
    vm |= {"generationUuid": site.world.new_id(), "biosUuid": site.world.new_id(), "_restored": machine["name"]}
    for key in ("name", "description", "categories", "ownershipInfo"):
        if key in override:
            vm[key] = override[key]
    cards = override.get("nicSpec", {})
    subnets = {entry["nicExtId"]: entry["nicNetworkInfo"]["subnet"] for entry in cards.get("nicOverrideList", ())}
    vm["nics"] = [nic for nic in vm.get("nics", ()) if nic["extId"] not in cards.get("nicRemoveList", ())]
    for nic in vm["nics"]:
        for key in ("networkInfo", "nicNetworkInfo"):
            if nic["extId"] in subnets:
                nic[key]["subnet"] = subnets[nic["extId"]]
        for key in ("backingInfo", "nicBackingInfo"):
            nic.get(key, {}).pop("macAddress", None)
    for folder in ("nics", "disks", "cdRoms"):
        for item in vm.get(folder, ()):
            item.pop("extId")
    for drive in (*vm.get("disks", ()), *vm.get("cdRoms", ())):
        drive.get("backingInfo", {}).pop("dataSource", None)
    return vm


def expire_later(site: Site, job: Json) -> None:
    point = site.world.of("RecoveryPoint")[job["ids"]["extId"]]
    point["expirationTime"] = job["body"]["expirationTime"]
    for machine in point.get("vmRecoveryPoints", ()):
        machine["expirationTime"] = point["expirationTime"]
    site.world.touch(point)


def _show_machine(site: Site, vm: Json) -> Json:
    """Add the protection of a machine, and the address that a restored machine announces.

    On a network without DHCP a system gives itself an address, and the hypervisor learns it [inferred].
    """
    rules = [policy.get("categoryIds", ()) for policy in site.world.of("ProtectionPolicy").values()]
    mine = {category["extId"] for category in vm.get("categories", ())}
    seen: Json = {"protectionType": "RULE_PROTECTED"} if any(mine.intersection(rule) for rule in rules) else {}
    up = vm["powerState"] == "ON" and site.now() >= vm.get("_on_since", 0.0) + site.behaviour.boot_seconds
    if "_restored" in vm and up and vm["_restored"] not in site.behaviour.stillborn:
        seen["nics"] = [_announced(nic, rank) for rank, nic in enumerate(vm.get("nics", ()))]
    return seen


def _announced(nic: Json, rank: int) -> Json:
    shown = copy.deepcopy(nic)
    info = {"learnedIpAddresses": [{"value": f"169.254.{10 + rank}.10", "prefixLength": 32}]}
    for key in ("networkInfo", "nicNetworkInfo"):
        shown[key]["ipv4Info"] = info
    return shown


VIEWS: Mapping[str, Callable[[Site, Json], Json]] = {"Vm": _show_machine}
