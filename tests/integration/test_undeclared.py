"""Additions and renames by hand in the Dashboard: named at each drift, mended if traceable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.orphan import WHY
from piste.runs.plans.undo import RETURNED, inverse
from piste.systems.meraki.intent import meraki_intent
from piste.systems.meraki.orphans import orphans
from tests.support.inprocess import MerakiWorld
from tests.support.town import Outcome, converge, dot1x, school, town_world

NETWORK = "VLB ecole-jaures"
OPEN = "personne ne le déclare, il est allumé et OUVERT : n’importe qui s’y connecte"


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    made = town_world(tmp_path)
    converge(made, school())
    return made


def edit(world: MerakiWorld, method: str, place: str, **body: Any) -> Any:
    """Edit the school's network as another administrator."""
    (network,) = world.simulator.world.networks.values()
    return world.simulator.edit(method, f"/networks/{network['id']}{place}", body or None)


def lit(world: MerakiWorld) -> dict[int, str]:
    return {ssid["number"]: ssid["name"] for ssid in edit(world, "GET", "/wireless/ssids") if ssid["enabled"]}


def named(outcome: Outcome) -> dict[str, str]:
    orphans = [entry for result in outcome.results for entry in result.get("orphans", ())]
    return {f"{entry['kind']} {entry['key']}": entry["why"] for entry in orphans}


def drift(world: MerakiWorld, whole: Mapping[str, Any] | None = None) -> tuple[dict[str, str], list[str]]:
    """Return the orphans that a drift names, and its planned changes."""
    outcome = converge(world, dict(whole or school()), check=True, survey=True)
    return named(outcome), outcome.summary


def test_where_nothing_was_added_nothing_is_named(world: MerakiWorld) -> None:
    assert drift(world) == ({}, [])
    assert named(converge(world, school())) == {}


def test_an_open_ssid_that_somebody_lit_is_named_by_each_run_and_left(world: MerakiWorld) -> None:
    edit(world, "PUT", "/wireless/ssids/9", name="Libre", enabled=True)
    edit(world, "PUT", "/wireless/ssids/10", enabled=True)
    edit(world, "PUT", "/wireless/ssids/11", name="Essai éteint")
    named_ssids = {f"ssid {NETWORK}/Libre": OPEN, f"ssid {NETWORK}/Unconfigured SSID 11": OPEN}
    assert drift(world) == ({**named_ssids, f"ssid {NETWORK}/Essai éteint": "personne ne le déclare"}, [])
    run = converge(world, school())
    assert (named(run), run.operations) == (named_ssids, [])
    assert f"ssid {NETWORK}/Libre : {OPEN}" in run.results[-1]["warnings"]
    assert lit(world)[9] == "Libre"
    kept = {**school(), "as_found": {"meraki": {"ssid": {"Libre": {"undeclared": True}}}}}
    assert f"ssid {NETWORK}/Libre" not in drift(world, kept)[0]


@pytest.mark.parametrize("admitted", ["psk", "dot1x"])
def test_an_ssid_that_somebody_renamed_gets_its_name_back_in_its_slot(tmp_path: Path, admitted: str) -> None:
    world, whole = town_world(tmp_path), school() if admitted == "psk" else dot1x(school())
    converge(world, whole)
    before = edit(world, "GET", "/wireless/ssids")
    edit(world, "PUT", "/wireless/ssids/0", name="Agents bis", **({"psk": "volée-volée"} if admitted == "psk" else {}))
    named_now, planned = drift(world, whole)
    assert named_now == {}
    assert [line.split(" : ")[0] for line in planned] == [f"~ ssid {before[0]['name']}"]
    done = converge(world, whole)
    assert (done.operations[0]["slot"], done.operations[0]["fields"][0]) == ("Agents bis", "name")
    assert edit(world, "GET", "/wireless/ssids") == before
    assert drift(world, whole) == ({}, [])
    tasks, _ = inverse(done.operations)
    with world.run() as run:
        given = tasks["ecole-jaures"][RETURNED]["meraki_ssids"]
        run.module("meraki_ssids", **given, network=NETWORK, owner="ecole-jaures", confirm=["radius_secret"])
    given_back, *others = edit(world, "GET", "/wireless/ssids")
    assert (given_back["name"], others) == ("Agents bis", before[1:])
    # The key that somebody had put is noted nowhere: without it the SSID is off.
    assert given_back["enabled"] is (admitted == "dot1x")


def test_an_undo_names_nothing_that_it_does_not_list(world: MerakiWorld) -> None:
    edit(world, "PUT", "/wireless/ssids/0", defaultVlanId=7)
    tasks, _ = inverse(converge(world, school()).operations)
    with world.run() as run:
        done = run.domain(undo=tasks["ecole-jaures"], state="merged", owner="ecole-jaures", network=NETWORK)
    assert [operation["kind"] for operation in done["operations"]] == ["ssid"]
    assert (done["orphans"], [line for line in done["warnings"] if WHY in line]) == ([], [])


def test_an_ssid_renamed_and_changed_is_not_traced_so_that_both_are_named(world: MerakiWorld) -> None:
    before = lit(world)
    edit(world, "PUT", "/wireless/ssids/0", name="Agents bis", defaultVlanId=7)
    why = "personne ne le déclare, il est allumé"
    orphans_named, planned = drift(world)
    assert orphans_named == {f"ssid {NETWORK}/Agents bis": why}
    assert [line.split(" : ")[0] for line in planned] == [f"~ ssid {before[0]}"]
    run = converge(world, school())
    assert named(run) == {f"ssid {NETWORK}/Agents bis": why}
    assert set(before.values()) | {"Agents bis"} == set(lit(world).values())


def test_two_slots_that_one_ssid_may_be_are_not_guessed_between(world: MerakiWorld) -> None:
    name = lit(world)[0]
    content = edit(world, "GET", "/wireless/ssids/0")
    kept = ("authMode", "psk", "wpaEncryptionMode", "ipAssignmentMode", "useVlanTagging", "defaultVlanId")
    twin = {field: content[field] for field in kept}
    edit(world, "PUT", "/wireless/ssids/0", name="Unconfigured SSID 1", enabled=False)
    for number in (8, 9):
        edit(world, "PUT", f"/wireless/ssids/{number}", name=f"Copie {number}", enabled=True, **twin)
    orphans_named, planned = drift(world)
    assert list(orphans_named) == [f"ssid {NETWORK}/Copie 8", f"ssid {NETWORK}/Copie 9"]
    assert [line.split(" : ")[0] for line in planned] == [f"~ ssid {name}"]


def test_policies_schedules_profiles_and_settings_that_nobody_declares_are_named(world: MerakiWorld) -> None:
    whole = school()
    switch, access_point = whole["devices"]
    left = switch["ports"].pop()["port"]
    whole["settings"] |= {"snmp": None}
    edit(
        world, "POST", "/switch/accessPolicies", name="essai", radiusTestingEnabled=False, hostMode="Single-Host",
        radiusServers=[{"host": "10.0.0.1", "port": 1812, "secret": "un-secret-long"}], radiusCoaSupportEnabled=False,
        radiusAccountingEnabled=False, urlRedirectWalledGardenEnabled=False,
    )  # fmt: skip
    edit(world, "POST", "/switch/portSchedules", name="la nuit")
    profile = edit(world, "POST", "/wireless/rfProfiles", name="fort", bandSelectionType="ap")["id"]
    radio = f"/devices/{access_point['serial']}/wireless/radio/settings"
    world.simulator.edit("PUT", radio, {"rfProfileId": profile})
    edit(world, "PUT", "/snmp", access="community", communityString="public")
    orphans_named, planned = drift(world, whole)
    assert planned == []
    assert [key.replace(f"{NETWORK}/", "") for key in orphans_named] == [
        "network_settings snmp",
        "access_policy essai",
        "port_schedule la nuit",
        "rf_profile fort",
        f"switch_port {switch['name']}/{left}",
        f"radio {access_point['name']}",
    ]
    why = "personne ne le déclare, changé depuis sa mise en service : name"
    assert orphans_named[f"switch_port {NETWORK}/{switch['name']}/{left}"].startswith(why)
    assert orphans_named[f"network_settings {NETWORK}/snmp"] == "personne ne le déclare, qui parle du réseau à d’autres"
    assert orphans_named[f"radio {NETWORK}/{access_point['name']}"] == "personne ne le déclare, rf_profile"
    assert named(converge(world, whole)) == {}


def test_a_network_that_somebody_renamed_is_known_by_its_devices(world: MerakiWorld) -> None:
    edit(world, "PUT", "", name="Jaurès (test)")
    with world.run() as run:
        intent = meraki_intent(school())
        planned = run.module("meraki_networks", intent["networks"], check=True, owner="ecole-jaures")
        inside = run.module("meraki_ssids", intent["ssids"], network=NETWORK, check=True, owner="ecole-jaures")
        strangers = orphans(_dashboard(), {NETWORK}, set(intent["networks"][0]["devices"]))
    assert [line.split(" : ")[0] for line in planned["summary"]] == [f"~ network {NETWORK}"]
    assert (inside["operations"], strangers) == ([], [])
    # The means to find a network are no content: a plan is the same in any order of theirs.
    assert set(planned["operations"][0]["content"]["after"]) & {"devices", "others"} == set()
    converge(world, school())
    assert [network["name"] for network in world.simulator.world.networks.values()] == [NETWORK]
    assert drift(world) == ({}, [])


@pytest.mark.parametrize("trouble", ["a stranger works there", "it is another site's", "a device works elsewhere"])
def test_a_network_that_may_be_another_is_not_renamed(world: MerakiWorld, trouble: str) -> None:
    edit(world, "PUT", "", name="VLB annexe")
    (network,) = meraki_intent(school())["networks"]
    if trouble == "a stranger works there":
        network["devices"] = network["devices"][1:]
    elif trouble == "it is another site's":
        network["others"] = ["VLB annexe"]
    else:
        body = {"name": "Autre", "productTypes": ["switch", "wireless"]}
        place = world.simulator.edit("POST", "/organizations/930093/networks", body)["id"]
        world.simulator.world.devices[network["devices"][0]]["networkId"] = place
    with world.run() as run:
        planned = run.module("meraki_networks", [network], check=True, owner="ecole-jaures")
    assert [operation["action"] for operation in planned["operations"]] == ["create"]


def test_a_limit_of_an_ssid_that_acts_on_no_access_point_is_said(world: MerakiWorld) -> None:
    whole = school()
    access_point = whole["devices"][1]["serial"]
    profile = edit(world, "POST", "/wireless/rfProfiles", name="fort", bandSelectionType="ap")["id"]
    ssid = {**meraki_intent(whole)["ssids"][0], "min_bitrate": 24}
    for assigned in (False, True):
        if assigned:
            world.simulator.edit("PUT", f"/devices/{access_point}/wireless/radio/settings", {"rfProfileId": profile})
        with world.run() as run:
            warnings = run.module("meraki_ssids", [ssid], network=NETWORK, owner="ecole-jaures")["warnings"]
        assert ["(fort)" in line for line in warnings if "sans effet" in line] == [True] * assigned


def _dashboard() -> Any:
    from piste.systems.meraki.dashboard import Dashboard
    from tests.support.inprocess import API_KEY, BASE

    return Dashboard({"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0})


def test_a_port_whose_speed_somebody_has_set_is_named(world: MerakiWorld) -> None:
    path = "/devices/QZZZ-0005-0002/switch/ports/2"
    world.simulator.edit("PUT", path, {"linkNegotiation": "100 Megabit full duplex (forced)"})
    orphans, changes = drift(world)
    assert changes == []
    (why,) = orphans.values()
    assert why == "personne ne le déclare, débit imposé : 100 Megabit full duplex (forced)"
