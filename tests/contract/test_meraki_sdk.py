"""The lab against a client that we did not write: the vendor's Python SDK, over HTTPS."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import meraki
import pytest

from lab import Lab
from lab.meraki.operations import OPERATIONS
from lab.meraki.reads import EMPTY, INITIAL
from tests.support.meraki_client import BY_NAME, remembers, small_inventory

ORG = "930093"
SECTIONS = ("organizations", "networks", "devices", "switch", "wireless")
SWITCH, OTHER, SMALL, AP = "QZZZ-0001-0001", "QZZZ-0001-0002", "QZZZ-0001-0003", "QZZZ-0001-0041"


class Sdk:
    """The SDK, its operations called by name whatever section they are in."""

    def __init__(self, lab: Lab) -> None:
        self.dashboard = meraki.DashboardAPI(
            api_key=lab.info["meraki"]["api_key"],
            base_url=lab.info["meraki"]["url"],
            certificate_path=lab.info["ca_file"],
            smart_flow_enabled=False,
            suppress_logging=True,
            maximum_retries=1,
        )

    def __call__(self, operation: str, *ids: Any, **body: Any) -> Any:
        for section in SECTIONS:
            function = getattr(getattr(self.dashboard, section), operation, None)
            if function is not None:
                return function(*ids, **body)
        raise AttributeError(operation)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("brownfield", tls=True, inventory=small_inventory()) as running:
        running.meraki.behaviour.set(rate_limit=None, batch_delay=0.0)
        yield running


@pytest.fixture(scope="module")
def sdk(lab: Lab) -> Sdk:
    return Sdk(lab)


@pytest.fixture(scope="module")
def network(sdk: Sdk) -> str:
    """Return the id of the network of `ctm`."""
    networks = sdk("getOrganizationNetworks", ORG)
    return str(next(n["id"] for n in networks if n["name"] == "VLB ctm"))


def test_networks_are_created_changed_and_deleted(sdk: Sdk) -> None:
    assert sdk("getOrganizations")[0]["id"] == ORG
    assert sdk("getOrganization", ORG)["name"] == "Ville du Bourget"
    assert [admin["orgAccess"] for admin in sdk("getOrganizationAdmins", ORG)] == [
        "full", "read-only", "full", "read-only",
    ]  # fmt: skip
    sdk("deleteOrganizationAdmin", ORG, "4")
    assert [admin["id"] for admin in sdk("getOrganizationAdmins", ORG)] == ["1", "2", "3"]
    back = sdk("createOrganizationAdmin", ORG, "retour@ville.example", "Retour", "full")
    assert (back["orgAccess"], back["accountStatus"]) == ("full", "pending")
    sdk("deleteOrganizationAdmin", ORG, back["id"])
    made = sdk(
        "createOrganizationNetwork", ORG, "Été", ["switch", "wireless"], timeZone="Europe/Paris", tags=["a"]
    )
    sdk("updateNetwork", made["id"], notes="à garder", tags=["b"])
    read = sdk("getNetwork", made["id"])
    assert read == {**made, "notes": "à garder", "tags": ["b"]}
    sdk("deleteNetwork", made["id"])
    with pytest.raises(meraki.APIError) as refusal:
        sdk("getNetwork", made["id"])
    assert refusal.value.status == 404


def test_lists_are_paged_to_the_end(sdk: Sdk, lab: Lab) -> None:
    lab.calls.clear()
    paged = sdk("getOrganizationInventoryDevices", ORG, total_pages="all", perPage=3)
    assert lab.calls.of("meraki")["reads"] == 7
    assert [device["serial"] for device in paged] == sorted(lab.meraki.world.devices)
    assert sdk("getOrganizationDevices", ORG, total_pages="all", perPage=4) == sdk(
        "getOrganizationDevices", ORG
    )
    assert len(sdk("getOrganizationDevicesAvailabilities", ORG, total_pages="all", perPage=3)) == 15
    assert len(sdk("getOrganizationSwitchPortsBySwitch", ORG, total_pages="all", perPage=3)) == 9
    statuses = sdk("getOrganizationSwitchPortsStatusesBySwitch", ORG, total_pages="all", perPage=4)
    assert len(statuses["items"]) == 9
    assert statuses["meta"]["counts"]["items"] == {"total": 9, "remaining": 0}
    heard = sdk("getOrganizationSwitchPortsTopologyDiscoveryByDevice", ORG, total_pages="all", perPage=4)
    assert len(heard["items"]) == 9
    assert len(sdk("getOrganizationNetworks", ORG, total_pages="all", perPage=3)) == 4
    syslog = sdk("getOrganizationDevicesSyslogServersByNetwork", ORG, total_pages="all", perPage=3)
    assert len(syslog["items"]) == 4
    roles = sdk("getOrganizationDevicesSyslogServersRolesByNetwork", ORG, total_pages="all", perPage=3)
    assert len(roles["items"]) == 4


def test_devices_move_between_inventory_and_networks(sdk: Sdk, network: str) -> None:
    spare = "QZZZ-0003-0042"
    sdk("releaseFromOrganizationInventory", ORG, serials=[spare])
    sdk("claimIntoOrganizationInventory", ORG, serials=[spare])
    assert sdk("claimNetworkDevices", network, [spare]) == {"serials": [spare], "errors": []}
    assert sdk("getOrganizationInventoryDevice", ORG, spare)["networkId"] == network
    sdk("removeNetworkDevices", network, spare)
    assert sdk("getOrganizationInventoryDevice", ORG, spare)["networkId"] is None


def test_devices_and_their_management_interface_are_written(sdk: Sdk) -> None:
    sdk("updateDevice", SWITCH, name="sw-ctm-01", tags=["ctm"], notes="répartiteur")
    read = sdk("getDevice", SWITCH)
    assert (read["name"], read["tags"], read["notes"]) == ("sw-ctm-01", ["ctm"], "répartiteur")
    wan = {
        "usingStaticIp": True,
        "staticIp": "10.93.16.11",
        "staticSubnetMask": "255.255.255.0",
        "staticGatewayIp": "10.93.16.254",
        "staticDns": ["10.93.2.11", "10.93.2.12"],
        "vlan": 120,
    }
    sdk("updateDeviceManagementInterface", SWITCH, wan1=wan)
    assert sdk("getDeviceManagementInterface", SWITCH) == {"wan1": wan}


def test_ports_and_access_policies_are_written(sdk: Sdk, lab: Lab, network: str) -> None:
    secret = secrets.token_urlsafe(16)
    server = {"host": "10.93.2.13", "port": 1812, "secret": secret}
    policy = sdk(
        "createNetworkSwitchAccessPolicy", network, "agents", [server], False, hostMode="Multi-Domain"
    )
    number = policy["accessPolicyNumber"]
    assert sdk("getNetworkSwitchAccessPolicies", network) == [policy]
    sdk(
        "updateDeviceSwitchPort",
        SWITCH,
        "5",
        name="poste",
        type="access",
        vlan=121,
        voiceVlan=123,
        accessPolicyType="Custom access policy",
        accessPolicyNumber=int(number),
    )
    port = sdk("getDeviceSwitchPort", SWITCH, "5")
    assert (port["vlan"], port["voiceVlan"], port["accessPolicyNumber"]) == (121, 123, 1)
    assert sdk("getDeviceSwitchPorts", SWITCH)[4] == port
    assert [p["portId"] for p in sdk("getDeviceSwitchPortsStatuses", SWITCH) if p["isUplink"]] == ["52"]
    assert sdk("getNetworkSwitchAccessPolicy", network, number)["counts"] == {"ports": {"withThisPolicy": 1}}
    with pytest.raises(meraki.APIError) as refusal:
        sdk("deleteNetworkSwitchAccessPolicy", network, number)
    assert refusal.value.message["errors"] == ["Access policy is in use by 1 port(s)"]
    sdk("updateDeviceSwitchPort", SWITCH, "5", accessPolicyType="Open")
    kept = {"serverId": policy["radiusServers"][0]["serverId"]}
    sdk("updateNetworkSwitchAccessPolicy", network, number, radiusServers=[kept])
    stored = lab.meraki.world.network(network)["policies"][number]["radiusServers"]
    assert remembers(lab.meraki.world, stored, "10.93.2.13", secret)
    sdk("deleteNetworkSwitchAccessPolicy", network, number)
    assert sdk("getNetworkSwitchAccessPolicies", network) == []


def test_ports_follow_schedules_and_access_points_have_profiles(sdk: Sdk, network: str) -> None:
    made = sdk("createNetworkSwitchPortSchedule", network, "Heures", portSchedule={"sunday": {"active": False}})
    assert made["portSchedule"]["monday"] == {"active": True, "from": "0:00", "to": "24:00"}
    week = {"monday": {"from": "07:30", "to": "19:00"}}
    sdk("updateNetworkSwitchPortSchedule", network, made["id"], portSchedule=week)
    (read,) = sdk("getNetworkSwitchPortSchedules", network)
    assert read["portSchedule"]["monday"] == {"active": True, "from": "7:30", "to": "19:00"}
    assert read["portSchedule"]["sunday"]["active"] is True
    sdk("updateDeviceSwitchPort", SWITCH, "6", portScheduleId=made["id"])
    with pytest.raises(meraki.APIError) as refusal:
        sdk("deleteNetworkSwitchPortSchedule", network, made["id"])
    assert refusal.value.message["errors"] == ["Port schedule is in use by 1 port(s)"]
    sdk("updateDeviceSwitchPort", SWITCH, "6", portScheduleId=None)
    sdk("deleteNetworkSwitchPortSchedule", network, made["id"])
    assert sdk("getNetworkSwitchPortSchedules", network) == []

    low = sdk("createNetworkWirelessRfProfile", network, "Basse", "ap", fiveGhzSettings={"maxPower": 11})
    sdk("updateNetworkWirelessRfProfile", network, low["id"], twoFourGhzSettings={"maxPower": 8})
    profile = sdk("getNetworkWirelessRfProfile", network, low["id"])
    assert (profile["twoFourGhzSettings"]["maxPower"], profile["fiveGhzSettings"]["maxPower"]) == (8, 11)
    names = [profile["name"] for profile in sdk("getNetworkWirelessRfProfiles", network)]
    assert names == ["Basic Indoor Profile", "Basic Outdoor Profile", "Basse"]
    with pytest.raises(meraki.APIError) as refusal:
        sdk("deleteNetworkWirelessRfProfile", network, "indoor")
    assert refusal.value.message["errors"] == ["Built-in RF profiles cannot be deleted"]
    sdk("updateDeviceWirelessRadioSettings", AP, fiveGhzSettings={"channel": 44})
    sdk("updateDeviceWirelessRadioSettings", AP, rfProfileId=low["id"])
    radio = sdk("getDeviceWirelessRadioSettings", AP)
    assert (radio["rfProfileId"], radio["fiveGhzSettings"]["channel"]) == (low["id"], None)
    (page,) = sdk("getOrganizationWirelessRfProfilesAssignmentsByDevice", ORG, networkIds=[network])
    assert {device["serial"]: device["rfProfile"]["name"] for device in page["items"]}[AP] == "Basse"
    sdk("deleteNetworkWirelessRfProfile", network, low["id"])


def test_the_power_that_switches_draw_is_given(sdk: Sdk, lab: Lab) -> None:
    top = sdk("getOrganizationSummaryTopSwitchesByEnergyUsage", ORG, quantity=3, timespan=3600)
    joules = [device["usage"]["total"] for device in top]
    assert len(top) == 3
    assert joules == sorted(joules, reverse=True)
    assert joules[0] <= 3600 * 60
    usage = sdk("getOrganizationSwitchPortsUsageHistoryByDeviceByInterval", ORG, total_pages="all", perPage=5)
    switches = {device["serial"] for device in lab.meraki.world.devices.values() if device["kind"] == "switch"}
    assert {device["serial"] for device in usage["items"]} <= switches


def test_the_readings_of_the_towns_other_tools_are_given(sdk: Sdk, lab: Lab) -> None:
    network = sdk("getDevice", SWITCH)["networkId"]
    inside = {device["serial"] for device in lab.meraki.world.devices_of(network)}
    assert {device["serial"] for device in sdk("getNetworkDevices", network)} == inside
    assert {device["status"] for device in sdk("getOrganizationDevicesStatuses", ORG, total_pages="all")} == {"online"}
    points = {device["serial"] for device in sdk("getOrganizationWirelessSsidsStatusesByDevice", ORG)["items"]}
    clients = sdk("getOrganizationWirelessClientsOverviewByDevice", ORG)["items"]
    assert points == {device["serial"] for device in clients}
    assert sdk("getNetworkEvents", network, productType="switch")["events"] == []
    heard = sdk("getDeviceLldpCdp", SWITCH)
    assert set(heard["ports"]) == set(lab.meraki.world.devices[SWITCH]["neighbours"])
    counted = sdk("getOrganizationLicensesOverview", ORG)["licensedDeviceCounts"]
    assert sum(counted.values()) == len(lab.meraki.world.devices)
    for operation in (BY_NAME[name] for name in (*EMPTY, *INITIAL, *MADE)):
        known = {"organizationId": ORG, "networkId": network, "serial": SWITCH, "number": "0"}
        answer = sdk(operation.name, *(known[name] for name in re.findall(r"{(\w+)}", operation.path)))
        assert (answer == [] or answer.get("items") == []) == (operation.name in EMPTY)


MIDDLES = (
    ("{layer_3}", "DeviceSwitchRouting"),
    ("{layer_3}", "NetworkSwitchStackRouting"),
    ("{trusted}", "NetworkSwitchDhcpServerPolicyArpInspectionTrustedServer"),
)
"""What tests of other files put in the middle of names."""
MADE = (
    "getDeviceSwitchWarmSpare", "getNetworkFirmwareUpgrades", "getNetworkSyslogServers",
    "getOrganizationWirelessAirMarshalSettingsByNetwork",
)  # fmt: skip
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("NetworkSettings", {"localStatusPageEnabled": True, "remoteStatusPageEnabled": True}),
    ("NetworkSnmp", {"access": "none"}),
    ("NetworkTrafficAnalysis", {"mode": "basic", "customPieChartItems": []}),
    ("NetworkNetflow", {"reportingEnabled": True, "collectorIp": "10.93.2.23", "collectorPort": 2055}),
    ("NetworkSwitchSettings", {"vlan": 120, "useCombinedPower": True}),
    (
        "NetworkSwitchStp",
        {"rstpEnabled": True, "stpBridgePriority": [{"switches": [SWITCH], "stpPriority": 4096}]},
    ),
    ("NetworkSwitchMtu", {"defaultMtuSize": 9198, "overrides": [{"switches": [SMALL], "mtuSize": 1500}]}),
    ("NetworkSwitchStormControl", {"broadcastThreshold": 30}),
    ("NetworkSwitchDhcpServerPolicy", {"defaultPolicy": "block", "allowedServers": ["02:93:00:00:00:01"]}),
    ("NetworkSwitchRoutingMulticast", {"defaultSettings": {"igmpSnoopingEnabled": False}}),
    (
        "NetworkSwitchAlternateManagementInterface",
        {
            "enabled": True,
            "vlanId": 120,
            "protocols": ["radius", "syslog"],
            "switches": [{"serial": SWITCH, "alternateManagementIp": "10.93.16.21", "subnetMask": "255.255.255.0"}],
        },
    ),
    ("NetworkWirelessSettings", {"ledLightsOn": False, "meshingEnabled": True}),
]
SSID_WRITES: list[tuple[str, dict[str, Any]]] = [
    (
        "NetworkWirelessSsid",
        {"name": "VLB-Invités", "splashPage": "Click-through splash page", "minBitrate": 12},
    ),
    (
        "NetworkWirelessSsidFirewallL7FirewallRules",
        {"rules": [{"policy": "deny", "type": "port", "value": "25"}]},
    ),
    (
        "NetworkWirelessSsidTrafficShapingRules",
        {"trafficShapingEnabled": False, "defaultRulesEnabled": False},
    ),
    (
        "NetworkWirelessSsidSplashSettings",
        {"splashTimeout": 480, "welcomeMessage": "Bienvenue à la médiathèque"},
    ),
]


def _holds(read: Any, written: Any) -> bool:
    if isinstance(written, dict):
        return all(key in read and _holds(read[key], value) for key, value in written.items())
    return bool(read == written)


@pytest.mark.parametrize(("name", "body"), WRITES)
def test_what_is_written_once_per_network_is_read_back(
    name: str, body: dict[str, Any], sdk: Sdk, network: str
) -> None:
    before = sdk(f"get{name}", network)
    sdk(f"update{name}", network, **body)
    after = sdk(f"get{name}", network)
    assert _holds(after, body)
    assert {key: after[key] for key in before if key not in body} == {
        k: before[k] for k in before if k not in body
    }


@pytest.mark.parametrize(("name", "body"), SSID_WRITES)
def test_what_is_written_once_per_ssid_is_read_back(
    name: str, body: dict[str, Any], sdk: Sdk, network: str
) -> None:
    sdk(f"update{name}", network, "7", **body)
    assert _holds(sdk(f"get{name}", network, "7"), body)


def test_firewall_rules_and_schedules_of_an_ssid_are_written(sdk: Sdk, network: str) -> None:
    rule = {"comment": "interne", "policy": "deny", "protocol": "any", "destCidr": "10.93.0.0/16"}
    sdk("updateNetworkWirelessSsidFirewallL3FirewallRules", network, "7", rules=[rule], allowLanAccess=False)
    rules = sdk("getNetworkWirelessSsidFirewallL3FirewallRules", network, "7")["rules"]
    assert [r["comment"] for r in rules] == ["interne", "Wireless clients accessing LAN", "Default rule"]
    night = {"startDay": "monday", "startTime": "19:00", "endDay": "tuesday", "endTime": "7:00"}
    sdk("updateNetworkWirelessSsidSchedules", network, "7", enabled=True, ranges=[night])
    assert sdk("getNetworkWirelessSsidSchedules", network, "7")["ranges"] == [night]
    assert len(sdk("getNetworkWirelessSsids", network)) == 15


def test_syslog_servers_are_written(sdk: Sdk, network: str) -> None:
    server = {"host": "10.93.2.24", "port": 514, "roles": ["wirelessEventLog"]}
    sdk("updateNetworkDevicesSyslogServers", network, [server])
    listed = sdk("getOrganizationDevicesSyslogServersByNetwork", ORG, networkIds=[network])["items"]
    assert [item["network"]["id"] for item in listed] == [network]
    assert _holds(listed[0]["servers"][0], server)


def test_an_upgrade_is_planned_happens_and_is_taken_back(lab: Any, sdk: Sdk, network: str) -> None:
    wanted = {"time": lab.meraki.clock.iso(lab.meraki.clock.now() + 60), "toVersion": {"id": "1002"}}
    planned = sdk("updateNetworkFirmwareUpgrades", network, products={"switch": {"nextUpgrade": wanted}})
    assert planned["products"]["switch"]["nextUpgrade"]["toVersion"]["id"] == "1002"
    lab.meraki.clock.advance(120)
    assert sdk("getNetworkFirmwareUpgrades", network)["products"]["switch"]["currentVersion"]["id"] == "1002"
    (group,) = sdk("getNetworkFirmwareUpgradesStagedGroups", network)
    assert group["isDefault"]
    reasons = [{"category": "stability", "comment": "des liens tombent"}]
    back = sdk("createNetworkFirmwareUpgradesRollback", network, reasons, product="switch")
    assert (back["status"], back["toVersion"]["firmware"]) == ("pending", "switch-17-1")


def test_batches_built_by_the_sdk_are_run(sdk: Sdk, network: str) -> None:
    batch = sdk.dashboard.batch
    actions = [
        batch.networks.updateNetwork(network, notes="par lot"),
        batch.switch.updateDeviceSwitchPort(SMALL, "2", name="imprimante"),
        batch.switch.updateNetworkSwitchSettings(network, vlan=121),
        batch.switch.updateNetworkSwitchRoutingMulticast(network, overrides=[]),
        batch.wireless.updateNetworkWirelessSsid(network, "9", name="Lot"),
        batch.networks.removeNetworkDevices(network, AP),
        batch.networks.claimNetworkDevices(network, [AP]),
        batch.organizations.createOrganizationNetwork(ORG, "Par lot", ["switch"]),
    ]
    sent = sdk("createOrganizationActionBatch", ORG, actions, confirmed=True, synchronous=False)
    assert sent["status"]["completed"] is False
    done = sdk("getOrganizationActionBatch", ORG, sent["id"])
    assert done["status"]["errors"] == []
    assert done["status"]["completed"] is True
    made = done["status"]["createdResources"]
    assert made == [{"id": made[0]["id"], "uri": f"/networks/{made[0]['id']}"}]
    assert sdk("getNetwork", made[0]["id"])["name"] == "Par lot"
    assert sdk("getDeviceSwitchPort", SMALL, "2")["name"] == "imprimante"
    assert sdk("getNetworkSwitchSettings", network)["vlan"] == 121
    drafted = sdk("createOrganizationActionBatch", ORG, actions[:1], confirmed=False, synchronous=False)
    sdk("updateOrganizationActionBatch", ORG, drafted["id"], synchronous=True)
    assert drafted["id"] in [b["id"] for b in sdk("getOrganizationActionBatches", ORG, status="pending")]
    sdk("deleteOrganizationActionBatch", ORG, drafted["id"])


def test_changes_and_requests_are_remembered(sdk: Sdk, network: str) -> None:
    sdk("updateNetwork", network, notes="une dernière fois")
    newest = sdk("getOrganizationConfigurationChanges", ORG, total_pages=1, perPage=3)[0]
    named = json.loads(newest["newValue"])
    assert (newest["networkId"], named["notes"]) == (network, "une dernière fois")
    assert (
        sdk("getOrganizationApiRequests", ORG, total_pages=1, perPage=3)[1]["operationId"] == "updateNetwork"
    )


def test_no_served_operation_is_left_out() -> None:
    """Each operation is called by its name above, or through the tables."""
    files = sorted(Path(__file__).parent.glob("test_meraki_sdk*.py"))
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    tabled = {*EMPTY, *INITIAL} | {f"{verb}{name}" for name, _ in (*WRITES, *SSID_WRITES) for verb in ("get", "update")}
    source += "".join(source.replace(place, middle) for place, middle in MIDDLES)
    assert [o.name for o in OPERATIONS if f'"{o.name}"' not in source and o.name not in tabled] == []
