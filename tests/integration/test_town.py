"""The whole town converges, from nothing and from a real mess; then nothing is left to do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from piste.systems.meraki.intent import meraki_intent
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, open_sites, run_site, site, town_world

LISTS = [
    "/organizations",
    "/organizations/930093/networks",
    "/organizations/930093/devices",
    "/organizations/930093/devices/syslog/servers/byNetwork",
    "/organizations/930093/switch/ports/bySwitch",
]
"""The lists that tell something of all sites at once."""


def twice(world: MerakiWorld, reads: int = 2) -> dict[str, int]:
    """The paths that were read so many times or more."""
    counts = Counter(path for method, path in world.requests if method == "GET")
    return {path: count for path, count in counts.items() if count >= reads}


@pytest.mark.parametrize("seed", ["empty", pytest.param("brownfield", marks=pytest.mark.story)])
def test_whole_town_converges_without_any_confirmation(seed: str, tmp_path: Path) -> None:
    world = town_world(tmp_path, seed)
    sites = open_sites()
    for whole in sites:
        predicted = converge(world, whole, check=True)
        assert world.writes == []
        done = converge(world, whole)
        assert predicted.operations == done.operations, whole["id"]
        assert done.operations
        assert done.withheld == []
    second = converge(world, *sites)
    assert second.operations == []
    assert world.writes == []
    # Eight documents of each network are in no list; 48 more are what some declare: portals, rules, hours, policies.
    assert len(world.requests) <= 8 * len(sites) + 48 + len(LISTS)
    assert not twice(world)


def test_brownfield_networks_made_by_hand_keep_their_id_and_their_devices(tmp_path: Path) -> None:
    world = town_world(tmp_path, "brownfield")
    before = {network["name"]: network["id"] for network in world.simulator.world.networks.values()}
    converge(world, site("ecole-jaures"))
    after = {network["name"]: network["id"] for network in world.simulator.world.networks.values()}
    assert after["VLB ecole-jaures"] == before["ECOLE JAURES ne pas toucher"]
    assert "ECOLE JAURES ne pas toucher" not in after
    assert not any(path.endswith(("/claim", "/remove")) for _, path in world.writes)


def test_a_second_network_of_the_former_name_is_refused(tmp_path: Path) -> None:
    world = town_world(tmp_path, "brownfield")
    body = {"name": "VLB ecole-jaures", "productTypes": ["switch"]}
    world.simulator.edit("POST", "/organizations/930093/networks", body)
    with pytest.raises(Exception, match=r"« ECOLE JAURES ne pas toucher » et « VLB ecole-jaures » existent"):
        converge(world, site("ecole-jaures"))
    assert world.writes == []


def second_run_of_a_school(folder: Path) -> list[str]:
    world = town_world(folder)
    converge(world, site("ecole-jaures"))
    converge(world, site("ecole-jaures"))
    return [path for _, path in world.requests]


def test_second_run_of_a_school_costs_fifteen_calls(tmp_path: Path) -> None:
    """Read three lists of the organization and twelve objects of the network.

    The twelve: seven settings, the policies, an overview of the ports of the switches, the SSIDs, and a schedule an
    SSID. The priorities are a rule alone, which has no order to read.
    """
    paths = second_run_of_a_school(tmp_path)
    network = next(path.split("/")[2] for path in paths if path.endswith("/stp"))
    assert [path.replace(network, "N") for path in paths] == [
        "/organizations",
        "/organizations/930093/networks",
        "/organizations/930093/devices",
        "/networks/N/switch/stp",
        "/networks/N/switch/mtu",
        "/networks/N/switch/stormControl",
        "/organizations/930093/devices/syslog/servers/byNetwork",
        "/networks/N/snmp",
        "/networks/N/switch/accessControlLists",
        "/networks/N/switch/qosRules",
        "/networks/N/switch/accessPolicies",
        "/organizations/930093/switch/ports/bySwitch",
        "/networks/N/wireless/ssids",
        "/networks/N/wireless/ssids/0/schedules",
        "/networks/N/wireless/ssids/3/schedules",
    ]


def test_lists_of_the_organization_are_read_once_for_all_sites(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    sites = [site(name) for name in ("ecole-jaures", "ecole-mermoz", "ccas")]
    converge(world, *sites)
    converge(world, *sites)
    assert [path for _, path in world.requests if path.startswith("/organizations")] == LISTS
    assert not twice(world)


def test_what_a_run_puts_in_a_network_that_it_has_made_is_read_before_and_after(tmp_path: Path) -> None:
    """Nothing there is read a third time; a list of its switches tells what their ports became."""
    world = town_world(tmp_path)
    converge(world, site("ecole-jaures"))
    network = next(path.split("/")[2] for _, path in world.requests if path.endswith("/stp"))
    there = {path: count for path, count in twice(world, 1).items() if network in path or "/switch/ports" in path}
    assert max(there.values()) == 2
    assert {path: count for path, count in there.items() if path.endswith("/switch/ports")} == dict.fromkeys(
        (f"/devices/{serial}/switch/ports" for serial in switches("ecole-jaures")), 1
    )
    assert there["/organizations/930093/switch/ports/bySwitch"] == 1


def test_a_network_that_another_run_has_made_is_looked_at_again(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    whole = site("ecole-jaures")
    with world.run() as run:
        run_site(run, whole, only="meraki_networks")
    converge(world, whole)
    assert {path.rpartition("/")[2]: count for path, count in twice(world, 3).items() if "/networks/" in path} == {
        "stormControl": 3,
        "accessControlLists": 3,
        "qosRules": 3,
        "accessPolicies": 3,
        "ssids": 3,
        "schedules": 3,
    }


def switches(name: str) -> list[str]:
    return [device["serial"] for device in site(name)["devices"] if device["kind"] == "switch"]


@pytest.mark.parametrize("policy", ["", "agents"])
def test_a_48_port_switch_with_nothing_to_do_costs_two_calls(policy: str, tmp_path: Path) -> None:
    """A call for its ports and, with an access policy, a call for the names of the policies."""
    world = town_world(tmp_path)
    whole = site("hotel-de-ville")
    switch = next(device for device in whole["devices"] if device["model"] == "MS210-48")
    none = dict.fromkeys(("ssids", "stacks", "aggregates", "stp_priorities"), ())
    whole = {**whole, "devices": [switch], **none}
    for port in switch["ports"]:
        port["access_policy"] = policy or None
    converge(world, whole)
    with world.run() as run:
        run_site(run, whole, only="meraki_devices")
        world.forget_requests()
        (result,) = run_site(run, whole, only="meraki_switch_ports").results
    assert result["operations"] == []
    assert len(meraki_intent(whole)["switch_ports"]) == 52
    assert len(world.requests) == (2 if policy else 1)


def test_addresses_of_devices_are_set_when_asked_and_predicted_even_for_new_devices(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    options: dict[str, Any] = {"tags": ["management"], "confirm": ["management"]}
    predicted = converge(world, site("cimetiere"), check=True, **options)
    assert world.writes == []
    done = converge(world, site("cimetiere"), **options)
    assert [line for line in done.summary if "management_interface" in line] == [
        "~ device sw-cim-01 : management_interface",
        "~ device ap-cim-01 : management_interface",
    ]
    assert predicted.operations == done.operations
    assert (converge(world, site("cimetiere"), **options).operations, world.writes) == ([], [])


def test_more_claims_than_the_vendor_takes_in_five_minutes_are_spread_out(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.behaviour.set(claim_limit=10)
    world.forget_requests()
    with world.run() as run:
        for whole in open_sites()[:12]:
            run_site(run, whole, only="meraki_networks")
            run_site(run, whole, only="meraki_devices")
    claims = [path for _, path in world.writes if path.endswith("/claim")]
    assert len(claims) > 12
    assert 300 <= sum(world.time.slept) < 330
    assert all(
        device["networkId"] for device in world.simulator.world.devices.values() if device["site"] == "ecole-mermoz"
    )
