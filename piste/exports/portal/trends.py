"""The trends of twelve months: a curve a figure, gaps as gaps, and the same in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from piste.engine.clock import DAY, in_town
from piste.exports.portal.known import Known
from piste.exports.portal.services import words
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Drawing, Table, Text
from piste.papers.dossier.charts import Curve, Moment, curves
from piste.readings.history import Month

_LEAST = 2
"""Months with a value below which there is no curve to draw."""

_TOWN_DAYS = "2026-12-02"
"""The first day whose state was noted by the clock of the town."""


class _Trend(NamedTuple):
    id: str
    says: str
    at_least: float | None
    months: Sequence[Month | None]


def trends(known: Known) -> Iterator[Block]:
    """Yield the curves, then every value that is drawn; what was not read is a gap."""
    names = _months(known.moment)
    every = [
        _Trend(id_, said["says"], said.get("at_least"), [known.months[id_].get(month) for month in names])
        for id_, said in words()["trends"].items()
        if any(month.value is not None for name, month in known.months.get(id_, {}).items() if name in names)
    ]
    if drawn := [trend for trend in every if len(_values(trend)) >= _LEAST]:
        said = "Un point par mois, la dernière valeur notée ; hachuré : rien n’a été lu. Le tableau qui suit les donne"
        yield Drawing.of("trends", "Douze mois", said, curves, [_curve(trend, names) for trend in drawn])
    if not every:
        yield Text("Rien n’est encore noté : les chiffres le sont chaque jour où les systèmes sont lus.")
        return
    yield Table.of(
        "trends", "Mois par mois", every, lambda trend: trend.id,
        (Column("figure", "Chiffre", 4), lambda trend: Cell(trend.says)),
        *(
            (Column(name, f"{name[5:]}/{name[2:4]}", 1), lambda trend, rank=rank: _cell(trend.months[rank]))
            for rank, name in enumerate(names)
        ),
    )  # fmt: skip
    if names[0] < _TOWN_DAYS[:7]:
        yield Text(f"Les jours notés avant le {in_town(_TOWN_DAYS, DAY)} sont ceux d’UTC ; depuis, ceux de la Ville.")


def _months(moment: str) -> list[str]:
    """Name the twelve months that end with that of a moment."""
    last = int(moment[:4]) * 12 + int(moment[5:7]) - 1
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(last - 11, last + 1)]


def _values(trend: _Trend) -> list[Month]:
    return [month for month in trend.months if month and month.value is not None]


def _curve(trend: _Trend, names: Sequence[str]) -> Curve:
    last = _values(trend)[-1]
    aim = f", cible {notation.measure(trend.at_least, last.unit)}" if trend.at_least is not None else ""
    moments = [
        Moment(f"{name[5:]}/{name[2:4]}", month.value if month else None, not month or month.method == "measured")
        for name, month in zip(names, trend.months, strict=True)
    ]
    stale = "" if trend.months[-1] == last else f" (dernier mois lu : {last.month[5:]}/{last.month[:4]})"
    return Curve(trend.says, f"{_value(last)}{aim}{stale}", moments, at_least=trend.at_least)


def _value(month: Month) -> str:
    return notation.value(month.value, month.unit).strip()


def _cell(month: Month | None) -> Cell:
    return Cell("inconnu", "doubt") if month is None or month.value is None else Cell(_value(month))
