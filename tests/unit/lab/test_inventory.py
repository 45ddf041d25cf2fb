"""The hardware of the lab, from the declared sites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab import declared
from lab.declared import declared_inventory, declared_town
from lab.seeds import deliver, inventory_from_sites
from tests.support.meraki_client import frozen_client, small_inventory
from tests.support.small_town import small_town

HARDWARE: dict[str, dict[str, Any]] = {
    "MS210-48": {"kind": "switch", "ports": 52},
    "MS120-8": {"kind": "switch", "ports": 10},
    "MR": {"kind": "access_point", "ports": None},
}


def site(*devices: dict[str, Any]) -> dict[str, Any]:
    return {"id": "ctm", "devices": list(devices)}


def test_a_switch_gets_its_ports_its_uplink_and_its_neighbour() -> None:
    linked = [{"port": str(n), "uplink": n in (9, 10)} for n in range(1, 11)]
    first = {"name": "sw-ctm-01", "model": "MS210-48", "serial": "QZZZ-0002-0001"}
    second = {"name": "sw-ctm-02", "model": "MS120-8", "serial": "QZZZ-0002-0002", "ports": linked[:9]}
    root, leaf, radio = inventory_from_sites(
        [site(first, second, {"name": "ap-ctm-01", "model": "MR", "serial": "QZZZ-0002-0041"})], HARDWARE
    )
    assert (root["ports"], root["copper"], root["uplink_port"], root["neighbours"]) == (52, 48, "52", {})
    assert (leaf["ports"], leaf["copper"], leaf["uplink_port"]) == (10, 8, "9")
    assert (leaf["neighbours"]["9"]["name"], leaf["neighbours"]["9"]["mac"]) == (
        "sw-ctm-01",
        "02:93:02:00:00:01",
    )
    assert (radio["kind"], radio["ports"], radio["uplink_port"]) == ("access_point", 0, None)


def test_the_first_switch_hears_the_others_on_its_other_uplinks() -> None:
    linked = [{"port": str(n), "uplink": n > 50} for n in range(1, 53)]
    first = {"name": "un", "model": "MS210-48", "serial": "QZZZ-0002-0001", "ports": linked}
    others = [{"name": str(n), "model": "MS120-8", "serial": f"QZZZ-0002-000{n}"} for n in (2, 3)]
    root, second, third = inventory_from_sites([site(first, *others)], HARDWARE)
    assert {port: heard["name"] for port, heard in root["neighbours"].items()} == {"51": "2"}
    assert second["neighbours"]["10"]["port"] == "51"
    assert third["neighbours"]["10"]["name"] == "un"


def test_a_serial_of_real_hardware_gets_an_address_too() -> None:
    (entry,) = inventory_from_sites(
        [site({"name": "a", "model": "MR", "serial": "Q2AB-CDEF-GHJK"})], HARDWARE
    )
    assert entry["mac"] == "02:93:59:79:e2:a6"


def test_the_declared_town_fills_the_inventory() -> None:
    town = declared_town()
    inventory = declared_inventory(town)
    assert len(inventory) == sum(len(declared["devices"]) for declared in town.sites.values()) > 100
    assert all(entry["uplink_port"] for entry in inventory if entry["kind"] == "switch")
    # The core reaches the Internet by the firewall: a port that nothing declares would be a fault of each doctor.
    ends = {
        (device["serial"], port["port"]): port["far_end"]
        for declared in town.sites.values()
        for device in declared["devices"]
        for port in device["ports"]
    }
    core = [entry for entry in inventory if entry["model"] == "MS425-32"]
    assert {ends[entry["serial"], entry["uplink_port"]] for entry in core} == {"ngfw"}


def test_newly_declared_hardware_is_on_the_shelf_to_be_claimed() -> None:
    client = frozen_client()
    late = inventory_from_sites([site({"name": "ap-gym-01", "model": "MR", "serial": "QZZZ-0026-0041"})], HARDWARE)
    known = len(client.simulator.world.devices)
    for _ in range(2):
        deliver(client.simulator.world, [*small_inventory(), *late], client.simulator.clock)
    assert len(client.simulator.world.devices) == known
    client.ok("POST", "/organizations/930093/inventory/claim", {"serials": ["QZZZ-0026-0041"]})
    assert client.simulator.world.devices["QZZZ-0026-0041"]["networkId"] is None
    refused = client.refused("POST", "/organizations/930093/inventory/claim", {"serials": ["QZZZ-0026-0042"]})
    assert refused == ["Device with serial QZZZ-0026-0042 not found"]


def test_the_declared_town_is_a_copy_and_follows_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "TOWN", small_town(tmp_path))
    before = declared_town()
    before.sites["mediatheque"]["lifecycle"] = "changé par un essai"
    assert declared_town().sites["mediatheque"]["lifecycle"] == "open"
    file = tmp_path / "inventories/town/host_vars/mediatheque.yml"
    file.write_text(file.read_text("utf-8").replace("lifecycle: open", "lifecycle: planned"), "utf-8")
    assert declared_town().sites["mediatheque"]["lifecycle"] == "planned"
