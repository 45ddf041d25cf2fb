"""Load, idle radios and hours of SSIDs, recomputed by hand on two sites."""

from __future__ import annotations

from typing import Any

import pytest

from piste.sobriety.breakdown import Listing, Share
from piste.sobriety.counting import Known
from piste.sobriety.figures_usage import IDLE, LOAD, SSID_HOURS, network_usage_breakdowns, network_usage_lists
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from tests.unit.sobriety.small import CCAS, SCHOOL, TODAY, compute, network, town
from tests.unit.sobriety.weeks import WEEKDAYS, at, curve, ports, week

POINTS = [f"QZZZ-0005-00{rank}" for rank in range(41, 47)]
OPEN = 5 * 11.5
"""Hours of a week in which the school is open: from 7:00 to 18:30."""
BUSY = at(WEEKDAYS, 8, 17)


def points(**more: list[float | None]) -> dict[str, list[float | None]]:
    """Return an access point with four clients from 8 to 17, and five that nobody uses."""
    return {**dict.fromkeys(POINTS, curve()), POINTS[0]: curve(0.0, BUSY, 4.0), **more}


def readings(*weeks: Any, **more: Any) -> Readings:
    return Readings(networks={SCHOOL: network(SCHOOL)}, usage=weeks or [week(points=points())], **more)


def parts(read: Readings, figure: str, *sites: str) -> dict[str, Share]:
    known = Known(town(*(sites or (SCHOOL,))), read, Imports(), TODAY)
    return {share.name: share for share in network_usage_breakdowns(known) if share.figure == figure}


def listing(read: Readings, key: str, *sites: str) -> Listing:
    known = Known(town(*(sites or (SCHOOL,))), read, Imports(), TODAY)
    return next(listed for listed in network_usage_lists(known) if listed.key == key)


def test_the_load_is_the_mean_of_the_opening_hours() -> None:
    values = compute(town(SCHOOL), readings())
    # Nine hours a day of four clients, over eleven and a half.
    assert values[LOAD].value == pytest.approx(4 * 9 * 5 / OPEN)
    assert values[LOAD].date == "2026-11-22"
    (share,) = parts(readings(), LOAD).values()
    assert (share.value, share.unknown) == (values[LOAD].value, 0)


def test_weeks_without_an_access_point_were_read_all_the_same() -> None:
    """Before any network the weeks have ports alone; it is false that no week was read."""
    assert compute(town(SCHOOL), readings(week()))[LOAD].why == "aucune borne n’est mesurée dans les semaines relevées"
    assert "aucune semaine entière" in compute(town(SCHOOL), Readings())[LOAD].why


def test_hours_on_the_air_without_a_client_are_idle() -> None:
    values = compute(town(SCHOOL), readings())
    idle = 6 * OPEN - 45
    assert values[IDLE].numerator == idle
    assert values[IDLE].denominator == 6 * OPEN
    assert values[IDLE].value == pytest.approx(100 * idle / (6 * OPEN))
    # The hours of the night, when no SSID is on the air, are in neither.
    night = points(**{POINTS[0]: curve(None, BUSY, 4.0)})
    assert compute(town(SCHOOL), readings(week(points=night)))[IDLE].denominator == 6 * OPEN


def test_an_unknown_hour_is_in_the_denominator_and_never_idle() -> None:
    gap = points(**{POINTS[1]: curve(None)})
    figure = compute(town(SCHOOL), readings(week(points=gap)))[IDLE]
    assert (figure.numerator, figure.denominator) == (5 * OPEN - 45, 6 * OPEN)
    assert figure.unknown == ["ap-jau-02"]
    (share,) = parts(readings(week(points=gap)), IDLE).values()
    assert (share.numerator, share.unknown) == (5 * OPEN - 45, round(OPEN))
    # The clients of the site are unknown too: an access point is silent.
    assert compute(town(SCHOOL), readings(week(points=gap)))[LOAD].value is None


def test_a_week_without_any_answer_is_unknown() -> None:
    values = compute(town(SCHOOL), readings(week(points={}, unread=dict.fromkeys(POINTS, "404"))))
    assert values[IDLE].value is values[LOAD].value is None
    assert {share.value for share in parts(readings(week(points={})), IDLE).values()} == {None}


def test_ssid_hours_are_counted_before_and_after_the_hours() -> None:
    read = readings()
    ssids = sum(ssid["enabled"] for ssid in read.networks[SCHOOL]["ssids"])
    figure = compute(town(SCHOOL), read)[SSID_HOURS]
    assert (figure.value, figure.denominator) == (ssids * 6 * OPEN, ssids * 6 * 168)
    always = {
        **network(SCHOOL),
        "ssids": [{**ssid, "schedule": {"enabled": False}} for ssid in network(SCHOOL)["ssids"]],
    }
    assert compute(town(SCHOOL), Readings(networks={SCHOOL: always}))[SSID_HOURS].value == ssids * 6 * 168


def test_an_ssid_of_some_access_points_is_counted_on_those_alone() -> None:
    (ssid, *_) = network(SCHOOL)["ssids"]
    tagged = {**ssid, "schedule": None, "available_on_all_aps": False, "availability_tags": ["salle"]}
    of = town(SCHOOL)
    devices = [
        {**device, "tags": ["salle"]} if device["serial"] == POINTS[2] else device
        for device in of.sites[SCHOOL]["devices"]
    ]
    cut = town(SCHOOL, **{SCHOOL.replace("-", "_"): {"devices": devices}})
    read = Readings(networks={SCHOOL: {**network(SCHOOL), "ssids": [tagged]}})
    assert compute(cut, read)[SSID_HOURS].value == 168


def test_a_schedule_that_does_not_read_makes_the_site_unknown() -> None:
    span = {"start_day": "?", "start_time": "07:00", "end_day": "monday", "end_time": "08:00"}
    odd = [{**ssid, "schedule": {"enabled": True, "ranges": [span]}} for ssid in network(SCHOOL)["ssids"]]
    read = Readings(networks={SCHOOL: {**network(SCHOOL), "ssids": odd}}, usage=[week(points=points())])
    values = compute(town(SCHOOL), read)
    assert values[SSID_HOURS].value is values[IDLE].value is None


def test_a_site_that_was_not_read_is_unknown_and_the_other_counts() -> None:
    of, read = town(SCHOOL, CCAS), readings()
    values = compute(of, read)
    assert values[SSID_HOURS].unknown == [CCAS]
    assert values[LOAD].unknown == [CCAS]
    assert values[IDLE].unknown == [CCAS]
    assert parts(read, SSID_HOURS, SCHOOL, CCAS)[CCAS].value is None


def test_lists_name_the_idle_radios_and_the_quiet_ports() -> None:
    quiet = ["QZZZ-0005-0001/11", "QZZZ-0005-0001/12", "QZZZ-0099-0001/1"]
    read = readings(week(points=points(), quiet=quiet, radio=ports(6, kbps=12.0)))
    rows = listing(read, "bornes-oisives").rows
    assert rows[0] == (SCHOOL, "ap-jau-02", OPEN, OPEN, 0.0)
    assert rows[-1] == (SCHOOL, "ap-jau-01", OPEN, OPEN - 45, 0.0)
    # A port that the town does not declare is not shown.
    assert [row[:3] for row in listing(read, "ports-sans-trafic").rows] == [
        (SCHOOL, "sw-jau-01", "11"), (SCHOOL, "sw-jau-01", "12"),
    ]  # fmt: skip
    (row,) = listing(read, "charge-reseau").rows
    assert row == (SCHOOL, round(4 * 45 / OPEN, 1), 4.0, "lundi de 8 h à 9 h", 12.0, 0.0, 1, 0)


def test_the_profile_has_a_row_a_day_and_says_what_is_unknown() -> None:
    gap = points(**{POINTS[1]: curve(0.0, [8], None)})
    rows = listing(readings(week(points=gap)), "profil-usage").rows
    assert [row[:2] for row in rows[:2]] == [(SCHOOL, "lundi"), (SCHOOL, "mardi")]
    assert len(rows) == 7
    assert rows[0][2 + 8] is None
    assert rows[1][2 + 8] == 4.0
    assert rows[6][2:] == (0.0,) * 24
