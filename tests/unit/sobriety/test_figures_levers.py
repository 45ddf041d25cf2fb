"""Programs at start and telemetry, counted on computers whose reports are made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from piste.readings.computers.judge import Computer, Measured
from piste.readings.computers.report import Program, Telemetry
from piste.sobriety.figure import Figure
from piste.sobriety.readings import Readings
from tests.unit.sobriety.small import compute, whole
from tests.unit.sobriety.test_figures_computers import judged


def rows(*reports: dict[str, Any] | None) -> list[Computer]:
    """Take Windows computers of the fleet, with these sections; None for a silent computer."""
    windows = [row for row in judged().in_service if row.report and row.report.system.family == "windows"]
    return [
        replace(row, report=row.report and row.report.model_copy(update=sections) if sections is not None else None)
        for row, sections in zip(windows, reports, strict=False)
    ]


def program(name: str, place: str, enabled: bool | None = True) -> Program:
    return Program(name=name, place=place, enabled=enabled, scope="machine")  # type: ignore[arg-type]


def figure(name: str, *reports: dict[str, Any] | None) -> Figure:
    return compute(whole(), Readings(computers=Measured(rows(*reports))))[name]


def test_a_computer_is_quiet_where_no_program_of_the_list_starts() -> None:
    made = figure(
        "F1.autostart",
        {"startup": [program("TEAMSMACHINEINSTALLER", "run"), program("Autre", "run")]},
        {"startup": [program("TeamsMachineInstaller", "run", enabled=False)]},
        {"startup": [program("OfficeTelemetryAgentLogOn2016", "task")]},
        {"startup": [program("TeamsMachineInstaller", "folder"), program("WinDefend", "service")]},
        {"startup": [program("AdobeARMservice", "service", enabled=None)]},
        {"startup": None},
        None,
    )
    # The second and the fourth; the last three did not say.
    assert (made.numerator, made.denominator, len(made.failing), len(made.unknown)) == (2, 7, 2, 3)
    assert made.value == 100 * 2 / 7


def test_telemetry_is_that_of_the_policy_or_less() -> None:
    levels = [Telemetry(level=0), Telemetry(level=1), Telemetry(level=3), Telemetry(level=None), None]
    made = figure("F1.telemetry", *({"telemetry": level} for level in levels))
    assert (made.numerator, made.denominator, len(made.failing), len(made.unknown)) == (2, 5, 1, 2)


def test_a_mac_or_a_thin_client_is_left_out_and_nothing_measured_is_unknown() -> None:
    made = compute(whole(), Readings(computers=judged()))["F1.telemetry"]
    assert {why for _, why in made.excluded} == {"pas un poste Windows"}
    bare = compute(whole(), Readings())
    for name in ("F1.autostart", "F1.telemetry"):
        assert (bare[name].value, bare[name].why) == (None, "les postes ne sont pas mesurés")
