"""Documents on the portal: known names alone, of this environment, each linked where it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import html

from piste.cli import main
from piste.engine.converge.errors import Misused
from piste.exports.portal.filed import Filed, filed
from piste.exports.portal.page import Audience
from piste.exports.portal.write import write
from piste.papers.dossier.forms import OPENING
from tests.support.breadth import breadth
from tests.support.dossier import SCHOOL, verification
from tests.support.portal import HOSTILE, few, known, rendered

PV = json.loads(verification().model_dump_json())
PAGE = f"sites/{SCHOOL}.html"
SHOWN = (PAGE, "documents.html", "accessibilite.html", "lacunes.html")
"""The pages with what the portal has of documents."""


def put(
    folder: Path, subject: str, kind: str, content: Any = None, environment: str = "lab", site: str = "",
    date: str = "2026-11-24T18:00:00+01:00", town: str | None = few().name,
) -> Path:  # fmt: skip
    """Write a document as `piste dossier` does, without typesetting it."""
    place = folder / subject
    place.mkdir(parents=True, exist_ok=True)
    data = {"document": kind, "origin": {"environment": environment, "date": date}, "content": content}
    if town is not None:
        data["town"] = town
    if subject in few().sites:
        data["site"] = {"id": site or subject}
    (place / f"{kind}.json").write_text(json.dumps(data), "utf-8")
    (place / f"{kind}.pdf").write_text(f"{kind}.pdf", "utf-8")
    (place / f"{kind}.html").write_text(f"{OPENING}{kind}.html", "utf-8")
    return place


def shelf(folder: Path) -> Path:
    """Write a sheet, a report and a declaration of accessibility."""
    put(folder, SCHOOL, "fiche-site")
    put(folder, SCHOOL, "pv-recette", PV)
    put(folder, "commune", "declaration-accessibilite", {"conformity": "none", "declared": None})
    return folder


def listed(folder: Path, *, beside: bool = False) -> list[Filed]:
    return filed(folder, few(), "lab", beside=beside)


def portal(folder: Path, audience: Audience = "engineer", *, beside: bool = False) -> dict[str, bytes]:
    return rendered(known(documents=listed(folder, beside=beside)), audience, *SHOWN)


def links(page: bytes) -> list[str]:
    targets = [str(target) for target in html.fromstring(page.decode()).xpath("//main//a/@href")]
    return sorted(target for target in targets if "documents/" in target)


def test_the_page_of_a_site_links_its_documents_and_they_are_there(tmp_path: Path) -> None:
    made = portal(shelf(tmp_path))
    assert links(made[PAGE]) == [
        f"../documents/{SCHOOL}/{kind}.{form}" for kind in ("fiche-site", "pv-recette") for form in ("html", "pdf")
    ]
    assert made[f"documents/{SCHOOL}/fiche-site.pdf"] == b"fiche-site.pdf"
    assert set(links(made["documents.html"])) <= {*made}
    shown = html.fromstring(made[PAGE].decode()).text_content()
    assert "24/11/2026 à\N{NO-BREAK SPACE}18:00" in shown
    assert "Non conforme" in shown


@pytest.mark.parametrize("audience", ["town", "public"])
def test_others_than_engineers_have_no_document_which_says_its_provenance(tmp_path: Path, audience: Audience) -> None:
    made = portal(shelf(tmp_path), audience)
    assert [name for name in made if name.startswith("documents")] == []
    assert "accessibilite.html" in made


def other_environment(folder: Path) -> None:
    put(folder, SCHOOL, "fiche-site", environment="production")


def linked_file(folder: Path) -> None:
    for form in ("pdf", "html", "json"):
        path = folder / SCHOOL / f"fiche-site.{form}"
        path.rename(folder / f"ailleurs.{form}")
        path.symlink_to(folder / f"ailleurs.{form}")


def linked_folder(folder: Path) -> None:
    (folder / SCHOOL).rename(folder / "ailleurs")
    (folder / SCHOOL).symlink_to(folder / "ailleurs")


def unknown_kind(folder: Path) -> None:
    for path in [*(folder / SCHOOL).iterdir()]:
        path.rename(path.with_name(f"secret{path.suffix}"))


def other_town(folder: Path) -> None:
    put(folder, SCHOOL, "fiche-site", town="Ville d’à côté")


@pytest.mark.parametrize("damage", [other_environment, other_town, linked_file, linked_folder, unknown_kind])
def test_what_is_no_document_of_this_town_is_not_published(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    put(tmp_path, SCHOOL, "fiche-site")
    damage(tmp_path)
    made = portal(tmp_path)
    assert [name for name in made if name.startswith("documents/")] == []
    assert links(made[PAGE]) == []


@pytest.mark.parametrize(
    "written", breadth(["", "[]", '{"origin": 7}', "[" * 100_000, json.dumps({"document": HOSTILE})], 2)
)
def test_a_document_that_does_not_read_is_said_and_no_traceback(tmp_path: Path, written: str) -> None:
    (put(tmp_path, SCHOOL, "fiche-site") / "fiche-site.json").write_text(written)
    made = portal(tmp_path)
    assert "? ne se lit pas" in html.fromstring(made[PAGE].decode()).text_content()
    assert links(made[PAGE]) == []


def test_the_verdict_of_a_forged_report_is_not_believed(tmp_path: Path) -> None:
    put(tmp_path, SCHOOL, "pv-recette", PV)
    assert len(links(portal(tmp_path)[PAGE])) == 2
    put(tmp_path, SCHOOL, "pv-recette", {"tests": []})
    assert "? ne se lit pas" in html.fromstring(portal(tmp_path)[PAGE].decode()).text_content()


@pytest.mark.parametrize(
    "changes",
    breadth([{"site": "mediatheque"}, {"content": {**PV, "site": "mediatheque"}},
     {"content": {**PV, "environment": "production"}},
     *({"date": date} for date in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "hier")),
     {"date": "2099-01-01T08:00:00+01:00"}, *({"town": town} for town in ([], {}, 7, True))], 3),
)  # fmt: skip
def test_a_report_of_another_site_environment_or_calendar_is_not_linked(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    put(tmp_path, SCHOOL, "pv-recette", **{"content": PV, **changes})
    made = portal(tmp_path)
    assert "? ne se lit pas" in html.fromstring(made[PAGE].decode()).text_content()
    assert links(made[PAGE]) == []


def test_a_page_that_could_run_scripts_in_the_portal_is_not_copied(tmp_path: Path) -> None:
    page = put(tmp_path, SCHOOL, "fiche-site") / "fiche-site.html"
    page.write_text(f"<script>alert(1)</script>{page.read_text('utf-8')}", "utf-8")
    assert links(portal(tmp_path)[PAGE]) == [f"../documents/{SCHOOL}/fiche-site.pdf"]


def test_documents_that_lie_beside_the_portal_are_linked_and_not_copied(tmp_path: Path) -> None:
    shelf(tmp_path / "documents")
    write(tmp_path / "portail", portal(tmp_path / "documents", beside=True).items())
    page = tmp_path / "portail" / PAGE
    targets = links(page.read_bytes())
    assert len(targets) == 4
    assert all((page.parent / target).is_file() for target in targets)
    assert not (tmp_path / "portail/documents").exists()


def test_a_narrower_edition_takes_the_documents_away_and_no_link_leads_them_out(tmp_path: Path) -> None:
    folder, outside = tmp_path / "portail", tmp_path / "dehors"
    wide = portal(shelf(tmp_path / "dossiers"))
    write(folder, wide.items())
    assert (folder / f"documents/{SCHOOL}/fiche-site.pdf").is_file()
    write(folder, portal(tmp_path / "dossiers", "public").items())
    assert not (folder / f"documents/{SCHOOL}/fiche-site.pdf").exists()
    assert not (folder / "documents").exists()
    outside.mkdir()
    (folder / "documents").symlink_to(outside)
    with pytest.raises(Misused, match="est un lien"):
        write(folder, wide.items())


def test_the_verb_takes_the_folder_of_the_documents_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(main, ["portal", "--to", "vide"]).output
    assert "documents" not in said
    shelf(tmp_path / "dossiers")
    said = CliRunner().invoke(main, ["portal", "--to", "portail"]).output
    assert "6 fichiers de documents, édition « exploitant »" in said
    assert (tmp_path / f"portail/documents/{SCHOOL}/pv-recette.pdf").is_file()


@pytest.mark.parametrize(("subject", "kind"), [("commune", "carte-reseau"), ("kyocera", "plan-interface")])
def test_a_document_of_another_town_is_not_there_and_without_its_town_it_is_a_gap(
    tmp_path: Path, subject: str, kind: str
) -> None:
    put(tmp_path, subject, kind)
    assert len(links(portal(tmp_path)["documents.html"])) == 2
    put(tmp_path, subject, kind, town="Ville d’à côté")
    assert "documents.html" not in portal(tmp_path)
    put(tmp_path, subject, kind, town=None)
    made = portal(tmp_path)
    assert links(made["documents.html"]) == []
    assert [name for name in made if name.startswith("documents/")] == []
    assert "? ne dit pas sa ville" in html.fromstring(made["documents.html"].decode()).text_content()
    assert f"piste dossier {subject}" in html.fromstring(made["lacunes.html"].decode()).text_content()
