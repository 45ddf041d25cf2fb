"""The first audit as a paper to sign, and as slides for a room (CCTP 4.1.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from piste.engine import cells
from piste.engine.converge.private import write_shared
from piste.engine.finding import GRAVITIES
from piste.engine.words import agreed, some
from piste.papers.dossier import forms, notation
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Mark,
    Section,
    Steps,
    Table,
    Text,
    optional,
    required,
)
from piste.papers.dossier.decision import decided
from piste.papers.dossier.document import Envelope, Kind, make
from piste.papers.dossier.drawn.town import town_layer2
from piste.papers.dossier.life.paper import Paper
from piste.readings.effort import table
from piste.sites.audit import kept
from piste.sites.audit.alike import Alike, alike
from piste.sites.audit.form import Advice, Audit, Debt, Hidden, Item, Judged, Licence, Said, Survey
from piste.sites.dossiers import origin
from piste.sites.kind_words import KINDS
from piste.sites.sealed import received
from piste.town.model import Town
from piste.town.model.forms import Record
from piste.trials.restore.signatures import PARTIES, Signature

GRAVITY = {"critical": "grave", "major": "importante", "minor": "mineure"}
_GRAVE = {"critical": "graves", "major": "importants", "minor": "mineurs"}
MARKS: dict[str, Mark] = {"critical": "bad", "major": "doubt"}
UNKNOWN = Cell("inconnu", "doubt")
NONE = "Aucun, parmi ce qui est connu."
SHOWN = 60
"""Findings of a gravity in the paper; the table beside it has all."""
ON_SLIDE, LINE = 5, 90
"""Rows of a slide, and characters of a row: what a room reads."""
SLIDES = "diapositives.pdf"
_SAYS = (
    "Ce rapport conclut des dernières lectures, sans interroger aucun système. Ce que nul n’a lu, ou dont la lecture "
    "est trop ancienne, est inconnu : ni absent, ni conforme."
)
ESTIMATED = (
    "L’effort est notre estimation, pour une personne formée et autorisée : il donne un ordre, ni un prix, ni un délai."
)
UNJUDGED = "Lu ; rien n’est déclaré qui le juge."
_PRIVATE = "Des personnes : comptés ici, lus par piste findings."


class AuditRecord(Record):
    """The data of the document."""

    audit: Audit
    signatures: list[Signature]


def paper(audit: Audit, signatures: Sequence[Signature]) -> Paper[AuditRecord]:
    """Give the subject of the document of an audit."""
    record = AuditRecord(audit=audit, signatures=[*signatures])
    return Paper(record, "audit", audit.town, "CCTP 4.1.1", audit.town, observed=audit.read)


def write(audit: Audit, town: Town, environment: str, folder: Path) -> list[Path]:
    """Write the report (PDF/A, page, data), its slides and its table of findings."""
    made = make(KIND, paper(audit, kept.signed(audit)), origin(town, environment))
    paths = [*forms.write(made, folder), folder / SLIDES, folder / f"{KIND.name}.csv"]
    write_shared(folder / SLIDES, forms.as_slides(made, [*slides(audit)]))
    rows = [[*Said.model_fields], *([*map(cells.cell, said.model_dump().values())] for said in audit.wrong)]
    write_shared(paths[-1], cells.as_csv(rows).encode())
    return paths


def headline(audit: Audit) -> Cell:
    """Say what is unknown first, then what is to mend."""
    unseen, grave = len(audit.unknown), sum(said.gravity == "critical" for said in audit.wrong)
    of = f"{agreed(unseen, 'sujet(s) inconnu(s)')} sur {len(audit.subjects)}"
    graves = f", dont {agreed(grave, 'grave(s)')}" if grave else ""
    doubts = f"{agreed(audit.doubts, 'constat(s) inconnu(s)')}, " if audit.doubts else ""
    said = f"{of}, {doubts}{agreed(audit.faults, 'constat(s)')} à corriger{graves}."
    return Cell(said, "bad" if audit.faults else "doubt" if unseen or audit.doubts or audit.hidden else "good")


def sections(record: AuditRecord, subject: Paper[AuditRecord]) -> Iterator[Section]:
    """Print the report."""
    audit = record.audit
    yield Section("short", "L’audit en bref", [_short(audit), Text(_SAYS)])
    yield Section("unknown", "Ce qui est inconnu", [_hidden(audit.hidden), _subjects(audit)])
    yield Section("wrong", "Les constats, les plus graves d’abord", [Text(ESTIMATED), *_wrong(audit)])
    yield Section("survey", "Ce qui existe sans être déclaré", [*_survey(audit.survey)])
    yield Section("advice", "Les recommandations, par effort", [_advice(audit.advice)])
    yield Section("debt", "La dette", [_debt(audit.debt)])
    yield Section("inventory", "L’inventaire et les versions", [*_inventory(audit)])
    yield Section("licences", "Les licences", [_licences(audit.licences)])
    drawn = town_layer2(audit.map) if audit.map else [Text("Inconnue : aucun site n’est déclaré.")]
    yield Section("map", "La carte du réseau, comme elle est déclarée", drawn, own_page=True)
    yield Section("next", "Les suites", [Steps(steps(audit), ticked=False)])
    yield decided((), [*PARTIES.values()], received=[*received(record.signatures)])


KIND: Kind[Paper[AuditRecord]] = Kind(
    "audit", "Audit initial", Envelope[AuditRecord], lambda subject: subject.content, sections, observed=True,
    headline=lambda record: headline(record.audit),
)  # fmt: skip


def steps(audit: Audit) -> list[str]:
    """List what comes next: read, mend, decide, sign."""
    made = []
    if audit.hidden:
        made.append(f"Donner à lire {some([each.system for each in audit.hidden], 3)}, puis refaire l’audit.")
    graves = [said for said in audit.wrong if said.gravity == "critical"]
    if graves:
        quick = sum(said.effort == "hours" for said in graves)
        soon = f", dont {quick} en quelques heures" if quick else ""
        made.append(f"Corriger d’abord {agreed(len(graves), 'constat(s) grave(s)')}{soon}.")
    if audit.debt:
        made.append(f"Décider de {agreed(len(audit.debt), 'échéance(s)')} de contrats, de licences et de matériels.")
    return [*made, "Signer cet audit, et le refaire au fil des corrections."]


def slides(audit: Audit) -> Iterator[Section]:
    """Give the slides: each a title and what a room reads of it, from the same data."""
    said = headline(audit)
    yield Section("verdict", "En une phrase", [Text(said.text, said.mark), Text(_SAYS)])
    yield Section("unknown", "Ce qui est inconnu", [
        _hidden(audit.hidden[:ON_SLIDE]),
        *_more(len(audit.hidden)),
        *_unread(audit.unknown),
    ])  # fmt: skip
    every = alike(audit.wrong)
    yield Section("wrong", f"Les plus graves, sur {agreed(len(audit.wrong), 'constat(s)')}", [
        Table.of(
            "wrong", "Constats à corriger", every[:ON_SLIDE], lambda each: each.said.id,
            *_columns("gravity", "line", "count", "effort"), empty=NONE,
        ),
        *_more(len(every)), *([Text(ESTIMATED)] if every else ()),
    ])  # fmt: skip
    yield Section("debt", "La dette", [
        _debt(audit.debt[:ON_SLIDE], _cut),
        *_more(len(audit.debt)),
    ])  # fmt: skip
    for key, title, efforts in _ADVISED:
        # A slide of nothing says nothing to a room.
        if mine := [each for each in audit.advice if each.effort in efforts]:
            yield Section(key, title, [_advice(mine[:ON_SLIDE]), *_more(len(mine)), Text(ESTIMATED)])
    yield Section("next", "Les suites", [Steps(steps(audit))])


_ADVISED = (
    ("soon", "Recommandations : ce qui se fait vite", ("hours", "day")),
    ("later", "Recommandations : ce qui se prépare", ("days", "project")),
)


def _more(count: int) -> Iterator[Text]:
    if count > ON_SLIDE:
        yield Text(f"Et {agreed(count - ON_SLIDE, 'autre(s)')}, dans le rapport.")


def _unread(subjects: Sequence[Judged]) -> Iterator[Text]:
    if subjects:
        said = some([subject.label for subject in subjects], 2 * ON_SLIDE)
        yield Text(f"{agreed(len(subjects), 'sujet(s) inconnu(s)')} : {said}.")


def _bare(each: Alike) -> str:
    """Give what was seen, without the code of a rule, which no room reads."""
    return each.first.removeprefix(each.said.code).lstrip(" ,:")


type _Column = tuple[Column, Callable[[Alike], Cell]]
_COLUMNS: Mapping[str, _Column] = {
    "gravity": (Column("gravity", "Gravité", 1.6), lambda each: _gravity(each.said)),
    "site": (Column("site", "Site", 1.6), lambda each: optional(each.site)),
    "what": (Column("what", "Constat", 5), lambda each: Cell(each.what)),
    "line": (Column("what", "Constat", 6), lambda each: _cut(_bare(each))),
    "count": (Column("count", "Fois", 0.9), lambda each: Cell(str(1 + len(each.others)))),
    "todo": (Column("todo", "Que faire", 4), lambda each: optional(each.said.todo)),
    "effort": (Column("effort", "Effort", 1.8), lambda each: _effort(each.said.effort)),
    "who": (Column("who", "Qui agit", 1.8), lambda each: optional(each.said.who)),
}
"""The columns of findings, on paper and on a slide; a `line` is what a room reads of a finding."""


def _columns(*names: str) -> list[_Column]:
    return [_COLUMNS[name] for name in names]


def _cut(text: str) -> Cell:
    """Shorten a text to what a room reads of it."""
    line = " ".join(text.split())
    return Cell(line if len(line) <= LINE else f"{line[: LINE - 1].rstrip()}…")


def _gravity(said: Said | Advice) -> Cell:
    return Cell(GRAVITY[said.gravity], MARKS.get(said.gravity))


def _effort(name: str) -> Cell:
    return Cell(table().efforts[name]) if name else UNKNOWN


def _by(debt: Debt) -> Cell:
    return Cell(notation.day(debt.by)) if debt.by else UNKNOWN


def _short(audit: Audit) -> Facts:
    known = Counter(said.gravity for said in audit.wrong)
    return Facts("L’audit", [
        Fact("subjects", "Sujets sur lesquels rien ne conclut",
             required(f"{len(audit.unknown)} sur {len(audit.subjects)}")),
        Fact("hidden", "Systèmes dont rien n’est connu", required(f"{len(audit.hidden)} sur {len(table().systems)}")),
        Fact("unknown", "Constats inconnus", required(audit.doubts)),
        Fact("survey", "Objets qui existent sans être déclarés",
             required(len(audit.survey.strangers)) if audit.survey else UNKNOWN),
        *(Fact(name, f"Constats {_GRAVE[name]}", required(known[name])) for name in GRAVITIES),
        Fact("debt", "Échéances passées, ou dans six mois", required(len(audit.debt))),
    ])  # fmt: skip


def _hidden(every: Sequence[Hidden]) -> Table:
    return Table.of(
        "hidden", "Les systèmes dont rien n’est connu, et ce que cela cache", every, lambda each: each.system,
        (Column("system", "Système", 2), lambda each: Cell(each.system)),
        (Column("hides", "Ce que cela cache", 4), lambda each: Cell(each.hides)),
        empty="Quelque chose est connu de chaque système.",
    )  # fmt: skip


def _subjects(audit: Audit) -> Table:
    ordered = sorted(audit.subjects, key=lambda subject: (not subject.hidden, -subject.wrong))
    return Table.of(
        "subjects", "Les sujets de l’audit", ordered, lambda subject: subject.name,
        (Column("label", "Sujet", 2.2), lambda subject: Cell(subject.label)),
        (Column("wrong", "À corriger", 1.6), lambda subject: UNKNOWN if subject.hidden else Cell(str(subject.wrong))),
        (Column("unknown", "Inconnus", 1.4), lambda subject: Cell(str(subject.unknown))),
        (Column("ok", "Conformes", 1.5), lambda subject: Cell(str(subject.ok))),
        (Column("again", "Se relit par", 4, code=True), lambda subject: Cell(subject.again)),
        (Column("note", "Réserve", 3), lambda subject: optional(_note(subject))),
    )  # fmt: skip


def _note(subject: Judged) -> str:
    """Say why a subject has no line of its own, or no verdict."""
    return _PRIVATE if subject.personal else UNJUDGED if subject.hidden and subject.read else ""


def _wrong(audit: Audit) -> Iterator[Block]:
    for name in GRAVITIES:
        mine = alike(said for said in audit.wrong if said.gravity == name)
        yield Table.of(
            name, f"Constats {_GRAVE[name]}", mine[:SHOWN], lambda each: each.said.id,
            *_columns("site", "what", "count", "todo", "effort", "who"), empty=NONE,
        )  # fmt: skip
        if len(mine) > SHOWN:
            yield Text(f"Et {agreed(len(mine) - SHOWN, 'autre(s)')}, dans le tableau joint.")


def _survey(survey: Survey | None) -> Iterator[Block]:
    if survey is None:
        yield Text("Inconnu : personne ne l’a relevé depuis trente jours (piste adopt --audit --to DOSSIER).")
        return
    only = f", limité à {survey.limit}" if survey.limit else ""
    differing = agreed(survey.differing, "objet(s)")
    yield Text(f"Relevé du {notation.moment(survey.at)}{only}. Autres que ce qui est déclaré : {differing}.")
    if survey.unread:
        yield Text(f"N’ont pas répondu, et restent inconnus : {some(survey.unread, SHOWN)}.")
    yield Table.of(
        "strangers", f"{agreed(len(survey.strangers), 'objet(s)')}", survey.strangers[:SHOWN],
        lambda each: f"{each.site}/{each.kind}/{each.label}",
        (Column("site", "Site", 2), lambda each: Cell(each.site) if each.site else UNKNOWN),
        (Column("kind", "Genre", 2), lambda each: Cell(KINDS.get(each.kind, each.kind))),
        (Column("label", "Nom", 6), lambda each: Cell(each.label)),
        empty="Aucun, parmi ce qui a répondu.",
    )  # fmt: skip
    if len(survey.strangers) > SHOWN:
        yield Text(f"Et {agreed(len(survey.strangers) - SHOWN, 'autre(s)')}, dans les données jointes.")


def _advice(every: Sequence[Advice]) -> Table:
    return Table.of(
        "advice", "Ce qui coûte le moins d’abord", every, lambda each: each.says,
        (Column("effort", "Effort", 2), lambda each: _effort(each.effort)),
        (Column("says", "Recommandation", 6), lambda each: Cell(each.says)),
        (Column("gravity", "Pire gravité", 1.6), _gravity),
        (Column("count", "Constats", 1.4), lambda each: Cell(str(each.count))),
        empty="Aucune, parmi ce qui est connu.",
    )  # fmt: skip


def _debt(every: Sequence[Debt], said: Callable[[str], Cell] = Cell) -> Table:
    return Table.of(
        "debt", "Contrats, licences, matériels et reports qui finissent, ou ont fini", every, lambda each: each.what,
        (Column("by", "Avant le", 1.4), _by), (Column("what", "Quoi", 6), lambda each: said(each.what)),
        (Column("otherwise", "Sinon", 3), lambda each: said(each.otherwise) if each.otherwise else optional("")),
        empty="Aucune, parmi ce qui est déclaré : ce qui ne l’est pas est inconnu.",
    )  # fmt: skip


def _inventory(audit: Audit) -> Iterator[Block]:
    yield Table.of(
        "inventory", "Ce qui est déclaré, et ce qui fut lu", audit.inventory,
        lambda item: f"{item.source}/{item.what}/{item.version}",
        (Column("source", "D’après", 2), lambda item: Cell(item.source)),
        (Column("what", "Quoi", 4), lambda item: Cell(item.what)),
        (Column("version", "Version", 3), _version),
        (Column("count", "Nombre", 1.4), lambda item: Cell(str(item.count))),
        empty="Inconnu : rien n’est lu, ni déclaré.",
    )  # fmt: skip
    yield Table.of(
        "silent", "Ce que l’inventaire ne sait pas", audit.silent.items(), lambda pair: pair[0],
        (Column("what", "Quoi", 3), lambda pair: Cell(pair[0])),
        (Column("why", "Pourquoi", 5), lambda pair: Cell(pair[1])),
    )  # fmt: skip


def _version(item: Item) -> Cell:
    """Give a version; what is declared, and machines, have none to give."""
    return Cell(item.version) if item.version else optional("") if item.source == "déclaration" else UNKNOWN


def _licences(every: Sequence[Licence]) -> Table:
    return Table.of(
        "licences", "Déclarées, ou lues", every, lambda each: f"{each.source}/{each.label}",
        (Column("source", "D’après", 2), lambda each: Cell(each.source)),
        (Column("label", "Licence", 4), lambda each: Cell(each.label)),
        (Column("bought", "Acquises", 1.6), lambda each: _count(each.bought)),
        (Column("used", "Employées", 1.7), lambda each: _count(each.used)),
        (Column("end", "Fin", 1.8), _end),
        empty="Inconnues : rien n’est lu, ni déclaré.",
    )  # fmt: skip


def _count(value: int | None) -> Cell:
    return UNKNOWN if value is None else Cell(str(value))


def _end(licence: Licence) -> Cell:
    if licence.endless:
        return Cell("sans fin")
    return Cell(notation.day(licence.end)) if licence.end else UNKNOWN
