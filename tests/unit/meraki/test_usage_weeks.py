"""Weeks of local time and their hours, those of the changes of time too."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from piste.systems.meraki.usage_weeks import HOUR, HOURS, days, hours, last_weeks, profile

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_the_last_weeks_are_whole_and_begin_on_a_monday_of_the_town() -> None:
    now = at("2026-11-28T05:36:00Z")
    weeks = last_weeks(now, PARIS, 4, now - 31 * 86_400)
    # The Dashboard goes back to 28 October: the week of 26 October is not whole any more.
    assert [week.name for week in weeks] == ["2026-W45", "2026-W46", "2026-W47"]
    assert (weeks[-1].start, weeks[-1].end) == (at("2026-11-16T00:00:00+01:00"), at("2026-11-23T00:00:00+01:00"))


def test_a_sunday_evening_in_utc_may_be_a_monday_in_town() -> None:
    (week,) = last_weeks(at("2026-11-22T23:30:00Z"), PARIS, 1, 0)
    assert (week.name, week.end) == ("2026-W47", at("2026-11-23T00:00:00+01:00"))


def test_the_first_week_of_a_year_has_the_name_of_its_calendar() -> None:
    (week,) = last_weeks(at("2027-01-05T12:00:00Z"), PARIS, 1, 0)
    assert week.name == "2026-W53"


@pytest.mark.parametrize(
    ("now", "lasts", "twice", "never"),
    [
        ("2026-11-28T00:00:00Z", 168, [], []),
        ("2026-10-27T00:00:00Z", 169, [6 * 24 + 2], []),
        ("2026-03-31T00:00:00Z", 167, [], [6 * 24 + 2]),
    ],
)
def test_a_change_of_time_has_an_hour_twice_or_not_at_all(
    now: str, lasts: int, twice: list[int], never: list[int]
) -> None:
    (week,) = last_weeks(at(now), PARIS, 1, 0)
    places = [place for _, place in hours(week, PARIS)]
    assert (week.end - week.start) // HOUR == len(places) == lasts
    assert [place for place in range(HOURS) if places.count(place) == 2] == twice
    assert [place for place in range(HOURS) if place not in places] == never
    # Nine in the morning of the Monday after and before is nine in the morning of the town.
    starts = {place: start for start, place in hours(week, PARIS)}
    assert {datetime.fromtimestamp(starts[day * 24 + 9], PARIS).hour for day in range(7)} == {9}
    assert [end - start for start, end in days(week, PARIS)][-1] // HOUR == lasts - 144
    measured = profile(places, [1.0] * lasts)
    assert [place for place, value in enumerate(measured) if value is None] == never


def test_an_hour_that_comes_twice_has_its_mean_and_is_unknown_with_a_gap() -> None:
    assert profile([0, 0, 1], [2.0, 5.0, 1.0])[:2] == [3.5, 1.0]
    assert profile([0, 0, 1], [2.0, None, 1.0])[:2] == [None, 1.0]
    assert profile([0], [0.0])[:2] == [0.0, None]


def test_a_moment_is_the_same_in_any_zone() -> None:
    (week,) = last_weeks(at("2026-11-28T00:00:00Z"), ZoneInfo("UTC"), 1, 0)
    assert datetime.fromtimestamp(week.start, UTC).isoformat() == "2026-11-16T00:00:00+00:00"
