"""The reserves of a paper that is signed: who lifts each, and none where nothing was judged."""

from __future__ import annotations

from piste.papers.dossier.blocks import Table
from piste.papers.dossier.decision import HOLDER, Reserve, decided, failing
from piste.papers.dossier.verification_record import Test, TestVerdict

AGAIN = "piste verify ccas : ce test conforme"


def said(test: str, verdict: TestVerdict) -> Test:
    return Test.model_construct(title=test, verdict=verdict)


def rows(reserves: list[Reserve] | None) -> list[list[str]]:
    table = decided((), ["Pour la Ville"], reserves).blocks[0]
    assert isinstance(table, Table)
    return [[str(cell.text) for cell in row.cells] for row in table.rows]


def test_what_is_kept_as_found_is_lifted_by_who_decides_of_it() -> None:
    tests = [said("Noms", "conform"), said("Voies", "wrong"), said("Passerelles", "kept")]
    people, ways, gateways = failing(["Une clé à rendre"], tests, AGAIN)
    assert people == Reserve("Une clé à rendre"), "nobody was given it"
    assert (ways.who, ways.how) == (HOLDER, AGAIN)
    assert (gateways.who, "docs/adopter.md" in gateways.how) == ("DSI", True)


def test_none_is_said_only_where_something_was_judged() -> None:
    assert rows([])[0][0] == "Aucune, au jour de ce document"
    unjudged = rows(None)
    assert not [row for row in unjudged if "Aucune" in row[0]]
    assert unjudged[0][0].startswith("À écrire")
    assert unjudged[1:] == [[""] * 4] * 2, "people write them"
