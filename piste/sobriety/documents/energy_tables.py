"""Tables and drawings of energy and savings: values, ranges, measured parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Drawing, Table, Text, optional
from piste.papers.dossier.charts import Span, spans
from piste.sobriety.documents.figure_tables import METHODS, UNKNOWN, quantity, share
from piste.sobriety.footprint import Footprint, Line
from piste.sobriety.savings import NOT_COUNTED, Saving
from piste.sobriety.value_range import Range, total

KWH, KG, SHEETS = "kWh", "kg CO2e", "feuilles"


def range_text(value: Range | None, unit: str) -> str:
    """Write `4 530 kWh [3 100 – 5 900]`; a measured value is its own bounds, which are left out."""
    if value is None:
        return UNKNOWN
    return quantity(value.value, unit, value.low, value.high)


def range_cell(value: Range | None, unit: str) -> Cell:
    return Cell(UNKNOWN, "doubt") if value is None else Cell(range_text(value, unit))


def lines_table(footprint: Footprint) -> Table:
    """Table of the kinds of equipment: count, energy of a year, source."""
    return Table.of(
        "lines",
        "Consommation par équipement, en un an",
        footprint.lines,
        lambda line: line.key,
        (Column("label", "Équipement", 3), lambda line: line.label),
        (Column("count", "Nombre"), _count),
        (Column("kwh", "kWh", 3), lambda line: range_cell(line.kwh, KWH)),
        (Column("method", "Méthode", 2), lambda line: Cell(_method(line.method, line.measured_share))),
        (Column("source", "Source", 4), _source),
        empty="Rien n’est relevé.",
    )


def _source(line: Line) -> str:
    """Give the source of the energy of a line; if it is unknown, the reason."""
    if not line.source:
        return notation.dated(line.why)
    why = f" ({line.why})" if line.why else ""
    return notation.dated(f"{line.source}, {line.date}{why}")


def _count(line: Line) -> Cell:
    return Cell(UNKNOWN, "doubt") if line.count is None else Cell(notation.number(line.count))


def _method(method: str, measured: float) -> str:
    label = METHODS[method]  # type: ignore[index]
    return f"{label} ({share(measured)} mesurés)" if method == "mixed" else label


def totals_table(footprint: Footprint) -> Table:
    """Table of the sum of each perimeter, then of all; what is unknown is named and not counted."""
    return Table.of(
        "totals",
        "Consommation par périmètre, en un an ; ce qui est inconnu n’est pas compté",
        [*footprint.perimeters, footprint.total],
        lambda total: total.perimeter or "total",
        (Column("label", "Périmètre", 2), lambda total: total.label),
        (Column("kwh", "kWh", 3), lambda total: range_cell(total.kwh, KWH)),
        (Column("co2", "Émissions", 3), lambda total: range_cell(total.co2_kg, KG)),
        (Column("measured", "Mesuré"), lambda total: Cell("—" if total.kwh is None else share(total.measured_share))),
        (Column("unknown", "Non compté", 3), lambda total: optional(", ".join(total.unknown))),
    )


def footprint_drawing(footprint: Footprint) -> Block:
    """Draw the known perimeters against each other."""
    drawn = [
        Span(total.label, *total.kwh, total.measured_share, range_text(total.kwh, KWH))
        for total in footprint.perimeters
        if total.kwh
    ]
    if not drawn:
        return Text("Aucun périmètre n’est chiffré à ce jour.")
    caption = "Consommation annuelle par périmètre : en plein ce qui est mesuré, hachuré ce qui est estimé"
    words = " ; ".join(f"{span.label} : {span.text}" for span in drawn)
    return Drawing.of("footprint", caption, words, spans, drawn)


def gains(saving: Saving | None, part: Literal["", "realised_", "remaining_"] = "") -> Cell:
    """Make the cell of a saving, in energy and paper: all, its realised or its remaining part."""
    if saving is not None and saving.formula == NOT_COUNTED:
        return Cell(NOT_COUNTED)
    if part == "realised_" and saving is not None and is_unread(saving):
        return Cell(UNKNOWN, "doubt")
    parts = [
        range_text(value, unit)
        for name, unit in (("kwh", KWH), ("sheets", SHEETS))
        if saving is not None and (value := getattr(saving, f"{part}{name}")) is not None
    ]
    return Cell(", ".join(parts)) if parts else Cell(UNKNOWN, "doubt")


def is_unread(saving: Saving) -> bool:
    """Tell whether nothing answered for the figure of a lever; what it saves is unknown then."""
    return saving.measured is not None and saving.measured.after is None and saving.measured.targets != 0


def savings_table(key: str, caption: str, savings: Sequence[Saving]) -> Table:
    """Table of the savings of a year: all of each, the realised part, the remaining part."""
    return Table.of(
        key,
        caption,
        savings,
        lambda saving: saving.lever,
        (Column("lever", "Levier", 3), lambda saving: saving.label),
        (Column("all", "Gain annuel attendu", 3), gains),
        (Column("realised", "Réalisé", 3), lambda saving: gains(saving, "realised_")),
        (Column("remaining", "Reste à gagner", 3), lambda saving: gains(saving, "remaining_")),
        empty="Aucun levier de cette sorte.",
    )


def assumptions_table(savings: Sequence[Saving]) -> Table:
    """Table of the formula of each saving and of its assumptions."""
    return Table.of(
        "assumptions",
        "Calcul des gains et hypothèses",
        savings,
        lambda saving: saving.lever,
        (Column("lever", "Levier", 2), lambda saving: saving.label),
        (Column("formula", "Calcul", 4), _formula),
        (Column("assumptions", "Hypothèses", 5), lambda saving: optional(_assumptions(saving))),
        empty="Aucun gain n’est calculé.",
    )


def _formula(saving: Saving) -> str:
    """Give the formula and its condition; if there is no formula, the reason."""
    if saving.formula == NOT_COUNTED:
        return notation.dated(saving.why)
    return notation.dated(f"{saving.formula} ({saving.why})" if saving.why else saving.formula)


def _assumptions(saving: Saving) -> str:
    return " ; ".join(f"{assumption.text} ({assumption.source})" for assumption in saving.assumptions)


def summed(values: Sequence[Range | None]) -> Range | None:
    """Add the known values; None if there are none."""
    known = [value for value in values if value is not None]
    return total(known) if known else None
