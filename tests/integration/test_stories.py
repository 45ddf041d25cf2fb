"""The engineer's round from the command line, on a listening lab: plan, apply, drift, undo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from piste.commands.output import EXIT
from tests.support.checkouts import lent
from tests.support.playbooks import console
from tests.support.terminal import Said, Terminal

SITE = "ecole-jaures"
SERIAL = "QZZZ-0005-0001"
HAND = "Autre administrateur <autre.administrateur@lab.invalid>"
PORT, VLAN = f"/devices/{SERIAL}/switch/ports/2", 150


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with lent(tmp_path_factory, ("hotel-de-ville", SITE)), console(tmp_path_factory.mktemp("stories")) as opened:
        yield Terminal(opened)


@dataclass(frozen=True)
class Opened:
    """The opening of the school by a plan: its lab before and after."""

    before: str
    planned: Said
    declared: bytes


@pytest.fixture(scope="module")
def opened(terminal: Terminal) -> Opened:
    before = terminal.state()
    planned = terminal.piste("plan", SITE)
    assert (planned.code, terminal.writes) == (EXIT["changes"], []), planned.err
    applied = terminal.piste("apply", planned.plan_id, "--yes")
    assert (applied.code, terminal.writes != []) == (0, True), applied.err
    return Opened(before, planned, terminal.world.snapshot())


@pytest.fixture
def school(terminal: Terminal, opened: Opened) -> Terminal:
    """Lab whose school is as declared."""
    terminal.world.restore(opened.declared)
    return terminal


def test_plan_apply_nothing_left_undo_and_the_lab_is_as_before(school: Terminal, opened: Opened) -> None:
    planned = opened.planned
    assert planned.equivalent[1] == "playbooks/site.yml"
    assert f"{SITE}\n  réseau\n    + network VLB ecole-jaures\n" in planned.out
    again = school.piste("plan", SITE)
    assert (again.code, school.operations(again.plan_id), school.writes) == (0, [], [])
    bare = school.piste("undo", planned.plan_id)
    words = [option for word in ("network", "release", "removals") for option in ("--confirm", word)]
    assert f"s’il est voulu : le même « piste undo », avec {' '.join(words)}\n" in bare.out
    back = school.piste("undo", planned.plan_id, *words)
    assert (back.code, school.writes) == (EXIT["changes"], [])
    assert school.piste("apply", back.plan_id, "--yes").code == 0
    assert school.state() == opened.before
    twice = school.piste("undo", planned.plan_id)
    assert (twice.code, school.operations(twice.plan_id), school.writes) == (0, [], [])


def test_a_change_behind_our_back_is_a_drift_and_its_plan_alone_puts_it_right(school: Terminal) -> None:
    """The plan is refused once its object moved."""
    school.edit(PORT, vlan=99)
    drift = school.piste("drift", SITE, "--format", "json")
    assert (drift.code, school.writes, drift.err.count("$ ")) == (EXIT["changes"], [], 0)
    said = json.loads(drift.out)
    assert [(o["owner"], o["label"], o["fields"]) for o in said["operations"]] == [(SITE, "sw-jau-01/2", ["vlan"])]
    assert said["orphans"] == []
    assert [[author["who"] for author in changed["by"]] for changed in said["authors"]] == [[HAND]]
    planned = school.piste("plan", SITE, "--domain", "network")
    assert (planned.code, planned.equivalent[1]) == (EXIT["changes"], "playbooks/domains/network.yml")
    assert "    ~ switch_port sw-jau-01/2\n        VLAN : 99 → 150\n" in planned.out
    assert "\x1b" not in planned.out + planned.err

    school.edit(PORT, vlan=98)
    refused(school, planned)
    school.edit(PORT, vlan=99)
    applied = school.piste("apply", planned.plan_id, "--yes")
    assert (applied.code, school.writes) == (0, [("PUT", f"/api/v1{PORT}", 200)]), applied.err


@pytest.mark.story
def test_the_plain_ansible_of_a_plan_does_what_the_plan_does_which_is_refused_once_its_object_went(
    school: Terminal, opened: Opened
) -> None:
    school.edit(PORT, vlan=99)
    planned = school.piste("plan", SITE, "--domain", "network")
    program, *arguments = planned.equivalent
    assert program == "ansible-playbook"
    played = school.console.play(*arguments)
    assert (played.code, school.writes) == (0, [])
    (operation,) = school.operations(planned.plan_id)
    assert played.said.count("--- before: ") == 1
    assert f"--- before: {operation['kind']} {operation['label']} (modification)" in played.said

    network = school.world.devices[SERIAL]["networkId"]
    school.console.lab.meraki.edit("POST", f"/networks/{network}/devices/remove", {"serial": SERIAL})
    refused(school, planned)

    school.world.restore(opened.declared)
    school.edit(PORT, vlan=99)
    applied = school.piste("apply", planned.plan_id, "--yes")
    assert (applied.code, school.writes) == (0, [("PUT", f"/api/v1{PORT}", 200)]), applied.err
    _, *arguments = applied.equivalent
    school.edit(PORT, vlan=99)
    assert school.console.play(*arguments).code == 0
    assert school.writes == [("PUT", f"/api/v1{PORT}", 200)]


def refused(school: Terminal, planned: Said) -> None:
    said = school.piste("apply", planned.plan_id, "--yes")
    assert (said.code, school.writes) == (EXIT["refused"], [])
    assert "la situation a changé depuis le plan, rien n’a été écrit" in said.err


@pytest.mark.story
def test_a_guarded_change_waits_for_its_word_and_the_rest_is_written(school: Terminal) -> None:
    school.edit(f"/networks/{school.world.devices[SERIAL]['networkId']}/switch/stp", rstpEnabled=False)
    school.edit(PORT, vlan=99)
    planned = school.piste("plan", SITE)
    assert planned.code == EXIT["changes"]
    guard = "à confirmer (stp:VLB ecole-jaures) : changer l’arbre de recouvrement interrompt le réseau"
    assert f"! {SITE} : {guard}\n" in planned.out
    assert "VLB ecole-jaures (retenu : attend stp:VLB ecole-jaures)\n" in planned.out
    assert ": ~ 1 à modifier, = 1 retenu.\n" in planned.out
    done = school.piste("apply", planned.plan_id, "--yes")
    assert (done.code, school.writes) == (EXIT["partial"], [("PUT", f"/api/v1{PORT}", 200)])
    assert "1 opération appliquée sur 1" in done.out
    assert "Partiel : 1 changement retenu, le reste est écrit." in done.out
    assert f"piste plan {SITE} --confirm stp\n" in done.out
    assert " partiel " in school.piste("journal", "list").out
    again = school.piste("apply", planned.plan_id, "--yes")
    assert (again.code, school.writes) == (EXIT["partial"], [])
    confirmed = school.piste("plan", SITE, "--confirm", "stp")
    assert "à confirmer" not in confirmed.out
    assert len(school.operations(confirmed.plan_id)) == 1
    back = school.piste("undo", planned.plan_id)
    assert [(o["kind"], o["fields"]) for o in school.operations(back.plan_id)] == [("switch_port", ["vlan"])]


def test_a_site_that_does_not_answer_is_unknown(school: Terminal) -> None:
    school.console.lab.faults.add(kind="status", status=503, times=10_000)
    try:
        planned = school.piste("plan", SITE)
    finally:
        school.console.lab.faults.clear()
    assert planned.code == EXIT["unknown"], planned.err
    assert f"\n? {SITE} / " in f"\n{planned.out}"
    assert "? 1 sans réponse." in planned.out
    assert "Incomplet, il ne s’applique pas. " in planned.out
    refused = school.piste("apply", planned.plan_id, "--yes")
    assert (refused.code, school.writes) == (EXIT["error"], [])
    assert refused.err.startswith(f"PISTE-E020 le plan « {planned.plan_id} » n’existe pas.")


def test_a_lab_that_is_down_is_unknown(terminal: Terminal, tmp_path: Path) -> None:
    planned = terminal.piste("plan", SITE, "--format", "junit", PISTE_LAB_DIR=str(tmp_path))
    assert planned.code == EXIT["unknown"], planned.err
    (suite,) = ElementTree.fromstring(planned.out.encode())
    assert (suite.get("name"), suite.get("errors"), suite[0][0].get("type")) == (SITE, "1", "unknown")


def test_no_plan_holds_a_secret(terminal: Terminal) -> None:
    files = sorted((terminal.console.folder / "plans").iterdir())
    text = "".join(path.read_text("utf-8") for path in files)
    assert "meraki/ssid/VLB-Agents/psk" in text
    assert [path for path, value in terminal.console.secrets.items() if value in text] == []
