"""Alerts of a dashboard: missed targets, drifts, unknowns, decisions that wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypedDict

from piste.dossier import notation
from piste.dossier.blocks import Cell, Column, Mark, Table
from piste.sobriety.documents.figure_tables import named, names_text, quantity, target_text
from piste.sobriety.documents.levers import STEPS, stage, steps_until
from piste.sobriety.documents.subject import SobrietySubject
from piste.sobriety.figure import Figure
from piste.words import agreed

AlertKind = Literal["missed", "drift", "unknown", "observation", "decided", "exception"]
KINDS: dict[AlertKind, tuple[str, Mark]] = {
    "missed": ("✗ cible non atteinte", "bad"),
    "drift": ("✗ dérive", "bad"),
    "unknown": ("? inconnu", "doubt"),
    "observation": ("! à décider", "doubt"),
    "decided": ("! hors règle", "doubt"),
    "exception": ("! exception échue", "doubt"),
}


SOURCE = "Rétablir la lecture, ou fournir la source."


class Alert(TypedDict):
    """A point to look at: its kind, its subject, the finding, the thing to do."""

    kind: AlertKind
    about: str
    said: str
    todo: str


def alerts(subject: SobrietySubject) -> list[Alert]:
    """List the alerts, figures first."""
    return [*_figures(subject), *_levers(subject), *_exceptions(subject)]


def _figures(subject: SobrietySubject) -> Iterator[Alert]:
    before = {figure.id: figure for figure in subject.history[-2].figures} if len(subject.history) > 1 else {}
    unknown: dict[tuple[str, str], list[Figure]] = {}
    for figure in subject.reading.figures:
        if figure.value is None:
            unknown.setdefault((figure.source, figure.why), []).append(figure)
    for (source, why), figures in unknown.items():
        about = named(figures[0]) if len(figures) == 1 else ", ".join(figure.id for figure in figures)
        yield _alert("unknown", about, f"{source} : {notation.dated(why) or 'la valeur est inconnue'}", SOURCE)
    for figure in subject.reading.figures:
        about = named(figure)
        if figure.value is None:
            continue
        if figure.unknown and figure.target:
            said = f"{agreed(len(figure.unknown), 'élément(s)')} sans réponse : {names_text(figure.unknown, 6)}"
            yield _alert("unknown", about, said, SOURCE)
        if figure.reached is False:
            said = f"{quantity(figure.value, figure.unit)}, cible {target_text(figure.target, figure.unit)}"
            yield _alert("missed", about, said, "Voir ce qui n'est pas conforme, à la fin de ce document.")
        old = before.get(figure.id)
        if old is not None and old.value is not None and _worse(figure, old.value):
            said = f"{quantity(old.value, figure.unit)} puis {quantity(figure.value, figure.unit)}"
            yield _alert("drift", about, said, "Chercher ce qui a changé : piste drift.")


def _worse(figure: Figure, before: float) -> bool:
    """Check that a figure moved away from its target; with two bounds, only outside them."""
    if figure.target is None or figure.value is None or figure.value == before:
        return False
    low, high = figure.target.at_least, figure.target.at_most
    if low is not None and (high is None or figure.value < low):
        return figure.value < before
    return high is not None and (low is None or figure.value > high) and figure.value > before


def _levers(subject: SobrietySubject) -> Iterator[Alert]:
    for name, lever in subject.town.sobriety.levers.items():
        steps = steps_until(subject.town, name, subject.today)
        reached = stage(lever, steps, subject.today)
        if reached["overdue"] and reached["earliest"]:
            said = f"l'observation est finie depuis le {notation.day(reached['earliest'])}"
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
                said = f"{exception.why}, jusqu'au {notation.day(exception.until)}"
                todo = "Retirer l'exception, ou décider d'une nouvelle date."
                yield _alert("exception", subject.town.sites[site]["name"], said, todo)


def _alert(kind: AlertKind, about: str, said: str, todo: str) -> Alert:
    return {"kind": kind, "about": about, "said": said, "todo": todo}


def alerts_table(alerts: Sequence[Alert]) -> Table:
    """Table of the alerts."""
    return Table.of(
        "alerts", "À regarder", enumerate(alerts, start=1),
        lambda ranked: f"{ranked[1]['kind']}/{ranked[1]['about']}/{ranked[0]}",
        (Column("kind", "Alerte", 2), lambda ranked: Cell(*KINDS[ranked[1]["kind"]])),
        (Column("about", "Sur quoi", 3), lambda ranked: ranked[1]["about"]),
        (Column("said", "Constat", 4), lambda ranked: ranked[1]["said"]),
        (Column("todo", "À faire", 3), lambda ranked: ranked[1]["todo"]),
        empty="Aucune alerte.",
    )
