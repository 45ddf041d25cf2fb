"""The core and the engine read as routers; a silence stays unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.runs.read import of
from tests.integration.test_routing import CORE, NETWORK, ROUTE, STACK, TRANSIT, USERS, interfaces, routes, stack
from tests.integration.test_smc_engines import ENGINE, GUESTS, ROUTES, SERVERS
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.smc import SmcWorld
from tests.support.town import town_world

ALONE, ELSEWHERE = "QZZZ-0000-0003", "QZZZ-0000-0009"
PLACE = {"network": NETWORK, "carrier": STACK}


@pytest.fixture
def core(tmp_path: Path) -> MerakiWorld:
    world = town_world(tmp_path)
    with world.run() as run:
        run.module("meraki_networks", [{"name": NETWORK, "product_types": ["switch", "wireless"]}])
        serials = ("QZZZ-0000-0001", "QZZZ-0000-0002", ALONE, ELSEWHERE)
        run.module("meraki_devices", [{"serial": serial} for serial in serials], network=NETWORK)
    stack(world)
    interfaces(world, TRANSIT, USERS)
    routes(world, ROUTE)
    world.forget_requests()
    return world


def routed(world: MerakiWorld, core: dict[str, str] = PLACE, **dashboard: str) -> list[dict[str, Any]]:
    given = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0, **dashboard}
    with world.run():
        result = of("meraki_routers").run({"dashboard": given, "network": NETWORK, "core": core}, True)
    assert not result["changed"]
    read: list[dict[str, Any]] = result["routers"]
    return read


def engine(world: SmcWorld, name: str = "fw-hdv", **smc: str) -> dict[str, Any]:
    given = {"name": name, "kind": "cluster"}
    with world.run():
        result = of("smc_routers").run({"smc": {**world.connection(), **smc}, "engine": given}, True)
    (read,) = result["routers"]
    return read  # type: ignore[no-any-return]


def test_the_core_is_read_in_two_lists_with_its_default_and_its_routes(core: MerakiWorld) -> None:
    (read,) = routed(core)
    assert read == {
        "name": STACK,
        "interfaces": [
            {"name": "VLAN 400", "subnet": "10.93.240.0/29", "addresses": ["10.93.240.2"]},
            {"name": "VLAN 151", "subnet": "10.93.41.0/24", "addresses": ["10.93.41.254"]},
        ],
        "routes": [
            {"destination": "0.0.0.0/0", "via": ["10.93.240.1"]},
            {"destination": "10.93.40.0/24", "via": ["10.93.240.1"]},
        ],
        "verifies_sources": False,
        "others": [],
        "unread": "",
    }
    asked = [path for _, path in core.requests]
    # The stack and the switch alone: the small switch routes nothing, and none has its DHCP read.
    assert sum(path.endswith("/routing/interfaces") for path in asked) == 2
    assert sum(path.endswith("/routing/staticRoutes") for path in asked) == 1
    assert not any(path.endswith("/dhcp") for path in asked)
    assert core.writes == []


def test_another_switch_that_routes_in_the_network_is_named(core: MerakiWorld) -> None:
    second = {**CORE, "carrier": ALONE, "vlan": 151, "name": "autre", "subnet": "10.93.41.0/24"}
    interfaces(core, {**second, "address": "10.93.41.1", "default_gateway": "10.93.41.254"})
    read = {router["name"]: router for router in routed(core)}
    assert read.keys() == {STACK, ALONE}
    assert read[ALONE]["interfaces"][0]["addresses"] == ["10.93.41.1"]


def test_an_absent_core_leads_nowhere_and_a_silent_one_is_unknown(core: MerakiWorld) -> None:
    (absent,) = routed(core, {"network": NETWORK, "carrier": "coeur"})[:1]
    assert (absent["name"], absent["interfaces"], absent["unread"]) == ("coeur", [], "")
    (silent,) = routed(core, api_key="refusée")
    assert (silent["name"], silent["interfaces"]) == (STACK, [])
    assert silent["unread"]


def test_a_dynamic_route_is_named_and_not_computed(core: MerakiWorld) -> None:
    interfaces(core, {**USERS, "ospf": {"area": "0", "cost": 1, "passive": False}})
    (read,) = routed(core)
    assert read["others"] == ["OSPF"]


def test_the_engine_is_read_with_its_shared_and_own_addresses(tmp_path: Path) -> None:
    world = SmcWorld(tmp_path / "smc")
    world.module("smc_elements", SERVERS)
    world.module("smc_engine_interfaces", [GUESTS])
    world.module("smc_engine_routes", [ROUTES])
    world.forget_requests()
    read, absent, silent = engine(world), engine(world, "fw-autre"), engine(world, api_version="9.9")
    faces = {face["name"]: face for face in read["interfaces"]}
    assert ENGINE.endswith(read["name"])
    assert faces["0.44"] == {
        "name": "0.44", "subnet": "10.93.44.0/24", "addresses": ["10.93.44.1", "10.93.44.2", "10.93.44.3"]
    }  # fmt: skip
    assert {"destination": "10.93.0.0/16", "via": ["10.93.240.1"]} in read["routes"]
    assert (read["verifies_sources"], read["others"], read["unread"]) == (True, [], "")
    assert (absent["interfaces"], absent["unread"]) == ([], "")
    assert silent["unread"]
    assert world.writes == []
