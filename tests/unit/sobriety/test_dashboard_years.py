"""The dashboard of the second year: first page, curves with holes, hostile names."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from jsonschema import Draft202012Validator
from lxml import html

from piste.papers.dossier.blocks import Drawing, Table, Text
from piste.papers.dossier.document import Document
from piste.papers.dossier.forms import as_page, as_pdf
from piste.sobriety import history
from piste.sobriety.breakdown import Share, grouped
from piste.sobriety.documents import documents, schemas, write
from piste.sobriety.documents.part_tables import part_blocks
from piste.sobriety.documents.subject import Period, SobrietySubject
from tests.support.dossier import ORIGIN, town
from tests.support.kept_readings import figure
from tests.support.sobriety_years import HOSTILE, months, subject

NB = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def years() -> SobrietySubject:
    return replace(subject(), period=Period.whole_year("2028-12-28"))


@pytest.fixture(scope="module")
def made(years: SobrietySubject) -> Document:
    (document,) = documents(years, ORIGIN, ["tableau-de-bord"])
    return document


def table(document: Document, key: str) -> dict[str, list[str]]:
    (match,) = (
        block for section in document.sections for block in section.blocks
        if isinstance(block, Table) and block.key == key
    )  # fmt: skip
    return {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in match.rows}


def test_sites_that_are_equal_have_neither_a_best_nor_a_farthest() -> None:
    shares = [Share("F7", "site", site, 24, 100, 24.0) for site in ("ccas", "mediatheque")]
    shares += [Share("F1.slept", "site", "ccas", 1, 2, 50.0)]
    (text, parts) = part_blocks(town(), [figure("F7", 24.0)], shares)
    assert isinstance(text, Text)
    assert isinstance(parts, Table)
    assert text.text == f"F7 : 24{NB}% sur chacun des 2 sites connus."
    assert [column.label for column in parts.columns] == ["Site", "F7 (%)", "F1, a dormi (%)"]


def test_the_first_page_says_verdict_trend_savings_and_three_alerts(made: Document, tmp_path: Path) -> None:
    path = tmp_path / "board.pdf"
    path.write_bytes(as_pdf(made))
    targets = table(made, "targets")
    fallen = next(row for name, row in targets.items() if name.startswith("F1 "))
    assert fallen == [f"63,3{NB}%", f"au moins 90{NB}%", "✗ non atteint", "↘ se dégrade", f"mesuré, 2{NB}j"]
    assert len(targets) == 11
    alerts = table(made, "first-alerts")
    assert list(alerts) == ["✗ levier défait", "✗ dérive"]
    assert alerts["✗ levier défait"][1:] == [
        "en place le 28/09/2028, n’y est plus : VLB-Public émet à toute heure",
        "piste drift mediatheque, puis réparer ou garder.",
    ]
    with pikepdf.open(path) as pdf:
        overview, first = (_page_of(pdf, name) for name in ("En une minute", "Évolution, mois par mois"))
    assert (overview, first) == (1, 2)


def _page_of(pdf: pikepdf.Pdf, title: str) -> int:
    """Find the page of a heading by the outline."""
    with pdf.open_outline() as outline:
        (item,) = (item for top in outline.root for item in (top, *top.children) if item.title == title)
        destination: Any = item.destination
        return [page.objgen for page in pdf.pages].index(destination[0].objgen) + 1


def test_curves_have_a_hole_where_nothing_was_read_and_a_table_beneath(made: Document) -> None:
    values = table(made, "months-1")
    heads = [
        column.label for section in made.sections for block in section.blocks
        if isinstance(block, Table) and block.key.startswith("months-") for column in block.columns[1:]
    ]  # fmt: skip
    assert heads[:8] == ["F1 (%)", "F2 (%)", "F3 (%)", "F4 (%)", "F5 a (%)", "F5 b (%)", "F6 (%)", "F7 a (%)"]
    assert list(values) == [f"{month[5:]}/{month[:4]}" for month in months()]
    assert values["10/2027"] == ["inconnu"] * 6
    assert (values["03/2028"][0], values["12/2028"][0]) == ("inconnu", "63,3")
    (curves,) = (
        block for section in made.sections for block in section.blocks
        if isinstance(block, Drawing) and block.key == "trends"
    )  # fmt: skip
    drawn = html.fromstring(curves.svg)
    # Twelve curves of 24 months: one hole each, F1 twice, F5 six months more.
    assert len(drawn.xpath(".//circle")) == 12 * 24 - 12 - 1 - 6
    assert len(drawn.xpath(".//rect[starts-with(@fill, 'url')]")) == 12 + 1 + 6
    assert {circle.get("fill") for circle in drawn.xpath(".//circle")} == {"#1f4e79", "#ffffff"}


def test_sites_are_ranked_by_their_label_and_no_raw_id_is_printed(made: Document, years: SobrietySubject) -> None:
    parts = table(made, "parts[site]")
    assert next(iter(parts)) == "Médiathèque « le point d'interrogation »"
    assert parts["Piscine du Bourget"][0] == "✗ 64,3, 1 inconnu"
    texts = [
        cell.text for section in made.sections for block in section.blocks if isinstance(block, Table)
        for row in block.rows for column, cell in zip(block.columns, row.cells, strict=True) if column.key != "todo"
    ]  # fmt: skip
    texts += [block.text for section in made.sections for block in section.blocks if isinstance(block, Text)]
    raw = [site for site in years.town.sites if "-" in site]
    # The list to act on ends with the command that names the site.
    assert [text for text in texts if any(site in text for site in raw)] == []
    assert [text for text in texts if re.search(r"\bF\d+\.[a-z]", text)] == []


def test_hostile_names_are_text_in_the_page_the_pdf_and_the_tables(
    made: Document, years: SobrietySubject, tmp_path: Path
) -> None:
    page = html.fromstring(as_page(made))
    assert page.xpath("//script") == []
    assert HOSTILE in page.text_content()
    write(years, ORIGIN, tmp_path, ["tableau-de-bord"])
    with (tmp_path / "tableau-de-bord-2028-ventilation.csv").open(encoding="utf-8", newline="") as file:
        parts = list(csv.DictReader(file))
    with (tmp_path / "tableau-de-bord-2028-listes.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    names = {row["name"] for row in parts if row["by"] == "service"}
    assert f"'{HOSTILE}" in names
    assert {cell["value"] for cell in cells if cell["row"] == "1"} >= {f"'{HOSTILE}", "mediatheque", "3.5"}
    site = next(row for row in parts if row["name"] == "mediatheque" and row["figure"] == "F1")
    assert (site["label"], site["value"], site["denominator"]) == (
        "Médiathèque « le point d'interrogation »", "32.3", "50"
    )  # fmt: skip


def test_checkers_find_no_error_in_two_years(made: Document, tmp_path: Path) -> None:
    path = tmp_path / "board.pdf"
    path.write_bytes(as_pdf(made))
    outloud = [str(Path(sys.executable).with_name("outloud")), "--fail-on", "warning", str(path)]
    for command in (["qpdf", "--check", str(path)], outloud):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    Draft202012Validator(schemas()["tableau-de-bord"]).validate(json.loads(made.data))
    page = html.fromstring(as_page(made))
    assert len(page.xpath("//@id")) == len(set(page.xpath("//@id")))


def test_the_same_readings_give_the_same_savings_after_they_were_kept(years: SobrietySubject, tmp_path: Path) -> None:
    for reading in years.readings:
        history.keep(tmp_path, reading)
    kept = history.read_all(tmp_path, "lab")
    (again,) = documents(replace(years, reading=kept[-1], readings=kept), ORIGIN, ["tableau-de-bord"])
    (first,) = documents(years, ORIGIN, ["tableau-de-bord"])
    before, after = (json.loads(document.data)["content"] for document in (first, again))
    assert after["since"] == before["since"]
    assert after["alerts"] == before["alerts"]


def test_a_small_service_is_never_alone() -> None:
    def of(name: str, conforming: int, count: int) -> Share:
        return Share("F1", "service", name, conforming, count, 100 * conforming / count)

    shares = [of("Agents", 90, 100), of("Accueil", 6, 8), of("Cabinet", 1, 2), of("Élus", 0, 1), of("Inconnu", 3, 4)]
    sizes = {"Agents": 100, "Accueil": 8, "Cabinet": 2, "Élus": 1}
    site = Share("F1", "site", "ccas", 1, 2, 50.0)
    # Cabinet, Élus and the service of unknown size have three computers: the smallest of the others joins them.
    together = Share("F1", "service", "Petits services, ensemble", 10, 15, pytest.approx(200 / 3))
    assert grouped([*shares, site], sizes, 5) == [of("Agents", 90, 100), site, together]
    assert grouped(shares[:2], sizes, 5) == shares[:2]
    before = [Share("F6", "service", "Élus", 80, 100, -20.0), Share("F6", "service", "Cabinet", 60, 100, -40.0)]
    assert grouped(before, sizes, 5)[0].value == pytest.approx(-30)
