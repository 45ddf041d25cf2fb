"""The simulator's own tables against the wire contract, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from lab.fields import Type, parse
from lab.meraki.operations import OPERATIONS, Operation
from piste.systems.meraki.switch_port_table import OVERVIEW, SWITCH_PORTS

# Our table says more here than the description's types: its prose or the vendor's code says so.
JUSTIFIED = {
    "updateNetworkWirelessSsid.ipAssignmentMode": "the prose lists the values; the schema says string",
    "updateNetworkWirelessSsid.bandSelection": "the prose lists the values; the schema says string",
    "updateNetworkWirelessSsidFirewallL7FirewallRules.rules[].value": "an object for application types",
    **{
        f"{verb}NetworkWirelessRfProfile.{band}Settings.{key}": "the prose lists the values; the schema says integer"
        for verb in ("create", "update")
        for band, key in (
            ("twoFourGhz", "validAutoChannels[]"),
            ("fiveGhz", "validAutoChannels[]"),
            ("fiveGhz", "minBitrate"),
            ("sixGhz", "minBitrate"),
        )
    },
    **{
        f"{verb}{holder}RoutingInterface.uplinkV4": "early access: the vendor's Terraform provider sends it for IOS XE"
        for verb in ("create", "update")
        for holder in ("DeviceSwitch", "NetworkSwitchStack")
    },
}
# Reads that the contract lacks: the vendor's own client names and calls them (test_meraki_sdk).
OUTSIDE = {
    "getDeviceClients",
    "getNetworkClients",
    "getNetworkEvents",
    "getOrganizationClientsSearch",
    "getNetworkWirelessAirMarshal",
    "getOrganizationLicensesOverview",
    "getOrganizationSummaryTopSwitchesByEnergyUsage",
    "getOrganizationSwitchPortsUsageHistoryByDeviceByInterval",
    "getNetworkWirelessClientCountHistory",
    "getNetworkWirelessSignalQualityHistory",
    "getOrganizationWirelessClientsOverviewByDevice",
    "getOrganizationWirelessDevicesChannelUtilizationByDevice",
}
_KINDS = {"string": "s", "integer": "i", "number": "n", "boolean": "b"}


def _differences(ours: Type, theirs: dict[str, Any], where: str) -> list[str]:
    """Return every place where our type and a schema differ: keys, types, enums, null, required."""
    if "enum" in theirs:
        return [] if ours.kind == "enum" and set(ours.values) == set(theirs["enum"]) else [where]
    if theirs.get("type") == "array":
        if ours.kind != "list" or ours.item is None:
            return [where]
        return _differences(ours.item, theirs["items"], f"{where}[]")
    if theirs.get("type") == "object" or "properties" in theirs:
        return _of_objects(ours, theirs, where)
    return [] if ours.kind == _KINDS[theirs["type"]] else [where]


def _of_objects(ours: Type, theirs: dict[str, Any], where: str) -> list[str]:
    if ours.kind != "object":
        return [where]
    our_fields, schemas = dict(ours.fields or {}), theirs.get("properties", {})
    faults = [f"{where}.{key}" for key in our_fields.keys() ^ schemas.keys()]
    for key in our_fields.keys() & schemas.keys():
        field, schema = our_fields[key], schemas[key]
        if field.nullable != bool(schema.get("nullable")):
            faults.append(f"{where}.{key} (null)")
        if field.required != (key in theirs.get("required", ())):
            faults.append(f"{where}.{key} (required)")
        faults += _differences(field.type, schema, f"{where}.{key}")
    return faults


def test_every_table_of_a_request_equals_the_contract(meraki_contract: dict[str, Any]) -> None:
    differences: list[str] = []
    for operation in OPERATIONS:
        if operation.body is not None:
            differences += _differences(operation.body, meraki_contract[operation.name]["request"], operation.name)
    assert sorted(differences) == sorted(JUSTIFIED)


def test_what_is_outside_the_contract_is_read_only_and_served(meraki_contract: dict[str, Any]) -> None:
    outside = {operation.name for operation in OPERATIONS if operation.name not in meraki_contract}
    assert outside == OUTSIDE
    assert {operation.method for operation in OPERATIONS if operation.name in OUTSIDE} == {"GET"}


@pytest.mark.parametrize(
    "operation", [known for known in OPERATIONS if known.name not in OUTSIDE], ids=lambda operation: operation.name
)
def test_route_equals_the_contract(operation: Operation, meraki_contract: dict[str, Any]) -> None:
    theirs = meraki_contract[operation.name]
    assert (operation.method, operation.path) == (theirs["method"], theirs["path"])
    assert str(operation.status) in theirs["responses"]
    assert (operation.body is not None) == ("request" in theirs)
    per_page = theirs.get("query", {}).get("perPage")
    page = per_page and (per_page["minimum"], per_page["maximum"], per_page["default"])
    assert operation.page == page


def test_the_overview_of_ports_holds_the_fields_that_its_driver_takes_from_it(meraki_contract: dict[str, Any]) -> None:
    answer = meraki_contract["getOrganizationSwitchPortsBySwitch"]["responses"]["200"]
    theirs = answer["items"]["properties"]["ports"]["items"]["properties"].keys()
    ours = {entry.name for entry in SWITCH_PORTS.body if entry.wire_name in theirs and not entry.path_only}
    assert ours == OVERVIEW


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.method != "GET"], ids=lambda o: o.name)
def test_both_known_batch_verbs_are_accepted(operation: Operation, meraki_contract: dict[str, Any]) -> None:
    batch = meraki_contract[operation.name].get("batch")
    pairs = [] if batch is None else [batch, *([batch["sdk"]] if "sdk" in batch else [])]
    assert set(operation.batch) == {(pair["resource"], pair["operation"]) for pair in pairs}


@pytest.mark.parametrize(
    ("table", "differs"),
    [
        ("name*:s, vlan?:i, mode:(a|b)", []),
        ("name:s, vlan?:i, mode:(a|b)", ["op.name (required)"]),
        ("name*:s, vlan:i, mode:(a|b)", ["op.vlan (null)"]),
        ("name*:s, vlan?:s, mode:(a|b)", ["op.vlan"]),
        ("name*:s, vlan?:i, mode:(a|c)", ["op.mode"]),
        ("name*:s, vlan?:i", ["op.mode"]),
        ("name*:s, vlan?:i, mode:(a|b), more:b", ["op.more"]),
    ],
)
def test_a_wrong_table_is_noticed(table: str, differs: list[str]) -> None:
    schema = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "vlan": {"type": "integer", "nullable": True},
            "mode": {"type": "string", "enum": ["a", "b"]},
        },
    }
    assert _differences(parse(table), schema, "op") == differs
