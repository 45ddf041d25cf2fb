"""A saved plan is applied as it is: its operations and no other, whatever happens meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Conflict
from piste.runs.plans import saved
from tests.support.inprocess import Killed, MerakiWorld
from tests.support.town import SCHOOL, Outcome, converge, dot1x, school, site, town_world

PORT = "/devices/QZZZ-0005-0001/switch/ports/2"


def apply(world: MerakiWorld, whole: dict[str, Any], plan: Path) -> Outcome:
    """Tasks of the role, kept to a plan file."""
    return converge(world, whole, plan=str(plan))


def planned(world: MerakiWorld, whole: dict[str, Any], folder: Path) -> tuple[Path, list[dict[str, Any]]]:
    operations = converge(world, whole, check=True).operations
    assert world.writes == []
    path = folder / "plan.json"
    saved.write_json({"operations": operations}, path)
    return path, json.loads(path.read_text("utf-8"))["operations"]


def converged(folder: Path) -> MerakiWorld:
    world = town_world(folder)
    converge(world, site(SCHOOL))
    return world


def drift(world: MerakiWorld, path: str, **body: Any) -> None:
    world.simulator.edit("PUT", path, body)


def requests(world: MerakiWorld) -> list[tuple[str, str, Any]]:
    """List writes with their bodies; the reads between them are left out."""
    return [
        (method, path, body)
        for (method, path), body in zip(world.requests, world.bodies, strict=True)
        if method != "GET"
    ]


def test_exactly_the_planned_operations_are_sent(tmp_path: Path) -> None:
    world = converged(tmp_path)
    drift(world, PORT, name="à la main", vlan=99)
    drift(world, "/devices/QZZZ-0005-0041", name="borne")
    path, operations = planned(world, site(SCHOOL), tmp_path)
    assert [(o["kind"], o["key"], o["fields"]) for o in operations] == [
        ("device", "QZZZ-0005-0041", ["name"]),
        ("switch_port", "QZZZ-0005-0001/2", ["name", "vlan"]),
    ]
    assert apply(world, site(SCHOOL), path).operations == operations
    assert requests(world) == [
        ("PUT", "/devices/QZZZ-0005-0041", {"name": "ap-jau-01"}),
        ("PUT", PORT, {"name": "Borne Wi-Fi", "vlan": 150}),
    ]


def test_an_operation_that_the_plan_does_not_hold_stops_its_task_before_any_write(tmp_path: Path) -> None:
    world = converged(tmp_path)
    drift(world, PORT, vlan=99)
    path, _ = planned(world, site(SCHOOL), tmp_path)
    drift(world, "/devices/QZZZ-0005-0001/switch/ports/3", name="à la main")
    with pytest.raises(Conflict, match=r"le plan enregistré ne prévoit pas : sw-jau-01/3\. .*rien n’a été écrit"):
        apply(world, site(SCHOOL), path)
    assert world.writes == []


def test_an_object_that_moved_to_another_value_is_not_written(tmp_path: Path) -> None:
    world = converged(tmp_path)
    drift(world, PORT, vlan=99)
    path, _ = planned(world, site(SCHOOL), tmp_path)
    drift(world, PORT, vlan=98)
    with pytest.raises(Conflict, match=r"le plan enregistré ne prévoit pas : sw-jau-01/2\."):
        apply(world, site(SCHOOL), path)
    assert world.writes == []


def test_what_somebody_has_put_right_meanwhile_is_left_alone(tmp_path: Path) -> None:
    world = converged(tmp_path)
    drift(world, PORT, vlan=99)
    path, _ = planned(world, site(SCHOOL), tmp_path)
    drift(world, PORT, vlan=site(SCHOOL)["devices"][0]["ports"][1]["vlan"])
    assert apply(world, site(SCHOOL), path).operations == []
    assert world.writes == []


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.story)], ids=["some", "each"])
@pytest.mark.parametrize("seed", ["empty", "brownfield"])
def test_an_apply_that_dies_at_any_write_is_finished_by_the_same_apply(seed: str, step: int, tmp_path: Path) -> None:
    """The second plan lacks what the dead run did; the first has the rest, whole or in part."""
    whole = dot1x(school())

    def ready(name: str) -> tuple[MerakiWorld, Path]:
        (tmp_path / name).mkdir()
        world = town_world(tmp_path / name, seed)
        path, _ = planned(world, whole, tmp_path / name)
        world.forget_requests()
        return world, path

    world, path = ready("whole")
    apply(world, whole, path)
    writes = len(world.writes)
    assert writes >= 5
    for number in range(1, writes + 1, step):
        for moment in ("kill_before", "kill_after"):
            world, path = ready(f"{number}-{moment}")
            setattr(world, moment, number)
            with pytest.raises(Killed):
                apply(world, whole, path)
            setattr(world, moment, 0)
            world.simulator.clock.advance(1)
            apply(world, whole, path)
            assert converge(world, whole, check=True).operations == [], (number, moment)


def test_the_sites_of_one_plan_do_not_lend_each_other_operations(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    sites = [site(SCHOOL), site("ecole-mermoz")]
    converge(world, *sites)
    drift(world, PORT, name="à la main")
    path, operations = planned(world, sites[0], tmp_path)
    other = sites[1]["devices"][0]["serial"]
    drift(world, f"/devices/{other}/switch/ports/2", name="à la main")
    assert apply(world, sites[1], path).operations == [], "the plan touches nothing of this site"
    assert apply(world, sites[0], path).operations == operations
    assert [operation["label"] for operation in converge(world, sites[1], check=True).operations] == ["sw-mer-01/2"]
