"""Pages, limits, faults, clock, counting."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lab import ConnectionCut
from lab.clock import Clock
from tests.support.meraki_client import Client

ORG = "/organizations/930093"
NETWORKS = f"{ORG}/networks"


def links(client: Client, path: str, **headers: str) -> dict[str, str]:
    header = client.send("GET", path, **headers).headers["Link"]
    return {rel: url for url, rel in re.findall(r"<([^>]+)>; rel=(\w+)", header)}


def create(client: Client, name: str = "n") -> Any:
    return client.send("POST", NETWORKS, {"name": name, "productTypes": ["switch"]})


def test_pages_follow_each_other_by_absolute_links(client: Client) -> None:
    path = f"{ORG}/inventory/devices?perPage=8&models[]=MS210-48&models[]=MR"
    urls = links(client, path)
    base = "https://lab.invalid/api/v1/organizations/930093/inventory/devices"
    kept = "models%5B%5D=MS210-48&models%5B%5D=MR&perPage=8"
    assert urls == {
        "first": f"{base}?{kept}&startingAfter=0000-0000-0000",
        "next": f"{base}?{kept}&startingAfter=QZZZ-0002-0041",
        "last": f"{base}?{kept}&endingBefore=ZZZZ-ZZZZ-ZZZZ",
    }
    following = urls["next"].removeprefix("https://lab.invalid/api/v1")
    assert [d["serial"] for d in client.ok("GET", following)] == [
        "QZZZ-0002-0042",
        "QZZZ-0003-0001",
        "QZZZ-0003-0041",
        "QZZZ-0003-0042",
    ]
    assert links(client, following).keys() == {"first", "prev", "last"}
    back = links(client, following)["prev"].removeprefix("https://lab.invalid/api/v1")
    assert len(client.ok("GET", back)) == 8
    last = urls["last"].removeprefix("https://lab.invalid/api/v1")
    assert client.ok("GET", last)[-1]["serial"] == "QZZZ-0003-0042"


def test_links_are_relative_on_demand_and_for_the_vendor_s_sdk(client: Client) -> None:
    path = f"{ORG}/inventory/devices?perPage=3"
    relative = f"{ORG}/inventory/devices?perPage=3&startingAfter=QZZZ-0000-0003"
    agent = {"User-Agent": "python-meraki/4.7.0"}
    assert links(client, path, **agent)["next"] == relative
    client.simulator.behaviour.set(links="absolute")
    assert links(client, path, **agent)["next"] == f"https://lab.invalid/api/v1{relative}"
    client.simulator.behaviour.set(links="relative")
    assert links(client, path)["next"] == relative


def test_a_page_survives_the_deletion_of_the_object_before_it(client: Client) -> None:
    ids = [create(client).json()["id"] for _ in range(5)]
    following = links(client, f"{NETWORKS}?perPage=3")["next"].removeprefix("https://lab.invalid/api/v1")
    client.send("DELETE", f"/networks/{ids[2]}")
    assert [n["id"] for n in client.ok("GET", following)] == ids[3:]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (f"{ORG}/switch/ports/bySwitch?perPage=51", "'perPage' must be an integer between 3 and 50"),
        (f"{ORG}/switch/ports/statuses/bySwitch?perPage=21", "'perPage' must be an integer between 3 and 20"),
        (f"{ORG}/devices?perPage=2", "'perPage' must be an integer between 3 and 5000"),
        (f"{ORG}/devices?perPage=x", "'perPage' must be an integer between 3 and 5000"),
    ],
)
def test_page_sizes_outside_their_range_are_refused(client: Client, path: str, error: str) -> None:
    assert client.refused("GET", path) == [error]


def test_ten_requests_a_second_pass_and_a_burst_of_ten(client: Client) -> None:
    client.simulator.behaviour.set(rate_limit=10)
    clock = client.simulator.clock
    assert [client.send("GET", ORG).status for _ in range(11)] == [200] * 10 + [429]
    over = client.send("GET", ORG)
    assert over.json() == {"errors": ["API rate limit exceeded for organization"]}
    assert over.headers["Retry-After"] == "1"
    clock.advance(0.5)
    assert [client.send("GET", ORG).status for _ in range(6)] == [200] * 5 + [429]
    clock.advance(3600)
    assert sum(client.send("GET", ORG).status == 200 for _ in range(30)) == 10


def test_a_storm_of_429_ends_after_its_answers(client: Client) -> None:
    client.simulator.faults.add("status", status=429, times=2, retry_after="7")
    first = client.send("GET", ORG)
    assert (first.status, first.headers["Retry-After"]) == (429, "7")
    assert [client.send("GET", ORG).status for _ in range(2)] == [429, 200]
    client.simulator.faults.add("status", status=429)
    assert "Retry-After" not in client.send("GET", ORG).headers


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_server_error_strikes_before_or_after_the_write(client: Client, when: str, made: int) -> None:
    client.simulator.faults.add("status", method="POST", path="/networks$", nth=2, status=502, when=when)
    assert [create(client, name).status for name in "abc"] == [201, 502, 201]
    assert [n["name"] for n in client.ok("GET", NETWORKS)].count("b") == made


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_connection_is_cut_before_or_after_the_write(client: Client, when: str, made: int) -> None:
    client.simulator.faults.add("cut", method="POST", when=when)
    with pytest.raises(ConnectionCut):
        create(client)
    assert len(client.ok("GET", NETWORKS)) == made
    assert client.simulator.calls.writes() == [("POST", f"/api/v1{NETWORKS}", 0)]


def test_random_failures_are_the_same_each_time(client: Client) -> None:
    def statuses() -> list[int]:
        client.simulator.faults.clear()
        client.simulator.faults.add("random", rate=0.2, times=None, seed=7)
        answers = []
        for _ in range(200):
            try:
                answers.append(client.send("GET", ORG).status)
            except ConnectionCut:
                answers.append(0)
        return answers

    first = statuses()
    assert first == statuses()
    assert 20 < sum(status != 200 for status in first) < 60
    assert set(first) == {0, 200, 502, 503, 504}


def test_another_administrator_writes_between_a_read_and_a_write(client: Client) -> None:
    network = client.network()
    path = f"/networks/{network}/switch/mtu"
    edit = {"method": "PUT", "path": path, "body": {"defaultMtuSize": 1500}}
    client.simulator.faults.add("edit", method="GET", path="mtu$", nth=2, edit=edit)
    assert [client.ok("GET", path)["defaultMtuSize"] for _ in range(2)] == [9578, 1500]
    assert client.ok("GET", f"{ORG}/configurationChanges")[0]["adminName"] == "Autre administrateur"
    seen = []
    client.simulator.faults.add("edit", edit=lambda: seen.append("called"))
    client.ok("GET", path)
    assert seen == ["called"]


def test_an_html_404_strikes_once(client: Client) -> None:
    client.simulator.faults.add("status", status=404, body="<html>perdu</html>")
    struck = client.send("GET", ORG)
    assert (struck.status, struck.headers["Content-Type"], struck.body) == (
        404,
        "text/html",
        b"<html>perdu</html>",
    )
    assert client.send("GET", ORG).status == 200


def test_an_unknown_fault_or_switch_is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="panne inconnue : feu"):
        client.simulator.faults.add("feu")
    with pytest.raises(ValueError, match="comportement inconnu : vitesse ; links : choisir parmi"):
        client.simulator.behaviour.set(vitesse=1, links="courts")


def test_reads_and_writes_are_counted_and_logged(client: Client) -> None:
    client.ok("GET", ORG)
    create(client)
    client.refused("GET", "/nowhere", status=404)
    assert client.simulator.calls.counts() == {"meraki": {"reads": 2, "writes": 1, "sessions": 0}}
    logged = [(e.method, e.path, e.status) for e in client.simulator.calls.log]
    assert logged[1:] == [("POST", f"/api/v1{NETWORKS}", 201), ("GET", "/api/v1/nowhere", 404)]


def test_the_clock_moves_stops_and_runs_again() -> None:
    clock = Clock()
    start = clock.now()
    clock.advance(3600)
    assert clock.now() - start == pytest.approx(3600, abs=5)
    clock.freeze(1_790_000_000.0)
    clock.advance(0.5)
    assert clock.iso() == "2026-09-21T14:13:20.500000Z"
    clock.release()
    assert 0 <= clock.now() - 1_790_000_000.5 < 5


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "not valid JSON"),
        (rb'{"name": "\ud800"}', "not valid JSON"),
        (b"[]", "must be a JSON object"),
    ],
)
def test_a_body_that_is_no_object_is_refused(client: Client, body: bytes, error: str) -> None:
    from lab import Request

    headers = {"Authorization": f"Bearer {client.simulator.api_key}"}
    answer = client.simulator.handle(Request.to("POST", f"/api/v1{NETWORKS}", headers=headers, body=body))
    assert answer.status == 400
    assert error in answer.json()["errors"][0]
