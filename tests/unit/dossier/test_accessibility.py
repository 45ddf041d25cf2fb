"""The declaration of accessibility: the state in law follows from a valid audit alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from piste.papers.dossier.document import Document
from piste.town.model.accessibility import AccessibilityAudit
from tests.support.dossier import commune, document, table, texts


def declaration(audit: dict[str, Any] | None, day: str = "2026-11-28") -> Document:
    about = commune()
    declared = about.town.accessibility
    assert declared is not None
    made = declared.model_copy(update={"audit": AccessibilityAudit(**audit) if audit else None})
    return document("declaration-accessibilite", replace(about, town=replace(about.town, accessibility=made), day=day))


def audit(conforming: int, made_on: str = "2026-06-01") -> dict[str, Any]:
    return {"by": "Cabinet", "made_on": made_on, "rgaa": "4.1.2", "conforming": conforming, "applicable": 60}


@pytest.mark.parametrize(
    ("given", "day", "says", "why"),
    [
        (None, "2026-11-28", "non conformes", "aucun audit n’a été fait"),
        (audit(60), "2026-11-28", "en conformité totale", "60 critères conformes sur 60"),
        (audit(59), "2026-11-28", "en conformité partielle", "59 critères conformes sur 60"),
        (audit(30), "2026-11-28", "en conformité partielle", "(50,0"),
        (audit(29), "2026-11-28", "non conformes", "29 critères"),
        (audit(60), "2029-05-31", "en conformité totale", "60 critères"),
        (audit(60), "2029-06-01", "non conformes", "il ne vaut plus"),
        (audit(60, "2027-01-01"), "2026-11-28", "non conformes", "il ne vaut plus"),
        (audit(60, "2024-02-29"), "2027-02-28", "non conformes", "il ne vaut plus"),
    ],
)
def test_the_state_is_that_of_the_audit(given: dict[str, Any] | None, day: str, says: str, why: str) -> None:
    made = declaration(given, day)
    assert made.headline is not None
    assert made.headline.text == f"Les pages sont {says} au RGAA."
    (state,) = (section for section in made.sections if section.key == "state")
    assert says in str(state.blocks[0])
    assert why in str(state.blocks[0])


def test_it_has_what_the_law_asks_for_and_says_what_it_lacks() -> None:
    made = declaration(None)
    assert [section.key for section in made.sections] == [
        "commitment", "state", "contents", "made", "contact", "appeal",
    ]  # fmt: skip
    assert texts(table(made, "contents", "not_accessible"))[0][0] == "PDF des documents"
    missing = {gap.label for gap in made.gaps.missing}
    assert missing == {
        "Engagement : Schéma pluriannuel", "Engagement : Plan d’actions de l’année",
        "Retour d’information et contact : Courriel",
    }  # fmt: skip


def test_an_audit_that_counts_more_than_there_is_is_refused() -> None:
    with pytest.raises(ValidationError, match="61 critères conformes, sur 60"):
        AccessibilityAudit(**audit(61))
