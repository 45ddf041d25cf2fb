"""Waking hours of machines: weeks, nights, public and school holidays, changes of clocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from lab.declared import declared_town
from piste.town.model.hours import awake, day_off, next_change, outdated

WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday"]


def declared() -> tuple[dict[str, Any], dict[str, Any]]:
    commune = declared_town().commune
    assert commune is not None
    hours = commune["hosting"]["hours"]
    return hours["schedules"]["nuits-et-week-ends"], hours["calendar"]


def schedule(start: str = "06:00", end: str = "22:00", **fields: Any) -> dict[str, Any]:
    own = {"awake": [{"days": WEEK, "start": start, "end": end}], "holidays": "asleep", "school_holidays": "as_usual"}
    return {**own, **fields}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24T05:59", False),
        ("2026-11-24T06:00", True),
        ("2026-11-24T21:59", True),
        ("2026-11-24T22:00", False),
        ("2026-11-28T12:00", False),  # a Saturday
        ("2026-11-11T12:00", False),  # Armistice, a Wednesday
        ("2027-03-29T12:00", False),  # Easter Monday
        ("2026-12-22T12:00", True),  # school holidays count as usual
        ("2026-12-25T12:00", False),
    ],
)
def test_the_declared_hours_are_those_of_the_week_but_for_public_holidays(moment: str, expected: bool) -> None:
    own, calendar = declared()
    assert awake(own, calendar, datetime.fromisoformat(moment)) is expected


def test_school_holidays_are_slept_where_the_schedule_says_so() -> None:
    own, calendar = schedule(school_holidays="asleep"), declared()[1]
    assert day_off(own, calendar, date(2026, 12, 21)) == "Noël 2026"
    assert [awake(own, calendar, datetime(2026, 10, day, 12)) for day in (16, 19, 30)] == [True, False, False]
    assert awake(own, calendar, datetime(2026, 11, 2, 12))
    assert day_off(schedule(holidays="as_usual"), calendar, date(2026, 11, 11)) == ""


def test_hours_that_end_in_the_morning_go_on_after_midnight() -> None:
    own, calendar = schedule("20:00", "02:00"), declared()[1]
    assert [awake(own, calendar, datetime(2026, 11, 24, hour)) for hour in (1, 3, 21)] == [True, False, True]
    assert awake(own, calendar, datetime(2026, 11, 28, 1))  # the night of Friday
    assert not awake(own, calendar, datetime(2026, 11, 23, 1))  # that of Sunday


def test_the_next_change_is_known_across_nights_week_ends_and_holidays() -> None:
    own, calendar = declared()
    assert next_change(own, calendar, datetime(2026, 11, 24, 12)) == datetime(2026, 11, 24, 22)
    assert next_change(own, calendar, datetime(2026, 11, 27, 23)) == datetime(2026, 11, 30, 6)
    assert next_change(own, calendar, datetime(2026, 12, 24, 23)) == datetime(2026, 12, 28, 6)
    always = {**own, "awake": [{"days": [*WEEK, "saturday", "sunday"], "start": "00:00", "end": "00:00"}]}
    assert next_change({**always, "holidays": "as_usual"}, calendar, datetime(2026, 11, 24, 12)) is None


def test_the_calendar_says_until_when_it_holds_for_what_a_schedule_sleeps() -> None:
    own, calendar = declared()
    assert not outdated(own, calendar, datetime(2027, 12, 31, 23))
    assert outdated(own, calendar, datetime(2028, 1, 1))
    pupils = {**own, "school_holidays": "asleep"}
    assert [outdated(pupils, calendar, datetime(2027, month, 1)) for month in (8, 9)] == [False, True]
    assert not outdated({**own, "holidays": "as_usual"}, calendar, datetime(2030, 1, 1))


def easter(year: int) -> date:
    """Compute Easter Sunday by the anonymous Gregorian computus."""
    century, rest = divmod(year, 100)
    shift = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - shift - rest % 4) % 7
    late = (year % 19 + 11 * shift + 22 * weekday) // 451
    month, day = divmod(shift + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("year", [2026, 2027])
def test_the_declared_public_holidays_are_the_eleven_of_the_labour_code(year: int) -> None:
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    moving = [easter(year) + timedelta(days=days) for days in (1, 39, 50)]
    wanted = {date(year, *day).isoformat() for day in fixed} | {day.isoformat() for day in moving}
    assert {day for day in declared()[1]["holidays"] if day.startswith(str(year))} == wanted


def test_school_holidays_begin_on_a_saturday_and_end_on_a_sunday_but_for_the_summer() -> None:
    for period in declared()[1]["school"]:
        start, until = date.fromisoformat(period["start"]), date.fromisoformat(period["until"])
        assert start.weekday() == 5
        assert until.weekday() == 6 or period["name"].startswith("Été")
