"""Foreign objects, in each of the ways in which a town may declare them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from piste.systems.nutanix.foreign import Foreign
from piste.town.model.hosting.form import Foreign as Declared

PROJECT, OWNER, CATEGORY = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
PAIRS = {CATEGORY: "Outil:Citrix"}


@pytest.mark.parametrize(
    ("declared", "document", "says"),
    [
        ({"names": ["CTX-*"]}, {"name": "ctx-poste-001"}, "par son nom (CTX-*)"),
        ({"categories": ["Outil:Citrix"]}, {"categories": [{"extId": CATEGORY}]}, "par sa catégorie (Outil:Citrix)"),
        ({"categories": ["Outil"]}, {"categories": [{"extId": CATEGORY}]}, "par sa catégorie (Outil:Citrix)"),
        ({"categories": ["Outil"]}, {"categoryExtIds": [CATEGORY]}, "par sa catégorie (Outil:Citrix)"),
        ({"projects": [PROJECT]}, {"project": {"extId": PROJECT}}, "par son projet"),
        ({"projects": [PROJECT]}, {"projectExtId": PROJECT}, "par son projet"),
        ({"owners": [OWNER]}, {"ownershipInfo": {"owner": {"extId": OWNER}}}, "par son propriétaire"),
        ({"owners": [OWNER]}, {"ownerExtId": OWNER}, "par son propriétaire"),
    ],
)
def test_an_object_is_another_tool_s_by_whatever_is_declared(
    declared: dict[str, Any], document: dict[str, Any], says: str
) -> None:
    foreign = Foreign.of(Declared(tool="Citrix", **declared).model_dump())
    assert foreign.why({"name": "poste", **document}, lambda: PAIRS) == f"Citrix, {says}"
    assert foreign.why({"name": "hdv-sql1"}, lambda: PAIRS) == ""


def test_a_name_where_an_identifier_is_expected_is_refused() -> None:
    """It would designate nothing, and leave the desktops in reach."""
    with pytest.raises(ValidationError, match="n’est pas un identifiant de Prism Central"):
        Declared(tool="Citrix", projects=["Citrix"])


def test_a_category_that_marks_the_objects_of_another_tool_is_no_orphan() -> None:
    foreign = Foreign.of({"categories": ["Outil:Citrix", "Ferme"]})
    assert [foreign.marks(name) for name in ("Outil/Citrix", "Ferme/A", "Outil/GLPI")] == [True, True, False]
