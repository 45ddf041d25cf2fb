"""Interfaces, routes and services of an engine: least writes, and nobody else's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, Interrupted, InvalidConfig, Unreadable
from piste.engine.transport.response import Response
from tests.support.inprocess import Killed
from tests.support.smc import SmcWorld

ENGINE = "fw_cluster/fw-hdv"
SERVERS: list[dict[str, Any]] = [
    {"type": "interface_zone", "name": "Invités"},
    {"type": "dhcp_server", "name": "srv-dhcp1", "address": "10.93.2.21"},
    {"type": "dhcp_server", "name": "srv-dhcp2", "address": "10.93.2.22"},
    {"type": "ntp", "name": "hdv-ntp", "address": "10.93.2.9"},
    {"type": "host", "name": "hdv-dc2", "address": "10.93.2.12"},
]
GUESTS: dict[str, Any] = {
    "engine": ENGINE,
    "interface": "0.44",
    "comment": "École Jaurès, invités",
    "zone": "interface_zone/Invités",
    "addresses": [
        {"network": "10.93.44.0/24", "cluster": "10.93.44.1", "nodes": {"1": "10.93.44.2", "2": "10.93.44.3"}}
    ],
    "relay": ["dhcp_server/srv-dhcp1", "dhcp_server/srv-dhcp2"],
    "dhcp_server": None,
}
OTHERS: dict[str, Any] = {
    **GUESTS,
    "interface": "0.52",
    "comment": None,
    "zone": None,
    "addresses": [{"network": "10.93.52.0/24", "cluster": "10.93.52.1", "nodes": {}}],
    "relay": [],
    "dhcp_server": {
        "ranges": {"1": "10.93.52.50-10.93.52.99", "2": "10.93.52.100-10.93.52.149"},
        "gateway": "10.93.52.1",
        "dns": ["198.51.100.1"],
        "lease": 3600,
    },
}
ROUTES: dict[str, Any] = {"engine": ENGINE, "routes": {"10.93.0.0/16": {"via": ["10.93.240.1"]}}}
KEY = f"0.44/{ENGINE}"


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    world = SmcWorld(tmp_path / "smc")
    world.module("smc_elements", SERVERS)
    world.forget_requests()
    return world


def document(world: SmcWorld, number: str = "0") -> dict[str, Any]:
    """A physical interface as the simulator keeps it."""
    interfaces = world.simulator.world.of_type("physical_interface")
    return next(each["data"] for each in interfaces if each["data"]["interface_id"] == number)


def interface(world: SmcWorld, number: str) -> dict[str, Any] | None:
    interfaces = world.gathered("smc_engine_interfaces")
    return next((item for item in interfaces if item["interface"] == number), None)


def test_what_check_mode_says_is_done_once_and_read_back(world: SmcWorld) -> None:
    config = [GUESTS, OTHERS]
    checked = world.module("smc_engine_interfaces", config, check=True)
    assert world.writes == []
    done = world.module("smc_engine_interfaces", config)
    assert done["operations"] == checked["operations"]
    assert [(operation["action"], operation["label"]) for operation in done["operations"]] == [
        ("create", "fw-hdv 0.44"),
        ("create", "fw-hdv 0.52"),
    ]
    assert [method for method, _ in world.writes] == ["PUT"], "both VLANs in one write of their interface"
    assert any("n’agit qu’une fois la politique installée" in line for line in done["warnings"])
    assert interface(world, "0.44") == {name: value for name, value in GUESTS.items() if value is not None}
    assert interface(world, "0.52") == {name: value for name, value in OTHERS.items() if value not in (None, [])} | {
        "relay": []
    }
    world.forget_requests()
    again = world.module("smc_engine_interfaces", config)
    assert again["operations"] == []
    assert [path for method, path in world.requests if "fw_cluster/" in path] == [world.requests[-2][1]]
    assert world.writes == []


def test_a_run_reads_an_engine_once_for_all_its_owners(world: SmcWorld) -> None:
    world.module("smc_engine_interfaces", [GUESTS, OTHERS])
    world.forget_requests()
    with world.run() as run:
        for owner, item in (("ecole-jaures", GUESTS), ("gymnase", OTHERS)):
            assert run.module("smc_engine_interfaces", [item], owner=owner)["operations"] == []
        run.module("smc_engine_routes", [{"engine": ENGINE, "routes": {}}])
        run.module("smc_engine_settings", [{"engine": ENGINE, "dns": []}])
    engine = [path for method, path in world.requests if "/fw_cluster/" in path]
    assert len(engine) == 2, "the engine and its routing tree"


def test_what_is_not_declared_stays_byte_for_byte(world: SmcWorld) -> None:
    world.module("smc_engine_interfaces", [OTHERS])
    live = document(world)
    extra = {"interface_id": "0.99", "mtu": 9000, "qos_mode": "statistics_only", "interfaces": [], "name": "VLAN 0.99"}
    live["vlanInterfaces"].insert(0, extra)
    live["vlanInterfaces"][2]["arp_entry"] = [{"ipaddress": "10.93.52.9", "macaddress": "02:00:00:00:00:09"}]
    live["mtu"] = 1400
    before = str(live["vlanInterfaces"][0]), str(live["interfaces"])
    world.module("smc_engine_interfaces", [GUESTS, {**OTHERS, "comment": "Gymnase"}])
    after = document(world)
    assert [vlan["interface_id"] for vlan in after["vlanInterfaces"]] == ["0.99", "0.400", "0.52", "0.44"]
    assert (str(after["vlanInterfaces"][0]), str(after["interfaces"])) == before
    assert after["vlanInterfaces"][2]["arp_entry"], "what the table does not say of our own VLAN stays"
    assert after["mtu"] == 1400


def test_the_relay_marks_the_address_by_which_it_speaks(world: SmcWorld) -> None:
    world.module("smc_engine_interfaces", [GUESTS])
    (shared,) = [each["cluster_virtual_interface"] for each in _addresses(world) if "cluster_virtual_interface" in each]
    assert shared["relayed_by_dhcp"] is True
    world.module("smc_engine_interfaces", [{**GUESTS, "relay": []}])
    (shared,) = [each["cluster_virtual_interface"] for each in _addresses(world) if "cluster_virtual_interface" in each]
    assert shared["relayed_by_dhcp"] is False, "the SMC refuses the mark without a relay"


def _addresses(world: SmcWorld) -> list[dict[str, Any]]:
    (vlan,) = (vlan for vlan in document(world)["vlanInterfaces"] if vlan["interface_id"] == "0.44")
    listed: list[dict[str, Any]] = vlan["interfaces"]
    return listed


def test_all_faults_come_at_once_before_any_write(world: SmcWorld) -> None:
    entry = {"network": "10.93.240.0/30", "cluster": "10.93.2.200", "nodes": {"17": "10.93.240.3"}}
    config = [
        {"engine": ENGINE, "interface": "7.1", "addresses": []},
        {"engine": ENGINE, "interface": "0.45", "addresses": [entry], "zone": "interface_zone/Absente"},
        {**OTHERS, "relay": ["dhcp_server/srv-dhcp1"], "mac_address": "02:02:02:02:02:02"},
    ]
    with pytest.raises(InvalidConfig) as refusal:
        world.module("smc_engine_interfaces", config)
    said = "\n".join(str(fault) for fault in refusal.value.faults)
    for part in (
        "n’a pas d’interface 7",
        "10.93.2.200 est hors de 10.93.240.0/30",
        "recoupe un réseau de l’interface 0.400/fw_cluster/fw-hdv",
        "un numéro de nœud est attendu",
        "désigne « interface_zone/Absente »",
        "relaie ou sert le DHCP",
        "pas à son VLAN",
    ):
        assert part in said
    assert world.writes == []


@pytest.mark.parametrize("hollow", [{}, None, {"physical_interface": {}}, {"physical_interface": None}])
@pytest.mark.parametrize("path", [(), ("physical_interface", "vlanInterfaces", 0, "interfaces")])
def test_an_interface_without_content_is_an_answer_that_makes_no_sense(
    world: SmcWorld, hollow: Any, path: tuple[Any, ...]
) -> None:
    """Never a fault of the declaration, which would send people to look for it there."""
    world.module("smc_engine_interfaces", [GUESTS])

    def spoil(method: str, answer: Response) -> Response:
        content = json.loads(answer.body) if answer.body else {}
        if "physicalInterfaces" not in content:
            return answer
        place = content["physicalInterfaces"]
        if path:
            place = next(each for each in place if each["physical_interface"]["interface_id"] == "0")
            for step in path:
                place = place[step]
        place[0] = hollow
        return replace(answer, body=json.dumps(content).encode())

    world.spoil = spoil
    with pytest.raises(Unreadable) as caught:
        world.module("smc_engine_interfaces", [GUESTS])
    assert caught.value.where == ENGINE
    assert ("interfaces" if path else "physicalInterfaces") in str(caught.value.why)


def test_management_transit_and_gateways_ask_for_a_word(world: SmcWorld) -> None:
    world.module("smc_engine_routes", [ROUTES])
    (management,) = [item for item in world.gathered("smc_engine_interfaces") if item["interface"] == "0.400"]
    entry = {"network": "10.93.241.0/29", "cluster": "10.93.241.2", "nodes": {"1": "10.93.241.3", "2": "10.93.241.4"}}
    config = [{**management, "addresses": [entry]}]
    with pytest.raises(Guarded) as refusal:
        world.module("smc_engine_interfaces", config)
    for word in ("management:fw-hdv 0.400", "transit:fw-hdv 0.400", "gateway:fw-hdv 0.400"):
        assert word in refusal.value.todo
    world.module("smc_engine_interfaces", config, confirm=["management", "transit", "gateway"])
    (vlan,) = document(world)["vlanInterfaces"]
    own = [each["node_interface"] for each in vlan["interfaces"] if "node_interface" in each]
    assert all(body["primary_mgt"] for body in own), "the flags of a node go along with its address"
    assert {body["network_value"] for body in own} == {"10.93.241.0/29"}


def test_an_interface_that_goes_takes_its_routes_along(world: SmcWorld) -> None:
    world.module("smc_engine_interfaces", [GUESTS])
    routes = {"engine": ENGINE, "routes": {"10.200.0.0/16": {"via": ["10.93.44.9"]}}}
    world.module("smc_engine_routes", [routes])
    with pytest.raises(Guarded, match="confirmer"):
        world.module("smc_engine_interfaces", [], absent=[KEY])
    world.module("smc_engine_interfaces", [], absent=[KEY], confirm=["gateway", "transit"])
    assert interface(world, "0.44") is None
    engine = next(iter(world.simulator.world.of_type("fw_cluster")))
    assert "0.44" not in engine["gateways"]
    assert world.module("smc_engine_interfaces", [], absent=[KEY])["operations"] == []


def test_a_physical_interface_comes_with_its_vlans_and_goes_after_them(world: SmcWorld) -> None:
    physical = {
        "engine": ENGINE,
        "interface": "3",
        "cvi_mode": "packetdispatch",
        "mac_address": "02-02-02-02-02-03",
    }
    vlan = {**OTHERS, "interface": "3.52"}
    with pytest.raises(Guarded, match="impossible"):
        world.module("smc_engine_interfaces", [{"engine": ENGINE, "interface": "3"}, vlan])
    done = world.module("smc_engine_interfaces", [vlan, physical])
    assert [operation["label"] for operation in done["operations"]] == ["fw-hdv 3", "fw-hdv 3.52"]
    assert [method for method, _ in world.writes] == ["POST"]
    assert world.module("smc_engine_interfaces", [vlan, physical])["operations"] == []
    with pytest.raises(Guarded, match="impossible"):
        world.module("smc_engine_interfaces", [], absent=[f"3/{ENGINE}"])
    world.module("smc_engine_interfaces", [], absent=[f"3.52/{ENGINE}", f"3/{ENGINE}"], confirm=["gateway"])
    assert [item["interface"] for item in world.gathered("smc_engine_interfaces")] == ["0", "0.400", "1"]


@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_killed_run_is_finished_by_the_next(world: SmcWorld, moment: str) -> None:
    setattr(world, moment, 1)
    with pytest.raises(Killed):
        world.module("smc_engine_interfaces", [GUESTS])
    setattr(world, moment, 0)
    world.module("smc_engine_interfaces", [GUESTS])
    assert interface(world, "0.44") == {name: value for name, value in GUESTS.items() if value is not None}
    assert world.module("smc_engine_interfaces", [GUESTS])["operations"] == []


def test_somebody_else_at_the_same_interface_is_a_conflict(world: SmcWorld) -> None:
    def meddle(method: str, path: str) -> None:
        if method == "PUT" and "physical_interface" in path:
            world.on_request = lambda *_: None
            record = next(
                each
                for each in world.simulator.world.of_type("physical_interface")
                if each["data"]["interface_id"] == "0"
            )
            world.simulator.world.change(record, {**record["data"], "mtu": 1400}, "prestataire", 1)

    world.on_request = meddle
    with pytest.raises(Interrupted, match="modifié par quelqu’un d’autre"):
        world.module("smc_engine_interfaces", [GUESTS])
    assert document(world)["mtu"] == 1400
    assert len(document(world)["vlanInterfaces"]) == 1


def test_an_engine_that_is_not_there_is_waited_for(world: SmcWorld) -> None:
    item = {**GUESTS, "engine": "fw_cluster/ailleurs"}
    result = world.module("smc_engine_interfaces", [item])
    assert result["operations"] == []
    assert "attend le moteur fw_cluster/ailleurs" in result["withheld"][0]


def test_routes_are_made_before_they_are_broken_and_others_stay(world: SmcWorld) -> None:
    world.module("smc_engine_routes", [ROUTES])
    world.module("smc_engine_routes", [{"engine": ENGINE, "routes": {"0.0.0.0/0": {"via": ["192.0.2.1"]}}}])
    (live,) = world.gathered("smc_engine_routes")
    assert live["routes"] == {
        "0.0.0.0/0": {"via": ["192.0.2.1"]},
        "10.93.0.0/16": {"via": ["10.93.240.1"]},
    }
    moved = {"engine": ENGINE, "routes": {"10.93.0.0/16": {"via": ["10.93.240.5"]}}}
    world.forget_requests()
    with pytest.raises(Guarded, match="confirmer"):
        world.module("smc_engine_routes", [moved])
    world.module("smc_engine_routes", [moved], confirm=["routes"])
    assert [method for method, _ in world.writes] == ["POST", "DELETE"]
    gone = {"engine": ENGINE, "routes": {"10.93.0.0/16": None}}
    world.module("smc_engine_routes", [gone], confirm=["routes"])
    assert world.gathered("smc_engine_routes")[0]["routes"] == {"0.0.0.0/0": {"via": ["192.0.2.1"]}}


def test_a_route_through_nowhere_is_refused(world: SmcWorld) -> None:
    routes = {"10.93.0.0/16": {"via": ["172.16.0.1"]}, "192.0.2.0/29": {"via": ["10.93.240.1"]}}
    with pytest.raises(InvalidConfig) as refusal:
        world.module("smc_engine_routes", [{"engine": ENGINE, "routes": routes}])
    said = "\n".join(str(fault) for fault in refusal.value.faults)
    assert "172.16.0.1 n’est sur le réseau d’aucune interface" in said
    assert "est le réseau d’une interface" in said


def test_check_mode_counts_with_the_interface_that_an_earlier_task_would_make(world: SmcWorld) -> None:
    routes = {"engine": ENGINE, "routes": {"10.200.0.0/16": {"via": ["10.93.44.9"]}}}
    with world.run() as run:
        run.module("smc_engine_interfaces", [GUESTS], check=True)
        planned = run.module("smc_engine_routes", [routes], check=True)
    assert [operation["action"] for operation in planned["operations"]] == ["update"]


def test_services_of_an_engine_are_written_under_its_etag(world: SmcWorld) -> None:
    item = {
        "engine": ENGINE,
        "dns": ["10.93.2.11", "host/hdv-dc2"],
        "ntp": ["ntp/hdv-ntp"],
        "time_zone": "Europe/Paris",
    }
    checked = world.module("smc_engine_settings", [item], check=True)
    done = world.module("smc_engine_settings", [item])
    assert done["operations"] == checked["operations"]
    assert [method for method, _ in world.writes] == ["PUT"]
    (live,) = world.gathered("smc_engine_settings")
    assert {name: live[name] for name in item} == item
    assert world.module("smc_engine_settings", [item])["operations"] == []
    assert len(world.gathered("smc_engine_interfaces")) == 3, "the rest of the engine stays"
    with pytest.raises(Guarded, match="log_server"):
        world.module("smc_engine_settings", [{"engine": ENGINE, "log_server": "host/hdv-dc2"}])


@pytest.mark.parametrize("write", [1, 2])
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_killed_change_of_routes_never_leaves_a_destination_without_a_route(
    world: SmcWorld, moment: str, write: int
) -> None:
    world.module("smc_engine_routes", [ROUTES])
    moved = {"engine": ENGINE, "routes": {"10.93.0.0/16": {"via": ["10.93.240.5"]}}}
    world.forget_requests()
    setattr(world, moment, write)
    with pytest.raises(Killed):
        world.module("smc_engine_routes", [moved], confirm=["routes"])
    setattr(world, moment, 0)
    assert world.gathered("smc_engine_routes")[0]["routes"]["10.93.0.0/16"]["via"]
    world.module("smc_engine_routes", [moved], confirm=["routes"])
    assert world.gathered("smc_engine_routes")[0]["routes"] == moved["routes"]
    assert world.module("smc_engine_routes", [moved])["operations"] == []


def test_an_engine_that_has_a_secret_is_not_written_whole(world: SmcWorld) -> None:
    own = {"nodeid": 1, "dynamic": True, "dynamic_index": 1, "pppoe": True, "pppoe_username": "ville", "nicid": "1"}
    document(world, "1")["interfaces"] = [{"node_interface": own}]
    with pytest.raises(Guarded, match="impossible") as refusal:
        world.module("smc_engine_settings", [{"engine": ENGINE, "dns": ["10.93.2.11"]}])
    assert "pppoe_username" in refusal.value.todo
    assert world.writes == []
