"""The figure of a lever before and after it: population, bounds of the unknown, attribution."""

from __future__ import annotations

from typing import Any

import pytest

from piste.sobriety.figure import Figure
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from piste.sobriety.savings import savings
from piste.sobriety.savings_measured import Measured, measured
from piste.sobriety.value_range import Range
from tests.unit.sobriety.small import TODAY, town


def sleep(conforming: int, unknown: int, total: int = 100, **more: Any) -> Figure:
    given: dict[str, Any] = {"source": "Mesure des postes", "date": "2026-09-01", "method": "measured", **more}
    names = [f"pc-{rank:03}" for rank in range(unknown)]
    return Figure(
        "F1.sleep", "Veille", "%", 100 * conforming / total, numerator=conforming, denominator=total, unknown=names,
        **given,
    )  # fmt: skip


def compared(before: Figure | None, after: Figure) -> Measured:
    made = measured("sleep", {"F1.sleep": after}, {"F1.sleep": before} if before else None)
    assert made is not None
    return made


def test_the_unknown_widen_the_bounds_of_both_sides_and_of_the_change() -> None:
    made = compared(sleep(20, 30), sleep(70, 10, date="2026-11-20"))
    # 20 sleep, up to 50 if the silent do; then 70, up to 80.
    assert (made.before, made.after) == (Range(20, 20, 50), Range(70, 70, 80))
    assert made.change == Range(50, 20, 60)
    assert (made.read, made.targets, made.before_on, made.after_on) == (90, 100, "2026-09-01", "2026-11-20")


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (None, "aucun relevé d’avant le levier"),
        (sleep(20, 0, 80), "la population a changé : 80 cibles, puis 100"),
        (sleep(20, 0, source="Import pcs.csv (GLPI)"), "la source a changé"),
        (Figure("F1.sleep", "Veille", "%", None, "x", "2026-09-01", "measured", why="jamais relevé"), "jamais relevé"),
    ],
)
def test_what_does_not_compare_has_no_change_and_says_why(before: Figure | None, why: str) -> None:
    made = compared(before, sleep(70, 10))
    assert made.change is None
    assert why in made.why
    assert made.after == Range(70, 70, 80)


def test_the_day_of_a_table_is_not_another_source() -> None:
    first, last = (sleep(20, 0, source=f"Import pcs.csv ({name})") for name in ("GLPI", "GLPI, OCS"))
    assert compared(first, last).change == Range(0, 0, 0)


def printed(value: float, jobs: int, *unknown: str) -> Figure:
    return Figure("F7", "Travaux", "%", value, "Comptabilité des impressions (myQ)", "2026-10", "measured",
                  numerator=round(value * jobs / 100), denominator=jobs, unknown=unknown)  # fmt: skip


def test_jobs_are_never_as_many_twice_and_their_share_compares() -> None:
    made = measured("print_defaults", {"F7": printed(80, 5_200)}, {"F7": printed(30, 6_000)})
    assert made is not None
    assert (made.change, made.why) == (Range(50, 50, 50), "")
    # Jobs are no targets, and a site without accounting is no job.
    assert (made.read, made.targets) == (None, None)
    fewer = measured("print_defaults", {"F7": printed(80, 5_200, "ccas")}, {"F7": printed(30, 6_000)})
    assert fewer is not None
    assert (fewer.after, fewer.change, fewer.why) == (Range(80, 80, 80), None, "les sites connus ont changé : ccas")


def test_a_change_of_volume_shows_its_two_sides() -> None:
    f5 = Figure("F5", "Froid ou en double", "%", -30, "SMB", "2027-07-04", "measured", numerator=140, denominator=200)
    made = measured("retention", {"F5": f5}, None)
    assert made is not None
    assert (made.before, made.after, made.change, made.unit) == (
        Range(200, 200, 200), Range(140, 140, 140), Range(-60, -60, -60), "Go",
    )  # fmt: skip


def test_a_saving_has_its_measure_and_a_lever_without_a_figure_has_none() -> None:
    figures = [sleep(70, 10)]
    made = {
        each.lever: each for each in savings(town(), Readings(), Imports(), TODAY, figures, [sleep(20, 30)])
    }  # fmt: skip
    change = made["veille-postes"].measured
    assert change is not None
    assert change.change == Range(50, 20, 60)
    assert "compté à chaque levier" in change.shared
    assert made["puissance-wifi"].measured is None
    assert made["arret-postes"].measured is None
