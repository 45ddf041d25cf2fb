"""Tables, drawings and texts of figures: value, range, count, target, verdict, sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, log10

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Drawing, Table, Text, optional
from piste.papers.dossier.charts import Bullet, bullets
from piste.sobriety.documents.notes import Notes, day_text, number_of
from piste.sobriety.figure import Figure, Method
from piste.sobriety.places import labelled
from piste.town.model import Town
from piste.town.model.sobriety.form import SobrietyTarget

UNKNOWN = "inconnu"
METHODS: dict[Method, str] = {"measured": "mesuré", "estimated": "estimé", "mixed": "en partie mesuré"}
PERIMETERS = {
    "postes": ("Postes de travail", ("F1", "F2")),
    "hebergement": ("Serveurs et VDI", ("F3", "F4")),
    "impression": ("Impressions", ("F6", "F7")),
    "stockage": ("Stockage et sauvegardes", ("F5",)),
    "reseau": ("Réseau et Wi-Fi", ("F8",)),
}
"""The perimeters of the diagnosis (CCTP 4.4.2), with their figures."""


def verdicts(figures: Iterable[Figure]) -> dict[str, bool | None]:
    """Give the verdict of each figure by its id; None without a target or a value."""
    return {figure.id: figure.reached for figure in figures}


def perimeter_of(figure_id: str) -> str | None:
    """Find the perimeter of a figure in the diagnosis; None for a figure of the whole town."""
    own = figure_id.partition(".")[0]
    return next((key for key, (_, figures) in PERIMETERS.items() if own in figures), None)


def quantity(value: float | None, unit: str, low: float | None = None, high: float | None = None) -> str:
    """Write `62,5 %` or `4 530 kWh [3 100 – 5 900]`; None is written as unknown."""
    if value is None:
        return UNKNOWN
    text = measure(value, unit)
    if low is None or high is None or low == high:
        return text
    return f"{text} {bounds(low, high)}"


def measure(value: float, unit: str) -> str:
    """Write a value and its unit; below two, a plural unit is in the singular."""
    few = unit.removesuffix("s") if unit.endswith("s") and abs(value) < 2 else unit
    return notation.measure(value, few, decimals(value)).rstrip()


def bounds(low: float, high: float) -> str:
    """Write `[3 100 – 5 900]`, with unbreakable spaces."""
    space = "\N{NO-BREAK SPACE}"
    return f"[{notation.number(low, decimals(low))}{space}–{space}{notation.number(high, decimals(high))}]"


def decimals(value: float) -> int:
    """Give the number of decimals that a reader needs.

    None from a thousand up or in a whole number, two significant figures below 1.
    """
    if abs(value) >= 1000 or value == round(value):
        return 0
    return 1 if abs(value) >= 1 else 1 - floor(log10(abs(value)))


def share(part: float) -> str:
    """Write `62 %` from 0.62."""
    return notation.measure(100 * part, "%", decimals(round(100 * part, 1)))


def target_text(target: SobrietyTarget | None, unit: str) -> str | None:
    """Write `au moins 90 %`, or the two bounds; None without a target."""
    if target is None:
        return None
    low, high = target.at_least, target.at_most
    if low is not None and high is not None:
        return f"de {quantity(low, unit)} à {quantity(high, unit)}"
    return f"au moins {quantity(low, unit)}" if low is not None else f"au plus {quantity(high, unit)}"


def verdict(figure: Figure | None) -> Cell:
    """Make the cell of a verdict, a sign and a word; unknown is neither reached nor missed."""
    if figure is None or figure.value is None:
        return Cell("? inconnu", "doubt")
    if figure.reached is None:
        return Cell("– sans cible")
    return Cell("✓ atteint", "good") if figure.reached else Cell("✗ non atteint", "bad")


def named(figure: Figure) -> str:
    """Write the number and the title of a figure: `F3 – …`."""
    return named_text(figure.id, figure.title)


def named_text(name: str, title: str) -> str:
    return f"{number_of(name)} – {title}"


def value_cell(figure: Figure) -> Cell:
    """Make the cell of a value."""
    if figure.value is None:
        return Cell(UNKNOWN, "doubt")
    return Cell(quantity(figure.value, figure.unit, figure.low, figure.high))


def figures_table(key: str, caption: str, figures: Sequence[Figure], notes: Notes) -> Table:
    """Table of figures: value, count, verdict against the target, method and day of the data."""
    return Table.of(
        key,
        caption,
        figures,
        lambda figure: figure.id,
        (Column("figure", "Indicateur", 4), named),
        (Column("value", "Valeur", 2), value_cell),
        (Column("of", "Compté", 2), lambda figure: optional(fraction(figure))),
        (Column("target", "Cible", 2), lambda figure: optional(target_text(figure.target, figure.unit))),
        (Column("verdict", "Verdict", 2), verdict),
        (Column("data", "Données", 2), lambda figure: Cell(f"{data_text(figure)} {notes.of(figure)}")),
        status=lambda figure: figure.target.status if figure.target else None,
        empty="Non relevé : aucune source n’est branchée à ce jour.",
    )


def fraction(figure: Figure) -> str | None:
    """Write the count of a figure, `45 sur 60, dont 2 inconnus`."""
    numerator, denominator, silent = figure.numerator, figure.denominator, len(figure.unknown)
    if denominator is None:
        return agreed(silent, "inconnu(s)") if silent else None
    counted = UNKNOWN if numerator is None else notation.number(numerator, decimals(numerator))
    of = f"{counted} sur {notation.number(denominator, decimals(denominator))}"
    if not silent:
        return of
    within = numerator is not None and numerator + len(figure.failing) + silent == denominator
    return f"{of}, {'dont ' if within else 'sans réponse : '}{agreed(silent, 'inconnu(s)') if within else silent}"


def data_text(figure: Figure) -> str:
    """Write the method of a figure, and the day of its data."""
    day = day_text(figure.date)
    return f"{method_text(figure)}, {day}" if day and figure.value is not None else method_text(figure)


def method_text(figure: Figure) -> str:
    part, label = figure.measured_share, METHODS[figure.method]
    if part is None or figure.value is None or figure.method == "measured":
        return label
    return f"{label} ({share(part)} mesurés)"


def details_table(key: str, caption: str, figures: Sequence[Figure], town: Town) -> Table:
    """Table of the failing, unknown and excluded names of figures, with the reasons."""
    together: dict[tuple[str, str], list[str]] = {}
    for figure in figures:
        for what, names in _details(figure, town):
            if names:
                together.setdefault((what, names), []).append(named(figure))
    return Table.of(
        key,
        caption,
        together.items(),
        lambda detail: f"{detail[1][0]}/{detail[0][0]}",
        (Column("figure", "Indicateur", 3), lambda detail: Cell(" ; ".join(detail[1]))),
        (Column("what", "Quoi", 1), lambda detail: Cell(detail[0][0])),
        (Column("names", "Lesquels", 5), lambda detail: optional(detail[0][1])),
        empty="Rien n’est en défaut, rien n’est exclu.",
    )


def _details(figure: Figure, town: Town) -> Iterable[tuple[str, str]]:
    def shown(names: Sequence[str]) -> str:
        return names_text([labelled(town, name) for name in names])

    yield agreed(len(figure.failing), "non conforme(s)"), shown(figure.failing)
    yield agreed(len(figure.unknown), "inconnu(s)"), shown(figure.unknown)
    reasons: dict[str, list[str]] = {}
    for left in figure.excluded:
        reasons.setdefault(left.why, []).append(left.name)
    excluded = (f"{shown(names)} ({notation.dated(why)})" for why, names in reasons.items())
    yield agreed(len(figure.excluded), "exclu(s)"), " ; ".join(excluded)
    yield "à savoir" if figure.value is not None else "pourquoi", notation.dated(labelled(town, figure.why))


def names_text(names: Sequence[str], most: int = 20) -> str:
    """Write the first names of a list; the attached data have them all."""
    more = len(names) - most
    text = ", ".join(names[:most])
    return text if more <= 0 else f"{text} et {agreed(more, 'autre(s)')} (liste entière dans les données jointes)"


def bullets_drawing(key: str, caption: str, figures: Sequence[Figure]) -> Block:
    """Draw the figures that have a target against it; `targets_table` gives the same."""
    drawn = [_bullet(figure, figure.target) for figure in figures if figure.target]
    if not drawn:
        return Text("Aucun indicateur n’a de cible.")
    words = " ; ".join(f"{bullet.label} : {bullet.text}" for bullet in drawn)
    return Drawing.of(key, caption, words, bullets, drawn)


def targets_table(key: str, caption: str, figures: Sequence[Figure]) -> Table:
    """Table of what `bullets_drawing` draws."""
    return Table.of(
        key,
        caption,
        [figure for figure in figures if figure.target],
        lambda figure: figure.id,
        (Column("figure", "Indicateur", 5), lambda figure: Cell(named(figure))),
        (Column("value", "Valeur", 2), value_cell),
        (Column("target", "Cible", 2), lambda figure: optional(target_text(figure.target, figure.unit))),
        (Column("verdict", "Verdict", 2), verdict),
        empty="Aucun indicateur n’a de cible.",
    )


def _bullet(figure: Figure, target: SobrietyTarget) -> Bullet:
    ends = [end for end in (figure.value, target.at_least, target.at_most) if end is not None]
    low = min(0.0, *ends)
    high = max(100.0 if figure.unit == "%" and low == 0 else 0.0, *ends)
    high = high if high > low else low + 1
    text = f"{quantity(figure.value, figure.unit)}, cible {target_text(target, figure.unit)}"
    if figure.value is not None:
        text += " : atteint" if figure.reached else " : non atteint"
    return Bullet(named(figure), figure.value, target.at_least, target.at_most, low, high, text)
