"""The paper proposes a cure for each broken rule of the tenant, and lists the unknown rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.papers.dossier.document import make
from piste.papers.dossier.forms import as_page
from piste.readings.belief import Last, Reading, Unread
from piste.readings.tenant.document import PROPOSALS, Proposals
from piste.readings.tenant.rules import RULES
from piste.sites.dossiers import origin
from piste.town.model import Town
from tests.support.microsoft import run, simulator
from tests.unit.readings.test_accounts import HOSTILE

AT = datetime(2026, 9, 21, 12, tzinfo=UTC)


def known(**changed: Any) -> dict[str, Last[Any]]:
    read = run("microsoft_tenant", simulator(licence="P1"))
    parts: dict[str, Last[Any]] = {name: Reading(rows, AT) for name, rows in {**read["parts"], **changed}.items()}
    return parts | {name: Unread(why, AT) for name, why in read["unread"].items()}


def content(town: Town, parts: dict[str, Last[Any]]) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(make(PROPOSALS, Proposals(town.name, parts), origin(town, "lab")).data)["content"]
    return data


def test_each_broken_rule_has_a_proposal_with_its_licence_the_gravest_first(town: Town) -> None:
    data = content(town, known())
    made = {row["id"]: row for row in data["proposals"]}
    assert [row["gravity"] for row in data["proposals"]] == sorted(
        (row["gravity"] for row in data["proposals"]), key=["critical", "major", "minor"].index
    )
    assert made["MS.AAD.3.2v2"]["why"] == "1 règle en mode rapport, donc sans effet"
    assert (made["MS.AAD.3.2v2"]["licence"], made["MS.AAD.3.2v2"]["bought"]) == ("Microsoft Entra ID P1", True)
    assert (made["MS.AAD.2.1v1"]["licence"], made["MS.AAD.2.1v1"]["bought"]) == ("Microsoft Entra ID P2", False)
    assert made["MS.AAD.8.2v1"]["licence"] is None
    unknown = {row["id"]: row["why"] for row in data["unknown"]}
    assert unknown["MS.AAD.7.4v1"] == "demande Microsoft Entra ID P2", "what is not read is not proposed"
    assert not unknown.keys() & made.keys()
    assert {*unknown, *made} < {*RULES}


def test_a_licence_is_unknown_where_licences_are_not_read(town: Town) -> None:
    data = content(town, {**known(), "licences": Unread("muet", AT)})
    assert {row["bought"] for row in data["proposals"] if row["licence"]} == {None}


def test_a_name_of_a_policy_is_in_no_proposal(town: Town) -> None:
    access = [{**row, "name": HOSTILE} for row in run("microsoft_tenant", simulator())["parts"]["access"]]
    made = make(PROPOSALS, Proposals(town.name, known(access=access)), origin(town, "lab"))
    assert any("1 règle" in row["why"] for row in json.loads(made.data)["content"]["proposals"])
    assert b"<script>" not in made.data
    assert "<script>" not in as_page(made)
    assert any(block.kind == "signatures" for section in made.sections for block in section.blocks)


def test_the_verb_writes_the_paper_in_its_three_forms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("piste.readings.tenant.kept.last", lambda town, environment: known())
    said = CliRunner().invoke(main, ["proposals", "--out", str(tmp_path)])
    assert said.exit_code == 0, said.output
    forms = {path.suffix for path in (tmp_path / "microsoft-365").glob("propositions-microsoft-365-2026-09-21.*")}
    assert forms == {".pdf", ".html", ".json"}


def test_nothing_is_proposed_where_nothing_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("piste.readings.tenant.kept.last", lambda town, environment: {"access": Unread("muet", AT)})
    said = CliRunner().invoke(main, ["proposals"])
    assert said.exit_code
    assert "piste read tenant" in f"{said.output}{said.exception}"
