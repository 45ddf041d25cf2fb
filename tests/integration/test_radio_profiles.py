"""Radio profiles of a site: made, kept to, changed by hand, adopted, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.as_found import taken
from piste.runs.plans.undo import inverse
from piste.systems.meraki.intent import meraki_intent
from piste.town.town import tables
from tests.support.inprocess import MerakiWorld
from tests.support.town import SCHOOL, converge, school, site, town_world

HALLS: dict[str, Any] = {
    "name": "Salles",
    "bands": ["2.4", "5"],
    "band_steering": False,
    "client_balancing": True,
    "two_four_ghz": {"power": None, "channels": [1, 6, 11], "min_bitrate": 11.0},
    "five_ghz": {"power": None, "channels": [36, 40, 44, 48], "width": 40, "min_bitrate": 12},
}


def profiled(**changes: Any) -> dict[str, Any]:
    """Return the school with a radio profile on its access point."""
    whole = school()
    whole["devices"][1]["rf_profile"] = HALLS["name"]
    return {**whole, "rf_profiles": [{**HALLS, **changes}]}


def profile_of(world: MerakiWorld) -> dict[str, Any]:
    (network,) = world.simulator.world.networks.values()
    (profile,) = network["rf_profiles"].values()
    return dict(profile)


def edit(world: MerakiWorld, body: dict[str, Any]) -> None:
    (network,) = world.simulator.world.networks.values()
    (key,) = network["rf_profiles"]
    world.simulator.edit("PUT", f"/networks/{network['id']}/wireless/rfProfiles/{key}", body)


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    made = town_world(tmp_path)
    converge(made, school())
    return made


def test_a_profile_is_made_as_planned_and_a_second_run_changes_nothing(world: MerakiWorld) -> None:
    foreseen = converge(world, profiled(), check=True)
    assert world.writes == []
    done = converge(world, profiled())
    assert foreseen.operations == done.operations
    assert [(o["kind"], o["action"]) for o in done.operations] == [("rf_profile", "create"), ("radio", "update")]
    made = profile_of(world)
    assert made["fiveGhzSettings"]["validAutoChannels"] == [36, 40, 44, 48]
    assert (made["fiveGhzSettings"]["channelWidth"], made["fiveGhzSettings"]["minBitrate"]) == ("40", 12)
    assert (made["apBandSettings"]["bandSteeringEnabled"], made["bandSelectionType"]) == (False, "ap")
    assert converge(world, profiled()).operations == []
    assert world.writes == []


def test_what_a_profile_does_not_say_is_left_as_somebody_set_it(world: MerakiWorld) -> None:
    converge(world, profiled())
    edit(world, {"fiveGhzSettings": {"maxPower": 17, "rxsop": -80}, "sixGhzSettings": {"channelWidth": "80"}})
    assert converge(world, profiled()).operations == []
    converge(world, profiled(band_steering=True))
    made = profile_of(world)
    assert (made["fiveGhzSettings"]["maxPower"], made["fiveGhzSettings"]["rxsop"]) == (17, -80)
    assert made["sixGhzSettings"]["channelWidth"] == "80"


def test_bands_chosen_by_ssid_stay_so_where_the_profile_says_nothing_of_bands(world: MerakiWorld) -> None:
    silent = profiled(bands=None, band_steering=None)
    converge(world, silent)
    edit(world, {"bandSelectionType": "ssid"})
    assert converge(world, silent).operations == []
    converge(world, {**silent, "rf_profiles": [{**silent["rf_profiles"][0], "client_balancing": False}]})
    assert profile_of(world)["bandSelectionType"] == "ssid"
    converge(world, profiled(bands=None))
    assert profile_of(world)["bandSelectionType"] == "ap"


def test_a_channel_set_by_hand_is_a_drift_and_can_be_kept_as_found(world: MerakiWorld) -> None:
    converge(world, profiled())
    edit(world, {"fiveGhzSettings": {"validAutoChannels": [36, 40, 149, 153], "channelWidth": "80"}})
    outcome = converge(world, profiled(), check=True, survey=True)
    (operation,) = outcome.operations
    before = operation["content"]["before"]["five_ghz"]
    assert (before["channel_width"], {*before["valid_auto_channels"]}) == ("80", {36, 40, 149, 153})
    kept = taken(tables(), outcome.operations, outcome.surveys, SCHOOL)
    assert converge(world, {**profiled(), "as_found": kept}).operations == []
    assert converge(world, profiled()).operations == [operation]
    assert profile_of(world)["fiveGhzSettings"]["channelWidth"] == "40"


def waiting(world: MerakiWorld, whole: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a check holds back, by kind, with the word that it waits for."""
    planned = converge(world, whole, check=True).operations
    return [(o["kind"], o["waiting"].split(":")[0]) for o in planned if "waiting" in o]


ONE_BAND: dict[str, Any] = {"bands": ["5"], "two_four_ghz": {"power": None}}
FASTER: dict[str, Any] = {"two_four_ghz": {**HALLS["two_four_ghz"], "min_bitrate": 12.0}}


@pytest.mark.parametrize("changes", [ONE_BAND, FASTER])
def test_a_profile_that_shuts_clients_out_waits_for_its_word(world: MerakiWorld, changes: dict[str, Any]) -> None:
    converge(world, profiled(five_ghz={"power": None}), confirm=["radio"])
    asked = profiled(five_ghz={"power": None}, **changes)
    assert waiting(world, asked) == [("rf_profile", "attend radio")]
    converge(world, asked, confirm=["radio"])
    made = profile_of(world)
    assert (made["apBandSettings"]["bands"]["enabled"] == ["5"]) is ("bands" in changes)
    assert converge(world, profiled(five_ghz={"power": None}), check=True).operations
    assert waiting(world, profiled(five_ghz={"power": None})) == []


@pytest.mark.parametrize(("changes", "asks"), [(ONE_BAND, True), (FASTER, True), ({"band_steering": False}, False)])
def test_an_access_point_that_takes_a_narrower_profile_waits_for_the_word(
    world: MerakiWorld, changes: dict[str, Any], asks: bool
) -> None:
    asked = profiled(five_ghz={"power": None}, **changes)
    expected = [("radio", "attend radio")] if asks else []
    assert waiting(world, asked) == expected
    converge(world, {**asked, "devices": school()["devices"]})
    assert waiting(world, asked) == expected, "the profile is there already"
    converge(world, asked, confirm=["radio"])
    assert waiting(world, asked) == []


def test_an_access_point_that_keeps_a_profile_of_the_town_is_named(world: MerakiWorld) -> None:
    first, second = [device for device in site(SCHOOL)["devices"] if device["kind"] == "access_point"][:2]
    both = [school()["devices"][0], {**first, "rf_profile": HALLS["name"]}, {**second, "rf_profile": HALLS["name"]}]
    converge(world, {**profiled(), "devices": both})
    both[2] = {**second, "rf_profile": None}
    outcome = converge(world, {**profiled(), "devices": both}, check=True, survey=True)
    assert outcome.operations == []
    named = [orphan["key"] for result in outcome.results for orphan in result.get("orphans", ())]
    assert named == [f"{meraki_intent(school())['name']}/{second['name']}"]
    alone = converge(world, {**school(), "devices": both[:1]}, check=True, survey=True)
    kinds = [orphan["kind"] for result in alone.results for orphan in result.get("orphans", ())]
    assert [kind for kind in kinds if kind != "device"] == ["rf_profile", "radio", "radio"]


def test_an_undo_brings_back_the_vendors_profile_then_takes_the_town_s_away(world: MerakiWorld) -> None:
    done = converge(world, profiled())
    tasks, lost = inverse(done.operations)
    assert lost == []
    with world.run() as run:
        for module in ("meraki_radios", "meraki_rf_profiles"):
            task = tasks[SCHOOL]["returned"][module]
            options: dict[str, Any] = {"owner": SCHOOL, "absent": task["absent"]}
            run.module(module, task["config"], network=meraki_intent(school())["name"], **options)
    (network,) = world.simulator.world.networks.values()
    assert network["rf_profiles"] == {}
    assert world.simulator.world.devices[school()["devices"][1]["serial"]]["radio"]["rfProfileId"] is None
