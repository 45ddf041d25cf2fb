"""Decisions that wait, from each of their sources, and those that were taken."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.finding import Finding
from piste.runs.plans import listed as plans
from piste.runs.plans.listed import Listed
from piste.runs.records import decided
from piste.sites import conformity, status
from piste.sites import decisions as waiting
from piste.sites.conformity import Facts, judge
from piste.sites.decisions import Decision, decisions, differing, gathered, strays, total
from piste.town import declared
from piste.town.model import Town
from piste.town.model.acts import Act
from piste.town.model.decisions import Decided
from tests.support.portal import known, rendered

TODAY = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(waiting, "today", lambda: TODAY)
    monkeypatch.setattr(conformity, "today", lambda: TODAY)


@pytest.fixture(scope="module")
def whole() -> Town:
    return declared.town("lab")


def town(whole: Town, **changed: Any) -> Town:
    """Give the town with other facts of its own; nothing else asks for a decision."""
    assert whole.commune
    empty = ("contracts", "licences", "put_off", "restore_tests", "decisions", "applications")
    nothing: dict[str, Any] = {name: [] for name in empty}
    unprotected = {**whole.commune["protection"], "sets": []}
    commune: Any = {**whole.commune, "assets": [], "protection": unprotected, **nothing, **changed}
    return replace(whole, commune=commune, sites={})


def contract(end: str | None, notice: int | None = None) -> dict[str, Any]:
    nothing: dict[str, Any] = {"classes": [], "assets": [], "applications": [], "links": False}
    return {"id": "copieurs", "label": "Copieurs", "end": end, "notice_months": notice, "yearly_excl_tax": None,
            "covers": nothing, "contract": None, "applications": []}  # fmt: skip


def said(whole: Town, facts: Facts | None = None, **changed: Any) -> dict[str, tuple[str, str]]:
    made = decisions(town(whole, **changed), "lab", judge(facts) if facts else {})
    return {decision.id: (decision.by, decision.who) for decision in made}


def test_a_contract_asks_before_its_notice(whole: Town) -> None:
    direction = "direction des systèmes d’information"
    assert said(whole, contracts=[contract("2027-09-01", 3)]) == {"contract.copieurs": ("2027-05-31", direction)}
    assert said(whole, contracts=[contract("2027-09-01")]) == {}
    assert said(whole, contracts=[contract("2026-11-01")]) == {"contract.copieurs": ("2026-11-01", direction)}
    assert said(whole, contracts=[contract(None)]) == {"contract.ends": ("", direction)}


def test_equipment_a_report_and_a_plan_ask_too(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = {**whole.assets[0], "kind": "switch", "end_of_life": "2027-03-01"}
    later = {**asset, "end_of_life": "2028-03-01"}
    assert {*said(whole, assets=[asset, asset, later])} == {"equipment.switch-2027"}
    report = {"finding": "links.x", "name": "A. Durand", "reason": "Attend la fibre", "start": "2026-10-01"}
    assert said(whole, put_off=[{**report, "until": "2026-12-20"}])["report.links.x"][0] == "2026-12-20"
    assert said(whole, put_off=[{**report, "until": "2027-01-20"}]) == {}
    saved = [Listed("p1", "to_apply", "durand"), Listed("p2", "applied"), Listed("p3", "begun", "durand")]
    monkeypatch.setattr(plans, "listed", lambda environment: saved)
    assert {*said(whole)} == {"plan.p1", "plan.p3"}


def test_a_cost_is_what_is_declared_and_says_what_it_leaves_out(whole: Town) -> None:
    asset = {**whole.assets[0], "kind": "switch", "end_of_life": "2027-03-01", "model": "MS220-24"}
    made = decisions(
        town(
            whole, contracts=[{**contract("2026-12-31"), "yearly_excl_tax": 1200.5}],
            licences=[{**contract("2026-12-31"), "yearly_excl_tax": 10}, {**contract("2026-12-30"), "id": "autre"}],
            assets=[asset, asset, {**asset, "model": "MR"}, {**asset, "kind": "ups", "model": None}],
            prices={"MS220-24": 900.0},
        ), "lab", {},
    )  # fmt: skip
    assert {each.id: each.priced.replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ") for each in made} == {
        "contract.copieurs": "1 200,50 € HT par an", "licence.copieurs": "10 € HT par an", "licence.autre": "",
        "equipment.switch-2027": "1 800 € HT pour 2 sur 3, le reste inconnu", "equipment.ups-2027": "",
    }  # fmt: skip
    said = " ".join(total(made).split())
    assert said == "Coût déclaré de 3 d’entre elles : 1 800 € HT et 1 210,50 € HT par an."
    assert total([each._replace(cost=None) for each in made]) == ""
    taken = Decided(decision="x.y", done="2026-11-20", who="x", why="x", until=None)
    assert total([each._replace(taken=taken) for each in made]) == ""


def test_what_cannot_be_read_is_not_nothing(whole: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OSError("disque plein")

    monkeypatch.setattr(plans, "listed", away)
    monkeypatch.setattr(waiting, "calendar", away)
    made = {each.id: each.what for each in decisions(town(whole), "lab", {})}
    assert {*made} == {"plan.unread", "restore.unread"}
    assert "disque plein" in made["plan.unread"]


def test_two_years_by_the_clock_leave_a_decision_until_it_is_decided(
    whole: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(environment: str) -> list[Listed]:
        raise OSError("disque plein")

    done, until = date(2026, 3, 10), date(2026, 9, 30)
    taken = Decided(decision="contract.copieurs", done=str(done), who="DSI", why="Reconduit", until=str(until))
    small = town(whole, contracts=[contract("2026-01-01")], decisions=[taken])
    act = Act(act="retrait-du-sortant", done=str(done), who="DSI", proof="PV n° 1", until=None)
    for rank in range(24):
        day = date(2025 + rank // 12, rank % 12 + 1, 15)
        for module in (waiting, conformity):
            monkeypatch.setattr(module, "today", lambda day=day: day)
        silent = day.month in (6, 7)
        monkeypatch.setattr(plans, "listed", away if silent else lambda environment: [])
        seen = Finding("accounts", "unknown", "muet") if silent else Finding("accounts.x", "ok", "x")
        facts = Facts([seen], acts={act["act"]: act} if day >= done else {})
        waits = {each.id for each in decisions(small, "lab", judge(facts, ["R147"])) if each.taken is None}
        expected = {
            "contract.copieurs": day >= date(2025, 7, 2) and not done <= day <= until,
            "act.retrait-du-sortant": day < done,
            "plan.unread": silent,
        }
        assert {id_: id_ in waits for id_ in expected} == expected, day


def test_restores_that_nothing_proves_ask(whole: Town) -> None:
    assert whole.commune
    made = said(whole, restore_tests=whole.commune["restore_tests"])
    assert {*made} == {f"restore.{test['name']}" for test in whole.commune["restore_tests"]}


def test_acts_asked_of_the_direction_and_proposals(whole: Town) -> None:
    made = said(whole, Facts())
    assert "act.retrait-du-sortant" in made
    known = judge(Facts())
    (line,) = (each for each, _ in gathered(decisions(whole, "lab", known), 2) if each.id.startswith("act."))
    assert ") : analyse de risques ; audit de sécurité et " in line.what
    assert "act.plan-reversibilite" not in made, "it is asked of the contractor"
    wrong = Facts(findings=[Finding("tenant.MS.AAD.1.1v1", "wrong", "x")])
    assert "proposals.microsoft-365" in said(whole, wrong)


def test_what_was_decided_holds_until_its_day_and_is_named_where_nothing_waits(whole: Town) -> None:
    taken = Decided(decision="contract.copieurs", done="2026-11-20", who="A. Durand", why="Reconduit", until=None)
    for until, waits in ((None, False), ("2026-12-01", False), ("2026-11-30", True)):
        made = town(whole, contracts=[contract("2026-12-31")], decisions=[{**taken, "until": until}])
        (decision,) = decisions(made, "lab", {})
        assert (decision.taken is None) is waits, until
    ahead = town(whole, contracts=[contract("2026-12-31")], decisions=[{**taken, "done": "2026-12-02"}])
    assert [decision.taken for decision in decisions(ahead, "lab", {})] == [None], "a decision of tomorrow"
    made = town(whole, decisions=[taken])
    assert strays(made, decisions(made, "lab", {})) == ["contract.copieurs"]


def test_the_nearest_day_is_first_and_the_verb_says_all() -> None:
    made = CliRunner().invoke(main, ["decisions"])
    assert made.exit_code == 1, made.output
    assert "décisions attendues, 0 prise." in made.output
    assert "  · " not in made.output
    assert " · sinon : " in made.output


def test_what_was_decided_is_sealed_once_and_named_where_it_differs(tmp_path: Path) -> None:
    entry = Decided(decision="contract.x", done="2026-11-20", who="A. Durand", why="é {{ x }}\x1b[2J", until=None)
    other = Decided(**{**entry, "decision": "licence.y", "done": "2026-12-02"})
    made = decided.compare(tmp_path, "lab", [entry, other], "2026-12-01")
    assert made.unsealed == [entry], "the other is of tomorrow"
    decided.seal_decisions(tmp_path, "lab", made.unsealed, ["piste"])
    assert decided.compare(tmp_path, "lab", [entry], "2026-12-01") == ([], [], [], [])
    assert decided.compare(tmp_path, "production", [entry], "2026-12-01").unsealed == [entry]
    changed = Decided(**{**entry, "why": "Autre"})
    assert decided.compare(tmp_path, "lab", [changed], "2026-12-01") == ([], [entry], [], [])
    assert decided.compare(tmp_path, "lab", [other], "2026-12-02") == ([other], [], [entry], [])
    assert decided.faults(tmp_path, "lab") == []
    (record,) = [path for path in tmp_path.glob("lab/*/*.json") if path.name != "head.json"]
    record.write_bytes(record.read_bytes().replace(b"A. Durand", b"B. Durand"))
    assert decided.compare(tmp_path, "lab", [entry], "2026-12-01").unread == [record.name]
    assert [fault.what for fault in decided.faults(tmp_path, "lab")][:1] == ["altered"]


def test_the_verb_seals_and_names_what_differs(whole: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Decided(decision="contract.x", done="2020-11-20", who="A. \x1b[2J", why="Reconduit", until=None)
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    kept = [entry]
    monkeypatch.setattr(declared, "sound", lambda environment: town(whole, decisions=kept))
    said = [CliRunner().invoke(main, ["decisions", "--seal"]).output for _ in range(2)]
    assert "1 décision scellée" in said[0]
    assert "0 décision scellée" in said[1]
    kept.clear()
    made = CliRunner().invoke(main, ["decisions"])
    assert made.exit_code == 1
    assert "contract.x a été scellée, et n’est plus déclarée" in made.output
    assert "\x1b" not in made.output
    assert [said.what for said in status.findings(town(whole), "lab") if said.id == "decisions"] == [
        "1 décision : ce n’est plus ce que le journal a scellé"
    ]
    (difference,) = json.loads(CliRunner().invoke(main, ["decisions", "--format", "json"]).stdout)["differences"]
    assert (difference["id"], difference["state"]) == ("contract.x", "removed")
    assert "A. \x1b[2J : Reconduit" in difference["what"], "what was sealed, as it was"
    page = rendered(known(differences=differing(town(whole), "lab")), "town", "index.html")["index.html"]
    assert "contract.x a été scellée, et n’est plus déclarée (le 20/11/2020 par A. " in page.decode()
    assert b"\x1b" not in page
    (head,) = tmp_path.glob("journal/lab/*/head.json")
    head.unlink()
    assert "Rien n’est scellé" in CliRunner().invoke(main, ["decisions", "--seal"]).output


def test_decisions_alike_are_a_line_that_names_them_and_counts_them() -> None:
    def restore(name: str, ask: str = "Fixer le jour") -> Decision:
        return Decision(f"restore.{name}", f"{ask} : {name}", "systèmes", "", "x", "piste", ask=ask, thing=name)

    alone = Decision("plan.p", "Appliquer", "systèmes", "", "x", "piste apply p")
    made = gathered([*map(restore, "abcd"), alone, restore("e", "Signer"), restore("f", "Signer")], 3)
    assert [(each.what, count) for each, count in made] == [
        ("Fixer le jour (4) : a ; b ; c et 1 autre", 4), ("Appliquer", 1), ("Signer : e", 1), ("Signer : f", 1),
    ]  # fmt: skip
