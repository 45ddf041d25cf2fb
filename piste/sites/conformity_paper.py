"""The conformity of the town as a paper to sign: every clause, its evidence, who acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Mark, Section, Table, Text, optional
from piste.papers.dossier.decision import decided
from piste.papers.dossier.document import Envelope, Kind
from piste.papers.dossier.life.paper import PARTIES, Paper, content
from piste.papers.frameworks.clauses import Framework
from piste.sites.conformity import WORDS, Judged, Verdict, row
from piste.town.model.forms import Record

_MARKS: Mapping[Verdict, Mark | None] = {"broken": "bad", "unknown": "doubt", "kept": "good", "outside": None}
_SAYS = (
    "Chaque clause est jugée par ce qui fut lu, essayé ou inscrit, sans interroger aucun système. Une clause dont une "
    "preuve manque est inconnue ; aucune n’est tenue par une phrase. Les actes de personnes et les clauses hors "
    "périmètre ont leur raison."
)


class ClauseRow(Record):
    """A clause and its verdict; `evidence` is what lacks, or all that it rests on."""

    clause: str
    place: str
    says: str
    verdict: Literal["broken", "unknown", "kept", "outside"]
    since: str
    who: str
    evidence: str
    todo: str


class FrameworkRecord(Record):
    title: str
    source: str
    voluntary: bool
    clauses: list[ClauseRow]


class ConformityRecord(Record):
    """The data of the document."""

    frameworks: dict[str, FrameworkRecord]


def paper(
    frameworks: Sequence[Framework], judged: Mapping[str, Judged], town: str, moment: str
) -> Paper[ConformityRecord]:
    """Give the subject of the document of some frameworks, at a moment in UTC."""
    record = ConformityRecord(
        frameworks={
            framework.name: FrameworkRecord(
                title=framework.title,
                source=framework.source,
                voluntary=framework.voluntary,
                clauses=[_row(judged[id_]) for id_ in framework.clauses],
            )
            for framework in frameworks
        }
    )
    about = frameworks[0].title if len(frameworks) == 1 else agreed(len(frameworks), "référentiel(s)")
    return Paper(record, "conformite", about, "ce que chaque clause demande et ce qui la prouve", town, observed=moment)


def _row(made: Judged) -> ClauseRow:
    said = row(made)
    return ClauseRow.model_validate({name: said[name] for name in ClauseRow.model_fields})


def headline(record: ConformityRecord) -> Cell:
    """Count the verdicts of all frameworks."""
    counts = Counter(each.verdict for framework in record.frameworks.values() for each in framework.clauses)
    mark: Mark = "bad" if counts["broken"] else "doubt" if counts["unknown"] else "good"
    said = (f"{counts[verdict]} {words}{'s' if verdict != 'outside' and counts[verdict] > 1 else ''}"
            for verdict, words in WORDS.items())  # fmt: skip
    return Cell(f"{agreed(counts.total(), 'clause(s)')} : {', '.join(said)}.", mark)


def sections(record: ConformityRecord, subject: Paper[ConformityRecord]) -> Iterator[Section]:
    """Print the clauses of each framework, the worst first."""
    yield Section("method", "Comment une clause est jugée", [Text(_SAYS)])
    for name, framework in record.frameworks.items():
        title = framework.title + (" (volontaire)" if framework.voluntary else "")
        made = [_table(name, verdict, framework.clauses) for verdict in WORDS]
        yield Section(name, title, [Text(framework.source), *(table for table in made if table.rows)])
    yield decided((), PARTIES[:2])


KIND: Kind[Paper[ConformityRecord]] = Kind(
    "conformite", "Conformité", Envelope[ConformityRecord], content, sections, observed=True, headline=headline
)


def _table(name: str, verdict: Verdict, clauses: Sequence[ClauseRow]) -> Table:
    mine = [each for each in clauses if each.verdict == verdict]
    return Table.of(
        f"{name}-{verdict}", f"{WORDS[verdict].capitalize()} : {agreed(len(mine), 'clause(s)')}", mine,
        lambda each: each.clause,
        (Column("clause", "Clause", 1.2), lambda each: Cell(each.clause, _MARKS[verdict])),
        (Column("says", "Ce qui est demandé", 3.4), lambda each: Cell(f"{each.says} ({each.place})")),
        (Column("since", "Depuis", 1.4), lambda each: optional(notation.day(each.since) if each.since else "")),
        (Column("evidence", "Preuve, ou ce qui manque", 4.6), lambda each: optional(each.evidence)),
        (Column("todo", "À faire, par qui", 4), lambda each: Cell(_asked(each))),
    )  # fmt: skip


def _asked(each: ClauseRow) -> str:
    return "\n".join(filter(None, (each.todo, f"Par : {each.who}")))
