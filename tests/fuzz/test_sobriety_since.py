"""Savings since the start: order, days read twice, holes, prices; never another sum."""

from __future__ import annotations

import itertools
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.sobriety.since import since
from piste.sobriety.value_range import Range
from piste.town.model.sobriety.reporting import EnergyPrice
from tests.support.fuzz import examples
from tests.support.kept_readings import meter, reading

SLEEP = "veille-postes"


def price(start: str, euros: float) -> EnergyPrice:
    return EnergyPrice.model_validate({"from": start, "eur_per_kwh": euros, "source": "facture"})


RATES = st.lists(st.integers(0, 5000), min_size=2, max_size=6)


@examples(small=10, wide=2000)
@given(RATES, RATES, st.integers(1, 60), st.randoms())
def test_the_order_of_readings_and_a_day_read_twice_change_nothing(
    kwh: list[int], metered: list[int], step: int, mixer: Random
) -> None:
    days = [f"2027-{1 + rank * step // 28 % 12:02d}-{1 + rank * step % 28:02d}" for rank in range(len(kwh))]
    history = [
        reading(day, realised={SLEEP: Range(value, value / 2, value * 2)}, meters=[meter(other + 1, 3)])
        for day, value, other in zip(days, kwh, itertools.cycle(metered), strict=False)
    ]
    prices = (price("2026-01-01", 0.2), price("2027-02-14", 0.3))
    straight = since(history, prices, 1000)
    twice = [reading(days[0], realised={SLEEP: Range(9, 9, 9)}, hour="01"), *history]
    mixer.shuffle(twice)
    assert since(twice, prices, 1000) == straight
    if straight:
        assert sum(month.days for month in straight.months) == _span(sorted(set(days)))
        for month in straight.months:
            assert month.estimated.low <= month.estimated.value + 1e-9
            assert month.estimated.value <= month.estimated.high + 1e-9
        total = straight.measured.value + straight.estimated.value
        assert total == pytest.approx(sum(part.value for part in straight.parts.values()))


def _span(days: list[str]) -> int:
    return (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days
