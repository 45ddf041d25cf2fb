"""The report of a period as a paper to sign (CCTP 5.2, 5.6, 8.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from piste.engine.clock import in_town
from piste.engine.words import agreed, some
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Mark,
    Section,
    Signatures,
    Table,
    Text,
    optional,
    required,
)
from piste.papers.dossier.document import Envelope, Kind
from piste.papers.dossier.life.paper import Paper
from piste.sites.month.form import Indicator, Report, Verdict
from piste.sites.month.lines import OVER, reached, table
from piste.sites.month.report import below
from piste.town.model.forms import Record
from piste.trials.restore.results import OUTCOMES
from piste.trials.restore.signatures import PARTIES, Signature

UNKNOWN = Cell("inconnu", "doubt")
SHOWN = 40
"""Rows of a list of alerts or of changes; the data has all."""
_GRAVITY: Mapping[str, tuple[str, Mark | None]] = {
    "critical": ("grave", "bad"), "major": ("majeur", "bad"), "significant": ("important", "doubt"),
    "minor": ("mineur", None),
}  # fmt: skip
_VERDICTS: Mapping[Verdict, tuple[str, Mark | None]] = {
    "bonus": ("bonus", "good"), "malus": ("malus", "bad"), "neutral": ("neutre", None), "unknown": ("inconnu", "doubt"),
}  # fmt: skip
_OUTCOMES = {
    "ok": "finie", "changes": "finie", "error": "en erreur", "unknown": "sans réponse", "refused": "refusée en partie",
    "partial": "en partie", "killed": "interrompue",
}  # fmt: skip
TITLES = {1: "Rapport du mois", 3: "Rapport du trimestre", 12: "Rapport de l’année"}


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
    unknown = sum(made.value is None and not made.void for made in report.lines)
    missed = len(below(report))
    said = [f"{agreed(len(report.lines) - unknown, 'indicateur(s) connu(s)')} sur {len(report.lines)}"]
    said.append(f"{agreed(missed, 'cible(s) manquée(s)')}" if missed else "aucune cible manquée")
    if report.incidents_kept:
        said.append(agreed(len(report.incidents), "incident(s)"))
    mark: Mark = "bad" if missed else "doubt" if unknown else "good"
    return Cell(f"{'' if report.final else 'Provisoire. '}{', '.join(said)}.", mark)


def sections(record: MonthRecord, subject: Paper[MonthRecord]) -> Iterator[Section]:
    """Print the report."""
    report = record.report
    yield Section("short", "La période en bref", [*_short(report)])
    for id_, title in table().sections.items():
        mine = [made for made in report.lines if made.id in table().lines and table().lines[made.id].section == id_]
        if mine:
            yield Section(id_, title, [_indicators(id_, title, mine, report)])
    yield Section("register", "Les incidents, leur cause, leur correction", [_incidents(report)])
    yield Section("alerted", "Les alertes nées dans la période", [*_alerts(report)])
    yield Section("changed", "Les changements", [*_changes(report)])
    yield Section("restored", "Les essais de restauration", [_restores(report)])
    yield Section("decided", "Comités, décisions, actions", [*_decided(report)])
    yield Section("bonus", "Bonus et malus", [*_bonus(report)])
    yield Section("unread", "Ce qui n’a pas été lu", [_unread(report)])
    yield Section("methods", "Méthodes", [_methods()])
    if record.signatures:
        yield Section("signed", "Signatures reçues", [_signed(record.signatures)])
    yield Section("signatures", "Signatures", [Signatures([*PARTIES.values()])])


KIND: Kind[Paper[MonthRecord]] = Kind(
    "rapport", "Rapport", Envelope[MonthRecord], lambda subject: subject.content, sections, observed=True,
    headline=headline,
)  # fmt: skip


def _short(report: Report) -> Iterator[Block]:
    period = report.about
    unknown = sum(made.value is None and not made.void for made in report.lines)
    late = sum(row.done is None and row.by < report.made[:10] for row in report.actions)
    yield Facts("La période", [
        Fact("period", "Période", required(f"du {notation.day(period.first.isoformat())} au "
                                           f"{notation.day(period.last.isoformat())}")),
        Fact("made", "Établi le", required(notation.moment(report.made))),
        Fact("noted", "Jours dont l’état fut noté", required(f"{report.noted} sur {report.days}")),
        Fact("known", "Indicateurs connus", required(f"{len(report.lines) - unknown} sur {len(report.lines)}")),
        Fact("below", "Cibles non atteintes", required(len(below(report)))),
        Fact("incidents", "Incidents", required(len(report.incidents)) if report.incidents_kept else UNKNOWN),
        Fact("actions", "Actions des comités en retard", required(late)),
        Fact("waiting", "Décisions attendues au jour du rapport",
             required(len(report.waiting)) if report.waiting_known else Cell("ne se disent pas d’une période passée")),
    ])  # fmt: skip
    yield Text(
        "Chaque valeur vient de ce qui fut lu et gardé dans la période, avec son jour ; l’état d’aujourd’hui n’est "
        "jamais donné pour un mois passé. Ce que nul n’a lu est inconnu, et n’est ni zéro, ni conforme."
    )


def amount(value: float | None, unit: str) -> str:
    """Write a value with its unit."""
    if value is None:
        return "inconnu"
    decimals = next(count for count in (0, 1, 2, 3) if count == 3 or value == round(value, count))
    return notation.measure(value, unit, decimals) if unit else notation.number(value, decimals)


def _value(made: Indicator) -> Cell:
    if made.void:
        return Cell("sans objet")
    return UNKNOWN if made.value is None else Cell(amount(made.value, made.unit))


def _verdict(made: Indicator) -> Cell:
    if not made.target:
        return Cell("—")
    met = reached(made.value, made.target)
    return UNKNOWN if met is None else Cell("atteinte", "good") if met else Cell("non atteinte", "bad")


def _note(made: Indicator) -> Cell:
    day = f"au {notation.day(made.day[:10])}" if made.day else ""
    return optional(" ; ".join(filter(None, (day, made.why))))


def _indicators(key: str, title: str, mine: Sequence[Indicator], report: Report) -> Table:
    before = report.about.before.words
    return Table.of(
        key, title, mine, lambda made: made.id,
        (Column("label", "Indicateur", 4.2), lambda made: Cell(table().lines[made.id].label)),
        (Column("value", "Valeur", 1.5), _value),
        (Column("target", "Cible", 1.2), lambda made: Cell(_target(made))),
        (Column("verdict", "Verdict", 1.6), _verdict),
        (Column("before", before.capitalize(), 1.7),
         lambda made: Cell("inconnu" if made.before is None else amount(made.before, made.unit))),
        (Column("note", "Jour du relevé, réserve", 3.6), _note),
    )  # fmt: skip


def _target(made: Indicator) -> str:
    sense, _, bound = made.target.partition(" ")
    return f"{sense} {amount(float(bound), made.unit)}" if bound else "—"


def _moment(text: str | None, otherwise: str = "—") -> Cell:
    return Cell(in_town(text, "%d/%m/%Y %H:%M") if text else otherwise)


def _day(text: str | None, otherwise: str = "—") -> Cell:
    return Cell(notation.day(text) if text else otherwise)


def _empty(*, known: bool, none: str) -> str:
    return none if known else "Inconnu : rien ne dit ce qu’il y en eut dans toute la période."


def _incidents(report: Report) -> Table:
    return Table.of(
        "incidents", "Registre des incidents", report.incidents, lambda row: row.id,
        (Column("id", "Incident", 2), lambda row: Cell("\n".join(filter(None, (row.id, row.ticket))))),
        (Column("title", "Ce qui s’est passé", 4), lambda row: Cell(_titled(row.title, row.sites, row.lost))),
        (Column("gravity", "Gravité", 1.4), lambda row: Cell(*_GRAVITY[row.gravity])),
        (Column("started", "Début", 1.6), lambda row: _moment(row.started)),
        (Column("ended", "Fin", 1.6), lambda row: _moment(row.ended, "dure encore")),
        (Column("cause", "Cause", 3), lambda row: optional(row.cause)),
        (Column("action", "Correction, qui, avant le", 3.4), lambda row: Cell(_corrected(row.action, row.who, row.by,
                                                                                   row.done))),
        empty=_empty(known=report.incidents_kept, none="Aucun incident au registre, tenu pour toute la période."),
    )  # fmt: skip


def _titled(title: str, sites: Sequence[str], lost: float) -> str:
    where = f"\n{some(sites, 6)} : {amount(lost, 'h')} d’ouverture perdues" if sites else ""
    return f"{title}{where}"


def _corrected(action: str | None, who: str | None, by: str | None, done: str | None) -> str:
    ends = f"faite le {notation.day(done)}" if done else f"avant le {notation.day(by)}" if by else ""
    return "\n".join(filter(None, (action, who, ends))) or "aucune encore"


def _alerts(report: Report) -> Iterator[Block]:
    yield Table.of(
        "alerts", "Alertes, la plus grave d’abord", report.alerts[:SHOWN], lambda row: f"{row.id} {row.first}",
        (Column("site", "Site", 2), lambda row: optional(row.site)),
        (Column("what", "Alerte", 6), lambda row: Cell(row.what)),
        (Column("gravity", "Gravité", 1.4), lambda row: Cell(*_GRAVITY.get(row.gravity, (row.gravity, None)))),
        (Column("first", "Vue le", 1.7), lambda row: _moment(row.first)),
        (Column("over", "Finie le", 1.7), lambda row: _moment(row.over, "en cours")),
        empty="Aucune, sur les jours relevés.",
    )  # fmt: skip
    if len(report.alerts) > SHOWN:
        yield Text(f"Et {agreed(len(report.alerts) - SHOWN, 'autre(s)')}, dans les données jointes.")


def _changes(report: Report) -> Iterator[Block]:
    yield Table.of(
        "changes", "Exécutions qui ont changé un système", report.changes[:SHOWN], lambda row: row.id,
        (Column("started", "Début", 1.7), lambda row: _moment(row.started)),
        (Column("id", "Exécution, plan", 4, code=True), lambda row: Cell("\n".join(filter(None, (row.id, row.plan))))),
        (Column("user", "Par", 1.6), lambda row: optional(row.user)),
        (Column("sites", "Où", 3), lambda row: optional(some(row.sites, 5))),
        (Column("objects", "Objets", 1), lambda row: Cell(str(row.objects))),
        (Column("outcome", "Issue", 1.5), lambda row: Cell(_OUTCOMES.get(row.outcome, row.outcome))),
        empty=_empty(known=report.changes_kept, none="Aucun changement au journal."),
    )  # fmt: skip
    if len(report.changes) > SHOWN:
        yield Text(f"Et {agreed(len(report.changes) - SHOWN, 'autre(s)')}, dans les données jointes.")


def _restores(report: Report) -> Table:
    return Table.of(
        "restores", "Restaurations réelles", report.restores, lambda row: row.id,
        (Column("label", "Essai", 4), lambda row: Cell(row.label)),
        (Column("ended", "Fini le", 2), lambda row: _moment(row.ended)),
        (Column("outcome", "Issue", 2.4), lambda row: Cell(OUTCOMES.get(row.outcome, row.outcome),  # type: ignore[call-overload]
                                                           "good" if row.outcome == "proven" else "doubt")),
        (Column("rto", "Durée, RTO dû", 2.4), lambda row: Cell(_rto(row.rto_seconds, row.rto_hours))),
        empty=_empty(known=report.restores_kept, none="Aucune restauration réelle dans la période."),
    )  # fmt: skip


def _rto(seconds: float | None, hours: int | None) -> str:
    lasted = amount(round(seconds / 3600, 1), "h") if seconds is not None else "inconnue"
    return f"{lasted}, {amount(hours, 'h') if hours is not None else 'aucun'}"


def _decided(report: Report) -> Iterator[Block]:
    yield Table.of(
        "committees", "Comités tenus", report.committees, lambda row: f"{row.date} {row.name}",
        (Column("date", "Le", 1.4), lambda row: _day(row.date)),
        (Column("name", "Comité", 3), lambda row: Cell(row.name)),
        (Column("present", "Présents", 4), lambda row: optional(", ".join(row.present))),
        (Column("reports", "Rapports validés", 2.4), lambda row: optional(", ".join(row.reports))),
        (Column("minutes", "Compte rendu", 3), lambda row: Cell(row.minutes)),
        empty="Aucun comité n’est inscrit dans la période.",
    )  # fmt: skip
    yield Table.of(
        "actions", "Actions des comités", report.actions, lambda row: f"{row.date} {row.what}",
        (Column("what", "Action", 5), lambda row: Cell(row.what)),
        (Column("who", "Qui", 2.4), lambda row: Cell(row.who)),
        (Column("date", "Décidée le", 1.5), lambda row: _day(row.date)),
        (Column("by", "Due le", 1.5), lambda row: _day(row.by)),
        (Column("done", "Faite le", 1.6), lambda row: _due(row.by, row.done, report)),
        empty="Aucune action décidée n’était à faire.",
    )  # fmt: skip
    yield Table.of(
        "taken", "Décisions prises dans la période", report.taken, lambda row: row.what,
        (Column("what", "Décision", 4, code=True), lambda row: Cell(row.what)),
        (Column("done", "Le", 1.4), lambda row: _day(row.done)),
        (Column("who", "Par", 3), lambda row: Cell(row.who)),
        (Column("why", "Pourquoi", 4), lambda row: Cell(row.why)),
        empty="Aucune n’est inscrite.",
    )  # fmt: skip
    if report.waiting_known:
        yield Table.of(
            "waiting", f"Décisions attendues au {notation.day(report.made[:10])}", report.waiting, lambda row: row.what,
            (Column("what", "Décision", 5), lambda row: Cell(row.what)),
            (Column("who", "Qui", 2.4), lambda row: Cell(row.who)),
            (Column("by", "Avant le", 1.5), lambda row: _day(row.by)),
            (Column("otherwise", "Sinon", 3.4), lambda row: Cell(row.otherwise)),
            empty="Aucune.",
        )  # fmt: skip


def _due(by: str, done: str | None, report: Report) -> Cell:
    late = done is None and by <= report.about.last.isoformat()
    return _day(done) if done else Cell("en retard", "bad") if late else Cell("à faire")


def _bonus(report: Report) -> Iterator[Block]:
    yield Text(
        "Un bonus ou un malus joue quand la valeur atteint le seuil arrêté entre les parties. Une valeur qui laisse "
        "quelque chose de côté n’est pas jugée : le verdict est inconnu. Les montants sont ceux du CCAP."
    )
    yield Table.of(
        "bonus", "Indicateurs du bonus-malus", report.bonus, lambda row: f"{row.line} {row.year_before}",
        (Column("label", "Indicateur", 4), lambda row: Cell(row.label + (", sur un an" if row.year_before else ""))),
        (Column("value", "Valeur", 1.6),
         lambda row: UNKNOWN if row.value is None else Cell(amount(row.value, row.unit))),
        (Column("bonus", "Bonus dès", 1.5), lambda row: _threshold(row.bonus, row.unit)),
        (Column("malus", "Malus dès", 1.5), lambda row: _threshold(row.malus, row.unit)),
        (Column("verdict", "Verdict", 1.4), lambda row: Cell(*_VERDICTS[row.verdict])),
        (Column("agreed", "Méthode arrêtée, réserve", 3.6),
         lambda row: Cell("\n".join(filter(None, (row.agreed, row.why))))),
        empty="Aucun indicateur n’est déclaré (group_vars/all/bonus_malus.yml) : rien ne joue.",
    )  # fmt: skip


def _threshold(value: float | None, unit: str) -> Cell:
    return optional("" if value is None else amount(value, unit))


def _unread(report: Report) -> Table:
    none = "Rien ne fut inconnu les jours relevés."
    return Table.of(
        "unread", "Inconnu dans la période, par sujet", report.unread, lambda row: row.subject,
        (Column("subject", "Sujet", 2), lambda row: Cell(row.subject)),
        (Column("things", "Choses", 1), lambda row: Cell(str(row.things))),
        (Column("what", "Par exemple", 6), lambda row: Cell(row.what)),
        (Column("first", "Depuis le", 1.5), lambda row: Cell(in_town(row.first, "%d/%m/%Y"))),
        (Column("lasts", "À la fin", 1.5), lambda row: Cell("inconnu encore" if row.lasts else "lu depuis")),
        empty=none if report.noted else "Inconnu : nul jour de la période n’a été noté.",
    )  # fmt: skip


def _methods() -> Table:
    methods = {line.method: [*_labels(line.method)] for line in table().lines.values()}
    return Table.of(
        "methods", "D’où vient chaque indicateur, et ce qu’en fait un trimestre", [*methods], lambda method: method,
        (Column("method", "Méthode", 4), lambda method: Cell(f"{method[:1].upper()}{method[1:]}.")),
        (Column("labels", "Indicateurs, et leur réunion", 6), lambda method: Cell("\n".join(methods[method]))),
    )  # fmt: skip


def _labels(method: str) -> Iterator[str]:
    for over, words in OVER.items():
        mine = [line.label for line in table().lines.values() if line.method == method and line.over == over]
        if mine:
            yield f"{words.capitalize()} : {' ; '.join(mine)}."


def _signed(signatures: Sequence[Signature]) -> Table:
    return Table.of(
        "signed", "Signatures reçues", signatures, lambda made: made.party,
        (Column("party", "Partie", 2), lambda made: Cell(PARTIES[made.party])),
        (Column("role", "Fonction", 2), lambda made: Cell(made.role)),
        (Column("signed_on", "Le", 1.4), lambda made: _day(made.signed_on)),
        (Column("sha256", "Empreinte de ce qui est signé", 5, code=True), lambda made: Cell(made.sha256)),
    )  # fmt: skip
