"""Objects read in bulk where the SMC proves that it understood, else at one request more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from piste.engine.converge.errors import Conflict
from piste.engine.transport.response import Response
from piste.systems.forcepoint import bulk
from tests.support.rules import ELEMENTS, JAURES, rule, section
from tests.support.rules import policy as declared_policy
from tests.support.smc import SmcRun, SmcWorld, rules

HOSTS = [{"type": "host", "name": f"poste-{at}", "address": f"10.93.9.{at + 1}"} for at in range(8)]
DECLARED = [*ELEMENTS, *HOSTS]
MANY = [rule(f"r{at:02}", f"host/poste-{at % 8}", log="stored") for at in range(20)]
POLICY = declared_policy({"section": "Socle"}, *MANY, {"section": "Site jaures"}, *JAURES)


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", DECLARED)
    made.module("smc_policies", [POLICY])
    made.forget_requests()
    return made


def converge(world: SmcWorld) -> list[dict[str, Any]]:
    """Return the results of a check that would change a little."""
    with world.run() as run:
        results = [run.module("smc_elements", [*DECLARED[:-1], {**DECLARED[-1], "address": "10.93.9.99"}], check=True)]
        results += [run.module("smc_policies", [{**POLICY, "ipv4_access": POLICY["ipv4_access"][:-1]}], check=True)]
    assert [len(result["operations"]) for result in results] == [1, 1]
    return [{name: value for name, value in result.items() if name != "calls"} for result in results]


def reads(world: SmcWorld, converge: Callable[[SmcWorld], Any] = converge) -> tuple[int, Any]:
    world.forget_requests()
    results = converge(world)
    return len([method for method, _ in world.requests if method == "GET"]), results


def plainly(world: SmcWorld) -> tuple[int, Any]:
    """Read the same, object by object."""
    with patch.object(bulk, "WORTH", 1 << 30):
        return reads(world)


def questions(world: SmcWorld) -> list[str]:
    return [path for _, path in world.requests if "expand" in path]


def test_a_list_costs_three_reads_where_the_server_gives_whole_objects(world: SmcWorld) -> None:
    before, results = plainly(world)
    world.simulator.behaviour.expand = "all"
    now, same = reads(world)
    assert same == results
    assert all(path.endswith("?expand=true") for path in questions(world))
    assert before > 40
    assert now <= 25
    world.forget_requests()
    with world.run() as run:
        run.module("smc_policies", [POLICY])
    asked = [path.rpartition("/")[2] for path in lists_read(world)]
    assert asked[:2] == ["fw_ipv4_access_rule", "fw_ipv4_access_rule?expand=true"]
    assert len(asked) == 3


def lists_read(world: SmcWorld) -> list[str]:
    return [path for method, path in world.requests if method == "GET" and "fw_ipv4_access_rule" in path]


def test_what_is_exported_is_read_object_by_object(world: SmcWorld) -> None:
    world.simulator.behaviour.expand = "all"
    world.forget_requests()
    with world.run() as run:
        for name in ("smc_elements", "smc_policies"):
            run.module(name, [], state="gathered")
    assert questions(world) == []


@pytest.mark.parametrize("way", ["properties", "ignored", "refused"])
def test_a_server_that_does_not_is_asked_once_a_run(world: SmcWorld, way: Any) -> None:
    before, results = plainly(world)
    world.simulator.behaviour.expand = way
    now, same = reads(world)
    assert same == results
    assert (now, len(questions(world))) == (before + 1, 1)


def spoiled(world: SmcWorld, change: Callable[[list[Any]], Any]) -> None:
    """Change the whole objects of every list on their way."""

    def spoil(method: str, answer: Response) -> Response:
        if "expand" not in answer.url or answer.status != 200:
            return answer
        body = json.dumps(change(json.loads(answer.body)["element"])).encode()
        return replace(answer, body=body)

    world.simulator.behaviour.expand = "all"
    world.spoil = spoil


LIES: dict[str, Callable[[list[Any]], Any]] = {
    "shallow": lambda listed: {
        "element": [{name: element[name] for name in ("link", "name", "key") if name in element} for element in listed]
    },
    "without one attribute": lambda listed: {
        "element": [without(element, "address", "ip_range", "sources") for element in listed]
    },
    "names": lambda listed: {"element": [{"name": "x", "href": "y", "type": "host"} for _ in listed]},
    "empty": lambda listed: {"element": []},
    "nothing": lambda listed: {"element": None},
    "texts": lambda listed: {"element": ["x"] * len(listed)},
    "a text": lambda listed: "maintenance",
    "elsewhere": lambda listed: {"element": [moved(element) for element in listed]},
    "two ends": lambda listed: {"element": [{**element, "link": element["link"] * 2} for element in listed]},
}


def without(element: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in element.items() if name not in names}


def moved(element: dict[str, Any]) -> dict[str, Any]:
    return {**element, "link": [{**link, "href": f"{link['href']}9"} for link in element["link"]]}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_answer_that_proves_nothing_is_not_believed(world: SmcWorld, lie: Callable[[list[Any]], Any]) -> None:
    before, results = plainly(world)
    spoiled(world, lie)
    now, same = reads(world)
    assert same == results
    assert (now, len(questions(world))) == (before + 1, 1)


def test_a_list_that_is_cut_short_or_in_another_order_loses_nothing(world: SmcWorld) -> None:
    _, results = plainly(world)
    spoiled(world, lambda listed: {"element": listed[: len(listed) // 2 + 1][::-1]})
    _, same = reads(world)
    assert same == results


def test_a_server_that_fails_at_the_question_is_read_object_by_object(world: SmcWorld) -> None:
    before, results = plainly(world)
    world.simulator.behaviour.expand = "all"
    world.spoil = lambda method, answer: replace(answer, status=500) if "expand" in answer.url else answer
    now, same = reads(world)
    assert same == results
    assert now == before + 1


def change(run: SmcRun) -> None:
    run.module("smc_elements", [{**HOSTS[0], "address": "10.93.9.99"}, *HOSTS[1:]])
    run.module("smc_policies", [section("Socle", {**MANY[3], "log": "none"}, *MANY[:3], *MANY[4:])])


def test_what_is_written_was_read_by_itself_with_its_etag(world: SmcWorld) -> None:
    world.simulator.behaviour.set(expand="all", put_needs_if_match=True)
    with world.run() as run:
        change(run)
    assert [rule["id"] for rule in rules(world)[1:5]] == ["r03", "r00", "r01", "r02"]
    written = {path for method, path in world.writes if method == "PUT"}
    assert len(written) == 2
    for path in written:
        assert ("GET", path) in world.requests[: world.requests.index(("PUT", path))]


@pytest.mark.parametrize("kind", ["host", "fw_ipv4_access_rule"])
def test_what_changed_since_it_was_read_in_bulk_stops_the_task(world: SmcWorld, kind: str) -> None:
    world.simulator.behaviour.expand = "all"
    edited: list[str] = []

    def edit(method: str, path: str) -> None:
        bulky = [asked for asked in questions(world) if f"/{kind}?" in asked]
        if bulky and not edited and method == "GET" and path.endswith(f"/{kind}"):
            where = world.simulator.world.path(target(world, kind))
            edited.append(where)
            body = {**world.simulator.look(where), "comment": "[id:r03] urgence" if "rule" in kind else "urgence"}
            world.simulator.edit("PUT", where, body, **{"If-Match": "*"})

    world.on_request = edit
    ours = {
        "host": ("smc_elements", [{**HOSTS[0], "comment": "le nôtre"}, *HOSTS[1:]]),
        "fw_ipv4_access_rule": ("smc_policies", [section("Socle", *MANY[:3], {**MANY[3], "log": "none"}, *MANY[4:])]),
    }
    with pytest.raises(Conflict, match="quelqu’un d’autre"):
        world.module(*ours[kind])
    assert edited


def target(world: SmcWorld, kind: str) -> Any:
    wanted = "poste-0" if kind == "host" else "[id:r03]"
    return next(record for record in world.simulator.world.of_type(kind) if wanted in str(record["data"]))
