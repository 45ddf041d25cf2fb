"""Servers that may answer on switches: trusted before the inspection, a word before it cuts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, school, town_world

CORE = "02:93:00:00:00:01"


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    return town_world(tmp_path)


def watched(**policy: Any) -> dict[str, Any]:
    """A school whose DHCP servers are chosen, with second addresses for its switches."""
    whole = school()
    (switch,) = [device["serial"] for device in whole["devices"] if device["kind"] == "switch"]
    second = {"serial": switch, "address": "10.93.43.12", "mask": "255.255.255.0", "gateway": "10.93.43.254"}
    whole["settings"] |= {
        "dhcp_servers": {"default": "block", "allowed": [CORE], "blocked": [], "inspection": True, **policy},
        "alternate_management": {"vlan": 153, "protocols": ["radius"], "switches": [second]},
    }
    whole["trusted_servers"] = [{"mac": CORE, "vlan": vlan, "address": f"10.93.41.{vlan}"} for vlan in (151, 153)]
    return whole


def test_gateways_are_trusted_before_what_is_not_is_dropped_and_a_word_is_asked_before(world: MerakiWorld) -> None:
    converge(world, school())
    (network,) = world.simulator.world.networks.values()
    with pytest.raises(Guarded, match=r"dhcp_servers:VLB ecole-jaures : un serveur DHCP"):
        converge(world, watched())
    assert sorted(server["vlan"] for server in network["trusted"].values()) == [151, 153]
    assert 'dhcpServerPolicy"' not in json.dumps(world.bodies)
    converge(world, watched(), confirm=["dhcp_servers", "management"])
    live = world.simulator.edit("GET", f"/networks/{network['id']}/switch/dhcpServerPolicy")
    assert (live["defaultPolicy"], live["allowedServers"], live["arpInspection"]["enabled"]) == ("block", [CORE], True)
    alternate = world.simulator.edit("GET", f"/networks/{network['id']}/switch/alternateManagementInterface")
    assert (alternate["enabled"], alternate["vlanId"], len(alternate["switches"])) == (True, 153, 1)
    assert converge(world, watched()).operations == []
    # More servers that may answer cut nobody; one less does.
    converge(world, watched(allowed=[CORE, "02:93:05:00:00:09"]))
    with pytest.raises(Guarded, match="dhcp_servers"):
        converge(world, watched())


def test_a_site_that_declares_nothing_reads_and_changes_nothing_of_it(world: MerakiWorld) -> None:
    converge(world, school())
    (network,) = world.simulator.world.networks.values()
    body = {"defaultPolicy": "block", "allowedServers": [CORE]}
    world.simulator.edit("PUT", f"/networks/{network['id']}/switch/dhcpServerPolicy", body)
    assert converge(world, school()).operations == []
    assert not [path for _, path in world.requests if "dhcpServerPolicy" in path or "alternateManagement" in path]
