"""The figure of a lever before and after it, on one population, the unknown in its bounds.

A figure of a share counts an unknown target as not conforming: its lower bound is its value, its upper bound has the
unknown targets conforming. The change is between what was read; whom it is due to is said, not computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from piste.sobriety.figure import Figure
from piste.sobriety.value_range import Range
from piste.town.model.sobriety.form import Drives

OWN: Mapping[Drives, str] = {
    "sleep": "F1.sleep",
    "shutdown": "F1.shutdown",
    "autostart": "F1.autostart",
    "telemetry": "F1.telemetry",
    "print_defaults": "F7",
    "machine_hours": "F3",
    "retention": "F5",
    "ssid_hours": "F8",
    "port_hours": "F8",
}
"""The figure that a lever moves by itself; a lever without such a figure has no measure of its own."""
SHARED: Mapping[Drives, str] = {
    "sleep": "Un poste qui dort et s’éteint est compté à chaque levier pour ce que chacun lui ajoute.",
    "shutdown": "Ce que la veille gagne déjà n’est pas recompté : l’arrêt n’a que l’écart entre veille et arrêt.",
    "autostart": "Un poste qui démarre moins de programmes dort aussi mieux : ce gain-là reste à la veille.",
    "telemetry": "Moins de réveils se voient dans la veille, et n’y sont comptés qu’une fois.",
    "thin_clients": "Le poste remplacé est compté avec sa veille : ce qu’elle gagne n’est pas recompté ici.",
    "port_hours": "Le Wi-Fi éteint ne gagne rien de compté : la borne hors tension compte seule.",
    "ssid_hours": "Le plan hors des heures se mesure pour le Wi-Fi et les bornes ensemble.",
    "retention": "Ce que les services effacent d’eux-mêmes baisse aussi ce chiffre.",
    "print_defaults": "Une consigne aux agents ou un nouveau copieur bougent aussi ce chiffre.",
}
"""Whom a change is due to, where several levers or causes act on the same thing."""
OF_VOLUME = frozenset({"F7"})
"""Figures that count jobs, never the same number twice: their population is the sites that were read."""
FOLDED: Mapping[str, str] = {"F5": "Go"}
"""Figures that are a change themselves: their before and after are the two sides of the fraction."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure before and after a lever; `read` of `targets` were read for the last of the two.

    `change` is None where the two do not compare, and `why` says why.
    """

    figure: str
    title: str
    unit: str
    before_on: str
    after_on: str
    before: Range | None
    after: Range | None
    change: Range | None
    read: int | None
    targets: int | None
    shared: str = ""
    why: str = ""


def measured(drives: Drives, figures: Mapping[str, Figure], reference: Mapping[str, Figure] | None) -> Measured | None:
    """Compare the figure of a lever with that of the first diagnosis; None without a figure."""
    name = OWN.get(drives)
    now = figures.get(name) if name else None
    if now is None:
        return None
    if now.id in FOLDED:
        return _folded(now, drives)
    then = reference.get(now.id) if reference else None
    before, after = (_bounds(figure) for figure in (then, now))
    why = _incomparable(then, now, before, after)
    change = None
    if before and after and not why:
        # Each side may be at the other end of its own bounds.
        change = Range(after.value - before.value, after.low - before.high, after.high - before.low)
    targets = round(now.denominator) if now.denominator is not None and now.id not in OF_VOLUME else None
    return Measured(
        now.id, now.title, now.unit, then.date if then else "", now.date, before, after, change,
        targets - len(now.unknown) if targets is not None else None, targets, SHARED.get(drives, ""), why,
    )  # fmt: skip


def _bounds(figure: Figure | None) -> Range | None:
    """Give a figure with its bounds: of its estimate, else those that unknown targets leave."""
    if figure is None or figure.value is None:
        return None
    if figure.low is not None and figure.high is not None:
        return Range(figure.value, figure.low, figure.high)
    if figure.unit == "%" and figure.denominator and figure.id not in OF_VOLUME and 0 <= figure.value <= 100:
        high = figure.value + 100 * len(figure.unknown) / figure.denominator
        return Range(figure.value, figure.value, min(100, high))
    return Range(figure.value, figure.value, figure.value)


def _incomparable(then: Figure | None, now: Figure, before: Range | None, after: Range | None) -> str:
    """Give the reason why two figures do not compare; empty where they do."""
    if then is None:
        return "aucun relevé d’avant le levier : celui-ci sert de départ"
    if before is None or after is None:
        return (now if after is None else then).why or "inconnu"
    if now.id in OF_VOLUME:
        if changed := sorted({*then.unknown} ^ {*now.unknown}):
            return f"les sites connus ont changé : {', '.join(changed)}"
    elif then.denominator != now.denominator:
        return f"la population a changé : {_count(then)} cibles, puis {_count(now)}"
    if then.method != now.method or then.source.partition(" (")[0] != now.source.partition(" (")[0]:
        return "la source a changé entre les deux relevés"
    return ""


def _count(figure: Figure) -> str:
    return "un nombre inconnu de" if figure.denominator is None else f"{figure.denominator:g}"


def _folded(now: Figure, drives: Drives) -> Measured:
    """Unfold a figure that is a change: its denominator is before, its numerator after."""
    before, after = (None if side is None else Range(*[side] * 3) for side in (now.denominator, now.numerator))
    change = Range(*[after.value - before.value] * 3) if before and after else None
    return Measured(
        now.id, now.title, FOLDED[now.id], "", now.date, before, after, change, None, None, SHARED.get(drives, ""),
        "" if change else now.why or "inconnu",
    )  # fmt: skip
