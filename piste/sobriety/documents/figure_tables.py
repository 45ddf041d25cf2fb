"""How a figure stands in a document: its value and its range, what it is made of, its verdict against the target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, log10

from piste.dossier import notation
from piste.dossier.blocks import Block, Cell, Column, Table, Text, optional
from piste.dossier.blocks import Figure as Drawing
from piste.dossier.charts import Bullet, bullets
from piste.model.schema_sobriety import SobrietyTarget
from piste.sobriety.figure import Figure, Method
from piste.words import agreed

UNKNOWN = "inconnu"
METHODS: dict[Method, str] = {"measured": "mesuré", "estimated": "estimé", "mixed": "en partie mesuré"}
PERIMETERS = {
    "postes": ("Postes de travail", ("F1", "F2")),
    "hebergement": ("Serveurs et VDI", ("F3", "F4")),
    "impression": ("Impressions", ("F6", "F7")),
    "stockage": ("Stockage et sauvegardes", ("F5",)),
    "reseau": ("Réseau et Wi-Fi", ("F8",)),
}
"""The perimeters of the diagnosis (CCTP 4.4.2) and the figures of each."""


def verdicts(found: Iterable[Figure]) -> dict[str, bool | None]:
    """Whether each figure reaches its target; None where it has no target or no value."""
    return {one.id: one.reached for one in found}


def perimeter_of(figure_id: str) -> str | None:
    """The perimeter of the diagnosis that a figure belongs to; None for those of the whole."""
    own = figure_id.partition(".")[0]
    return next((key for key, (_, figures) in PERIMETERS.items() if own in figures), None)


def day_text(text: str) -> str:
    """A day, or a month where the figure is that of a month."""
    return notation.month(text) if len(text) == 7 else notation.day(text) if text else ""


def quantity(value: float | None, unit: str, low: float | None = None, high: float | None = None) -> str:
    """``62,5 %`` or ``4 530 kWh [3 100 – 5 900]``; a value that nobody knows is said unknown."""
    if value is None:
        return UNKNOWN
    said = measure(value, unit)
    if low is None or high is None or low == high:
        return said
    return f"{said} {bounds(low, high)}"


def measure(value: float, unit: str) -> str:
    """A value and its unit; one that counts things is in the singular below two."""
    few = unit.removesuffix("s") if unit.endswith("s") and abs(value) < 2 else unit
    return notation.measure(value, few, decimals(value)).rstrip()


def bounds(low: float, high: float) -> str:
    """``[3 100 – 5 900]``, the spaces held."""
    space = "\N{NO-BREAK SPACE}"
    return f"[{notation.number(low, decimals(low))}{space}–{space}{notation.number(high, decimals(high))}]"


def decimals(value: float) -> int:
    """As many decimals as a reader uses: none above a thousand or in a whole number, two that tell below one."""
    if abs(value) >= 1000 or value == round(value):
        return 0
    return 1 if abs(value) >= 1 else 1 - floor(log10(abs(value)))


def share(part: float) -> str:
    """``62 %`` from 0.62."""
    return notation.measure(100 * part, "%", decimals(round(100 * part, 1)))


def target_text(target: SobrietyTarget | None, unit: str) -> str | None:
    """``au moins 90 %``, or the two bounds; None without a target."""
    if target is None:
        return None
    low, high = target.at_least, target.at_most
    if low is not None and high is not None:
        return f"de {quantity(low, unit)} à {quantity(high, unit)}"
    return f"au moins {quantity(low, unit)}" if low is not None else f"au plus {quantity(high, unit)}"


def verdict(figure: Figure | None) -> Cell:
    """The verdict in a word behind a sign; unknown is neither reached nor missed."""
    if figure is None or figure.value is None:
        return Cell("? inconnu", "doubt")
    if figure.reached is None:
        return Cell("– sans cible")
    return Cell("✓ atteint", "good") if figure.reached else Cell("✗ non atteint", "bad")


def named(figure: Figure) -> str:
    """The id and the title of a figure: `F3 – …`."""
    return f"{figure.id} – {figure.title}"


def value_cell(one: Figure) -> Cell:
    """The value; one that is not known says so."""
    if one.value is None:
        return Cell(UNKNOWN, "doubt")
    return Cell(quantity(one.value, one.unit, one.low, one.high))


def figures_table(key: str, caption: str, figures: Sequence[Figure]) -> Table:
    """Table of figures, with their verdicts against the targets."""
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
        status=lambda figure: figure.target.status if figure.target else None,
        empty="Non relevé : aucune source n'est branchée à ce jour.",
    )


def fraction(one: Figure) -> str | None:
    """``45 sur 60``, of what was counted."""
    numerator, denominator = one.numerator, one.denominator
    if denominator is None:
        return None
    counted = UNKNOWN if numerator is None else notation.number(numerator, decimals(numerator))
    return f"{counted} sur {notation.number(denominator, decimals(denominator))}"


def sources_table(key: str, caption: str, figures: Sequence[Figure]) -> Table:
    """Table of the source of each figure, and of the part of it that rests on measures."""
    return Table.of(
        key,
        caption,
        figures,
        lambda figure: figure.id,
        (Column("figure", "Indicateur"), lambda figure: Cell(figure.id)),
        (Column("source", "Source", 4), lambda figure: notation.dated(figure.source)),
        (Column("date", "Date"), lambda figure: day_text(figure.date)),
        (Column("method", "Méthode", 2), method_text),
        (Column("coverage", "Relevé", 2), lambda figure: optional(coverage(figure))),
        (Column("cctp", "CCTP"), lambda figure: figure.cctp),
        empty="Aucune source.",
    )


def method_text(one: Figure) -> str:
    part, said = one.measured_share, METHODS[one.method]
    return said if part is None or one.value is None or one.method == "measured" else f"{said} ({share(part)} mesurés)"


def coverage(one: Figure) -> str | None:
    """How many of those that are counted one by one answered; else how many did not, None where all did."""
    lacking = len(one.unknown)
    if one.denominator is not None and (one.numerator or 0) + len(one.failing) + lacking == one.denominator:
        return f"{notation.number(one.denominator - lacking)} sur {notation.number(one.denominator)}"
    return f"{lacking} sans réponse" if lacking else None


def details_table(key: str, caption: str, figures: Sequence[Figure]) -> Table:
    """Table of what fails, what is unknown, what is excluded and why; only figures that have some."""
    details = [(figure.id, what, names) for figure in figures for what, names in _details(figure) if names]
    return Table.of(
        key,
        caption,
        details,
        lambda detail: f"{detail[0]}/{detail[1]}",
        (Column("figure", "Indicateur"), lambda detail: Cell(detail[0])),
        (Column("what", "Quoi", 2), lambda detail: Cell(detail[1])),
        (Column("names", "Lesquels", 5), lambda detail: optional(detail[2])),
        empty="Rien n'est en défaut, rien n'est exclu.",
    )


def _details(one: Figure) -> Iterable[tuple[str, str]]:
    yield agreed(len(one.failing), "non conforme(s)"), names_text(one.failing)
    yield agreed(len(one.unknown), "inconnu(s)"), names_text(one.unknown)
    reasons: dict[str, list[str]] = {}
    for left in one.excluded:
        reasons.setdefault(left.why, []).append(left.name)
    told = (f"{names_text(names)} ({notation.dated(why)})" for why, names in reasons.items())
    yield agreed(len(one.excluded), "exclu(s)"), " ; ".join(told)
    yield "à savoir" if one.value is not None else "pourquoi", notation.dated(one.why)


def names_text(names: Sequence[str], most: int = 20) -> str:
    """The first names of a list; the data that are joined to the document have them all."""
    more = len(names) - most
    told = ", ".join(names[:most])
    return told if more <= 0 else f"{told} et {agreed(more, 'autre(s)')} (liste entière dans les données jointes)"


def bullets_drawing(key: str, caption: str, found: Sequence[Figure]) -> Block:
    """The figures that have a target, each against it; the table of figures says the same."""
    aimed = [one for one in found if one.target]
    if not aimed:
        return Text("Aucun indicateur n'a de cible.")
    told = [_bullet(one) for one in aimed]
    said = " ; ".join(f"{bullet.label} : {bullet.told}" for bullet in told)
    return Drawing(key, bullets(key, caption, said, told), f"{caption}. {said}.", caption)


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
        empty="Aucun indicateur n'a de cible.",
    )


def _bullet(one: Figure) -> Bullet:
    target = one.target
    assert target is not None
    ends = [end for end in (one.value, target.at_least, target.at_most) if end is not None]
    low = min(0.0, *ends)
    high = max(100.0 if one.unit == "%" and low == 0 else 0.0, *ends)
    high = high if high > low else low + 1
    told = f"{quantity(one.value, one.unit)}, cible {target_text(target, one.unit)}"
    if one.value is not None:
        told += " : atteint" if one.reached else " : non atteint"
    return Bullet(f"{one.id} – {one.title}", one.value, target.at_least, target.at_most, low, high, told)
