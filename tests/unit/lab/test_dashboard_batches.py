"""Action batches: atomic, ordered, limited, followed to the end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.meraki_client import Client

ORG = "/organizations/930093"
BATCHES = f"{ORG}/actionBatches"
PORT = "/devices/QZZZ-0001-0001/switch/ports"


def rename(port: int, name: Any = "a") -> dict[str, Any]:
    return {"resource": f"{PORT}/{port}", "operation": "update", "body": {"name": name}}


def send(client: Client, actions: list[dict[str, Any]], **options: bool) -> Any:
    return client.ok("POST", BATCHES, {"confirmed": True, "actions": actions, **options})


def test_an_asynchronous_batch_ends_after_its_delay(client: Client) -> None:
    client.network()
    sent = send(client, [rename(1, "premier"), rename(1, "dernier")])
    assert sent["status"] == {"completed": False, "failed": False, "errors": [], "createdResources": []}
    assert client.ok("GET", f"{PORT}/1")["name"] is None
    client.simulator.clock.advance(0.2)
    assert client.ok("GET", f"{BATCHES}/{sent['id']}")["status"]["completed"] is True
    assert client.ok("GET", f"{PORT}/1")["name"] == "dernier"


def test_a_synchronous_batch_ends_in_its_answer(client: Client) -> None:
    body = {"name": "VLB lot", "productTypes": ["switch", "wireless"]}
    action = {"resource": f"{ORG}/networks", "operation": "create", "body": body}
    status = send(client, [action], synchronous=True)["status"]
    made = status["createdResources"]
    assert (status["completed"], len(made)) == (True, 1)
    assert made[0]["uri"] == f"/networks/{made[0]['id']}"
    assert client.ok("GET", made[0]["uri"])["name"] == "VLB lot"


@pytest.mark.parametrize("synchronous", [True, False])
def test_a_failing_action_undoes_the_whole_batch(client: Client, synchronous: bool) -> None:
    client.network()
    sent = send(client, [rename(1, "a"), rename(2, 3)], synchronous=synchronous)
    client.simulator.clock.advance(1)
    status = client.ok("GET", f"{BATCHES}/{sent['id']}")["status"]
    assert (status["completed"], status["failed"], status["createdResources"]) == (False, True, [])
    assert status["errors"] == [
        f"Error occurred while executing update {PORT}/2 with " + '{"name": 3}: Validation failed: '
        "'name' must be a string"
    ]
    assert client.ok("GET", f"{PORT}/1")["name"] is None


def test_too_many_actions_are_refused(client: Client) -> None:
    client.network()
    over = {"confirmed": True, "actions": [rename(1)] * 101}
    assert client.refused("POST", BATCHES, over) == [
        "'actions' must not hold more than 100 items in an asynchronous batch"
    ]
    over = {"confirmed": True, "synchronous": True, "actions": [rename(1)] * 21}
    client.refused("POST", BATCHES, over)
    send(client, [rename(1)] * 20, synchronous=True)
    send(client, [rename(1)] * 100)


def test_a_sixth_batch_waits_for_the_end_of_another(client: Client) -> None:
    client.network()
    for port in range(1, 6):
        send(client, [rename(port)])
    errors = client.refused("POST", BATCHES, {"confirmed": True, "actions": [rename(6)]})
    assert "executing batches" in errors[0]
    client.ok("POST", BATCHES, {"confirmed": False, "actions": [rename(6)]})
    client.simulator.clock.advance(1)
    send(client, [rename(6)])


def test_a_wrong_verb_is_named(client: Client) -> None:
    network = client.network()
    wrong = {"resource": f"/networks/{network}/switch/mtu", "operation": "create", "body": {}}
    unknown = {"resource": f"/networks/{network}/snmp", "operation": "update", "body": {"access": "none"}}
    assert client.refused("POST", BATCHES, {"actions": [wrong, unknown]}) == [
        f"create operation is unsupported for /networks/{network}/switch/mtu",
        f"Resource /networks/{network}/snmp is not supported in an action batch",
    ]


def test_an_unconfirmed_batch_waits_and_may_be_deleted(client: Client) -> None:
    client.network()
    draft = client.ok("POST", BATCHES, {"actions": [rename(1)]})["id"]
    client.simulator.clock.advance(3600)
    assert client.ok("GET", f"{PORT}/1")["name"] is None
    other = client.ok("POST", BATCHES, {"actions": [rename(2)]})["id"]
    client.ok("PUT", f"{BATCHES}/{draft}", {"confirmed": True})
    client.simulator.clock.advance(1)
    assert client.ok("GET", f"{PORT}/1")["name"] == "a"
    client.refused("DELETE", f"{BATCHES}/{draft}")
    client.refused("PUT", f"{BATCHES}/{draft}", {"confirmed": False})
    assert client.send("DELETE", f"{BATCHES}/{other}").status == 204
    assert [b["id"] for b in client.ok("GET", f"{BATCHES}?status=completed")] == [draft]


def test_a_confirmed_draft_can_run_at_once(client: Client) -> None:
    client.network()
    draft = client.ok("POST", BATCHES, {"actions": [rename(1)]})["id"]
    shown = client.ok("PUT", f"{BATCHES}/{draft}", {"confirmed": True, "synchronous": True})
    assert shown["status"]["completed"] is True
    assert client.ok("GET", f"{PORT}/1")["name"] == "a"


def test_a_batch_counts_as_one_request(client: Client) -> None:
    client.network()
    client.simulator.calls.clear()
    send(client, [rename(n) for n in range(1, 49)])
    assert client.simulator.calls.of("meraki") == {"reads": 0, "writes": 1, "sessions": 0}


def test_batches_can_be_made_to_fail_or_to_hang(client: Client) -> None:
    client.network()
    client.simulator.faults.add("batch_fail", nth=2, body="Erreur imposée")
    client.simulator.faults.add("batch_stuck", nth=3)
    sent = [send(client, [rename(n)])["id"] for n in (1, 2, 3)]
    client.simulator.clock.advance(3600)
    status = [client.ok("GET", f"{BATCHES}/{batch}")["status"] for batch in sent]
    assert [(s["completed"], s["failed"]) for s in status] == [(True, False), (False, True), (False, False)]
    assert status[1]["errors"] == ["Erreur imposée"]
    assert [client.ok("GET", f"{PORT}/{n}")["name"] for n in (1, 2, 3)] == ["a", None, None]
