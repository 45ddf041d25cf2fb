"""The lines of figures on a terminal: a small value, and what is estimated."""

from __future__ import annotations

from piste.commands import sobriety_report
from piste.sobriety.figure import Figure


def test_a_small_value_is_no_zero_and_an_estimate_says_so() -> None:
    figure = Figure("F22.kwh_page", "Électricité par page", "kWh/page", 0.01241, "Facteur", "2026-11-26", "estimated",
                    low=0.0087, high=0.016, measured_share=0.0)  # fmt: skip
    assert sobriety_report._figure(figure) == (
        "F22.kwh_page Électricité par page : 0,012 kWh/page [0,0087 à 0,016], estimé"
    )


def test_a_measure_is_said_as_it_was() -> None:
    figure = Figure("F8", "Sites", "%", 75.0, "Dashboard", "2026-11-26", "measured", numerator=3, denominator=4)
    assert sobriety_report._figure(figure) == "F8 Sites : 75 % (3 sur 4)"
