"""A replay without its secrets leaves what waits for them out of service, never open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.systems.kinds import KINDS
from tests.integration.test_roundtrip import export, fresh, run_modules
from tests.support.inprocess import MerakiWorld
from tests.support.rich import NETWORK, RICH

ELSEWHERE = {
    "dhcp_relations": "tests/unit/windows/test_dhcp_servers.py",
    "nps_radius_clients": "tests/unit/windows/nps/test_nps_secrets.py",
    "prism_vms": "tests/unit/nutanix/test_vms.py",
    "smc_elements": "tests/integration/test_smc_access.py",
    "zabbix_hosts": "tests/integration/test_zabbix.py",
    "zabbix_users": "tests/integration/test_zabbix.py",
}
"""Kinds outside the Dashboard: where a missing secret of each is tried."""
HERE = {"meraki_access_policies", "meraki_network_settings", "meraki_ssids"}


def secret(fields: Sequence[Field]) -> Iterator[str]:
    for field in fields:
        if field.secret:
            yield field.name
        yield from secret(field.of)


def test_every_kind_that_takes_a_secret_is_tried_without_it() -> None:
    taking = {kind.module for kind in KINDS if any(secret(kind.table.fields))}
    assert taking == HERE | ELSEWHERE.keys()
    for path in ELSEWHERE.values():
        text = (Path(__file__).parents[2] / path).read_text("utf-8")
        assert "secret absent" in text or 'done["withheld"]' in text


def bare(world: MerakiWorld) -> MerakiWorld:
    world.secrets = {FINGERPRINT_KEY: world.secrets[FINGERPRINT_KEY]}
    return world


@pytest.mark.parametrize("write_only_returned", [True, False])
def test_an_export_replayed_without_its_secrets_lights_nothing_that_waits_for_them(
    write_only_returned: bool, tmp_path: Path
) -> None:
    world = fresh(tmp_path, "avant")
    run_modules(world, RICH)
    exported = export(world)
    empty = bare(fresh(tmp_path, "apres"))
    empty.simulator.behaviour.set(ssid_write_only_returned=write_only_returned)
    withheld = [line for result in run_modules(empty, exported) for line in result["withheld"]]
    assert len([line for line in withheld if "secret absent" in line]) == 5
    (network,) = [network for network in empty.simulator.world.networks.values() if network["name"] == NETWORK]
    assert network["policies"] == {}
    snmp = empty.simulator.edit("GET", f"/networks/{network['id']}/snmp")
    assert (snmp["access"], snmp.get("communityString")) == ("none", None)
    there = empty.simulator.edit("GET", f"/networks/{network['id']}/wireless/ssids")
    lit = {ssid["name"]: ssid["enabled"] for ssid in there}
    waiting = {ssid["name"] for ssid in exported["meraki_ssids"] if ssid.get("psk") or ssid.get("radius_servers")}
    assert waiting
    assert {name: lit[name] for name in waiting} == dict.fromkeys(waiting, False)
    assert [result["operations"] for result in run_modules(empty, exported)] == [[]] * len(exported)


@pytest.mark.parametrize("write_only_returned", [True, False])
def test_an_ssid_that_is_off_with_a_key_that_nobody_knows_is_not_lit(write_only_returned: bool, tmp_path: Path) -> None:
    world = fresh(tmp_path, "avant")
    world.simulator.behaviour.set(ssid_write_only_returned=write_only_returned)
    ssid = next(candidate for candidate in RICH["meraki_ssids"] if candidate.get("psk"))
    run_modules(world, {"meraki_networks": RICH["meraki_networks"], "meraki_ssids": [{**ssid, "enabled": False}]})
    (result,) = run_modules(bare(world), {"meraki_ssids": [{**ssid, "enabled": True}]})
    assert (result["operations"], len(result["withheld"])) == ([], 1)
    assert result["withheld"][0].endswith("laissé désactivé")
