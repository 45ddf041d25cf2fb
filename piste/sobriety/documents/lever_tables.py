"""Measured changes of levers; the scenario of thin clients: cost, capacity, sensitivity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Fact, Facts, Table, Text, optional, required
from piste.sobriety.documents.energy_tables import KG, KWH, range_cell, range_text
from piste.sobriety.documents.figure_tables import UNKNOWN, quantity
from piste.sobriety.savings import Saving
from piste.sobriety.savings_measured import Measured
from piste.sobriety.substitution import Capacity, Result, Substitution, Turn

EUR = "€ HT"
RESULTS: dict[Result, tuple[str, str]] = {
    "kwh": ("énergie", "kWh par an"),
    "kg": ("carbone", "kg CO2e par an"),
    "net_eur": ("bilan sur la durée", "€ HT"),
}
_SHOWN = 12
"""Moves of assumptions that a table shows: those that turn a result, then the widest."""


def measured_table(savings: Sequence[Saving]) -> Table:
    """Table of the figure of each lever before and after, with what was not read in its bounds."""
    known = [(saving, saving.measured) for saving in savings if saving.measured]
    return Table.of(
        "measured", "Ce que chaque levier a changé, mesuré ; les bornes comptent ce qui n’a pas répondu", known,
        lambda row: row[0].lever,
        (Column("lever", "Levier", 3), lambda row: Cell(row[0].label)),
        (Column("before", "Avant", 3), lambda row: _side(row[1], before=True)),
        (Column("after", "Après", 3), lambda row: _side(row[1], before=False)),
        (Column("change", "Écart", 3), lambda row: _change(row[1])),
        (Column("read", "Mesuré sur", 2), lambda row: _read(row[1])),
        (Column("shared", "Ce qui en revient au levier", 5), lambda row: optional(row[1].shared)),
        empty="Aucun levier n’a encore de mesure à lui.",
    )  # fmt: skip


def _side(measured: Measured, *, before: bool) -> Cell:
    value = measured.before if before else measured.after
    return Cell(UNKNOWN, "doubt") if value is None else Cell(range_text(value, measured.unit))


def _change(measured: Measured) -> Cell:
    if measured.change is None:
        return Cell(notation.dated(measured.why), "doubt")
    unit = "points" if measured.unit == "%" else measured.unit
    return Cell(range_text(measured.change, unit))


def _read(measured: Measured) -> Cell:
    if measured.read is None or measured.targets is None:
        return optional(None)
    return Cell(f"{measured.read} sur {measured.targets}")


def substitution_blocks(scenario: Substitution) -> Iterator[Block]:
    """Print the scenario of thin clients: result, capacity, sensitivity."""
    yield Facts("Résultat du scénario", list(_result(scenario)))
    if scenario.why:
        yield Text(f"{scenario.why[0].upper()}{scenario.why[1:]}.")
    yield Table.of(
        "substitution.capacity", "Ce que la grappe peut encore porter, pour les lots à venir", scenario.capacity,
        lambda check: check.what,
        (Column("what", "Ressource", 3), lambda check: Cell(check.what)),
        (Column("needed", "Il faut", 2), lambda check: Cell(quantity(check.needed, check.unit))),
        (Column("left", "Il reste", 2), _left),
        (Column("holds", "Tient", 1), _holds),
        (Column("source", "Source", 3), lambda check: Cell(check.source)),
        empty="Tous les lots sont déployés.",
    )  # fmt: skip
    yield Table.of(
        "substitution.turns", "Sensibilité : une hypothèse à la fois, d’une borne à l’autre ; par place",
        scenario.turns[:_SHOWN], lambda turn: f"{turn.result}/{turn.name}",
        (Column("name", "Hypothèse", 4), lambda turn: Cell(turn.name)),
        (Column("result", "Résultat", 2), lambda turn: Cell(RESULTS[turn.result][0])),
        (Column("low", "À sa borne basse", 2), lambda turn: _end(turn, turn.low)),
        (Column("high", "À sa borne haute", 2), lambda turn: _end(turn, turn.high)),
        (Column("turns", "Change le signe", 1), lambda turn: Cell("oui", "doubt") if turn.turns else Cell("non")),
        empty="Aucune hypothèse n’a de bornes.",
    )  # fmt: skip


def _result(scenario: Substitution) -> Iterator[Fact]:
    yield Fact("places", "Places", required(notation.number(scenario.places)))
    yield Fact("investment", "Investissement", range_cell(scenario.investment, EUR))
    yield Fact("kwh", "Énergie économisée par an", range_cell(scenario.kwh, KWH))
    yield Fact("kg", "Carbone économisé par an, fabrication comprise", range_cell(scenario.kg, KG))
    if scenario.eur is not None:
        yield Fact("eur", "Économie par an, licences déduites", range_cell(scenario.eur, EUR))
        yield Fact("net_eur", "Bilan sur la durée d’un client léger", range_cell(scenario.net_eur, EUR))
    yield Fact("break_even", "Point mort", required(_break_even(scenario)))


def _break_even(scenario: Substitution) -> str:
    if scenario.break_even_years is None:
        return "inconnu, faute de prix de l’énergie"
    value, low, high = (_years(years) for years in scenario.break_even_years)
    return f"{value} (au mieux {low}, au pire {high})"


def _years(years: float | None) -> str:
    if years is None:
        return "jamais"
    return "tout de suite" if years == 0 else notation.measure(round(years, 1), "ans", 1)


def _left(check: Capacity) -> Cell:
    return Cell(UNKNOWN, "doubt") if check.left is None else Cell(quantity(check.left, check.unit))


def _holds(check: Capacity) -> Cell:
    if check.holds is None:
        return Cell(UNKNOWN, "doubt")
    return Cell("oui", "good") if check.holds else Cell("non", "bad")


def _end(turn: Turn, value: float) -> Cell:
    return Cell(quantity(value, RESULTS[turn.result][1]))
