"""Savings since the first diagnosis, recomputed by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from piste.sobriety.history import Reading
from piste.sobriety.savings_measured import measured
from piste.sobriety.since import Since, Unread, since
from piste.sobriety.value_range import Range
from piste.town.model.sobriety.reporting import EnergyPrice
from tests.support.kept_readings import figure, meter, reading

SLEEP, PRINTING = "veille-postes", "impression"


def price(start: str, euros: float, sheet: float | None = None) -> EnergyPrice:
    fields = {"from": start, "eur_per_kwh": euros, "eur_per_sheet": sheet, "source": "facture"}
    return EnergyPrice.model_validate(fields)


def computed(*readings: object, prices: tuple[EnergyPrice, ...] = (price("2026-01-01", 0.2),), gap: int = 100) -> Since:
    result = since(readings, prices, gap)  # type: ignore[arg-type]
    assert result
    return result


def test_a_lever_counts_from_the_reading_that_saw_it_and_no_longer_once_taken_back() -> None:
    """365 kWh a year is a kilowatt-hour a day, for the days between two sober readings."""
    rate = Range(365, 300, 430)
    history = [
        reading("2027-01-01", realised={SLEEP: Range(0, 0, 0)}),
        reading("2027-01-11", realised={SLEEP: rate}),
        reading("2027-02-10", realised={SLEEP: rate}),
        reading("2027-02-20", realised={SLEEP: Range(0, 0, 0)}),
        reading("2027-03-20", realised={SLEEP: Range(0, 0, 0)}),
    ]
    result = computed(*history)
    # From the 11th of January to the 10th of February: 21 days, then 9.
    assert [(month.month, month.days, round(month.estimated.value, 6)) for month in result.months] == [
        ("2027-01", 31, 21), ("2027-02", 28, 9), ("2027-03", 19, 0),
    ]  # fmt: skip
    assert result.estimated == pytest.approx(Range(30, 30 * 300 / 365, 30 * 430 / 365))
    assert result.euros == pytest.approx(Range(6, 6 * 300 / 365, 6 * 430 / 365))
    assert result.measured == (0, 0, 0)


def test_what_was_already_saved_at_the_first_diagnosis_is_no_saving() -> None:
    history = [reading(day, realised={SLEEP: Range(730, 700, 760)}) for day in ("2027-01-01", "2027-02-01")]
    assert computed(*history).estimated == (0, 0, 0)


def test_a_lever_that_was_not_read_at_first_starts_at_its_first_reading() -> None:
    """Nobody knows what it saved before: what was in place then is no saving since the start."""
    rate = Range(365, 365, 365)
    history = [
        reading("2027-01-01"),
        reading("2027-01-11", realised={SLEEP: rate}, sheets={PRINTING: 3650}),
        reading("2027-01-21", realised={SLEEP: rate}, sheets={PRINTING: 3650}),
        reading("2027-01-22", realised={SLEEP: Range(730, 730, 730)}, sheets={PRINTING: 7300}),
        reading("2027-02-01", realised={SLEEP: Range(730, 730, 730)}, sheets={PRINTING: 7300}),
    ]
    result = computed(*history)
    assert (result.estimated.value, result.sheets.value) == (pytest.approx(10), pytest.approx(100))


def test_computers_that_said_nothing_at_first_lower_the_bound_of_the_saving() -> None:
    """Of 100 computers 60 were silent: what they may have saved already is not sure."""
    silent = figure("F1.sleep", 0.0, numerator=0, denominator=100, failing=["a"] * 40, unknown=["b"] * 60)
    first = reading("2027-01-01", [silent], realised={SLEEP: Range(0, 0, 0)})
    change = measured("sleep", {"F1.sleep": silent}, None)
    savings = [replace(saving, remaining_kwh=Range(1000, 900, 1100), measured=change) for saving in first.savings]
    history = [replace(first, savings=savings), *(
        reading(day, realised={SLEEP: Range(730, 700, 760)}) for day in ("2027-01-02", "2027-01-12")
    )]  # fmt: skip
    # 1100 kWh a year at most for 60 of 100: 660.
    assert computed(*history).estimated == pytest.approx(Range(20, (700 - 660) * 10 / 365, 760 * 10 / 365))


def test_a_meter_that_begins_while_the_lever_was_not_read_counts_nothing_against_it() -> None:
    rate = Range(365, 365, 365)
    metered: Any = {"meters": [meter(1000, 10)], "perimeters": {"postes": 1000}}
    history = [
        reading("2027-01-01", realised={SLEEP: rate}),
        reading("2027-01-11", **metered),
        reading("2027-01-21", realised={SLEEP: rate}, **metered),
        reading("2027-01-31", realised={SLEEP: rate}, **metered),
    ]
    assert computed(*history).estimated.value == pytest.approx(0)


def test_a_meter_counts_its_own_reduction_and_the_lever_the_rest_alone() -> None:
    """Half of the energy of workstations is metered: the lever counts for the other half."""
    history = [
        reading("2027-01-01", meters=[meter(500, 5)], realised={SLEEP: Range(0, 0, 0)}, perimeters={"postes": 1000}),
        reading("2027-01-02", meters=[meter(400, 5)], realised={SLEEP: Range(73, 73, 73)}, perimeters={"postes": 800}),
        reading("2027-01-12", meters=[meter(400, 5)], realised={SLEEP: Range(73, 73, 73)}, perimeters={"postes": 800}),
    ]
    result = computed(*history)
    assert result.measured.value == pytest.approx(100 * 10 / 365)
    assert result.estimated.value == pytest.approx(73 / 2 * 10 / 365)
    assert {name: kwh.value for name, kwh in result.parts.items()} == {
        "F22.metered_pc": pytest.approx(100 * 10 / 365), SLEEP: pytest.approx(73 / 2 * 10 / 365)
    }  # fmt: skip


def test_a_meter_put_after_the_lever_keeps_what_the_lever_had_saved_before_it() -> None:
    rate = Range(365, 365, 365)
    history = [
        reading("2027-01-01", realised={SLEEP: Range(0, 0, 0)}),
        reading("2027-01-11", realised={SLEEP: rate}),
        reading("2027-01-21", realised={SLEEP: rate}, meters=[meter(1000, 10)], perimeters={"postes": 1000}),
        reading("2027-01-31", realised={SLEEP: rate}, meters=[meter(1000, 10)], perimeters={"postes": 1000}),
    ]
    assert computed(*history).estimated.value == pytest.approx(20)


def test_fewer_computers_under_a_meter_are_no_saving_and_a_rise_counts_against() -> None:
    fewer = [reading("2027-01-01", meters=[meter(500, 5)]), reading("2027-01-31", meters=[meter(300, 3)])]
    assert computed(*fewer).measured == (0, 0, 0)
    more = [reading(day, meters=[meter(kwh, 5)]) for day, kwh in (
        ("2027-01-01", 500), ("2027-01-02", 865), ("2027-01-12", 865)
    )]  # fmt: skip
    assert computed(*more).measured.value == pytest.approx(-11)


def test_a_switch_that_falls_silent_leaves_the_others_without_a_former_reading() -> None:
    """The sum of two switches is not compared with that of a single switch."""
    both, small = meter(460, 2, figure="F22.switches"), meter(60, 1, figure="F22.switches")
    days = ("2027-01-01", "2027-01-11", "2027-01-21", "2027-01-31")
    history = [reading(day, meters=[share]) for day, share in zip(days, (both, both, small, small), strict=True)]
    assert computed(*history).measured == (0, 0, 0)
    less = [reading(day, meters=[meter(kwh, 2, figure="F22.switches")]) for day, kwh in zip(
        days, (460, 95, 95, 95), strict=True
    )]  # fmt: skip
    assert computed(*less).measured.value == pytest.approx(20)


def test_each_day_has_its_price_and_a_day_before_any_has_none() -> None:
    history = [reading(day, realised={SLEEP: Range(*[kwh] * 3)}) for day, kwh in (
        ("2026-12-20", 0), ("2026-12-21", 365), ("2027-01-20", 365)
    )]  # fmt: skip
    result = computed(*history, prices=(price("2026-12-25", 0.1), price("2027-01-10", 1.0)))
    # 11 days of December, 7 of them at 0.10; 9 of January at 0.10 and 10 at 1.00.
    assert [month.euros_estimated and round(month.euros_estimated.value, 6) for month in result.months] == [0.7, 10.9]
    assert result.unpriced == 5
    nothing = computed(*history, prices=())
    assert (nothing.euros, nothing.estimated.value) == (None, pytest.approx(30))


def test_sheets_have_a_price_of_their_own() -> None:
    history = [reading(day, sheets={PRINTING: count}) for day, count in (
        ("2027-01-01", 100), ("2027-01-02", 3750), ("2027-01-12", 3750)
    )]  # fmt: skip
    assert computed(*history).sheets.value == pytest.approx(100)
    assert computed(*history, prices=(price("2026-01-01", 0.2, 0.01),)).euros == pytest.approx((1, 1, 1))


def test_a_hole_and_an_unknown_saving_count_nothing_and_are_named() -> None:
    rate = Range(365, 365, 365)
    history = [
        reading("2027-01-01", realised={SLEEP: Range(0, 0, 0)}),
        reading("2027-01-02", realised={SLEEP: rate}),
        reading("2027-01-12"),
        reading("2027-01-22", realised={SLEEP: rate}),
        reading("2027-06-22", realised={SLEEP: rate}),
        reading("2027-06-27", realised={SLEEP: rate}),
    ]
    result = computed(*history)
    assert result.estimated.value == pytest.approx(5)
    assert result.gaps == [("2027-01-22", "2027-06-22")]
    assert [month.month for month in result.months] == ["2027-01", "2027-06"]


def read(day: str, kwh: float, left: float = 0, **more: Any) -> Reading:
    """Make a reading of the lever of sleep; `more` are fields of its figure."""
    names = {"failing": [], "unknown": [], **more}
    value = None if more.get("value", 0) is None else 50.0
    own = figure("F1.sleep", value, **{key: names[key] for key in ("failing", "unknown")}, denominator=10)
    made = reading(day, [own], realised={SLEEP: Range(kwh, kwh, kwh)})
    change = measured("sleep", {"F1.sleep": own}, None)
    left_kwh = Range(left, left, left)
    return replace(made, savings=[replace(it, remaining_kwh=left_kwh, measured=change) for it in made.savings])


def test_a_lever_that_nothing_read_again_is_unknown_and_no_loss() -> None:
    history = [read("2027-01-01", 730), read("2027-01-11", 0, 730, value=None), read("2027-01-21", 0, 730, value=None)]
    result = computed(*history)
    assert (result.estimated, result.parts) == ((0, 0, 0), {})
    assert result.unread == [Unread(SLEEP, "2027-01-01", "2027-01-21", None)]


def test_computers_that_fall_silent_are_no_loss_and_are_counted() -> None:
    silent = ["a", "b", "c"]
    history = [read("2027-01-01", 730), read("2027-01-11", 365, 365, unknown=silent), read("2027-01-21", 730)]
    result = computed(*history)
    assert result.estimated == (0, 0, 0)
    assert result.unread == [Unread(SLEEP, "2027-01-01", "2027-01-21", 3)]


def test_what_was_read_counts_beside_what_fell_silent() -> None:
    """The part that was read again is the saving; nobody knows the rest."""
    history = [
        read("2027-01-01", 0, 1000, failing=["a", "b", "c"]),
        read("2027-01-02", 730, 0),
        read("2027-01-12", 365, 365, unknown=["c"]),
    ]
    result = computed(*history)
    assert result.estimated.value == pytest.approx(365 * 10 / 365)
    assert result.unread == [Unread(SLEEP, "2027-01-02", "2027-01-12", 1)]


def test_a_setting_that_was_read_as_gone_is_a_loss() -> None:
    """Silence explains what is silent alone: a computer of two was read, and half is certain."""
    history = [
        read("2027-01-01", 730), read("2027-01-02", 0, 730, failing=["a"], unknown=["b"]),
        read("2027-01-12", 0, 730, failing=["a"], unknown=["b"]),
    ]  # fmt: skip
    result = computed(*history)
    assert result.estimated.value == pytest.approx(-365 * 11 / 365)
    seen = [read("2027-01-01", 730), read("2027-01-02", 0, 730, failing=["a"]), read("2027-01-12", 0, 730)]
    assert computed(*seen).unread == []
    assert computed(*seen).estimated.value == pytest.approx(-730 * 11 / 365)


def test_what_never_answered_is_not_read_again_and_what_was_not_in_place_neither() -> None:
    """The first reading has the former in its bound; the latter saved nothing to hide."""
    never = {"unknown": ["z"], "failing": ["a"]}
    history = [read("2027-01-01", 0, 100, **never), read("2027-01-11", 0, 100, unknown=["a", "z"])]
    assert computed(*history).unread == []


def test_a_single_day_saves_nothing_yet() -> None:
    assert since([], (), 100) is None
    assert since([reading("2027-01-01"), reading("2027-01-01", hour="18")], (), 100) is None
