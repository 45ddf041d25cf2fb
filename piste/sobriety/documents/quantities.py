"""Energy and savings as they print: central value and range, the part that is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from piste.dossier import french
from piste.dossier.blocks import Block, Cell, Column, Row, Table, Text, optional, required
from piste.dossier.blocks import Figure as Drawing
from piste.dossier.charts import Span, spans
from piste.sobriety.documents.figures import METHODS, UNKNOWN, quantity, share
from piste.sobriety.energy import Footprint, Line, Total
from piste.sobriety.ranges import Range, total
from piste.sobriety.savings import NOT_COUNTED, Saving

KWH, KG, SHEETS = "kWh", "kg CO2e", "feuilles"


def range_text(found: Range | None, unit: str) -> str:
    """``4 530 kWh [3 100 – 5 900]``; without bounds where they are the value, as measured."""
    if found is None:
        return UNKNOWN
    return quantity(found.value, unit, found.low, found.high)


def range_cell(found: Range | None, unit: str) -> Cell:
    return Cell(UNKNOWN, "doubt") if found is None else Cell(range_text(found, unit))


def lines_table(found: Footprint) -> Table:
    """Every kind of equipment, how many, what they use in a year, where that comes from."""
    columns = [
        Column("label", "Équipement", 3),
        Column("count", "Nombre"),
        Column("kwh", "kWh", 3),
        Column("method", "Méthode", 2),
        Column("source", "Source", 4),
    ]
    rows = [
        Row(
            one.key,
            [
                required(one.label),
                Cell(UNKNOWN, "doubt") if one.count is None else Cell(french.number(one.count)),
                range_cell(one.kwh, KWH),
                Cell(_method(one.method, one.measured_share)),
                required(_source(one)),
            ],
        )
        for one in found.lines
    ]
    return Table("lines", "Consommation par équipement, en un an", columns, rows, "Rien n'est relevé.")


def _source(one: Line) -> str:
    """Where the energy of a line comes from; why, where it is unknown."""
    if not one.source:
        return french.dated(one.why)
    why = f" ({one.why})" if one.why else ""
    return french.dated(f"{one.source}, {one.date}{why}")


def _method(method: str, measured: float) -> str:
    said = METHODS[method]  # type: ignore[index]
    return f"{said} ({share(measured)} mesurés)" if method == "mixed" else said


def totals_table(found: Footprint) -> Table:
    """The sum of each perimeter, then of all: what is not known is not in it, and is named."""
    columns = [
        Column("label", "Périmètre", 2),
        Column("kwh", "kWh", 3),
        Column("co2", "Émissions", 3),
        Column("measured", "Mesuré"),
        Column("unknown", "Non compté", 3),
    ]
    rows = [
        Row(
            one.perimeter or "total",
            [
                required(one.label),
                range_cell(one.kwh, KWH),
                range_cell(one.co2_kg, KG),
                Cell("—" if one.kwh is None else share(one.measured_share)),
                optional(", ".join(one.unknown)),
            ],
        )
        for one in (*found.perimeters, found.total)
    ]
    return Table("totals", "Consommation par périmètre, en un an ; ce qui est inconnu n'est pas compté", columns, rows)


def footprint_drawing(found: Footprint) -> Block:
    """The perimeters that are known, against each other."""
    known = [one for one in found.perimeters if one.kwh]
    if not known:
        return Text("Aucun périmètre n'est chiffré à ce jour.")
    told = [_span(one) for one in known]
    said = " ; ".join(f"{one.label} : {one.told}" for one in told)
    caption = "Consommation annuelle par périmètre : en plein ce qui est mesuré, hachuré ce qui est estimé"
    return Drawing("footprint", spans("footprint", caption, said, told), f"{caption}. {said}.", caption)


def _span(one: Total) -> Span:
    assert one.kwh is not None
    value, low, high = one.kwh
    return Span(one.label, value, low, high, one.measured_share, range_text(one.kwh, KWH))


def gains(saving: Saving | None, part: Literal["", "realised_", "remaining_"] = "") -> Cell:
    """What a lever saves in energy and in paper: all, what is there already, or what is left."""
    if saving is not None and saving.formula == NOT_COUNTED:
        return Cell(NOT_COUNTED)
    told = [
        range_text(found, unit)
        for name, unit in (("kwh", KWH), ("sheets", SHEETS))
        if saving is not None and (found := getattr(saving, f"{part}{name}")) is not None
    ]
    return Cell(", ".join(told)) if told else Cell(UNKNOWN, "doubt")


def savings_table(key: str, caption: str, found: Sequence[Saving]) -> Table:
    """What each lever saves in a year: all of it, what is there already, what is left."""
    columns = [
        Column("lever", "Levier", 3),
        Column("all", "Gain annuel attendu", 3),
        Column("realised", "Réalisé", 3),
        Column("remaining", "Reste à gagner", 3),
    ]
    rows = [
        Row(
            one.lever,
            [
                required(one.label),
                gains(one),
                gains(one, "realised_"),
                gains(one, "remaining_"),
            ],
        )
        for one in found
    ]
    return Table(key, caption, columns, rows, "Aucun levier de cette sorte.")


def assumptions_table(found: Sequence[Saving]) -> Table:
    """How each saving is computed, and what it takes for granted."""
    columns = [Column("lever", "Levier", 2), Column("formula", "Calcul", 4), Column("assumptions", "Hypothèses", 5)]
    rows = [
        Row(
            one.lever,
            [
                required(one.label),
                required(_formula(one)),
                optional(" ; ".join(f"{told.text} ({told.source})" for told in one.assumptions)),
            ],
        )
        for one in found
    ]
    return Table("assumptions", "Calcul des gains et hypothèses", columns, rows, "Aucun gain n'est calculé.")


def _formula(one: Saving) -> str:
    """The formula, then what must be known of it; why, where there is no formula."""
    if one.formula == NOT_COUNTED:
        return french.dated(one.why)
    return french.dated(f"{one.formula} ({one.why})" if one.why else one.formula)


def summed(found: Sequence[Range | None]) -> Range | None:
    """The sum of what is known; None where nothing is."""
    known = [one for one in found if one is not None]
    return total(known) if known else None
