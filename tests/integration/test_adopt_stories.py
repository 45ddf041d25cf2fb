"""`piste adopt` as typed on a listening lab: audit, questions, answers, files, empty plan."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.commands.output import EXIT
from tests.support import playbooks
from tests.support.checkouts import close_others, lent
from tests.support.playbooks import console
from tests.support.terminal import PISTE, Terminal

STRANGER = "TEST prestataire 2023"
ANSWERS = {
    "ECOLE JAURES ne pas toucher": "ecole-jaures",
    "Mairie (Wi-Fi + switchs)": "hotel-de-ville",
    STRANGER: "aucun",
}
SCHOOLS = ("ecole-jaures", "ecole-auriol")
OPEN = ("hotel-de-ville", "ccas", *SCHOOLS)
"""The adoption of the whole town is proven in process (test_adopt.py)."""


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with lent(tmp_path_factory, OPEN), console(tmp_path_factory.mktemp("adopt"), "brownfield") as opened:
        close_others(opened, OPEN)
        yield Terminal(opened)


def kept(terminal: Terminal) -> Path:
    return terminal.console.lab.folder / "as_found"


def files(terminal: Terminal) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(kept(terminal).glob("*"))}


@pytest.fixture(scope="module")
def adopted(terminal: Terminal) -> Terminal:
    """Adopt the town with a file of answers."""
    path = terminal.console.folder / "reponses.yml"
    path.write_text(yaml.safe_dump(ANSWERS, allow_unicode=True), "utf-8")
    said = terminal.piste("adopt", "--answers", str(path))
    assert (said.code, terminal.writes) == (0, []), said.err
    assert terminal.console.lab.calls.counts()["meraki"]["writes"] == 0
    return terminal


def test_questions_without_an_answer_are_refused_with_their_list(terminal: Terminal) -> None:
    refused = terminal.piste("adopt", "--as", f"{STRANGER}=aucun")
    assert (refused.code, terminal.writes, files(terminal)) == (EXIT["refused"], [], {})
    assert "PISTE-E042 2 questions sans réponse, rien n’est gardé." in refused.err
    for network, site in list(ANSWERS.items())[:2]:
        assert f"  - « {network} » (" in refused.err
        assert f" ; proposé : {site}\n" in refused.err


def test_an_audit_reports_and_writes_neither_a_file_nor_to_a_system(terminal: Terminal, tmp_path: Path) -> None:
    as_json = terminal.piste("adopt", "ecole-jaures", "--audit", "--format", "json")
    before, saved = terminal.state(), tmp_path / "audit.json"
    said = terminal.piste("adopt", "ecole-jaures", "--audit", "--out", str(saved))
    assert (said.code, terminal.writes, files(terminal)) == (EXIT["changes"], [], {}), said.err
    assert terminal.state() == before
    head, row, *lines = said.out.splitlines()
    assert head.split() == ["site", "réseau", "là", "différents", "absents", "non", "déclarés"]
    assert row.split()[:2] == ["ecole-jaures", "ECOLE"]
    start = lines.index("  ~ ssid VLB-Agents") + 1
    assert lines[start : start + 3] == [
        "      clé partagée : secret changé",
        "      VLAN des clients : 10 → 151",
        "      horaire › actif : non → oui",
    ]
    assert "  - access_policy agents" in lines
    assert lines[-1].endswith(" lectures, 0 écriture.")
    report = json.loads(saved.read_text("utf-8"))
    assert report["sites"]["ecole-jaures"]["there"]["switch_port"] == 48
    assert report["calls"]["writes"] == 0
    assert json.loads(as_json.out)["sites"] == report["sites"]


@pytest.mark.story
def test_the_playbook_alone_writes_nothing_even_without_check(terminal: Terminal) -> None:
    played = terminal.console.play("playbooks/adopt.yml", "-l", "commune:ccas")
    assert (played.code, terminal.writes) == (0, []), played.said
    assert "network : Converger le réseau" in played.said


def test_the_adopted_town_has_an_empty_plan(adopted: Terminal) -> None:
    planned = adopted.piste("plan")
    assert (planned.code, adopted.operations(planned.plan_id), adopted.writes) == (0, [], []), planned.out
    assert "valeurs gardées comme trouvées, à rendre à la règle : docs/adopter.md." in planned.out


@pytest.mark.story
def test_a_verification_marks_what_the_adoption_keeps(adopted: Terminal) -> None:
    said = adopted.piste("verify", "ecole-auriol", "--format", "json")
    tests = {test["id"]: test for test in json.loads(said.out)["tests"]}
    compared = [tests[id_] for id_ in ("network.devices", "network.ports", "access.wired")]
    assert [test["verdict"] for test in compared] == ["kept"] * 3, compared
    assert all("de ecole-auriol" in test["reason"] and "la DSI décide" in test["reason"] for test in compared)
    assert (tests["living.switches"]["verdict"], adopted.writes) == ("conform", []), said.err


def test_a_second_adopt_asks_for_what_is_open_only_and_changes_no_byte(adopted: Terminal) -> None:
    before = files(adopted)
    said = adopted.piste("adopt", "--as", f"{STRANGER}=aucun")
    assert (said.code, files(adopted), adopted.writes) == (0, before, []), said.err
    assert "Rien de nouveau : les fichiers sont laissés tels quels." in said.out
    assert sorted(before) == sorted(f"{name}.yml" for name in OPEN)


def test_no_secret_is_in_what_is_kept_said_or_recorded(adopted: Terminal) -> None:
    keys = {
        ssid["psk"]
        for network in adopted.world.networks.values()
        for ssid in network["ssids"].values()
        if "psk" in ssid
    }
    assert len(keys) > len(OPEN)
    folders = [kept(adopted), adopted.console.folder / "plans", adopted.console.folder / "journal"]
    texts = [path.read_text("utf-8") for folder in folders for path in folder.rglob("*") if path.is_file()]
    leaks = [key for key in {*keys, *adopted.console.secrets.values()} if any(key in text for text in texts)]
    assert (len(texts) > len(OPEN), leaks) == (True, [])


@pytest.mark.story
def test_drift_knows_adopted_networks_and_names_those_of_nobody(adopted: Terminal) -> None:
    drift = adopted.piste("drift", "--format", "json")
    report = json.loads(drift.out)
    assert (drift.code, report["operations"], adopted.writes) == (EXIT["changes"], [], [])
    assert [orphan["key"] for orphan in report["orphans"]] == [STRANGER]


def edit(terminal: Terminal, site: str, change: Any) -> None:
    path = kept(terminal) / f"{site}.yml"
    content = yaml.safe_load(path.read_text("utf-8"))
    change(content["as_found"]["meraki"])
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


@pytest.mark.story
def test_a_value_that_is_given_up_is_planned_applied_and_then_no_debt_any_more(adopted: Terminal) -> None:
    port = "QZZZ-0001-0001/1"
    before = files(adopted)
    edit(adopted, "ccas", lambda values: values["switch_port"].pop(port))
    planned = adopted.piste("plan", "ccas")
    (change,) = adopted.operations(planned.plan_id)
    assert (planned.code, change["kind"], change["key"]) == (EXIT["changes"], "switch_port", port)
    applied = adopted.piste("apply", planned.plan_id, "--yes")
    assert (applied.code, len(adopted.writes)) == (0, 1), applied.err
    again = adopted.piste("adopt", "ccas")
    assert again.code == 0, again.err
    after = files(adopted)
    assert {name for name in before if before[name] != after[name]} == {"ccas.yml"}
    assert port not in yaml.safe_load(after["ccas.yml"])["as_found"]["meraki"]["switch_port"]


def test_a_silent_system_is_unknown_and_no_file_is_written(terminal: Terminal) -> None:
    before = files(terminal)
    terminal.console.lab.faults.add(kind="status", status=503, times=10_000)
    try:
        said = terminal.piste("adopt", "ccas")
    finally:
        terminal.console.lab.faults.clear()
    assert (said.code, files(terminal)) == (EXIT["unknown"], before), said.err


def test_a_site_that_is_refused_is_said_and_the_others_are_adopted(terminal: Terminal) -> None:
    nobody_s = [f"--as={network}=aucun" for network in ("ECOLE JAURES ne pas toucher", STRANGER)]
    said = terminal.piste("adopt", "ecole", *nobody_s, "--format", "json")
    report = json.loads(said.out)
    assert said.code == EXIT["refused"], said.err
    assert [trouble["host"] for trouble in report["troubles"]] == ["ecole-jaures"]
    assert "déjà affectés à un autre réseau" in report["troubles"][0]["message"]
    assert "ecole-jaures" not in report["files"]
    assert set(report["files"]) == set(SCHOOLS) - {"ecole-jaures"}


def test_at_a_terminal_each_question_is_asked_with_its_proposal(terminal: Terminal) -> None:
    kept(terminal).joinpath("hotel-de-ville.yml").unlink(missing_ok=True)
    controller, side = pty.openpty()
    process = subprocess.Popen(
        [*PISTE, "adopt", "hotel-de-ville", "--format", "json"],
        cwd=playbooks.REPOSITORY,
        env=terminal.environment,
        stdin=side,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(controller, b"mairie\n\n")
    out, err = process.communicate(timeout=60)
    os.close(controller)
    os.close(side)
    assert process.returncode == 0, err
    assert "« Mairie (Wi-Fi + switchs) » (24 équipements) : y travaillent 24 de hotel-de-ville" in err
    assert "De quel site est ce réseau ? [hotel-de-ville]" in err
    assert "Au choix : hotel-de-ville, aucun." in err
    assert json.loads(out)["files"] == {"hotel-de-ville": "written"}
