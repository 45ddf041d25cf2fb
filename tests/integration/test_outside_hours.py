"""Settings that a site turns off or lowers outside its hours: sent in order, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.runs.plans.undo import inverse
from piste.systems.meraki.intent import meraki_intent
from piste.town.model.outside_hours import SCHEDULE
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, school, town_world

AP_PORT = "1"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
LOW = {
    "name": "Puissance réduite",
    "two_four_ghz": {"power": {"lowest": 2, "highest": 8}},
    "five_ghz": {"power": {"lowest": 8, "highest": 11}},
}


def hours(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the school with the port of its access point off outside its hours."""
    windows = [{"day": day, "start": "06:30", "end": "19:00"} for day in WEEKDAYS]
    for port in whole["devices"][0]["ports"]:
        port["schedule"] = SCHEDULE if port["profile"] == "borne" else None
    return {**whole, "port_power": "hours", "port_schedules": [{"name": SCHEDULE, "open": windows}]}


def reduced(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the school with its access point at reduced power."""
    whole["devices"][1]["rf_profile"] = LOW["name"]
    return {**whole, "rf_profiles": [LOW], "radio_power": "reduced"}


def network_of(world: MerakiWorld) -> dict[str, Any]:
    return next(iter(world.simulator.world.networks.values()))


def port_of(world: MerakiWorld) -> dict[str, Any]:
    serial = school()["devices"][0]["serial"]
    return world.simulator.world.devices[serial]["port"].get(AP_PORT, {})  # type: ignore[no-any-return]


def radio_of(world: MerakiWorld) -> dict[str, Any]:
    serial = school()["devices"][1]["serial"]
    return world.simulator.world.devices[serial]["radio"]  # type: ignore[no-any-return]


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    made = town_world(tmp_path)
    converge(made, school())
    return made


def test_a_site_that_says_nothing_asks_for_nothing_of_it(world: MerakiWorld) -> None:
    converge(world, school())
    asked = [path for _, path in world.requests]
    assert not [path for path in asked if "portSchedules" in path or "rfProfiles" in path or "radio" in path]


def test_the_port_of_the_access_point_follows_the_hours_and_the_second_run_changes_nothing(
    world: MerakiWorld,
) -> None:
    foreseen = converge(world, hours(school()), check=True)
    assert world.writes == []

    done = converge(world, hours(school()), confirm=["access_point"])

    assert [(o["kind"], o["action"], o["key"]) for o in done.operations] == [
        ("port_schedule", "create", SCHEDULE),
        ("switch_port", "update", f"{school()['devices'][0]['serial']}/{AP_PORT}"),
    ]
    assert foreseen.operations == done.operations
    (schedule,) = network_of(world)["port_schedules"].values()
    assert schedule["portSchedule"]["monday"] == {"active": True, "from": "6:30", "to": "19:00"}
    assert schedule["portSchedule"]["sunday"] == {"active": False, "from": "0:00", "to": "24:00"}
    assert port_of(world)["portScheduleId"] in network_of(world)["port_schedules"]
    assert converge(world, hours(school())).operations == []
    assert world.writes == []


def test_on_a_new_site_the_check_foresees_the_schedule_and_the_ports_that_follow_it(tmp_path: Path) -> None:
    fresh = town_world(tmp_path)
    whole = reduced(hours(school()))
    foreseen = converge(fresh, whole, check=True)
    assert fresh.writes == []
    assert foreseen.operations == converge(fresh, reduced(hours(school()))).operations
    assert converge(fresh, reduced(hours(school()))).operations == []


def test_a_port_that_leaves_its_schedule_lets_it_go(world: MerakiWorld) -> None:
    converge(world, hours(school()), confirm=["access_point"])
    network = meraki_intent(school())["name"]
    options: dict[str, Any] = {"network": network, "owner": "ecole-jaures", "state": "deleted"}
    in_use = r"1 horaire de ports encore en usage : Heures du site \(1 port\)"
    with world.run() as run, pytest.raises(Exception, match=in_use):
        run.module("meraki_port_schedules", [{"name": SCHEDULE}], **options)
    with world.run() as run:
        port = {"serial": school()["devices"][0]["serial"], "port_id": AP_PORT, "port_schedule": None}
        kept = {**options, "state": "merged", "check": True}
        run.module("meraki_switch_ports", [port], **kept)
        foreseen = run.module("meraki_port_schedules", [{"name": SCHEDULE}], check=True, **options)
    assert foreseen["summary"] == [f"- port_schedule {SCHEDULE}"]
    converge(world, {**school(), "port_power": "always"}, confirm=["access_point"])
    with world.run() as run:
        run.module("meraki_port_schedules", [{"name": SCHEDULE}], **options)
    assert network_of(world)["port_schedules"] == {}


def test_a_port_behind_which_an_access_point_answers_asks_for_its_word(world: MerakiWorld) -> None:
    switch, point = school()["devices"]
    mac = world.simulator.world.devices[point["serial"]]["mac"]
    heard = {"name": "MR", "mac": mac, "port": "0", "capabilities": ""}
    world.simulator.world.devices[switch["serial"]]["neighbours"][AP_PORT] = heard
    with pytest.raises(Exception, match=f"access_point:{switch['serial']}/{AP_PORT}"):
        converge(world, hours(school()))
    assert port_of(world).get("portScheduleId") is None


def test_an_uplink_takes_no_schedule_without_its_word(world: MerakiWorld) -> None:
    serial = school()["devices"][0]["serial"]
    uplink = world.simulator.world.devices[serial]["uplink_port"]
    converge(world, hours(school()), confirm=["access_point"])
    port = {"serial": serial, "port_id": uplink, "port_schedule": SCHEDULE}
    network = meraki_intent(school())["name"]
    with world.run() as run, pytest.raises(Exception, match=f"uplink:{serial}/{uplink}"):
        run.module("meraki_switch_ports", [port], network=network, owner="ecole-jaures")


@pytest.mark.parametrize(
    ("week", "message"),
    [
        ({"monday": {"start": "07:15"}}, "« 07:15 » n’est pas une heure à la demi-heure près"),
        ({"monday": {"start": "19:00", "end": "07:00"}}, r"finit \(07:00\) avant de commencer \(19:00\)"),
    ],
)
def test_hours_that_the_system_would_refuse_are_said_before_any_request(
    week: dict[str, Any], message: str, world: MerakiWorld
) -> None:
    world.forget_requests()
    network = meraki_intent(school())["name"]
    with world.run() as run, pytest.raises(Exception, match=message):
        run.module("meraki_port_schedules", [{"name": "x", "week": week}], network=network, owner="ecole-jaures")
    assert world.requests == []


def test_a_day_changes_alone_and_the_others_keep_their_hours(world: MerakiWorld) -> None:
    converge(world, hours(school()), confirm=["access_point"])
    network = meraki_intent(school())["name"]
    item = {"name": SCHEDULE, "week": {"monday": {"start": "08:00"}}}
    with world.run() as run:
        run.module("meraki_port_schedules", [item], network=network, owner="ecole-jaures")
    (schedule,) = network_of(world)["port_schedules"].values()
    assert schedule["portSchedule"]["monday"] == {"active": True, "from": "8:00", "to": "19:00"}
    assert schedule["portSchedule"]["tuesday"] == {"active": True, "from": "6:30", "to": "19:00"}
    assert schedule["portSchedule"]["sunday"]["active"] is False


def test_access_points_take_the_reduced_power_and_give_it_back(world: MerakiWorld) -> None:
    done = converge(world, reduced(school()))
    serial = school()["devices"][1]["serial"]
    assert [(o["kind"], o["action"], o["key"]) for o in done.operations] == [
        ("rf_profile", "create", LOW["name"]),
        ("radio", "update", serial),
    ]
    (profile,) = network_of(world)["rf_profiles"].values()
    assert (profile["fiveGhzSettings"]["maxPower"], profile["twoFourGhzSettings"]["minPower"]) == (11, 2)
    assert converge(world, reduced(school())).operations == []
    assert world.writes == []

    converge(world, {**school(), "radio_power": "full"})
    assert radio_of(world)["rfProfileId"] is None
    assert converge(world, {**school(), "radio_power": "full"}).operations == []


def test_the_profiles_of_all_sites_are_read_once_a_run(world: MerakiWorld) -> None:
    converge(world, reduced(school()))
    converge(world, reduced(school()), reduced(school()))
    assert len([path for _, path in world.requests if path.endswith("/assignments/byDevice")]) == 1


def test_what_was_set_by_hand_goes_with_a_change_of_profile_and_the_plan_says_so(world: MerakiWorld) -> None:
    serial = school()["devices"][1]["serial"]
    world.simulator.edit("PUT", f"/devices/{serial}/wireless/radio/settings", {"fiveGhzSettings": {"channel": 44}})
    done = converge(world, reduced(school()))
    radio = next(o for o in done.operations if o["kind"] == "radio")
    assert radio["fields"] == ["rf_profile", "five_ghz"]
    assert radio["content"]["before"]["five_ghz"]["channel"] == 44
    assert radio_of(world)["fiveGhzSettings"]["channel"] is None


def test_what_is_declared_by_hand_follows_the_profile_that_would_clear_it(world: MerakiWorld) -> None:
    serial = school()["devices"][1]["serial"]
    converge(world, reduced(school()))
    item = {"serial": serial, "rf_profile": None, "five_ghz": {"channel": 36, "target_power": 9}}
    network = meraki_intent(school())["name"]
    world.forget_requests()
    with world.run() as run:
        run.module("meraki_radios", [item], network=network, owner="ecole-jaures")
    assert (radio_of(world)["rfProfileId"], radio_of(world)["fiveGhzSettings"]["channel"]) == (None, 36)
    with world.run() as run:
        assert run.module("meraki_radios", [item], network=network, owner="ecole-jaures")["operations"] == []


def test_a_profile_that_access_points_have_is_not_removed(world: MerakiWorld) -> None:
    converge(world, reduced(school()))
    network = meraki_intent(school())["name"]
    options = {"network": network, "owner": "ecole-jaures", "state": "deleted"}
    in_use = r"1 profil radio encore en usage : Puissance réduite \(1 borne\)"
    with world.run() as run, pytest.raises(Exception, match=in_use):
        run.module("meraki_rf_profiles", [{"name": LOW["name"]}], **options)


def test_the_vendors_own_profiles_are_nobodys(world: MerakiWorld) -> None:
    network = meraki_intent(school())["name"]
    options = {"network": network, "owner": "ecole-jaures"}
    with world.run() as run:
        assert run.module("meraki_rf_profiles", [], state="gathered", **options)["gathered"] == []
    with world.run() as run, pytest.raises(Exception, match="profil du constructeur"):
        run.module("meraki_rf_profiles", [{"name": "Basic Indoor Profile"}], **options)
    radio = {"serial": school()["devices"][1]["serial"], "rf_profile": "Ailleurs"}
    with world.run() as run, pytest.raises(Exception, match="1 profil radio inexistant : Ailleurs"):
        run.module("meraki_radios", [radio], **options)


def test_an_undo_gives_back_ports_and_power_then_takes_schedule_and_profile_away(world: MerakiWorld) -> None:
    serial = school()["devices"][1]["serial"]
    world.simulator.edit("PUT", f"/devices/{serial}/wireless/radio/settings", {"fiveGhzSettings": {"channel": 44}})
    done = converge(world, reduced(hours(school())), confirm=["access_point"])
    tasks, lost = inverse(done.operations)
    assert lost == []
    returned = tasks["ecole-jaures"]["returned"]
    with world.run() as run:
        for module in ("meraki_radios", "meraki_switch_ports", "meraki_rf_profiles", "meraki_port_schedules"):
            task = returned[module]
            options: dict[str, Any] = {"owner": "ecole-jaures", "confirm": ["access_point"], "absent": task["absent"]}
            run.module(module, task["config"], network=meraki_intent(school())["name"], **options)
    assert (network_of(world)["port_schedules"], network_of(world)["rf_profiles"]) == ({}, {})
    assert port_of(world).get("portScheduleId") is None
    assert (radio_of(world)["rfProfileId"], radio_of(world)["fiveGhzSettings"]["channel"]) == (None, 44)
