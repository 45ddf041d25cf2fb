"""Every answer of the simulator, in a well-used organization, against the contract."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from lab.meraki.operations import OPERATIONS
from lab.meraki.reads import EMPTY
from tests.contract.test_fields import OUTSIDE
from tests.support.meraki_client import BY_NAME, Client, frozen_client

ORG = "/organizations/930093"
OTHER, THIRD = "QZZZ-0003-0002", "QZZZ-0003-0003"
# Two enums that real 802.1X SSIDs answer with null; two whose null leaves a radio to its profile; a value
# that SSIDs answer and the schema omits.
NULL_ENUMS = ("radiusFailoverPolicy", "radiusLoadBalancingPolicy", "channel", "channelWidth")
EXTRA_VALUES = {"encryptionMode": "wpa-eap"}


def strict(schema: dict[str, Any], name: str = "") -> dict[str, Any]:
    """Translate a response schema: typed values may be null, enums only where it says so.

    No unknown key is allowed.
    """
    if "enum" in schema:
        values = [*schema["enum"], *([EXTRA_VALUES[name]] if name in EXTRA_VALUES else [])]
        return {"enum": [*values, None] if schema.get("nullable") or name in NULL_ENUMS else values}
    if schema.get("type") == "array":
        return {"type": ["array", "null"], "items": strict(schema["items"], name)}
    if schema.get("type") == "object" or "properties" in schema:
        if not schema.get("properties"):
            return {"type": "object"}
        return {
            "type": ["object", "null"],
            "properties": {key: strict(value, key) for key, value in schema["properties"].items()},
            "required": schema.get("required", []),
            "additionalProperties": False,
        }
    return {"type": [schema["type"], "null"]}


def check(schema: dict[str, Any], answer: Any) -> None:
    jsonschema.Draft202012Validator(strict(schema)).validate(answer)


@pytest.fixture(scope="module")
def lived_in() -> Client:
    """Return an organization where every kind of object was created and changed."""
    client = frozen_client("brownfield")
    network = client.network("VLB cimetiere", site=3)
    policy = {
        "name": "agents",
        "radiusServers": [{"host": "10.93.2.13", "port": 1812, "secret": "x" * 16}],
        "radiusAccountingEnabled": True,
        "radiusAccountingServers": [{"host": "10.93.2.13", "port": 1813, "secret": "x" * 16}],
        "hostMode": "Multi-Domain",
        "guestVlanId": 104,
        "radius": {
            "criticalAuth": {"dataVlanId": 101, "voiceVlanId": 103},
            "authentication": {"mode": "Open"},
        },
    }
    client.ok("POST", f"/networks/{network}/switch/accessPolicies", policy)
    serial = "QZZZ-0003-0001"
    client.ok(
        "PUT",
        f"/devices/{serial}",
        {"name": "sw-cim-01", "lat": 48.9, "lng": 2.4, "notes": "près du portail"},
    )
    static = {"usingStaticIp": True, "staticIp": "10.93.24.11", "staticSubnetMask": "255.255.255.0"}
    wan = {**static, "staticGatewayIp": "10.93.24.254", "staticDns": ["10.93.2.11"], "vlan": 130}
    client.ok("PUT", f"/devices/{serial}/managementInterface", {"wan1": wan})
    port = {"type": "access", "vlan": 131, "voiceVlan": 133, "accessPolicyNumber": 1}
    custom = {**port, "accessPolicyType": "Custom access policy"}
    client.ok("PUT", f"/devices/{serial}/switch/ports/1", custom)
    listed = {"type": "access", "accessPolicyType": "MAC allow list", "macAllowList": ["02:00:00:00:00:01"]}
    client.ok("PUT", f"/devices/{serial}/switch/ports/2", listed)
    client.ok("PUT", f"/devices/{serial}/switch/ports/3", {"enabled": False})
    week = {"monday": {"active": True, "from": "07:30", "to": "18:00"}, "sunday": {"active": False}}
    hours = client.ok("POST", f"/networks/{network}/switch/portSchedules", {"name": "Heures", "portSchedule": week})
    client.ok("PUT", f"/devices/{serial}/switch/ports/4", {"portScheduleId": hours["id"]})
    low = {"name": "Puissance réduite", "bandSelectionType": "ap", "fiveGhzSettings": {"maxPower": 11}}
    profile = client.ok("POST", f"/networks/{network}/wireless/rfProfiles", low)
    client.ok("PUT", "/devices/QZZZ-0003-0041/wireless/radio/settings", {"rfProfileId": profile["id"]})
    ssids = f"/networks/{network}/wireless/ssids"
    radius = [{"host": "10.93.2.13", "port": 1812, "secret": "x" * 16}]
    bridged = {
        "ipAssignmentMode": "Bridge mode",
        "useVlanTagging": True,
        "defaultVlanId": 131,
        "enabled": True,
    }
    dot1x = {"name": "VLB-Agents", "authMode": "8021x-radius", "radiusServers": radius, **bridged}
    accounting = {"radiusAccountingEnabled": True, "radiusAccountingServers": radius}
    client.ok("PUT", f"{ssids}/0", {**dot1x, **accounting})
    client.ok("PUT", f"{ssids}/1", {"name": "VLB-Metier", "authMode": "psk", "psk": "y" * 16, **bridged})
    portal = {"walledGardenEnabled": True, "walledGardenRanges": ["192.0.2.0/29"]}
    client.ok(
        "PUT", f"{ssids}/6", {"name": "VLB-Invites", "splashPage": "Click-through splash page", **portal}
    )
    deny = {"policy": "deny", "protocol": "any", "destCidr": "10.93.0.0/16"}
    client.ok("PUT", f"{ssids}/6/firewall/l3FirewallRules", {"rules": [deny], "allowLanAccess": False})
    blocked = {"policy": "deny", "type": "host", "value": "exemple.invalid"}
    client.ok("PUT", f"{ssids}/6/firewall/l7FirewallRules", {"rules": [blocked]})
    rule = {
        "definitions": [{"type": "host", "value": "exemple.invalid"}],
        "dscpTagValue": None,
        "pcpTagValue": 0,
    }
    client.ok("PUT", f"{ssids}/6/trafficShaping/rules", {"rules": [rule]})
    night = {"startDay": "mon", "startTime": "19:00", "endDay": "tue", "endTime": "07:00"}
    client.ok("PUT", f"{ssids}/6/schedules", {"enabled": True, "ranges": [night]})
    logo = {"extension": "png", "image": {"format": "png", "contents": "aGVsbG8="}}
    client.ok("PUT", f"{ssids}/6/splash/settings", {"splashLogo": logo, "welcomeMessage": "Bienvenue"})
    _routes(client, network, serial)
    syslog = {"host": "10.93.2.24", "port": 514, "roles": ["wirelessEventLog"]}
    client.ok("PUT", f"/networks/{network}/devices/syslog/servers", {"servers": [syslog]})
    users = {"access": "users", "users": [{"username": "sup", "passphrase": "z" * 16}]}
    client.ok("PUT", f"/networks/{network}/snmp", users)
    action = {
        "resource": f"/networks/{network}/switch/mtu",
        "operation": "update",
        "body": {"defaultMtuSize": 1500},
    }
    bad = {**action, "body": {"defaultMtuSize": "grand"}}
    for actions in ([action], [bad]):
        client.ok(
            "POST", f"{ORG}/actionBatches", {"confirmed": True, "synchronous": True, "actions": actions}
        )
    client.ok("POST", f"{ORG}/actionBatches", {"actions": [action]})
    return client


def _routes(client: Client, network: str, serial: str) -> None:
    """Let a switch and a stack route, and the switches of the network have a list of each kind."""
    for other in (serial, OTHER, THIRD):
        client.simulator.world.devices[other]["model"] = "MS250-48"
    stack = client.ok("POST", f"/networks/{network}/switch/stacks", {"name": "Pile", "serials": [OTHER, THIRD]})
    relay = {"dhcpMode": "dhcpRelay", "dhcpRelayServerIps": ["10.93.2.11"]}
    lent = {
        "dhcpMode": "dhcpServer",
        "dhcpOptions": [{"code": "42", "type": "ip", "value": "10.93.2.11"}],
        "reservedIpRanges": [{"start": "10.93.25.1", "end": "10.93.25.9", "comment": "fixes"}],
        "fixedIpAssignments": [{"name": "p", "mac": "02:00:00:00:00:01", "ip": "10.93.25.10"}],
    }
    for holder in (f"/devices/{serial}/switch", f"/networks/{network}/switch/stacks/{stack['id']}"):
        for vlan, third, dhcp in ((130, 24, relay), (131, 25, lent)):
            made = {"name": f"v{vlan}", "vlanId": vlan, "subnet": f"10.93.{third}.0/24"}
            given = {**made, "interfaceIp": f"10.93.{third}.254"}
            given |= {"defaultGateway": "10.93.24.1"} if vlan == 130 else {}
            known = client.ok("POST", f"{holder}/routing/interfaces", given)
            client.ok("PUT", f"{holder}/routing/interfaces/{known['interfaceId']}/dhcp", dhcp)
        route = {"name": "r", "subnet": "10.93.48.0/21", "nextHopIp": "10.93.24.2"}
        client.ok("POST", f"{holder}/routing/staticRoutes", route)
    switch = f"/networks/{network}/switch"
    ports = [{"serial": serial, "portId": port} for port in ("8", "9")]
    client.ok("POST", f"{switch}/linkAggregations", {"switchPorts": ports})
    client.ok("POST", f"{switch}/qosRules", {"vlan": None, "protocol": "UDP", "dstPortRange": "5060-5061", "dscp": 46})
    server = {"mac": "02:93:00:00:00:01", "vlan": 131, "ipv4": {"address": "10.93.25.254"}}
    client.ok("POST", f"{switch}/dhcpServerPolicy/arpInspection/trustedServers", server)
    rule = {"policy": "deny", "protocol": "any", "srcCidr": "10.93.25.0/24", "dstCidr": "10.93.27.0/24"}
    client.ok("PUT", f"{switch}/accessControlLists", {"rules": [rule]})


def _paths(client: Client, template: str) -> list[str]:
    """Return every path of a template that the organization has (two at most for each id)."""
    world = client.simulator.world
    network = next(n["id"] for n in world.networks.values() if n["name"] == "VLB cimetiere")
    serials = ["QZZZ-0003-0001", "QZZZ-0003-0041"]
    if "/switch/" in template or "/wireless/" in template:
        serials = [serials["/wireless/" in template]]
    (stack,) = world.networks[network]["stacks"].values()
    routing = world.devices["QZZZ-0003-0001"]["routing"] if "/devices/" in template else stack["routing"]
    ids = {
        "switchStackId": [stack["id"]],
        "interfaceId": list(routing["interfaces"]),
        "staticRouteId": list(routing["routes"]),
        "qosRuleId": list(world.networks[network]["qos"]),
        "organizationId": ["930093"],
        "networkId": [network],
        "serial": serials,
        "portId": ["1", "2", "3", "4", "10"],
        "portScheduleId": list(world.networks[network]["port_schedules"]),
        "rfProfileId": ["indoor", *world.networks[network]["rf_profiles"]],
        "accessPolicyNumber": ["1"],
        "number": ["0", "1", "6", "14"],
        "actionBatchId": list(world.data["batches"]),
    }
    paths = [template]
    for name in re.findall(r"{(\w+)}", template):
        paths = [path.replace(f"{{{name}}}", value) for path in paths for value in ids[name]]
    return paths


@pytest.mark.parametrize("name", [o.name for o in OPERATIONS if o.method == "GET" and o.name not in OUTSIDE])
def test_answer_passes_the_schema(name: str, lived_in: Client, meraki_contract: dict[str, Any]) -> None:
    operation = meraki_contract[name]
    schema = operation["responses"]["200"]
    # The description declares this list as one object.
    schema = {"type": "array", "items": schema} if "schemaQuirk" in operation else schema
    for path in _paths(lived_in, BY_NAME[name].path):
        answer = lived_in.ok("GET", path)
        items = answer["items"] if isinstance(answer, dict) and "items" in answer else answer
        assert (items in ([], {})) == (name in EMPTY), f"nothing to check at {path}"
        check(schema, answer)


def _break(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda item: item.update({key: value})


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("getNetworkWirelessSsids", _break("enabled", "yes")),
        ("getNetworkWirelessSsids", _break("authMode", "bogus")),
        ("getNetworkWirelessSsids", lambda item: item.pop("enabled")),
        ("getNetworkWirelessSsids", _break("invented", 1)),
        ("getDeviceSwitchPorts", _break("enabled", "yes")),
        ("getDeviceSwitchPorts", _break("type", "bogus")),
        ("getDeviceSwitchPorts", _break("invented", 1)),
        ("getOrganizationSwitchPortsBySwitch", lambda item: item["ports"][0].pop("vlan")),
    ],
)
def test_a_damaged_answer_fails_the_schema(
    name: str, damage: Callable[[Any], Any], lived_in: Client, meraki_contract: dict[str, Any]
) -> None:
    schema = meraki_contract[name]["responses"]["200"]
    answer = copy.deepcopy(lived_in.ok("GET", _paths(lived_in, BY_NAME[name].path)[0]))
    damage(answer[0])
    with pytest.raises(jsonschema.ValidationError):
        check(schema, answer)
