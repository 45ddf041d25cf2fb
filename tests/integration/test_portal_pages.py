"""The portal in Chromium: axe, both themes, a phone, a zoom, paper, the keyboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from piste.engine.finding import Finding
from piste.exports.portal.filed import filed
from piste.exports.portal.write import contents, write
from tests.support.axe import chromium, doubts, drawn_contrasts, judged, violations
from tests.support.breadth import breadth
from tests.support.dossier import SCHOOL
from tests.support.portal import SITES, few, known
from tests.support.sobriety_years import readings
from tests.unit.portal.test_documents import shelf
from tests.unit.portal.test_plans import PLANS
from tests.unit.portal.test_supervision import month, watched

JUDGED = (
    "index", f"sites/{SCHOOL}", "flux", "supervision", "conformite", "rapports", "documents", "sauvegardes", "sobriete",
    "journal", "lacunes", "accessibilite", "recherche", f"recherche/{SCHOOL}", "carte", "certificats", "comptes",
    "annuaire", "locataire", "mentions", "executions/20261127T050000Z-0a1b2c",
)  # fmt: skip
SHAPES = (*JUDGED[:4], "sobriete", "recherche")
"""One page of each shape: tiles, a drawing, a matrix, long lists, charts, the search."""
CUT = """() => [...document.querySelectorAll("h1, h2, h3, main p, dt, dd, summary, nav a, button, figcaption")]
  .filter((part) => part.checkVisibility() && (part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0))
  .map((part) => part.textContent)"""
"""The texts that are wider than their place: a reader loses their end."""
TABLED = "places => places.filter((place) => document.querySelector(place).closest('table') !== null)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("portail")
    restores = [Finding(f"restores.{name}", "unknown", f"{name} : jamais prouvée") for name in "abcd"]
    wrong = Finding("journal", "wrong", "un enregistrement a été retouché", "piste journal verify")
    documents = filed(shelf(tmp_path_factory.mktemp("dossiers")), few(), "lab")
    facts = known(
        findings=[*restores, wrong], sobriety=readings(2)[-1], living=watched("sw-jau-02"), links=[month(50)],
        documents=documents, plans=PLANS,
    )  # fmt: skip
    write(place, contents(facts, "engineer"))
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


class Quiet(SimpleHTTPRequestHandler):
    policy = ""

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Strict(Quiet):
    policy = "default-src 'self'"


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[str, str]]:
    """Serve the portal as it is, and under a policy."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, directory=folder)) for kind in (Quiet, Strict)]
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    free, strict = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    yield free, strict
    for server in servers:
        server.shutdown()
        server.server_close()


def page_of(browser: Browser, width: int = 1200, **how: object) -> Page:
    return browser.new_context(
        locale="fr-FR", offline=True, viewport={"width": width, "height": 800}, **how  # type: ignore[arg-type]
    ).new_page()  # fmt: skip


@pytest.mark.parametrize("names", [JUDGED[:6], pytest.param(JUDGED, marks=pytest.mark.story)], ids=["some", "each"])
def test_axe_finds_no_violation_in_light_nor_in_dark(browser: Browser, folder: Path, names: Sequence[str]) -> None:
    broken, undetermined, faint = {}, {}, {}
    # The dark changes colours alone.
    for scheme, most, rules in (("light", len(names), {}), ("dark", 6, {"runOnly": ["color-contrast"]})):
        page = page_of(browser, color_scheme=scheme)
        for name in names[:most]:
            page.goto((folder / f"{name}.html").as_uri())
            said = judged(page, **rules)
            broken[scheme, name] = [rule["id"] for rule in said["violations"]]
            doubted = [rule["nodes"] for rule in said["incomplete"] if rule["id"] == "color-contrast"]
            places = [node["target"][0] for nodes in doubted for node in nodes]
            undetermined[scheme, name] = [*page.evaluate(TABLED, places), *doubts(said)]
            faint[scheme, name] = [text for text, ratio in drawn_contrasts(page) if ratio < 4.5]
    assert {place: rules for place, rules in broken.items() if rules} == {}
    assert {place: texts[:3] for place, texts in undetermined.items() if texts} == {}
    assert {place: texts[:3] for place, texts in faint.items() if texts} == {}


@pytest.mark.parametrize(
    ("width", "scale", "names"),
    breadth([(320, 1, SHAPES), *((width, scale, JUDGED) for width, scale in ((320, 1), (640, 2)))], [(320, 1, SHAPES)]),
    ids=["a phone", "a phone, each", "a zoom, each"],
)
def test_a_phone_and_a_zoom_of_200_per_cent_lose_nothing(
    browser: Browser, folder: Path, width: int, scale: int, names: Sequence[str]
) -> None:
    page = page_of(browser, width=width, device_scale_factor=scale)
    for name in (*names, "carte"):
        page.goto((folder / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(CUT) == [], name


def test_the_state_of_a_site_is_beside_its_name_on_a_phone(browser: Browser, folder: Path) -> None:
    page = page_of(browser, width=320)
    page.goto((folder / "index.html").as_uri())
    state = page.locator("#sites ~ .wide tbody td:nth-child(2)").first.bounding_box()
    assert state is not None
    assert state["x"] + state["width"] <= 320


def test_paper_has_the_text_alone_whole_and_its_heads_on_every_sheet(browser: Browser, folder: Path) -> None:
    page = page_of(browser, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    for name in ("index", f"sites/{SCHOOL}", "sobriete"):
        page.goto((folder / f"{name}.html").as_uri())
        assert page.locator("nav:visible, form:visible, .skip:visible").count() == 0, name
        assert page.locator("h1").is_visible()
        folded = page.locator("details:not([open]) tbody tr")
        assert folded.count() > 0 or name.startswith("sites"), name
        assert folded.evaluate_all("rows => rows.every((row) => row.checkVisibility())"), name
        style = "part => [getComputedStyle(part).display, getComputedStyle(part).breakInside]"
        heads = page.locator("table:not(.facts) thead").evaluate_all(f"parts => parts.map({style})")
        assert {display for display, _ in heads} <= {"table-header-group"}, name
        rows = page.locator("main tbody tr").evaluate_all(f"parts => parts.map({style})")
        assert {inside for _, inside in rows} <= {"avoid"}, name
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


FOUND = "[role=status]:text-matches('résultat|Rien')"
"""The answer of the search, once every list is there."""


def test_paper_has_of_the_search_what_is_found_or_the_names_of_the_lists(browser: Browser, folder: Path) -> None:
    page = page_of(browser)
    page.emulate_media(media="print")
    page.goto((folder / "recherche.html").as_uri())
    assert page.locator("main tbody tr:visible").count() == len(SITES) + 1
    page.goto((folder / "recherche.html").as_uri() + "?q=sw-jau-02")
    assert "pour « sw-jau-02 »" in page.locator(FOUND).inner_text()
    assert 0 < page.locator("main tbody tr:visible").count() < 20


def test_a_chart_follows_the_dark(browser: Browser, folder: Path) -> None:
    paints = {}
    for scheme in ("light", "dark"):
        page = page_of(browser, color_scheme=scheme)
        page.goto((folder / f"sites/{SCHOOL}.html").as_uri())
        label = page.locator(".drawn svg text", has_text="sw-jau-01").first
        paints[scheme] = label.evaluate("part => getComputedStyle(part).fill")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != paints[scheme]
    assert paints["light"] != paints["dark"]


def test_the_keyboard_reads_the_contents_unfolds_a_list_and_follows_a_tile(browser: Browser, folder: Path) -> None:
    page = page_of(browser)
    page.goto((folder / "index.html").as_uri())
    page.locator("nav.summary a[href='#alerts']").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#alerts"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('section').getAttribute('aria-labelledby')") == "alerts"
    summary = page.locator("summary").first
    summary.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    row = page.locator("details tbody tr").first
    assert not row.is_visible()
    page.keyboard.press("Enter")
    assert row.is_visible()
    page.locator(".drawn svg a").first.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.locator(".tiles a").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#sites"


def test_each_cell_of_the_matrix_leads_to_its_rules(browser: Browser, folder: Path) -> None:
    page = page_of(browser)
    page.goto((folder / "flux.html").as_uri())
    cells = page.locator("#matrix ~ .wide tbody a")
    assert cells.count() > 2
    for cell in cells.all():
        cell.focus()
        page.keyboard.press("Enter")
        place = page.locator(":target")
        assert place.is_visible()
        assert place.locator("xpath=..").locator("tbody tr").count() > 0


def test_the_keyboard_skips_to_the_content_and_finds_a_thing(browser: Browser, folder: Path) -> None:
    page = page_of(browser)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.goto((folder / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    page.locator("#q").focus()
    page.keyboard.type("sw-jau-02")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche.html?q=sw-jau-02")
    shown = page.locator("main tbody tr:visible")
    assert "résultat" in page.locator(FOUND).inner_text()
    assert 0 < shown.count() < 20
    page.locator("#q").fill("commutateur sw-jau-02")
    assert {row.locator("td").first.inner_text() for row in shown.all()} == {"Commutateur"}
    page.locator("#q").fill("-")
    assert shown.count() == 200
    assert "200 premiers" in page.locator("[role=status]").inner_text()
    page.locator("#q").fill("")
    assert shown.count() == len(SITES) + 1
    page.locator("#q").fill("rien-de-tel")
    assert page.locator("main tbody tr:visible").count() == 0
    assert page.locator("[role=status]").inner_text() == "Rien de ce nom."
    page.locator("#q").fill("sw-jau-02")
    assert faults == []
    assert violations(page) == []
    shown.get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/sites/{SCHOOL}.html")


def test_a_list_that_is_not_there_is_unknown_and_the_others_are_searched(browser: Browser, folder: Path) -> None:
    page = page_of(browser)
    page.route(f"**/recherche/{SCHOOL}.js", lambda route: route.abort())
    page.goto((folder / "recherche.html").as_uri() + "?q=sw-jau-02")
    answer = page.locator(FOUND).inner_text()
    assert answer == "Rien de ce nom. Inconnu : 1 liste ne se lit pas."
    page.locator("#q").fill("mediatheque")
    assert page.locator("main tbody tr:visible").count() > 0


def test_without_a_script_every_thing_is_there(browser: Browser, folder: Path) -> None:
    page = page_of(browser, java_script_enabled=False)
    page.goto((folder / "recherche.html").as_uri() + "?q=sw-jau-02")
    links = page.locator('main a[href^="recherche/"]')
    assert links.count() == len(SITES) + 1
    page.locator(f'main a[href="recherche/{SCHOOL}.html"]').click()
    assert page.locator("main tbody tr").count() > 100
    lists = page.locator("main details")
    lists.first.locator("summary").click()
    assert lists.first.locator("tbody tr").first.is_visible()


WIDTHS = """() => [...document.querySelectorAll("thead th, .tiles > div, svg")]
  .filter((part) => part.checkVisibility()).map((part) => Math.round(part.getBoundingClientRect().width))"""


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.story)], ids=["shapes", "every page"])
def test_a_strict_policy_refuses_nothing_of_a_page_and_moves_no_column(
    browser: Browser, folder: Path, served: tuple[str, str], every: bool
) -> None:
    wide: dict[str, list[list[int]]] = {}
    refused: list[str] = []
    for place in served:
        page = browser.new_context(locale="fr-FR", viewport={"width": 1200, "height": 800}).new_page()
        page.on("console", lambda message: refused.append(message.text))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.log(event.violatedDirective))"
        )
        for path in sorted(folder.rglob("*.html")):
            name = path.relative_to(folder).as_posix()
            if not name.startswith("documents/") and (every or name.removesuffix(".html") in SHAPES):
                page.goto(f"{place}/{name}")
                wide.setdefault(name, []).append(page.evaluate(WIDTHS))
    assert refused == []
    assert {name for name, (free, strict) in wide.items() if free != strict} == set()
    page.goto(f"{served[1]}/recherche.html?q=sw-jau-02")
    assert "résultat" in page.locator(FOUND).inner_text()


def test_columns_have_the_widths_that_their_table_asks_for(browser: Browser, folder: Path) -> None:
    page = page_of(browser)
    page.goto((folder / "sobriete.html").as_uri())
    table = page.locator("main table").first
    shares = table.evaluate(
        "table => [...table.querySelectorAll('thead th')].map((head) => head.offsetWidth / table.offsetWidth)"
    )
    names = table.locator("col").evaluate_all("parts => parts.map(part => part.className)")
    asked = [int(name.removeprefix("w-")) / 100 for name in names]
    assert all(abs(share - part) < 0.04 for share, part in zip(shares, asked, strict=True)), (shares, asked)
