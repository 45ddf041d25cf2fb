"""Machines: creation, replacement, disks, NICs, CD-ROM drives, limits of running machines."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from lab.prism.errors import ApiError, TaskFailure, not_found
from lab.prism.power import room, turn_off, wrong_state
from lab.prism.site import Site, refuse

Json = dict[str, Any]
PACKAGE = "vmm.v4.ahv.config"
_FOLDER = {"Disk": "disks", "Nic": "nics", "CdRom": "cdRoms"}
DEFAULTS: Json = {
    "numSockets": 1, "numCoresPerSocket": 1, "numThreadsPerCore": 1, "numNumaNodes": 0, "memorySizeBytes": 1 << 30,
    "isVcpuHardPinningEnabled": False, "isCpuPassthroughEnabled": False, "isMemoryOvercommitEnabled": False,
    "isGpuConsoleEnabled": False, "isCpuHotplugEnabled": True, "isScsiControllerEnabled": True,
    "hardwareClockTimezone": "UTC", "isBrandingEnabled": True, "isVgaConsoleEnabled": True, "machineType": "PC",
    "isAgentVm": False, "vtpmConfig": {"isVtpmEnabled": False}, "apcConfig": {"isApcEnabled": False},
    "bootConfig": {"$objectType": f"{PACKAGE}.LegacyBoot", "bootOrder": ["CDROM", "DISK", "NETWORK"]},
}  # fmt: skip
# Fields that cannot change on a running machine; memory, sockets and IDE drives have rules of their own.
_COLD = (
    "numCoresPerSocket", "numThreadsPerCore", "numNumaNodes", "isCpuPassthroughEnabled", "enabledCpuFeatures",
    "isVcpuHardPinningEnabled", "isCpuHotplugEnabled", "bootConfig", "machineType", "serialPorts", "vtpmConfig",
    "isScsiControllerEnabled",
)  # fmt: skip
_KEPT = (
    "extId", "createTime", "generationUuid", "biosUuid", "host", "powerState", "guestTools", "isLiveMigrateCapable",
    "isCrossClusterMigrationInProgress", "protectionType", "_restored",
)  # fmt: skip


def refuse_at_once(site: Site, job: Json) -> None:
    """Refuse the faults that the request shows without a task. Raises ApiError."""
    name, body = job["name"], job["body"]
    if name == "CreateVm" and body.get("powerState", "OFF") == "ON":
        raise ApiError(400, "VMM-30109", "INVALID_POWER_STATE", "A VM cannot be created in the power state ON.")
    if name in ("CreateVm", "UpdateVm") and not body.get("name"):
        raise ApiError(400, "VMM-30101", "INVALID_NAME", "A VM has a name.")
    if name.startswith(("Update", "Delete", "Insert", "Eject")) and "vmExtId" in job["ids"]:
        part(name.removeprefix("Update").removeprefix("Delete").removeprefix("Insert").removeprefix("Eject"),
             site.world.get("Vm", job["ids"]["vmExtId"]), job["ids"])  # fmt: skip
    behaviour = site.behaviour
    if behaviour.power_on_when_on == "status" and name in ("PowerOnVm", "PowerOffVm", "ShutdownVm"):
        vm = site.world.get("Vm", job["ids"]["extId"])
        if (vm["powerState"] == "ON") == (name == "PowerOnVm"):
            failure = wrong_state(vm)
            raise ApiError(400, failure.code, failure.group, failure.message)
    if behaviour.unknown_reference == "status" and name in ("CreateVm", "UpdateVm"):
        try:
            _references(site, body)
        except TaskFailure as failure:
            raise ApiError(404, failure.code, failure.group, failure.message) from None


def part(name: str, vm: Json, ids: Any) -> tuple[str, Json]:
    """Return the model of a part of a machine, and the part. Raises ApiError 404."""
    if name == "GuestTools":
        tools = vm.get("guestTools")
        if tools is None:
            raise ApiError(404, "VMM-30320", "NGT_NOT_FOUND", "The VM has no Nutanix Guest Tools.")  # [inferred]
        return f"{PACKAGE}.GuestTools", tools
    for item in vm.get(_FOLDER[name], ()):
        if item["extId"] == ids["extId"]:
            return f"{PACKAGE}.{name}", item
    raise not_found(name, ids["extId"])


def parts(name: str, site: Site, ids: Any) -> tuple[str, list[Json]]:
    return f"{PACKAGE}.{name}", site.world.get("Vm", ids["vmExtId"]).get(_FOLDER[name], [])


def create_vm(site: Site, job: Json) -> None:
    body, now = job["body"], site.moment()
    vm: Json = {
        **copy.deepcopy(DEFAULTS),
        "cluster": {"extId": site.cluster["extId"]},
        "ownershipInfo": {"owner": {"extId": site.owner}},
        **body,
        "extId": job["new"],
        "_lag": site.behaviour.read_lag,
        "powerState": "OFF",
        "createTime": now,
        "updateTime": now,
        "isLiveMigrateCapable": True,
        "isCrossClusterMigrationInProgress": False,
        "protectionType": "UNPROTECTED",
    }
    # Write-only: it serves once, at the first start of the guest, and no answer shows it.
    vm.pop("guestCustomization", None)
    for key in ("generationUuid", "biosUuid"):
        vm.setdefault(key, site.world.new_id())
    keep_new(site, vm)


def keep_new(site: Site, vm: Json) -> None:
    """Add a machine, once its references are known and its parts whole. Raises TaskFailure."""
    _references(site, vm)
    _furnish(site, vm, {})
    site.world.keep("Vm", vm)


def update_vm(site: Site, job: Json) -> None:
    """Replace a machine.

    Omitted fields return to their defaults, omitted parts go, parts without an id are new.
    """
    old = site.world.of("Vm")[job["ids"]["extId"]]
    body = {key: value for key, value in job["body"].items() if key not in ("guestCustomization", "powerState")}
    if site.behaviour.categories_by_put == "ignore":
        body.pop("categories", None)
        body |= {"categories": old["categories"]} if "categories" in old else {}
    vm = {
        **copy.deepcopy(DEFAULTS),
        "cluster": old["cluster"],
        "ownershipInfo": old["ownershipInfo"],
        **body,
        **{key: old[key] for key in _KEPT if key in old},
        "updateTime": site.moment(),
    }
    if vm["cluster"] != old["cluster"]:
        raise TaskFailure("VMM-30330", "CLUSTER_CHANGE", "The cluster of a VM cannot be changed by an update.")
    _references(site, vm)
    _furnish(site, vm, old)
    if old["powerState"] == "ON":
        _refuse_hot(site, old, vm)
    site.world.of("Vm")[vm["extId"]] = site.world.touch(vm)


def delete_vm(site: Site, job: Json) -> None:
    vm = site.world.of("Vm")[job["ids"]["extId"]]
    turn_off(site, vm)
    del site.world.of("Vm")[vm["extId"]]


def categorise(site: Site, job: Json) -> None:
    vm = site.world.of("Vm")[job["ids"]["extId"]]
    given = [category["extId"] for category in job["body"].get("categories", ())]
    for category in given:
        refuse(site, "Category", category, "VMM-30107", "CATEGORY_NOT_FOUND")
    members = [category["extId"] for category in vm.get("categories", ())]
    if job["name"] == "AssociateCategories":
        members += [category for category in given if category not in members]
    else:
        members = [category for category in members if category not in given]
    vm |= {"categories": [{"extId": category} for category in members], "updateTime": site.moment()}
    if not members:
        del vm["categories"]
    site.world.touch(vm)


def assign_owner(site: Site, job: Json) -> None:
    vm = site.world.of("Vm")[job["ids"]["extId"]]
    vm |= {"ownershipInfo": job["body"], "updateTime": site.moment()}
    site.world.touch(vm)


def add_part(site: Site, job: Json) -> None:
    folder = _FOLDER[job["name"].removeprefix("Create")]
    given = {**job["body"], "extId": ""}
    _change_parts(site, job, folder, lambda items: [*items, given])


def change_nic(site: Site, job: Json) -> None:
    ext_id = job["ids"]["extId"]
    given = {**job["body"], "extId": ext_id}
    _change_parts(site, job, "nics", lambda items: [given if item["extId"] == ext_id else item for item in items])


def resize_disk(site: Site, job: Json) -> None:
    """Enlarge a disk: no other operation does, and this does nothing else."""
    vm = site.world.of("Vm")[job["ids"]["vmExtId"]]
    disk = next(item for item in vm["disks"] if item["extId"] == job["ids"]["extId"])
    wanted = job["body"].get("backingInfo", {})
    if "dataSource" in wanted:
        raise TaskFailure("VMM-30340", "INVALID_DISK_SPEC", "The data source of a disk cannot be given on update.")
    if job["body"].get("diskAddress", disk["diskAddress"]) != disk["diskAddress"]:
        raise TaskFailure("VMM-30341", "INVALID_DISK_SPEC", "The bus and the index of a disk cannot be changed.")
    present = disk["backingInfo"]["diskSizeBytes"]
    size = wanted.get("diskSizeBytes", present)
    if size < present:
        raise TaskFailure("VMM-30342", "INVALID_DISK_SIZE", "Shrinking a disk is not supported.")
    if size > present and vm["powerState"] == "ON" and disk["diskAddress"]["busType"] == "IDE":
        raise wrong_state(vm)
    disk["backingInfo"]["diskSizeBytes"] = size
    vm["updateTime"] = site.moment()
    site.world.touch(vm)


def remove_part(site: Site, job: Json) -> None:
    folder = _FOLDER[job["name"].removeprefix("Delete")]
    _change_parts(site, job, folder, lambda items: [item for item in items if item["extId"] != job["ids"]["extId"]])


def change_medium(site: Site, job: Json) -> None:
    vm = site.world.of("Vm")[job["ids"]["vmExtId"]]
    drive = next(item for item in vm["cdRoms"] if item["extId"] == job["ids"]["extId"])
    if job["name"] == "EjectCdRom":
        for key in ("backingInfo", "isoType"):
            drive.pop(key, None)
    else:
        drive |= {"backingInfo": _volume(site, job["body"]["backingInfo"]), "isoType": "OTHER"}
    vm["updateTime"] = site.moment()
    site.world.touch(vm)


def _change_parts(site: Site, job: Json, folder: str, change: Any) -> None:
    """Change a list of parts of a machine, by the rules of its replacement."""
    old = site.world.of("Vm")[job["ids"]["vmExtId"]]
    vm = copy.deepcopy(old) | {"updateTime": site.moment()}
    vm[folder] = change(vm.get(folder, []))
    _references(site, vm)
    _furnish(site, vm, old)
    if old["powerState"] == "ON":
        _refuse_hot(site, old, vm)
    known = {item["extId"] for item in old.get(folder, ())}
    rel = {"disks": "disk", "nics": "nic", "cdRoms": "cdrom"}[folder]
    for item in vm.get(folder, ()):
        if item["extId"] not in known:
            job["affected"].append({"extId": item["extId"], "rel": f"vmm:ahv:config:vm:{rel}"})
    site.world.of("Vm")[vm["extId"]] = site.world.touch(vm)


def _references(site: Site, vm: Json) -> None:
    """Refuse a machine with unknown references. Raises TaskFailure."""
    if "cluster" in vm:
        refuse(site, "Cluster", vm["cluster"].get("extId", ""), "VMM-30106", "CLUSTER_NOT_FOUND")
    for category in vm.get("categories", ()):
        refuse(site, "Category", category["extId"], "VMM-30107", "CATEGORY_NOT_FOUND")
    for nic in vm.get("nics", ()):
        info = nic.get("nicNetworkInfo") or nic.get("networkInfo") or {}
        refuse(site, "Subnet", info.get("subnet", {}).get("extId", ""), "VMM-30604", "SUBNET_NOT_FOUND")
    for drive in (*vm.get("disks", ()), *vm.get("cdRoms", ())):
        backing = drive.get("backingInfo", {})
        image = backing.get("dataSource", {}).get("reference", {}).get("imageExtId")
        if image is not None:
            refuse(site, "Image", image, "VMM-31201", "IMAGE_NOT_FOUND")
        container = backing.get("storageContainer", {}).get("extId")
        if container is not None:
            refuse(site, "StorageContainer", container, "VMM-31202", "CONTAINER_NOT_FOUND")


def _furnish(site: Site, vm: Json, old: Json) -> None:
    """Give each part of a machine id, address and size; a known part keeps its own."""
    for folder in ("disks", "cdRoms", "nics"):
        had = {item["extId"]: item for item in old.get(folder, ())}
        items: list[Json] = [{**item, "extId": item.get("extId") or site.world.new_id()} for item in vm.get(folder, ())]
        for item in items:
            was = had.get(item["extId"], {})
            if folder == "nics":
                _nic(site, item, was)
            else:
                _drive(site, item, was, items, "SCSI" if folder == "disks" else "IDE")
        vm[folder] = items
        if not items:
            del vm[folder]


def _drive(site: Site, drive: Json, was: Json, among: list[Json], bus: str) -> None:
    address = drive.setdefault("diskAddress", dict(was.get("diskAddress", {})))
    address.setdefault("busType", bus)
    others = [other.get("diskAddress", {}) for other in among if other is not drive]
    taken = {other.get("index") for other in others if other.get("busType") == address["busType"]}
    if "index" not in address:
        address["index"] = next(index for index in range(256) if index not in taken)
    elif address["index"] in taken:
        text = f"The disk address {address['busType']}.{address['index']} is used twice."
        raise TaskFailure("VMM-30343", "DUPLICATE_DISK_ADDRESS", text)
    if was and address != was["diskAddress"]:
        raise TaskFailure("VMM-30341", "INVALID_DISK_SPEC", "The bus and the index of a disk cannot be changed.")
    if "backingInfo" in was:
        drive["backingInfo"] = was["backingInfo"]
    elif drive.get("backingInfo", {}).get("$objectType", "VmDisk").endswith("VmDisk") and drive.get("backingInfo"):
        drive["backingInfo"] = _volume(site, drive["backingInfo"])
        if bus == "IDE":
            drive.setdefault("isoType", "OTHER")


def _volume(site: Site, given: Json) -> Json:
    """Complete a new virtual disk."""
    image = given.get("dataSource", {}).get("reference", {}).get("imageExtId")
    source = site.world.of("Image")[image]["sizeBytes"] if image else 0
    size = given.get("diskSizeBytes") or source
    if not size:
        raise TaskFailure("VMM-30344", "INVALID_DISK_SIZE", "A disk needs a size or a data source.")
    first = next(iter(site.world.of("StorageContainer")))
    volume = {
        "$objectType": f"{PACKAGE}.VmDisk",
        **given,
        "diskExtId": site.world.new_id(),
        "diskSizeBytes": max(size, source),
        "isMigrationInProgress": False,
    }
    volume.setdefault("storageContainer", {"extId": first})
    volume.setdefault("storageConfig", {"isFlashModeEnabled": False})
    return volume


def _nic(site: Site, nic: Json, was: Json) -> None:
    """Merge both generations of a NIC: the changed generation counts, the newer if both changed."""
    for old, new, model in (
        ("backingInfo", "nicBackingInfo", "VirtualEthernetNic"),
        ("networkInfo", "nicNetworkInfo", "VirtualEthernetNicNetworkInfo"),
    ):
        given_old, given_new = nic.get(old), _plain(nic.get(new))
        changed = given_new is not None and given_new != _plain(was.get(new))
        counts = given_new if changed or given_old is None else given_old
        nic[old] = dict(counts or {})
        nic[new] = {**nic[old], "$objectType": f"{PACKAGE}.{model}"}
    address = was.get("backingInfo", {}).get("macAddress") or _mac(nic)
    card = {"isConnected": True, "numQueues": 1, "macAddress": address}
    info = {"nicType": "NORMAL_NIC", "vlanMode": "ACCESS", "shouldAllowUnknownMacs": False}
    for keys, defaults in ((("backingInfo", "nicBackingInfo"), card), (("networkInfo", "nicNetworkInfo"), info)):
        for key in keys:
            nic[key] = {**defaults, **nic[key]}


def _plain(value: Json | None) -> Json | None:
    return None if value is None else {key: item for key, item in value.items() if key != "$objectType"}


def _mac(nic: Json) -> str:
    digits = uuid.UUID(nic["extId"]).hex[-6:]
    return "50:6b:8d:" + ":".join(digits[at : at + 2] for at in (0, 2, 4))


def _refuse_hot(site: Site, old: Json, new: Json) -> None:
    """Refuse changes that a running machine cannot take. Raises TaskFailure."""
    sockets = new["numSockets"] - old["numSockets"]
    more = new["memorySizeBytes"] - old["memorySizeBytes"]

    def slow(vm: Json) -> list[str]:
        drives = (*vm.get("disks", ()), *vm.get("cdRoms", ()))
        return sorted(drive["extId"] for drive in drives if drive["diskAddress"]["busType"] in ("IDE", "SATA"))

    cold = any(old.get(key) != new.get(key) for key in _COLD)
    cold |= sockets < 0 or (sockets > 0 and not old["isCpuHotplugEnabled"]) or more < 0
    cold |= slow(old) != slow(new)
    if cold:
        raise wrong_state(old)
    if more > 0 and not room(site, more):
        text = f"No host can run the VM with UUID '{old['extId']}': not enough memory with the HA reservation."
        raise TaskFailure("VMM-34418", "NO_HOST_AVAILABLE", text)
