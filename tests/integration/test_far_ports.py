"""The ports of the core that let the VLANs of a school pass converge with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.runs.plans.undo import inverse
from piste.town import derived
from tests.support.inprocess import MerakiWorld, Run
from tests.support.town import converge, school, site, town_world

CORE, SCHOOL, OTHER = "hotel-de-ville", "ecole-jaures", "ecole-mermoz"
FAR = ["sw-hdv-01/31 (hotel-de-ville)", "sw-hdv-01/5 (hotel-de-ville)", "sw-hdv-02/31 (hotel-de-ville)"]
HALL = {"devices": 2, "aggregates": 1}


def hall() -> dict[str, Any]:
    """The core alone of the town hall."""
    whole = site(CORE)
    return {**whole, **{name: whole[name][:count] for name, count in HALL.items()}}


def without(vlans: set[str]) -> dict[str, Any]:
    """The core as it was before a site was opened."""
    before = hall()
    for device in before["devices"]:
        for port in device["ports"]:
            kept = [vlan for vlan in (port["allowed_vlans"] or "").split(",") if vlan and vlan not in vlans]
            port["allowed_vlans"] = ",".join(kept) or None
    return before


def vlans_of(name: str) -> set[str]:
    return {str(segment["vlan"]) for segment in site(name)["segments"].values()}


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    """The core does not let the VLANs of two schools pass; the rest is converged."""
    made = town_world(tmp_path)
    converge(made, without(vlans_of(SCHOOL) | vlans_of(OTHER)), school())
    return made


def run_school(run: Run, *together: str, name: str = SCHOOL, **options: Any) -> dict[str, Any]:
    for owner in (CORE, SCHOOL, OTHER):
        derived.keep(owner, hall() if owner == CORE else site(owner))
    return run.domain(school() if name == SCHOOL else site(name), together=list(together), **options)


def labels(result: dict[str, Any]) -> list[str]:
    return sorted(operation["label"] for operation in result["operations"] if operation["kind"] == "switch_port")


def test_the_plan_of_a_school_has_the_ports_of_the_core_that_carry_it(world: MerakiWorld) -> None:
    with world.run() as run:
        planned = run_school(run, SCHOOL, check=True)
    assert labels(planned) == FAR
    assert {operation["owner"] for operation in planned["operations"]} == {SCHOOL}
    with world.run() as run:
        assert labels(run_school(run, SCHOOL)) == FAR
    with world.run() as run:
        assert run_school(run, SCHOOL)["operations"] == []
    left = converge(world, hall(), check=True).operations
    assert [operation["label"] for operation in left] == ["sw-hdv-01/6"]


def test_a_run_with_the_core_plans_each_port_once(world: MerakiWorld) -> None:
    with world.run() as run:
        assert labels(run_school(run, CORE, SCHOOL, check=True)) == []
        first = run_school(run, SCHOOL, OTHER, check=True)
        second = run_school(run, SCHOOL, OTHER, name=OTHER, check=True)
    assert labels(first) == FAR
    assert [label for label in labels(second) if CORE in label] == ["sw-hdv-01/6 (hotel-de-ville)"]


def test_a_saved_plan_reads_the_ports_of_the_core_that_it_changes_and_no_other(
    world: MerakiWorld, tmp_path: Path
) -> None:
    with world.run() as run:
        planned = run_school(run, SCHOOL, check=True)
    kept = [operation for operation in planned["operations"] if "/5" in operation["label"]]
    (tmp_path / "plan.json").write_text(json.dumps({"operations": kept}), "utf-8")
    with world.run() as run:
        assert labels(run_school(run, SCHOOL, plan=str(tmp_path / "plan.json"))) == ["sw-hdv-01/5 (hotel-de-ville)"]
    (tmp_path / "plan.json").write_text(json.dumps({"operations": []}), "utf-8")
    world.forget_requests()
    with world.run() as run:
        assert run_school(run, SCHOOL, plan=str(tmp_path / "plan.json"))["operations"] == []
    assert world.requests == []


def test_what_a_school_did_at_the_core_is_taken_back(world: MerakiWorld) -> None:
    before = converge(world, hall(), check=True).operations
    with world.run() as run:
        done = run_school(run, SCHOOL)
    tasks, lost = inverse(done["operations"])
    with world.run() as run:
        run_school(run, undo=tasks[SCHOOL], state="merged", confirm=["uplink"])
    assert lost == []
    again = converge(world, hall(), check=True).operations
    assert [(entry["label"], entry["before"]) for entry in again] == [
        (entry["label"], entry["before"]) for entry in before
    ]


def test_a_vlan_removed_at_the_core_is_a_drift_of_the_school(world: MerakiWorld) -> None:
    with world.run() as run:
        run_school(run, SCHOOL)
    serial = hall()["devices"][0]["serial"]
    port = next(port for port in hall()["devices"][0]["ports"] if port["port"] == "5")
    vlan = str(site(SCHOOL)["segments"]["pedagogique"]["vlan"])
    left = ",".join(known for known in port["allowed_vlans"].split(",") if known != vlan)
    world.simulator.edit("PUT", f"/devices/{serial}/switch/ports/5", {"allowedVlans": f"1,{left}"})
    with world.run() as run:
        drifted = run_school(run, SCHOOL, check=True, survey=True)
    assert labels(drifted) == ["sw-hdv-01/5 (hotel-de-ville)"]


def test_a_core_that_is_not_there_yet_holds_back_its_ports_alone(tmp_path: Path) -> None:
    made = town_world(tmp_path)
    with made.run() as run:
        planned = run_school(run, SCHOOL)
    assert [line for line in planned["withheld"] if "attend le réseau de hotel-de-ville" in line]
    assert not [label for label in labels(planned) if CORE in label]
