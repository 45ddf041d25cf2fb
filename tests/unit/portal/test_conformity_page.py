"""The page of conformity: each edition lists each clause that it counts."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html

from piste.engine.words import in_french
from piste.exports.portal.page import Audience
from piste.papers.frameworks.clauses import frameworks
from piste.sites.conformity import WORDS, Facts, judge
from tests.support.portal import known, rendered


@pytest.mark.parametrize("audience", ["town", "engineer"])
def test_each_edition_lists_each_clause_that_it_counts(audience: Audience) -> None:
    clauses = judge(Facts())
    id_ = next(iter(frameworks()["logs"].clauses))
    clauses[id_] = clauses[id_]._replace(verdict="broken")
    made = rendered(known(conformity=clauses), audience, "conformite.html")["conformite.html"]
    page: Any = html.fromstring(made.decode())
    text = in_french(" ".join(page.text_content().split()))
    for framework in frameworks().values():
        verdicts = [clauses[each].verdict for each in framework.clauses]
        for verdict, words in WORDS.items():
            count = verdicts.count(verdict)
            said = in_french(f"{words.capitalize()} ({count})")
            assert (said in text) == bool(count or verdict == "broken"), said
    names = [row.text_content() for row in page.xpath("//main//tbody/tr/th")]
    assert {*clauses} <= {*names}
    assert ("À faire" in text) == (audience == "engineer")
    assert "Aucune clause n’est rompue" not in text
