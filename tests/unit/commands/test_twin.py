"""`piste twin up --plan`: refusals, lines, exit codes; the machine is stood in for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.runs.plans import saved, show
from piste.runs.plans.play import Order, Played
from piste.runs.plans.undo import inverse
from piste.sites.consequences import beside, shown
from piste.sites.consequences.form import Consequence
from piste.trials.rehearsal import measured
from piste.trials.rehearsal.asked import Asked, Computer
from piste.trials.rehearsal.measured import Seen
from piste.trials.twin import machine
from tests.support.planned import object_of, operations
from tests.support.readings import write
from tests.support.town import converge, school, town_world
from tests.support.twin import readings

SCHOOL, HALL = "ecole-jaures", "hotel-de-ville"
LENT = dict.fromkeys(("routers", "dns", "ntp", "domain", "boot_server", "boot_file", "lease"), "")


def twin(*arguments: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["twin", "up", *arguments])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "il manque SITE"),
        ((SCHOOL, "--step-by-step"), "--step-by-step va avec --plan"),
        ((SCHOOL, "--plan", "x", "--watched"), "--watched ne va pas avec --plan"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], words: str) -> None:
    result = twin(*arguments)
    assert result.exit_code == 1
    assert words in result.output


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path / "plans"))
    monkeypatch.setenv(machine.VARIABLE, str(tmp_path / "twins"))
    monkeypatch.setattr(machine, "check", lambda: None)
    (tmp_path / "lu").mkdir()
    return write(tmp_path / "lu", readings(SCHOOL))


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the machine and its measurement: after the plan, the post has no address."""
    made: list[str] = []

    def measure(identity: str, wanted: Mapping[Computer, Asked], former: Any) -> dict[Computer, Seen]:
        whole = {computer: Seen("10.93.41.9", "10.93.41.0/24", LENT, dict.fromkeys(asked.targets, True), {})
                 for computer, asked in wanted.items()}  # fmt: skip
        return whole | ({(SCHOOL, "poste"): Seen("", "", {}, {}, {})} if made[-1] == "change" else {})

    def noted(name: str) -> Callable[..., None]:
        return lambda *_: made.append(name)

    monkeypatch.setattr(machine, "up", noted("up"))
    monkeypatch.setattr(machine, "change", noted("change"))
    monkeypatch.setattr(measured, "measure", measure)
    return made


def planned(*some: dict[str, Any], playbook: str = "playbooks/site.yml", **extra: str) -> str:
    made = saved.make(Order(playbook, "lab", SCHOOL, extra), Played(operations=list(some)))
    saved.write(made)
    return str(made["id"])


def without_its_vlan() -> list[dict[str, Any]]:
    trunk = object_of(readings(SCHOOL), "switch_port", HALL, serial="QZZZ-0000-0001", port_id="5")
    changed = {**trunk, "allowed_vlans": "1,150,152-155"}
    return operations(readings(SCHOOL), "switch_port", changed, holder=HALL, owner=SCHOOL)


def test_what_a_plan_takes_is_printed_with_the_sites_of_the_plan(read: Path, states: list[str]) -> None:
    result = twin("--plan", planned(*without_its_vlan()), "--read", str(read), "--name", "essai", "--step-by-step")
    assert result.exit_code == 2, result.output
    assert states == ["up", "change"]
    assert "Ne passe plus :\n  ecole-jaures poste : réseau 10.93.41.0/24 → aucun\n" in result.stdout
    assert "    ne passe plus : ecole-jaures poste : réseau 10.93.41.0/24 → aucun\n" in result.stdout
    assert "Éprouvé par des paquets : 1 accès perdu, sur " in result.stdout
    assert "  ! utilisateurs@ecole-jaures (VLB-Agents, filaire) : n’atteindra plus rien : " in result.stdout
    assert "Ce qui est calculé et ce que font les paquets s’accordent." in result.stdout
    assert "reste dressé, comme après le plan (piste twin down --twin essai)" in result.stdout


@pytest.mark.story
def test_the_way_back_and_the_repair_of_a_drift_are_rehearsed_too(
    tmp_path: Path, read: Path, states: list[str]
) -> None:
    (tmp_path / "undo.json").write_text("{}", "ascii")
    for extra in ({"playbook": "playbooks/undo.yml", "piste_undo": str(tmp_path / "undo.json")},
                  {"playbook": "playbooks/drift.yml"}):  # fmt: skip
        result = twin("--plan", planned(*without_its_vlan(), **extra), "--read", str(read))
        assert result.exit_code == 2, result.output
        assert "Ne passe plus :\n  ecole-jaures poste : réseau 10.93.41.0/24 → aucun\n" in result.stdout


DESK, MOVED, DECLARED = "QZZZ-0005-0001/12", 151, 155


@pytest.fixture(scope="module")
def moved_by_hand(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give the operations of a drift, a port that somebody moved, and of the undo of its repair."""
    folder = tmp_path_factory.mktemp("town")
    world, whole = town_world(folder), school("MS220-24")
    converge(world, whole)
    serial, number = DESK.split("/")
    world.simulator.edit("PUT", f"/devices/{serial}/switch/ports/{number}", {"vlan": MOVED})
    drift = converge(world, whole, check=True).operations
    tasks, lost = inverse(converge(world, whole).operations)
    assert (lost, len(drift)) == ([], 1)
    (task,) = tasks[SCHOOL]["returned"].values()
    with world.run() as going:
        undo = going.module("meraki_switch_ports", task["config"], check=True, owner=SCHOOL,
                            network=whole["network_name"])["operations"]  # fmt: skip
    return drift, undo


@pytest.mark.parametrize("playbook", ["playbooks/drift.yml", "playbooks/undo.yml"])
def test_a_real_drift_and_a_real_undo_are_rehearsed_from_what_is_there(
    playbook: str, tmp_path: Path, read: Path, states: list[str], monkeypatch: pytest.MonkeyPatch,
    moved_by_hand: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:  # fmt: skip
    drift, undo = moved_by_hand
    (tmp_path / "undo.json").write_text("{}", "ascii")
    there = readings(SCHOOL)
    (port,) = [port for port in there.networks[SCHOOL]["switch_ports"] if f"{port['serial']}/{port['port_id']}" == DESK]
    was, will = (MOVED, DECLARED) if playbook == show.DRIFT else (DECLARED, MOVED)
    port["vlan"] = was
    vlans: list[set[int]] = []

    def seen(*layouts: Any) -> None:
        states.append("change")
        for layout in layouts[:2]:
            tags = {port.name: port.vlans.tag for port in layout.ports}
            wires = {wire.host: tags[wire.port] for wire in layout.wires}
            vlans.append({wires[place.namespace] for place in layout.places if place.wired_port == DESK})

    monkeypatch.setattr(machine, "change", seen)
    (tmp_path / "là").mkdir()
    extra = {} if playbook == show.DRIFT else {"piste_undo": str(tmp_path / "undo.json")}
    made = planned(*(drift if playbook == show.DRIFT else undo), playbook=playbook, **extra)
    result = twin("--plan", made, "--read", str(write(tmp_path / "là", there)))
    assert "répété : 1 opération au jumeau." in result.stdout, result.output
    assert vlans == [{was}, {will}]
    assert f"VLAN {will})" in result.stdout


def outside() -> dict[str, Any]:
    """Give an operation on an object that the twin has not."""
    return {**without_its_vlan()[0], "kind": "print_queue"}


def renamed() -> list[dict[str, Any]]:
    trunk = object_of(readings(SCHOOL), "switch_port", HALL, serial="QZZZ-0000-0001", port_id="5")
    return operations(readings(SCHOOL), "switch_port", {**trunk, "name": "École"}, holder=HALL, owner=SCHOOL)


def test_a_plan_that_changes_nothing_leaves_with_zero(read: Path, states: list[str]) -> None:
    result = twin(SCHOOL, "--plan", planned(*renamed()), "--read", str(read), "--step-by-step")
    assert (result.exit_code, states) == (0, ["up"]), result.output
    assert "Éprouvé par des paquets : rien ne change pour personne, sur " in result.stdout
    assert "Ce qui est calculé et ce que font les paquets s’accordent." in result.stdout


def test_a_plan_of_what_the_twin_does_not_hold_was_not_tried(read: Path, states: list[str]) -> None:
    result = twin(SCHOOL, "--plan", planned(outside()), "--read", str(read), "--step-by-step")
    assert (result.exit_code, states) == (3, ["up"]), result.output
    assert "À savoir : 1 opération sur ce que le jumeau ne tient pas : print_queue" in result.stdout
    assert "Éprouvé par des paquets : rien n’a été éprouvé." in result.stdout
    assert "s’accordent" not in result.stdout


def test_a_plan_tried_in_part_says_that_it_was(read: Path, states: list[str]) -> None:
    result = twin("--plan", planned(*without_its_vlan(), outside()), "--read", str(read))
    assert result.exit_code == 3, result.output
    assert "Éprouvé par des paquets : 1 accès perdu, sur " in result.stdout
    assert "Pour ce qui a été éprouvé, le calcul et les paquets s’accordent." in result.stdout


def test_consequences_are_computed_once_and_without_them_the_verdict_stands(
    read: Path, states: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[Any] = []
    whole = shown.computed
    monkeypatch.setattr(shown, "computed", lambda *some, **more: computed.append(some) or whole(*some, **more))
    assert twin("--plan", planned(*without_its_vlan()), "--read", str(read)).exit_code == 2
    assert len(computed) == 1
    (waiting,) = without_its_vlan()
    result = twin(SCHOOL, "--plan", planned({**waiting, "waiting": "un mot"}), "--read", str(read), "--step-by-step")
    assert (result.exit_code, len(computed)) == (0, 1), "a plan of nothing to do has no consequences"
    assert "s’accordent" not in result.stdout

    def fails(*_: Any, **__: Any) -> Any:
        raise shown.Uncomputed("ne se calculent pas")

    monkeypatch.setattr(shown, "computed", fails)
    result = twin("--plan", planned(*without_its_vlan()), "--read", str(read))
    assert result.exit_code == 2, result.output
    assert "Éprouvé par des paquets : 1 accès perdu, sur " in result.stdout
    assert "s’accordent" not in result.stdout


def test_a_line_feed_in_a_name_makes_no_line(read: Path, states: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    forged = Consequence("reach", "cuts", "x\nÉprouvé par des paquets : rien", "ne passe plus", (0,))
    monkeypatch.setattr(beside, "beside", lambda *_: beside.Beside([], [forged]))
    result = twin("--plan", planned(*without_its_vlan()), "--read", str(read))
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("Éprouvé par des paquets")]
    assert "1 accès perdu" in line
    assert "\nCalculé, essayé, et pas mesuré :\n  x�Éprouvé" in result.stdout


def test_a_plan_of_another_environment_is_refused(read: Path, states: list[str]) -> None:
    result = twin(SCHOOL, "--plan", planned(*without_its_vlan()), "--environment", "production")
    assert result.exit_code == 1
    assert "ce plan est de « lab »" in result.output
