"""Initial states of a Prism Central.

empty      the three-node cluster, its storage and its virtual switch: nothing made by people
town       the 22 machines of the town and 50 Citrix desktops of another tool
inherited  a legacy: machines over-sized, untagged, two with the same name
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.prism import accounts
from lab.prism.simulator import PrismSimulator
from lab.prism.world import World

Json = dict[str, Any]
GIB = 1 << 30
CLUSTER = "ntnx-hdv"
NODES = ("ntnx-hdv-a", "ntnx-hdv-b", "ntnx-hdv-c")
CONTAINERS = ("ctr-prod", "ctr-horsprod")
DESKTOPS = 50
# name, vCPU, GiB of memory, environment, VLAN
MACHINES: tuple[tuple[str, int, int, str, int], ...] = (
    ("hdv-dc1", 2, 4, "Production", 102), ("hdv-dc2", 2, 4, "Production", 102),
    ("hdv-nps1", 1, 2, "Production", 102), ("hdv-nps2", 1, 2, "Production", 102),
    ("hdv-ca1", 1, 2, "Production", 102), ("hdv-fic1", 2, 8, "Production", 102),
    ("hdv-sql1", 4, 10, "Production", 102), ("hdv-imp1", 2, 6, "Production", 102),
    ("hdv-ctx1", 2, 4, "Production", 102), ("hdv-sh1", 4, 12, "Production", 102),
    ("hdv-sh2", 4, 12, "Production", 102), ("hdv-glpi1", 2, 4, "Production", 102),
    ("hdv-sup1", 2, 4, "Production", 102), ("hdv-log1", 1, 2, "Production", 102),
    ("hdv-sav1", 2, 4, "Production", 102), ("hdv-med1", 1, 2, "Production", 102),
    ("hdv-ag1", 2, 4, "Production", 102), ("hdv-pm1", 2, 4, "Production", 107),
    ("hdv-pm2", 1, 2, "Production", 107), ("hdv-acc1", 2, 4, "Production", 107),
    ("hdv-rct1", 2, 2, "HorsProduction", 102), ("hdv-img1", 2, 4, "HorsProduction", 102),
)  # fmt: skip
_SPACE = uuid.UUID("0b93a6e0-5b1e-4f0e-9f8e-93000000a5c1")
_WITHOUT_TOOLS = ("hdv-img1",)


def seeded(
    name: str, blank: Callable[[World], PrismSimulator], cluster: str = CLUSTER, nodes: Sequence[str] = NODES
) -> World:
    """Return the state that a seed describes, the empty state for an unknown name.

    `cluster` and `nodes` are the names of the cluster and of its servers.
    """
    world = World()
    prism = blank(world)
    _platform(prism, cluster, nodes)
    accounts.seed(prism.site)
    SEEDS.get(name, _empty)(prism)
    prism.finish()
    # The calls of a seed are history: no task shows, no answer repeats.
    world.tasks.clear()
    world.replays.clear()
    return world


def _id(name: str) -> str:
    return str(uuid.uuid5(_SPACE, name))


def _address(last: int) -> Json:
    return {"ipv4": {"value": f"10.93.0.{last}", "prefixLength": 32}}


def _platform(prism: PrismSimulator, named: str, servers: Sequence[str]) -> None:
    """Make the cluster, and Prism Central, which lists itself as another cluster."""
    world, cluster = prism.world, _id(named)
    nodes = [
        {"controllerVmIp": _address(221 + rank), "nodeUuid": _id(name), "hostIp": _address(211 + rank)}
        for rank, name in enumerate(servers)
    ]
    build = {"buildType": "release", "version": "7.5", "fullVersion": "el9-release-ganges-7.5-stable"}
    common = {"buildInfo": build, "timezone": "Europe/Paris", "isAvailable": True, "operationMode": "NORMAL"}
    tolerance = {"currentMaxFaultTolerance": 1, "desiredMaxFaultTolerance": 1, "domainAwarenessLevel": "NODE"}
    world.keep("Cluster", {
        "extId": cluster, "name": named, "nodes": {"numberOfNodes": len(servers), "nodeList": nodes},
        "config": {**common, "hypervisorTypes": ["AHV"], "clusterFunction": ["AOS"], "redundancyFactor": 2,
                   "faultToleranceState": tolerance},
        "network": {"externalAddress": _address(220), "externalDataServiceIp": _address(224)},
        "containerName": CONTAINERS[0],
    })  # fmt: skip
    central = _id("prism-central")
    world.keep("Cluster", {
        "extId": central, "name": "pc-hdv", "nodes": {"numberOfNodes": 1},
        "config": {**common, "clusterFunction": ["PRISM_CENTRAL"]}, "network": {"externalAddress": _address(219)},
    })  # fmt: skip
    world.keep("DomainManager", {
        "extId": central, "hostingClusterExtId": cluster, "isRegisteredWithHostingCluster": True,
        "config": {"name": "pc-hdv", "size": "STARTER", "buildInfo": {"version": "pc.7.5"}},
        "network": {"externalAddress": _address(219), "fqdn": "pc-hdv.ad.lebourget.example"}, "nodeExtIds": [],
    })  # fmt: skip
    for rank, name in enumerate(servers):
        world.keep("Host", {
            "extId": _id(name), "hostName": name, "hostType": "HYPER_CONVERGED",
            "hypervisor": {"externalAddress": _address(211 + rank), "fullName": "Nutanix 10.3", "type": "AHV",
                           "state": "ACROPOLIS_NORMAL", "acropolisConnectionState": "CONNECTED"},
            "cluster": {"uuid": cluster, "name": named}, "isDegraded": False, "isRebootPending": False,
            "controllerVm": {"externalAddress": _address(221 + rank), "isInMaintenanceMode": False},
            "numberOfCpuCores": 16, "numberOfCpuThreads": 32, "numberOfCpuSockets": 2,
            "cpuFrequencyHz": 2_400_000_000, "cpuCapacityHz": 16 * 2_400_000_000,
            "cpuModel": "Intel(R) Xeon(R) Silver 4309Y CPU @ 2.40GHz", "bootTimeUsecs": 1_750_000_000_000_000,
            "memorySizeBytes": 128 * GIB, "blockSerial": f"EX-ntnx-00{rank + 1}", "blockModel": "NX-1065-G8",
            "maintenanceState": "normal", "nodeStatus": "NORMAL", "_cvm": 32 * GIB,
        })  # fmt: skip
    for name in CONTAINERS:
        world.keep("StorageContainer", {
            "extId": _id(name), "containerExtId": _id(name), "name": name, "clusterExtId": cluster,
            "clusterName": named, "maxCapacityBytes": 20_000 * GIB, "logicalAdvertisedCapacityBytes": 10_000 * GIB,
            "replicationFactor": 2, "isCompressionEnabled": True, "isInternal": False,
        })  # fmt: skip
    hosts = [{"extId": _id(name), "hostNics": [_id(f"{name}-eth0"), _id(f"{name}-eth1")]} for name in servers]
    world.keep("VirtualSwitch", {
        "extId": _id("vs0"), "name": "vs0", "isDefault": True, "isQuickMode": False, "hasDeploymentError": False,
        "mtu": 1500, "bondMode": "ACTIVE_BACKUP", "clusters": [{"extId": cluster, "hosts": hosts}],
    })  # fmt: skip
    world.keep("Category", {
        "extId": _id("Environment"), "key": "Environment", "value": "Default", "type": "SYSTEM",
        "ownerUuid": _id("system"), "description": "Made by the system.",
    })  # fmt: skip


def _empty(prism: PrismSimulator) -> None:
    """Leave the cluster as it is."""


def _town(prism: PrismSimulator) -> None:
    for key, value in (("Environnement", "Production"), ("Environnement", "HorsProduction"), ("Outil", "Citrix")):
        prism.edit("POST", "prism/config/categories", {"key": key, "value": value})
    _networks(prism)
    _image(prism)
    for name, cpus, memory, environment, vlan in MACHINES:
        container = CONTAINERS[environment == "HorsProduction"]
        vm = _machine(prism, name, cpus, memory, vlan, ("Environnement", environment), container)
        if name not in _WITHOUT_TOOLS:
            _tools(prism, vm)
        _turn_on(prism, vm)
        _copy(prism, vm)
    for rank in range(1, DESKTOPS + 1):
        vm = _machine(prism, f"CTX-POSTE-{rank:03}", 2, 2, 102, ("Outil", "Citrix"), CONTAINERS[1])
        if rank <= DESKTOPS * 3 // 5:
            _turn_on(prism, vm)


def _inherited(prism: PrismSimulator) -> None:
    """Make the machines of the town with all the faults of a legacy."""
    _networks(prism)
    prism.edit("POST", "networking/config/subnets", {"name": "VM Network", "subnetType": "VLAN", "networkId": 0})
    _image(prism)
    for rank, (name, cpus, memory, _, vlan) in enumerate(MACHINES):
        shown = name.upper() if rank % 3 == 1 else name
        vm = _machine(prism, shown, cpus * 2, memory + (4 if memory < 8 else 8), vlan, None, CONTAINERS[0])
        if rank % 4 != 3:
            _turn_on(prism, vm)
    _machine(prism, "hdv-glpi1", 2, 4, 102, None, CONTAINERS[0])
    _machine(prism, "Copie de HDV-SQL1 (ne pas supprimer)", 4, 10, 0, None, CONTAINERS[1])


SEEDS: Mapping[str, Callable[[PrismSimulator], None]] = {"empty": _empty, "town": _town, "inherited": _inherited}


def _networks(prism: PrismSimulator) -> None:
    for name, vlan in (("serveurs", 102), ("surete", 107)):
        prism.edit("POST", "networking/config/subnets", {"name": name, "subnetType": "VLAN", "networkId": vlan})


def _image(prism: PrismSimulator) -> None:
    url = "https://hdv-fic1.ad.lebourget.example/images/windows-server-2022.qcow2"
    source = {"$objectType": "vmm.v4.content.UrlSource", "url": url}
    prism.edit("POST", "vmm/content/images", {"name": "windows-server-2022", "type": "DISK_IMAGE", "source": source})


def _machine(
    prism: PrismSimulator,
    name: str,
    cpus: int,
    memory: int,
    vlan: int,
    category: tuple[str, str] | None,
    container: str,
) -> Json:
    subnet = next(s["extId"] for s in prism.world.of("Subnet").values() if s["networkId"] == vlan)
    store = {"extId": prism.world.named("StorageContainer", container)["extId"]}
    volume = {"$objectType": "vmm.v4.ahv.config.VmDisk", "diskSizeBytes": 60 * GIB, "storageContainer": store}
    body: Json = {
        "name": name,
        "numSockets": cpus,
        "memorySizeBytes": memory * GIB,
        "cluster": {"extId": prism.site.cluster["extId"]},
        "disks": [{"backingInfo": volume, "diskAddress": {"busType": "SCSI", "index": 0}}],
        "cdRoms": [{"diskAddress": {"busType": "IDE", "index": 0}}],
        "nics": [{"networkInfo": {"subnet": {"extId": subnet}}, "backingInfo": {"model": "VIRTIO"}}],
    }
    if category:
        categories = (c for c in prism.world.of("Category").values() if (c["key"], c["value"]) == category)
        body["categories"] = [{"extId": next(categories)["extId"]}]
    task = prism.edit("POST", "vmm/ahv/config/vms", body)
    vm: Json = prism.world.of("Vm")[task["entitiesAffected"][0]["extId"]]
    return vm


def _tools(prism: PrismSimulator, vm: Json) -> None:
    """Install the tools of a guest, which no call of the API does."""
    vm["guestTools"] = {
        "version": "4.2", "availableVersion": "4.2", "isInstalled": True, "isEnabled": True, "isIsoInserted": False,
        "capabilities": ["VSS_SNAPSHOT"], "guestOsVersion": "windows:64:Windows Server 2022", "isReachable": False,
        "isVssSnapshotCapable": True, "isVmMobilityDriversInstalled": True,
    }  # fmt: skip


def _turn_on(prism: PrismSimulator, vm: Json) -> None:
    task = prism.edit("POST", f"vmm/ahv/config/vms/{vm['extId']}/$actions/power-on")
    if task["status"] != "SUCCEEDED":
        raise RuntimeError(f"{vm['name']}: {task['errorMessages'][0]['message']}")


def _copy(prism: PrismSimulator, vm: Json) -> None:
    """Make the nightly recovery point of a machine."""
    expiry = datetime.fromtimestamp(prism.clock.now(), UTC) + timedelta(days=7)
    body = {
        "name": f"nuit-{vm['name']}",
        "expirationTime": expiry.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "vmRecoveryPoints": [{"vmExtId": vm["extId"]}],
    }
    prism.edit("POST", "dataprotection/config/recovery-points", body)
