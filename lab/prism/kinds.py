"""The kinds of entities and their operations: paths, bodies, answers, rules of the ETag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TASK_REFERENCE = "prism.v4.config.TaskReference"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entity.

    path      namespace, then the path of the collection
    rel       how a task names an entity of this kind
    filters   fields that `$filter` and `$orderby` may name
    verbs     the mutations that the simulator serves
    guarded   verbs that need the ETag of the entity
    sync      answered at once, without a task
    reply     the answer of its mutations, where the name does not follow from the operation
    since     the first minor version that serves it
    detail    how the completion details of a task name what it has made
    """

    name: str
    plural: str
    path: str
    model: str
    rel: str = ""
    filters: tuple[str, ...] = ("extId", "name")
    verbs: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ("Update",)
    sync: bool = False
    reply: str = ""
    since: int = 0
    detail: str = ""

    @property
    def namespace(self) -> str:
        return self.path.partition("/")[0]

    @property
    def package(self) -> str:
        return self.model.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; `body` is a model, empty for none, `-` where a body is refused."""

    name: str
    method: str
    path: str
    kind: Kind
    answer: str
    body: str = ""
    guarded: bool = False

    @property
    def namespace(self) -> str:
        return self.path.partition("/")[0]


_ALL = ("Create", "Update", "Delete")
_VM = "vmm.v4.ahv.config"
_PLANS = "datapolicies/config/recovery-plans"
VM = Kind(
    "Vm", "Vms", "vmm/ahv/config/vms", f"{_VM}.Vm", "vmm:ahv:config:vm",
    ("extId", "name", "powerState", "cluster/extId", "numSockets", "memorySizeBytes", "categories/extId",
     "createTime"), _ALL, ("Update", "Delete"),
)  # fmt: skip
KINDS = (
    Kind("Category", "Categories", "prism/config/categories", "prism.v4.config.Category",
         filters=("extId", "key", "value", "type", "ownerUuid"), verbs=_ALL, sync=True),
    Kind("Subnet", "Subnets", "networking/config/subnets", "networking.v4.config.Subnet", "networking:config:subnet",
         ("extId", "name", "networkId", "subnetType", "clusterReference", "virtualSwitchReference"), _ALL,
         reply="networking.v4.config.TaskReferenceApiResponse"),
    Kind("VirtualSwitch", "VirtualSwitches", "networking/config/virtual-switches",
         "networking.v4.config.VirtualSwitch"),
    Kind("Image", "Images", "vmm/content/images", "vmm.v4.content.Image", "vmm:content:image",
         ("extId", "name", "type", "sizeBytes"), _ALL),
    VM,
    Kind("VmAntiAffinityPolicy", "VmAntiAffinityPolicies", "vmm/ahv/policies/vm-anti-affinity-policies",
         "vmm.v4.ahv.policies.VmAntiAffinityPolicy", "vmm:ahv:policies:vm-anti-affinity-policy", verbs=_ALL),
    Kind("VmHostAffinityPolicy", "VmHostAffinityPolicies", "vmm/ahv/policies/vm-host-affinity-policies",
         "vmm.v4.ahv.policies.VmHostAffinityPolicy", "vmm:ahv:policies:vm-host-affinity-policy", verbs=_ALL),
    Kind("Task", "Tasks", "prism/config/tasks", "prism.v4.config.Task",
         filters=("extId", "status", "operation", "createdTime", "entitiesAffected/extId")),
    Kind("DomainManager", "DomainManager", "prism/config/domain-managers", "prism.v4.config.DomainManager"),
    Kind("Cluster", "Clusters", "clustermgmt/config/clusters", "clustermgmt.v4.config.Cluster",
         filters=("extId", "name", "config/clusterFunction")),
    Kind("Host", "Hosts", "clustermgmt/config/hosts", "clustermgmt.v4.config.Host",
         filters=("extId", "hostName", "cluster/uuid")),
    Kind("StorageContainer", "StorageContainers", "clustermgmt/config/storage-containers",
         "clustermgmt.v4.config.StorageContainer", filters=("extId", "name", "clusterExtId", "containerExtId")),
    Kind("RecoveryPoint", "RecoveryPoints", "dataprotection/config/recovery-points",
         "dataprotection.v4.config.RecoveryPoint", "dataprotection:config:recovery-point",
         ("extId", "name", "creationTime", "status", "vmRecoveryPoints/vmExtId"), ("Create", "Delete"), ()),
    Kind("ProtectionPolicy", "ProtectionPolicies", "datapolicies/config/protection-policies",
         "datapolicies.v4.config.ProtectionPolicy", "datapolicies:config:protection-policy", verbs=_ALL,
         detail="protectionPolicyExtId"),
    Kind("RecoveryPlan", "RecoveryPlans", _PLANS, "datapolicies.v4.config.RecoveryPlan",
         "datapolicies:config:recovery-plan", verbs=_ALL, since=2),
    Kind("RecoveryStage", "RecoveryStages", f"{_PLANS}/{{recoveryPlanExtId}}/stages",
         "datapolicies.v4.config.RecoveryStage", "datapolicies:config:recovery-plan:stage", ("extId",), _ALL, since=2),
    Kind("NetworkMapping", "NetworkMappings", f"{_PLANS}/{{recoveryPlanExtId}}/network-mappings",
         "datapolicies.v4.config.NetworkMapping", "datapolicies:config:recovery-plan:network-mapping", ("extId",),
         _ALL, since=2),
)  # fmt: skip
KIND = {kind.name: kind for kind in KINDS}
HOST = KIND["Host"]

# Power: no body at all, but for the two that speak to the guest's tools. (action, operation, answer where it differs)
_POWER = (
    ("power-on", "PowerOnVm", ""), ("power-off", "PowerOffVm", ""), ("power-cycle", "PowerCycleVm", ""),
    ("reset", "ResetVm", ""), ("shutdown", "ShutdownVm", ""), ("reboot", "RebootVm", ""),
    ("guest-shutdown", "ShutdownGuestVm", "ShutdownVm"), ("guest-reboot", "RebootGuestVm", "RebootVm"),
)  # fmt: skip
_PARTS = (("disks", "Disk", True), ("nics", "Nic", True), ("cd-roms", "CdRom", False))


def _of_kind(kind: Kind) -> Iterator[Operation]:
    entity, package = f"{kind.path}/{{extId}}", kind.package
    yield Operation(f"List{kind.plural}", "GET", kind.path, kind, f"{package}.List{kind.plural}ApiResponse")
    # The path of a host goes through its cluster.
    if kind is not HOST:
        yield Operation(f"Get{kind.name}", "GET", entity, kind, f"{package}.Get{kind.name}ApiResponse")
    for verb, method, path in (("Create", "POST", kind.path), ("Update", "PUT", entity), ("Delete", "DELETE", entity)):
        if verb in kind.verbs:
            name = f"{verb}{kind.name}"
            answer = kind.reply or f"{package}.{name}ApiResponse"
            body = "" if verb == "Delete" else kind.model
            yield Operation(name, method, path, kind, answer, body, verb in kind.guarded)


def _of_vm() -> Iterator[Operation]:
    machine = f"{VM.path}/{{extId}}"
    for action, name, answer in _POWER:
        body = f"{_VM}.GuestPowerOptions" if action.startswith("guest-") else "-"
        reply = f"{_VM}.{answer or name}ApiResponse"
        yield Operation(name, "POST", f"{machine}/$actions/{action}", VM, reply, body, True)
    for verb in ("Associate", "Disassociate"):
        path = f"{machine}/$actions/{verb.lower()}-categories"
        body = f"{_VM}.{verb}VmCategoriesParams"
        yield Operation(f"{verb}Categories", "POST", path, VM, f"{_VM}.{verb}CategoriesApiResponse", body, True)
    tools = f"{machine}/guest-tools"
    yield Operation("GetGuestTools", "GET", tools, VM, f"{_VM}.GetGuestToolsApiResponse")
    owner = f"{machine}/$actions/assign-owner"
    yield Operation("AssignVmOwner", "POST", owner, VM, f"{_VM}.AssignVmOwnerApiResponse", f"{_VM}.OwnershipInfo", True)
    for folder, part, changes in _PARTS:
        parts = f"{VM.path}/{{vmExtId}}/{folder}"
        model = f"{_VM}.{part}"
        yield Operation(f"List{part}s", "GET", parts, VM, f"{_VM}.List{part}sApiResponse")
        yield Operation(f"Get{part}", "GET", f"{parts}/{{extId}}", VM, f"{_VM}.Get{part}ApiResponse")
        yield Operation(f"Create{part}", "POST", parts, VM, f"{_VM}.Create{part}ApiResponse", model, True)
        if changes:
            path = f"{parts}/{{extId}}"
            yield Operation(f"Update{part}", "PUT", path, VM, f"{_VM}.Update{part}ApiResponse", model, True)
        yield Operation(f"Delete{part}", "DELETE", f"{parts}/{{extId}}", VM, f"{_VM}.Delete{part}ApiResponse", "", True)
    drive = f"{VM.path}/{{vmExtId}}/cd-roms/{{extId}}/$actions"
    insert = f"{_VM}.CdRomInsertParams"
    yield Operation("InsertCdRom", "POST", f"{drive}/insert", VM, f"{_VM}.InsertCdRomApiResponse", insert, True)
    yield Operation("EjectCdRom", "POST", f"{drive}/eject", VM, f"{_VM}.EjectCdRomApiResponse", "-", True)


def _of_copies() -> Iterator[Operation]:
    kind = KIND["RecoveryPoint"]
    actions, package = f"{kind.path}/{{extId}}/$actions", kind.package
    spec, answer = f"{package}.RecoveryPointRestorationSpec", f"{package}.RecoveryPointRestoreApiResponse"
    yield Operation("RestoreRecoveryPoint", "POST", f"{actions}/restore", kind, answer, spec, True)
    answer = f"{package}.UpdateRecoveryPointExpirationTimeApiResponse"
    body = f"{package}.ExpirationTimeSpec"
    path = f"{actions}/set-expiration-time"
    yield Operation("SetRecoveryPointExpirationTime", "POST", path, kind, answer, body, True)


def _of_platform() -> Iterator[Operation]:
    cluster, config, stats = "clustermgmt/config/clusters/{clusterExtId}", HOST.package, "clustermgmt.v4.stats"
    yield Operation("ListHostsByCluster", "GET", f"{cluster}/hosts", HOST, f"{config}.ListHostsByClusterIdApiResponse")
    yield Operation("GetHost", "GET", f"{cluster}/hosts/{{extId}}", HOST, f"{config}.GetHostApiResponse")
    measured = "clustermgmt/stats/clusters"
    answer = f"{stats}.ClusterStatsApiResponse"
    yield Operation("GetClusterStats", "GET", f"{measured}/{{extId}}", KIND["Cluster"], answer)
    path = f"{measured}/{{clusterExtId}}/hosts/{{extId}}"
    yield Operation("GetHostStats", "GET", path, HOST, f"{stats}.HostStatsApiResponse")
    answer = "vmm.v4.ahv.stats.ListVmStatsApiResponse"
    yield Operation("ListVmStats", "GET", "vmm/ahv/stats/vms", KIND["Vm"], answer)


OPERATIONS = (
    *(operation for kind in KINDS for operation in _of_kind(kind)),
    *_of_vm(),
    *_of_copies(),
    *_of_platform(),
)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))


_ROUTES = [(operation, _pattern(operation.path)) for operation in OPERATIONS]


def route(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """Return the operation of a path without version (`vmm/ahv/config/vms`), and its ids."""
    for operation, pattern in _ROUTES:
        match = pattern.fullmatch(path) if operation.method == method else None
        if match:
            return operation, match.groupdict()
    return None
