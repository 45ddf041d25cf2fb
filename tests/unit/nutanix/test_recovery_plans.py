"""Recovery plans and protection policies: what a table cannot say of them."""

from __future__ import annotations

import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig, Misused, PisteError
from piste.systems.nutanix.protection_policies import _weaker
from piste.town.model.hosting.recovery import circles, needs, start_order
from tests.support.hosting import PrismWorld, once
from tests.support.inprocess import Killed

PLAN: dict[str, Any] = {
    "name": "Reprise",
    "clusters": ["ntnx-hdv"],
    "recovery_cluster": "ntnx-secours",
    "stages": [{"machines": ["hdv-dc1", "hdv-dc2"], "delay": 300}, {"machines": ["hdv-sql1"]}],
    "mappings": [{"network": "serveurs", "recovery": "serveurs"}, {"network": "surete", "recovery": "surete"}],
}


@pytest.fixture
def world(tmp_path: Path) -> PrismWorld:
    world = PrismWorld(tmp_path, "town").keep("hdv-dc1", "hdv-dc2", "hdv-sql1")
    live = world.simulator
    live.behaviour.set(same_cluster_plan="refuse")
    other = {"extId": "11111111-0000-0000-0000-000000000001", "name": "ntnx-secours"}
    live.world.keep("Cluster", {**live.site.cluster, **other})
    return world


def gathered(world: PrismWorld) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = once(world, "prism_recovery_plans", state="gathered")["gathered"]
    return result


def changed(**content: Any) -> list[dict[str, Any]]:
    return [{**copy.deepcopy(PLAN), **content}]


def test_a_plan_is_made_whole_and_kept(world: PrismWorld) -> None:
    foreseen = once(world, "prism_recovery_plans", [PLAN], check=True)
    assert (foreseen["changed"], world.writes) == (True, [])
    once(world, "prism_recovery_plans", [PLAN])
    (live,) = gathered(world)
    assert [stage["machines"] for stage in live["stages"]] == [["hdv-dc1", "hdv-dc2"], ["hdv-sql1"]]
    world.forget_requests()
    assert once(world, "prism_recovery_plans", [PLAN])["changed"] is False
    assert world.writes == []


def test_only_the_part_that_changes_is_written(world: PrismWorld) -> None:
    once(world, "prism_recovery_plans", [PLAN])
    world.forget_requests()
    stages = [*PLAN["stages"], {"categories": ["Environnement:Production"]}]
    once(world, "prism_recovery_plans", changed(stages=stages))
    assert [(method, path.rpartition("/")[2]) for method, path in world.writes] == [("POST", "stages")]
    world.forget_requests()
    once(world, "prism_recovery_plans", changed(stages=stages[:1], mappings=PLAN["mappings"][:1]))
    assert [method for method, _ in world.writes] == ["DELETE", "DELETE", "DELETE"]


@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_plan_that_is_made_by_half_is_finished_by_the_next_run(tmp_path: Path, moment: str) -> None:
    for write in range(1, 6):
        folder = tmp_path / str(write)
        folder.mkdir()
        world = PrismWorld(folder, "town").keep("hdv-dc1", "hdv-dc2", "hdv-sql1")
        setattr(world, moment, write)
        with pytest.raises(Killed):
            once(world, "prism_recovery_plans", changed(recovery_cluster="ntnx-hdv"))
        setattr(world, moment, 0)
        once(world, "prism_recovery_plans", changed(recovery_cluster="ntnx-hdv"))
        (live,) = gathered(world)
        assert (len(live["stages"]), len(live["mappings"])) == (2, 2)


def test_a_plan_to_its_own_cluster_is_refused_by_the_system_in_its_words(world: PrismWorld) -> None:
    with pytest.raises(PisteError, match="have the same cluster"):
        once(world, "prism_recovery_plans", changed(recovery_cluster="ntnx-hdv"))


def test_a_system_that_is_too_old_for_plans_says_so(world: PrismWorld) -> None:
    world.simulator.behaviour.set(versions={**world.simulator.behaviour.versions, "datapolicies": "v4.1"})
    assert gathered(world) == []
    with pytest.raises(Misused, match="ne connaît pas les plans de reprise"):
        once(world, "prism_recovery_plans", [PLAN])


def test_a_machine_that_does_not_exist_and_an_empty_stage_are_faults(world: PrismWorld) -> None:
    with pytest.raises(InvalidConfig) as error:
        once(world, "prism_recovery_plans", changed(stages=[{"machines": ["hdv-absente"]}, {"delay": 3}]))
    said = str(error.value)
    assert "la machine « hdv-absente » n’existe pas" in said
    assert "stages[1] : n’a ni catégorie ni machine" in said


POLICY: dict[str, Any] = {
    "name": "Copier",
    "categories": ["Environnement:Production"],
    "locations": [{"label": "ici", "clusters": ["ntnx-hdv"], "primary": True}],
    "schedules": [{"source": "ici", "rpo_seconds": 3_600, "keep": 4, "keep_every": "WEEKLY"}],
}


def test_the_copies_of_the_other_place_are_lost_too() -> None:
    kept = {"source": "ici", "remote": "là", "rpo_seconds": 3_600, "keep": 4, "keep_every": None,
            "keep_remote": 9, "keep_remote_every": "DAILY"}  # fmt: skip
    assert "moins longtemps" in _weaker({"schedules": [kept]}, {"schedules": [{**kept, "keep_remote": 8}]})
    assert _weaker({"schedules": [kept]}, {"schedules": [{**kept, "keep_remote": 10}]}) == ""
    places = {name: {"locations": [{"clusters": [*names]}]} for name, names in (("a", "x"), ("b", "y"), ("all", ""))}
    assert "plus aucune copie n’ira sur x" in _weaker(places["a"], places["b"])
    assert _weaker(places["a"], places["all"]) == ""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"categories": []}, "les machines de Environnement:Production ne seront plus copiées"),
        ({"schedules": [{**POLICY["schedules"][0], "rpo_seconds": 7_200}]}, "copiées moins souvent"),
        ({"schedules": [{**POLICY["schedules"][0], "keep": 3}]}, "gardées moins longtemps"),
    ],
)
def test_to_protect_less_is_confirmed(world: PrismWorld, content: dict[str, Any], why: str) -> None:
    once(world, "prism_protection_policies", [POLICY])
    with pytest.raises(Guarded, match=why):
        once(world, "prism_protection_policies", [{**POLICY, **content}])
    once(world, "prism_protection_policies", [{**POLICY, **content}], confirm=["protection_policy:Copier"])
    once(world, "prism_protection_policies", [POLICY])


@pytest.mark.parametrize("hours", [5, 9, 48])
def test_a_rhythm_that_cannot_be_spaced_is_refused_before_any_write(world: PrismWorld, hours: int) -> None:
    with pytest.raises(InvalidConfig, match=f"à {hours * 3_600} s, les copies ne s’espacent pas"):
        once(world, "prism_protection_policies", [
            {**POLICY, "schedules": [{**POLICY["schedules"][0], "rpo_seconds": hours * 3_600}]}
        ])  # fmt: skip
    assert world.writes == []


def test_what_another_tool_set_beside_stays(world: PrismWorld) -> None:
    once(world, "prism_protection_policies", [POLICY])
    live = world.named("ProtectionPolicy", "Copier")
    live["replicationConfigurations"][0]["schedule"]["syncReplicationAutoSuspendTimeoutSeconds"] = 60
    schedule = {**POLICY["schedules"][0], "keep": 5}
    once(world, "prism_protection_policies", [{**POLICY, "schedules": [schedule]}])
    kept = world.named("ProtectionPolicy", "Copier")["replicationConfigurations"][0]["schedule"]
    assert (kept["syncReplicationAutoSuspendTimeoutSeconds"], kept["retention"]["local"]["frequency"]) == (60, 5)


@pytest.mark.parametrize(("offered", "same"), [("v4.3", True), ("v4.2", False)])
def test_a_schedule_that_changes_is_the_same_schedule_and_a_pause_stays(
    world: PrismWorld, offered: str, same: bool
) -> None:
    versions = {**world.simulator.behaviour.versions, "datapolicies": offered}
    world.simulator.behaviour.set(versions=versions)
    once(world, "prism_protection_policies", [POLICY])
    before = world.named("ProtectionPolicy", "Copier")["replicationConfigurations"][0]["schedule"]
    before["isReplicationPaused"] = True
    once(world, "prism_protection_policies", [{**POLICY, "schedules": [{**POLICY["schedules"][0], "keep": 5}]}])
    after = world.named("ProtectionPolicy", "Copier")["replicationConfigurations"][0]["schedule"]
    assert after["isReplicationPaused"] is True
    assert (after["scheduleExtId"] == before["scheduleExtId"]) == same


def test_places_that_are_not_of_the_policy_are_faults(world: PrismWorld) -> None:
    schedules = [{"source": "ici", "remote": "là", "rpo_seconds": 0, "keep": 2}]
    with pytest.raises(InvalidConfig) as error:
        once(world, "prism_protection_policies", [{**POLICY, "schedules": schedules}])
    said = str(error.value)
    assert "« ici » ou « là » n’est pas un de ses lieux" in said
    assert "rien ne va de « là » à « ici »" in said
    assert "une copie synchrone n’a pas de durée" in said


def test_machines_start_in_the_order_of_what_they_need() -> None:
    """The model as the derivation sees it: machines, controllers, needs of applications."""
    town: Any = SimpleNamespace(
        hosting_machines=dict.fromkeys(("ag", "sql", "dc2", "dc1", "log")),
        directory=SimpleNamespace(controllers=["dc1", "dc2"]),
        applications={
            "web": SimpleNamespace(machines=["ag"], needs=["base", "dc1"]),
            "base": SimpleNamespace(machines=["sql"], needs=[]),
        },
    )
    assert start_order(town) == [["dc2", "dc1"], ["sql", "log"], ["ag"]]
    assert circles(needs(town)) == []
    town.applications["base"].needs = ["web"]
    assert circles(needs(town)) == ["ag", "sql"]
    assert start_order(town) == [["dc2", "dc1"], ["log"], ["ag", "sql"]]
