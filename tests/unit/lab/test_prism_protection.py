"""The simulated Prism Central: policies, recovery plans, copies, restores, refusals."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.support.prism import Client, client

Json = dict[str, Any]
POLICIES, PLANS = "datapolicies/config/protection-policies", "datapolicies/config/recovery-plans"
COPIES, VMS = "dataprotection/config/recovery-points", "vmm/ahv/config/vms"


@pytest.fixture
def site() -> Client:
    return client("town")


def manager(site: Client) -> str:
    return str(site.items("prism/config/domain-managers")[0]["extId"])


def policy(site: Client, hours: int = 24, **changes: Any) -> Json:
    (category,) = (c["extId"] for c in site.items("prism/config/categories") if c["value"] == "Production")
    schedule = {
        "recoveryPointObjectiveTimeSeconds": hours * 3_600,
        "retention": {"$objectType": "datapolicies.v4.config.LinearRetention", "local": 2},
    }
    return {
        "name": "p",
        "categoryIds": [category],
        "replicationLocations": [{"label": "ici", "domainManagerExtId": manager(site)}],
        "replicationConfigurations": [{"sourceLocationLabel": "ici", "schedule": schedule}],
    } | changes


def points(site: Client, machine: str) -> list[Json]:
    ext_id = site.vm(machine)["extId"]
    listed = site.items(f"{COPIES}?$limit=100&$filter=vmRecoveryPoints/any(v:v/vmExtId eq '{ext_id}')")
    return sorted(listed, key=lambda point: str(point["creationTime"]))


def failure(site: Client, method: str, path: str, body: Json) -> str:
    task = site.run(method, path, body)
    assert task["status"] == "FAILED", task
    return str(task["errorMessages"][0]["errorGroup"])


def test_a_policy_takes_the_copies_that_are_due_and_keeps_as_many_as_it_says(site: Client) -> None:
    site.run("POST", POLICIES, policy(site))
    assert [point["name"] for point in points(site, "hdv-dc1")] == ["nuit-hdv-dc1"]
    site.simulator.clock.advance(25 * 3_600)
    assert [point["name"] for point in points(site, "hdv-dc1")] == ["nuit-hdv-dc1", "p hdv-dc1"]
    assert [point["name"] for point in points(site, "hdv-rct1")] == ["nuit-hdv-rct1"]
    assert site.vm("hdv-dc1")["protectionType"] == "RULE_PROTECTED"
    site.simulator.clock.advance(8 * 24 * 3_600)
    (left,) = points(site, "hdv-dc1")
    assert left["name"] == "p hdv-dc1"


def test_a_machine_that_is_copied_no_more_has_an_old_copy(site: Client) -> None:
    site.simulator.behaviour.set(uncopied=["hdv-dc1"])
    site.run("POST", POLICIES, policy(site))
    site.simulator.clock.advance(3 * 24 * 3_600)
    assert len(points(site, "hdv-dc1")) == 1
    assert len(points(site, "hdv-dc2")) == 2


@pytest.mark.parametrize(
    ("group", "changes"),
    [
        ("UNKNOWN_LABEL", {"replicationLocations": [{"label": "ailleurs", "domainManagerExtId": "{manager}"}]}),
        ("CATEGORY_NOT_FOUND", {"categoryIds": ["00000000-0000-0000-0000-000000000001"]}),
        ("INVALID_LOCATIONS", {"replicationLocations": []}),
    ],
)
def test_a_faulty_policy_is_refused(site: Client, group: str, changes: Json) -> None:
    for location in changes.get("replicationLocations", ()):
        location["domainManagerExtId"] = manager(site)
    assert failure(site, "POST", POLICIES, policy(site, **copy.deepcopy(changes))) == group


def test_a_schedule_is_in_whole_hours_and_has_a_retention(site: Client) -> None:
    odd = policy(site)
    odd["replicationConfigurations"][0]["schedule"]["recoveryPointObjectiveTimeSeconds"] = 5_000
    assert failure(site, "POST", POLICIES, odd) == "INVALID_RPO"
    unkept = policy(site)
    del unkept["replicationConfigurations"][0]["schedule"]["retention"]
    assert failure(site, "POST", POLICIES, unkept) == "INVALID_RETENTION"


@pytest.mark.parametrize(("hours", "refused"), [(4, False), (5, True), (9, True), (12, False), (24, False), (48, True)])
def test_a_roll_up_retention_takes_few_objectives(site: Client, hours: int, refused: bool) -> None:
    spaced = policy(site, hours)
    details = {"snapshotIntervalType": "DAILY", "frequency": 7}
    retention = {"$objectType": "datapolicies.v4.config.AutoRollupRetention", "local": details}
    spaced["replicationConfigurations"][0]["schedule"]["retention"] = retention
    if refused:
        assert failure(site, "POST", POLICIES, spaced) == "INVALID_RPO"
    else:
        site.run("POST", POLICIES, spaced)


def test_two_locations_need_a_configuration_each_way(site: Client) -> None:
    both = policy(site)
    both["replicationLocations"].append({"label": "là", "domainManagerExtId": manager(site)})
    both["replicationConfigurations"][0]["remoteLocationLabel"] = "là"
    assert failure(site, "POST", POLICIES, both) == "ONE_WAY"
    back = {**both["replicationConfigurations"][0], "sourceLocationLabel": "là", "remoteLocationLabel": "ici"}
    both["replicationConfigurations"].append(back)
    assert site.run("POST", POLICIES, both)["completionDetails"][0]["name"] == "protectionPolicyExtId"


def test_a_category_of_a_policy_cannot_be_removed(site: Client) -> None:
    category = site.ok("POST", "prism/config/categories", {"key": "Sauvegarde", "value": "x"})["data"]["extId"]
    site.run("POST", POLICIES, policy(site, categoryIds=[category]))
    assert site.fault("DELETE", f"prism/config/categories/{category}") == (409, "CTGS-10021")


def plan(site: Client, recovery: str = "") -> Json:
    cluster = site.simulator.site.cluster["extId"]
    here = {"domainManagerExtId": manager(site), "clusters": [{"extId": cluster}]}
    there = {**here, "clusters": [{"extId": recovery or cluster}]}
    return {"name": "r", "primaryLocation": here, "recoveryLocation": there}


def test_a_plan_goes_to_another_cluster_and_takes_its_parts_with_it(site: Client) -> None:
    assert failure(site, "POST", PLANS, plan(site)) == "SAME_CLUSTER"
    other = {**site.simulator.site.cluster, "extId": "11111111-0000-0000-0000-000000000001", "name": "secours"}
    site.simulator.world.keep("Cluster", other)
    site.run("POST", PLANS, plan(site, other["extId"]))
    (made,) = site.items(PLANS)
    stages = f"{PLANS}/{made['extId']}/stages"
    assert failure(site, "POST", stages, {"entityType": "VM"}) == "EMPTY_STAGE"
    site.run("POST", stages, {"entityType": "VM", "entities": [{"extId": site.vm("hdv-dc1")["extId"]}]})
    assert len(site.items(stages)) == 1
    site.run("DELETE", f"{PLANS}/{made['extId']}")
    assert site.simulator.world.of("RecoveryStage") == {}
    assert site.send("GET", stages).status == 404


def test_plans_are_unknown_before_version_4_2(site: Client) -> None:
    site.simulator.behaviour.set(versions={**site.simulator.behaviour.versions, "datapolicies": "v4.1"})
    assert site.send("GET", PLANS).status == 404
    assert site.send("GET", POLICIES).status == 200


def restore(site: Client, machine: str, **override: Any) -> Json:
    (point,) = points(site, machine)
    chosen: Json = {"vmRecoveryPointExtId": point["vmRecoveryPoints"][0]["extId"]}
    if override:
        chosen["vmOverrideSpec"] = {"$objectType": "dataprotection.v4.config.AhvVmOverrideSpec", **override}
    body = {"vmRecoveryPointRestoreOverrides": [chosen]}
    return site.run("POST", f"{COPIES}/{point['extId']}/$actions/restore", body)


def made(site: Client, task: Json) -> Json:
    ext_id = task["completionDetails"][0]["value"]
    shown: Json = site.ok("GET", f"{VMS}/{ext_id}")["data"]
    return shown


def test_a_restore_makes_another_machine_that_is_off(site: Client) -> None:
    source = site.vm("hdv-dc1")
    machine = made(site, restore(site, "hdv-dc1", name="essai"))
    assert (machine["name"], machine["powerState"]) == ("essai", "OFF")
    assert machine["extId"] != source["extId"]
    assert machine["biosUuid"] != source["biosUuid"]
    assert [disk["extId"] for disk in machine["disks"]] != [disk["extId"] for disk in source["disks"]]
    assert machine["nics"][0]["backingInfo"]["macAddress"] != source["nics"][0]["backingInfo"]["macAddress"]
    assert site.vm("hdv-dc1") == source


def test_the_task_of_a_restore_names_the_copy_and_not_the_machine(site: Client) -> None:
    task = restore(site, "hdv-dc1")
    assert task["operation"] == "RestoreRecoveryPoint"
    assert [entity["rel"] for entity in task["entitiesAffected"]] == ["dataprotection:config:recovery-point"]
    assert [detail["name"] for detail in task["completionDetails"]] == ["vmExtIds"]


def test_before_version_4_2_a_restore_takes_no_other_name(site: Client) -> None:
    (point,) = points(site, "hdv-dc1")
    site.simulator.behaviour.set(versions={**site.simulator.behaviour.versions, "dataprotection": "v4.1"})
    chosen = {"vmRecoveryPointExtId": point["vmRecoveryPoints"][0]["extId"], "vmOverrideSpec": {"name": "x"}}
    path = f"{COPIES}/{point['extId']}"
    answer = site.fault(
        "POST", f"{path}/$actions/restore", {"vmRecoveryPointRestoreOverrides": [chosen]}, If_Match=site.etag(path)
    )
    assert answer == (400, "SCHEMA")
    assert made(site, restore(site, "hdv-dc1"))["name"] == "hdv-dc1"


def test_a_damaged_copy_is_not_restored(site: Client) -> None:
    site.simulator.behaviour.set(damaged=["hdv-dc1"])
    task = restore(site, "hdv-dc1")
    assert (task["status"], task["errorMessages"][0]["errorGroup"]) == ("FAILED", "RESTORE_FAILED")


def test_a_restored_machine_announces_an_address_once_its_system_is_up(site: Client) -> None:
    site.simulator.behaviour.set(boot_seconds=10.0, stillborn=["hdv-dc2"])
    running = made(site, restore(site, "hdv-dc1", name="essai-1"))
    still = made(site, restore(site, "hdv-dc2", name="essai-2"))
    for machine in (running, still):
        site.run("POST", f"{VMS}/{machine['extId']}/$actions/power-on")

    def addresses(machine: Json) -> list[Json]:
        (nic,) = site.ok("GET", f"{VMS}/{machine['extId']}")["data"]["nics"]
        learned: list[Json] = nic["networkInfo"].get("ipv4Info", {}).get("learnedIpAddresses", [])
        return learned

    assert addresses(running) == []
    site.simulator.clock.advance(10)
    assert (len(addresses(running)), addresses(still)) == (1, [])
