"""The paper of conformity: each clause, its verdict, its evidence, counted as printed."""

from __future__ import annotations

from collections import Counter

from piste.papers.frameworks.clauses import frameworks
from piste.sites.conformity import Facts, judge
from piste.sites.conformity_paper import headline, paper, sections

MOMENT = "2026-11-30T10:00:00+00:00"


def test_the_paper_has_each_clause_and_counts_what_it_prints() -> None:
    judged = judge(Facts())
    lost = next(iter(frameworks()["logs"].clauses))
    judged[lost] = judged[lost]._replace(verdict="broken")
    asked = [*frameworks().values()]
    subject = paper(asked, judged, "Le Bourget", MOMENT)
    printed = {
        row.key: (table.key.rpartition("-")[2], [cell.text for cell in row.cells])
        for section in sections(subject.content, subject)
        for table in section.blocks
        if table.kind == "table" and section.key != "decision"
        for row in table.rows
    }
    assert {*printed} == {id_ for framework in asked for id_ in framework.clauses}
    for id_, (verdict, cells) in printed.items():
        made = judged[id_]
        assert verdict == made.verdict
        assert made.clause.who in cells[-1]
        assert all(piece.said in cells[3] for piece in made.lacking or made.evidence)
    counts = Counter(made.verdict for made in judged.values())
    said = headline(subject.content)
    assert said.mark == "bad"
    assert said.text.startswith(f"{len(judged)} clauses : {counts['broken']} non tenue")
    assert f"{counts['unknown']} inconnues" in said.text


def test_the_paper_of_a_framework_is_named_after_it() -> None:
    framework = frameworks()["logs"]
    subject = paper([framework], judge(Facts()), "Le Bourget", MOMENT)
    assert (subject.name, [*subject.content.frameworks]) == (framework.title, ["logs"])
