"""The verdict on each computer: settings, nights, silence, the inventory as the denominator."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from piste.readings.computers.hours import Opening, outside
from piste.readings.computers.judge import Computer, computers, strangers
from piste.readings.computers.kept import NOTHING, Kept, Measure
from piste.town.model import Town
from tests.support.computers import measure, moment, states, weeks
from tests.unit.sobriety.small import CCAS, POLICE, SCHOOL, town

TODAY = date(2026, 11, 26)
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
NAME = "pc-ccas-001"
# The CCAS is open from 7:30 to 19:00, Monday to Friday: 6:30 to 18:00 in universal time, in November.
WORKDAY = [(0, "off"), (7 * 60, "on"), (18 * 60, "off")]


def judged(*measures: Measure, of: Town | None = None) -> dict[str, Computer]:
    kept = Kept(None, {entry.report.computer: entry for entry in measures})
    return {row.name: row for row in computers(of or town(SCHOOL, CCAS, POLICE), kept, TODAY)}


def a_computer(**changes: Any) -> Computer:
    return judged(measure(NAME.upper(), **changes))[NAME]


def test_the_inventory_is_the_list_and_what_nobody_measured_is_unknown() -> None:
    rows = judged()
    declared = [asset for name in (SCHOOL, CCAS, POLICE) for asset in town(name).sites[name]["assets"]]
    assert len(rows) == sum(asset["kind"] == "computer" for asset in declared)
    assert {(row.sleeps, row.stops, row.slept, row.stopped, row.silent_since) for row in rows.values()} == {(None,) * 5}
    assert {row.kind for row in rows.values()} == {"fixed", "thin_client"}


@pytest.mark.parametrize(("seconds", "sleeps"), [(600, True), (899, True), (900, False), (0, False), (None, None)])
def test_less_than_fifteen_minutes_is_strict_and_zero_is_never(seconds: int | None, sleeps: bool | None) -> None:
    assert a_computer(power={"sleep_ac_s": seconds, "modern_standby": None}).sleeps is sleeps


@pytest.mark.parametrize(
    ("task", "stops"),
    [
        ({"task_present": True}, True),
        ({"task_present": True, "last_result": 0}, True),
        ({"task_present": True, "last_result": 0x41303}, True),
        ({"task_present": True, "last_result": -2147024891}, False),
        ({"task_present": False}, False),
        (None, None),
    ],
)
def test_a_task_that_is_absent_or_failed_stops_nothing(task: dict[str, Any] | None, stops: bool | None) -> None:
    assert a_computer(shutdown=task).stops is stops


def seen(day: list[tuple[int, str]], days: int = 14, **changes: Any) -> Computer:
    return a_computer(states=weeks(day, MIDNIGHT - timedelta(days=days), MIDNIGHT), **changes)


def test_a_weekend_on_is_seen_and_counted() -> None:
    row = seen(WORKDAY)
    assert row.behaviour
    # From the 11th, a holiday, to the 25th: the nights that begin on the 12th, 13th, 16th to 20th and 23rd. The others
    # are not whole. On weekends it is on from 7:00 to 18:00, which two of these nights have.
    assert (row.behaviour.nights, row.behaviour.slept, row.behaviour.stopped) == (8, 6, 6)
    assert (row.slept, row.stopped) == (False, False)
    assert row.behaviour.awake == timedelta(hours=44)
    # Six nights of 11.5 hours and two of 59.5, from 19:30 to 7:00; a week has 105.5.
    assert row.behaviour.length == timedelta(hours=188)
    assert row.awake_hours == pytest.approx(44 / 188 * 105.5)


def quiet(day: list[tuple[int, str]]) -> list[dict[str, str]]:
    """Repeat a day on the days that the site is open, off on the others."""
    made: list[dict[str, str]] = []
    for ahead in range(14, 0, -1):
        start = MIDNIGHT - timedelta(days=ahead)
        shut = start.weekday() > 4 or start.day == 11
        made += weeks([(0, "off")] if shut else day, start, start + timedelta(days=1))
    return made


@pytest.mark.parametrize(
    ("day", "slept", "stopped"),
    [
        (WORKDAY, True, True),
        ([(0, "asleep"), (7 * 60, "on"), (18 * 60, "asleep")], True, False),
        ([(0, "on")], False, False),
        # The closing delay is half an hour; then a computer has less than fifteen minutes to sleep, an hour to stop.
        ([(0, "off"), (7 * 60, "on"), (18 * 60 + 44, "off")], True, True),
        ([(0, "off"), (7 * 60, "on"), (18 * 60 + 45, "off")], False, True),
        ([(0, "off"), (7 * 60, "on"), (18 * 60 + 35, "asleep"), (19 * 60 + 44, "off")], True, True),
        ([(0, "off"), (7 * 60, "on"), (18 * 60 + 35, "asleep"), (19 * 60 + 45, "off")], True, False),
        # Somebody who comes half an hour early does not defy a setting.
        ([(0, "off"), (6 * 60, "on"), (18 * 60, "off")], True, True),
        # Updates at night, of ten minutes.
        ([(0, "off"), (120, "on"), (130, "off"), (7 * 60, "on"), (18 * 60, "off")], True, True),
    ],
)
def test_nights_are_judged_by_the_clock_of_the_site(day: list[tuple[int, str]], slept: bool, stopped: bool) -> None:
    row = a_computer(states=quiet(day))
    assert (row.slept, row.stopped) == (slept, stopped)


def test_too_few_nights_and_nights_with_a_hole_say_nothing() -> None:
    assert seen(WORKDAY, days=5).slept is None
    holes = [part for part in quiet(WORKDAY) if part["state"] == "on"]
    assert {a_computer(states=given).slept for given in (holes, None, [])} == {None}


def test_a_setting_that_is_not_followed_differs_from_a_stop_without_a_setting() -> None:
    always = quiet([(0, "on")])
    assert a_computer(states=always).defied
    assert not a_computer(states=always, power={"sleep_ac_s": 0, "modern_standby": None}, shutdown=None).defied
    assert a_computer(states=quiet(WORKDAY), shutdown={"task_present": False}).unset


def test_a_site_without_hours_has_no_nights() -> None:
    row = judged(measure("PC-PM-001", states=quiet(WORKDAY)))["pc-pm-001"]
    assert (row.behaviour, row.sleeps) == (None, True)


def test_an_old_report_is_silence_with_its_day() -> None:
    row = a_computer(taken_at="2026-09-01T08:00:00Z")
    assert (row.report, row.sleeps, row.silent_since) == (None, None, date(2026, 9, 1))
    assert a_computer(taken_at=moment(datetime(2026, 11, 12, 8, tzinfo=UTC))).silent_since is None


def test_names_match_in_any_case_and_what_differs_is_named() -> None:
    row = a_computer(serial="AUTRE", chassis="laptop")
    assert (row.kind, row.mismatch) == ("laptop", "numéro de série AUTRE, EX-ccas-pc-001 à l’inventaire")
    assert a_computer(serial="ex-CCAS-pc-001").mismatch == ""
    kept = Kept(None, {"INTRUS": measure("INTRUS"), NAME.upper(): measure(NAME.upper())})
    assert (strangers(town(CCAS), kept), strangers(town(CCAS), NOTHING)) == (["INTRUS"], [])


def test_hours_outside_are_those_when_the_site_is_closed_for_all_of_the_hour() -> None:
    from zoneinfo import ZoneInfo

    closed = outside(Opening(("monday",), "07:30", "19:00", ZoneInfo("Europe/Paris")))
    assert [hour for hour in range(24) if not closed[hour]] == list(range(7, 19))
    assert all(closed[24:])
    night = outside(Opening(("sunday",), "20:00", "06:00", ZoneInfo("Europe/Paris")))
    assert [hour for hour in range(168) if not night[hour]] == [0, 1, 2, 3, 4, 5, 164, 165, 166, 167]
    assert not any(outside(None))


def test_states_that_a_test_writes_are_those_of_the_form() -> None:
    row = a_computer(states=states(("2026-11-25 06:00", "2026-11-25 18:00", "on")))
    assert row.report
    assert row.report.states
