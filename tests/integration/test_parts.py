"""Parts of a plan, drawn at random: done once, in the order of the plan; the rest after."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.commands.output import EXIT
from piste.engine.converge.allowed import is_left, named
from piste.engine.converge.plan import identity_of
from piste.runs.plans import saved
from piste.runs.plans.part import part
from piste.runs.plans.undo import inverse
from piste.runs.records.journal import latest
from tests.integration.test_radio_profiles import profiled
from tests.support.inprocess import MerakiWorld
from tests.support.playbooks import console
from tests.support.terminal import Terminal
from tests.support.town import SCHOOL, converge, dot1x, school, town_world


def wanted() -> dict[str, Any]:
    """Return the school in 802.1X, with a radio profile: objects that name each other."""
    return dot1x(profiled())


def planned(folder: Path, seed: str) -> tuple[MerakiWorld, dict[str, Any]]:
    folder.mkdir()
    world = town_world(folder, seed)
    return world, {"id": "plan", "operations": converge(world, wanted(), check=True).operations}


def run(world: MerakiWorld, plan: dict[str, Any], folder: Path, *, check: bool = False) -> list[dict[str, Any]]:
    """Run the tasks of the site, kept to a plan; give what is done, or found to do."""
    path = folder / "kept.json"
    saved.write_json(plan, path)
    return [o for o in converge(world, wanted(), plan=str(path), check=check).operations if not is_left(o)]


@pytest.mark.parametrize("seed", ["empty", "brownfield"])
def test_a_drawn_part_does_what_it_says_once_and_the_plan_does_the_rest(seed: str, tmp_path: Path) -> None:
    draw, sizes = random.Random(38), set()
    for turn in range(12):
        folder = tmp_path / str(turn)
        world, plan = planned(folder, seed)
        every = plan["operations"]
        names = [named(described) for described in draw.sample(every, draw.randint(1, 3))]
        some = part(plan, names)
        sizes.add(len(some.doing) / len(every))
        expected = [identity_of(described) for described in some.doing]

        assert [identity_of(o) for o in run(world, some.plan, folder, check=True)] == expected, names
        assert world.writes == []
        assert [identity_of(o) for o in run(world, some.plan, folder)] == expected, names
        assert run(world, some.plan, folder) == [], names
        assert world.writes == []

        rest = run(world, plan, folder)
        assert {named(o) for o in rest} == {named(o) for o in some.left}, names
        assert converge(world, wanted()).operations == []
    assert min(sizes) < 0.5


def test_a_part_is_taken_back_by_itself(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, school())
    plan = {"id": "plan", "operations": converge(world, wanted(), check=True).operations}
    (radio,) = [named(o) for o in plan["operations"] if o["kind"] == "radio"]
    done = run(world, part(plan, [radio]).plan, tmp_path)
    assert [o["kind"] for o in done] == ["rf_profile", "radio"]
    tasks, lost = inverse(done)
    assert (lost, {*tasks["ecole-jaures"]["returned"]}) == ([], {"meraki_rf_profiles", "meraki_radios"})
    with world.run() as going:
        for module in ("meraki_radios", "meraki_rf_profiles"):
            task: Any = tasks["ecole-jaures"]["returned"][module]
            options = {"owner": SCHOOL, "absent": task["absent"], "network": school()["network_name"]}
            going.module(module, task["config"], **options)
    assert converge(world, wanted(), check=True).operations == plan["operations"]


def test_what_somebody_else_changes_of_a_part_refuses_it_and_not_what_it_leaves(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, school())
    for port, name in (("2", "à la main"), ("3", "aussi")):
        world.simulator.edit("PUT", f"/devices/{school()['devices'][0]['serial']}/switch/ports/{port}", {"name": name})
    plan = {"id": "plan", "operations": converge(world, school(), check=True).operations}
    first, second = (named(o) for o in plan["operations"])
    assert first != second
    path = tmp_path / "kept.json"
    saved.write_json(part(plan, [first]).plan, path)
    world.simulator.edit("PUT", f"/devices/{school()['devices'][0]['serial']}/switch/ports/3", {"name": "encore"})
    assert [named(o) for o in converge(world, school(), plan=str(path)).operations] == [first]
    saved.write_json(part(plan, [second]).plan, path)
    with pytest.raises(Exception, match="le plan enregistré ne prévoit pas"):
        converge(world, school(), plan=str(path))


# by the command


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with console(tmp_path_factory.mktemp("parts")) as opened:
        done = opened.play("playbooks/domains/network.yml", "-l", SCHOOL)
        assert done.code == 0, done.said
        yield Terminal(opened)


def test_a_person_applies_a_part_reads_what_was_left_takes_it_back_and_does_the_rest(terminal: Terminal) -> None:
    for port in ("2", "3"):
        terminal.edit(f"/devices/QZZZ-0005-0001/switch/ports/{port}", name="à la main")
    before = terminal.state()
    plan = terminal.piste("plan", SCHOOL, "--domain", "network").plan_id

    checked = terminal.piste("apply", plan, "--only", "switch_port sw-jau-01/2", "--check")
    assert (checked.code, terminal.writes) == (EXIT["changes"], []), checked.err
    assert "~ switch_port sw-jau-01/2" in checked.out
    assert "~ switch_port sw-jau-01/3" not in checked.out

    applied = terminal.piste("apply", plan, "--only", "switch_port sw-jau-01/2", "--yes")
    assert (applied.code, len(terminal.writes)) == (0, 1), applied.err
    again = terminal.piste("apply", plan, "--only", "switch_port sw-jau-01/2", "--yes")
    assert (again.code, terminal.writes) == (0, []), again.err
    assert "Tout ce que dit cette part est déjà fait." in again.out

    (run,) = [r for r in latest(terminal.console.folder / "journal", last=9) if r["plan"] == plan and not r["check"]]
    assert run["left"] == [f"{SCHOOL} / switch_port sw-jau-01/3"]
    shown = terminal.piste("journal", "show", run["id"])
    assert f"laissé          {SCHOOL} / switch_port sw-jau-01/3" in shown.out

    back = terminal.piste("undo", run["id"])
    assert [o["label"] for o in terminal.operations(back.plan_id)] == ["sw-jau-01/2"]
    assert terminal.piste("apply", back.plan_id, "--yes").code == 0
    assert terminal.state() == before

    # The plan was begun, and what it has done is undone: it does all again.
    rest = terminal.piste("apply", plan, "--yes")
    assert (rest.code, "2 opérations appliquées sur 2" in rest.out) == (0, True), rest.err
