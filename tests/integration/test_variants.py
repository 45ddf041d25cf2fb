"""Variants of the real system that no source settles: converged, or refused in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Diverged, PisteError, Unreachable
from piste.systems.meraki.intent import meraki_intent
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, dot1x, school, town_world

VARIANTS: list[dict[str, Any]] = [
    {"unknown_keys": "ignore"},
    {"unknown_keys": "store"},
    {"ssid_write_only_returned": True},
    {"links": "relative"},
    {"links": "absolute"},
    {"not_found": "html"},
    {"not_found": "empty"},
    {"unique_network_names": True},
    {"policy_in_use_refused": False},
]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("seed", ["empty", "brownfield"])
def test_a_school_converges_whatever_the_real_system_does(seed: str, variant: dict[str, Any], tmp_path: Path) -> None:
    world = town_world(tmp_path, seed)
    world.simulator.behaviour.set(**variant)
    predicted = converge(world, dot1x(school()), check=True)
    assert converge(world, dot1x(school())).operations == predicted.operations
    assert (converge(world, dot1x(school())).operations, world.writes) == ([], [])


@pytest.mark.parametrize("links", ["absolute", "relative"])
def test_every_page_of_a_list_is_read(links: str, tmp_path: Path) -> None:
    world = town_world(tmp_path, "brownfield")
    world.simulator.behaviour.set(links=links)
    with world.run() as run:
        whole = {item["name"] for item in run.module("meraki_networks", [], state="gathered")["gathered"]}
    for number in range(1, 2001):
        body = {"name": f"réseau {number}", "productTypes": ["switch"]}
        world.simulator.edit("POST", "/organizations/930093/networks", body)
    world.forget_requests()
    with world.run() as run:
        gathered = run.module("meraki_networks", [], state="gathered")["gathered"]
    assert {item["name"] for item in gathered} == whole | {f"réseau {number}" for number in range(1, 2001)}
    assert [path for _, path in world.requests] == ["/organizations", *["/organizations/930093/networks"] * 3]


def uncertain(world: MerakiWorld, interval: int) -> dict[str, Any]:
    config = meraki_intent(dot1x(school()))["ssids"][:1]
    config[0]["radius_accounting_interim_interval"] = interval
    world.forget_requests()
    with world.run() as run:
        return run.module("meraki_ssids", config, network="VLB ecole-jaures", owner="ecole-jaures")


@pytest.mark.parametrize("returned", [True, False])
def test_a_field_that_may_not_come_back_is_written_once_and_again_when_it_changes(
    returned: bool, tmp_path: Path
) -> None:
    world = town_world(tmp_path)
    world.simulator.behaviour.set(ssid_write_only_returned=returned)
    converge(world, dot1x(school()))
    field = "~ ssid VLB-Agents : radius_accounting_interim_interval"
    assert uncertain(world, 600)["summary"] == [field]
    assert uncertain(world, 600)["operations"] == []
    assert world.writes == []
    assert uncertain(world, 900)["summary"] == [field]
    assert len(world.writes) == 1
    assert uncertain(world, 900)["operations"] == []


def test_a_put_that_resets_what_it_does_not_name_is_seen_and_never_taken_for_success(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, dot1x(school()))
    world.simulator.behaviour.set(full_put=True)
    world.simulator.edit("PUT", "/devices/QZZZ-0005-0002/switch/ports/2", {"type": "access", "vlan": 7})
    with pytest.raises(Diverged, match=r"sw-jau-02/2 \("):
        converge(world, dot1x(school()))


def test_keys_that_the_tables_do_not_know_are_named_and_left_alone(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, school())
    world.simulator.behaviour.set(unknown_keys="store")
    world.simulator.edit("PUT", "/devices/QZZZ-0005-0002/switch/ports/2", {"nouveauté": {"x": 1}})
    with world.run() as run:
        result = run.module("meraki_switch_ports", [], network="VLB ecole-jaures", state="gathered")
    assert result["warnings"] == [
        "switch_port : clés du système que la table ne connaît pas, laissées telles quelles : nouveauté"
    ]
    converge(world, school())
    assert world.simulator.world.devices["QZZZ-0005-0002"]["port"]["2"]["nouveauté"] == {"x": 1}


def test_the_key_is_never_sent_outside_the_vendor_s_domains(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.behaviour.set(links="absolute")
    converge(world, school())
    for number in range(1001):
        body = {"name": f"réseau {number}", "productTypes": ["switch"]}
        world.simulator.edit("POST", "/organizations/930093/networks", body)
    world.origin = "https://voleur.example"
    world.forget_requests()
    with world.run() as run, pytest.raises(Unreachable, match=r"renvoie vers voleur\.example, hors des domaines"):
        run.module("meraki_networks", [], state="gathered")
    assert len(world.requests) == 2


def test_a_refusal_keeps_the_vendor_s_words(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, school())
    port = {"serial": "QZZZ-0005-0002", "port_id": "2", "link_negotiation": "40 Gigabit"}
    with world.run() as run, pytest.raises(PisteError) as caught:
        run.module("meraki_switch_ports", [port], network="VLB ecole-jaures", owner="ecole-jaures")
    assert "PUT /devices/QZZZ-0005-0002/switch/ports/2 : refusé (400)" in str(caught.value)
    assert "'linkNegotiation' must be one of: Auto negotiate" in str(caught.value)
