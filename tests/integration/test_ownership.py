"""A run touches its owner's objects alone, and those only as the state says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Conflict, Guarded
from piste.systems.meraki.intent import meraki_intent
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, dot1x, school, site, town_world

NETWORK = "VLB ecole-jaures"
SWITCH, ACCESS_POINT = "QZZZ-0005-0002", "QZZZ-0005-0041"
INTENT = meraki_intent(dot1x(school()))
OTHER = "ecole-mermoz"


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    """Converge a school and its neighbour, amid the undeclared mess of a brownfield town."""
    world = town_world(tmp_path, "brownfield")
    converge(world, dot1x(school()), site(OTHER))
    edit = world.simulator.edit
    edit("PUT", f"{path_of(world)}/wireless/ssids/9", {"name": "Imprimante du directeur", "enabled": True})
    policy = {"name": "essai", "radiusServers": [{"host": "10.93.0.250", "secret": "x" * 8}]}
    edit("POST", f"{path_of(world)}/switch/accessPolicies", {**policy, "radiusAccountingEnabled": False})
    world.forget_requests()
    return world


def path_of(world: MerakiWorld, name: str = NETWORK) -> str:
    return next(
        f"/networks/{number}" for number, network in world.simulator.world.networks.items() if network["name"] == name
    )


def everything_but(world: MerakiWorld, site_name: str) -> Any:
    """Return networks and devices of all the others, as the simulator stores them."""
    data = world.simulator.world
    networks = [n for n in data.networks.values() if n["name"] != f"VLB {site_name}"]
    return repr((networks, [d for d in data.devices.values() if d["site"] != site_name]))


def run(world: MerakiWorld, module: str, config: list[dict[str, Any]], **options: Any) -> list[str]:
    world.forget_requests()
    network = "" if module == "meraki_networks" else NETWORK
    with world.run() as tasks:
        summary: list[str] = tasks.module(module, config, network=network, owner="ecole-jaures", **options)["summary"]
    return summary


KINDS = [
    ("meraki_devices", "devices"),
    ("meraki_access_policies", "access_policies"),
    ("meraki_switch_ports", "switch_ports"),
    ("meraki_ssids", "ssids"),
]


@pytest.mark.parametrize(("module", "kind"), KINDS)
def test_merged_leaves_the_undeclared_alone(world: MerakiWorld, module: str, kind: str) -> None:
    before = world.simulator.world.snapshot()
    assert run(world, module, INTENT[kind][:1]) == []
    assert run(world, module, []) == []
    assert world.simulator.world.snapshot() == before


OVERRIDDEN = {
    "meraki_devices": [
        "- device switch 1",
        "- device QZZZ-0005-0003",
        "- device QZZZ-0005-0042",
        "- device QZZZ-0005-0043",
        "- device access_point 7",
        "- device QZZZ-0005-0045",
        "- device QZZZ-0005-0046",
    ],
    "meraki_access_policies": ["- access_policy essai"],
    "meraki_switch_ports": ["- switch_port sw-jau-02/9", "- switch_port sw-jau-02/10"],
    "meraki_ssids": ["- ssid Imprimante du directeur"],
}


@pytest.mark.parametrize(("module", "kind"), KINDS)
def test_overridden_removes_what_the_owner_has_and_does_not_declare(world: MerakiWorld, module: str, kind: str) -> None:
    config = INTENT[kind][:-2] if module == "meraki_switch_ports" else INTENT[kind]
    others = everything_but(world, "ecole-jaures")
    options = {"state": "overridden", "confirm": ["release", "removals"]}
    assert run(world, module, config, check=True, **options) == OVERRIDDEN[module]
    assert world.writes == []
    assert run(world, module, config, **options) == OVERRIDDEN[module]
    assert everything_but(world, "ecole-jaures") == others
    assert run(world, module, config, **options) == []
    assert world.writes == []


def test_overridden_and_absent_of_the_last_object_leave_the_neighbours_alone(world: MerakiWorld) -> None:
    others = everything_but(world, "ecole-jaures")
    retired = ["VLB-Agents", "Imprimante du directeur", "VLB-Agents de Mermoz"]
    assert run(world, "meraki_ssids", [], absent=retired) == [
        "- ssid VLB-Agents",
        "- ssid Imprimante du directeur",
    ]
    assert run(world, "meraki_ssids", [], state="overridden") == ["- ssid VLB-Pedagogique"]
    assert everything_but(world, "ecole-jaures") == others
    shown = world.simulator.edit("GET", f"{path_of(world)}/wireless/ssids")
    assert [ssid["name"] for ssid in shown] == [f"Unconfigured SSID {number}" for number in range(1, 16)]
    assert not any(ssid["enabled"] for ssid in shown)


def test_deleted_takes_the_declared_objects_away_once(world: MerakiWorld) -> None:
    port = {"serial": SWITCH, "port_id": "7"}
    assert run(world, "meraki_switch_ports", [port], state="deleted") == ["- switch_port sw-jau-02/7"]
    assert run(world, "meraki_switch_ports", [port], state="deleted") == []
    policy = [{"name": "telephones-imprimantes"}]
    assert run(world, "meraki_access_policies", policy, state="deleted") == ["- access_policy telephones-imprimantes"]
    assert run(world, "meraki_access_policies", policy, state="deleted") == []
    assert run(world, "meraki_ssids", [{"name": "VLB-Agents"}], state="deleted") == ["- ssid VLB-Agents"]
    assert run(world, "meraki_ssids", [{"name": "VLB-Agents"}], state="deleted") == []
    device = [{"serial": ACCESS_POINT}]
    assert run(world, "meraki_devices", device, state="deleted", confirm=["release"]) == ["- device ap-jau-01"]
    assert run(world, "meraki_devices", device, state="deleted", confirm=["release"]) == []


def test_a_device_of_another_site_is_neither_taken_nor_released(world: MerakiWorld) -> None:
    theirs = "QZZZ-0006-0001"
    with pytest.raises(Conflict, match=r"QZZZ-0006-0001 \(VLB ecole-mermoz\)"):
        run(world, "meraki_devices", [{"serial": theirs}])
    assert run(world, "meraki_devices", [{"serial": theirs}], state="deleted") == []
    assert run(world, "meraki_devices", [], absent=[theirs.lower()]) == []
    assert world.writes == []


def test_a_network_named_absent_is_removed_and_no_other(world: MerakiWorld) -> None:
    leftover = "TEST / prestataire 2023"
    left = path_of(world, "TEST prestataire 2023")
    world.simulator.edit("PUT", left, {"name": leftover})
    before = [network["name"] for network in world.simulator.world.networks.values()]
    with pytest.raises(Guarded, match=f"network:{leftover}"):
        run(world, "meraki_networks", [], absent=[leftover])
    options: dict[str, Any] = {"absent": [leftover], "confirm": [f"network:{leftover}"]}
    assert run(world, "meraki_networks", INTENT["networks"], **options) == [f"- network {leftover}"]
    after = [network["name"] for network in world.simulator.world.networks.values()]
    assert after == [name for name in before if name != leftover]
    assert run(world, "meraki_networks", INTENT["networks"], **options) == []


def test_a_released_device_can_be_claimed_elsewhere_in_the_same_run(world: MerakiWorld) -> None:
    with world.run() as tasks:
        tasks.module("meraki_devices", [], network=NETWORK, absent=[ACCESS_POINT], confirm=["release"])
        moved = tasks.module("meraki_devices", [{"serial": ACCESS_POINT, "name": "ap"}], network=f"VLB {OTHER}")
    assert moved["summary"] == ["+ device ap"]


def test_a_released_device_is_gone_for_the_later_tasks_of_the_run(world: MerakiWorld) -> None:
    with world.run() as tasks:
        tasks.module("meraki_devices", [], network=NETWORK, absent=[ACCESS_POINT], confirm=["release"])
        left = tasks.module("meraki_devices", [], network=NETWORK, state="gathered")["gathered"]
    assert left
    assert ACCESS_POINT not in [device["serial"] for device in left]
