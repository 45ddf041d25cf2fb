"""The plan of reversibility as a document: roles, dates, RACI, signatures (CCTP 6.1)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from piste.papers.dossier.blocks import Signatures
from piste.papers.dossier.reversibility_plan import PLAN, PlanTerm, read_plan
from piste.town.town import InvalidDeclaration
from tests.support.dossier import commune, document, table, texts


def test_a_document_of_the_town_is_of_no_site() -> None:
    made = document("plan-reversibilite", commune())
    data = json.loads(made.data)
    assert "site" not in data
    assert data["title"] == made.title == "Plan de réversibilité – Ville du Bourget"
    assert [section.key for section in made.sections] == [
        "object", "people", "calendar", "raci", "environments", "switch", "signatures",
    ]  # fmt: skip
    assert texts(table(made, "raci", "raci"))[3] == [
        "Accès conjoints et tracés", "titulaire, repreneur", "DSI", "—", "direction générale",
    ]  # fmt: skip
    missing = {gap.label for gap in made.gaps.missing}
    assert {"Objet : Début du marché", "Rôles, et qui les tient : DSI, personne"} <= missing
    assert "Objet : Titre" in [gap.label for gap in made.gaps.to_confirm]
    (sign,) = made.sections[-1].blocks
    assert isinstance(sign, Signatures)
    assert sign.parties == ["DSI", "Titulaire", "Repreneur"]


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
