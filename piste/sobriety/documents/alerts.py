"""What a dashboard must not let pass: figures that miss their target or get worse, unknowns, decisions that wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypedDict

from piste.dossier import notation
from piste.dossier.blocks import Cell, Column, Mark, Table
from piste.sobriety.documents.figure_tables import names_text, quantity, target_text
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
    """What is to be looked at: the kind, what it is about, what is said, what to do."""

    kind: AlertKind
    about: str
    said: str
    todo: str


def alerts(subject: SobrietySubject) -> list[Alert]:
    """Everything to look at, figures first."""
    return [*_figures(subject), *_levers(subject), *_exceptions(subject)]


def _figures(subject: SobrietySubject) -> Iterator[Alert]:
    before = {one.id: one for one in subject.history[-2].figures} if len(subject.history) > 1 else {}
    unknown: dict[tuple[str, str], list[Figure]] = {}
    for one in subject.reading.figures:
        if one.value is None:
            unknown.setdefault((one.source, one.why), []).append(one)
    for (source, why), found in unknown.items():
        about = f"{found[0].id} – {found[0].title}" if len(found) == 1 else ", ".join(one.id for one in found)
        yield _alert("unknown", about, f"{source} : {notation.dated(why) or 'la valeur est inconnue'}", SOURCE)
    for one in subject.reading.figures:
        about = f"{one.id} – {one.title}"
        if one.value is None:
            continue
        if one.unknown and one.target:
            said = f"{agreed(len(one.unknown), 'élément(s)')} sans réponse : {names_text(one.unknown, 6)}"
            yield _alert("unknown", about, said, SOURCE)
        if one.reached is False:
            said = f"{quantity(one.value, one.unit)}, cible {target_text(one.target, one.unit)}"
            yield _alert("missed", about, said, "Voir ce qui n'est pas conforme, à la fin de ce document.")
        old = before.get(one.id)
        if old is not None and old.value is not None and _worse(one, old.value):
            told = f"{quantity(old.value, one.unit)} puis {quantity(one.value, one.unit)}"
            yield _alert("drift", about, told, "Chercher ce qui a changé : piste drift.")


def _worse(one: Figure, before: float) -> bool:
    """Whether a figure moved away from its target; a figure with two bounds is worse only outside them."""
    if one.target is None or one.value is None or one.value == before:
        return False
    low, high = one.target.at_least, one.target.at_most
    if low is not None and (high is None or one.value < low):
        return one.value < before
    return high is not None and (low is None or one.value > high) and one.value > before


def _levers(subject: SobrietySubject) -> Iterator[Alert]:
    for name, lever in subject.town.sobriety.levers.items():
        steps = steps_until(subject.town, name, subject.today)
        found = stage(lever, steps, subject.today)
        if found["overdue"] and found["earliest"]:
            said = f"l'observation est finie depuis le {notation.day(found['earliest'])}"
            yield _alert("observation", lever.label, said, "Décider : généraliser, ou retirer.")
        for step in steps:
            if step.decided:
                said = (
                    f"{STEPS[step.step]} du {notation.day(step.date)} décidée par {step.decided.by} sans attendre : "
                    f"{step.decided.why}"
                )
                yield _alert("decided", lever.label, said, "En rendre compte au comité de pilotage.")


def _exceptions(subject: SobrietySubject) -> Iterator[Alert]:
    for site, found in subject.exceptions.items():
        for one in found:
            if one.until < subject.today:
                said = f"{one.why}, jusqu'au {notation.day(one.until)}"
                todo = "Retirer l'exception, ou décider d'une nouvelle date."
                yield _alert("exception", subject.town.sites[site]["name"], said, todo)


def _alert(kind: AlertKind, about: str, said: str, todo: str) -> Alert:
    return {"kind": kind, "about": about, "said": said, "todo": todo}


def alerts_table(alerts: Sequence[Alert]) -> Table:
    """Table of the alerts."""
    return Table.of(
        "alerts",
        "À regarder",
        enumerate(alerts, start=1),
        lambda ranked: f"{ranked[1]['kind']}/{ranked[1]['about']}/{ranked[0]}",
        (Column("kind", "Alerte", 2), lambda ranked: Cell(*KINDS[ranked[1]["kind"]])),
        (Column("about", "Sur quoi", 3), lambda ranked: ranked[1]["about"]),
        (Column("said", "Constat", 4), lambda ranked: ranked[1]["said"]),
        (Column("todo", "À faire", 3), lambda ranked: ranked[1]["todo"]),
        empty="Aucune alerte.",
    )
