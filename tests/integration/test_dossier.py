"""`piste dossier` as an operator runs it, and its pages judged by axe in Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from playwright.sync_api import Browser

from piste.cli import main
from piste.papers.dossier.document import KINDS, PARTY_KINDS, TOWN_KINDS
from piste.sites.dossiers import subjects
from tests.support.axe import chromium, doubts, drawn_contrasts, judged, violations
from tests.support.dossier import SCHOOL, kept, town

PAGES = 2 * len(KINDS) - 1 + len(TOWN_KINDS) + len(PARTY_KINDS)
SMALL, LARGE = "cimetiere", "hotel-de-ville"
"""Sites that are not verified."""
BROKEN = '<!DOCTYPE html><html><head><title></title></head><body><div style="color:#aaa">pâle</div></body></html>'


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the documents of the town, of a provider, of a verified school and of a small site."""
    folder, tests = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("tests")
    kept(tests / "lab")
    given = ["dossier", "commune", "ineo", SCHOOL, SMALL, "--out", str(folder)]
    done = CliRunner().invoke(main, given, env={"PISTE_VERIFICATIONS_DIR": str(tests)})
    assert done.exit_code == 0, done.output
    said = done.output.splitlines()
    assert sum(".pdf, .html, .json : " in line for line in said) == PAGES
    assert said[-1] == (
        f"Procès-verbal de recette : aucune vérification ; faites d’abord « piste verify {SMALL} »."
    )
    return folder


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the documents of the largest site."""
    folder = tmp_path_factory.mktemp("large")
    given = ["dossier", LARGE, "--out", str(folder)]
    done = CliRunner().invoke(main, given, env={"PISTE_VERIFICATIONS_DIR": str(folder)})
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_each_document_stands_in_three_forms_beside_its_schema(out: Path) -> None:
    names = [kind.name for kind in KINDS]
    files = {file.name for file in (out / SCHOOL).iterdir()}
    assert files == {f"{name}.{form}" for name in names for form in ("json", "html", "pdf")}
    assert not list((out / SMALL).glob("pv-recette.*"))
    for name in names:
        schema = json.loads((out / "schemas" / f"{name}.schema.json").read_bytes())
        Draft202012Validator(schema).validate(json.loads((out / SCHOOL / f"{name}.json").read_bytes()))


def _drawn(element: Any, pages: dict[Any, int]) -> Iterator[tuple[str, int]]:
    """List the drawings of a tagged PDF, as its text has them: words, page."""
    if not isinstance(element, pikepdf.Dictionary):
        return
    inner = element.get("/K")
    children = [*inner] if isinstance(inner, pikepdf.Array) else [inner]
    if element.get("/S") == "/Figure":
        within = [element, *(child for child in children if isinstance(child, pikepdf.Dictionary))]
        yield str(element.get("/Alt", "")), next(pages[part.Pg.objgen] for part in within if "/Pg" in part)
        return
    for child in children:
        yield from _drawn(child, pages)


@pytest.mark.parametrize(
    ("made", "name"),
    [("out", "commune/carte-reseau"), pytest.param("large", f"{LARGE}/fiche-site", marks=pytest.mark.story)],
)
def test_drawings_of_one_set_keep_their_order_on_paper(request: pytest.FixtureRequest, made: str, name: str) -> None:
    with pikepdf.open(request.getfixturevalue(made) / f"{name}.pdf") as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        drawn = [*_drawn(pdf.Root.StructTreeRoot, numbers)]
    parts = [(words, page) for words, page in drawn if " sur 2)" in words]
    assert [words.partition(")")[0][-len("1 sur 2") :] for words, _ in parts] == ["1 sur 2", "2 sur 2"]
    assert [page for _, page in parts] == sorted(page for _, page in parts)


def test_a_second_run_writes_the_same_bytes(out: Path, tmp_path: Path) -> None:
    given = ["dossier", SMALL, "--out", str(tmp_path)]
    assert CliRunner().invoke(main, given, env={"PISTE_VERIFICATIONS_DIR": str(tmp_path)}).exit_code == 0
    files = sorted(file.name for file in (tmp_path / SMALL).iterdir())
    assert len(files) == 3 * (len(KINDS) - 1)
    for name in files:
        assert (tmp_path / SMALL / name).read_bytes() == (out / SMALL / name).read_bytes(), name


def _with_new_elements(pages: list[Path]) -> list[Path]:
    """Choose the pages that have an element, or a class of it, that those before do not have."""
    known, chosen = set[str](), list[Path]()
    for page in pages:
        has = {*re.findall(r'<\w+(?: class="[^"]*")?', page.read_text("utf-8"))}
        if has - known:
            chosen.append(page)
            known |= has
    return chosen


@pytest.mark.parametrize(
    ("made", "about", "each"),
    [
        ("out", ("commune", "ineo", SCHOOL), False),
        pytest.param("out", ("commune", "ineo", SCHOOL), True, marks=pytest.mark.story),
        pytest.param("large", (LARGE,), True, marks=pytest.mark.story),
    ],
    ids=["each element", "each kind", "the largest site"],
)
def test_axe_finds_no_violation_in_any_page(
    request: pytest.FixtureRequest, browser: Browser, tmp_path: Path, made: str, about: tuple[str, ...], each: bool
) -> None:
    out, town_wide = request.getfixturevalue(made), made == "out"
    pages = [path for name in about for path in sorted((out / name).glob("*.html"))]
    assert len(pages) == (len(KINDS) + len(TOWN_KINDS) + len(PARTY_KINDS) if town_wide else len(KINDS) - 1)
    if not each:
        pages = _with_new_elements(pages)
    faulty = tmp_path / "broken.html"
    faulty.write_text(BROKEN, encoding="utf-8")
    page = browser.new_context(locale="fr-FR", offline=True).new_page()
    broken = {}
    for path in [*pages, faulty]:
        page.goto(path.as_uri())
        said = judged(page)
        faint = [text for text, ratio in drawn_contrasts(page) if ratio < 4.5]
        broken[path] = [*(rule["id"] for rule in said["violations"]), *doubts(said), *faint]
    assert {"html-has-lang", "color-contrast", "landmark-one-main"} <= set(broken.pop(faulty))
    assert {path: rules for path, rules in broken.items() if rules} == {}


def test_a_page_is_read_in_the_dark_on_a_small_screen_by_keyboard(browser: Browser, out: Path) -> None:
    small = browser.new_context(
        locale="fr-FR", offline=True, color_scheme="dark", viewport={"width": 320, "height": 640}
    )
    page = small.new_page()
    page.goto((out / "commune/carte-reseau.html").as_uri())
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    region = page.locator(".drawn").first
    region.focus()
    page.keyboard.press("ArrowRight")
    deadline = monotonic() + 5
    while not (moved := region.evaluate("node => node.scrollLeft")) and monotonic() < deadline:
        page.wait_for_timeout(20)
    assert moved > 0
    colours = region.locator("svg text").first.evaluate("text => getComputedStyle(text).fill")
    assert colours == "rgb(232, 237, 242)"


def test_all_are_the_town_the_sites_in_service_and_those_with_an_interface_plan(tmp_path: Path) -> None:
    ids = [subject.about.id for subject in subjects(town(), ["all"], "lab", tmp_path)]
    assert ids[0] == "commune"
    assert len(ids) == 21 + 6
    assert ids[21:] == ["kyocera", "sfr-business", "ineo", "inmac-wstore", "bouygues-services", "titulaire-sortant"]
    assert {SCHOOL, "police-municipale"} < set(ids)
    assert "nouveau-site" not in ids


def test_tests_of_the_laboratory_make_no_report_of_the_town(tmp_path: Path) -> None:
    kept(tmp_path / "tests")
    given = ["dossier", SCHOOL, "--environment", "production", "--tests", str(tmp_path / "tests")]
    done = CliRunner().invoke(main, [*given, "--out", str(tmp_path / "out")])
    assert done.exit_code == 4
    assert "20261124T170000Z-0a1b2c est celle de « lab », pas de « production »" in done.output
    assert not (tmp_path / "out").exists()


def test_a_site_that_nobody_declares_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["dossier", "ecole-jaure", "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "« ecole-jaure » n’est ni un site de la déclaration, ni un tiers" in done.output
    assert "ecole-jaures" in done.output
    assert not (tmp_path / "out").exists()
