"""A new device takes the place of another: stack, aggregates, settings by hand, kills, undo."""

from __future__ import annotations

import copy
import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Conflict, Guarded
from piste.runs.plans.undo import inverse
from tests.support.inprocess import Killed, MerakiWorld
from tests.support.town import Outcome, converge, school, site, town_world, unheld

NEW = "QZZZ-0100-0001"
CORE = "hotel-de-ville"
WORDS = ("release", "stack", "uplink")


def replaced(world: MerakiWorld, whole: dict[str, Any], name: str, **made: Any) -> tuple[dict[str, Any], str]:
    """Give the site with a new device, on the shelf, in the place of another, now silent."""
    devices = world.simulator.world.devices
    (old,) = [device for device in whole["devices"] if device["name"] == name]
    bare = {"networkId": None, "config": {}, "port": {}, "wan": {}, "radio": {}, "neighbours": {}}
    devices[NEW] = {**copy.deepcopy(devices[old["serial"]]), **bare, "serial": NEW, "mac": "02:93:99:00:00:01", **made}
    after = json.loads(json.dumps(whole).replace(old["serial"], NEW))
    (new,) = [device for device in after["devices"] if device["name"] == name]
    new["replaces"] = old["serial"]
    after["replaced"] = [{"serial": old["serial"], "by": NEW, "model": old["model"]}]
    world.simulator.behaviour.set(offline=[old["serial"]])
    return after, old["serial"]


def swap(world: MerakiWorld, whole: dict[str, Any], **options: Any) -> Outcome:
    return converge(world, whole, tags=["release"], **options)


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    return town_world(tmp_path)


def core(world: MerakiWorld) -> dict[str, Any]:
    """The town hall cut down to its stack, which shares an aggregate."""
    whole = site(CORE)
    kept = [device for device in whole["devices"] if device["name"] in ("sw-hdv-01", "sw-hdv-02")]
    whole |= {"devices": kept, "aggregates": whole["aggregates"][:1]}
    converge(world, whole)
    return whole


def links(world: MerakiWorld) -> tuple[list[list[str]], list[list[str]]]:
    """Members of the stacks, and switches of the aggregates, of the only network."""
    (network,) = world.simulator.world.networks.values()
    stacks = [sorted(stack["serials"]) for stack in network["stacks"].values()]
    return stacks, [sorted(port["serial"] for port in ports) for ports in network["aggregations"].values()]


def test_a_member_of_a_stack_leaves_its_links_to_the_new_member_and_an_undo_brings_it_back(world: MerakiWorld) -> None:
    before = core(world)
    after, old = replaced(world, before, "sw-hdv-02")
    world.simulator.edit("PUT", f"/devices/{old}/switch/ports/21", {"udld": "Enforce"})
    expected = swap(world, after, check=True)
    asked = [line for line in expected.withheld if line.startswith("à confirmer (")]
    assert {line.split(" (")[1].split(":")[0] for line in asked} == {"stack", "release"}
    world.operations.clear()
    done = swap(world, after, confirm=WORDS)
    assert done.operations == unheld(expected.operations)
    first = sorted(["QZZZ-0000-0001", NEW])
    assert links(world) == ([first], [first])
    devices = world.simulator.world.devices
    assert devices[old]["networkId"] is None
    assert devices[NEW]["port"]["21"]["udld"] == "Enforce"
    assert swap(world, after).operations == []
    assert [path for method, path in world.requests if "availabilities" in path or method != "GET"] == []

    tasks, lost = inverse(world.operations, world.contents)
    assert len(lost) == 1
    assert "rendu avec ce que Piste en gère" in lost[0]
    with world.run() as run:
        run.domain(after, state="merged", undo=tasks[CORE], confirm=[*WORDS])
    assert links(world) == ([["QZZZ-0000-0001", old]], [["QZZZ-0000-0001", old]])
    assert devices[NEW]["networkId"] is None
    assert devices[old]["port"]["21"]["udld"] == "Enforce"
    assert swap(world, before).operations == []


def test_killed_at_any_write_it_is_finished_by_the_next_run(tmp_path: Path) -> None:
    ends: set[str] = set()
    for write in count(1):
        (tmp_path / str(write)).mkdir()
        world = town_world(tmp_path / str(write))
        after, old = replaced(world, core(world), "sw-hdv-02")
        world.simulator.edit("PUT", f"/devices/{old}/switch/ports/21", {"udld": "Enforce"})
        world.kill_after = write
        try:
            swap(world, after, confirm=WORDS)
        except Killed:
            world.kill_after = 0
            swap(world, after, confirm=WORDS)
        else:
            break
        new = world.simulator.world.devices[NEW]
        ends.add(json.dumps([links(world), new["port"], new["config"], new["wan"]], sort_keys=True))
        assert swap(world, after).operations == []
    assert write > 5
    assert len(ends) == 1


def test_an_access_point_keeps_its_place_its_address_and_its_radio(world: MerakiWorld) -> None:
    whole = school()
    converge(world, whole)
    after, old = replaced(world, whole, "ap-jau-01")
    wan = {"usingStaticIp": True, "staticIp": "10.93.40.101", "staticSubnetMask": "255.255.255.0",
           "staticGatewayIp": "10.93.40.254", "staticDns": ["10.93.2.10"], "vlan": None}  # fmt: skip
    for path, body in (
        ("", {"address": "2 rue de l’Égalité", "lat": 48.93, "lng": 2.42, "notes": "au plafond"}),
        ("/managementInterface", {"wan1": wan}),
        ("/wireless/radio/settings", {"fiveGhzSettings": {"channel": 36, "targetPower": 12}}),
    ):
        world.simulator.edit("PUT", f"/devices/{old}{path}", body)
    expected = swap(world, after, check=True)
    assert [line.split(" (")[1].partition(")")[0] for line in expected.withheld] == [f"release:{old}"]
    assert swap(world, after, confirm=["release"]).operations == unheld(expected.operations)
    new = world.simulator.world.devices[NEW]
    assert (new["config"]["name"], new["config"]["notes"], new["config"]["lat"]) == ("ap-jau-01", "au plafond", 48.93)
    assert new["wan"] == wan
    assert new["radio"]["fiveGhzSettings"]["channel"] == 36
    world.simulator.edit("PUT", f"/devices/{NEW}", {"notes": "au mur"})
    assert swap(world, after).operations == []


def test_a_device_that_still_answers_keeps_its_address_until_somebody_decides(world: MerakiWorld) -> None:
    whole = school()
    converge(world, whole)
    after, old = replaced(world, whole, "sw-jau-02")
    fixed = {"usingStaticIp": True, "staticIp": "10.93.40.12", "staticSubnetMask": "255.255.255.0",
             "staticGatewayIp": "10.93.40.254"}  # fmt: skip
    world.simulator.edit("PUT", f"/devices/{old}/managementInterface", {"wan1": fixed})
    world.simulator.behaviour.set(offline=[])
    with pytest.raises(Guarded, match=rf"online:{old} : il répond encore"):
        swap(world, after, confirm=["release"])
    assert world.writes == []
    assert swap(world, after, confirm=["release", "online"]).operations


def test_hardware_of_another_model_than_declared_is_not_claimed(world: MerakiWorld) -> None:
    whole = school()
    converge(world, whole)
    after, _ = replaced(world, whole, "sw-jau-02", model="MS210-24")
    with pytest.raises(Conflict, match=rf"{NEW} est un MS210-24, déclaré MS120-8"):
        swap(world, after)
    assert world.writes == []
    world.simulator.world.devices[NEW]["model"] = "MS120-8LP"
    assert swap(world, after, check=True).operations


def test_a_switch_that_routes_alone_is_not_removed_before_its_gateways_are_elsewhere(world: MerakiWorld) -> None:
    whole = site(CORE)
    whole |= {"devices": whole["devices"][:1], "stacks": [], "aggregates": [], "stp_priorities": []}
    converge(world, whole)
    after, old = replaced(world, whole, "sw-hdv-01")
    interface = {"name": "essai", "vlanId": 151, "subnet": "10.93.41.0/24", "interfaceIp": "10.93.41.254"}
    given = {**interface, "defaultGateway": "10.93.41.1"}
    world.simulator.edit("POST", f"/devices/{old}/switch/routing/interfaces", given)
    with pytest.raises(Guarded, match=rf"gateway:{old} : il porte 1 passerelle que {NEW} n’a pas"):
        swap(world, after, confirm=["release"])
    world.simulator.edit("POST", f"/devices/{NEW}/switch/routing/interfaces", given)
    assert [operation["action"] for operation in swap(world, after, confirm=["release"]).operations] == ["delete"]
