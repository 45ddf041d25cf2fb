"""The protocol of the simulated Prism Central: versions, sessions, limits, lists, tasks."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from lab.http import ConnectionCut, Request
from tests.support.prism import API_KEY, client, machine

VMS, CATEGORIES, TASKS = "vmm/ahv/config/vms", "prism/config/categories", "prism/config/tasks"


def test_each_namespace_has_its_newest_version_and_serves_older_versions() -> None:
    site = client()
    newest = {}
    for namespace, version in site.simulator.behaviour.versions.items():
        request = Request.to("OPTIONS", f"/api/{namespace}/unversioned/info", headers={"X-ntnx-api-key": API_KEY})
        newest[namespace] = site.simulator.handle(request).json()["data"]
        assert newest[namespace] == version
    assert len(set(newest.values())) > 1

    def status(version: str) -> int:
        target = f"/api/vmm/{version}/ahv/config/vms"
        return site.simulator.handle(Request.to("GET", target, headers={"X-ntnx-api-key": API_KEY})).status

    assert [status(version) for version in ("v4.0", "v4.2", "v4.3", "v3.0", "v5.0")] == [200, 200, 404, 404, 404]


def test_an_older_version_does_not_show_the_newer_fields() -> None:
    site = client("town")
    site.simulator.behaviour.set(versions={"vmm": "v4.0"})
    nic = site.vm("hdv-dc1")["nics"][0]
    assert "networkInfo" in nic
    assert "nicNetworkInfo" not in nic


def test_a_session_cookie_stands_for_the_credentials_until_it_expires() -> None:
    site = client()
    first = site.send("GET", VMS)
    assert [cookie.partition("=")[0] for cookie in first.cookies] == [
        "NTNX_MERCURY_IAM_SESSION", "NTNX_MERCURY_IAM_REFRESH_TOKEN", "NTNX_IAM_SESSION",
    ]  # fmt: skip
    cookie = first.cookies[-1].partition(";")[0]
    again = site.send("GET", VMS, Authorization="", Cookie=cookie)
    assert (again.status, again.cookies) == (200, ())
    site.simulator.clock.advance(901)
    assert site.send("GET", VMS, Authorization="", Cookie=cookie).status == 401
    assert site.send("GET", VMS, Cookie=cookie).status == 200
    assert site.simulator.calls.of("prism")["sessions"] == 2


def test_wrong_passwords_lock_the_account_even_for_the_right_one() -> None:
    site = client()
    assert [site.send("GET", VMS, Authorization="Basic eDp5").status for _ in range(5)] == [401] * 5
    assert site.send("GET", VMS).status == 401
    site.simulator.clock.advance(901)
    assert site.send("GET", VMS).status == 200


def test_every_answer_shows_the_rate_and_a_request_above_it_waits() -> None:
    site = client()
    site.simulator.behaviour.set(rate_limit=3)
    answers = [site.send("GET", VMS) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["x-api-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[-1].headers["Retry-After"] == "1"
    assert site.send("GET", f"{VMS}/{uuid.uuid4()}").headers["x-api-ratelimit-limit"] == "3"
    assert site.send("GET", CATEGORIES).status == 200
    site.simulator.clock.advance(1.0)
    assert site.send("GET", VMS).status == 200


def test_a_mutation_without_a_request_id_is_refused() -> None:
    site = client()
    assert site.fault("POST", VMS, machine("a"), NTNX_Request_Id="") == (400, "VMM-30400")
    assert site.fault("POST", VMS, machine("a"), NTNX_Request_Id="42") == (400, "VMM-30401")
    assert site.items(TASKS) == []


def test_a_repeated_request_id_gives_the_same_task_and_one_machine() -> None:
    site = client()
    token = str(uuid.uuid4())
    first, second = (site.ok("POST", VMS, machine("a"), NTNX_Request_Id=token)["data"] for _ in range(2))
    site.simulator.clock.advance(1)
    third = site.ok("POST", VMS, machine("a"), NTNX_Request_Id=token)["data"]
    assert first == second == third
    assert [vm["name"] for vm in site.items(VMS)] == ["a"]


def test_two_requests_of_one_name_make_two_machines() -> None:
    site = client()
    for _ in range(2):
        site.run("POST", VMS, machine("a"))
    assert [vm["name"] for vm in site.items(VMS)] == ["a", "a"]


def test_a_machine_changes_only_with_its_etag() -> None:
    site = client("town")
    vm = site.vm("hdv-dc1")
    path = f"{VMS}/{vm['extId']}"
    tag = site.etag(path)
    assert vm["$reserved"]["ETag"] == tag
    assert site.fault("PUT", path, vm) == (428, "PLAT-10004")
    assert site.fault("PUT", path, vm, If_Match="*") == (412, "VMM-30303")
    for verb, end in (("DELETE", ""), ("POST", "/$actions/reset"), ("POST", "/nics"), ("POST", "/disks")):
        body = machine("x")["disks"][0] if end == "/disks" else {} if end == "/nics" else None
        assert site.fault(verb, f"{path}{end}", body)[0] == 428
    site.run("POST", f"{path}/$actions/reset")
    assert site.fault("PUT", path, vm, If_Match=tag) == (412, "VMM-30303")
    assert site.etag(path) != tag


def test_a_stale_etag_can_also_be_found_by_the_task() -> None:
    site = client("town")
    path = f"{VMS}/{site.vm('hdv-dc1')['extId']}"
    tag = site.etag(path)
    references = [site.ok("POST", f"{path}/$actions/reset", If_Match=tag)["data"]["extId"] for _ in range(2)]
    site.simulator.clock.advance(1)
    ends = [site.task(reference) for reference in references]
    assert [end["status"] for end in ends] == ["SUCCEEDED", "FAILED"]
    assert ends[1]["errorMessages"][0]["code"] == "VMM-30303"


def test_a_body_is_refused_with_all_its_faults_at_once() -> None:
    site = client()
    body = machine("a", numSockets=0, vcpus=3, memorySizeBytes="8G", machineType="Q36")
    body["disks"][0]["backingInfo"].pop("$objectType")
    response = site.send("POST", VMS, body)
    error = response.json()["data"]["error"]
    assert response.status == 400
    assert error["$objectType"] == "vmm.v4.error.SchemaValidationError"
    assert sorted(fault["location"] for fault in error["validationErrorMessages"]) == [
        "[Request]/body/disks/0/backingInfo",
        "[Request]/body/machineType",
        "[Request]/body/memorySizeBytes",
        "[Request]/body/numSockets",
        "[Request]/body/vcpus",
    ]
    path = f"{VMS}/{uuid.uuid4()}/$actions/power-on"
    assert site.fault("POST", path, {})[0] == 400


def test_a_list_comes_in_pages_and_an_empty_list_has_no_data() -> None:
    site = client("town")
    first = site.ok("GET", VMS)
    assert len(first["data"]) == 50
    assert first["metadata"]["totalAvailableResults"] == 72
    assert {link["rel"] for link in first["metadata"]["links"]} == {"first", "self", "next", "last"}
    assert len(site.items(f"{VMS}?$page=1")) == 22
    assert len(site.items(f"{VMS}?$limit=100")) == 72
    assert [site.fault("GET", f"{VMS}?$limit={size}") for size in (0, 101)] == [(400, "SCHEMA")] * 2
    assert "data" not in site.ok("GET", f"{VMS}?$page=9")


def test_only_the_first_item_of_a_nested_list_shows_its_type() -> None:
    site = client("town")
    categories = [site.items(CATEGORIES)[rank]["extId"] for rank in (1, 2)]
    body = machine("a", categories=[{"extId": category} for category in categories])
    body["disks"] *= 2
    body["disks"][1] = {**body["disks"][1], "diskAddress": {"busType": "SCSI", "index": 1}}
    site.run("POST", VMS, body)
    vm = site.vm("a")
    assert ["$objectType" in disk for disk in vm["disks"]] == [True, False]
    assert ["$objectType" in category for category in vm["categories"]] == [True, False]
    assert all("$objectType" in disk["backingInfo"] for disk in vm["disks"])


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("name eq 'hdv-dc1'", ["hdv-dc1"]),
        ("name eq 'hdv-dc1' or name eq 'hdv-dc2'", ["hdv-dc1", "hdv-dc2"]),
        ("name in ('hdv-dc1','hdv-fic1')", ["hdv-dc1", "hdv-fic1"]),
        ("startswith(name,'hdv-sh') and powerState eq Vmm.Ahv.Config.PowerState'ON'", ["hdv-sh1", "hdv-sh2"]),
        ("memorySizeBytes ge 12884901888", ["hdv-sh1", "hdv-sh2"]),
        ("(endswith(name,'1') and numSockets eq 4) and not startswith(name,'hdv-sh')", ["hdv-sql1"]),
        ("name eq 'd''une'", []),
    ],
)
def test_a_list_is_filtered_as_clients_ask(asked: str, names: list[str]) -> None:
    assert [vm["name"] for vm in client("town").items(f"{VMS}?$filter={asked}")] == names


def test_a_filter_goes_into_lists_and_only_where_the_api_says_so() -> None:
    site = client("town")
    category = next(c["extId"] for c in site.items(CATEGORIES) if c["value"] == "HorsProduction")
    asked = f"categories/any(c:c/extId eq '{category}')"
    names = [vm["name"] for vm in site.items(f"{VMS}?$filter={asked}&$orderby=name desc&$select=name")]
    assert names == ["hdv-rct1", "hdv-img1"]
    vm = site.vm("hdv-dc1")["extId"]
    copies = site.items(f"dataprotection/config/recovery-points?$filter=vmRecoveryPoints/any(v:v/vmExtId eq '{vm}')")
    assert [copy["name"] for copy in copies] == ["nuit-hdv-dc1"]
    assert site.fault("GET", f"{VMS}?$filter=biosUuid eq 'x'") == (400, "SCHEMA")
    assert site.fault("GET", f"{VMS}?$filter=name eq") == (400, "SCHEMA")


def test_a_task_takes_time_and_shows_the_entity_when_it_is_done() -> None:
    site = client()
    reference = site.ok("POST", VMS, machine("a"))["data"]["extId"]
    assert reference.startswith("ZXJnb24=:")
    assert site.task(reference)["status"] == "RUNNING"
    assert site.items(VMS) == []
    site.simulator.clock.advance(3600)
    task = site.task(reference)
    assert (task["status"], task["entitiesAffected"][0]["rel"]) == ("SUCCEEDED", "vmm:ahv:config:vm")
    assert task["completedTime"] < site.simulator.site.moment()
    assert site.items(VMS)[0]["extId"] == task["entitiesAffected"][0]["extId"]


def test_a_subtask_follows_its_parent() -> None:
    site = client()
    reference = site.ok("POST", VMS, machine("a"))["data"]["extId"]
    whole = site.task(reference)
    part = site.task(whole["subTasks"][0]["extId"])
    assert (part["parentTask"]["extId"], part["status"]) == (reference, "RUNNING")
    site.simulator.clock.advance(1)
    assert [site.task(task["extId"])["status"] for task in (whole, part)] == ["SUCCEEDED"] * 2
    assert len(site.items(VMS)) == 1


@pytest.mark.parametrize(
    ("kind", "status", "seconds"),
    [
        ("task_fail", "FAILED", 1),
        ("task_cancel", "CANCELED", 1),
        ("task_suspend", "SUSPENDED", 1),
        ("task_slow", "RUNNING", 60),
        ("task_slow", "SUCCEEDED", 62),
        ("task_stuck", "RUNNING", 100_000),
    ],
)
def test_a_task_can_end_in_any_way_or_never(kind: str, status: str, seconds: int) -> None:
    site = client()
    site.simulator.faults.add(kind, method="POST", path="/vms$")
    reference = site.ok("POST", VMS, machine("a"))["data"]["extId"]
    site.simulator.clock.advance(seconds)
    task = site.task(reference)
    assert task["status"] == status
    assert "errorMessages" not in task
    assert len(site.items(VMS)) == (status == "SUCCEEDED")


def test_a_failed_task_says_why_where_the_fault_does() -> None:
    site = client()
    site.simulator.faults.add("task_fail", body="Storage container is full.")
    task = site.run("POST", VMS, machine("a"))
    assert task["errorMessages"][0]["message"] == "Storage container is full."


def test_a_created_entity_can_stay_unseen_for_some_reads() -> None:
    site = client(read_lag=2)
    vm = site.run("POST", VMS, machine("a"))["entitiesAffected"][0]["extId"]
    assert [site.send("GET", f"{VMS}/{vm}").status for _ in range(3)] == [404, 404, 200]


def test_a_lost_answer_is_found_again_by_its_request_id() -> None:
    site = client()
    token = str(uuid.uuid4())
    site.simulator.faults.add("cut", method="POST", path="/vms$", when="after")
    with pytest.raises(ConnectionCut):
        site.send("POST", VMS, machine("a"), NTNX_Request_Id=token)
    site.run("POST", VMS, machine("a"), NTNX_Request_Id=token)
    assert len(site.items(VMS)) == 1


def test_another_administrator_can_write_first() -> None:
    site = client("town")
    vm = site.vm("hdv-dc1")
    path = f"{VMS}/{vm['extId']}"
    edit = {"method": "POST", "path": f"{path}/$actions/reset"}
    site.simulator.faults.add("edit", method="PUT", edit=edit)
    tag = site.etag(path)
    assert site.fault("PUT", path, {**vm, "description": "x"}, If_Match=tag)[0] == 412


def test_a_gateway_can_answer_in_a_form_of_its_own() -> None:
    site = client()
    site.simulator.faults.add("status", status=503, retry_after=2)
    site.simulator.faults.add("status", status=502, body="<html>Bad gateway</html>", nth=2)
    plain, html = site.send("GET", VMS), site.send("GET", VMS)
    assert (plain.status, json.loads(plain.body), plain.headers["Retry-After"]) == (
        503, {"message": "Server error 503"}, "2",
    )  # fmt: skip
    assert (html.status, html.headers["Content-Type"]) == (502, "text/html")


def test_an_unknown_switch_or_value_is_refused() -> None:
    behaviour = client().simulator.behaviour
    wrong: dict[str, Any] = {
        "speed": 2,
        "task_seconds": "vite",
        "unknown_reference": "never",
        "versions": {"files": "v4.0"},
    }
    with pytest.raises(ValueError, match="speed") as refusal:
        behaviour.set(**wrong)
    assert all(name in str(refusal.value) for name in wrong)
