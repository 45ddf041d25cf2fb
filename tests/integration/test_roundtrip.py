"""A declaration, exported and replayed on an empty system: same system, same export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.inprocess import MerakiWorld
from tests.support.rich import CONFIRM, HOSTILE, NETWORK, RICH, SECRETS
from tests.support.town import FORMERLY, converge, dot1x, site, town_world

Export = dict[str, list[dict[str, Any]]]


def run_modules(world: MerakiWorld, config: Export, network: str = NETWORK, **options: Any) -> list[dict[str, Any]]:
    options = {"owner": "ecole-jaures", "confirm": list(CONFIRM), **options}
    with world.run() as run:
        return [
            run.module(module, items, network="" if module == "meraki_networks" else network, **options)
            for module, items in config.items()
        ]


def export(world: MerakiWorld, network: str = NETWORK) -> Export:
    named: Export = {module: [{"name": network}] if module == "meraki_networks" else [] for module in RICH}
    results = run_modules(world, named, network, state="gathered")
    return {module: result["gathered"] for module, result in zip(RICH, results, strict=True)}


def fresh(folder: Path, name: str, seed: str = "empty") -> MerakiWorld:
    (folder / name).mkdir()
    world = town_world(folder / name, seed)
    world.secrets |= SECRETS
    return world


def assert_replays_to_itself(folder: Path, world: MerakiWorld, network: str = NETWORK) -> None:
    first = export(world, network)
    wiped = fresh(folder, "wiped")
    wiped.simulator.behaviour = world.simulator.behaviour
    assert any(result["operations"] for result in run_modules(wiped, first, network))
    assert export(wiped, network) == first
    assert [result["operations"] for result in run_modules(wiped, first, network)] == [[]] * len(RICH)
    for state in ("replaced", "overridden"):
        supported = {name: items for name, items in first.items() if state == "replaced" or name not in SINGLE}
        assert [r["operations"] for r in run_modules(wiped, supported, network, state=state)] == [[]] * len(supported)


SINGLE = ("meraki_networks", "meraki_network_settings")
"""Modules without `overridden`."""


@pytest.mark.parametrize("write_only_returned", [True, False])
def test_an_export_with_every_field_replays_to_itself(write_only_returned: bool, tmp_path: Path) -> None:
    world = fresh(tmp_path, "first")
    world.simulator.behaviour.set(ssid_write_only_returned=write_only_returned)
    run_modules(world, RICH)
    assert_replays_to_itself(tmp_path, world)


@pytest.mark.parametrize("enforced", [True, False])
def test_the_export_of_a_declared_school_replays_to_itself(enforced: bool, tmp_path: Path) -> None:
    world = fresh(tmp_path, "first")
    converge(world, dot1x(site("ecole-jaures")) if enforced else site("ecole-jaures"))
    assert_replays_to_itself(tmp_path, world)


def test_the_export_of_a_mess_made_by_hand_replays_to_itself(tmp_path: Path) -> None:
    world = fresh(tmp_path, "first", "brownfield")
    assert_replays_to_itself(tmp_path, world, FORMERLY["ecole-jaures"][0])


@pytest.mark.parametrize("types", [["switch"], ["wireless"], ["camera"]])
def test_the_export_of_a_network_asks_nothing_of_the_products_that_it_lacks(types: list[str], tmp_path: Path) -> None:
    world = fresh(tmp_path, "first")
    name = "Un réseau à part"
    world.simulator.edit("POST", "/organizations/930093/networks", {"name": name, "productTypes": types})
    with world.run() as run:
        read = run.domain(state="gathered", network=name)["gathered"]
    (settings,) = read["network_settings"]
    assert ("switch" in settings, "wireless" in settings) == ("switch" in types, "wireless" in types)
    assert_replays_to_itself(tmp_path, world, name)


def test_an_export_holds_references_and_never_a_secret(tmp_path: Path) -> None:
    world = fresh(tmp_path, "first")
    run_modules(world, RICH)
    text = str(export(world))
    assert [path for path, value in world.secrets.items() if value in text] == []
    assert "{'secret': 'radius/ecole-jaures'}" in text
    assert "{'secret': 'meraki/ssid/Clef/psk'}" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_survive_the_round_trip(name: str, tmp_path: Path) -> None:
    world = fresh(tmp_path, "first")
    one_line = " ".join(name.split())[:32]
    config: Export = {
        "meraki_networks": [{"name": name, "product_types": ["switch", "wireless"], "notes": name}],
        "meraki_devices": [{"serial": "QZZZ-0005-0001", "name": name, "notes": name, "address": name}],
        "meraki_network_settings": [],
        "meraki_access_policies": [
            {
                "name": name,
                "radius_servers": [{"host": name, "port": 1812, "secret": {"secret": "radius/ecole-jaures"}}],
                "radius_accounting_enabled": False,
            }
        ],
        "meraki_switch_ports": [
            {
                "serial": "QZZZ-0005-0001",
                "port_id": "1",
                "name": name,
                "type": "access",
                "access_policy_type": "Custom access policy",
                "access_policy": name,
            }
        ],
        "meraki_ssids": [
            {
                "name": one_line,
                "enabled": True,
                "splash_page": "Click-through splash page",
                "splash": {"welcome_message": name, "user_consent": {"required": True, "message": name}},
                "l3_firewall": {
                    "rules": [{"comment": name, "policy": "deny", "protocol": "any", "dest_cidr": "10.0.0.0/8"}]
                },
            }
        ],
    }
    predicted = run_modules(world, config, name, check=True)
    done = run_modules(world, config, name)
    assert [r["operations"] for r in predicted] == [r["operations"] for r in done]
    assert [r["operations"] for r in run_modules(world, config, name)] == [[]] * len(config)
    exported = export(world, name)
    assert exported["meraki_networks"][0]["notes"] == name
    assert exported["meraki_switch_ports"][0]["access_policy"] == name
    assert_replays_to_itself(tmp_path, world, name)


def test_a_check_predicts_every_field_of_a_network_that_does_not_exist_yet(tmp_path: Path) -> None:
    world = fresh(tmp_path, "first")
    predicted = run_modules(world, RICH, check=True)
    assert world.writes == []
    done = run_modules(world, RICH)
    assert [r["operations"] for r in predicted] == [r["operations"] for r in done]
    assert [r["diff"] for r in predicted] == [r["diff"] for r in done]
    assert [r["operations"] for r in run_modules(world, RICH)] == [[]] * len(RICH)
