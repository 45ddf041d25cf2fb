"""Answers that a simulator serves as a captured system gave them, and fields beyond its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lab import beyond
from lab.meraki.operations import Operation
from lab.meraki.world import World, public

AS_ANSWERED = frozenset(
    {
        "getOrganizationDevicesAvailabilities", "getOrganizationSwitchPortsStatusesBySwitch",
        "getOrganizationSwitchPortsTopologyDiscoveryByDevice", "getDeviceSwitchPortsStatuses",
        "getOrganizationSummaryTopSwitchesByEnergyUsage", "getOrganizationSwitchPortsUsageHistoryByDeviceByInterval",
        "getNetworkWirelessClientCountHistory", "getOrganizationWirelessSsidsStatusesByDevice",
        "getOrganizationWirelessClientsOverviewByDevice", "getOrganizationDevicesStatuses", "getNetworkClients",
        "getOrganizationClientsSearch", "getOrganizationAdmins", "getOrganizationConfigurationChanges",
    }
)  # fmt: skip
"""Operations whose answers no write of ours decides."""
PAGING = ("perPage", "startingAfter", "endingBefore")
IDENTITIES = (
    "id", "serial", "networkId", "number", "portId", "accessPolicyNumber", "interfaceId", "staticRouteId",
    "trustedServerId", "serverId",
)  # fmt: skip


def asked(name: str, ids: Mapping[str, str], query: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    kept = sorted((key, value) for key, value in query if key not in PAGING)
    return (name, *ids.values(), *(f"{key}={value}" for key, value in kept))


def answered(world: World, operation: Operation, ids: Mapping[str, str], query: Mapping[str, list[str]]) -> Any:
    """Give the captured answer to a question that no write decides; None where there is none."""
    if not world.answers or operation.name not in AS_ANSWERED:
        return None
    pairs = [(name, value) for name, values in query.items() for value in values]
    content = world.answers.get("\n".join(asked(operation.name, ids, pairs)))
    if content is None or operation.name != "getOrganizationAdmins":
        return content
    gone = world.data.get("admins_removed", ())
    return [*(admin for admin in content if admin["id"] not in gone), *world.data.get("admins_invited", ())]


def joined(world: World, operation: Operation, ids: Mapping[str, str], result: Any) -> Any:
    """Join to an answer the fields that the real system showed and the simulator does not have."""
    extras = world.data.get("extras", {}).get("\n".join((operation.name, *ids.values())))
    return result if extras is None else beyond.joined(public(result), extras, identity)


def identity(item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    named = [str(item[name]) for name in IDENTITIES if item.get(name) is not None]
    network = item.get("network")
    return named[0] if named else str(network.get("id", "")) if isinstance(network, Mapping) else ""
