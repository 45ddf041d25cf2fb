"""The page of conformity: each framework, each clause, its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piste.engine.clock import DAY, in_town
from piste.exports.portal.known import Known
from piste.exports.portal.page import Audience, Page, Part
from piste.papers.dossier.blocks import Cell, Column, Mark, Section, Table, Text, optional
from piste.papers.frameworks.clauses import Framework, frameworks
from piste.sites.conformity import WORDS, Judged, Verdict, count

_MARKS: Mapping[Verdict, Mark | None] = {"kept": "good", "broken": "bad", "unknown": "doubt", "outside": None}
_SIGNS: Mapping[Verdict, str] = {"kept": "✓ ", "broken": "✗ ", "unknown": "? ", "outside": ""}
_LEAD = (
    "Chaque clause, ce qui la prouve, ce qui lui manque, qui agit. Une clause dont une preuve manque est inconnue ; "
    "aucune n’est tenue par une phrase."
)


def conformity(known: Known) -> Page:
    """Make the page: counts and what is not kept for the town, every clause for engineers."""
    parts = [Part(Section("frameworks", "Référentiels", [_counts(known)]), "town")]
    for framework in frameworks().values():
        title = framework.title + (" (volontaire)" if framework.voluntary else "")
        broken = [made for made in _of(framework, known) if made.verdict == "broken"]
        parts += [
            Part(Section(framework.name, title, [_table(framework, broken, "town")]), "town", only=True),
            Part(Section(framework.name, title, [Text(framework.source), _table(framework, [*_of(framework, known)])])),
        ]
    return Page("conformite.html", "Le contrat est-il tenu", parts, menu="Conformité", lead=_LEAD)


def _of(framework: Framework, known: Known) -> Iterator[Judged]:
    """Yield the clauses of a framework, the worst first."""
    order = [*WORDS]
    yield from sorted((known.conformity[id_] for id_ in framework.clauses), key=lambda made: order.index(made.verdict))


def _counts(known: Known) -> Table:
    rows = [(framework, count(framework, known.conformity)) for framework in frameworks().values()]
    return Table.of(
        "counts", "Clauses par référentiel", rows, lambda row: row[0].name,
        (Column("framework", "Référentiel", 4), lambda row: Cell(row[0].title, link=f"conformite.html#{row[0].name}")),
        *(
            (Column(verdict, words.capitalize()), lambda row, verdict=verdict: Cell(str(getattr(row[1], verdict))))
            for verdict, words in WORDS.items()
        ),
        (Column("acts", "Par l’acte d’une personne seule", 2), lambda row: Cell(str(row[1].acts))),
    )  # fmt: skip


def _table(framework: Framework, shown: list[Judged], audience: Audience = "engineer") -> Table:
    whole = audience == "engineer"
    return Table.of(
        f"clauses[{framework.name}]", framework.title if whole else "Non tenues", shown, lambda made: made.clause.id,
        (Column("clause", "Clause"), lambda made: Cell(made.clause.id)),
        (Column("place", "Place"), lambda made: Cell(made.clause.place)),
        (Column("says", "Ce qui est demandé", 4), lambda made: Cell(made.clause.says)),
        (Column("verdict", "Verdict", 1.5), _verdict),
        (Column("since", "Depuis", 1), lambda made: optional(in_town(made.since, DAY) if made.since else "")),
        *(((Column("evidence", "Preuve", 5), _evidence), (Column("todo", "À faire", 3), _todo)) if whole else ()),
        (Column("who", "Qui", 1.5), lambda made: Cell(made.clause.who)),
        empty="Aucune clause n’est rompue, d’après ce qui est lu.",
    )  # fmt: skip


def _verdict(made: Judged) -> Cell:
    return Cell(f"{_SIGNS[made.verdict]}{WORDS[made.verdict]}", _MARKS[made.verdict])


def _evidence(made: Judged) -> Cell:
    return Cell(" ; ".join(piece.said for piece in made.lacking or made.evidence))


def _todo(made: Judged) -> Cell:
    return optional(" ; ".join(made.todo))
