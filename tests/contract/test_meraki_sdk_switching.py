"""Stacks, aggregations, layer 3 and lists of switches against the vendor's Python SDK."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import meraki
import pytest

from lab import Lab
from piste.engine.transport.shared import VARIABLE
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.routing_orphans import undeclared
from tests.contract.test_meraki_sdk import ORG, OTHER, SMALL, SWITCH, Sdk, lab, network, sdk

__all__ = ["lab", "network", "sdk"]


def refusal(sdk: Sdk, operation: str, *ids: Any, **body: Any) -> list[str]:
    with pytest.raises(meraki.APIError) as refused:
        sdk(operation, *ids, **body)
    return list(refused.value.message["errors"])


def test_stacks_and_aggregations_are_written(sdk: Sdk, network: str) -> None:
    made = sdk("createNetworkSwitchStack", network, "Pile du CTM", [OTHER, SMALL])
    assert sdk("getNetworkSwitchStacks", network) == [sdk("getNetworkSwitchStack", network, made["id"])]
    again = refusal(sdk, "createNetworkSwitchStack", network, "Autre", [SWITCH, SMALL])
    assert again == [f"{SMALL} is already in a stack"]
    members = [{"serial": SWITCH}, {"serial": SMALL}]
    renamed = sdk("updateNetworkSwitchStack", network, made["id"], name="Pile", members=members)
    assert (renamed["name"], [member["role"] for member in renamed["members"]]) == ("Pile", ["active", "standby"])
    assert len(sdk("addNetworkSwitchStack", network, made["id"], OTHER)["serials"]) == 3
    assert sdk("removeNetworkSwitchStack", network, made["id"], SMALL)["serials"] == [SWITCH, OTHER]

    both = [{"serial": SWITCH, "portId": "9"}, {"serial": OTHER, "portId": "9"}]
    aggregate = sdk("createNetworkSwitchLinkAggregation", network, switchPorts=both)
    assert sdk("getNetworkSwitchLinkAggregations", network) == [{"id": aggregate["id"], "switchPorts": both}]
    distant = [{"serial": SWITCH, "portId": "8"}, {"serial": SMALL, "portId": "8"}]
    assert refusal(sdk, "createNetworkSwitchLinkAggregation", network, switchPorts=distant) == [
        "The ports of an aggregation must be on one switch or on one stack"
    ]
    taken = [both[0], {**both[0], "portId": "7"}]
    assert refusal(sdk, "createNetworkSwitchLinkAggregation", network, switchPorts=taken) == [
        f"{SWITCH} port 9 is already in an aggregation"
    ]
    three = [*both, {"serial": SWITCH, "portId": "7"}]
    sdk("updateNetworkSwitchLinkAggregation", network, aggregate["id"], switchPorts=three)
    sdk("deleteNetworkSwitchLinkAggregation", network, aggregate["id"])
    sdk("deleteNetworkSwitchStack", network, made["id"])
    assert sdk("getNetworkSwitchStacks", network) == sdk("getNetworkSwitchLinkAggregations", network) == []


def test_a_switch_routes_as_the_description_says(lab: Lab, sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lab.meraki.world.devices[SWITCH], "model", "MS250-48")
    _routes(sdk, "DeviceSwitchRouting", SWITCH)
    interface = {"vlanId": 121, "subnet": "10.93.17.0/24", "interfaceIp": "10.93.17.254"}
    assert refusal(sdk, "createDeviceSwitchRoutingInterface", OTHER, "jau", **interface) == [
        "Layer 3 routing is not supported on MS120-8"
    ]


def test_a_stack_routes_by_its_own_paths(lab: Lab, sdk: Sdk, network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for serial in (SWITCH, OTHER):
        monkeypatch.setitem(lab.meraki.world.devices[serial], "model", "MS250-48")
    stack = sdk("createNetworkSwitchStack", network, "Coeur", [SWITCH, OTHER])
    _routes(sdk, "NetworkSwitchStackRouting", network, stack["id"])
    assert refusal(sdk, "getDeviceSwitchRoutingInterfaces", SWITCH) == [
        "This switch is a member of a stack: use the stack's routing"
    ]
    sdk("deleteNetworkSwitchStack", network, stack["id"])


def test_a_small_switch_has_the_limits_of_its_model(lab: Lab, sdk: Sdk) -> None:
    first = _transit(sdk, SWITCH)
    made = [first]
    for number in range(1, 16):
        subnet = {"subnet": f"10.93.{number}.0/24", "interfaceIp": f"10.93.{number}.254", "vlanId": number + 1}
        made.append(sdk("createDeviceSwitchRoutingInterface", SWITCH, f"v{number}", **subnet))
    more = {"vlanId": 50, "subnet": "10.93.50.0/24", "interfaceIp": "10.93.50.254"}
    assert refusal(sdk, "createDeviceSwitchRoutingInterface", SWITCH, "de trop", **more) == [
        "This switch supports a maximum of 16 layer 3 interfaces"
    ]
    lends, users = "updateDeviceSwitchRoutingInterfaceDhcp", made[1]["interfaceId"]
    assert refusal(sdk, lends, SWITCH, users, dhcpMode="dhcpServer") == [
        "'dhcpMode' dhcpServer is not supported on this switch"
    ]
    for interface in reversed(made):
        sdk("deleteDeviceSwitchRoutingInterface", SWITCH, interface["interfaceId"])


def test_the_default_gateway_is_set_once_and_moved_by_its_holder(lab: Lab, sdk: Sdk) -> None:
    first = _transit(sdk, SWITCH)
    users = {"vlanId": 121, "subnet": "10.93.17.0/24", "interfaceIp": "10.93.17.254"}
    gateway = {"defaultGateway": "10.93.17.1"}
    once = ["Parameter 'defaultGateway' to be set once and is already configured with a different layer 3 interface."]
    assert refusal(sdk, "createDeviceSwitchRoutingInterface", SWITCH, "users", **users, **gateway) == once
    second = sdk("createDeviceSwitchRoutingInterface", SWITCH, "users", **users)
    change = "updateDeviceSwitchRoutingInterface"
    assert refusal(sdk, change, SWITCH, second["interfaceId"], **gateway) == once
    sdk(change, SWITCH, first["interfaceId"], **gateway)
    shown = sdk("getDeviceSwitchRoutingInterfaces", SWITCH)
    said = [(entry["uplinkV4"], entry.get("defaultGateway")) for entry in shown]
    assert said == [(False, None), (True, "10.93.17.1")]
    for interface in (first, second):
        sdk("deleteDeviceSwitchRoutingInterface", SWITCH, interface["interfaceId"])


def test_the_last_interface_of_a_switch_with_a_fixed_management_stays_in_silence(lab: Lab, sdk: Sdk) -> None:
    first = _transit(sdk, SWITCH)
    fixed = {"usingStaticIp": True, "staticIp": "10.93.16.9", "staticSubnetMask": "255.255.255.0",
             "staticGatewayIp": "10.93.16.254", "staticDns": ["10.93.2.11"]}  # fmt: skip
    sdk("updateDeviceManagementInterface", SWITCH, wan1=fixed)
    sdk("deleteDeviceSwitchRoutingInterface", SWITCH, first["interfaceId"])
    assert len(sdk("getDeviceSwitchRoutingInterfaces", SWITCH)) == 1
    sdk("updateDeviceManagementInterface", SWITCH, wan1={"usingStaticIp": False})
    sdk("deleteDeviceSwitchRoutingInterface", SWITCH, first["interfaceId"])
    assert sdk("getDeviceSwitchRoutingInterfaces", SWITCH) == []


def test_an_uplink_of_ios_xe_says_so(lab: Lab, sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lab.meraki.world.devices[SWITCH], "model", "C9300-24P-M")
    transit = {"vlanId": 400, "subnet": "10.93.240.0/29", "interfaceIp": "10.93.240.2", "defaultGateway": "10.93.240.1"}
    assert refusal(sdk, "createDeviceSwitchRoutingInterface", SWITCH, "transit", **transit) == [
        "'uplinkV4' is required for the first interface"
    ]


def _transit(sdk: Sdk, serial: str) -> Any:
    transit = {"vlanId": 400, "subnet": "10.93.240.0/29", "interfaceIp": "10.93.240.2", "defaultGateway": "10.93.240.1"}
    return sdk("createDeviceSwitchRoutingInterface", serial, "transit", **transit)


def _routes(sdk: Sdk, layer_3: str, *ids: str) -> None:
    """Make, change and remove interfaces and routes; each rule of the system refuses once."""
    transit = {"vlanId": 400, "subnet": "10.93.240.0/29", "interfaceIp": "10.93.240.2"}
    create, update = f"create{layer_3}Interface", f"update{layer_3}Interface"
    assert refusal(sdk, create, *ids, "transit", **transit) == ["'defaultGateway' is required for the first interface"]
    assert refusal(sdk, create, *ids, "transit", **transit, defaultGateway="10.93.2.1") == [
        "'defaultGateway' must be in the subnet of an interface"
    ]
    first = sdk(create, *ids, "transit", **transit, defaultGateway="10.93.240.1")
    assert (first["uplinkV4"], first["mode"], first["defaultGateway"]) == (True, "vlan", "10.93.240.1")
    users = {"vlanId": 121, "subnet": "10.93.17.0/24", "interfaceIp": "10.93.17.254"}
    for changed, fault in (
        ({"vlanId": 400}, "An interface already exists for VLAN 400"),
        (
            {"subnet": "10.93.240.0/28", "interfaceIp": "10.93.240.9"},
            "Subnet 10.93.240.0/28 overlaps with another interface",
        ),
        ({"interfaceIp": "10.93.18.1"}, "'interfaceIp' must be a host address of 'subnet'"),
        ({"interfaceIp": "10.93.17.255"}, "'interfaceIp' must be a host address of 'subnet'"),
        ({"subnet": "10.93.17.3/24"}, "'subnet' must be a subnet such as 192.168.1.0/24"),
    ):
        assert refusal(sdk, create, *ids, "users", **{**users, **changed}) == [fault]
    made = sdk(create, *ids, "users", **users)
    sdk(update, *ids, made["interfaceId"], name="ctm-utilisateurs", multicastRouting="IGMP snooping querier")
    read = sdk(f"get{layer_3}Interface", *ids, made["interfaceId"])
    assert (read["name"], read["subnet"], "defaultGateway" in read) == ("ctm-utilisateurs", "10.93.17.0/24", False)
    assert sdk(f"get{layer_3}Interfaces", *ids) == [first, read]

    dhcp, change = f"get{layer_3}InterfaceDhcp", f"update{layer_3}InterfaceDhcp"
    assert sdk(dhcp, *ids, made["interfaceId"]) == {"dhcpMode": "dhcpDisabled"}
    assert refusal(sdk, change, *ids, made["interfaceId"], dhcpMode="dhcpRelay") == [
        "'dhcpRelayServerIps' is required with mode dhcpRelay"
    ]
    relay = {"dhcpMode": "dhcpRelay", "dhcpRelayServerIps": ["10.93.2.11", "10.93.2.12"]}
    sdk(change, *ids, made["interfaceId"], **relay)
    assert sdk(dhcp, *ids, made["interfaceId"]) == relay
    server = {"dhcpMode": "dhcpServer", "reservedIpRanges": [{"start": "10.93.16.1", "end": "10.93.17.9"}]}
    assert refusal(sdk, change, *ids, made["interfaceId"], **server) == ["10.93.16.1 is not in 10.93.17.0/24"]

    route, hop = f"create{layer_3}StaticRoute", {"nextHopIp": "10.93.240.1"}
    added = sdk(route, *ids, "10.93.40.0/21", **hop, name="école")
    assert refusal(sdk, route, *ids, "10.93.40.0/21", **hop) == ["A static route to 10.93.40.0/21 already exists"]
    assert refusal(sdk, route, *ids, "10.93.48.0/21", nextHopIp="10.93.2.1") == [
        "'nextHopIp' must be in the subnet of an interface"
    ]
    sdk(f"update{layer_3}StaticRoute", *ids, added["staticRouteId"], nextHopIp="10.93.240.3")
    read = sdk(f"get{layer_3}StaticRoute", *ids, added["staticRouteId"])
    assert (read["nextHopIp"], read["name"]) == ("10.93.240.3", "école")
    listed = sdk(f"get{layer_3}StaticRoutes", *ids)
    assert [entry["subnet"] for entry in listed] == ["0.0.0.0/0", "10.93.40.0/21"]
    remove = f"delete{layer_3}Interface"
    assert refusal(sdk, remove, *ids, first["interfaceId"]) == [
        "The interface of the default gateway can not be deleted while others exist",
        "The interface reaches the next hop of 1 static route(s)",
    ]
    sdk(f"delete{layer_3}StaticRoute", *ids, added["staticRouteId"])
    sdk(remove, *ids, made["interfaceId"])
    sdk(remove, *ids, first["interfaceId"])
    assert sdk(f"get{layer_3}Interfaces", *ids) == sdk(f"get{layer_3}StaticRoutes", *ids) == []


def test_quality_of_service_and_trusted_servers_are_written(sdk: Sdk, network: str) -> None:
    voice = sdk("createNetworkSwitchQosRule", network, 123, dscp=46)
    assert voice == {"id": voice["id"], "vlan": 123, "protocol": "ANY", "dscp": 46}
    sip = sdk("createNetworkSwitchQosRule", network, None, protocol="UDP", dstPort=5060, dscp=24)
    assert refusal(sdk, "createNetworkSwitchQosRule", network, 1, dstPort=80) == [
        "Ports are only allowed with protocol TCP or UDP"
    ]
    assert sdk("updateNetworkSwitchQosRulesOrder", network, [sip["id"], voice["id"]])["ruleIds"][0] == sip["id"]
    assert sdk("getNetworkSwitchQosRulesOrder", network) == {"ruleIds": [sip["id"], voice["id"]]}
    sdk("updateNetworkSwitchQosRule", network, voice["id"], dscp=34)
    assert [rule["dscp"] for rule in sdk("getNetworkSwitchQosRules", network)] == [24, 34]
    assert refusal(sdk, "updateNetworkSwitchQosRulesOrder", network, [sip["id"]]) == [
        "'ruleIds' must hold every rule of the network, once"
    ]
    sdk("deleteNetworkSwitchQosRule", network, sip["id"])
    assert sdk("getNetworkSwitchQosRule", network, voice["id"])["dscp"] == 34

    trusted = "NetworkSwitchDhcpServerPolicyArpInspectionTrustedServer"
    made = sdk(f"create{trusted}", network, "02:93:00:00:00:01", 121, {"address": "10.93.17.254"})
    sdk(f"update{trusted}", network, made["trustedServerId"], vlan=122)
    assert [server["vlan"] for server in sdk(f"get{trusted}s", network)] == [122]
    sdk(f"delete{trusted}", network, made["trustedServerId"])
    assert sdk(f"get{trusted}s", network) == []


def test_access_lists_end_with_the_rule_of_the_system(sdk: Sdk, network: str) -> None:
    rule = {"comment": "téléphones", "policy": "deny", "protocol": "any", "srcCidr": "10.93.17.0/24", "dstCidr": "any"}
    sdk("updateNetworkSwitchAccessControlLists", network, [rule])
    rules = sdk("getNetworkSwitchAccessControlLists", network)["rules"]
    assert [(entry["comment"], entry["srcPort"]) for entry in rules] == [("téléphones", "any"), ("Default rule", "Any")]
    assert refusal(sdk, "updateNetworkSwitchAccessControlLists", network, rules) == [
        "'rules' must not hold the default rule"
    ]
    sdk("updateNetworkSwitchAccessControlLists", network, [])


def test_what_the_sdk_makes_behind_our_back_is_named(
    lab: Lab, sdk: Sdk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    interface = {"vlanId": 400, "subnet": "10.93.240.0/29", "interfaceIp": "10.93.240.2"}
    first = sdk("createDeviceSwitchRoutingInterface", SWITCH, "à nous", **interface, defaultGateway="10.93.240.1")
    other = {"vlanId": 9, "subnet": "192.168.9.0/24", "interfaceIp": "192.168.9.1"}
    stranger = sdk("createDeviceSwitchRoutingInterface", SWITCH, "essai", **other)
    route = sdk("createDeviceSwitchRoutingStaticRoute", SWITCH, "10.1.0.0/16", "10.93.240.3")
    access = {"base_url": lab.info["meraki"]["url"], "api_key": lab.info["meraki"]["api_key"], "rate": 0}
    dashboard = Dashboard({**access, "ca_file": lab.info["ca_file"], "organization": ORG})
    place = f"VLB ctm/{SWITCH}"
    declared = {"routed_interfaces": [f"{place}/400"], "static_routes": []}
    named = [orphan["key"] for orphan in undeclared(dashboard, declared)]
    dashboard.close()
    assert named == [f"{place}/9 (essai)", f"{place}/10.1.0.0/16"]
    sdk("deleteDeviceSwitchRoutingStaticRoute", SWITCH, route["staticRouteId"])
    for made in (stranger, first):
        sdk("deleteDeviceSwitchRoutingInterface", SWITCH, made["interfaceId"])
