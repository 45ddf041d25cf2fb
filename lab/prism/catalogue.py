"""Categories, subnets, images, affinity policies, and the jobs of what is stored as given."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from lab.prism import copies, protection
from lab.prism.errors import ApiError, TaskFailure
from lab.prism.kinds import KINDS, Kind
from lab.prism.models import MODELS
from lab.prism.site import Perform, Site, refuse

Json = dict[str, Any]
IMAGE_BYTES = 40 << 30
ISO_BYTES = 5 << 30


def _category(site: Site, entity: Json, new: bool) -> None:
    pair = (entity["key"], entity["value"])
    for other in site.world.of("Category").values():
        if other["extId"] != entity["extId"] and (other["key"], other["value"]) == pair:
            text = f"Category {pair[0]}/{pair[1]} already exists."
            raise ApiError(409, "CTGS-10003", "CATEGORY_ALREADY_EXISTS", text)  # [inferred]
    if new:
        entity |= {"type": "USER", "ownerUuid": entity.get("ownerUuid") or site.owner}
    elif not entity.get("ownerUuid"):
        raise ApiError(400, "CTGS-10010", "OWNER_REQUIRED", "deleting ownerUuid not allowed")


def _subnet(site: Site, entity: Json, new: bool) -> None:
    if entity.get("subnetType", "VLAN") == "VLAN":
        cluster = entity.get("clusterReference") or site.cluster["extId"]
        refuse(site, "Cluster", cluster, "NET-30106", "CLUSTER_NOT_FOUND")  # [inferred]
        name = site.world.of("Cluster")[cluster]["name"]
        switch = entity.get("virtualSwitchReference") or next(iter(site.world.of("VirtualSwitch")))
        entity |= {"clusterReference": cluster, "clusterName": name, "virtualSwitchReference": switch}
        entity |= {"clusterReferenceList": [cluster], "clusterNameList": [name]}
    entity.setdefault("subnetType", "VLAN")
    entity.setdefault("isAdvancedNetworking", False)
    entity |= {"isNatEnabled": False, "isExternal": False, "hypervisorType": "acropolis"}
    if not entity["isAdvancedNetworking"]:
        entity["bridgeName"] = "br0"
    for config in entity.get("ipConfig", ()):
        plan = config["ipv4"]["ipSubnet"]
        entity["ipPrefix"] = f"{plan['ip']['value']}/{plan['prefixLength']}"
        network = ipaddress.ip_network(entity["ipPrefix"], strict=False)
        for pool in config["ipv4"].get("poolList", ()):
            for end in ("startIp", "endIp"):
                if ipaddress.ip_address(pool[end]["value"]) not in network:
                    raise TaskFailure("NET-30201", "INVALID_POOL", f"{pool[end]['value']} is outside {network}.")
    _addresses(entity.get("ipConfig"))
    _addresses(entity.get("dhcpOptions"))


def _addresses(value: Any) -> None:
    """Add to each address the prefix length that the system shows."""
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _addresses(item)
    if isinstance(value, dict) and isinstance(value.get("value"), str):
        value.setdefault("prefixLength", 128 if ":" in value["value"] else 32)


def _image(site: Site, entity: Json, new: bool) -> None:
    now = site.moment()
    if new:
        size = ISO_BYTES if entity["type"] == "ISO_IMAGE" else IMAGE_BYTES
        entity |= {"createTime": now, "sizeBytes": size, "ownerExtId": site.owner}
        entity.setdefault("clusterLocationExtIds", [site.cluster["extId"]])
    entity |= {"lastUpdateTime": now, "ownerName": site.username}
    for category in entity.get("categoryExtIds", ()):
        refuse(site, "Category", category, "VMM-20301", "CATEGORY_NOT_FOUND")


def _policy(site: Site, entity: Json, new: bool) -> None:
    if not entity.get("name"):
        raise TaskFailure("VMM-33001", "INVALID_NAME", "A policy has a name.")
    for key in ("categories", "vmCategories", "hostCategories"):
        for category in entity.get(key, ()):
            refuse(site, "Category", category["extId"], "VMM-33002", "CATEGORY_NOT_FOUND")
    entity["updateTime"] = site.moment()
    if new:
        entity["createTime"] = entity["updateTime"]


_COMPLETE: Mapping[str, Callable[[Site, Json, bool], None]] = {
    "Category": _category,
    "Subnet": _subnet,
    "Image": _image,
    "VmAntiAffinityPolicy": _policy,
    "VmHostAffinityPolicy": _policy,
    "RecoveryPoint": copies.complete,
    **protection.COMPLETE,
}


def _users(site: Site, ext_id: str) -> list[tuple[str, str, int]]:
    """Return the users of a category: (type, group, number)."""
    world = site.world
    counts = [("VM", "ENTITY", sum(_holds(vm, "categories", ext_id) for vm in world.of("Vm").values()))]
    counts.append(("IMAGE", "ENTITY", sum(ext_id in i.get("categoryExtIds", ()) for i in world.of("Image").values())))
    anti = world.of("VmAntiAffinityPolicy").values()
    counts.append(("VM_VM_ANTI_AFFINITY_POLICY", "POLICY", sum(_holds(p, "categories", ext_id) for p in anti)))
    near = world.of("VmHostAffinityPolicy").values()
    both = ("vmCategories", "hostCategories")
    number = sum(any(_holds(policy, key, ext_id) for key in both) for policy in near)
    counts.append(("VM_HOST_AFFINITY_POLICY", "POLICY", number))
    rules = world.of("ProtectionPolicy").values()
    counts.append(("PROTECTION_RULE", "POLICY", sum(ext_id in rule.get("categoryIds", ()) for rule in rules)))
    return [entry for entry in counts if entry[2]]


def _holds(entity: Json, key: str, ext_id: str) -> bool:
    return any(reference["extId"] == ext_id for reference in entity.get(key, ()))


def _refuse_removal(site: Site, kind: str, entity: Json) -> None:
    ext_id = entity["extId"]
    if kind == "Category":
        if entity["type"] != "USER":
            raise ApiError(403, "CTGS-10020", "SYSTEM_CATEGORY", "System categories cannot be deleted.")  # [inferred]
        if _users(site, ext_id):
            text = f"Category {entity['key']}/{entity['value']} is in use and cannot be deleted."
            raise ApiError(409, "CTGS-10021", "CATEGORY_IN_USE", text)  # [inferred]
    if kind == "Subnet":
        names = [vm["name"] for vm in site.world.of("Vm").values() if ext_id in _subnets_of(vm)]
        if names:
            text = f"Subnet {entity['name']} has {len(names)} NICs attached and cannot be deleted."
            raise TaskFailure("NET-30300", "SUBNET_IN_USE", text)  # [inferred]


def _subnets_of(vm: Json) -> list[str]:
    return [nic["networkInfo"]["subnet"]["extId"] for nic in vm.get("nics", ())]


def _create(kind: Kind) -> Perform:
    def create(site: Site, job: Json) -> None:
        entity = {**job["body"], "extId": job["new"], "_lag": site.behaviour.read_lag}
        if plan := job["ids"].get("recoveryPlanExtId"):
            entity["_plan"] = plan
        _COMPLETE[kind.name](site, entity, True)
        site.world.keep(kind.name, entity)
        if kind.detail:
            job["details"] = {kind.detail: entity["extId"]}

    return create


def _update(kind: Kind) -> Perform:
    kept = [key for key, field in MODELS.fields[kind.model].items() if field.mark == "!"]

    def update(site: Site, job: Json) -> None:
        """Replace the writable fields: an optional field that the body omits goes."""
        old = site.world.of(kind.name)[job["ids"]["extId"]]
        kept_here = [*kept, *(key for key in old if key.startswith("_"))]
        entity = {**{key: old[key] for key in kept_here if key in old}, **job["body"]}
        _COMPLETE[kind.name](site, entity, False)
        site.world.of(kind.name)[entity["extId"]] = site.world.touch(entity)

    return update


def _delete(kind: Kind) -> Perform:
    def delete(site: Site, job: Json) -> None:
        ext_id = job["ids"]["extId"]
        _refuse_removal(site, kind.name, site.world.of(kind.name)[ext_id])
        del site.world.of(kind.name)[ext_id]
        protection.forget(site, kind.name, ext_id)

    return delete


def jobs() -> dict[str, Perform]:
    """Return the jobs that create, replace and remove the entities of this file, by operation."""
    verbs = (("Create", _create), ("Update", _update), ("Delete", _delete))
    return {f"{verb}{kind.name}": make(kind) for kind in KINDS if kind.name in _COMPLETE for verb, make in verbs}


def _show_category(site: Site, entity: Json) -> Json:
    associations = [
        {"categoryId": entity["extId"], "resourceType": kind, "resourceGroup": group, "count": count}
        for kind, group, count in _users(site, entity["extId"])
    ]
    return {"associations": associations} if associations else {}


def _show_anti_affinity(site: Site, entity: Json) -> Json:
    wanted = {category["extId"] for category in entity.get("categories", ())}
    hosts = [
        vm["host"]["extId"]
        for vm in site.world.vms_on()
        if wanted & {category["extId"] for category in vm.get("categories", ())}
    ]
    alone = sum(hosts.count(host) == 1 for host in hosts)
    return {"numCompliantVms": alone, "numNonCompliantVms": len(hosts) - alone, "numPendingVms": 0}


VIEWS: Mapping[str, Callable[[Site, Json], Json]] = {
    "Category": _show_category,
    "VmAntiAffinityPolicy": _show_anti_affinity,
}
