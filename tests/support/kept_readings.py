"""Kept readings of sobriety by hand, a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.sobriety.breakdown import Listing, Share
from piste.sobriety.figure import Figure
from piste.sobriety.footprint import Footprint, Total
from piste.sobriety.history import Reading
from piste.sobriety.savings import Saving
from piste.sobriety.value_range import Range
from tests.support.dossier import town


def reading(
    day: str,
    figures: Sequence[Figure] = (),
    *,
    meters: Sequence[Share] = (),
    realised: Mapping[str, Range] | None = None,
    sheets: Mapping[str, float] | None = None,
    perimeters: Mapping[str, float] | None = None,
    hour: str = "08",
    lists: Sequence[Listing] = (),
) -> Reading:
    """Make a reading: `realised` savings by lever, `perimeters` their energy of a year."""
    totals = [
        Total(name, name, Range(kwh, kwh, kwh), None, 0.0) for name, kwh in (perimeters or {"postes": 1000.0}).items()
    ]
    savings = [_saving(lever, kwh, None) for lever, kwh in (realised or {}).items()]
    savings += [_saving(lever, None, count) for lever, count in (sheets or {}).items()]
    return Reading(
        "lab", f"{day}T{hour}:00:00+01:00", "0123abc", figures,
        Footprint([], totals, Total("", "Ensemble", None, None, 0.0), []), savings, meters, lists,
    )  # fmt: skip


def _saving(lever: str, kwh: Range | None, sheets: float | None) -> Saving:
    declared = town().sobriety.levers[lever]
    paper = None if sheets is None else Range(sheets, sheets, sheets)
    return Saving(
        lever, declared.label, declared.perimeter, False, kwh, kwh, None, None, paper, paper, None, "par la main", (),
    )  # fmt: skip


def meter(kwh: float, count: int = 1, site: str = "ccas", figure: str = "F22.metered_pc") -> Share:
    return Share(figure, "site", site, kwh, count, kwh / count, 0, "kWh/an chacun")


def figure(name: str, value: float | None, **more: Any) -> Figure:
    """Make a figure of the town with its declared target."""
    fields: dict[str, Any] = {"source": "à la main", "date": "2027-12-31", "method": "measured", **more}
    title = fields.pop("title", name)
    return Figure(name, title, "%", value, target=town().sobriety.targets.get(name), **fields)
