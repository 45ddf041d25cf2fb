"""Profiles of use by hour, by hand: joined weeks, hours on the air, words."""

from __future__ import annotations

import pytest

from piste.sobriety import activity
from tests.unit.sobriety.weeks import at, curve, ports, week


def test_weeks_are_joined_by_hour_and_an_unknown_hour_stays_unknown() -> None:
    weeks = [curve(0.0, [9], 4.0), curve(0.0, [9], 8.0), curve(None, [9, 10], 0.0)]
    joined = activity.profile(weeks)
    assert (joined.mean[9], joined.peak[9], joined.weeks) == (4.0, 8.0, 3)
    assert (joined.mean[10], joined.peak[10]) == (0.0, 0.0)
    assert joined.used == {9}
    assert joined.idle == frozenset(range(168)) - {9}
    assert joined.busiest == 9
    nothing = activity.profile([curve(None)])
    assert (nothing.known, nothing.busiest, nothing.idle, nothing.weeks) == (False, None, frozenset(), 0)


def test_a_site_is_idle_where_each_access_point_is_known_to_be() -> None:
    points = {"a": curve(0.0, [9], 2.0), "b": curve(0.0, [10], None)}
    use = activity.use_of([week(points=points)], "ecole-jaures", ["a", "b"])
    assert (use.clients.mean[9], use.clients.mean[10], use.clients.mean[11]) == (2.0, None, 0.0)
    # An access point without any reading makes all hours unknown.
    use = activity.use_of([week(points=points)], "ecole-jaures", ["a", "b", "c"])
    assert not use.clients.known
    assert use.points["a"].used == {9}


def test_the_power_of_a_port_is_shared_between_those_that_feed() -> None:
    radio = ports(4, wh=24.0, fed=curve(4.0, [0], 0.0))
    use = activity.use_of([week(radio=radio)], "ecole-jaures", [])
    assert (use.watts[0], use.watts[1]) == (None, 6.0)


def test_a_port_is_quiet_if_it_was_in_each_week() -> None:
    weeks = [week(46, quiet=["s/1", "s/2"]), week(47, quiet=["s/2", "s/3"])]
    use = activity.use_of(weeks, "ecole-jaures", [])
    assert (use.quiet, use.quiet_weeks) == (["s/2"], 2)


def test_a_site_without_a_week_knows_nothing() -> None:
    use = activity.use_of([week()], "ccas", ["a"])
    assert (use.clients.known, use.points["a"].known, use.quiet, use.quiet_weeks) == (False, False, [], 0)


def span(start: str, end: str) -> dict[str, str]:
    (start_day, start_time), (end_day, end_time) = start.split(), end.split()
    return {"start_day": start_day, "start_time": start_time, "end_day": end_day, "end_time": end_time}


def test_hours_on_the_air_are_those_that_no_outage_takes() -> None:
    shares = activity.on_air({"enabled": True, "ranges": [span("monday 18:30", "tuesday 07:00")]})
    assert shares[17:20] == [1.0, 0.5, 0.0]
    assert shares[24 + 6 : 24 + 8] == [0.0, 1.0]
    assert sum(shares) == 168 - 12.5
    # From Friday evening to Monday morning, over the end of the week.
    shares = activity.on_air({"enabled": True, "ranges": [span("fri 20:00", "mon 08:00")]})
    assert sum(shares) == 168 - 60
    assert (shares[7], shares[8], shares[4 * 24 + 19], shares[4 * 24 + 20]) == (0.0, 1.0, 1.0, 0.0)
    # Two ranges that overlap take an hour once.
    both = [span("monday 08:00", "monday 10:00"), span("monday 09:00", "monday 11:00")]
    assert sum(activity.on_air({"enabled": True, "ranges": both})) == 165


@pytest.mark.parametrize("schedule", [None, {}, {"enabled": False, "ranges": [span("monday 0:00", "monday 9:00")]}])
def test_an_ssid_without_a_schedule_is_on_the_air_at_all_hours(schedule: dict[str, object] | None) -> None:
    assert sum(activity.on_air(schedule)) == 168


def test_opening_hours_are_shares_of_hours() -> None:
    shares = activity.open_shares([{"day": "tuesday", "start": "08:30", "end": "24:00"}])
    assert (shares[24 + 7], shares[24 + 8], shares[24 + 9], shares[24 + 23]) == (0.0, 0.5, 1.0, 1.0)
    assert sum(shares) == 15.5


def test_hours_are_named_and_joined() -> None:
    assert activity.hour_words(24 + 9) == "mardi de 9 h à 10 h"
    assert activity.spans(frozenset([*at([0], 9, 12), 14, *at([1], 0, 2)])) == [(0, 9, 12), (0, 14, 15), (1, 0, 2)]
