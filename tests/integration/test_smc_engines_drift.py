"""The vendor's library on engines: it reads what we write, and its changes are repaired."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from smc import session
from smc.core.engines import FirewallCluster
from smc.elements.network import Network, Router

from lab.server import Listener
from tests.integration.test_smc_engines import ENGINE, GUESTS, OTHERS, SERVERS
from tests.support.orphans import MODULES
from tests.support.smc import SmcWorld

ROUTES: dict[str, Any] = {"engine": ENGINE, "routes": {"10.93.0.0/16": {"via": ["10.93.240.1"]}}}
SETTINGS: dict[str, Any] = {"engine": ENGINE, "dns": ["10.93.2.11", "10.93.2.12"], "ntp": ["ntp/hdv-ntp"]}
DECLARED: dict[str, list[dict[str, Any]]] = {
    "smc_engine_interfaces": [GUESTS, OTHERS],
    "smc_engine_routes": [ROUTES],
    "smc_engine_settings": [SETTINGS],
}
WORDS = ["gateway", "transit", "routes"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SmcWorld]:
    made = SmcWorld(tmp_path / "smc")
    made.simulator.behaviour.null_values = "ignore"  # the vendor's library sends some
    made.module("smc_elements", SERVERS)
    for kind, config in DECLARED.items():
        made.module(kind, config)
    listener = Listener({"": made.simulator})
    session.login(url=listener.url, api_key=made.key, api_version="7.4")
    made.forget_requests()
    yield made
    session.logout()
    listener.close()


def drift(world: SmcWorld) -> list[tuple[str, str, list[str]]]:
    """Return the changes that a check names: action, label, fields."""
    with world.run() as run:
        results = [run.module(kind, config, check=True) for kind, config in DECLARED.items()]
    operations = [operation for result in results for operation in result["operations"]]
    return [(operation["action"], operation["label"], operation["fields"]) for operation in operations]


def repair(world: SmcWorld) -> None:
    for kind, config in DECLARED.items():
        world.module(kind, config, confirm=WORDS)


def test_the_library_reads_what_we_write(world: SmcWorld) -> None:
    engine = FirewallCluster("fw-hdv")
    vlan = engine.interface.get("0.44")
    assert sorted(vlan.addresses) == [
        ("10.93.44.1", "10.93.44.0/24", "0.44"),
        ("10.93.44.2", "10.93.44.0/24", "0.44"),
        ("10.93.44.3", "10.93.44.0/24", "0.44"),
    ]
    assert vlan.zone.name == "Invités"
    assert [server.name for server in vlan.dhcp_relay.dhcp_servers] == ["srv-dhcp1", "srv-dhcp2"]
    assert vlan.dhcp_relay.enabled
    gateways = [(gateway.ip, [end.ip for end in gateway]) for _, _, gateway in _gateways(engine)]
    assert gateways == [("10.93.240.1", ["10.93.0.0/16"])]
    assert [(entry.rank, entry.value) for entry in engine.dns] == [(0, "10.93.2.11"), (1, "10.93.2.12")]
    assert engine.interface_options.primary_mgt == "0.400"
    assert drift(world) == []


def _gateways(engine: Any) -> list[tuple[Any, Any, Any]]:
    return [
        (interface, network, gateway) for interface in engine.routing for network in interface for gateway in network
    ]


def test_interfaces_that_somebody_changed_are_seen_and_repaired(world: SmcWorld) -> None:
    trunk = FirewallCluster("fw-hdv").interface.get("0")
    for vlan in trunk.vlan_interface:
        if vlan.interface_id == "0.44":
            vlan.data["comment"] = "ne pas toucher"
            vlan.data["dhcp_relay"] = {"enabled": True, "element": vlan.dhcp_relay.data["element"][:1]}
    trunk.update()
    FirewallCluster("fw-hdv").interface.get("0.52").delete()
    assert drift(world) == [("update", "fw-hdv 0.44", ["comment", "relay"]), ("create", "fw-hdv 0.52", FIELDS)]
    repair(world)
    assert drift(world) == []
    assert FirewallCluster("fw-hdv").interface.get("0.44").comment == "École Jaurès, invités"


FIELDS = ["engine", "interface", "comment", "zone", "addresses", "relay", "dhcp_server"]


def test_routes_and_services_that_somebody_changed_are_seen_and_repaired(world: SmcWorld) -> None:
    engine = FirewallCluster("fw-hdv")
    for _, _, gateway in _gateways(engine):
        gateway.delete()
    engine.add_route("10.93.240.5", "10.93.0.0/16")
    engine.dns.add(["10.99.0.1"])
    engine.update()
    assert drift(world) == [
        ("update", "routes de fw-hdv", ["routes"]),
        ("update", "services de fw-hdv", ["dns"]),
    ]
    repair(world)
    assert drift(world) == []
    assert [gateway.ip for _, _, gateway in _gateways(FirewallCluster("fw-hdv"))] == ["10.93.240.1"]


def test_a_route_to_a_named_network_is_read_as_its_network(world: SmcWorld) -> None:
    router, network = Router.create("routeur", "10.93.240.5"), Network.create("voisins", "172.20.0.0/16")
    FirewallCluster("fw-hdv").routing.get("0.400").add_static_route(router, [network])
    (live,) = world.gathered("smc_engine_routes")
    assert live["routes"]["172.20.0.0/16"] == {"via": ["10.93.240.5"]}
    assert drift(world) == [], "a route that nobody declares stays"


def test_what_nobody_declares_of_an_engine_is_named(world: SmcWorld) -> None:
    engine = FirewallCluster("fw-hdv")
    engine.add_route("10.93.240.5", "172.20.0.0/16")
    engine.antispoofing.get("0.44").add(Network.create("ailleurs", "198.51.100.0/24"))
    keys = [f"{item['interface']}/{item['engine']}" for item in (GUESTS, {**OTHERS, "interface": "0.400"})]
    with world.run():
        listed = MODULES["smc_orphans"].run(
            {
                "smc": world.connection(),
                "elements": [],
                "policies": [],
                "installations": world.gathered("smc_installations"),
                "engine_interfaces": keys,
                "engine_routes": [ROUTES],
            },
            True,
        )["orphans"]
    assert [(orphan["kind"], orphan["key"]) for orphan in listed if orphan["kind"] not in ("element", "policy")] == [
        ("engine_interface", "0.52/fw_cluster/fw-hdv"),
        ("engine_interface", "1/fw_cluster/fw-hdv"),
        ("antispoofing", "fw_cluster/fw-hdv Interface 0.44 : ailleurs"),
        ("engine_routes", "fw_cluster/fw-hdv 172.20.0.0/16 via 10.93.240.5"),
    ]
