"""Pages of sobriety judged by axe in Chromium, those of unknown figures too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from piste.papers.dossier.forms import as_page
from piste.sobriety.documents import documents
from tests.support.axe import chromium, violations
from tests.support.dossier import ORIGIN
from tests.support.sobriety import LEVER, sobriety, unread
from tests.support.sobriety_years import subject as years


def test_axe_finds_no_violation_in_any_page(tmp_path: Path) -> None:
    lacking = replace(unread(sobriety()), contact=None)
    pages = {document.name: document for document in documents(sobriety(tmp_path), ORIGIN, levers=[LEVER])}
    pages |= {f"unread-{document.name}": document for document in documents(lacking, ORIGIN, ["tableau-de-bord"])}
    pages |= {f"years-{document.name}": document for document in documents(years(), ORIGIN, ["tableau-de-bord"])}
    assert len(pages) == 9
    with chromium() as browser:
        page = browser.new_context(locale="fr-FR", offline=True).new_page()
        broken = {}
        for name, document in pages.items():
            path = tmp_path / f"{name}.html"
            path.write_text(as_page(document), encoding="utf-8")
            page.goto(path.as_uri())
            broken[name] = violations(page)
    assert {name: rules for name, rules in broken.items() if rules} == {}
