"""Machines that follow hours: those that sleep, that wake, that nothing touches; the figure."""

from __future__ import annotations

import pickle
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lab.prism import World
from piste.engine.converge.errors import PisteError
from piste.runs.plans.undo import inverse
from piste.systems.nutanix.sleepers import decide
from tests.support.hosting import PrismWorld, converge, intent, once, operations
from tests.support.inprocess import Killed

FOLLOWERS = ("hdv-img1", "hdv-rct1")
EVENING, NIGHT, DAWN, MORNING = "2026-09-21T21:00", "2026-09-21T22:05", "2026-09-22T05:35", "2026-09-22T09:00"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The town's machines, all running, as an image."""
    world = PrismWorld(tmp_path_factory.mktemp("town"))
    converge(world)
    for name in FOLLOWERS:
        act(world, name, "power-on")
    return world.simulator.world.snapshot()


def on_a_monday_evening(folder: Path, image: bytes) -> PrismWorld:
    world = PrismWorld(folder)
    world.simulator.reset(World(pickle.loads(image)))
    at(world, EVENING)
    return world


@pytest.fixture
def town(tmp_path: Path, running: bytes) -> PrismWorld:
    return on_a_monday_evening(tmp_path, running)


def act(world: PrismWorld, name: str, action: str, body: Any = None) -> None:
    path = f"vmm/ahv/config/vms/{world.named('Vm', name)['extId']}/$actions/{action}"
    assert world.simulator.edit("POST", path, body)["status"] == "SUCCEEDED"


def at(world: PrismWorld, moment: str) -> None:
    """Move the clock to a moment of the town's time."""
    wanted = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Paris")).timestamp()
    world.simulator.clock.advance(wanted - world.simulator.clock.now())


def follow(world: PrismWorld, **options: Any) -> dict[str, Any]:
    whole = intent()
    return once(world, "prism_power_hours", hours=whole["hours"], **{
        "apart": whole["apart"], "mode": "follow", "lead_minutes": 30, "grace": 300.0, **options,
    })  # fmt: skip


def states(world: PrismWorld, *names: str) -> list[str]:
    return [world.named("Vm", name)["powerState"] for name in names or FOLLOWERS]


def marks(world: PrismWorld, name: str) -> set[str]:
    known = world.simulator.world.of("Category")
    categories = [known[reference["extId"]] for reference in world.named("Vm", name).get("categories", ())]
    return {category["value"] for category in categories if category["key"] == "Veille"}


def category(world: PrismWorld, pair: str) -> dict[str, Any]:
    categories = world.simulator.world.of("Category").values()
    ids = {f"{category['key']}:{category['value']}": category["extId"] for category in categories}
    return {"categories": [{"extId": ids[pair]}]}


def actions(result: dict[str, Any]) -> dict[str, str]:
    return {machine["name"]: machine["action"] for machine in result["machines"]}


def test_nothing_is_done_within_the_hours(town: PrismWorld) -> None:
    result = follow(town)
    assert (result["changed"], town.writes) == (False, [])
    assert [machine["until"] for machine in result["machines"]] == ["2026-09-21T22:00"] * 2


def test_machines_go_to_sleep_after_their_hours_and_all_the_others_stay(town: PrismWorld) -> None:
    at(town, NIGHT)
    foreseen = follow(town, check=True)
    assert (town.writes, states(town)) == ([], ["ON", "ON"])
    result = follow(town)
    assert actions(result) == actions(foreseen) == dict.fromkeys(FOLLOWERS, "sleep")
    assert operations([result]) == operations([foreseen]) == ["update vm/hdv-rct1", "update vm/hdv-img1"]
    assert states(town) == ["OFF", "OFF"]
    assert [marks(town, name) for name in FOLLOWERS] == [{"endormie"}, {"endormie"}]
    touched = {path.split("/")[5] for _, path in town.writes}
    assert touched == {town.named("Vm", name)["extId"] for name in FOLLOWERS}
    town.forget_requests()
    again = follow(town)
    assert (again["changed"], town.writes) == (False, [])
    assert {machine["why"] for machine in again["machines"]} == {"dort"}


def test_each_guest_is_asked_as_it_can_and_its_power_never_cut(town: PrismWorld) -> None:
    town.named("Vm", "hdv-rct1")["guestTools"] = {"isReachable": True}
    at(town, NIGHT)
    follow(town)
    asked = {name: town.named("Vm", name)["extId"] for name in FOLLOWERS}
    paths = [path.partition("/vms/")[2] for _, path in town.writes]
    assert f"{asked['hdv-rct1']}/$actions/guest-shutdown" in paths
    assert f"{asked['hdv-img1']}/$actions/shutdown" in paths
    assert not any(path.endswith(("power-off", "reset", "power-cycle")) for path in paths)


def test_machines_are_up_before_their_hours(town: PrismWorld) -> None:
    at(town, NIGHT)
    follow(town)
    at(town, "2026-09-22T05:25")
    assert follow(town)["changed"] is False
    at(town, DAWN)
    assert actions(follow(town)) == dict.fromkeys(FOLLOWERS, "wake")
    assert states(town) == ["ON", "ON"]
    assert [marks(town, name) for name in FOLLOWERS] == [set(), set()]


def test_a_machine_that_somebody_stopped_is_not_started_by_the_hours(town: PrismWorld) -> None:
    act(town, "hdv-rct1", "power-off")
    at(town, NIGHT)
    follow(town)
    at(town, DAWN)
    result = follow(town)
    assert states(town, "hdv-rct1", "hdv-img1") == ["OFF", "ON"]
    assert result["machines"][0]["why"] == "arrêtée, mais pas par ses horaires"


def test_a_machine_that_somebody_turned_on_again_is_left_on_until_its_hours(town: PrismWorld) -> None:
    at(town, NIGHT)
    follow(town)
    act(town, "hdv-rct1", "power-on")
    result = follow(town)
    assert (result["changed"], states(town, "hdv-rct1")) == (False, ["ON"])
    assert result["machines"][0]["why"] == "rallumée par quelqu’un, laissée jusqu’à ses heures"
    at(town, MORNING)
    assert actions(follow(town))["hdv-rct1"] == "clear"
    assert marks(town, "hdv-rct1") == set()
    at(town, "2026-09-22T22:05")
    assert actions(follow(town))["hdv-rct1"] == "sleep"


def test_a_guest_that_will_not_go_down_is_reported_and_left_running(town: PrismWorld) -> None:
    town.simulator.behaviour.set(deaf=["hdv-rct1"])
    at(town, NIGHT)
    result = follow(town)
    assert (result["refused"], states(town, "hdv-rct1", "hdv-img1")) == (["hdv-rct1"], ["ON", "OFF"])
    assert any("hdv-rct1 ne s’est pas arrêtée en 300 s" in warning for warning in result["warnings"])
    assert (result["figure"]["value"], result["figure"]["numerator"]) == (0.5, 1)
    assert operations([result]) == ["update vm/hdv-img1"]
    town.simulator.behaviour.set(deaf=[])
    assert actions(follow(town)) == {"hdv-rct1": "sleep", "hdv-img1": ""}
    assert states(town) == ["OFF", "OFF"]


def test_a_guest_that_goes_down_late_is_brought_back_all_the_same(town: PrismWorld) -> None:
    town.simulator.behaviour.set(shutdown_seconds=1000)
    at(town, NIGHT)
    assert follow(town)["refused"] == ["hdv-img1", "hdv-rct1"]
    town.simulator.clock.advance(1000)
    assert actions(follow(town)) == dict.fromkeys(FOLLOWERS, "settle")
    at(town, DAWN)
    follow(town)
    assert states(town) == ["ON", "ON"]


@pytest.mark.parametrize("pair", ["Environnement:Production", "Outil:Citrix"])
def test_a_machine_of_production_or_of_another_tool_is_never_stopped(town: PrismWorld, pair: str) -> None:
    if pair == "Outil:Citrix":
        town.simulator.edit("POST", "prism/config/categories", {"key": "Outil", "value": "Citrix"})
    act(town, "hdv-rct1", "associate-categories", category(town, pair))
    at(town, NIGHT)
    result = follow(town)
    assert states(town, "hdv-rct1", "hdv-img1") == ["ON", "OFF"]
    excluded = {machine["name"] for machine in result["figure"]["excluded"]}
    assert ("hdv-rct1" in excluded) == (pair == "Outil:Citrix")
    assert result["figure"]["denominator"] == (1 if pair == "Outil:Citrix" else 2)


def test_a_machine_without_its_category_or_whose_name_is_doubled_is_left_alone(town: PrismWorld) -> None:
    act(town, "hdv-rct1", "disassociate-categories", category(town, "Horaires:nuits-et-week-ends"))
    town.simulator.edit("POST", "vmm/ahv/config/vms", {"name": "hdv-img1", "numSockets": 1})
    at(town, NIGHT)
    result = follow(town)
    assert (states(town), town.writes) == (["ON", "ON"], [])
    assert [machine["why"] for machine in result["figure"]["eligible"]] == [
        "n’a pas la catégorie Horaires:nuits-et-week-ends : appliquez l’hébergement", "2 machines portent ce nom",
    ]  # fmt: skip
    assert result["figure"]["value"] == 0.0


def test_what_was_put_down_is_brought_back_on_demand_and_stays_until_the_hours(town: PrismWorld) -> None:
    at(town, NIGHT)
    follow(town)
    back = follow(town, mode="bring_back")
    assert (actions(back), states(town)) == (dict.fromkeys(FOLLOWERS, "bring_back"), ["ON", "ON"])
    town.forget_requests()
    assert (follow(town)["changed"], town.writes) == (False, [])
    at(town, MORNING)
    follow(town)
    assert [marks(town, name) for name in FOLLOWERS] == [set(), set()]


def test_what_the_hours_noted_outlives_a_change_of_the_declaration(town: PrismWorld) -> None:
    at(town, NIGHT)
    follow(town)
    whole = intent()
    for machine in whole["vms"]:
        machine["categories"]["Responsable"] = "Police municipale"
    converge(town, whole)
    assert (states(town), marks(town, "hdv-rct1")) == (["OFF", "OFF"], {"endormie"})
    assert operations(converge(town, whole)) == []


def test_the_undo_of_a_run_starts_what_it_had_stopped(town: PrismWorld) -> None:
    at(town, NIGHT)
    tasks, lost = inverse(follow(town)["operations"])
    config = tasks["commune"]["returned"]["prism_vms"]["config"]
    assert (lost, config) == ([], [{"name": "hdv-img1", "power": "running"}, {"name": "hdv-rct1", "power": "running"}])
    once(town, "prism_vms", config)
    assert states(town) == ["ON", "ON"]
    assert follow(town)["changed"] is False


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_dies_anywhere_is_finished_by_the_next(tmp_path: Path, running: bytes, when: str) -> None:
    killed = 0
    for number in range(1, 20):
        (tmp_path / str(number)).mkdir()
        world = on_a_monday_evening(tmp_path / str(number), running)
        at(world, NIGHT)
        setattr(world, f"kill_{when}", number)
        try:
            follow(world)
        except Killed:
            killed += 1
        else:
            break
        finally:
            world.kill_before = world.kill_after = 0
        world.simulator.clock.advance(60)
        follow(world)
        assert states(world) == ["OFF", "OFF"], number
        at(world, DAWN)
        follow(world)
        assert states(world) == ["ON", "ON"], number
        assert [marks(world, name) for name in FOLLOWERS] == [set(), set()], number
    assert killed == 8  # for each machine: its mark, the demand, the new mark, the former mark


def test_a_machine_that_fails_does_not_keep_the_others_from_their_hours(town: PrismWorld) -> None:
    at(town, NIGHT)
    rct = town.named("Vm", "hdv-rct1")["extId"]
    town.simulator.faults.add("task_fail", path=f"{rct}/.actions/associate", body="Permission refusée")
    with pytest.raises(PisteError, match="Permission refusée") as failure:
        follow(town)
    assert failure.value.objects == ("hdv-rct1",)
    assert [operation["key"] for operation in failure.value.operations] == ["hdv-img1"]
    assert states(town, "hdv-rct1", "hdv-img1") == ["ON", "OFF"]


def test_a_silent_system_is_unknown_and_no_figure_is_given(town: PrismWorld) -> None:
    town.simulator.faults.add("status", path="ahv/config/vms", status=503, times=None)
    with pytest.raises(PisteError) as failure:
        follow(town)
    assert failure.value.kind == "unknown"


def test_the_figure_says_its_list_what_is_excluded_and_what_is_unknown(town: PrismWorld) -> None:
    town.simulator.edit("POST", "vmm/ahv/config/vms", {"name": "essai de quelqu’un", "numSockets": 1})
    for rank in range(3):
        town.simulator.edit("POST", "vmm/ahv/config/vms", {"name": f"CTX-POSTE-{rank}", "numSockets": 1})
    figure = follow(town, mode="report")["figure"]
    assert (figure["id"], figure["value"], figure["numerator"], figure["denominator"]) == ("F3", 0.6667, 2, 3)
    assert (figure["target"], figure["method"], figure["unknown"]) == (0.8, "relevé", ["essai de quelqu’un"])
    assert (figure["source"], figure["date"]) == ("Prism Central prism.invalid, grappe ntnx-hdv", "2026-09-21T21:00")
    assert [machine["name"] for machine in figure["eligible"] if machine["applied"]] == ["hdv-rct1", "hdv-img1"]
    assert {"name": "hdv-dc1", "why": "en production"} in figure["excluded"]
    assert {"name": "3 machines", "why": "Citrix, par son nom (CTX-*)"} in figure["excluded"]
    assert figure["to_confirm"] == ["hdv-rct1", "hdv-img1"]


def test_a_machine_that_runs_at_night_is_not_counted_as_following_its_hours(town: PrismWorld) -> None:
    """Nobody installed the timer: a declared machine with its category does not sleep."""
    at(town, NIGHT)
    result = follow(town, mode="report")
    assert (result["changed"], result["figure"]["numerator"], result["figure"]["denominator"]) == (False, 0, 2)
    assert {machine["why"] for machine in result["figure"]["eligible"]} == {"en marche hors de ses heures"}
    assert result["report"][0] == "hdv-rct1 : en marche hors de ses heures"
    follow(town)
    assert follow(town, mode="report")["figure"]["numerator"] == 2


def test_a_calendar_that_has_ended_is_reported(town: PrismWorld) -> None:
    at(town, "2028-01-03T12:00")
    (warning,) = follow(town)["warnings"]
    assert "Le calendrier ne dit plus rien de ce jour : l’horaire « nuits-et-week-ends »" in warning


def test_without_the_categories_of_the_hours_nothing_is_stopped(town: PrismWorld) -> None:
    for ext_id, category in list(town.simulator.world.of("Category").items()):
        if category["key"] == "Veille":
            del town.simulator.world.of("Category")[ext_id]
    at(town, NIGHT)
    with pytest.raises(PisteError, match="Veille:demandée n’existe pas"):
        follow(town)
    assert (states(town), town.writes) == (["ON", "ON"], [])


@pytest.mark.parametrize(
    ("on", "mark", "wanted", "mode", "action"),
    [
        (True, "", False, "follow", "sleep"),
        (True, "demandée", False, "follow", "sleep"),
        (True, "endormie", False, "follow", ""),
        (False, "", False, "follow", ""),
        (False, "demandée", False, "follow", "settle"),
        (False, "endormie", False, "follow", ""),
        (True, "", True, "follow", ""),
        (True, "demandée", True, "follow", "clear"),
        (False, "", True, "follow", ""),
        (False, "demandée", True, "follow", "wake"),
        (False, "endormie", True, "follow", "wake"),
        (False, "endormie", False, "bring_back", "bring_back"),
        (True, "demandée", False, "bring_back", "hold"),
        (False, "", False, "bring_back", ""),
    ],
)  # fmt: skip
def test_what_is_done_follows_from_state_mark_and_hours(
    on: bool, mark: str, wanted: bool, mode: Any, action: str
) -> None:
    assert decide(on, mark, wanted, mode)[0] == action
