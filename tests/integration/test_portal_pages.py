"""The portal in Chromium: axe, both themes, a phone, the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from piste.portal.write import contents, write
from tests.support.dossier import SCHOOL
from tests.support.portal import known

CHROMIUM = "/usr/bin/chromium"
JUDGED = ("index", f"sites/{SCHOOL}", "sauvegardes", "journal", "lacunes", "accessibilite")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("portail")
    write(place, contents(known(), "engineer"))
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def page_of(browser: Browser, width: int = 1200, **how: object) -> Page:
    return browser.new_context(
        locale="fr-FR", offline=True, viewport={"width": width, "height": 800}, **how  # type: ignore[arg-type]
    ).new_page()  # fmt: skip


def test_axe_finds_no_violation_in_light_nor_in_dark(browser: Browser, folder: Path) -> None:
    violations = {}
    for scheme in ("light", "dark"):
        page = page_of(browser, color_scheme=scheme)
        for name in JUDGED:
            page.goto((folder / f"{name}.html").as_uri())
            violations[scheme, name] = [rule["id"] for rule in Axe().run(page).response["violations"]]
    assert {place: rules for place, rules in violations.items() if rules} == {}


def test_a_phone_and_a_zoom_of_200_per_cent_scroll_in_one_direction(browser: Browser, folder: Path) -> None:
    page = page_of(browser, width=320)
    for name in (*JUDGED, "flux", "recherche"):
        page.goto((folder / f"{name}.html").as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{name} is {width} pixels wide"


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
    assert 0 < shown.count() < 20
    assert "sur" in page.locator("[role=status]").inner_text()
    shown.get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/sites/{SCHOOL}.html")
    assert faults == []


def test_without_a_script_every_thing_is_there(browser: Browser, folder: Path) -> None:
    page = page_of(browser, java_script_enabled=False)
    page.goto((folder / "recherche.html").as_uri() + "?q=sw-jau-02")
    assert page.locator("main tbody tr:visible").count() > 100
