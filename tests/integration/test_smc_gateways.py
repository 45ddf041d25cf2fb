"""The VPN gateway of an engine: clients, their addresses, its endpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from piste.systems.forcepoint.checks import checks
from piste.systems.forcepoint.smc import Smc
from tests.support.smc import SmcWorld

ENGINE = "fw_cluster/fw-hdv"
GATEWAY: dict[str, Any] = {
    "engine": ENGINE,
    "client_mode": "ipsec",
    "trust_all_cas": False,
    "pool": {"mode": "direct", "servers": ["dhcp_server/srv-dhcp1"], "ranges": ["10.93.250.10-10.93.250.99"],
             "proxy_arp": ["10.93.250.10-10.93.250.99"], "tells": "user"},
    "endpoints": {"192.0.2.2": {"enabled": True}},
}  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", [{"type": "dhcp_server", "name": "srv-dhcp1", "address": "10.93.2.21"}])
    made.forget_requests()
    made.operations.clear()
    return made


def run(world: SmcWorld, item: dict[str, Any] = GATEWAY, **options: Any) -> dict[str, Any]:
    return world.module("smc_engine_gateways", [item], **options)


def live(world: SmcWorld) -> dict[str, Any]:
    (item,) = world.gathered("smc_engine_gateways")
    return item


def take_back(world: SmcWorld) -> None:
    tasks, lost = inverse(json.loads(json.dumps(world.operations)))
    assert lost == []
    for phase in (RESTORED, RETURNED):
        for module, asked in tasks["essai"].get(phase, {}).items():
            world.module(module, asked["config"], absent=asked["absent"], confirm=["vpn"])


def test_a_gateway_is_written_after_a_word_and_the_second_run_changes_nothing(world: SmcWorld) -> None:
    with pytest.raises(Guarded, match="vpn:fw-hdv"):
        run(world)
    assert world.writes == []
    run(world, confirm=["vpn"])
    assert [method for method, _ in world.writes] == ["PUT", "PUT"]
    there = live(world)
    assert there["pool"] == {**GATEWAY["pool"], "interfaces": []}
    assert there["endpoints"]["192.0.2.2"]["enabled"]
    assert [name for name, entry in there["endpoints"].items() if entry["enabled"]] == ["192.0.2.2"]
    world.forget_requests()
    assert run(world)["operations"] == []
    assert run(world, there)["operations"] == []
    assert world.writes == []


def test_a_gateway_comes_back_as_it_was(world: SmcWorld) -> None:
    before = live(world)
    run(world, confirm=["vpn"])
    take_back(world)
    assert live(world) == before


def test_what_a_pool_does_not_say_stays_and_comes_back(world: SmcWorld) -> None:
    run(world, confirm=["vpn"])
    (gateway,) = world.simulator.world.of_type("internal_gateway")
    gateway["data"]["dhcp_relay"] |= {"dhcp_client_mode": 3, "dhcp_client_interface": ["10.93.2.1"]}
    before = {**gateway["data"]["dhcp_relay"]}
    world.operations.clear()
    run(world, {"engine": ENGINE, "pool": {"ranges": ["10.93.250.20-10.93.250.99"]}}, confirm=["vpn"])
    assert gateway["data"]["dhcp_relay"] == {**before, "restricted_address_list": "10.93.250.20-10.93.250.99"}
    take_back(world)
    assert gateway["data"]["dhcp_relay"] == before


def test_what_an_endpoint_does_not_say_stays_and_comes_back(world: SmcWorld) -> None:
    (endpoint,) = (each for each in world.simulator.world.of_type("internal_endpoint")
                   if "192.0.2.2" in (each["data"]["name"], each["data"].get("deducted_name")))  # fmt: skip
    endpoint["data"] |= {"enabled": False, "ssl_vpn_tunnel": True, "ssl_vpn_portal": True, "force_nat_t": True}
    before, declared = {**endpoint["data"]}, {"engine": ENGINE, "endpoints": {"192.0.2.2": {"enabled": True}}}
    world.operations.clear()
    run(world, declared, confirm=["vpn"])
    assert endpoint["data"] == {**before, "enabled": True}
    assert run(world, declared)["operations"] == []
    take_back(world)
    assert endpoint["data"] == before


def test_endpoints_are_the_addresses_of_interfaces_and_nothing_else(world: SmcWorld) -> None:
    for endpoints in ({"192.0.2.77": {"enabled": True}}, {"192.0.2.2": None}):
        with pytest.raises(Guarded, match="suivent les adresses des interfaces"):
            run(world, {"engine": ENGINE, "endpoints": endpoints}, confirm=["vpn"])
    with pytest.raises(InvalidConfig, match="dhcp_server/nulle-part"):
        run(world, {"engine": ENGINE, "pool": {"mode": "direct", "servers": ["dhcp_server/nulle-part"]}})
    assert world.writes == []


@pytest.mark.parametrize(
    ("end", "state", "said"),
    [
        (None, "ok", "aucune passerelle VPN"),
        ("2099-01-01T00:00:00+00:00", "ok", "1 certificat"),
        ("2001-01-01T00:00:00+00:00", "wrong", "finis, ou qui finissent"),
        ("bientôt", "unknown", "fin illisible"),
    ],
)
def test_doctor_reads_the_end_of_the_certificates(world: SmcWorld, end: str | None, state: str, said: str) -> None:
    if end:
        (gateway,) = world.simulator.world.of_type("internal_gateway")
        data = {"name": "fw-hdv Primary", "expiration_date": end}
        world.simulator.world.add("gateway_certificate", data, gateway["key"], "System", 0)
    with world.run():
        findings = {finding.id: finding for finding in checks(Smc(world.connection()), {})}
    assert findings["smc.gateways"].state == state
    assert said in findings["smc.gateways"].what


def test_an_engine_without_a_gateway_waits_and_is_named(world: SmcWorld) -> None:
    done = run(world, {"engine": "single_fw/absent", "client_mode": "no"})
    assert any("single_fw/absent" in line for line in done["withheld"])
    (engine,) = world.simulator.world.of_type("fw_cluster")
    world.simulator.world.remove(*world.simulator.world.children(engine, "internal_gateway"))
    assert any("passerelle VPN" in line for line in run(world)["withheld"])
