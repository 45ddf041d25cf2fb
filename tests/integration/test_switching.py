"""Aggregations, priorities, access lists and quality: what is special about each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Ambiguous, Guarded, InvalidConfig
from piste.runs.plans.undo import inverse
from tests.support.inprocess import Killed, MerakiWorld
from tests.support.rich import NETWORK, SWITCH
from tests.support.town import town_world

OTHERS = ["QZZZ-0005-0002", "QZZZ-0005-0003"]
PAIR, THREE = f"{SWITCH}/1+{SWITCH}/2", f"{SWITCH}/1+{SWITCH}/2+{SWITCH}/3"
VOICE, SIP = {"vlan": 153, "dscp": 46}, {"protocol": "UDP", "dst_port": 5060, "dscp": 24}
DROP = {"policy": "deny", "src_cidr": "10.93.41.0/24", "dst_cidr": "10.93.43.0/24"}
SWITCHES = "meraki_network_settings"


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    world = town_world(tmp_path)
    with world.run() as run:
        run.module("meraki_networks", [{"name": NETWORK, "product_types": ["switch", "wireless"]}])
        run.module("meraki_devices", [{"serial": serial} for serial in (SWITCH, *OTHERS)], network=NETWORK)
    world.forget_requests()
    return world


def run(world: MerakiWorld, module: str, *config: dict[str, Any], **options: Any) -> dict[str, Any]:
    with world.run() as task:
        return task.module(module, [*config], network=NETWORK, **options)


def aggregates(world: MerakiWorld, *ports: str, **options: Any) -> dict[str, Any]:
    return run(world, "meraki_link_aggregations", *({"ports": text} for text in ports), **options)


def settings(world: MerakiWorld, **parts: Any) -> dict[str, Any]:
    options = {name: parts.pop(name) for name in ("check", "confirm", "state") if name in parts}
    return run(world, SWITCHES, {"network": NETWORK, **parts}, **options)


def network(world: MerakiWorld) -> dict[str, Any]:
    (known,) = world.simulator.world.networks.values()
    return known


def marks(world: MerakiWorld) -> list[int]:
    return [rule["dscp"] for rule in network(world).get("qos", {}).values()]


def test_an_aggregation_is_known_by_its_ports_however_they_are_written(world: MerakiWorld) -> None:
    assert aggregates(world, f"{SWITCH.lower()}/2, {SWITCH}/1")["summary"] == [f"+ link_aggregation {PAIR}"]
    assert aggregates(world, PAIR)["operations"] == []
    for wrong in (f"{SWITCH}/1", "a+b", "+".join(f"{SWITCH}/{port}" for port in range(1, 10))):
        with pytest.raises(InvalidConfig, match="n’a pas la forme attendue"):
            aggregates(world, wrong)


def test_an_aggregation_that_grows_is_changed_where_it_is_and_an_undo_narrows_it(world: MerakiWorld) -> None:
    aggregates(world, PAIR)
    (identifier,) = network(world)["aggregations"]
    world.operations.clear()
    done = aggregates(world, THREE)
    assert done["summary"] == [f"~ link_aggregation {THREE} : ports"]
    assert [len(ports) for ports in network(world)["aggregations"].values()] == [3]
    tasks, lost = inverse(world.operations)
    assert lost == []
    part = tasks["essai"]["returned"]["meraki_link_aggregations"]
    run(world, "meraki_link_aggregations", *part["config"], absent=part["absent"])
    assert {key: len(ports) for key, ports in network(world)["aggregations"].items()} == {identifier: 2}


def test_ports_of_two_aggregations_are_nobodys_guess(world: MerakiWorld) -> None:
    aggregates(world, PAIR, f"{SWITCH}/3+{SWITCH}/4")
    with pytest.raises(Ambiguous, match="dans 2 agrégations"):
        aggregates(world, f"{SWITCH}/2+{SWITCH}/3")
    moved = aggregates(world, f"{SWITCH}/2+{SWITCH}/3", absent=[PAIR, f"{SWITCH}/3+{SWITCH}/4"])
    assert [operation["action"] for operation in moved["operations"]] == ["delete", "delete", "create"]


def test_an_aggregation_of_an_uplink_asks_for_a_word(world: MerakiWorld) -> None:
    statuses = world.simulator.edit("GET", f"/devices/{SWITCH}/switch/ports/statuses")
    uplink = next(port["portId"] for port in statuses if port["isUplink"])
    ports = "+".join(sorted((f"{SWITCH}/{uplink}", f"{SWITCH}/1"), key=lambda port: int(port.rpartition("/")[2])))
    with pytest.raises(Guarded, match=r"uplink:.*liaison montante"):
        aggregates(world, ports)
    assert aggregates(world, ports, confirm=["uplink"])["changed"]
    for options in ({}, {"absent": [ports]}):
        wider = [] if options else [f"{ports}+{SWITCH}/2"]
        with pytest.raises(Guarded, match=r"uplink:.*liaison montante"):
            aggregates(world, *wider, **options)
    assert aggregates(world, absent=[ports], confirm=["uplink"])["changed"]


def test_rules_of_quality_keep_their_order_and_what_does_not_change(world: MerakiWorld) -> None:
    settings(world, quality={"rules": [VOICE, SIP]})
    first = list(network(world)["qos"])
    assert settings(world, quality={"rules": [VOICE, SIP]})["operations"] == []
    world.forget_requests()
    swapped = [SIP, {"vlan": 155, "dscp": 34}, {**VOICE, "dscp": 40}]
    assert settings(world, quality={"rules": swapped})["changed"]
    assert marks(world) == [24, 34, 40]
    assert set(first) < set(network(world)["qos"])
    world.simulator.edit("PUT", f"/networks/{network(world)['id']}/switch/qosRules/order",
                         {"ruleIds": list(network(world)["qos"])[::-1]})  # fmt: skip
    world.forget_requests()
    assert settings(world, quality={"rules": swapped})["changed"]
    assert [path.rsplit("/", 1)[-1] for _, path in world.writes] == ["order"]
    settings(world, quality={"rules": []})
    assert marks(world) == []


@pytest.mark.parametrize("write", [1, 2])
def test_rules_of_quality_written_half_are_finished_by_the_next_run(world: MerakiWorld, write: int) -> None:
    settings(world, quality={"rules": [VOICE, SIP]})
    world.forget_requests()
    world.kill_after = write
    wanted = [SIP, {"vlan": 155, "dscp": 34}, VOICE]
    with pytest.raises(Killed):
        settings(world, quality={"rules": wanted})
    world.kill_after = 0
    settings(world, quality={"rules": wanted})
    assert marks(world) == [24, 34, 46]
    assert settings(world, quality={"rules": wanted})["operations"] == []


def test_an_undo_gives_the_rules_of_quality_and_the_lists_back(world: MerakiWorld) -> None:
    settings(world, quality={"rules": [VOICE, SIP]}, access_lists={"rules": [DROP]})
    before = [*network(world)["qos"].values()], network(world)["settings"]["NetworkSwitchAccessControlLists"]
    world.operations.clear()
    settings(world, quality={"rules": [SIP]}, access_lists={"rules": []})
    tasks, lost = inverse(world.operations)
    assert lost == []
    part = tasks["essai"]["returned"][SWITCHES]
    run(world, SWITCHES, *part["config"])
    assert before == ([*network(world)["qos"].values()], network(world)["settings"]["NetworkSwitchAccessControlLists"])


def test_a_rule_made_by_hand_leaves_a_list_by_a_word(world: MerakiWorld) -> None:
    by_hand = {**DROP, "comment": "camera scellee"}
    settings(world, access_lists={"rules": [by_hand]})
    with pytest.raises(Guarded, match="quittent la liste d’accès : camera scellee"):
        settings(world, access_lists={"rules": [DROP]})
    assert settings(world, access_lists={"rules": [by_hand, DROP]})["changed"], "nothing leaves"
    assert settings(world, access_lists={"rules": [DROP]}, confirm=["access_lists"])["changed"]


def test_an_access_list_that_drops_all_of_a_side_asks_for_a_word(world: MerakiWorld) -> None:
    assert settings(world, access_lists={"rules": [DROP]})["changed"]
    assert settings(world, access_lists={"rules": [DROP]})["operations"] == []
    wide = {"rules": [DROP, {**DROP, "dst_cidr": "any"}]}
    with pytest.raises(Guarded, match=f"access_lists:{NETWORK}"):
        settings(world, access_lists=wide)
    assert settings(world, access_lists=wide, confirm=["access_lists"])["changed"]


def test_a_priority_names_a_stack_and_the_system_its_id(world: MerakiWorld) -> None:
    run(world, "meraki_switch_stacks", {"name": "pile", "members": OTHERS}, confirm=["stack"])
    (identifier,) = network(world)["stacks"]
    wanted = {"stp_bridge_priority": [{"stacks": ["pile"], "stp_priority": 4096}]}
    settings(world, stp=wanted, confirm=["stp"])
    assert network(world)["settings"]["NetworkSwitchStp"]["stpBridgePriority"] == [
        {"stacks": [identifier], "stpPriority": 4096}
    ]
    assert settings(world, stp=wanted)["operations"] == []
    (read,) = run(world, SWITCHES, state="gathered")["gathered"]
    assert read["stp"]["stp_bridge_priority"] == [{"stacks": ["pile"], "stp_priority": 4096, "switches": []}]


def test_a_run_reads_the_stacks_of_a_network_once(world: MerakiWorld) -> None:
    run(world, "meraki_switch_stacks", {"name": "pile", "members": OTHERS}, confirm=["stack"])
    settings(world, stp={"stp_bridge_priority": [{"stacks": ["pile"], "stp_priority": 4096}]}, confirm=["stp"])
    world.forget_requests()
    with world.run() as task:
        for module in ("meraki_routed_interfaces", SWITCHES, "meraki_switch_stacks"):
            read = task.module(module, [], network=NETWORK, state="gathered")["gathered"]
    assert [stack["name"] for stack in read] == ["pile"]
    assert sum(path.endswith("/switch/stacks") for _, path in world.requests) == 1


def test_a_first_list_that_cuts_the_management_of_a_switch_asks_for_a_word(world: MerakiWorld) -> None:
    statuses = world.simulator.edit("GET", f"/devices/{SWITCH}/switch/ports/statuses")
    uplink = next(port["portId"] for port in statuses if port["isUplink"])
    far = next(port for port in statuses if port.get("lldp", {}).get("systemName") and not port["isUplink"])
    lists = [{"serial": SWITCH, "port_id": uplink, "allowed_vlans": "1,150"}]
    assert run(world, "meraki_switch_ports", *lists, check=True)["withheld"] == []
    managed = {"wan1": {"usingStaticIp": False, "vlan": 10}}
    world.simulator.edit("PUT", f"/devices/{SWITCH}/managementInterface", managed)
    with pytest.raises(Guarded, match=rf"uplink:{SWITCH}/{uplink} : .*VLAN 10, par lequel {SWITCH} est administré"):
        run(world, "meraki_switch_ports", *lists)
    (item,) = lists
    assert run(world, "meraki_switch_ports", {**item, "allowed_vlans": "1,10,150"}, check=True)["withheld"] == []
    neighbour = [{"serial": SWITCH, "port_id": far["portId"], "allowed_vlans": "1,150"}]
    assert run(world, "meraki_switch_ports", *neighbour, check=True)["withheld"] == []
    serial = next(device["serial"] for device in world.simulator.world.devices.values()
                  if device["mac"].replace(":", "") == far["lldp"]["chassisId"].replace(":", ""))  # fmt: skip
    world.simulator.edit("PUT", f"/devices/{serial}/managementInterface", managed)
    (line,) = run(world, "meraki_switch_ports", *neighbour, check=True)["withheld"]
    assert f"n’admettrait plus le VLAN 10, par lequel {serial} est administré" in line
    assert run(world, "meraki_switch_ports", *lists, *neighbour, confirm=["uplink"])["changed"]


def test_first_priorities_ask_for_no_word_and_others_do(world: MerakiWorld) -> None:
    def priority(value: int) -> dict[str, Any]:
        return {"stp_bridge_priority": [{"switches": [SWITCH], "stp_priority": value}]}

    assert settings(world, stp=priority(4096))["changed"]
    with pytest.raises(Guarded, match=f"stp:{NETWORK}"):
        settings(world, stp=priority(8192))


def test_vlans_of_a_trunk_are_equal_however_they_are_written(world: MerakiWorld) -> None:
    port = {"serial": SWITCH, "port_id": "5", "type": "trunk", "vlan": 1, "allowed_vlans": "1,150,151,152,155"}
    run(world, "meraki_switch_ports", port)
    assert world.simulator.edit("GET", f"/devices/{SWITCH}/switch/ports/5")["allowedVlans"] == "1,150-152,155"
    for text in ("155,1,150-152", "1, 150-151, 152, 155"):
        assert run(world, "meraki_switch_ports", {**port, "allowed_vlans": text})["operations"] == []


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("all", "1,150-155", ""),
        ("all", "150-155", "uplink"),
        ("1,150-155", "1,150-156", ""),
        ("1,150-155", "all", ""),
        ("1,150-155", "1,150-154", "uplink"),
    ],
)
def test_an_uplink_that_loses_a_vlan_that_somebody_chose_asks_for_a_word(
    world: MerakiWorld, before: str, after: str, word: str
) -> None:
    statuses = world.simulator.edit("GET", f"/devices/{SWITCH}/switch/ports/statuses")
    uplink = next(port["portId"] for port in statuses if port["isUplink"])
    world.simulator.edit("PUT", f"/devices/{SWITCH}/switch/ports/{uplink}", {"allowedVlans": before})
    port = {"serial": SWITCH, "port_id": uplink, "allowed_vlans": after}
    if word:
        with pytest.raises(Guarded, match=f"{word}:{SWITCH}/{uplink}"):
            run(world, "meraki_switch_ports", port)
    else:
        assert run(world, "meraki_switch_ports", port)["changed"]
