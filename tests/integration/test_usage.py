"""Use of the network by hour: the module on a simulated week, recomputed by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from piste.engine.transport.response import Response
from piste.systems.meraki import usage
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.town import converge, site, town_world

DASHBOARD = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}
SCHOOL, SWITCH = "ecole-jaures", "QZZZ-0005-0001"
FIRST, IDLE, NIGHT = "QZZZ-0005-0041", "QZZZ-0005-0045", "QZZZ-0005-0046"
RADIO, ACCESS = [f"{SWITCH}/1", f"{SWITCH}/2"], [f"{SWITCH}/5", f"{SWITCH}/6", f"{SWITCH}/24"]
PLACE = {"site": SCHOOL, "access_points": [FIRST, IDLE, NIGHT], "radio": RADIO, "access": ACCESS}
MONDAY, WEDNESDAY, SUNDAY = 0, 48, 144


def cut() -> dict[str, Any]:
    """Return a school with a switch and the three access points of the test."""
    whole = site(SCHOOL)
    kept = {SWITCH, FIRST, "QZZZ-0005-0042", IDLE, NIGHT}
    return {**whole, "devices": [device for device in whole["devices"] if device["serial"] in kept]}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> MerakiWorld:
    made = town_world(tmp_path_factory.mktemp("usage"))
    converge(made, cut())
    made.simulator.edit("PUT", f"/devices/{SWITCH}/switch/ports/24", {"name": None})
    return made


@pytest.fixture
def world(built: MerakiWorld) -> MerakiWorld:
    built.simulator.behaviour = type(built.simulator.behaviour)(rate_limit=None, claim_limit=None)
    built.spoil = lambda method, answer: answer
    built.forget_requests()
    return built


def read(world: MerakiWorld, *places: Any, **params: Any) -> dict[str, Any]:
    options = {"timezone": "Europe/Paris", "weeks": 1, "known": [], "places": places or (PLACE,), **params}
    with world.run():
        return usage.MODULES["meraki_usage"].run({"dashboard": DASHBOARD, **options}, False)


def test_a_week_of_a_school_is_what_its_life_makes_it(world: MerakiWorld) -> None:
    result = read(world)
    (week,) = result["weeks"]
    assert (week["week"], week["start"], week["end"]) == (
        "2026-W38", "2026-09-13T22:00:00Z", "2026-09-20T22:00:00Z",
    )  # fmt: skip
    here = week["sites"][SCHOOL]
    first = here["points"][FIRST]
    # 4 clients and the rank 41 modulo 5, three more at 10 and 14; from 8 to 17, but Wednesday and the week-end.
    assert first[MONDAY : MONDAY + 24] == [0.0] * 8 + [5, 5, 8, 5, 5, 5, 8, 5, 5] + [0.0] * 7
    assert sum(first[WEDNESDAY : WEDNESDAY + 24]) == sum(first[SUNDAY:]) == 0
    assert sum(first) == 4 * (9 * 5 + 2 * 3)
    assert set(here["points"][IDLE]) == {0.0}
    assert here["points"][NIGHT][:6] == [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    # Two ports feed the first access points of the school, 41 and 42, at 120 kbit/s a client.
    assert here["radio"]["kbps"][MONDAY + 9] == (5 + 6) * 120
    assert here["radio"]["peak"][MONDAY + 10] == (8 + 9) * 120
    assert here["radio"]["kbps"][MONDAY + 3] == 0.0
    # Of three ports, that without a name carries nothing.
    assert here["access"]["kbps"][MONDAY + 9] == 2 * 40
    assert set(here["access"]["seen"]) == {3.0}
    # This switch feeds none of its ports.
    assert set(here["radio"]["fed"]) == set(here["radio"]["wh"]) == {0.0}
    assert here["access"]["ports"] == 3
    assert here["quiet"] == [f"{SWITCH}/24"]
    assert week["unread"] == {}


def test_calls_are_a_day_of_ports_and_an_access_point(world: MerakiWorld) -> None:
    result = read(world)
    paths = [path for _, path in world.requests]
    assert sum(path.endswith(usage.PORTS) for path in paths) == 7
    assert sum(path.endswith("clientCountHistory") for path in paths) == 3
    # The organization by its name, its clock, the lists of devices.
    assert len(paths) == 7 + 3 + 3 == result["calls"]["reads"]
    assert result["calls"]["writes"] == 0


def test_a_week_that_is_known_is_not_read_again(world: MerakiWorld) -> None:
    assert read(world, known=["2026-W38"])["weeks"] == []
    assert not [path for _, path in world.requests if "istory" in path]


def test_several_weeks_take_no_more_questions_of_clients(world: MerakiWorld) -> None:
    weeks = read(world, {**PLACE, "radio": [], "access": []}, weeks=4)["weeks"]
    assert [week["week"] for week in weeks] == ["2026-W35", "2026-W36", "2026-W37", "2026-W38"]
    assert sum(path.endswith("clientCountHistory") for _, path in world.requests) == 3


def test_a_gap_is_unknown_and_never_idle(world: MerakiWorld) -> None:
    start = datetime.fromisoformat("2026-09-14T09:00:00+02:00").timestamp()
    world.simulator.behaviour.measure_gaps = [[start, start + 1200]]
    here = read(world)["weeks"][0]["sites"][SCHOOL]
    assert here["points"][FIRST][7:11] == [0.0, 5.0, None, 8.0]
    for values in ("kbps", "peak", "wh"):
        assert here["radio"][values][MONDAY + 9] is None
        assert here["radio"][values][MONDAY + 10] is not None
    assert here["radio"]["seen"][MONDAY + 9] == 0
    # What was not measured whole is not a port that nobody uses.
    assert here["quiet"] == []


def test_a_device_added_midway_is_unknown_before(world: MerakiWorld) -> None:
    thursday = datetime.fromisoformat("2026-09-17T12:00:00+02:00").timestamp()
    world.simulator.behaviour.measured_since = {FIRST: thursday}
    first = read(world)["weeks"][0]["sites"][SCHOOL]["points"][FIRST]
    assert set(first[: 72 + 12]) == {None}
    assert first[72 + 12] == 5


def test_an_access_point_that_is_off_by_its_schedule_is_not_measured(world: MerakiWorld) -> None:
    network = next(iter(world.simulator.world.networks))
    week = {"saturday": {"active": False, "from": "0:00", "to": "24:00"}}
    made = world.simulator.edit(
        "POST", f"/networks/{network}/switch/portSchedules", {"name": "Essai", "portSchedule": week}
    )
    world.simulator.edit("PUT", f"/devices/{SWITCH}/switch/ports/1", {"portScheduleId": made["id"]})
    try:
        first = read(world)["weeks"][0]["sites"][SCHOOL]["points"][FIRST]
    finally:
        world.simulator.edit("PUT", f"/devices/{SWITCH}/switch/ports/1", {"portScheduleId": None})
        world.simulator.edit("DELETE", f"/networks/{network}/switch/portSchedules/{made['id']}")
    assert set(first[120:144]) == {None}
    assert set(first[144:]) == {0.0}


@pytest.mark.parametrize("absurd", [-1, 10_001, 1e300])
def test_an_absurd_count_is_unknown(absurd: float, world: MerakiWorld) -> None:
    world.simulator.behaviour.measured_as = {FIRST: absurd}
    week = read(world)["weeks"][0]
    assert set(week["sites"][SCHOOL]["points"][FIRST]) == {None}
    assert 1.0 in week["sites"][SCHOOL]["points"][NIGHT]


def test_an_answer_that_does_not_read_is_that_of_one_access_point(world: MerakiWorld) -> None:
    world.simulator.behaviour.measured_as = {FIRST: "beaucoup"}
    week = read(world)["weeks"][0]
    assert "un nombre est attendu" in week["unread"][FIRST]
    assert sorted(week["sites"][SCHOOL]["points"]) == [IDLE, NIGHT]


def changed(change: Callable[[Any], None]) -> Callable[[str, Response], Response]:
    """Spoil each history of ports."""

    def spoil(method: str, answer: Response) -> Response:
        if usage.PORTS not in answer.url:
            return answer
        document = json.loads(answer.body)
        for switch in document["items"]:
            change(switch)
        return replace(answer, body=json.dumps(document).encode())

    return spoil


def intervals(change: Callable[[Any], None]) -> Callable[[str, Response], Response]:
    def of(switch: Any) -> None:
        for port in switch["ports"]:
            for interval in port["intervals"]:
                change(interval)

    return changed(of)


def negative(interval: Any) -> None:
    interval["data"]["usage"]["total"] = -5


def future(interval: Any) -> None:
    interval["startTs"], interval["endTs"] = "2036-09-14T00:00:00Z", "2036-09-14T00:20:00Z"


def backwards(interval: Any) -> None:
    interval["startTs"], interval["endTs"] = interval["endTs"], interval["startTs"]


def too_much(interval: Any) -> None:
    interval["data"]["usage"]["total"] = 1e300


def elsewhere(switch: Any) -> None:
    switch["serial"] = "QAAA-0000-0001"


@pytest.mark.parametrize(
    "spoil", [intervals(negative), intervals(future), intervals(backwards), intervals(too_much), changed(elsewhere)],
    ids=["negative", "future", "backwards", "too much", "of another organization"],
)  # fmt: skip
def test_ports_that_answer_nonsense_are_unknown(spoil: Callable[[str, Response], Response], world: MerakiWorld) -> None:
    world.spoil = spoil
    here = read(world)["weeks"][0]["sites"][SCHOOL]
    for kind in usage.KINDS:
        assert set(here[kind]["kbps"]) == set(here[kind]["wh"]) == {None}
        assert set(here[kind]["seen"]) == {0.0}
    assert here["quiet"] == []


def test_energy_that_is_absurd_is_unknown_and_traffic_stays(world: MerakiWorld) -> None:
    def absurd(interval: Any) -> None:
        interval["energy"]["usage"]["total"] = 1000

    world.spoil = intervals(absurd)
    here = read(world)["weeks"][0]["sites"][SCHOOL]
    assert set(here["radio"]["wh"]) == {None}
    assert here["radio"]["kbps"][MONDAY + 9] == 11 * 120


def test_a_port_without_an_access_point_is_not_among_those_that_feed(world: MerakiWorld) -> None:
    def of(switch: Any) -> None:
        for port in switch["ports"]:
            for interval in port["intervals"]:
                interval["energy"]["usage"]["total"] = 2.0 if f"{SWITCH}/{port['portId']}" == RADIO[0] else 0.0

    world.spoil = changed(of)
    radio = read(world)["weeks"][0]["sites"][SCHOOL]["radio"]
    # 2 Wh each 20 minutes are 6 W, of a single port.
    assert (set(radio["wh"]), set(radio["seen"]), set(radio["fed"])) == ({6.0}, {2.0}, {1.0})


def test_not_a_number_makes_the_answer_unreadable(world: MerakiWorld) -> None:
    def spoil(method: str, answer: Response) -> Response:
        return replace(answer, body=b'{"items": [{"serial": NaN}]}') if usage.PORTS in answer.url else answer

    world.spoil = spoil
    week = read(world)["weeks"][0]
    assert "du JSON est attendu" in week["unread"]["ports"]
    assert "radio" not in week["sites"][SCHOOL]
    assert week["sites"][SCHOOL]["points"][FIRST][9] == 5


def test_an_interval_longer_than_an_hour_says_nothing_of_an_hour(world: MerakiWorld) -> None:
    world.simulator.behaviour.interval_kept = False
    here = read(world)["weeks"][0]["sites"][SCHOOL]
    assert set(here["radio"]["kbps"]) == {None}


def test_an_access_point_of_no_network_is_absent_and_asked_nothing(world: MerakiWorld) -> None:
    week = read(world, {**PLACE, "access_points": ["QZZZ-0005-0043"]})["weeks"][0]
    assert (week["unread"], week["absent"]) == ({}, ["QZZZ-0005-0043"])
    assert not [path for _, path in world.requests if path.endswith("clientCountHistory")]


@pytest.mark.parametrize(
    ("params", "why"),
    [({"timezone": "Europe/Bourget"}, "n’est pas un fuseau"), ({"weeks": 5}, "de 1 à 4 semaines")],
)
def test_a_question_that_cannot_be_is_refused(params: dict[str, Any], why: str, world: MerakiWorld) -> None:
    with pytest.raises(Exception, match=why):
        read(world, **params)
    assert world.requests == []
