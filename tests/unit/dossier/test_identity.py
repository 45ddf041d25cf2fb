"""Identity of every document of the town: reference, version, author, approver, logo."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from lxml import html
from pydantic import ValidationError

from piste.engine.converge.errors import Misused
from piste.papers.dossier.forms import PNG, as_page, as_pdf
from piste.papers.dossier.identity import Identity
from piste.sites import dossiers
from piste.town.model.documents import Approver, Documents
from tests.support.dossier import ORIGIN, commune, document, subject

HOSTILE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script>'
    b'<rect width="9" height="9"/></svg>'
)
DECLARED = Documents(
    reference="VLB-DSI", author="M. & <Mme> Petit", approver=Approver(role="DSI"), versions={"fiche-site": "2.1"},
    market="2026-<14>", holder="Exploitant SAS",
)  # fmt: skip


def test_the_three_forms_show_the_same_identity() -> None:
    made = document("fiche-site", subject(), replace(ORIGIN, identity=Identity(DECLARED, HOSTILE)))
    assert json.loads(made.data)["identity"] == {
        "reference": "VLB-DSI/fiche-site/ecole-jaures", "version": "2.1", "market": "2026-<14>",
        "lot": None, "town": None, "holder": "Exploitant SAS", "author": "M. & <Mme> Petit",
        "approver": "DSI", "approved_by": None,
        "history": [{"version": "2.1", "day": None, "author": None, "what": None}],
    }  # fmt: skip
    page = html.fromstring(as_page(made))
    shown = {div.findtext("dt"): div.findtext("dd") for div in page.cssselect(".identity div")}
    assert shown == {
        "Référence": "VLB-DSI/fiche-site/ecole-jaures", "Version": "2.1", "Établi par": "M. & <Mme> Petit",
        "Marché": "2026-<14>, lot à renseigner", "Entre": "la Ville (nom à renseigner) et Exploitant SAS",
        "Approuvé par": "DSI (nom à renseigner)",
    }  # fmt: skip
    assert as_page(made).rstrip().endswith("</html>")
    assert page.cssselect("footer p")[0].text.startswith("VLB-DSI/fiche-site/ecole-jaures, version 2.1, ")
    with pikepdf.open(BytesIO(as_pdf(made))) as pdf:
        assert pdf.open_metadata()["pdfaid:part"] == "3"


def test_a_logo_is_an_image_that_runs_nothing() -> None:
    page = as_page(document("fiche-site", subject(), replace(ORIGIN, identity=Identity(DECLARED, HOSTILE))))
    (logo,) = html.fromstring(page).cssselect("img.logo")
    assert logo.get("alt") == "Logo\N{NO-BREAK SPACE}: Ville du Bourget"
    kind, _, content = str(logo.get("src")).partition(",")
    assert (kind, base64.b64decode(content)) == ("data:image/svg+xml;base64", HOSTILE)
    assert "<script" not in page


def test_each_paper_prints_its_history_and_its_place_to_approve() -> None:
    given = [
        {"version": "1.0", "day": "2026-09-01", "author": "Titulaire", "what": "Première version"},
        {"version": "1.1", "day": "2026-11-02", "author": "DSI", "what": "Baie B ajoutée"},
    ]
    declared = Documents.model_validate({**DECLARED.model_dump(), "versions": {"fiche-site": given}})
    made = document("fiche-site", subject(), replace(ORIGIN, identity=Identity(declared)))
    assert made.identity is not None
    assert (made.identity["version"], made.identity["history"]) == ("1.1", given)
    page = html.fromstring(as_page(made))
    table = page.xpath("//section[@aria-labelledby='editions']//tbody/tr")
    assert [[*row.itertext()] for row in table] == [
        ["1.0", "01/09/2026", "Titulaire", "Première version"], ["1.1", "02/11/2026", "DSI", "Baie B ajoutée"],
    ]  # fmt: skip
    assert [*page.xpath("//section[@aria-labelledby='approval']//th/text()")] == [
        "Établi par\N{NO-BREAK SPACE}: M. & <Mme> Petit", "Approuvé par\N{NO-BREAK SPACE}: DSI",
    ]  # fmt: skip


def test_a_history_that_nobody_declared_invents_no_day() -> None:
    old = html.fromstring(as_page(document("fiche-site", subject(), replace(ORIGIN, identity=Identity(DECLARED)))))
    (row,) = old.xpath("//section[@aria-labelledby='editions']//tbody/tr")
    assert [*row.itertext()] == ["2.1", *["à renseigner"] * 3]
    made = document("plan-adressage", subject(), replace(ORIGIN, identity=Identity(DECLARED)))
    (row,) = html.fromstring(as_page(made)).xpath("//section[@aria-labelledby='editions']//tbody/tr")
    assert [*row.itertext()] == ["1.0", "son approbation", "M. & <Mme> Petit", "Première version"]


@pytest.mark.parametrize("later", [("1.0", "2026-11-02"), ("0.9", "2026-11-02"), ("1.1", "2026-08-31")])
def test_versions_and_their_days_go_up(later: tuple[str, str]) -> None:
    given = [
        {"version": version, "day": day, "author": "DSI", "what": "Tout"}
        for version, day in (("1.0", "2026-09-01"), later)
    ]
    with pytest.raises(ValidationError, match="vont en montant"):
        Documents.model_validate({**DECLARED.model_dump(), "versions": {"fiche-site": given}})


def test_what_the_public_reads_has_no_place_to_approve() -> None:
    made = document("declaration-accessibilite", commune(), replace(ORIGIN, identity=Identity(DECLARED)))
    assert not html.fromstring(as_page(made)).xpath("//section[@aria-labelledby='approval']")


def test_other_kinds_are_at_their_first_version_and_without_identity_nothing_is_shown() -> None:
    made = document("plan-adressage", subject(), replace(ORIGIN, identity=Identity(DECLARED)))
    assert made.identity is not None
    assert made.identity["version"] == "1.0"
    bare = document("plan-adressage", subject())
    assert json.loads(bare.data)["identity"] is None
    assert "identity" not in html.fromstring(as_page(bare)).xpath("//dl/@class")


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "ne se lit pas"), (b"GIF89a", "ni un PNG, ni un SVG"), (PNG + b"0" * (1 << 20), "ne se lit pas")],
)
def test_a_logo_that_is_no_small_image_is_refused(
    content: bytes | None, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    if content is not None:
        (tmp_path / "docs/logo.png").write_bytes(content)
    monkeypatch.setattr(dossiers, "ROOT", tmp_path)
    with pytest.raises(Misused, match=says):
        dossiers._logo("logo.png")
