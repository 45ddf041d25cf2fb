"""Parts of a plan, drawn at random: done once, in the order of the plan; the rest after."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from piste.commands.output import EXIT
from piste.engine.converge.allowed import is_left, named
from piste.engine.converge.plan import identity_of
from piste.runs.plans import saved
from piste.runs.plans.part import part
from piste.runs.plans.undo import inverse
from piste.runs.records.journal import latest
from piste.systems.forcepoint.intent import smc_intent
from piste.town.model import Town, load
from tests.integration.test_firewall_intent import SITES
from tests.integration.test_radio_profiles import profiled
from tests.support import hosting
from tests.support.fuzz import WIDE
from tests.support.glpi import GlpiWorld, intents, once
from tests.support.playbooks import console
from tests.support.small_town import small_town
from tests.support.smc import SmcWorld
from tests.support.terminal import Terminal
from tests.support.town import SCHOOL, converge, dot1x, school, town_world

pytestmark = pytest.mark.drawn


def wanted() -> dict[str, Any]:
    """Return the school in 802.1X, with a radio profile: objects that name each other."""
    return dot1x(profiled())


type Converge = Callable[[str, bool], list[dict[str, Any]]]
"""Converges a system under the plan of a file, or without any; in check mode or not. Gives the operations."""


def meraki(seed: str, folder: Path) -> Converge:
    world = town_world(folder, seed)
    return lambda plan, check: converge(world, wanted(), plan=plan, check=check).operations


def prism(folder: Path) -> Converge:
    world = hosting.PrismWorld(folder)

    def run(plan: str, check: bool) -> list[dict[str, Any]]:
        results = hosting.converge(world, check=check, plan=plan)
        return [operation for result in results for operation in result["operations"]]

    return run


def inventory(folder: Path) -> Converge:
    world = GlpiWorld(folder)
    # What is left is checked too: its lists and places are there.
    for owner in ("commune", SCHOOL):
        for kind in ("lists", "locations"):
            once(world, f"glpi_{kind}", intents()[owner][kind], owner=owner)

    def run(plan: str, check: bool) -> list[dict[str, Any]]:
        with world.run() as going:
            results = [result for owner in ("commune", SCHOOL) for result in going.owner(owner, check=check, plan=plan)]
        return [operation for result in results for operation in result["operations"]]

    return run


@cache
def small() -> Town:
    with TemporaryDirectory() as folder:
        return load(small_town(Path(folder))).require()


def smc(folder: Path) -> Converge:
    town = small()
    world = SmcWorld(folder / "smc")

    def run(plan: str, check: bool) -> list[dict[str, Any]]:
        done = []
        with world.run() as going:
            for owner in ("commune", *SITES):
                intent: Any = smc_intent(town.owners[owner])
                given = {"owner": owner, "check": check, "plan": plan}
                if intent["elements"]:
                    done += going.module("smc_elements", intent["elements"], keep=intent["kept"], **given)["operations"]
                for kind in ("engine_interfaces", "engine_routes", "engine_settings"):
                    done += going.module(f"smc_{kind}", intent[kind], **given)["operations"]
                done += going.module("smc_policies", intent["policies"], keep=intent["keep"], **given)["operations"]
        return done

    return run


def proves(run: Converge, folder: Path, choose: Callable[[list[str]], list[str]]) -> float:
    """Do a chosen part of a plan, again, then the plan; give the share of the part."""
    plan = {"id": "plan", "operations": run("", True)}
    names = choose([named(described) for described in plan["operations"]])
    some = part(plan, names)
    expected = [identity_of(described) for described in some.doing]
    path = folder / "kept.json"

    def kept(to: dict[str, Any], *, check: bool = False) -> list[tuple[str, ...]]:
        saved.write_json(to, path)
        return [identity_of(o) for o in run(str(path), check) if not is_left(o)]

    assert kept(some.plan, check=True) == expected, names
    assert kept(some.plan) == expected, names
    assert kept(some.plan) == [], names
    assert {*kept(plan)} == {identity_of(o) for o in some.left}, names
    assert run("", False) == []
    return len(some.doing) / len(plan["operations"])


@pytest.mark.parametrize(
    ("lab", "turns"),
    [(partial(meraki, "empty"), 1), (partial(meraki, "brownfield"), 2), (prism, 1), (smc, 1), (inventory, 1)],
    ids=["meraki", "meraki-by-hand", "prism", "smc", "glpi"],
)
def test_a_drawn_part_does_what_it_says_once_and_the_plan_does_the_rest(
    lab: Callable[[Path], Converge], turns: int, tmp_path: Path
) -> None:
    draw, shares = random.Random(38), []
    for turn in range(8 * turns if WIDE else turns):
        folder = tmp_path / str(turn)
        folder.mkdir()
        shares.append(proves(lab(folder), folder, lambda every: draw.sample(every, draw.randint(1, 3))))
    assert min(shares) < 0.5


def test_the_section_of_a_site_brings_the_policy_and_the_elements_that_its_rules_name(tmp_path: Path) -> None:
    share = proves(smc(tmp_path), tmp_path, lambda every: [n for n in every if n.startswith("ecole-jaures / policy ")])
    assert 0.05 < share < 0.95


def test_a_part_is_taken_back_by_itself(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, school())
    plan = {"id": "plan", "operations": converge(world, wanted(), check=True).operations}
    (radio,) = [named(o) for o in plan["operations"] if o["kind"] == "radio"]
    saved.write_json(part(plan, [radio]).plan, tmp_path / "kept.json")
    done = converge(world, wanted(), plan=str(tmp_path / "kept.json")).operations
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


# by the command, whose words are also those of unit/commands/test_applied.py


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with console(tmp_path_factory.mktemp("parts")) as opened:
        done = opened.play("playbooks/domains/network.yml", "-l", SCHOOL)
        assert done.code == 0, done.said
        yield Terminal(opened)


@pytest.mark.story
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

    # An undo is a plan too: a part of it gives back a part.
    (run,) = latest(terminal.console.folder / "journal", last=1)
    back = terminal.piste("undo", run["id"])
    assert len(terminal.operations(back.plan_id)) == 2
    given = terminal.piste("apply", back.plan_id, "--only", "switch_port sw-jau-01/3", "--yes")
    assert (given.code, len(terminal.writes)) == (0, 1), given.err
    assert [o["label"] for o in terminal.operations(terminal.piste("plan", SCHOOL).plan_id)] == ["sw-jau-01/3"]
