"""Alerts of a dashboard: regressions, then missed targets, unknowns, decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import shorten
from typing import Any, Literal, TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Mark, Table, optional
from piste.sobriety.documents.figure_tables import measure, named, names_text, quantity, target_text
from piste.sobriety.documents.levers import STEPS, stage, steps_until
from piste.sobriety.documents.notes import day_text
from piste.sobriety.documents.subject import SobrietySubject
from piste.sobriety.figure import Figure
from piste.sobriety.places import label, labelled
from piste.sobriety.regressions import Regression, regressions
from piste.sobriety.since import METERS
from piste.town.model import Town

AlertKind = Literal[
    "undone", "drift", "silent", "jump", "stale", "missed", "unknown", "observation", "decided", "exception"
]
KINDS: dict[AlertKind, tuple[str, Mark]] = {
    "undone": ("✗ levier défait", "bad"),
    "drift": ("✗ dérive", "bad"),
    "silent": ("? devient muet", "doubt"),
    "jump": ("! compteur", "doubt"),
    "stale": ("! donnée ancienne", "doubt"),
    "missed": ("✗ cible non atteinte", "bad"),
    "unknown": ("? inconnu", "doubt"),
    "observation": ("! à décider", "doubt"),
    "decided": ("! hors règle", "doubt"),
    "exception": ("! exception échue", "doubt"),
}
DECISIONS: tuple[AlertKind, ...] = ("observation", "decided", "exception")
"""The alerts that wait for the committee."""
SOURCE = "Rétablir la lecture, ou fournir la source."
METER_TITLE = "Énergie sous compteur"
TITLE, MANY = 48, 4
"""Letters of the title of a figure in an alert; the places from which alerts are one."""
UNCONFIRMED = "vu une fois, à confirmer au prochain relevé"


class Alert(TypedDict):
    """A point to look at: kind, subject, place, first day, finding, thing to do.

    An empty `where` is the whole town; `since` is None where no reading says it.
    """

    kind: AlertKind
    about: str
    where: str
    since: str | None
    said: str
    todo: str


def alerts(subject: SobrietySubject) -> list[Alert]:
    """List the alerts, regressions first."""
    regressed = regressions(subject.town, subject.history)
    # What just vanished is said once, as a regression with its day.
    gone = {regression.figure for regression in regressed if regression.kind == "silent" and not regression.where}
    return [
        *of_regressions(subject.town, subject.reading.figures, regressed),
        *_figures(subject, gone),
        *_levers(subject),
        *_exceptions(subject),
    ]


def of_regressions(town: Town, figures: Sequence[Figure], regressed: Sequence[Regression]) -> Iterator[Alert]:
    """Put regressions in words; many places of a figure, or figures of an old file, are one."""
    by_id = {figure.id: figure for figure in figures}
    together: dict[tuple[Any, ...], list[Regression]] = {}
    for alert in regressed:
        key: tuple[Any, ...] = (alert.kind, alert.figure, alert.by if alert.where else "", alert.lever)
        if alert.kind == "stale" and alert.figure in by_id:
            key = (alert.kind, by_id[alert.figure].source, alert.before_day)
        together.setdefault(key, []).append(alert)
    for group in together.values():
        if group[0].kind == "stale" and len(group) > 1:
            about = _counted([by_id[alert.figure] for alert in group])
            soonest = min(group, key=lambda alert: alert.before or 0)
            yield {**_of_regression(town, figures, soonest), "about": about}
            continue
        # The places that lost most come first.
        same = sorted(group, key=lambda alert: -abs((alert.before or 0) - (alert.now or 0)))
        every = [_of_regression(town, figures, alert) for alert in same]
        if len(every) < MANY:
            yield from every
            continue
        said = names_text([f"{alert['where']} ({alert['said']})" for alert in every], MANY)
        where = agreed(len(every), "service(s)" if same[0].by == "service" else "site(s)")
        since = min(alert.since for alert in same)
        yield {**every[0], "where": where, "since": since, "said": said, "todo": _todo(same[0], many=True)}


def _of_regression(town: Town, figures: Sequence[Figure], alert: Regression) -> Alert:
    figure = next((figure for figure in figures if figure.id == alert.figure), None)
    about = _short(figure) if figure else METER_TITLE if alert.figure in METERS else alert.figure
    said = {"undone": _undone, "drift": _change, "silent": _silent, "jump": _jump, "stale": _stale}[alert.kind](alert)
    if alert.kind == "undone":
        about = town.sobriety.levers[alert.lever].label
    return {
        "kind": alert.kind,
        "about": about,
        "where": label(town, alert.where),
        "since": alert.since,
        "said": said if alert.confirmed else f"{said} ; {UNCONFIRMED}",
        "todo": _todo(alert),
    }


def _short(figure: Figure) -> str:
    return shorten(named(figure), TITLE, placeholder="…")


def _undone(alert: Regression) -> str:
    # A figure names a site with its faults in brackets; a queue by its name.
    names = [name.partition(" (")[2].removesuffix(")") or name for name in alert.names]
    faults = f" : {names_text(names, 4)}" if names else ""
    return f"en place le {notation.day(alert.before_day)}, n’y est plus{faults}"


def _change(alert: Regression) -> str:
    before, now = quantity(alert.before, alert.unit), quantity(alert.now, alert.unit)
    return f"{before} le {notation.day(alert.before_day)}, {now} maintenant"


def _silent(alert: Regression) -> str:
    before, now = quantity(alert.before, "%"), quantity(alert.now, "%")
    day = f" le {notation.day(alert.before_day)}" if alert.before_day else ""
    return f"{before} d’inconnus{day}, {now} maintenant"


def _jump(alert: Regression) -> str:
    return f"{_change(alert)} : le compteur, ce qu’il alimente ou la période a changé"


def _stale(alert: Regression) -> str:
    age, limit = measure(alert.now or 0, "jours"), measure(alert.before or 0, "jours")
    return f"données : {day_text(alert.before_day[:10])}, âgées de {age}, pour {limit} au plus"


def _todo(alert: Regression, many: bool = False) -> str:
    where = alert.where if alert.by == "site" and not many else ""
    if alert.kind == "undone":
        return f"{f'piste drift {where}'.rstrip()}, puis réparer ou garder."
    if alert.kind == "drift":
        again = f"piste sobriety plan {alert.lever}" if alert.lever else "piste drift"
        return f"Voir « Sur quoi agir » ; {'piste drift ' + where if where else again}."
    if alert.kind == "jump":
        return "Vérifier le compteur et sa ligne dans electricity.csv."
    return "Relever de nouveau la source, puis piste sobriety report." if alert.kind == "stale" else SOURCE


def _figures(subject: SobrietySubject, gone: set[str]) -> Iterator[Alert]:
    """Yield the missed targets, then what is unknown, with all its figures on a line."""
    unread: dict[tuple[str, str], list[Figure]] = {}
    silent: dict[tuple[str, ...], list[Figure]] = {}
    for figure in subject.reading.figures:
        if figure.value is None:
            if figure.id not in gone:
                unread.setdefault((figure.source, figure.why), []).append(figure)
            continue
        if figure.unknown and figure.target:
            silent.setdefault(tuple(label(subject.town, name) for name in figure.unknown), []).append(figure)
        if figure.reached is False:
            said = f"{quantity(figure.value, figure.unit)}, cible {target_text(figure.target, figure.unit)}"
            yield _alert("missed", named(figure), said, "Voir ce qui n’est pas conforme, à la fin de ce document.")
    for (source, why), figures in unread.items():
        reason = notation.dated(labelled(subject.town, why)) or "la valeur est inconnue"
        yield _alert("unknown", _counted(figures), f"{source} : {reason}", SOURCE)
    for names, figures in silent.items():
        said = f"{agreed(len(names), 'élément(s)')} sans réponse : {names_text(names, 6)}"
        yield _alert("unknown", _counted(figures), said, SOURCE)


def _counted(figures: Sequence[Figure]) -> str:
    """Name figures; of many, count those of each number of the tender."""
    if len(figures) <= 2:
        return " ; ".join(map(named, figures))
    counts = Counter(figure.id.partition(".")[0] for figure in figures)
    said = ", ".join(f"{number} ({count})" if count > 1 else number for number, count in counts.items())
    return f"{agreed(len(figures), 'indicateur(s)')} : {said}"


def _levers(subject: SobrietySubject) -> Iterator[Alert]:
    for name, lever in subject.town.sobriety.levers.items():
        steps = steps_until(subject.town, name, subject.today)
        reached = stage(lever, steps, subject.today)
        if reached["overdue"] and reached["earliest"]:
            said = f"l’observation est finie depuis le {notation.day(reached['earliest'])}"
            yield _alert("observation", lever.label, said, "Décider : généraliser, ou retirer.")
        for step in steps:
            if step.decided:
                said = (
                    f"{STEPS[step.step]} du {notation.day(step.date)} décidée par {step.decided.by} sans attendre : "
                    f"{step.decided.why}"
                )
                yield _alert("decided", lever.label, said, "En rendre compte au comité de pilotage.")


def _exceptions(subject: SobrietySubject) -> Iterator[Alert]:
    for site, exceptions in subject.exceptions.items():
        for exception in exceptions:
            if exception.until < subject.today:
                said = f"{exception.why}, jusqu’au {notation.day(exception.until)}"
                todo = "Retirer l’exception, ou décider d’une nouvelle date."
                yield _alert("exception", subject.town.sites[site]["name"], said, todo)


def _alert(kind: AlertKind, about: str, said: str, todo: str) -> Alert:
    return {"kind": kind, "about": about, "where": "", "since": None, "said": said, "todo": todo}


def alerts_table(alerts: Sequence[Alert], key: str = "alerts", caption: str = "À regarder") -> Table:
    """Table of alerts."""
    return Table.of(
        key,
        caption,
        enumerate(alerts, start=1),
        lambda ranked: f"{ranked[1]['kind']}/{ranked[1]['about']}/{ranked[0]}",
        (Column("kind", "Alerte", 2), lambda ranked: Cell(*KINDS[ranked[1]["kind"]])),
        (Column("about", "Sur quoi", 4), lambda ranked: optional(_about(ranked[1]))),
        (Column("said", "Constat", 4), lambda ranked: ranked[1]["said"]),
        (Column("todo", "À faire", 3), lambda ranked: ranked[1]["todo"]),
        empty="Aucune alerte.",
    )


def _about(alert: Alert) -> str:
    since = f", depuis le {notation.day(alert['since'])}" if alert["since"] else ""
    return f"{alert['where']} : {alert['about']}{since}" if alert["where"] else f"{alert['about']}{since}"
