"""Figures month by month: curves, and the tables of what they draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from string import ascii_lowercase

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Drawing, Table, Text
from piste.papers.dossier.charts import Curve, Moment, curves
from piste.sobriety.documents.figure_tables import UNKNOWN, decimals, named_text, quantity
from piste.sobriety.documents.notes import number_of
from piste.sobriety.documents.overview import DIRECTIONS
from piste.sobriety.trends import Trend
from piste.town.model.sobriety.form import SobrietyTarget

CURVES, COLUMNS = 12, 6
"""The most curves of a drawing, which fit on a page; the most figures of a table."""
LEGEND = "plein : mesuré ; creux : estimé ; hachuré : inconnu ; tirets : la cible"


def trend_blocks(trends: Sequence[Trend], targets: Mapping[str, SobrietyTarget]) -> Iterator[Block]:
    """Draw the curves that have something to draw, then give every value."""
    drawn = [trend for trend in trends if sum(point.value is not None for point in trend.points) > 1]
    if not drawn:
        yield Text("C’est le premier mois relevé : l’évolution commence au prochain.")
        return
    for rank in range(0, len(drawn), CURVES):
        some = drawn[rank : rank + CURVES]
        key, more = (f"trends-{rank // CURVES + 1}", ", suite") if rank else ("trends", "")
        words = " ; ".join(f"{named_text(trend.figure, trend.title)} : {_text(trend)}" for trend in some)
        values = [_curve(trend, targets.get(trend.figure)) for trend in some]
        yield Drawing.of(key, f"Mois par mois{more} ({LEGEND})", words, curves, values)
    named = list(zip(_heads(trends), trends, strict=True))
    for rank in range(0, len(trends), COLUMNS):
        yield _values(rank // COLUMNS, named[rank : rank + COLUMNS])


def _text(trend: Trend) -> str:
    """Write the last value of a trend, and its way since the month it is compared with."""
    last = trend.points[-1].value
    if trend.change is None:
        return f"{quantity(last, trend.unit)}, {DIRECTIONS[trend.direction][0]}"
    unit = "points" if trend.unit == "%" else trend.unit
    change = f"{'+' if trend.change > 0 else ''}{quantity(trend.change, unit)}"
    word = DIRECTIONS[trend.direction][0]
    return f"{quantity(last, trend.unit)}, {word} ({change} depuis {notation.day(trend.since)})"


def _curve(trend: Trend, target: SobrietyTarget | None) -> Curve:
    moments = [
        Moment(f"{point.month[5:]}/{point.month[2:4]}", point.value, point.measured >= 0.5) for point in trend.points
    ]
    low, high = (target.at_least, target.at_most) if target else (None, None)
    return Curve(named_text(trend.figure, trend.title), _text(trend), moments, low, high)


def _values(rank: int, named: Sequence[tuple[str, Trend]]) -> Table:
    months = [point.month for point in named[0][1].points]
    alike = [f"{head} : {trend.title}" for head, trend in named if " " in head]
    return Table.of(
        f"months-{rank + 1}",
        " ; ".join(["Dernier relevé de chaque mois", *alike]),
        range(len(months)),
        lambda rank: months[rank],
        (Column("month", "Mois", 1), lambda rank: Cell(notation.day(months[rank]))),
        *(_column(trend, head) for head, trend in named),
    )


def _heads(trends: Sequence[Trend]) -> list[str]:
    """Name trends by the number of their figure; `F7 a` where several have the number."""
    numbers = [number_of(trend.figure) for trend in trends]
    return [
        number if numbers.count(number) == 1 else f"{number} {ascii_lowercase[numbers[:rank].count(number)]}"
        for rank, number in enumerate(numbers)
    ]


def _column(trend: Trend, head: str) -> tuple[Column, Callable[[int], Cell]]:
    label = f"{head} ({trend.unit})" if trend.unit else head
    return Column(trend.figure, label, 1), lambda rank: _value(trend.points[rank].value)


def _value(value: float | None) -> Cell:
    return Cell(UNKNOWN, "doubt") if value is None else Cell(notation.number(value, decimals(value)))
