"""The plan of reversibility as a document: roles, dates, RACI, signatures (CCTP 6.1)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.repository import ROOT
from piste.papers.dossier.asked import demands
from piste.papers.dossier.blocks import Signatures
from piste.papers.dossier.forms import as_pdf
from piste.papers.dossier.reversibility_plan import PLAN, PlanTerm, read_plan
from piste.papers.frameworks.clauses import clauses
from piste.town.town import InvalidDeclaration
from tests.support import pdf_text
from tests.support.dossier import commune, document, table, texts


def test_a_document_of_the_town_is_of_no_site() -> None:
    made = document("plan-reversibilite", commune())
    data = json.loads(made.data)
    assert "site" not in data
    assert data["title"] == made.title == "Plan de réversibilité – Ville du Bourget"
    assert [section.key for section in made.sections] == [
        "object", "people", "calendar", "raci", "environments", "switch",
        "scope", "deliverables", "criteria", "training", "people_data", "communication", "risks", "decision",
    ]  # fmt: skip
    assert texts(table(made, "raci", "raci"))[3] == [
        "Accès conjoints et tracés", "titulaire, repreneur", "DSI", "—", "direction générale",
    ]  # fmt: skip
    missing = {gap.label for gap in made.gaps.missing}
    assert {"Objet : Début du marché", "Rôles, et qui les tient : DSI, personne"} <= missing
    assert "Objet : Titre" in [gap.label for gap in made.gaps.to_confirm]
    reserves, sign = made.sections[-1].blocks
    assert reserves.kind == "table"
    assert isinstance(sign, Signatures)
    assert sign.parties == ["DSI", "Titulaire"]  # no successor is known at T0


def test_the_plan_says_what_6_2_6_3_and_6_6_ask_with_what_shows_each() -> None:
    asked = demands()
    # As CCTP 6 lists them.
    assert [len(each) for each in (asked.scope, asked.deliverables, asked.criteria)] == [10, 7, 8]
    every = [*asked.scope, *asked.deliverables, *asked.criteria]
    places = {name: clause.place for name, clause in clauses().items()}
    assert [(item.what, name) for item in every for name in item.clauses if name not in places] == []
    assert [lesson.page for lesson in read_plan().training if not (ROOT / lesson.page).is_file()] == []
    about = commune()
    given: Any = about.town.commune
    wifi = {"label": "Wi-Fi public", "systems": ["Meraki"], "returned": "les exports scellés", "status": None}
    message = {"audience": "Écoles", "says": "Le jour", "channel": "appel", "when": "avant", "who": None}
    transfer = {**given["transfer"], "communication": [message]}
    given = {**given, "personal_data": {**given["personal_data"], "processings": {"w": wifi}}, "transfer": transfer}
    made = document("plan-reversibilite", replace(about, town=replace(about.town, commune=given)))
    criteria = {row[0]: row[1:] for row in texts(table(made, "criteria", "criteria"))}
    assert criteria["Un serveur critique et un poste type restaurés"] == ["R143", "piste restore list", "—"]
    assert texts(table(made, "people_data", "personal_data")) == [["Wi-Fi public", "Meraki", "les exports scellés"]]
    assert texts(table(made, "communication", "communication")) == [
        ["Écoles", "Le jour", "appel", "avant", "à renseigner"],
    ]  # fmt: skip


def test_an_option_that_a_reader_types_is_whole_on_its_line() -> None:
    said = "".join(pdf_text.texts(as_pdf(document("plan-reversibilite", commune()))))
    assert "--dry-run" in said
    assert not re.search(r"--(\w+-)*\n", said)


def test_the_dates_of_the_plan_follow_those_of_the_contract() -> None:
    about = commune()
    term = PlanTerm(start="2026-08-31", end="2030-02-28")
    made = document("plan-reversibilite", replace(about, plan=about.plan.model_copy(update={"term": term})))
    dates = {row[0]: row[2] for row in texts(table(made, "calendar", "steps"))}
    assert dates["Export de contrôle"] == "30/09/2026"
    assert dates["◆ Répétition du rejeu sur des systèmes vides"] == "31/08/2027"
    assert dates["◆ Gel partiel"] == "29/01/2030"
    assert dates["◆ Retrait du prestataire sortant"] == "28/02/2030"
    assert dates["◆ Effacement des copies du sortant"] == "30/03/2030"
    assert {row[2] for row in texts(table(document("plan-reversibilite", about), "calendar", "steps"))} == {"—"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    consulted: [repreneur]\n", "    consulted: [mairie]\n", "Mairie : de ces rôles, « roles » ne dit rien"),
        ("{every_months: 1}", "{every_months: 1, before_end_days: 3}", "Une échéance se donne d’une seule façon"),
        ("owner: DPO}", "owner: maire}", "Maire : de ces rôles, « roles » ne dit rien"),
        ("term: {}", 'term: {start: "2027-01-01", end: "2026-01-01"}', "Le marché finit le 2026-01-01, avant"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(old: str, new: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "plan-reversibilite.yml"
    text = PLAN.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InvalidDeclaration, match=re.escape(says)):
        read_plan(path)


def test_a_plan_that_lacks_what_the_tender_wants_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "plan-reversibilite.yml"
    path.write_text(PLAN.read_text("utf-8").replace("    accountable: DSI\n", "", 1), "utf-8")
    with pytest.raises(InvalidDeclaration) as refused:
        read_plan(path)
    assert "accountable" in str(refused.value)
    assert "plan-reversibilite.yml:" in str(refused.value)
