"""The declared town's gateways on its core: from nothing, beside others, drifted, closed."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_town
from piste.engine.converge.errors import Guarded
from piste.engine.converge.normalise import to_wire
from piste.runs.domains.routing import MODULES
from piste.systems.meraki.intent import meraki_intent
from piste.systems.meraki.routed_interfaces import RoutedInterfaces
from piste.systems.meraki.routing_intent import routing_intent
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, site, town_world

HALL, SCHOOL = "hotel-de-ville", "ecole-jaures"
NAMES = ("commune", HALL, SCHOOL, "ctm")


def owner(name: str) -> dict[str, Any]:
    return copy.deepcopy(declared_town().commune) if name == "commune" else site(name)


def core(world: MerakiWorld) -> dict[str, Any]:
    networks = world.simulator.world.networks.values()
    (known,) = [stack for network in networks for stack in network.get("stacks", {}).values()]
    routing: dict[str, Any] = known["routing"]
    return routing


def route(world: MerakiWorld, *names: str, **options: Any) -> list[dict[str, Any]]:
    """Run the task of routing for owners, in one run."""
    world.forget_requests()
    with world.run() as run:
        return [run.domain(owner(name), name="routing", **options) for name in names]


def operations(results: list[dict[str, Any]]) -> list[str]:
    return [line for result in results for line in result["summary"]]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[MerakiWorld, bytes]:
    """Return the town hall and two sites, their networks converged."""
    world = town_world(tmp_path_factory.mktemp("town"))
    whole = {**site(HALL), "ssids": []}
    whole["devices"] = [device for device in whole["devices"] if device["kind"] == "switch"]
    converge(world, whole)
    route(world, *NAMES)
    return world, world.simulator.world.snapshot()


@pytest.fixture
def world(town: tuple[MerakiWorld, bytes]) -> MerakiWorld:
    known, snapshot = town
    known.simulator.world.restore(snapshot)
    known.forget_requests()
    return known


def test_the_town_from_nothing_then_nothing_to_do_in_one_read_of_the_core(world: MerakiWorld) -> None:
    wanted = [item for name in NAMES for item in routing_intent(owner(name))["routed_interfaces"]]
    assert [entry["vlanId"] for entry in core(world)["interfaces"].values()] == [item["vlan"] for item in wanted]
    assert core(world)["gateway"] == "10.93.240.2"
    assert operations(route(world, *NAMES)) == []
    paths = [path for _, path in world.requests]
    assert len([path for path in paths if path.endswith("/routing/interfaces")]) == 1
    assert len([path for path in paths if path.endswith("/dhcp")]) == len(wanted) - 1
    assert [path for path in paths if "staticRoutes" in path or "bySwitch" in path] == []


def test_check_from_nothing_plans_what_the_run_then_does(tmp_path: Path) -> None:
    worlds = [town_world(tmp_path), town_world(tmp_path)]
    whole = {**site(HALL), "ssids": []}
    whole["devices"] = [device for device in whole["devices"] if device["serial"] in whole["core"]["serials"]]
    whole["aggregates"] = []
    done = []
    for number, check in enumerate((True, False)):
        known = worlds[number]
        known.folder = tmp_path / str(number)
        known.folder.mkdir()
        with known.run() as run:
            results = [run.domain(whole, check=check)]
            results += [run.domain(owner(name), name="routing", check=check) for name in NAMES]
        done.append([operation for result in results for operation in result["operations"]])
        assert [line for result in results for line in result["withheld"]] == []
    assert done[0] == done[1]
    assert worlds[0].writes == []


def test_a_site_has_a_relay_for_its_users_and_phones_and_the_town_the_way_out(world: MerakiWorld) -> None:
    interfaces = {entry["vlanId"]: entry for entry in core(world)["interfaces"].values()}
    assert interfaces[151]["dhcp"] == {
        "dhcpMode": "dhcpRelay", "dhcpRelayServerIps": ["10.93.2.11", "10.93.2.12"],
    }  # fmt: skip
    assert (interfaces[151]["interfaceIp"], interfaces[151]["name"]) == ("10.93.41.254", "gw-jau-utilisateurs")
    assert [vlan for vlan in interfaces if 150 <= vlan < 160] == [151, 153]


def test_a_stranger_is_named_at_the_end_of_a_drift_and_nothing_that_is_declared(world: MerakiWorld) -> None:
    (network,) = world.simulator.world.networks.values()
    (stack,) = network["stacks"]
    base = f"/networks/{network['id']}/switch/stacks/{stack}/routing"
    made = {"name": "essai", "vlanId": 999, "subnet": "192.168.9.0/24", "interfaceIp": "192.168.9.1"}
    world.simulator.edit("POST", f"{base}/interfaces", made)
    world.simulator.edit("POST", f"{base}/staticRoutes", {"subnet": "10.1.0.0/16", "nextHopIp": "10.93.240.2"})
    with world.run() as run:
        for name in NAMES:
            run.domain(owner(name), name="routing", check=True)
        named = run.domain(name="routing", state="undeclared")["orphans"]
    place = f"{network['name']}/coeur-hdv"
    assert [(orphan["kind"], orphan["key"]) for orphan in named] == [
        ("routed_interface", f"{place}/999 (essai)"),
        ("static_route", f"{place}/10.1.0.0/16"),
    ]


FIELDS = {
    "name": "autre",
    "subnet": "10.93.41.0/25",
    "address": "10.93.41.253",
    "dhcp.mode": "dhcpDisabled",
    "dhcp.relay_servers": ["10.93.2.11"],
}


@pytest.mark.parametrize("path", FIELDS)
def test_a_gateway_changed_behind_our_back_is_named_field_by_field(world: MerakiWorld, path: str) -> None:
    identifier = next(key for key, entry in core(world)["interfaces"].items() if entry["vlanId"] == 151)
    (network,) = world.simulator.world.networks.values()
    (stack,) = network["stacks"]
    base = f"/networks/{network['id']}/switch/stacks/{stack}/routing/interfaces/{identifier}"
    name, _, inner = path.partition(".")
    table = RoutedInterfaces.resource
    fields = table.field("dhcp").of if inner else table.body
    body = to_wire(fields, {inner or name: FIELDS[path]}, {})
    if path == "subnet":
        body["interfaceIp"] = "10.93.41.126"
    world.simulator.edit("PUT", base + ("/dhcp" if inner else ""), body)
    (result,) = route(world, SCHOOL, check=True)
    (operation,) = result["operations"]
    assert operation["key"].endswith("/151")
    assert name in operation["fields"]


def test_a_site_that_closes_loses_its_gateways_under_a_word_and_others_keep_theirs(world: MerakiWorld) -> None:
    before = {entry["vlanId"] for entry in core(world)["interfaces"].values()}
    closing = {**owner(SCHOOL), "lifecycle": "closing"}
    with world.run() as run:
        kept = run.domain(closing, name="routing", state="gathered")["gathered"]
        assert [item["vlan"] for item in kept["routed_interfaces"]] == [151, 153]
        with pytest.raises(Guarded, match="gateway:"):
            run.domain(closing, name="routing", state="deleted")
        run.domain(closing, name="routing", state="deleted", confirm=["gateway"])
    assert {entry["vlanId"] for entry in core(world)["interfaces"].values()} == before - {151, 153}
    assert operations(route(world, HALL, "ctm")) == []


def test_what_is_kept_as_found_is_no_change(world: MerakiWorld) -> None:
    """An adoption keeps the live address; the rule would have moved it."""
    identifier = next(key for key, entry in core(world)["interfaces"].items() if entry["vlanId"] == 151)
    core(world)["interfaces"][identifier]["interfaceIp"] = "10.93.41.1"
    key = "VLB hotel-de-ville/coeur-hdv/151"
    kept = {"meraki": {"routed_interface": {key: {"address": "10.93.41.1"}}}}
    assert len(operations(route(world, SCHOOL, check=True))) == 1
    assert operations(route(world, SCHOOL, as_found=kept)) == []
    gone = {"meraki": {"network": {"VLB hotel-de-ville": {"absent": True}}}}
    assert operations(route(world, SCHOOL, as_found=gone)) == []


def test_an_export_of_the_core_names_each_interface_with_its_network(world: MerakiWorld) -> None:
    with world.run() as run:
        read = run.domain(name="routing", state="gathered", owner="commune")["gathered"]
    assert {item["carrier"] for item in read["routed_interfaces"]} == {"coeur-hdv"}
    with world.run() as run:
        again = run.domain(name="routing", state="merged", owner="commune", config=read, check=True)
    assert again["operations"] == []


def test_the_kinds_of_the_domain_have_their_modules() -> None:
    assert set(MODULES) == {"piste_routing", "meraki_routed_interfaces", "meraki_static_routes"}


def test_the_intent_of_the_network_holds_stacks_links_and_the_vlans_of_uplinks() -> None:
    intent = meraki_intent(site(HALL))
    assert intent["switch_stacks"] == [{"name": "coeur-hdv", "members": ["QZZZ-0000-0001", "QZZZ-0000-0002"]}]
    assert intent["link_aggregations"][0] == {"ports": "QZZZ-0000-0001/21+QZZZ-0000-0002/21"}
    (settings,) = intent["settings"]
    assert settings["stp"]["stp_bridge_priority"] == [{"stacks": ["coeur-hdv"], "stp_priority": 4096}]
    assert settings["quality"] == {"rules": [{"vlan": 103, "dscp": 46}]}
    denied = [rule for rule in settings["access_lists"]["rules"] if rule["policy"] == "deny"]
    assert [rule["dst_cidr"] for rule in denied[:3]] == ["10.93.3.0/24", "10.93.1.0/24", "10.93.0.0/16"]
    school = meraki_intent(site(SCHOOL))
    uplinks = {port["allowed_vlans"] for port in school["switch_ports"] if port["name"] == "Liaison"}
    assert uplinks == {"1,150,151,152,153,154,155"}
    assert school["switch_stacks"] == []


def test_a_gateway_that_lends_by_itself_reserves_what_is_outside_its_range() -> None:
    whole = site(HALL)
    (guests,) = [gateway for gateway in whole["gateways"] if gateway["segment"] == "invites"]
    whole["gateways"] = [{**guests, "carrier": "core", "relay": []}]
    (item,) = routing_intent(whole)["routed_interfaces"]
    assert (item["dhcp"]["mode"], item["dhcp"]["lease_time"]) == ("dhcpServer", "1 hour")
    spans = [(span["start"], span["end"]) for span in item["dhcp"]["reserved_ranges"]]
    assert spans == [("10.93.4.1", "10.93.4.49"), ("10.93.4.240", "10.93.4.254")]
