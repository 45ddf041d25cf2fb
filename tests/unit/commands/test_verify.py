"""`piste verify`: its lines on the tests of a site, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.papers.dossier.verification_record import Verification
from piste.readings import store
from piste.readings.belief import value
from piste.readings.table import SUBJECTS
from piste.runs.plans import play
from piste.runs.plans.play import Order, Played, Trouble
from piste.sites.constat import Constat
from piste.sites.living.seen import FILE
from tests.support.dossier import verification
from tests.support.living import PORT, READ_AT


def finding(state: str, todo: str = "") -> dict[str, str]:
    return {"id": f"radius.hdv-nps1.{state}", "state": state, "what": f"hdv-nps1 : essai {state}", "todo": todo}


def trouble(kind: str) -> Trouble:
    return Trouble("ccas", "Essayer", kind, "eapol_test manque à ce poste")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    return []


def verify(monkeypatch: pytest.MonkeyPatch, asked: list[Order], played: Played, *options: str) -> Result:
    def stand_in(order: Order, *, check: bool, **more: Any) -> Played:
        assert check is False
        asked.append(order)
        return played

    monkeypatch.setattr(play, "play", stand_in)
    return CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["verify", "ccas", "--domain", "access", *options])


@pytest.mark.parametrize(
    ("states", "troubles", "code"),
    [
        (["ok", "ok"], [], 0),
        (["ok", "wrong", "unknown"], [], 1),
        (["ok", "unknown"], [], 3),
        ([], [], 3),
        ([], ["unknown"], 3),
        (["ok"], ["refused"], 1),
        (["ok"], ["error"], 1),
    ],
)
def test_silence_is_unknown_and_what_is_wrong_comes_first(
    states: list[str], troubles: list[str], code: int, monkeypatch: pytest.MonkeyPatch, asked: list[Order]
) -> None:
    played = Played(findings=[finding(state) for state in states], troubles=[trouble(kind) for kind in troubles])
    assert verify(monkeypatch, asked, played).exit_code == code
    assert [(order.playbook, order.environment, order.limit) for order in asked] == [
        ("playbooks/verify_access.yml", "lab", "ccas")
    ]


def test_each_test_is_a_line_and_what_was_expected_is_below(
    monkeypatch: pytest.MonkeyPatch, asked: list[Order]
) -> None:
    played = Played(findings=[finding("ok"), finding("wrong", "Attendu : admis, VLAN 111.")])
    said = verify(monkeypatch, asked, played, "--environment", "production").output
    assert "✓ conforme      hdv-nps1 : essai ok\n" in said
    assert "✗ non conforme  hdv-nps1 : essai wrong\n                → Attendu : admis, VLAN 111.\n" in said
    assert "1 conforme, 1 non conforme, 0 inconnu." in said
    assert "s’inscrit" not in said
    assert "-i inventories/production" in said
    assert asked[0].environment == "production"


def test_nothing_tried_is_said_with_its_reason(monkeypatch: pytest.MonkeyPatch, asked: list[Order]) -> None:
    assert "Rien n’a été essayé" in verify(monkeypatch, asked, Played()).output
    silent = verify(monkeypatch, asked, Played(troubles=[trouble("unknown")])).output
    assert "Rien n’a été essayé" not in silent


def test_a_program_is_given_the_same(monkeypatch: pytest.MonkeyPatch, asked: list[Order]) -> None:
    answer = json.loads(verify(monkeypatch, asked, Played(findings=[finding("unknown")]), "--format", "json").stdout)
    assert answer == {"environment": "lab", "outcome": "unknown", "findings": [finding("unknown")]}


def test_a_site_that_does_not_exist_is_refused_and_the_nearest_proposed() -> None:
    result = CliRunner().invoke(main, ["verify", "ccass"])
    assert result.exit_code == 1
    assert "« ccas »" in result.output


def test_the_help_is_french() -> None:
    said = CliRunner().invoke(main, ["verify", "--help"]).output
    assert said.startswith("Usage : main verify [OPTIONS] SITE")
    assert "Codes de sortie : 0 conforme, 1 non conforme, 2 sans faute" in " ".join(said.split())


def test_a_report_of_production_from_a_changed_tree_asks_for_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"ccas": {"piste_committed_only": True, "inventory_hostname": "ccas"}}
    monkeypatch.setattr("piste.runs.plans.hosts.variables", lambda environment, names: variables)
    monkeypatch.setattr("piste.runs.plans.conditions.uncommitted", lambda: ["group_vars/all/ssids.yml"])
    monkeypatch.delenv("PISTE_RUN_DIR", raising=False)
    monkeypatch.setattr("piste.runs.plans.play.play", lambda *given, **more: pytest.fail("a run was begun"))
    refused = CliRunner().invoke(main, ["verify", "ccas", "--environment", "production"])
    assert (refused.exit_code, refused.output.split(" : ")[0]) == (4, "PISTE-E035 group_vars/all/ssids.yml")
    lacking = CliRunner().invoke(main, ["verify", "ccas", "--environment", "production", "--uncommitted", "panne"])
    assert (lacking.exit_code, "qui en décide et pourquoi" in lacking.output) == (4, True)


def read_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def stand_in(order: Order, **more: Any) -> Played:
        life = {"meraki": {"read_at": READ_AT, "ports": {"QZZZ-0005-0001": {"5": PORT}}}, "prism": None}
        (Path(order.extra["folder"]) / FILE).write_text(json.dumps(life), "utf-8")
        return Played()

    monkeypatch.setattr(play, "play", stand_in)


def test_what_was_read_of_all_the_town_is_kept_for_the_portal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read_a_port(monkeypatch)
    for name in ("STATE", "VERIFICATIONS"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path))
    assert CliRunner().invoke(main, ["verify", "ccas"]).exit_code == 3
    ports = value(store.last(SUBJECTS["network"], "lab")["ports"])["ports"]
    assert ports["QZZZ-0005-0001"]["5"]["status"] == "Connected"


def test_a_verification_is_kept_where_what_lives_cannot_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read_a_port(monkeypatch)
    monkeypatch.setenv("PISTE_VERIFICATIONS_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_STATE_DIR", "/dev/null")
    said = CliRunner().invoke(main, ["verify", "ccas"]).output
    assert "/dev/null" in said
    assert len([*tmp_path.rglob("verification.json")]) == 1


@pytest.mark.parametrize(
    ("given", "code", "outcome", "counted"),
    [
        (["conform", "kept"], 2, "kept", "1 conforme, 0 non conforme, 0 inconnu, 0 non essayé, 1 gardé tel que trouvé"),
        (["kept", "unknown"], 3, "unknown", "1 inconnu, 0 non essayé, 1 gardé tel que trouvé."),
        (["kept", "wrong", "unknown"], 1, "error", "1 non conforme, 1 inconnu, 0 non essayé, 1 gardé tel que trouvé."),
        (["conform", "untested"], 0, "ok", "1 conforme, 0 non conforme, 0 inconnu, 1 non essayé."),
    ],
)
def test_what_is_kept_as_found_is_counted_by_itself_and_never_hidden(
    given: list[Any], code: int, outcome: str, counted: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def drawn(ran: Any, *more: Any) -> tuple[Verification, dict[str, bytes]]:
        constat = Constat()
        for rank, verdict in enumerate(given):
            constat.add(f"essai.{rank}", "Réseau", f"essai {rank}", "ceci", "cela", verdict, reason="dite")
        return verification(site="ccas", environment="lab", tests=constat.tests), {}

    read_a_port(monkeypatch)
    monkeypatch.setattr("piste.sites.verification.draw_up", drawn)
    for name in ("STATE", "VERIFICATIONS"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path))
    said = CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["verify", "ccas"])
    assert (said.exit_code, counted in said.output) == (code, True), said.output
    if "kept" in given:
        rank = given.index("kept")
        lines = f"  = gardé         essai {rank} : cela\n{' ' * 18}→ attendu : ceci\n{' ' * 20}raison : dite\n"
        assert lines in said.output
    answer = json.loads(CliRunner().invoke(main, ["verify", "ccas", "--format", "json"]).stdout)
    assert (answer["outcome"], [test["verdict"] for test in answer["tests"]]) == (outcome, given)
