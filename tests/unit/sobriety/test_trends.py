"""Figures month by month, by hand: gaps, the way of a figure, what is measured."""

from __future__ import annotations

import pytest

from piste.sobriety.breakdown import Share
from piste.sobriety.figures import breakdowns, known_of
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from piste.sobriety.trends import Direction, Trend, months_until, trends
from tests.support.kept_readings import figure, reading
from tests.unit.sobriety.small import CCAS, SCHOOL, TODAY, metered, pc, town


def trend(*values: tuple[str, float | None], name: str = "F1", until: str = "") -> Trend:
    (followed,) = trends([reading(day, [figure(name, value)]) for day, value in values], until or values[-1][0])
    return followed


def test_a_month_has_its_last_reading_and_a_month_without_one_is_a_gap() -> None:
    followed = trend(("2026-11-05", 10), ("2026-11-28", 12), ("2027-01-15", None), ("2027-02-03", 30))
    assert [(point.month, point.day, point.value) for point in followed.points] == [
        ("2026-11", "2026-11-28", 12), ("2026-12", "", None), ("2027-01", "2027-01-15", None),
        ("2027-02", "2027-02-03", 30),
    ]  # fmt: skip
    assert months_until("2026-11-05", "2027-01-31") == ["2026-11", "2026-12", "2027-01"]
    assert len(trend(("2020-01-01", 10), ("2027-02-03", 30)).points) == 24


@pytest.mark.parametrize(
    ("name", "values", "direction"),
    [
        ("F1", (50, 60), "better"), ("F1", (60, 50), "worse"), ("F1", (60, 60.5), "steady"),
        ("F6", (-10, -20), "better"), ("F6", (-20, -10), "worse"),
        ("F2", (-10, -18), "better"), ("F2", (-18, -24), "down"), ("F2", (-24, -40), "worse"),
        ("F1", (50,), "unknown"), ("F1", (50, None), "unknown"),
    ],
)  # fmt: skip
def test_a_figure_goes_towards_its_target_or_away(
    name: str, values: tuple[float | None, ...], direction: Direction
) -> None:
    assert trend(*((f"2027-0{rank}-10", value) for rank, value in enumerate(values, start=1)), name=name).direction == (
        direction
    )


def test_a_figure_is_compared_with_three_months_before_where_there_are() -> None:
    followed = trend(*((f"2027-{month:02d}-10", 10.0 * month) for month in range(1, 7)))
    assert (followed.since, followed.change) == ("2027-03", 30)
    assert trend(("2027-05-10", 10), ("2027-06-10", 30)).since == "2027-05"


def test_energy_is_given_by_site_and_by_meter() -> None:
    """The school's five desktops are metered for 500 kWh; the two of the CCAS have a factor."""
    pcs = [pc(f"pc-{rank}", 600, True, SCHOOL if rank < 5 else CCAS) for rank in range(7)]
    tables = Imports(pcs=pcs, electricity=[metered("pc", 500, 5, 2026)])
    shares = breakdowns(known_of(town(), Readings(), tables, TODAY))
    assert [share for share in shares if share.figure == "F22.metered_pc"] == [
        Share("F22.metered_pc", "site", SCHOOL, 500, 5, 100, 0, "kWh/an chacun")
    ]
    whole = {share.name: share for share in shares if share.figure == "F22.kwh"}
    assert whole[SCHOOL].numerator == 500
    assert (whole[CCAS].numerator, whole[CCAS].unit) == (0, "kWh/an")
    assert (whole[SCHOOL].value or 0) > 500
