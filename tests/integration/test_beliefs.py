"""`piste beliefs --check` on a lab that listens: what is confirmed, refuted, asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.playbooks import console
from tests.support.terminal import Terminal

SITE, RULE = "ecole-jaures", "meraki.default_rule"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("beliefs")
    with console(folder, hosting=True) as opened:
        opened.environment["PISTE_STATE_DIR"] = str(folder / "kept")
        yield Terminal(opened)


def checked(terminal: Terminal) -> tuple[int, dict[str, str]]:
    said = terminal.piste("beliefs", "--check", "--format", "json")
    assert terminal.writes == []
    return said.code, {entry["id"]: entry["state"] for entry in json.loads(said.out)["beliefs"]}


def test_a_strict_lab_wants_the_word_that_an_indulgent_lab_does_not(terminal: Terminal) -> None:
    strict = ["-l", f"{SITE},commune", "-e", '{"piste_beliefs_strict": true}']
    refused = terminal.console.play("playbooks/domains/network.yml", *strict)
    assert f"unproven:{RULE}" in refused.said
    made = terminal.console.play("playbooks/domains/network.yml", "-l", f"{SITE},commune")
    assert made.code == 0, made.said
    assert "unproven" not in made.said


def test_answers_confirm_and_a_lie_refutes(terminal: Terminal) -> None:
    _, known = checked(terminal)
    assert {known[id_] for id_ in (RULE, "meraki.factory_profiles", "smc.name_space", "prism.node_version")} == {
        "confirmed"
    }
    terminal.console.lab.faults.add(
        "lie", path="/accessControlLists$", edit={"at": "rules/-1/comment", "value": "Règle de la ville"}, times=None
    )
    code, known = checked(terminal)
    assert (code, known[RULE]) == (1, "refuted")
    assert f"beliefs.{RULE}" in terminal.piste("findings", "--format", "json").out
    terminal.console.lab.faults.clear()
    assert (Path(terminal.console.environment["PISTE_STATE_DIR"]) / "lab" / "readings.db").is_file()
