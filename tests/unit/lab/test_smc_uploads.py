"""Uploads of the simulated SMC: tasks, installed rows, pending changes, faults."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from lab.http import ConnectionCut
from lab.smc.seeds.demo import engine
from lab.smc.seeds.making import Hand
from lab.smc.seeds.system import CONTRACTOR
from lab.smc.simulator import OTHER, SmcSimulator
from tests.support.smc_client import ANY, ORIGIN, Client, frozen_client

ACCESS = "fw_ipv4_access_rule"


def with_engine(simulator: SmcSimulator) -> None:
    engine(Hand(simulator, CONTRACTOR), "fw-01")


@pytest.fixture
def client() -> Client:
    return frozen_client(with_engine)


@pytest.fixture
def fw(client: Client) -> str:
    return client.named("single_fw", "fw-01")


def upload(client: Client, fw: str, policy: str = "ville", **options: str) -> dict[str, Any]:
    query = "&".join([f"filter={policy}", *(f"{key}={value}" for key, value in options.items())])
    answer = client.send("POST", f"{fw}/upload?{query}")
    assert answer.status == 202, answer.body
    task: dict[str, Any] = answer.json()
    return task


def status(client: Client, fw: str) -> dict[str, Any]:
    node = client.get(f"{fw}/nodes")["result"][0]["href"]
    shown: dict[str, Any] = client.get(f"{node}/status")
    return shown


def pending(client: Client, fw: str) -> list[tuple[str, str, str]]:
    rows = client.get(f"{fw}/pending_changes")["result"]
    return [(row["event_type"].rpartition(".")[2], row["element_name"], row["modifier"]) for row in rows]


def test_an_upload_takes_its_time_then_is_installed(client: Client, fw: str) -> None:
    client.policy("ville", "a")
    assert (status(client, fw)["state"], status(client, fw).get("installed_policy")) == ("NO_STATUS", None)
    task = upload(client, fw, preserve_connections="True", generate_snapshot="True")
    assert (task["in_progress"], task["progress"], task["type"]) == (True, 0, "upload")
    assert "success" not in task
    client.simulator.clock.advance(1)
    assert client.get(task["follower"])["progress"] == 50
    assert status(client, fw).get("installed_policy") is None
    client.simulator.clock.advance(1)
    done = client.get(task["follower"])
    assert (done["in_progress"], done["success"], done["progress"]) == (False, True, 100)
    assert done["end_time"] - done["start_time"] == 2000
    assert status(client, fw)["installed_policy"] == "ville"
    links = {link["rel"]: link["href"] for link in done["link"]}
    assert client.send("GET", links["result"]).body == b"The task has completed successfully."
    shots = client.get(f"{fw}/snapshots")["result"]
    assert [client.get(shot["href"])["policy_name"] for shot in shots] == ["ville"]
    upload(client, fw, generate_snapshot="false")
    client.simulator.clock.advance(2)
    assert len(client.get(f"{fw}/snapshots")["result"]) == 1


def test_an_upload_installs_the_policy_of_its_start(client: Client, fw: str) -> None:
    policy = client.policy("ville", "a", "b")
    upload(client, fw)
    client.delete(client.get(f"{policy}/{ACCESS}")["result"][0]["href"])
    client.simulator.clock.advance(2)
    assert pending(client, fw) == []
    installed = client.simulator.world.named("single_fw", "fw-01")
    assert installed is not None
    rows = installed["installed"]["rows"][ACCESS]
    assert [row["name"] for row in rows] == ["a", "b"]


def test_a_task_has_children_where_the_version_has_them(client: Client, fw: str) -> None:
    client.policy()
    task = upload(client, fw)
    child = client.get(task["children"][0])
    assert child["parent"] == task["follower"]
    client.simulator.clock.advance(2)
    client.simulator.behaviour.set(smc_version="7.1.5")
    assert "children" not in upload(client, fw)


def test_pending_changes_are_those_that_an_engine_has_not_seen(client: Client, fw: str) -> None:
    host = client.make("/elements/host", {"name": "srv", "address": "10.0.0.1"})
    group = client.make("/elements/group", {"name": "srvs", "element": [host]})
    stranger = client.make("/elements/host", {"name": "autre", "address": "10.0.0.9"})
    policy = client.policy("ville")
    client.rule(policy, "r", sources={"src": [group]})
    assert pending(client, fw) == []
    upload(client, fw)
    client.simulator.clock.advance(2)
    client.change(stranger, address="10.0.0.8")
    assert pending(client, fw) == []
    client.change(host, address="10.0.0.2")
    client.rule(policy, "s")
    client.simulator.edit("PUT", policy.removeprefix(f"{ORIGIN}/7.4"), {**client.get(policy), "comment": "x"})
    changes = [("update", "srv", "piste"), ("insert", "s", "piste"), ("update", "ville", OTHER)]
    assert pending(client, fw) == changes
    assert client.send("POST", f"{fw}/approve_all_changes").status == 204
    assert client.get(f"{fw}/pending_changes")["result"][0]["approver"] == "piste"
    client.simulator.clock.advance(10)
    assert client.send("POST", f"{fw}/refresh").status == 202
    client.simulator.clock.advance(2)
    assert pending(client, fw) == []


def test_a_change_made_during_an_upload_stays_pending(client: Client, fw: str) -> None:
    policy = client.policy("ville")
    upload(client, fw)
    client.simulator.clock.advance(2)
    client.rule(policy, "avant")
    client.simulator.clock.advance(1)
    upload(client, fw)
    client.simulator.clock.advance(1)
    client.rule(policy, "pendant")
    client.simulator.clock.advance(1)
    assert [name for _, name, _ in pending(client, fw)] == ["pendant"]


def test_an_upload_may_fail_with_the_engines_words(client: Client, fw: str) -> None:
    client.policy("ville")
    client.simulator.faults.add("upload_fail", body="Engine fw-01: no space left on device")
    task = upload(client, fw)
    client.simulator.clock.advance(2)
    done = client.get(task["follower"])
    assert (done["success"], done["last_message"]) == (False, "Engine fw-01: no space left on device")
    assert status(client, fw).get("installed_policy") is None


def test_an_upload_may_hang_until_it_is_aborted(client: Client, fw: str) -> None:
    client.policy("ville")
    client.simulator.faults.add("upload_hang")
    task = upload(client, fw)
    client.simulator.clock.advance(7 * 24 * 3600)
    client.login()
    assert client.get(task["follower"])["in_progress"] is True
    assert "already in progress" in client.refused(client.send("POST", f"{fw}/upload?filter=ville"))
    abort = next(link["href"] for link in task["link"] if link["rel"] == "abort")
    assert client.send("DELETE", abort).status == 204
    done = client.get(task["follower"])
    assert (done["in_progress"], done["success"], done["last_message"]) == (False, False, "The task was aborted.")
    assert status(client, fw).get("installed_policy") is None
    upload(client, fw)


def test_everything_is_exported_through_a_task(client: Client) -> None:
    href = client.make("/elements/host", {"name": "jeté", "address": "10.0.0.1"})
    client.delete(href)
    client.make("/elements/radius_server", {"name": "nps", "address": "10.0.0.2", "shared_secret": "x" * 16})

    def exported(query: str) -> str:
        task = client.send("POST", f"/system/export_elements?recursive=true&type=all{query}").json()
        links = {link["rel"]: link["href"] for link in client.get(task["follower"])["link"]}
        with zipfile.ZipFile(io.BytesIO(client.send("GET", links["result"]).body)) as archive:
            return archive.read("exported_data.xml").decode()

    assert 'name="jeté"' in exported("")
    kept = exported("&exclude_trashed=true")
    assert 'name="jeté"' not in kept
    assert 'name="nps"' in kept
    assert "shared_secret" not in kept


def test_a_policy_uploads_itself_to_an_engine(client: Client, fw: str) -> None:
    policy = client.policy("ville")
    body = {"preserve_connections": True, "snapshot_creation": False}
    assert client.send("POST", f"{policy}/upload?filter=fw-01", body).status == 202
    client.simulator.clock.advance(2)
    assert status(client, fw)["installed_policy"] == "ville"
    assert client.get(f"{fw}/snapshots")["result"] == []
    assert "engine" in client.refused(client.send("POST", f"{policy}/upload?filter=rien"))


def test_an_upload_wants_one_policy_and_its_lock(client: Client, fw: str) -> None:
    assert "No policy" in client.refused(client.send("POST", f"{fw}/refresh"))
    assert "Impossible to find" in client.refused(client.send("POST", f"{fw}/upload?filter=ville"))
    policy = client.policy("ville 1")
    client.policy("ville 2")
    assert "Several" in client.refused(client.send("POST", f"{fw}/upload?filter=ville*"))
    client.simulator.edit("PUT", f"{policy.removeprefix(f'{ORIGIN}/7.4')}/lock")
    assert "locked" in client.refused(client.send("POST", f"{fw}/upload?filter=ville%201"), 409)


def test_other_slots_do_not_replace_the_installed_policy(client: Client, fw: str) -> None:
    client.policy("ville")
    client.policy("secours")
    upload(client, fw)
    client.simulator.clock.advance(2)
    upload(client, fw, "secours", alternative_slot="1")
    client.simulator.clock.advance(2)
    assert status(client, fw)["installed_policy"] == "ville"


def test_nodes_go_offline_and_back(client: Client, fw: str) -> None:
    client.policy("ville")
    upload(client, fw)
    client.simulator.clock.advance(2)
    node = client.get(f"{fw}/nodes")["result"][0]["href"]
    assert client.send("PUT", f"{node}/go_offline").status == 204
    assert status(client, fw)["state"] == "OFFLINE"
    client.send("PUT", f"{node}/go_online")
    assert status(client, fw)["state"] == "ONLINE"


def test_statuses_are_answered_in_the_systems_words(client: Client) -> None:
    faults = client.simulator.faults
    faults.add("status", status=503, times=2, retry_after=3, path="/elements/host")
    answer = client.send("GET", "/elements/host")
    assert "Database problem" in client.refused(answer, 503)
    assert answer.headers["Retry-After"] == "3"
    client.refused(client.send("GET", "/elements/host"), 503)
    faults.add("status", status=429)
    client.refused(client.send("GET", "/elements/host"), 429)
    faults.add("status", status=409, method="PUT")
    host = client.make("/elements/host", {"name": "h", "address": "10.0.0.1"})
    assert "ETag" in client.refused(client.put(host, {"name": "h"}), 409)
    assert client.get(host)["address"] == "10.0.0.1"


def test_an_answer_may_be_lost_after_the_write(client: Client) -> None:
    client.simulator.faults.add("cut", method="POST", when="after")
    with pytest.raises(ConnectionCut):
        client.send("POST", "/elements/host", {"name": "h", "address": "10.0.0.1"})
    assert client.names("/elements/host") == ["h"]
    assert client.simulator.calls.writes() == [("POST", "/7.4/elements/host", 0)]


def test_a_session_may_end_between_two_calls(client: Client) -> None:
    client.simulator.faults.add("status", status=401, nth=2)
    assert client.send("GET", "/elements/host").status == 200
    assert [client.send("GET", "/elements/host").status for _ in range(2)] == [401, 401]
    client.login()
    assert client.send("GET", "/elements/host").status == 200


def test_another_administrator_may_write_between_read_and_write(client: Client) -> None:
    policy = client.policy("ville", "a")
    href = client.get(f"{policy}/{ACCESS}")["result"][0]["href"]
    path = href.removeprefix(f"{ORIGIN}/7.4")
    other = {"method": "PUT", "path": path, "body": {"name": "à eux", **ANY}}
    client.simulator.faults.add("edit", method="PUT", edit=other)
    client.refused(client.put(href, {"name": "à nous", **ANY}), 409)
    assert client.get(href)["name"] == "à eux"
    locked = {"method": "PUT", "path": f"{policy.removeprefix(f'{ORIGIN}/7.4')}/lock?reason_for=nuit"}
    client.simulator.faults.add("edit", method="DELETE", edit=locked)
    assert "locked by autre administrateur (nuit)" in client.refused(client.delete(href), 409)
    assert [(method, code) for method, _, code in client.simulator.calls.writes()[-2:]] == [
        ("PUT", 409),
        ("DELETE", 409),
    ]
