"""Data of the dashboard of sobriety: prices of energy, thresholds of alerts; their rule."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ..forms import Date, Form, Marked
from ..paths import dotted
from .form import Text

if TYPE_CHECKING:
    from ..paths import KeyPath
    from ..view import View

PRICES = "sobriety_energy_price"


class EnergyPrice(Marked):
    """Prices from a day on, without VAT; in effect until the next."""

    start: Date = Field(alias="from")
    eur_per_kwh: Annotated[float, Field(gt=0, le=10)]
    eur_per_sheet: Annotated[float, Field(gt=0, le=10)] | None = None
    source: Text


class SobrietyAlerts(Form):
    """Thresholds of the alerts of the dashboard; points are those of a share in per cent.

    An alert opens after `confirm_readings` readings of different days that show it, and closes after as many that do
    not. Between readings that more than `gap_days` separate, no saving is counted. A service of fewer computers than
    `least_computers` is grouped with others, so that no person can be recognised.
    """

    drift_points: Annotated[float, Field(gt=0, le=100)] = 5
    margin_points: Annotated[float, Field(ge=0, le=100)] = 1
    unknown_points: Annotated[float, Field(gt=0, le=100)] = 10
    meter_jump_percent: Annotated[float, Field(gt=0, le=10_000)] = 30
    data_age_days: Annotated[int, Field(ge=1, le=36_500)] = 62
    confirm_readings: Annotated[int, Field(ge=1, le=10)] = 1
    gap_days: Annotated[int, Field(ge=1, le=36_500)] = 100
    least_computers: Annotated[int, Field(ge=1, le=1000)] = 5


def check_prices(view: View) -> None:
    """M380: prices are in order, and of different days."""
    town = view.declared.town
    prices = town.variables.sobriety_energy_price
    for rank, (former, price) in enumerate(pairwise(prices), start=1):
        if price.start <= former.start:
            message = f"le prix du {price.start} vient après celui du {former.start}"
            where: KeyPath = (PRICES, rank)
            view.faults.add("PISTE-M380", dotted(where, {}), town.where(where), message)
