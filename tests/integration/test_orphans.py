"""Orphans are listed by name, in a few reads and without a write."""

from __future__ import annotations

from pathlib import Path

from tests.support.inprocess import API_KEY, BASE
from tests.support.orphans import MODULES
from tests.support.town import open_sites, town_world


def test_networks_and_devices_that_no_site_declares_are_orphans(tmp_path: Path) -> None:
    world = town_world(tmp_path, "brownfield")
    stranger = next(device for device in world.simulator.world.devices.values() if device["networkId"])
    sites = open_sites()
    serials = [device["serial"] for site in sites for device in site["devices"]]
    serials.remove(stranger["serial"])
    dashboard = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}
    names = [site["network_name"] for site in sites]
    with world.run():
        result = MODULES["meraki_orphans"].run(
            {"dashboard": dashboard, "networks": names, "devices": [serial.lower() for serial in serials]}, True
        )
    orphans = [(orphan["kind"], orphan["key"].split(" (")[0]) for orphan in result["orphans"]]
    assert orphans == [
        ("network", "ECOLE JAURES ne pas toucher"),
        ("network", "Mairie"),
        ("network", "TEST prestataire 2023"),
        ("device", stranger["serial"]),
    ]
    assert result["calls"] == {"reads": 3, "writes": 0}
    assert not result["changed"]
