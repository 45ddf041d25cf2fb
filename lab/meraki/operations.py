"""The table of the operations that the simulator serves; bodies in the notation of `fields`.

Source: OpenAPI 1.73.0 for names, verbs, codes and page sizes; ranges come from its prose. A batch pair is (resource,
verb); where the description and the vendor's SDK differ, both pairs are accepted.
"""

from __future__ import annotations

from dataclasses import dataclass

from lab.fields import Type, parse
from lab.meraki import bodies

ORG, NET, DEV = "/organizations/{organizationId}", "/networks/{networkId}", "/devices/{serial}"
SWITCH, SSID = f"{NET}/switch", f"{NET}/wireless/ssids/{{number}}"
POLICY = f"{SWITCH}/accessPolicies/{{accessPolicyNumber}}"
SCHEDULE = f"{SWITCH}/portSchedules/{{portScheduleId}}"
RF_PROFILE = f"{NET}/wireless/rfProfiles/{{rfProfileId}}"
BATCH = f"{ORG}/actionBatches/{{actionBatchId}}"
STACK = f"{SWITCH}/stacks/{{switchStackId}}"
AGGREGATION = f"{SWITCH}/linkAggregations/{{linkAggregationId}}"
QOS_RULE = f"{SWITCH}/qosRules/{{qosRuleId}}"
TRUSTED = f"{SWITCH}/dhcpServerPolicy/arpInspection/trustedServers"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on the wire.

    batch     pairs of resource and verb, as actions of a batch name it
    page      least, most and default `perPage`
    page_key  dotted key of the tokens of pages
    enlisted  its envelope is the only item of a list
    within    key of its list, where the rest of its answer is on every page
    """

    name: str
    method: str
    path: str
    status: int
    body: Type | None
    batch: tuple[tuple[str, str], ...]
    page: tuple[int, int, int] | None
    page_key: str
    envelope: bool
    enlisted: bool = False
    within: str = ""


def _get(
    name: str,
    path: str,
    page: tuple[int, int, int] | None = None,
    page_key: str = "serial",
    envelope: bool = False,
    enlisted: bool = False,
    within: str = "",
) -> Operation:
    return Operation(name, "GET", path, 200, None, (), page, page_key, envelope, enlisted, within)


def _write(
    method: str, name: str, path: str, status: int, body: str | None, batch: str, *more: tuple[str, str]
) -> Operation:
    pairs = (*((path, verb) for verb in batch.split("|") if verb), *more)
    table = None if body is None else parse(body, bodies.NAMED)
    return Operation(name, method, path, status, table, pairs, None, "", False)


def _post(
    name: str, path: str, body: str, batch: str = "create", status: int = 201, *more: tuple[str, str]
) -> Operation:
    return _write("POST", name, path, status, body, batch, *more)


def _put(name: str, path: str, body: str, batch: str = "update") -> Operation:
    return _write("PUT", name, path, 200, body, batch)


def _delete(name: str, path: str, batch: str = "destroy") -> Operation:
    return _write("DELETE", name, path, 204, None, batch)


def _both(name: str, path: str, body: str, batch: str = "update") -> tuple[Operation, Operation]:
    return _get(f"get{name}", path), _put(f"update{name}", path, body, batch)


def _layer3(holder: str, path: str) -> tuple[Operation, ...]:
    """List the operations of the layer 3 of a switch or of a stack.

    The codes of the routes of a switch are inverted in the description.
    """
    interfaces, routes = f"{path}/routing/interfaces", f"{path}/routing/staticRoutes"
    interface, route = f"{interfaces}/{{interfaceId}}", f"{routes}/{{staticRouteId}}"
    created, updated = (200, 201) if holder == "DeviceSwitch" else (201, 200)
    return (
        _get(f"get{holder}RoutingInterfaces", interfaces),
        _get(f"get{holder}RoutingInterface", interface),
        _post(f"create{holder}RoutingInterface", interfaces, bodies.INTERFACE_CREATE),
        _put(f"update{holder}RoutingInterface", interface, bodies.INTERFACE_UPDATE),
        _delete(f"delete{holder}RoutingInterface", interface),
        *_both(f"{holder}RoutingInterfaceDhcp", f"{interface}/dhcp", bodies.INTERFACE_DHCP),
        _get(f"get{holder}RoutingStaticRoutes", routes),
        _get(f"get{holder}RoutingStaticRoute", route),
        _post(f"create{holder}RoutingStaticRoute", routes, bodies.ROUTE_CREATE, status=created),
        _write("PUT", f"update{holder}RoutingStaticRoute", route, updated, bodies.ROUTE_UPDATE, "update"),
        _delete(f"delete{holder}RoutingStaticRoute", route),
    )


OPERATIONS: tuple[Operation, ...] = (
    _get("getOrganizations", "/organizations", (3, 9000, 9000), "id"),
    _get("getOrganization", ORG),
    _get("getOrganizationAdmins", f"{ORG}/admins"),
    _post("createOrganizationAdmin", f"{ORG}/admins", bodies.ADMIN_CREATE, ""),
    _delete("deleteOrganizationAdmin", f"{ORG}/admins/{{adminId}}", ""),
    _get("getOrganizationNetworks", f"{ORG}/networks", (3, 100000, 1000), "id"),
    _post("createOrganizationNetwork", f"{ORG}/networks", bodies.NETWORK_CREATE),
    _get("getNetwork", NET),
    _put("updateNetwork", NET, bodies.NETWORK_UPDATE),
    _delete("deleteNetwork", NET),
    # inventory, membership, devices
    _get("getOrganizationInventoryDevices", f"{ORG}/inventory/devices", (3, 1000, 1000)),
    _get("getOrganizationInventoryDevice", f"{ORG}/inventory/devices/{{serial}}"),
    _post("claimIntoOrganizationInventory", f"{ORG}/inventory/claim", bodies.INVENTORY_CLAIM, "", 200),
    _post("releaseFromOrganizationInventory", f"{ORG}/inventory/release", "serials:[s]", "", 200),
    _post("claimNetworkDevices", f"{NET}/devices/claim", bodies.NETWORK_CLAIM, "claim", 200),
    _post(
        "removeNetworkDevices",
        f"{NET}/devices/remove",
        "serial*:s",
        "remove",
        204,
        (f"{NET}/devices", "remove"),
    ),
    _get("getOrganizationDevices", f"{ORG}/devices", (3, 5000, 1000)),
    _get("getOrganizationDevicesAvailabilities", f"{ORG}/devices/availabilities", (3, 1000, 1000)),
    _get("getDevice", DEV),
    _put("updateDevice", DEV, bodies.DEVICE),
    *_both("DeviceManagementInterface", f"{DEV}/managementInterface", bodies.MANAGEMENT_INTERFACE),
    # switch ports
    _get("getDeviceSwitchPorts", f"{DEV}/switch/ports"),
    _get("getDeviceSwitchPortsStatuses", f"{DEV}/switch/ports/statuses"),
    *_both("DeviceSwitchPort", f"{DEV}/switch/ports/{{portId}}", bodies.PORT),
    _get("getOrganizationSwitchPortsBySwitch", f"{ORG}/switch/ports/bySwitch", (3, 50, 50)),
    _get(
        "getOrganizationSwitchPortsStatusesBySwitch",
        f"{ORG}/switch/ports/statuses/bySwitch",
        (3, 20, 10),
        envelope=True,
    ),
    _get(
        "getOrganizationSwitchPortsTopologyDiscoveryByDevice",
        f"{ORG}/switch/ports/topology/discovery/byDevice",
        (3, 20, 10),
        envelope=True,
    ),
    # energy and use
    _get("getOrganizationSummaryTopSwitchesByEnergyUsage", f"{ORG}/summary/top/switches/byEnergyUsage"),
    _get(
        "getOrganizationSwitchPortsUsageHistoryByDeviceByInterval",
        f"{ORG}/switch/ports/usage/history/byDevice/byInterval",
        (3, 50, 10),
        envelope=True,
    ),
    _get("getNetworkWirelessClientCountHistory", f"{NET}/wireless/clientCountHistory"),
    # access policies
    _get("getNetworkSwitchAccessPolicies", f"{SWITCH}/accessPolicies"),
    _get("getNetworkSwitchAccessPolicy", POLICY),
    _post("createNetworkSwitchAccessPolicy", f"{SWITCH}/accessPolicies", bodies.POLICY_CREATE),
    _put("updateNetworkSwitchAccessPolicy", POLICY, bodies.POLICY_UPDATE),
    _delete("deleteNetworkSwitchAccessPolicy", POLICY),
    # port schedules
    _get("getNetworkSwitchPortSchedules", f"{SWITCH}/portSchedules"),
    _post("createNetworkSwitchPortSchedule", f"{SWITCH}/portSchedules", bodies.PORT_SCHEDULE_CREATE),
    _put("updateNetworkSwitchPortSchedule", SCHEDULE, bodies.PORT_SCHEDULE_UPDATE),
    _delete("deleteNetworkSwitchPortSchedule", SCHEDULE),
    # radio
    _get("getNetworkWirelessRfProfiles", f"{NET}/wireless/rfProfiles"),
    _get("getNetworkWirelessRfProfile", RF_PROFILE),
    _post("createNetworkWirelessRfProfile", f"{NET}/wireless/rfProfiles", bodies.RF_PROFILE_CREATE),
    _put("updateNetworkWirelessRfProfile", RF_PROFILE, bodies.RF_PROFILE_UPDATE),
    _delete("deleteNetworkWirelessRfProfile", RF_PROFILE),
    *_both("DeviceWirelessRadioSettings", f"{DEV}/wireless/radio/settings", bodies.RADIO),
    _get(
        "getOrganizationWirelessRfProfilesAssignmentsByDevice",
        f"{ORG}/wireless/rfProfiles/assignments/byDevice",
        (3, 1000, 1000),
        envelope=True,
        enlisted=True,
    ),
    # SSIDs
    _get("getNetworkWirelessSsids", f"{NET}/wireless/ssids"),
    *_both("NetworkWirelessSsid", SSID, bodies.SSID),
    *_both("NetworkWirelessSsidFirewallL3FirewallRules", f"{SSID}/firewall/l3FirewallRules", bodies.L3_RULES),
    *_both("NetworkWirelessSsidFirewallL7FirewallRules", f"{SSID}/firewall/l7FirewallRules", bodies.L7_RULES),
    *_both("NetworkWirelessSsidTrafficShapingRules", f"{SSID}/trafficShaping/rules", bodies.SHAPING),
    *_both("NetworkWirelessSsidSchedules", f"{SSID}/schedules", bodies.SCHEDULES),
    *_both("NetworkWirelessSsidSplashSettings", f"{SSID}/splash/settings", bodies.SPLASH),
    _get(
        "getOrganizationWirelessSsidsStatusesByDevice",
        f"{ORG}/wireless/ssids/statuses/byDevice",
        (3, 500, 100),
        envelope=True,
    ),
    _get(
        "getOrganizationWirelessDevicesChannelUtilizationByDevice",
        f"{ORG}/wireless/devices/channelUtilization/byDevice",
        (3, 1000, 1000),
    ),
    _get("getNetworkWirelessSignalQualityHistory", f"{NET}/wireless/signalQualityHistory"),
    _get(
        "getOrganizationWirelessClientsOverviewByDevice",
        f"{ORG}/wireless/clients/overview/byDevice",
        (3, 1000, 1000),
        envelope=True,
    ),
    # stacks, aggregations, layer 3
    _get("getNetworkSwitchStacks", f"{SWITCH}/stacks"),
    _get("getNetworkSwitchStack", STACK),
    _post("createNetworkSwitchStack", f"{SWITCH}/stacks", bodies.STACK_CREATE, "", 200),
    _put("updateNetworkSwitchStack", STACK, bodies.STACK_UPDATE, "stacks/actions/update"),
    _delete("deleteNetworkSwitchStack", STACK, ""),
    _post("addNetworkSwitchStack", f"{STACK}/add", "serial*:s", "", 200),
    _post("removeNetworkSwitchStack", f"{STACK}/remove", "serial*:s", "", 200),
    _get("getNetworkSwitchLinkAggregations", f"{SWITCH}/linkAggregations"),
    _post("createNetworkSwitchLinkAggregation", f"{SWITCH}/linkAggregations", bodies.AGGREGATION),
    _put("updateNetworkSwitchLinkAggregation", AGGREGATION, bodies.AGGREGATION),
    _delete("deleteNetworkSwitchLinkAggregation", AGGREGATION),
    *_layer3("DeviceSwitch", f"{DEV}/switch"),
    *_layer3("NetworkSwitchStack", STACK),
    # lists of a network
    *_both("NetworkSwitchAccessControlLists", f"{SWITCH}/accessControlLists", bodies.ACCESS_LISTS, ""),
    _get("getNetworkSwitchQosRules", f"{SWITCH}/qosRules"),
    _get("getNetworkSwitchQosRule", QOS_RULE),
    _post("createNetworkSwitchQosRule", f"{SWITCH}/qosRules", bodies.QOS_CREATE),
    _put("updateNetworkSwitchQosRule", QOS_RULE, bodies.QOS_UPDATE),
    _delete("deleteNetworkSwitchQosRule", QOS_RULE),
    *_both("NetworkSwitchQosRulesOrder", f"{SWITCH}/qosRules/order", "ruleIds*:[s]", "update_order"),
    _get("getNetworkSwitchDhcpServerPolicyArpInspectionTrustedServers", TRUSTED, (3, 1000, 1000), "trustedServerId"),
    _post("createNetworkSwitchDhcpServerPolicyArpInspectionTrustedServer", TRUSTED, bodies.TRUSTED_CREATE),
    _put(
        "updateNetworkSwitchDhcpServerPolicyArpInspectionTrustedServer",
        f"{TRUSTED}/{{trustedServerId}}",
        bodies.TRUSTED_UPDATE,
    ),
    _delete("deleteNetworkSwitchDhcpServerPolicyArpInspectionTrustedServer", f"{TRUSTED}/{{trustedServerId}}"),
    *_both(
        "NetworkSwitchAlternateManagementInterface",
        f"{SWITCH}/alternateManagementInterface",
        bodies.ALTERNATE_MANAGEMENT,
    ),
    # one object per network
    *_both("NetworkSettings", f"{NET}/settings", bodies.NETWORK_SETTINGS),
    *_both("NetworkSnmp", f"{NET}/snmp", bodies.SNMP, ""),
    *_both("NetworkTrafficAnalysis", f"{NET}/trafficAnalysis", bodies.TRAFFIC_ANALYSIS, ""),
    *_both("NetworkNetflow", f"{NET}/netflow", bodies.NETFLOW, ""),
    *_both(
        "NetworkSwitchSettings",
        f"{SWITCH}/settings",
        bodies.SWITCH_SETTINGS,
        "settings/actions/update|update",
    ),
    *_both("NetworkSwitchStp", f"{SWITCH}/stp", bodies.STP),
    *_both("NetworkSwitchMtu", f"{SWITCH}/mtu", bodies.MTU),
    *_both("NetworkSwitchStormControl", f"{SWITCH}/stormControl", bodies.STORM_CONTROL),
    *_both("NetworkSwitchDhcpServerPolicy", f"{SWITCH}/dhcpServerPolicy", bodies.DHCP_SERVER_POLICY),
    *_both(
        "NetworkSwitchRoutingMulticast",
        f"{SWITCH}/routing/multicast",
        bodies.MULTICAST,
        "ms/multicast/actions/update|update",
    ),
    *_both("NetworkWirelessSettings", f"{NET}/wireless/settings", bodies.WIRELESS_SETTINGS),
    _put("updateNetworkDevicesSyslogServers", f"{NET}/devices/syslog/servers", bodies.SYSLOG, "servers"),
    _get(
        "getOrganizationDevicesSyslogServersByNetwork",
        f"{ORG}/devices/syslog/servers/byNetwork",
        (3, 1000, 10),
        "network.id",
        True,
    ),
    _get(
        "getOrganizationDevicesSyslogServersRolesByNetwork",
        f"{ORG}/devices/syslog/servers/roles/byNetwork",
        (3, 1000, 10),
        "network.id",
        True,
    ),
    # what the town's other tools read
    _get("getNetworkDevices", f"{NET}/devices"),
    _get("getOrganizationDevicesStatuses", f"{ORG}/devices/statuses", (3, 1000, 1000)),
    _get("getOrganizationLicensesOverview", f"{ORG}/licenses/overview"),
    _get("getOrganizationConfigTemplates", f"{ORG}/configTemplates"),
    _get("getOrganizationPolicyObjects", f"{ORG}/policyObjects", (10, 5000, 5000), "id"),
    _get("getOrganizationPolicyObjectsGroups", f"{ORG}/policyObjects/groups", (10, 1000, 1000), "id"),
    _get("getOrganizationAlertsProfiles", f"{ORG}/alerts/profiles"),
    _get("getOrganizationWirelessAirMarshalRules", f"{ORG}/wireless/airMarshal/rules", (3, 1000, 1000), "ruleId", True),
    _get(
        "getOrganizationWirelessAirMarshalSettingsByNetwork",
        f"{ORG}/wireless/airMarshal/settings/byNetwork",
        (3, 1000, 1000),
        "networkId",
        True,
    ),
    _get("getNetworkClients", f"{NET}/clients", (3, 5000, 10), "id"),
    _get("getOrganizationClientsSearch", f"{ORG}/clients/search", (3, 5, 5), "network.id", within="records"),
    _get("getNetworkEvents", f"{NET}/events"),
    _get("getNetworkAlertsSettings", f"{NET}/alerts/settings"),
    _get("getNetworkSyslogServers", f"{NET}/syslogServers"),
    _get("getNetworkGroupPolicies", f"{NET}/groupPolicies"),
    *_both("NetworkFirmwareUpgrades", f"{NET}/firmwareUpgrades", bodies.FIRMWARE),
    _post("createNetworkFirmwareUpgradesRollback", f"{NET}/firmwareUpgrades/rollbacks", bodies.ROLLBACK, status=200),
    _get("getNetworkFirmwareUpgradesStagedGroups", f"{NET}/firmwareUpgrades/staged/groups"),
    _get("getNetworkFloorPlans", f"{NET}/floorPlans"),
    _get("getNetworkMerakiAuthUsers", f"{NET}/merakiAuthUsers"),
    _get("getNetworkWebhooksHttpServers", f"{NET}/webhooks/httpServers"),
    _get("getDeviceClients", f"{DEV}/clients"),
    _get("getDeviceLldpCdp", f"{DEV}/lldpCdp"),
    _get("getDeviceSwitchWarmSpare", f"{DEV}/switch/warmSpare"),
    _get("getNetworkSwitchRoutingOspf", f"{SWITCH}/routing/ospf"),
    _get("getNetworkWirelessAirMarshal", f"{NET}/wireless/airMarshal"),
    _get("getNetworkWirelessSsidIdentityPsks", f"{SSID}/identityPsks"),
    _get("getNetworkWirelessSsidDeviceTypeGroupPolicies", f"{SSID}/deviceTypeGroupPolicies"),
    _get("getNetworkWirelessSsidBonjourForwarding", f"{SSID}/bonjourForwarding"),
    # batches and logs
    _get("getOrganizationActionBatches", f"{ORG}/actionBatches"),
    _get("getOrganizationActionBatch", BATCH),
    _post("createOrganizationActionBatch", f"{ORG}/actionBatches", bodies.BATCH_CREATE, ""),
    _put("updateOrganizationActionBatch", BATCH, "confirmed:b, synchronous:b", ""),
    _delete("deleteOrganizationActionBatch", BATCH, ""),
    _get("getOrganizationConfigurationChanges", f"{ORG}/configurationChanges", (3, 100000, 5000), "_key"),
    _get("getOrganizationApiRequests", f"{ORG}/apiRequests", (3, 1000, 50), "_key"),
)


def _matches(template: str, path: str) -> dict[str, str] | None:
    """Return the ids of a path that fits a template, or None."""
    wanted, parts = template.split("/"), path.split("/")
    if len(wanted) != len(parts):
        return None
    ids: dict[str, str] = {}
    for want, have in zip(wanted, parts, strict=True):
        if want.startswith("{"):
            ids[want[1:-1]] = have
        elif want != have:
            return None
    return ids if all(ids.values()) else None


def route(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """Find the operation of a request path (without `/api/v1`) and the ids in it.

    A literal segment wins over an id: `ports/statuses` is not port "statuses".
    """
    fitting = [
        (operation, ids)
        for operation in OPERATIONS
        if operation.method == method and (ids := _matches(operation.path, path)) is not None
    ]
    return min(fitting, key=lambda candidate: len(candidate[1]), default=None)


def route_action(resource: str, verb: str) -> tuple[Operation | None, dict[str, str], bool]:
    """Return the operation of a batch action or None, its ids, whether the resource is known."""
    known = False
    for operation in OPERATIONS:
        for template, name in operation.batch:
            ids = _matches(template, resource)
            if ids is None:
                continue
            if name == verb:
                return operation, ids, True
            known = True
    return None, {}, known
