"""The simulated Prism Central against the strict contract of types: its models and answers."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from lab.http import Response
from lab.prism.kinds import OPERATIONS, route
from lab.prism.models import MODELS
from lab.prism.schema import Type
from tests.support.prism import GIB, Client, client, machine
from tests.support.prism_contract import Contract

VM = "vmm.v4.ahv.config.Vm"
WINDOW = "$startTime=2026-09-21T13:00:00Z&$endTime=2026-09-21T13:05:00Z&$samplingInterval=60"
_WORD = {"s": "str", "u": "str", "i": "int", "b": "bool", "t": "datetime", "v": "OneOfcommon.v1.config.KVPairvalue"}


def lived_in() -> Client:
    """Return a Prism Central whose every operation was called, with its answers.

    The refused operations were called too.
    """
    site = client("town")
    vms, subnets, images = "vmm/ahv/config/vms", "networking/config/subnets", "vmm/content/images"
    category = site.ok("POST", "prism/config/categories", {"key": "Essai", "value": "un"})["data"]["extId"]
    path = f"prism/config/categories/{category}"
    site.ok("PUT", path, {**site.ok("GET", path)["data"], "description": "x"}, If_Match=site.etag(path))
    site.ok("GET", f"{path}?$expand=associations")
    address = {"value": "10.93.250.0"}
    pool = {"startIp": {"value": "10.93.250.10"}, "endIp": {"value": "10.93.250.20"}}
    plan = {"ipSubnet": {"ip": address, "prefixLength": 24}, "poolList": [pool]}
    dhcp = {"domainNameServers": [{"ipv4": {"value": "10.93.2.11"}}], "domainName": "ad.lebourget.example"}
    subnet = {"name": "essai", "networkId": 399, "ipConfig": [{"ipv4": plan}], "dhcpOptions": dhcp}
    site.run("POST", subnets, subnet)
    made = site.named(subnets, "essai")
    site.run("PUT", f"{subnets}/{made['extId']}", {**made, "description": "x"})
    digest = {"$objectType": "vmm.v4.content.ImageSha256Checksum", "hexDigest": "0" * 64}
    source = {"$objectType": "vmm.v4.content.UrlSource", "url": "https://images.example/i.iso"}
    site.run("POST", images, {"name": "i", "type": "ISO_IMAGE", "source": source, "checksum": digest})
    image = site.named(images, "i")
    site.run("PUT", f"{images}/{image['extId']}", {**image, "categoryExtIds": [category]})
    boot = {"$objectType": "vmm.v4.ahv.config.UefiBoot", "isSecureBootEnabled": True, "bootOrder": ["DISK"]}
    drive = {"diskAddress": {"busType": "IDE", "index": 0}}
    body = machine("essai", made["extId"], image["extId"], cdRoms=[drive], categories=[{"extId": category}])
    site.run("POST", vms, {**body, "machineType": "Q35", "bootConfig": boot, "serialPorts": [{"index": 0}]})
    vm = site.vm("essai")
    vm_path = f"{vms}/{vm['extId']}"
    site.run("PUT", vm_path, {**vm, "description": "x"})
    _parts(site, vm_path, made["extId"], image["extId"], category)
    for action in ("power-on", "reset", "power-cycle", "reboot", "shutdown", "power-off"):
        site.run("POST", f"{vm_path}/$actions/{action}")
    tools = f"{vms}/{site.vm('hdv-rct1')['extId']}"
    site.ok("GET", f"{tools}/guest-tools")
    options = {"guestPowerStateTransitionConfig": {"shouldEnableScriptExec": True}}
    for action in ("guest-reboot", "guest-shutdown"):
        site.run("POST", f"{tools}/$actions/{action}", options)
    near = {"name": "près", "vmCategories": [{"extId": category}], "hostCategories": [{"extId": category}]}
    for folder, policy in (
        ("vm-anti-affinity-policies", {"name": "loin", "categories": [{"extId": category}]}),
        ("vm-host-affinity-policies", near),
    ):
        policies = f"vmm/ahv/policies/{folder}"
        site.run("POST", policies, policy)
        kept = site.items(policies)[0]
        site.ok("GET", f"{policies}/{kept['extId']}")
        site.run("PUT", f"{policies}/{kept['extId']}", {**kept, "description": "x"})
        site.run("DELETE", f"{policies}/{kept['extId']}")
    _platform(site)
    _protection(site, category, made["extId"])
    copies = "dataprotection/config/recovery-points"
    copied = {"name": "c", "expirationTime": "2027-01-01T00:00:00Z", "vmRecoveryPoints": [{"vmExtId": vm["extId"]}]}
    site.run("POST", copies, copied)
    copy_id = site.named(copies, "c")["extId"]
    site.ok("GET", f"{copies}/{copy_id}")
    site.run("POST", f"{copies}/{copy_id}/$actions/set-expiration-time", {"expirationTime": "2027-02-01T00:00:00Z"})
    cluster = site.simulator.site.cluster["extId"]
    task = site.run("POST", f"{copies}/{copy_id}/$actions/restore", {"clusterExtId": cluster})
    (detail,) = task["completionDetails"]
    site.run("DELETE", f"{vms}/{detail['value']}")
    site.run("DELETE", f"{copies}/{copy_id}")
    site.run("DELETE", vm_path)
    site.run("DELETE", f"{subnets}/{made['extId']}")
    site.run("DELETE", f"{images}/{image['extId']}")
    site.send("DELETE", path)
    _refused(site)
    return site


def _parts(site: Client, path: str, subnet: str, image: str, category: str) -> None:
    disk = machine("x")["disks"][0] | {"diskAddress": {"busType": "SCSI", "index": 3}}
    site.run("POST", f"{path}/disks", disk)
    shown = site.items(f"{path}/disks")[1]
    larger = {**shown["backingInfo"], "diskSizeBytes": 80 * GIB}
    site.run("PUT", f"{path}/disks/{shown['extId']}", {**shown, "backingInfo": larger})
    site.ok("GET", f"{path}/disks/{shown['extId']}")
    site.run("DELETE", f"{path}/disks/{shown['extId']}")
    network = {"subnet": {"extId": subnet}, "ipv4Config": {"shouldAssignIp": True}}
    site.run("POST", f"{path}/nics", {"networkInfo": network})
    nic = site.items(f"{path}/nics")[1]
    site.run("PUT", f"{path}/nics/{nic['extId']}", nic)
    site.ok("GET", f"{path}/nics/{nic['extId']}")
    site.run("DELETE", f"{path}/nics/{nic['extId']}")
    site.run("POST", f"{path}/cd-roms", {"diskAddress": {"busType": "SATA", "index": 0}})
    drive = site.items(f"{path}/cd-roms")[1]["extId"]
    source = {"reference": {"$objectType": "vmm.v4.ahv.config.ImageReference", "imageExtId": image}}
    site.run("POST", f"{path}/cd-roms/{drive}/$actions/insert", {"backingInfo": {"dataSource": source}})
    site.ok("GET", f"{path}/cd-roms/{drive}")
    site.run("POST", f"{path}/cd-roms/{drive}/$actions/eject")
    site.run("DELETE", f"{path}/cd-roms/{drive}")
    categories = {"categories": [{"extId": category}]}
    for verb in ("disassociate", "associate"):
        site.run("POST", f"{path}/$actions/{verb}-categories", categories)
    site.run("POST", f"{path}/$actions/assign-owner", {"owner": {"extId": site.simulator.site.owner}})


def _protection(site: Client, category: str, subnet: str) -> None:
    manager = site.items("prism/config/domain-managers")[0]["extId"]
    cluster = site.simulator.site.cluster["extId"]
    policies, plans = "datapolicies/config/protection-policies", "datapolicies/config/recovery-plans"
    place = {"$objectType": "datapolicies.v4.config.NutanixCluster", "clusterExtIds": [cluster]}
    location = {"label": "ici", "domainManagerExtId": manager, "replicationSubLocation": place, "isPrimary": True}
    kept = {"$objectType": "datapolicies.v4.config.LinearRetention", "local": 7}
    schedule = {"recoveryPointObjectiveTimeSeconds": 86_400, "retention": kept}
    policy = {
        "name": "p", "replicationLocations": [location], "categoryIds": [category],
        "replicationConfigurations": [{"sourceLocationLabel": "ici", "schedule": schedule}],
    }  # fmt: skip
    site.run("POST", policies, policy)
    live = site.items(policies)[0]
    site.ok("GET", f"{policies}/{live['extId']}")
    site.run("PUT", f"{policies}/{live['extId']}", {**live, "description": "x"})
    site.run("DELETE", f"{policies}/{live['extId']}")
    here = {"domainManagerExtId": manager, "clusters": [{"extId": cluster}]}
    site.simulator.behaviour.set(same_cluster_plan="accept")
    site.run("POST", plans, {"name": "r", "primaryLocation": here, "recoveryLocation": here})
    plan = site.items(plans)[0]
    site.ok("GET", f"{plans}/{plan['extId']}")
    site.run("PUT", f"{plans}/{plan['extId']}", {**plan, "description": "x"})
    pause = {"config": {"$objectType": "datapolicies.v4.config.DelayAction", "delaySecs": 60}}
    network = {"subnetExtId": subnet}
    for folder, part in (
        ("stages", {"entityType": "VM", "categoryExtIds": [category], "postActions": [pause]}),
        ("network-mappings", {"primaryNetwork": network, "recoveryNetwork": network}),
    ):
        parts = f"{plans}/{plan['extId']}/{folder}"
        site.run("POST", parts, part)
        (shown,) = site.items(parts)
        etag = site.etag(f"{parts}/{shown['extId']}")
        site.run("PUT", f"{parts}/{shown['extId']}", shown, If_Match=etag)
        site.run("DELETE", f"{parts}/{shown['extId']}", If_Match="")
    site.run("DELETE", f"{plans}/{plan['extId']}")


def _platform(site: Client) -> None:
    for path in (
        "prism/config/domain-managers", "clustermgmt/config/storage-containers", "networking/config/virtual-switches",
        "clustermgmt/config/clusters",
    ):  # fmt: skip
        first = site.items(path)[0]
        site.ok("GET", f"{path}/{first.get('extId') or first['containerExtId']}")
    cluster = site.items("clustermgmt/config/clusters")[0]["extId"]
    host = site.items("clustermgmt/config/hosts")[0]["extId"]
    site.ok("GET", f"clustermgmt/config/clusters/{cluster}/hosts")
    site.ok("GET", f"clustermgmt/config/clusters/{cluster}/hosts/{host}")
    site.ok("GET", f"clustermgmt/stats/clusters/{cluster}?{WINDOW}")
    site.ok("GET", f"clustermgmt/stats/clusters/{cluster}/hosts/{host}?{WINDOW}")
    site.ok("GET", f"vmm/ahv/stats/vms?{WINDOW}&$select=stats/hypervisorCpuReadyTimePpm")


def _refused(site: Client) -> None:
    """Ask for what is refused, in each of the forms of a refusal."""
    site.items("prism/config/tasks?$filter=status eq Prism.Config.TaskStatus'SUCCEEDED'")
    for kind in ("vmm/ahv/config/vms", "networking/config/subnets", "prism/config/categories", "vmm/content/images"):
        site.send("GET", f"{kind}/00000000-0000-0000-0000-000000000001")
        site.send("GET", f"{kind}?$limit=0")
        site.send("POST", kind, {"name": 3, "vcpus": 1})
        site.send("POST", kind, {}, NTNX_Request_Id="x")
    site.send("GET", "vmm/nothing")
    site.send("GET", "vmm/ahv/config/vms", Authorization="Basic x")


@pytest.fixture(scope="module")
def answers() -> list[tuple[str, str, Response]]:
    return lived_in().answers


def test_every_operation_was_called(answers: list[tuple[str, str, Response]]) -> None:
    called = {matched[0].name for method, path, _ in answers if (matched := route(method, path))}
    assert {operation.name for operation in OPERATIONS} - called == set()


def test_every_answer_passes_the_strict_contract(
    answers: list[tuple[str, str, Response]], prism_contract: Contract
) -> None:
    wrong: list[str] = []
    for method, path, response in answers:
        matched = route(method, path)
        if response.status == 204:
            continue
        namespace = path.partition("/")[0]
        if response.status >= 400:
            kind = f"{namespace}.v4.error.ErrorResponse"
            faults = prism_contract.faults(namespace, kind, response.json()["data"])
        else:
            assert matched is not None
            faults = prism_contract.answer(namespace, matched[0].answer, response.json())
        wrong += [f"{method} {path}: {fault}" for fault in faults]
    assert wrong == []


def broken(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield answers with a fault each, which a vendor's client would miss.

    The contract must see them.
    """
    good = json.dumps(value)

    def edited(change: Any) -> Any:
        copied = json.loads(good)
        change(copied, copied["data"])
        return copied

    yield "unknown value of an enumeration", edited(lambda whole, vm: vm.update(powerState="POWERED_ON"))
    yield "below its bound", edited(lambda whole, vm: vm.update(numSockets=0))
    yield "unknown field", edited(lambda whole, vm: vm.update(vcpus=3))
    yield "text for a number", edited(lambda whole, vm: vm.update(memorySizeBytes="8G"))
    yield "yes or no for a number", edited(lambda whole, vm: vm.update(numCoresPerSocket=True))
    yield "not a moment", edited(lambda whole, vm: vm.update(createTime="hier"))
    yield "one of several without its type", edited(lambda whole, vm: vm["bootConfig"].pop("$objectType"))
    yield "another type", edited(lambda whole, vm: vm["disks"][0]["backingInfo"].update({"$objectType": VM}))
    yield "not an identifier", edited(lambda whole, vm: vm["nics"][0]["networkInfo"]["subnet"].update(extId="7"))
    yield "an object for a list", edited(lambda whole, vm: vm.update(disks=vm["disks"][0]))
    yield "null for absent", edited(lambda whole, vm: vm.update(host=None))
    yield "text too long", edited(lambda whole, vm: vm.update(name="n" * 81))
    yield "no place for the ETag", edited(lambda whole, vm: vm.pop("$reserved"))
    yield "no type of the entity", edited(lambda whole, vm: vm.pop("$objectType"))
    yield (
        "answer of another operation",
        edited(lambda whole, vm: whole.update({"$objectType": "vmm.v4.ahv.config.ListVmsApiResponse"})),
    )
    yield "unknown field of the envelope", edited(lambda whole, vm: whole.update(rows=1))


def test_the_contract_catches_every_injected_fault(prism_contract: Contract) -> None:
    site = client("town")
    whole = site.ok("GET", f"vmm/ahv/config/vms/{site.vm('hdv-dc1')['extId']}")
    kind = "vmm.v4.ahv.config.GetVmApiResponse"
    assert prism_contract.answer("vmm", kind, copy.deepcopy(whole)) == []
    missed = [name for name, value in broken(whole) if not prism_contract.answer("vmm", kind, value)]
    assert missed == []
    empty = {"$objectType": "vmm.v4.ahv.config.ListVmsApiResponse", "data": []}
    assert prism_contract.answer("vmm", "vmm.v4.ahv.config.ListVmsApiResponse", empty) != []


def named(kind: Type) -> str:
    """Return a type of the simulator as the contract writes it.

    An enumeration and a choice of types have no name here.
    """
    if kind.kind == "list":
        assert kind.item is not None
        return f"list[{named(kind.item)}]"
    return kind.names[0] if kind.kind == "model" else _WORD.get(kind.kind, "")


def test_the_simulators_models_are_those_of_the_contract(prism_contract: Contract) -> None:
    wrong: list[str] = []
    for full, fields in MODELS.fields.items():
        holder = next(name for name, models in prism_contract.models.items() if full in models)
        model = prism_contract.model(holder, full)
        for name, field in fields.items():
            where, kind = f"{full}.{name}", model["props"].get(name, "")
            inner, desired = re.sub(r"^list\[(.*)\]$", r"\1", kind), named(field.type)
            item = field.type.item if field.type.kind == "list" and field.type.item else field.type
            limits = model["constraints"].get(name, {})
            if item.kind == "enum":
                unknown = set(item.names) - set(prism_contract.model(holder, inner)["enum"])
                wrong += [f"{where}: {value} is no {inner}" for value in sorted(unknown)]
            elif item.kind == "oneof":
                unknown = set(item.names) - set(prism_contract.model(holder, inner)["oneOf"])
                wrong += [f"{where}: {value} is none of {inner}" for value in sorted(unknown)]
            elif kind != desired:
                wrong.append(f"{where}: {desired}, in the contract {kind or 'nothing'}")
            if "maxLength" in limits and item.kind == "s" and item.high != limits["maxLength"]:
                wrong.append(f"{where}: up to {item.high} characters, in the contract {limits['maxLength']}")
            if "min" in limits and item.kind == "i" and item.low != limits["min"]:
                wrong.append(f"{where}: from {item.low}, in the contract {limits['min']}")
    assert wrong == []
