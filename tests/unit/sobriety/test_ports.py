"""Ports of access points that follow the hours of a site: live faults and savings."""

from __future__ import annotations

from typing import Any

import pytest

from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from piste.sobriety.savings import closed_hours, savings
from tests.unit.sobriety.small import SCHOOL, TODAY, compute, network, scheduled, town, whole

OPEN = {"active": True, "start": "06:30", "end": "19:00"}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
OFF = {"active": False, "start": "00:00", "end": "24:00"}
WEEK = {**dict.fromkeys(DAYS, OPEN), "saturday": OFF, "sunday": OFF}
SCHEDULE = {"name": "Heures du site", "week": WEEK}


def piloted() -> Any:
    return town(SCHOOL, ecole_jaures=scheduled(whole().sites[SCHOOL]))


def read(schedules: list[Any], port: dict[str, Any]) -> Readings:
    """Give every declared port, each with the same schedule."""
    ports = [
        {"serial": device["serial"], "port_id": declared["port"], **port}
        for device in whole().sites[SCHOOL]["devices"]
        for declared in device["ports"]
    ]
    return Readings(networks={SCHOOL: network(SCHOOL, port_schedules=schedules, switch_ports=ports)})


@pytest.mark.parametrize(
    ("schedules", "port", "failing"),
    [
        ([SCHEDULE], {"port_schedule": "Heures du site"}, []),
        ([SCHEDULE], {}, ["6 ports de borne sans horaire"]),
        ([], {"port_schedule": "Heures du site"}, ["l’horaire Heures du site a d’autres heures"]),
        (
            [{**SCHEDULE, "week": {**WEEK, "monday": {**OPEN, "end": "20:00"}}}],
            {"port_schedule": "Autre"},
            ["l’horaire Heures du site a d’autres heures, 6 ports de borne sans horaire"],
        ),
    ],
)
def test_ports_conform_where_they_follow_the_declared_hours(
    schedules: list[Any], port: dict[str, Any], failing: list[str]
) -> None:
    readings = read(schedules, port)
    figure = compute(piloted(), readings)["F8"]
    assert figure.failing == [f"{SCHOOL} ({fault})" for fault in failing]
    assert figure.value == (0 if failing else 100)
    every = savings(piloted(), readings, Imports(), TODAY)
    (saving,) = [saving for saving in every if saving.lever == "bornes-hors-heures"]
    # 6 access points at 70 kWh, off outside 12 hours and a half of 261 days: 5497.5 hours of 8760.
    won, left = (0, 420 * 5497.5 / 8760) if failing else (420 * 5497.5 / 8760, 0)
    assert saving.realised_kwh is not None
    assert saving.remaining_kwh is not None
    assert (saving.realised_kwh.value, saving.remaining_kwh.value) == (pytest.approx(won), pytest.approx(left))


def test_a_day_may_end_at_midnight() -> None:
    assert closed_hours([{"day": "monday", "start": "00:00", "end": "24:00"}], TODAY) == 8760 - 52 * 24
