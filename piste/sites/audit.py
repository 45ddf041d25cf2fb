"""The first audit as a paper: what is known, what is wrong, the worst first (CCTP 4.1.1).

It concludes from the findings of kept readings: it asks no system.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from piste.engine.finding import GRAVITIES, Finding
from piste.engine.words import agreed
from piste.papers.dossier.blocks import Block, Cell, Column, Fact, Facts, Section, Table, Text, optional, required
from piste.papers.dossier.document import Envelope, Kind
from piste.papers.dossier.life.paper import Paper
from piste.readings.subject import Subject
from piste.town.model.forms import Record

GRAVITY = {"critical": "grave", "major": "importante", "minor": "mineure"}
SHOWN = 60
"""Findings of a gravity in the paper; the table beside it has all."""
LOGINS = frozenset({"accounts"})
"""Subjects whose findings have the logins of administrators: the town keeps them, a paper that circulates does not."""
_SAYS = (
    "Ce rapport conclut des dernières lectures, sans interroger aucun système. Ce que nul n’a lu, ou dont la lecture "
    "est trop ancienne, est inconnu : ni absent, ni conforme."
)
_PRIVATE = "Les constats de ce sujet concernent des personnes : ils sont comptés ici, et se lisent par piste findings."


class Judged(Record):
    """A subject: its findings by state, and the command that reads it."""

    name: str
    label: str
    wrong: int
    unknown: int
    ok: int
    again: str
    personal: bool


class Said(Record):
    """A finding to mend, as the paper prints it."""

    id: str
    gravity: str
    site: str
    what: str
    todo: str
    who: str


class Audit(Record):
    """The data of the document."""

    subjects: list[Judged]
    wrong: list[Said]


@dataclass(frozen=True, slots=True)
class Concluded:
    """An audit, and the findings that may be written down."""

    audit: Audit
    findings: Sequence[Finding]


def conclude(subjects: Sequence[Subject], every: Sequence[Finding]) -> Concluded:
    """Count the findings of judged subjects; leave those of persons out of what is written."""
    counts = Counter((finding.id.partition(".")[0], finding.state) for finding in every)
    personal = LOGINS | {subject.name for subject in subjects if subject.personal}
    listed = [finding for finding in every if finding.id.partition(".")[0] not in personal]
    judged = [
        Judged(
            name=subject.name, label=subject.label, wrong=counts[subject.name, "wrong"],
            unknown=counts[subject.name, "unknown"], ok=counts[subject.name, "ok"], again=subject.again,
            personal=subject.name in personal,
        )
        for subject in subjects if subject.judge
    ]  # fmt: skip
    wrong = [
        Said(id=seen.id, gravity=seen.gravity, site=seen.site, what=seen.what, todo=seen.todo, who=seen.who)
        for seen in sorted(listed, key=lambda seen: seen.rank)
        if seen.state == "wrong"
    ]
    return Concluded(Audit(subjects=judged, wrong=wrong), listed)


def hidden(audit: Audit) -> list[Judged]:
    """Give the subjects that nothing is known about."""
    return [subject for subject in audit.subjects if not subject.wrong and not subject.ok]


def headline(audit: Audit) -> Cell:
    """Say what is unknown first, then what is to mend."""
    unseen, wrong = len(hidden(audit)), sum(subject.wrong for subject in audit.subjects)
    of = f"{agreed(unseen, 'sujet(s) inconnu(s)')} sur {len(audit.subjects)}"
    return Cell(f"{of}, {agreed(wrong, 'constat(s)')} à corriger.", "bad" if wrong else "doubt" if unseen else "good")


def sections(audit: Audit, subject: Paper[Audit]) -> Iterator[Section]:
    """Print the report."""
    yield Section("short", "L’audit en bref", [_short(audit), Text(_SAYS)])
    yield Section("subjects", "Ce qui est connu, et ce qui ne l’est pas", [_subjects(audit)])
    yield Section("wrong", "Les constats, les plus graves d’abord", [*_wrong(audit)])


KIND: Kind[Paper[Audit]] = Kind(
    "audit", "Audit initial", Envelope[Audit], lambda subject: subject.content, sections, observed=True,
    headline=headline,
)  # fmt: skip


def _short(audit: Audit) -> Facts:
    unknown = sum(subject.unknown for subject in audit.subjects)
    known = Counter(said.gravity for said in audit.wrong)
    return Facts("L’audit", [
        Fact("hidden", "Sujets dont rien n’est connu", required(f"{len(hidden(audit))} sur {len(audit.subjects)}")),
        Fact("unknown", "Constats inconnus", required(unknown)),
        *(Fact(name, f"Constats de gravité {GRAVITY[name]}", required(known[name])) for name in GRAVITIES),
    ])  # fmt: skip


def _subjects(audit: Audit) -> Table:
    unseen = {subject.name for subject in hidden(audit)}
    ordered = sorted(audit.subjects, key=lambda subject: (subject.name not in unseen, -subject.wrong))
    return Table.of(
        "subjects", "Les sujets de l’audit", ordered, lambda subject: subject.name,
        (Column("label", "Sujet", 2.6), lambda subject: Cell(subject.label)),
        (Column("wrong", "À corriger", 1.3),
         lambda subject: Cell("inconnu", "doubt") if subject.name in unseen else Cell(str(subject.wrong))),
        (Column("unknown", "Inconnus", 1.3), lambda subject: Cell(str(subject.unknown))),
        (Column("ok", "Conformes", 1.3), lambda subject: Cell(str(subject.ok))),
        (Column("again", "Se relit par", 4, code=True), lambda subject: Cell(subject.again)),
        (Column("note", "Réserve", 3.5), lambda subject: optional(_PRIVATE if subject.personal else "")),
    )  # fmt: skip


def _wrong(audit: Audit) -> Iterator[Block]:
    for name in GRAVITIES:
        mine = [said for said in audit.wrong if said.gravity == name]
        yield Table.of(
            name, f"Gravité {GRAVITY[name]}", mine[:SHOWN], lambda said: said.id,
            (Column("site", "Site", 1.6), lambda said: optional(said.site)),
            (Column("what", "Constat", 5), lambda said: Cell(said.what)),
            (Column("todo", "Recommandation", 5), lambda said: optional(said.todo)),
            (Column("who", "Qui agit", 1.8), lambda said: optional(said.who)),
            empty="Aucun, parmi ce qui est connu.",
        )  # fmt: skip
        if len(mine) > SHOWN:
            yield Text(f"Et {agreed(len(mine) - SHOWN, 'autre(s)')}, dans le tableau joint.")
