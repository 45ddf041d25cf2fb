"""Stacks, routed interfaces and routes: the whole round, on a core of several owners."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig, Missing, PisteError, Rejected
from piste.runs.plans.undo import inverse
from tests.support.inprocess import Killed, MerakiWorld
from tests.support.town import town_world

NETWORK, STACK = "VLB hotel-de-ville", "pile-coeur"
FIRST, SECOND, SMALL = "QZZZ-0000-0001", "QZZZ-0000-0002", "QZZZ-0000-0009"
CORE = {"network": NETWORK, "carrier": STACK}
STACKS = [{"name": STACK, "members": [SECOND, FIRST]}]
TRANSIT = {
    **CORE, "vlan": 400, "name": "transit", "subnet": "10.93.240.0/29", "address": "10.93.240.2",
    "default_gateway": "10.93.240.1",
}  # fmt: skip
RELAY = {"mode": "dhcpRelay", "relay_servers": ["10.93.2.12", "10.93.2.11"]}


def gateway(vlan: int, third: int, **more: Any) -> dict[str, Any]:
    subnet, address = f"10.93.{third}.0/24", f"10.93.{third}.254"
    return {**CORE, "vlan": vlan, "name": f"v{vlan}", "subnet": subnet, "address": address, "dhcp": RELAY, **more}


USERS, PHONES = gateway(151, 41), gateway(153, 43)
ROUTE = {**CORE, "subnet": "10.93.40.0/24", "name": "jau-administration", "next_hop": "10.93.240.1"}
INTERFACES, ROUTES = "meraki_routed_interfaces", "meraki_static_routes"


def key(item: Mapping[str, Any]) -> str:
    return f"{NETWORK}/{item['carrier']}/{item.get('vlan') or item['subnet']}"


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    """Return the town hall with its network and its switches, not yet stacked."""
    world = town_world(tmp_path)
    models = {serial: device["model"] for serial, device in world.simulator.world.devices.items()}
    assert (models[FIRST], models[SECOND]) == ("MS425-32", "MS425-32")
    with world.run() as run:
        run.module("meraki_networks", [{"name": NETWORK, "product_types": ["switch", "wireless"]}])
        devices = [{"serial": serial} for serial in (FIRST, SECOND, "QZZZ-0000-0003", SMALL)]
        run.module("meraki_devices", devices, network=NETWORK)
    world.forget_requests()
    return world


def stack(world: MerakiWorld, **options: Any) -> dict[str, Any]:
    with world.run() as run:
        return run.module("meraki_switch_stacks", options.pop("config", STACKS), network=NETWORK, **options)


def interfaces(world: MerakiWorld, *config: dict[str, Any], **options: Any) -> dict[str, Any]:
    with world.run() as run:
        return run.module(INTERFACES, [*config], owner=options.pop("owner", "commune"), **options)


def routes(world: MerakiWorld, *config: dict[str, Any], **options: Any) -> dict[str, Any]:
    with world.run() as run:
        return run.module(ROUTES, [*config], owner="commune", **options)


@pytest.fixture
def core(world: MerakiWorld) -> MerakiWorld:
    """Return the town hall with its core stacked, and the transit that the town declares."""
    stack(world)
    interfaces(world, TRANSIT)
    world.forget_requests()
    return world


def routing(world: MerakiWorld) -> dict[str, Any]:
    (network,) = world.simulator.world.networks.values()
    (known,) = network["stacks"].values()
    return known["routing"]  # type: ignore[no-any-return]


def test_check_says_what_the_run_does_and_a_second_run_has_nothing_to_do(core: MerakiWorld) -> None:
    for task, config in ((interfaces, (PHONES, USERS)), (routes, (ROUTE,))):
        planned = task(core, *config, check=True)
        assert core.writes == []
        done = task(core, *config)
        assert planned["operations"] == done["operations"] != []
        core.forget_requests()
        again = task(core, *config)
        assert (again["operations"], core.writes) == ([], [])
        core.forget_requests()
    known = {entry["vlanId"]: entry for entry in routing(core)["interfaces"].values()}
    assert known[151]["dhcp"] == {"dhcpMode": "dhcpRelay", "dhcpRelayServerIps": ["10.93.2.11", "10.93.2.12"]}
    assert [route["subnet"] for route in routing(core)["routes"].values()] == ["10.93.40.0/24"]


def test_a_second_run_reads_a_stack_once_and_an_interface_once_for_its_dhcp(core: MerakiWorld) -> None:
    interfaces(core, USERS, PHONES)
    routes(core, ROUTE)
    core.forget_requests()
    with core.run() as run:
        run.module(INTERFACES, [TRANSIT])
        run.module(INTERFACES, [USERS, PHONES], owner="ecole-jaures")
        run.module(ROUTES, [ROUTE])
    paths = [path.rsplit("/switch/", 1)[-1] for _, path in core.requests if "/switch/" in path]
    number = {path.split("/")[-2] for path in paths if path.endswith("dhcp")}
    assert len(number) == len([path for path in paths if path.endswith("dhcp")]) == 2
    others = [path.split("/")[-1] for path in paths if not path.endswith("dhcp")]
    assert others == ["stacks", "interfaces", "staticRoutes"]


def test_a_switch_alone_routes_by_the_same_kind(world: MerakiWorld) -> None:
    alone = {**TRANSIT, "carrier": "qzzz-0000-0003"}
    assert interfaces(world, alone)["summary"] == [f"+ routed_interface {NETWORK}/QZZZ-0000-0003/400"]
    assert interfaces(world, {**alone, "carrier": "QZZZ-0000-0003"})["operations"] == []
    routed = {**ROUTE, "carrier": "QZZZ-0000-0003"}
    assert routes(world, routed)["changed"]
    assert not routes(world, routed)["changed"]


def test_from_nothing_check_plans_what_stands_on_a_planned_stack(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    planned = []
    for check in (True, False):
        with world.run() as run:
            tasks = [
                run.module("meraki_networks", [{"name": NETWORK, "product_types": ["switch"]}], check=check),
                run.module("meraki_devices", [{"serial": FIRST}, {"serial": SECOND}], network=NETWORK, check=check),
                run.module("meraki_switch_stacks", STACKS, network=NETWORK, check=check),
                run.module(INTERFACES, [TRANSIT], check=check),
                run.module(INTERFACES, [USERS], owner="ecole-jaures", check=check),
                run.module(ROUTES, [ROUTE], check=check),
            ]
        planned.append([operation for task in tasks for operation in task["operations"]])
        assert not any(task["withheld"] for task in tasks)
    assert planned[0] == planned[1]
    assert len(planned[0]) == 7


def test_a_core_that_the_run_has_made_is_read_back_and_not_looked_at_again(tmp_path: Path) -> None:
    """Each owner's own reading proves what it wrote, and the next owner plans on it."""
    world = town_world(tmp_path)
    with world.run() as run:
        run.module("meraki_networks", [{"name": NETWORK, "product_types": ["switch"]}])
        run.module("meraki_devices", [{"serial": FIRST}, {"serial": SECOND}], network=NETWORK)
        run.module("meraki_switch_stacks", STACKS, network=NETWORK)
        world.forget_requests()
        run.module(INTERFACES, [TRANSIT])
        run.module(INTERFACES, [USERS], owner="ecole-jaures")
    reads = [path.rsplit("/", 1)[-1] for method, path in world.requests if method == "GET" and "/routing/" in path]
    assert reads == ["interfaces", "interfaces", "interfaces", "dhcp"]


def test_the_first_interface_has_the_default_gateway_and_comes_first(world: MerakiWorld) -> None:
    stack(world, confirm=["stack"])
    waiting = interfaces(world, USERS)
    assert (waiting["operations"], len(waiting["withheld"])) == ([], 1)
    assert "attend la première interface de « pile-coeur »" in waiting["withheld"][0]
    with pytest.raises(Rejected, match="n’est dans le sous-réseau d’aucune interface"):
        interfaces(world, {**TRANSIT, "default_gateway": "10.93.2.1"})
    done = interfaces(world, USERS, TRANSIT)
    assert [operation["key"].rpartition("/")[2] for operation in done["operations"]] == ["400", "151"]


def test_bad_addresses_are_refused_all_at_once_before_the_first_request(core: MerakiWorld) -> None:
    wrong = [
        {**USERS, "address": "10.93.42.254"},
        {**PHONES, "address": "10.93.43.255", "dhcp": {"mode": "dhcpRelay", "relay_servers": []}},
        {**CORE, "vlan": 5000, "subnet": "10.93.1.3/24"},
    ]
    with pytest.raises(InvalidConfig) as refused:
        interfaces(core, *wrong)
    assert len(refused.value.faults) == 5
    with pytest.raises(InvalidConfig, match="la route par défaut se donne par default_gateway"):
        routes(core, {**ROUTE, "subnet": "0.0.0.0/0"})
    assert core.requests == []


def test_a_model_that_does_not_route_is_refused_and_a_carrier_is_waited_for(core: MerakiWorld) -> None:
    with pytest.raises(Rejected, match=rf"{SMALL} est sans routage, à ce que Piste sait \(MS120-8"):
        interfaces(core, {**TRANSIT, "carrier": SMALL})
    for place in ({"carrier": "pile-ailleurs"}, {"network": "VLB ailleurs"}, {"carrier": "QZZZ-0009-0001"}):
        for check in (True, False):
            waiting = interfaces(core, {**USERS, **place}, check=check)
            assert waiting["operations"] == []
            assert "attend « " in waiting["withheld"][0]
    assert core.writes == []


@pytest.mark.parametrize("write", [1, 2, 3])
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_run_killed_anywhere_is_finished_by_the_next(core: MerakiWorld, write: int, moment: str) -> None:
    setattr(core, moment, write)
    with pytest.raises(Killed):
        interfaces(core, USERS, PHONES)
    core.kill_before = core.kill_after = 0
    interfaces(core, USERS, PHONES)
    vlans = sorted(entry["vlanId"] for entry in routing(core)["interfaces"].values())
    assert vlans == [151, 153, 400]
    assert interfaces(core, USERS, PHONES)["operations"] == []


def test_a_lost_answer_makes_no_second_interface(core: MerakiWorld) -> None:
    core.simulator.faults.add("cut", method="POST", path="interfaces$", when="after")
    interfaces(core, USERS)
    assert sorted(entry["vlanId"] for entry in routing(core)["interfaces"].values()) == [151, 400]


def undone(world: MerakiWorld, operations: list[dict[str, Any]]) -> None:
    tasks, lost = inverse(operations, world.contents)
    assert lost == []
    for owner, phases in tasks.items():
        for phase in ("restored", "returned"):
            for module in (INTERFACES, ROUTES, "meraki_switch_stacks"):
                if part := phases[phase].get(module):
                    with world.run() as run:
                        network = {"network": NETWORK} if module == "meraki_switch_stacks" else {}
                        words = ["gateway", "default_gateway", "dhcp", "route", "stack"]
                        run.module(module, part["config"], absent=part["absent"], owner=owner, confirm=words, **network)


def test_an_undo_gives_back_what_was_there(core: MerakiWorld) -> None:
    interfaces(core, USERS)
    routes(core, ROUTE)
    before = copy.deepcopy(routing(core))
    core.operations.clear()
    moved = {**USERS, "address": "10.93.41.1", "dhcp": {"mode": "dhcpServer", "lease_time": "1 hour"}}
    interfaces(core, moved, PHONES, confirm=["gateway", "dhcp"], owner="ecole-jaures")
    routes(core, {**ROUTE, "next_hop": "10.93.240.3"}, confirm=["route"])
    undone(core, core.operations)
    assert routing(core) == before
    core.operations.clear()
    interfaces(core, absent=[key(USERS)], confirm=["gateway"], owner="ecole-jaures")
    routes(core, absent=[key(ROUTE)], confirm=["route"])
    undone(core, core.operations)
    contents = [[{**entry} for entry in routing(core)[kind].values()] for kind in ("interfaces", "routes")]
    assert contents == [[*before[kind].values()] for kind in ("interfaces", "routes")]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"address": "10.93.41.1"}, "gateway"),
        ({"subnet": "10.93.41.0/25", "address": "10.93.41.126"}, "gateway"),
        ({"dhcp": {"mode": "dhcpDisabled"}}, "dhcp"),
        ({"name": "autre"}, ""),
        ({"dhcp": {"relay_servers": ["10.93.2.11"]}}, ""),
    ],
)
def test_what_cuts_a_vlan_asks_for_a_word(core: MerakiWorld, change: dict[str, Any], word: str) -> None:
    interfaces(core, USERS)
    changed = {**USERS, **change}
    if word:
        with pytest.raises(Guarded, match=rf"{word}:{NETWORK}/{STACK}/151"):
            interfaces(core, changed)
    assert interfaces(core, changed, confirm=[word] if word else [])["changed"]


def test_what_cuts_the_core_asks_for_a_word(core: MerakiWorld) -> None:
    interfaces(core, USERS)
    routes(core, ROUTE)
    with pytest.raises(Guarded, match="default_gateway:"):
        interfaces(core, {**TRANSIT, "default_gateway": "10.93.240.3"})
    with pytest.raises(Guarded, match=r"gateway:.*dernière passerelle"):
        interfaces(core, absent=[key(USERS)])
    for options in ({"config": [{**ROUTE, "next_hop": "10.93.240.4"}]}, {"config": [], "absent": [key(ROUTE)]}):
        with pytest.raises(Guarded, match="route:"):
            routes(core, *options.pop("config"), **options)


def test_a_gateway_that_another_switch_takes_over_is_made_before_it_goes(core: MerakiWorld) -> None:
    """The new interface is there first, so the old is no last gateway."""
    interfaces(core, USERS)
    other = {**TRANSIT, "carrier": "QZZZ-0000-0003", "address": "10.93.240.3"}
    interfaces(core, other)
    core.forget_requests()
    interfaces(core, {**USERS, "carrier": "QZZZ-0000-0003", "address": "10.93.41.253"}, absent=[key(USERS)])
    (made, _), (batch, _) = core.writes
    sent = [body for body in core.bodies if body and "actions" in body]
    assert (made, batch) == ("POST", "POST")
    assert [action["operation"] for action in sent[0]["actions"]] == ["update", "destroy"]


def test_an_interface_of_somebody_else_stays(core: MerakiWorld) -> None:
    interfaces(core, USERS, owner="ecole-jaures")
    interfaces(core, gateway(161, 49), owner="ecole-mermoz")
    interfaces(core, {"network": NETWORK, "carrier": STACK, "vlan": 151}, state="deleted", owner="ecole-jaures",
               confirm=["gateway"])  # fmt: skip
    assert sorted(entry["vlanId"] for entry in routing(core)["interfaces"].values()) == [161, 400]
    gone = interfaces(core, USERS, state="deleted", owner="ecole-jaures")
    assert gone["operations"] == []


def test_what_is_read_says_it_again_to_an_empty_core(core: MerakiWorld, tmp_path: Path) -> None:
    server = {
        "mode": "dhcpServer", "lease_time": "1 hour", "dns_option": "custom", "dns_servers": ["10.93.2.11"],
        "boot_enabled": True, "boot_server": "10.93.2.20", "boot_file": "undionly.kpxe",
        "options": [{"code": "42", "type": "ip", "value": "10.93.2.11"}],
        "reserved_ranges": [{"start": "10.93.44.1", "end": "10.93.44.49"}],
        "fixed_assignments": [{"name": "borne", "mac": "02-93-05-00-00-41", "ip": "10.93.44.60"}],
    }  # fmt: skip
    interfaces(core, USERS, gateway(154, 44, dhcp=server))
    routes(core, ROUTE)
    whole = [interfaces(core, state="gathered")["gathered"], routes(core, state="gathered")["gathered"]]
    assert [item["vlan"] for item in whole[0]] == [400, 151, 154]
    assert interfaces(core, *whole[0])["operations"] == routes(core, *whole[1])["operations"] == []
    (network,) = core.simulator.world.networks.values()
    before = copy.deepcopy(routing(core))
    next(iter(network["stacks"].values())).pop("routing")
    interfaces(core, *whole[0])
    routes(core, *whole[1])
    assert [[*routing(core)[kind].values()] for kind in ("interfaces", "routes")] == [
        [*before[kind].values()] for kind in ("interfaces", "routes")
    ]


def test_a_stack_in_service_changes_under_a_word(world: MerakiWorld) -> None:
    assert stack(world)["changed"]
    assert not stack(world)["changed"]
    three = [{"name": STACK, "members": [FIRST, SECOND, "QZZZ-0000-0003"]}]
    with pytest.raises(Guarded, match=f"stack:{STACK}"):
        stack(world, config=three)
    assert stack(world, config=three, confirm=["stack"])["summary"] == [f"~ switch_stack {STACK} : members"]
    undone(world, [world.operations[-1]])
    assert not stack(world)["changed"]


def test_a_stack_that_takes_in_a_switch_that_routes_asks_for_a_word(world: MerakiWorld) -> None:
    interfaces(world, {**TRANSIT, "carrier": FIRST})
    with pytest.raises(Guarded, match=f"stack:{STACK}"):
        stack(world)
    assert stack(world, confirm=["stack"])["changed"]


def test_a_stack_that_somebody_renamed_gets_its_name_back_with_all_that_it_carries(core: MerakiWorld) -> None:
    (network,) = core.simulator.world.networks.values()
    (identifier,) = network["stacks"]
    core.simulator.edit("PUT", f"/networks/{network['id']}/switch/stacks/{identifier}", {"name": "CORE"})
    done = []
    for check in (True, False):
        with core.run() as run:
            tasks = [
                run.module("meraki_switch_stacks", STACKS, network=NETWORK, check=check),
                run.module(INTERFACES, [TRANSIT, USERS], check=check),
            ]
        done.append([operation for task in tasks for operation in task["operations"]])
    assert done[0] == done[1]
    assert [operation["action"] for operation in done[1]] == ["update", "create"]
    assert (*network["stacks"], network["stacks"][identifier]["name"]) == (identifier, STACK)


def test_members_that_are_elsewhere_are_refused(world: MerakiWorld) -> None:
    cases: tuple[tuple[list[dict[str, Any]], type[PisteError], str], ...] = (
        ([{"name": "a", "members": [FIRST, "QZZZ-0005-0001"]}], Missing, "1 commutateur absent du réseau"),
        ([*STACKS, {"name": "b", "members": [FIRST, SMALL]}], Rejected, f"dans deux piles : {FIRST}"),
        ([{"name": "a/b", "members": [FIRST, SECOND]}], InvalidConfig, "pas de « / »"),
        ([{"name": "a", "members": [FIRST]}], InvalidConfig, "une pile en a 2 à 8"),
    )
    for config, error, words in cases:
        with pytest.raises(error, match=words):
            stack(world, config=config)
    assert world.writes == []
