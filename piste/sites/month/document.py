"""The report of a period as a paper to sign (CCTP 5.2, 5.6, 8.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.clock import in_town
from piste.engine.words import agreed, some
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    NOTHING,
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Mark,
    Section,
    Table,
    Text,
    optional,
    required,
)
from piste.papers.dossier.blocks import Row as Printed
from piste.papers.dossier.decision import decided
from piste.papers.dossier.document import Envelope, Kind
from piste.papers.dossier.life.paper import Paper
from piste.sites.month.form import Indicator, Report, Row
from piste.sites.month.lines import OVER, amount, lists, table
from piste.sites.month.report import below
from piste.sites.sealed import received
from piste.town.model.forms import Record
from piste.trials.restore.signatures import PARTIES, Signature

UNKNOWN = Cell("inconnu", "doubt")
SHOWN = 40
"""Rows of a list in the paper; the data has all."""
TITLES = {1: "Rapport du mois", 3: "Rapport du trimestre", 12: "Rapport de l’année"}
_SAYS = (
    "Chaque valeur vient de ce qui fut lu et gardé dans la période, avec son jour ; l’état d’aujourd’hui n’est jamais "
    "donné pour un mois passé. Ce que nul n’a lu est inconnu, et n’est ni zéro, ni conforme."
)


class MonthRecord(Record):
    """The data of the document."""

    report: Report
    signatures: list[Signature]


def paper(report: Report, signatures: Sequence[Signature]) -> Paper[MonthRecord]:
    """Give the subject of the document of a report."""
    record = MonthRecord(report=report, signatures=[*signatures])
    subtitle = "CCTP 5.2, 5.6 et 8.7" + ("" if report.final else ", provisoire : la période n’est pas finie")
    return Paper(record, report.period, report.about.words, subtitle, report.town, observed=report.made)


def kind_of(report: Report) -> Kind[Paper[MonthRecord]]:
    """Give the kind of the document, whose title says the length of its period."""
    return replace(KIND, title=TITLES[len(report.about.months)])


def headline(record: MonthRecord) -> Cell:
    """Say how many indicators are known, and how many miss their target."""
    report = record.report
    missed, every = len(below(report)), len(report.lines)
    said = [f"{agreed(every - report.unknown, 'indicateur(s) connu(s)')} sur {every}"]
    said.append(agreed(missed, "cible(s) manquée(s)") if missed else "aucune cible manquée parmi ceux-là")
    if (incidents := report.lists["incidents"]).known:
        said.append(agreed(len(incidents.rows), "incident(s)"))
    mark: Mark = "bad" if missed else "doubt" if report.unknown else "good"
    return Cell(f"{'' if report.final else 'Provisoire. '}{', '.join(said)}.", mark)


def noted(report: Report) -> dict[str, str]:
    """Give a kept report as GLPI notes it: its counts and its digest, no foreign name."""
    lines = (
        f"{TITLES[len(report.about.months)]}, {report.about.words} (CCTP 4.4.6, 5.6).",
        headline(MonthRecord(report=report, signatures=[])).text,
        f"Empreinte du rapport gardé : {report.hash}.",
    )
    return {"id": f"rapport {report.period} {report.hash[:8]}", "started": report.made, "said": "\n".join(lines)}


def sections(record: MonthRecord, subject: Paper[MonthRecord]) -> Iterator[Section]:
    """Print the report."""
    report = record.report
    yield Section("short", "La période en bref", [_short(report), Text(_SAYS)])
    known = [made for made in report.lines if made.id in table().lines]
    yield Section("indicators", "Les indicateurs", [
        _indicators(id_, title, [made for made in known if table().lines[made.id].section == id_], report)
        for id_, title in table().sections.items()
    ])  # fmt: skip
    for title, names in _titled().items():
        blocks = [block for name in names for block in _listed(name, lists()[name], report)]
        yield Section(f"lists-{names[0]}", title, blocks)
    yield Section("methods", "Méthodes", [_methods()])
    yield decided((), [*PARTIES.values()], received=[*received(record.signatures)])


KIND: Kind[Paper[MonthRecord]] = Kind(
    "rapport", "Rapport", Envelope[MonthRecord], lambda subject: subject.content, sections, observed=True,
    headline=headline,
)  # fmt: skip


def _titled() -> dict[str, list[str]]:
    """Sort the lists under the titles of their sections."""
    made: dict[str, list[str]] = {}
    title = ""
    for name, shown in lists().items():
        title = shown.get("section", title)
        made.setdefault(title, []).append(name)
    return made


def _short(report: Report) -> Facts:
    first, last = (notation.day(day.isoformat()) for day in (report.about.first, report.about.last))
    late = sum(row["state"] == "late" for row in report.lists["actions"].rows)
    return Facts("La période", [
        Fact("period", "Période", required(f"du {first} au {last}")),
        Fact("noted", "Jours dont l’état fut noté", required(f"{report.noted} sur {report.days}")),
        Fact("known", "Indicateurs connus", required(f"{len(report.lines) - report.unknown} sur {len(report.lines)}")),
        Fact("below", "Cibles non atteintes", required(_below(report))),
        Fact("incidents", "Incidents", _count("incidents", report)),
        Fact("changes", "Exécutions qui ont changé un système", _count("changes", report)),
        Fact("actions", "Actions des comités en retard", required(late)),
        Fact("waiting", "Décisions attendues au jour du rapport", _count("waiting", report)),
    ])  # fmt: skip


def _below(report: Report) -> str:
    named = [table().lines[made.id].label for made in below(report)]
    return f"{len(named)} : {' ; '.join(named)}" if named else "0, parmi les connus"


def _count(name: str, report: Report) -> Cell:
    if not report.lists[name].known:
        return UNKNOWN
    return required(sum(int(str(row.get("count", 1))) for row in report.lists[name].rows))


def _value(made: Indicator) -> Cell:
    if made.void:
        return Cell("sans objet")
    return UNKNOWN if made.value is None else Cell(amount(made.value, made.unit))


def _verdict(made: Indicator) -> Cell:
    if not made.target:
        return Cell(NOTHING)
    met = made.reached
    return UNKNOWN if met is None else Cell("atteinte", "good") if met else Cell("non atteinte", "bad")


def _target(made: Indicator) -> Cell:
    sense, _, bound = made.target.partition(" ")
    return optional(f"{sense} {amount(float(bound), made.unit)}" if bound else "")


def _note(made: Indicator) -> Cell:
    day = f"au {notation.day(made.day[:10])}" if made.day else ""
    return optional(" ; ".join(filter(None, (day, made.why))))


def _indicators(key: str, title: str, mine: Sequence[Indicator], report: Report) -> Table:
    return Table.of(
        key, title, mine, lambda made: made.id,
        (Column("label", "Indicateur", 4.4), lambda made: Cell(table().lines[made.id].label)),
        (Column("value", "Valeur", 1.6), _value),
        (Column("target", "Cible", 1.3), _target),
        (Column("verdict", "Verdict", 1.7), _verdict),
        (Column("before", f"En {report.about.before.short}", 1.7),
         lambda made: Cell(amount(made.before, made.unit))),
        (Column("note", "Jour du relevé, réserve", 3.6), _note),
    )  # fmt: skip


def _listed(name: str, shown: Mapping[str, Any], report: Report) -> Iterator[Block]:
    """Print a list by the columns that `lists.yml` gives it; a report kept before it has none."""
    if name not in report.lists:
        return
    made, columns, most = report.lists[name], shown["columns"], shown.get("shown", SHOWN)
    unknown = shown.get("unknown", "Inconnu : rien ne dit ce qu’il y en eut dans toute la période.")
    if "says" in shown:
        yield Text(shown["says"])
    yield Table(
        name, shown["title"],
        [Column(key, each["label"], each["width"], code=each.get("as") == "code") for key, each in columns.items()],
        [Printed(str(rank), [_cell(key, each, row) for key, each in columns.items()])
         for rank, row in enumerate(made.rows[:most])],
        shown["none"] if made.known else unknown,
    )  # fmt: skip
    if len(made.rows) > most:
        yield Text(f"Et {agreed(len(made.rows) - most, 'autre(s)')}, dans les données jointes.")
    if made.rows and not made.known:
        yield Text("Cette liste n’est pas entière : une part de la période n’est pas connue.")


def _cell(key: str, column: Mapping[str, Any], row: Row) -> Cell:
    parts = [_part(row.get(name), column, str(row.get("unit") or "")) for name in column.get("of", (key,))]
    said = "\n".join(filter(None, parts)) or column.get("otherwise", NOTHING)
    mark = column["marks"].get(row.get(key)) if "marks" in column else None
    return Cell(said, "doubt" if said == UNKNOWN.text else mark)


def _part(value: Any, column: Mapping[str, Any], unit: str) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return some(value, 6)
    match column.get("as"):
        case "amount":
            return amount(value, unit)
        case "hours":
            return amount(value, "h")
        case "day":
            return notation.day(value)
        case "moment":
            return in_town(value, "%d/%m/%Y %H:%M")
    return str(column["words"].get(value, value) if "words" in column else value)


def _methods() -> Table:
    every = table().lines.values()
    methods = dict.fromkeys(line.method for line in every)
    said = {
        method: "\n".join(
            f"{words.capitalize()} : {' ; '.join(mine)}."
            for over, words in OVER.items()
            if (mine := [line.label for line in every if (line.method, line.over) == (method, over)])
        )
        for method in methods
    }
    return Table.of(
        "methods", "D’où vient chaque indicateur, et ce qu’en fait un trimestre", [*methods], lambda method: method,
        (Column("method", "Méthode", 4), lambda method: Cell(f"{method[:1].upper()}{method[1:]}.")),
        (Column("labels", "Indicateurs, et leur réunion", 6), lambda method: Cell(said[method])),
    )  # fmt: skip
