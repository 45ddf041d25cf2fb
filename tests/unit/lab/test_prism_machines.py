"""Machines of the simulated Prism Central: replacement, parts, power, capacity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.prism import GIB, Client, client, machine

VMS, SUBNETS, IMAGES = "vmm/ahv/config/vms", "networking/config/subnets", "vmm/content/images"


@pytest.fixture
def town() -> Client:
    return client("town")


def changed(site: Client, name: str, **fields: Any) -> dict[str, Any]:
    """Replace a machine by itself with other fields; return the task."""
    vm = site.vm(name)
    return site.run("PUT", f"{VMS}/{vm['extId']}", {**vm, **fields})


def cold(site: Client, name: str) -> str:
    path = f"{VMS}/{site.vm(name)['extId']}"
    site.run("POST", f"{path}/$actions/power-off")
    return path


def why(task: dict[str, Any]) -> str:
    assert task["status"] == "FAILED", task["status"]
    return str(task["errorMessages"][0]["code"])


def test_a_machine_is_created_off_with_the_systems_defaults(town: Client) -> None:
    subnet, image = town.items(SUBNETS)[0]["extId"], town.items(IMAGES)[0]
    assert town.fault("POST", VMS, machine("a", powerState="ON")) == (400, "VMM-30109")
    town.run("POST", VMS, machine("a", subnet, image["extId"]))
    vm = town.vm("a")
    assert (vm["powerState"], "host" in vm, vm["isCpuHotplugEnabled"], vm["hardwareClockTimezone"]) == (
        "OFF", False, True, "UTC",
    )  # fmt: skip
    assert vm["bootConfig"]["bootOrder"] == ["CDROM", "DISK", "NETWORK"]
    disk, nic = vm["disks"][0], vm["nics"][0]
    assert disk["backingInfo"]["dataSource"]["reference"]["imageExtId"] == image["extId"]
    assert nic["networkInfo"]["subnet"]["extId"] == nic["nicNetworkInfo"]["subnet"]["extId"] == subnet
    assert nic["backingInfo"]["macAddress"] == nic["nicBackingInfo"]["macAddress"]


def test_the_customisation_of_a_guest_is_never_shown(town: Client) -> None:
    package = "vmm.v4.ahv.config"
    text = {"$objectType": f"{package}.Userdata", "value": "#cloud-config"}
    script = {"$objectType": f"{package}.CloudInit", "cloudInitScript": text}
    town.run("POST", VMS, machine("a", guestCustomization={"config": script}))
    assert "guestCustomization" not in town.vm("a")
    assert "cloud-config" not in str(town.simulator.world.of("Vm"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (machine("a", subnet="00000000-0000-0000-0000-000000000001"), "VMM-30604"),
        (machine("a", image="00000000-0000-0000-0000-000000000001"), "VMM-31201"),
        (machine("a", cluster={"extId": "00000000-0000-0000-0000-000000000001"}), "VMM-30106"),
        (machine("a", categories=[{"extId": "00000000-0000-0000-0000-000000000001"}]), "VMM-30107"),
    ],
)
def test_a_machine_with_an_unknown_reference_is_not_made(town: Client, body: Any, code: str) -> None:
    assert why(town.run("POST", VMS, body)) == code
    town.simulator.behaviour.set(unknown_reference="status")
    assert town.fault("POST", VMS, body) == (404, code)


def test_a_replacement_loses_omitted_fields(town: Client) -> None:
    path = cold(town, "hdv-rct1")
    vm = town.vm("hdv-rct1")
    disk = vm["disks"][0]["extId"]
    town.run("PUT", path, {**vm, "description": "recette"})
    assert town.vm("hdv-rct1")["disks"][0]["extId"] == disk
    anonymous = [{key: value for key, value in item.items() if key != "extId"} for item in vm["disks"]]
    town.run("PUT", path, {**town.vm("hdv-rct1"), "disks": anonymous})
    assert town.vm("hdv-rct1")["disks"][0]["extId"] != disk
    kept = {key: value for key, value in town.vm("hdv-rct1").items() if key not in ("disks", "nics", "description")}
    town.run("PUT", path, {**kept, "isMemoryOvercommitEnabled": True})
    bare = town.vm("hdv-rct1")
    assert {"disks", "nics", "description"} & bare.keys() == set()
    assert (bare["isMemoryOvercommitEnabled"], bare["biosUuid"]) == (True, vm["biosUuid"])


def test_a_disk_grows_by_its_own_call_alone_and_never_shrinks(town: Client) -> None:
    vm = town.vm("hdv-rct1")
    path, disk = f"{VMS}/{vm['extId']}", vm["disks"][0]
    larger = {**disk, "backingInfo": {**disk["backingInfo"], "diskSizeBytes": 80 * GIB}}
    changed(town, "hdv-rct1", disks=[larger])
    assert town.vm("hdv-rct1")["disks"][0]["backingInfo"]["diskSizeBytes"] == 60 * GIB
    town.run("PUT", f"{path}/disks/{disk['extId']}", larger)
    assert town.vm("hdv-rct1")["disks"][0]["backingInfo"]["diskSizeBytes"] == 80 * GIB
    assert why(town.run("PUT", f"{path}/disks/{disk['extId']}", disk)) == "VMM-30342"
    source = {"reference": {"$objectType": "vmm.v4.ahv.config.ImageReference", "imageExtId": vm["extId"]}}
    with_source = {**larger, "backingInfo": {**larger["backingInfo"], "dataSource": source}}
    assert why(town.run("PUT", f"{path}/disks/{disk['extId']}", with_source)) == "VMM-30340"
    moved = {**larger, "diskAddress": {"busType": "SCSI", "index": 5}}
    assert why(town.run("PUT", f"{path}/disks/{disk['extId']}", moved)) == "VMM-30341"


def test_parts_are_added_changed_and_removed_under_the_machines_etag(town: Client) -> None:
    vm = town.vm("hdv-rct1")
    path = f"{VMS}/{vm['extId']}"
    subnet = town.items(SUBNETS)[1]["extId"]
    task = town.run("POST", f"{path}/nics", {"networkInfo": {"subnet": {"extId": subnet}}})
    assert [entity["rel"] for entity in task["entitiesAffected"]] == ["vmm:ahv:config:vm", "vmm:ahv:config:vm:nic"]
    nic = task["entitiesAffected"][1]["extId"]
    assert [item["extId"] for item in town.items(f"{path}/nics")][1] == nic
    town.run("POST", f"{path}/disks", machine("x")["disks"][0] | {"diskAddress": {"busType": "SCSI"}})
    assert [disk["diskAddress"]["index"] for disk in town.vm("hdv-rct1")["disks"]] == [0, 1]
    town.run("DELETE", f"{path}/nics/{nic}")
    assert len(town.vm("hdv-rct1")["nics"]) == 1
    assert town.fault("DELETE", f"{path}/nics/{nic}", If_Match=town.etag(path))[0] == 404


@pytest.mark.parametrize("generation", ["networkInfo", "nicNetworkInfo"])
def test_either_generation_of_a_nic_moves_it_to_another_subnet(town: Client, generation: str) -> None:
    vm = town.vm("hdv-rct1")
    nic, subnet = vm["nics"][0], town.items(SUBNETS)[1]["extId"]
    moved = {**nic, generation: {**nic[generation], "subnet": {"extId": subnet}}}
    changed(town, "hdv-rct1", nics=[moved])
    after = town.vm("hdv-rct1")["nics"][0]
    assert {after[key]["subnet"]["extId"] for key in ("networkInfo", "nicNetworkInfo")} == {subnet}
    assert (after["extId"], after["backingInfo"]["macAddress"]) == (nic["extId"], nic["backingInfo"]["macAddress"])


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({"description": "x"}, True),
        ({"memorySizeBytes": 3 * GIB}, True),
        ({"memorySizeBytes": 1 * GIB}, False),
        ({"numSockets": 3}, True),
        ({"numSockets": 1}, False),
        ({"numCoresPerSocket": 2}, False),
        ({"machineType": "Q35"}, False),
        ({"isCpuHotplugEnabled": False}, False),
        ({"cdRoms": []}, False),
        ({"bootConfig": {"$objectType": "vmm.v4.ahv.config.LegacyBoot", "bootOrder": ["DISK"]}}, False),
    ],
)
def test_some_changes_need_the_machine_off(town: Client, change: Any, taken: bool) -> None:
    task = changed(town, "hdv-rct1", **change)
    if not taken:
        assert "current power state of the VM is 'kOn'" in task["errorMessages"][0]["message"]
        cold(town, "hdv-rct1")
        task = changed(town, "hdv-rct1", **change)
    assert task["status"] == "SUCCEEDED"


def test_sockets_are_not_added_where_the_machine_does_not_take_them(town: Client) -> None:
    path = cold(town, "hdv-rct1")
    changed(town, "hdv-rct1", isCpuHotplugEnabled=False)
    town.run("POST", f"{path}/$actions/power-on")
    assert why(changed(town, "hdv-rct1", numSockets=4)) == "VMM-30301"


def test_a_guest_goes_down_when_its_time_has_come(town: Client) -> None:
    path = f"{VMS}/{town.vm('hdv-img1')['extId']}"
    assert town.run("POST", f"{path}/$actions/shutdown")["status"] == "SUCCEEDED"
    assert town.vm("hdv-img1")["powerState"] == "ON"
    town.simulator.clock.advance(21)
    assert town.vm("hdv-img1")["powerState"] == "OFF"
    assert "host" not in town.vm("hdv-img1")


def test_a_guest_can_never_go_down_and_be_cut(town: Client) -> None:
    town.simulator.behaviour.set(deaf=["hdv-img1"])
    path = f"{VMS}/{town.vm('hdv-img1')['extId']}"
    assert town.run("POST", f"{path}/$actions/shutdown")["status"] == "SUCCEEDED"
    town.simulator.clock.advance(86_400)
    assert town.vm("hdv-img1")["powerState"] == "ON"
    town.run("POST", f"{path}/$actions/power-off")
    assert town.vm("hdv-img1")["powerState"] == "OFF"


def test_the_tools_of_a_guest_are_asked_only_where_they_can_be_reached(town: Client) -> None:
    with_tools, without = (f"{VMS}/{town.vm(name)['extId']}" for name in ("hdv-rct1", "hdv-img1"))
    assert why(town.run("POST", f"{without}/$actions/guest-shutdown", {})) == "VMM-30310"
    assert town.ok("GET", f"{with_tools}/guest-tools")["data"]["isReachable"]
    assert town.run("POST", f"{with_tools}/$actions/guest-shutdown", {})["status"] == "SUCCEEDED"
    town.simulator.clock.advance(21)
    assert town.vm("hdv-rct1")["powerState"] == "OFF"
    assert not town.ok("GET", f"{with_tools}/guest-tools")["data"]["isReachable"]


def test_a_power_action_that_the_state_forbids_fails(town: Client) -> None:
    path = f"{VMS}/{town.vm('hdv-rct1')['extId']}"
    assert why(town.run("POST", f"{path}/$actions/power-on")) == "VMM-30301"
    town.simulator.behaviour.set(power_on_when_on="status")
    assert town.fault("POST", f"{path}/$actions/power-on", If_Match=town.etag(path)) == (400, "VMM-30301")


def test_the_cluster_refuses_what_does_not_fit_without_one_node(town: Client) -> None:
    town.run("POST", VMS, machine("grosse", memorySizeBytes=40 * GIB))
    path = f"{VMS}/{town.vm('grosse')['extId']}"
    assert why(town.run("POST", f"{path}/$actions/power-on")) == "VMM-34418"
    assert why(changed(town, "hdv-sh1", memorySizeBytes=60 * GIB)) == "VMM-34418"
    changed(town, "grosse", memorySizeBytes=8 * GIB)
    assert town.run("POST", f"{path}/$actions/power-on")["status"] == "SUCCEEDED"


def test_machines_of_an_anti_affinity_policy_start_on_different_nodes() -> None:
    site = client()
    category = site.ok("POST", "prism/config/categories", {"key": "Grappe", "value": "AD"})["data"]["extId"]
    policy = {"name": "AD séparés", "categories": [{"extId": category}]}
    site.run("POST", "vmm/ahv/policies/vm-anti-affinity-policies", policy)
    for name in ("dc1", "dc2", "dc3"):
        site.run("POST", VMS, machine(name, categories=[{"extId": category}]))
        site.run("POST", f"{VMS}/{site.vm(name)['extId']}/$actions/power-on")
    assert len({site.vm(name)["host"]["extId"] for name in ("dc1", "dc2", "dc3")}) == 3
    assert site.items("vmm/ahv/policies/vm-anti-affinity-policies")[0]["numCompliantVms"] == 3


def test_categories_are_unique_keep_their_owner_and_stay_while_used(town: Client) -> None:
    path = "prism/config/categories"
    category = next(c for c in town.items(path) if c["value"] == "HorsProduction")
    entity = f"{path}/{category['extId']}"
    assert town.fault("POST", path, {"key": "Environnement", "value": "HorsProduction"})[0] == 409
    tag = town.etag(entity)
    without = {key: value for key, value in category.items() if key != "ownerUuid"}
    assert town.fault("PUT", entity, without, If_Match=tag)[0] == 400
    assert town.send("PUT", entity, {**category, "description": "à éteindre"}, If_Match=tag).status == 200
    assert town.fault("DELETE", entity)[0] == 409
    shown = town.ok("GET", f"{entity}?$expand=associations")["data"]["associations"][0]
    assert (shown["resourceType"], shown["count"]) == ("VM", 2)
    for name in ("hdv-rct1", "hdv-img1"):
        vm = f"{VMS}/{town.vm(name)['extId']}"
        body = {"categories": [{"extId": category["extId"]}]}
        town.run("POST", f"{vm}/$actions/disassociate-categories", body)
    assert town.send("DELETE", entity).status == 204
    system = next(c for c in town.items(path) if c["type"] == "SYSTEM")
    assert town.fault("DELETE", f"{path}/{system['extId']}")[0] == 403


def test_a_subnet_in_use_stays_and_two_can_share_a_name(town: Client) -> None:
    subnet = town.items(SUBNETS)[0]
    assert why(town.run("DELETE", f"{SUBNETS}/{subnet['extId']}")) == "NET-30300"
    town.run("POST", SUBNETS, {"name": subnet["name"], "subnetType": "VLAN", "networkId": subnet["networkId"]})
    assert [item["name"] for item in town.items(SUBNETS)].count(subnet["name"]) == 2
    assert "ipConfig" not in subnet
    assert subnet["bridgeName"] == "br0"


def test_the_nodes_measure_their_power_and_it_falls_when_machines_sleep(town: Client) -> None:
    cluster = next(c for c in town.items("clustermgmt/config/clusters") if c["config"]["clusterFunction"] == ["AOS"])
    path = f"clustermgmt/stats/clusters/{cluster['extId']}"
    window = "$startTime=2026-09-21T13:00:00Z&$endTime=2026-09-21T13:05:00Z&$samplingInterval=60"

    def watts() -> int:
        hosts = town.items("clustermgmt/config/hosts")
        stats = [town.ok("GET", f"{path}/hosts/{host['extId']}?{window}")["data"] for host in hosts]
        return sum(reading["powerConsumptionInstantWatt"][-1]["value"] for reading in stats)

    before = watts()
    for vm in town.items(f"{VMS}?$limit=100"):
        if vm["powerState"] == "ON":
            town.run("POST", f"{VMS}/{vm['extId']}/$actions/power-off")
    assert before > watts() > 3 * 150
    assert town.fault("GET", f"{path}?$startTime=hier") == (400, "SCHEMA")
    town.simulator.behaviour.set(power_readings=False)
    assert "powerConsumptionInstantWatt" not in town.ok("GET", f"{path}?{window}")["data"]


def test_prism_central_lists_itself_as_a_cluster(town: Client) -> None:
    functions = [c["config"]["clusterFunction"] for c in town.items("clustermgmt/config/clusters")]
    assert functions == [["AOS"], ["PRISM_CENTRAL"]]


def test_inherited_machines_have_doubles_and_no_category() -> None:
    vms = client("inherited").items(f"{VMS}?$limit=100")
    names = [vm["name"].lower() for vm in vms]
    assert [name for name in set(names) if names.count(name) > 1] == ["hdv-glpi1"]
    assert not any("categories" in vm for vm in vms)
