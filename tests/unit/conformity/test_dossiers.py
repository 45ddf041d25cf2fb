"""The clauses on dossiers fall with each committed page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from piste.papers.dossier import operations_text
from piste.papers.dossier.operations import TITLES
from piste.sites import committed
from piste.sites import conformity as judging
from piste.sites.conformity import judge
from piste.town import declared
from tests.unit.conformity.test_clauses import DAY, good

DOSSIERS = {
    "R137": {"architecture", *(exploited := [name for name in TITLES if name.startswith("exploitation-")])},
    "R138": {"catalogue-interfaces"},
    "R141": {*exploited},
}


def test_the_clauses_on_dossiers_fall_with_each_committed_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "today", lambda: date.fromisoformat(DAY))
    monkeypatch.setattr(operations_text, "DOCS", tmp_path)
    pages = [*operations_text.pages(declared.derived("lab"))]
    monkeypatch.setattr(committed, "pages", lambda _: [page._replace(missing=0) for page in pages])
    for page in pages:
        page.path.write_text(page.text, "utf-8")

    def fallen() -> dict[str, str]:
        others = [each for each in good().findings if not each.id.startswith(committed.SUBJECT)]
        judged = judge(replace(good(), findings=[*others, *committed.findings()]), DOSSIERS)
        return {id_: judged[id_].verdict for id_ in DOSSIERS}

    assert fallen() == dict.fromkeys(DOSSIERS, "kept")
    for page in pages:
        page.path.write_text(page.text.replace("a", "b", 1), "utf-8")
        assert fallen() == {id_: "broken" if page.path.stem in of else "kept" for id_, of in DOSSIERS.items()}
        page.path.unlink()
        (unread,) = (seen for seen in committed.findings() if seen.state == "unknown")
        assert unread.what == f"docs/exploitation/{page.path.name} ne se lit pas : il n’est pas là"
        assert fallen() == {id_: "unknown" if page.path.stem in of else "kept" for id_, of in DOSSIERS.items()}
        page.path.write_text(page.text, "utf-8")
    monkeypatch.setattr(committed, "pages", lambda _: [page._replace(missing=2) for page in pages])
    assert fallen() == dict.fromkeys(DOSSIERS, "unknown"), "what is to be filled in is not delivered"


def test_the_facts_have_the_dossiers_whatever_findings_are_given() -> None:
    known = judging.facts(declared.derived("lab"), "lab", [], [])
    assert {finding.id for finding in known.findings} == {
        "transfer.invoices", *(f"{committed.SUBJECT}.{name}" for name in TITLES),
    }  # fmt: skip
