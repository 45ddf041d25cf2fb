"""The page of conformity: each framework, each clause, its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from piste.engine.clock import DAY, in_town
from piste.engine.words import agreed
from piste.exports.portal.known import Known
from piste.exports.portal.page import Audience, Page, Part
from piste.papers.dossier.blocks import Cell, Column, Mark, Section, Table, Text, optional
from piste.papers.frameworks.clauses import Framework, frameworks
from piste.sites.conformity import WORDS, Judged, Verdict, count

_MARKS: Mapping[Verdict, Mark | None] = {"kept": "good", "broken": "bad", "unknown": "doubt", "outside": None}
_SIGNS: Mapping[Verdict, str] = {"kept": "✓ ", "broken": "✗ ", "unknown": "? ", "outside": ""}
_LEAD = (
    "Chaque clause, son verdict, qui agit. Une clause dont une preuve manque est inconnue ; aucune n’est tenue par "
    "une phrase."
)


def conformity(known: Known) -> Page:
    """Make the page: counts, then every clause by verdict; the evidence is for engineers alone."""
    parts = [Part(Section("frameworks", "Référentiels", [_counts(known)]), "town")]
    for framework in frameworks().values():
        title = framework.title + (" (volontaire)" if framework.voluntary else "")
        parts += [
            Part(Section(framework.name, title, [*_tables(framework, known, "town")]), "town", only=True),
            Part(Section(framework.name, title, [Text(framework.source), *_tables(framework, known, "engineer")])),
        ]
    return Page("conformite.html", "Le contrat est-il tenu ?", parts, menu="Conformité", lead=_LEAD)


def _tables(framework: Framework, known: Known, audience: Audience) -> Iterator[Table]:
    """Yield the clauses of a framework by verdict; all but the broken are folded."""
    made = [known.conformity[id_] for id_ in framework.clauses]
    doubts = sum(each.verdict == "unknown" for each in made)
    none = f"Inconnu : {agreed(doubts, 'clause(s)')} sans verdict." if doubts else "Chaque clause a son verdict."
    for verdict, words in WORDS.items():
        mine = [each for each in made if each.verdict == verdict]
        if mine or verdict == "broken":
            # A folded list says its number by itself.
            folded, number = verdict != "broken", f" ({len(mine)})"
            caption = words.capitalize() + ("" if folded else number)
            yield replace(_table(f"{framework.name}-{verdict}", caption, mine, audience, none), folded=folded)


def _counts(known: Known) -> Table:
    rows = [(framework, count(framework, known.conformity)) for framework in frameworks().values()]
    return Table.of(
        "counts", "Clauses par référentiel", rows, lambda row: row[0].name,
        (Column("framework", "Référentiel", 4), lambda row: Cell(row[0].title, link=f"conformite.html#{row[0].name}")),
        *(
            (Column(verdict, words.capitalize()), lambda row, verdict=verdict: Cell(str(getattr(row[1], verdict))))
            for verdict, words in WORDS.items()
        ),
        (Column("acts", "Sur acte seul", 1.2), lambda row: Cell(str(row[1].acts))),
    )  # fmt: skip


def _table(key: str, caption: str, shown: list[Judged], audience: Audience, empty: str) -> Table:
    whole = audience == "engineer"
    return Table.of(
        key, caption, shown, lambda made: made.clause.id,
        (Column("clause", "Clause", 1), lambda made: Cell(made.clause.id)),
        (Column("place", "Place", 1.2), lambda made: Cell(made.clause.place)),
        (Column("says", "Ce qui est demandé", 4), lambda made: Cell(made.clause.says)),
        (Column("verdict", "Verdict", 2), _verdict),
        (Column("since", "Depuis", 1.2), lambda made: optional(in_town(made.since, DAY) if made.since else "")),
        *(((Column("evidence", "Preuve", 5), _evidence), (Column("todo", "À faire", 3.4), _todo)) if whole else ()),
        (Column("who", "Qui", 2), lambda made: Cell(made.clause.who)),
        empty=empty,
    )  # fmt: skip


def _verdict(made: Judged) -> Cell:
    return Cell(f"{_SIGNS[made.verdict]}{WORDS[made.verdict]}", _MARKS[made.verdict])


def _evidence(made: Judged) -> Cell:
    return Cell(" ; ".join(piece.said for piece in made.lacking or made.evidence))


def _todo(made: Judged) -> Cell:
    return optional(" ; ".join(made.todo))
