"""Life of an organization: devices, ports, access points, firmware, as reported.

Source: Dashboard API, `getOrganizationDevicesStatuses`, `getOrganizationSwitchPortsStatusesBySwitch`,
`getOrganizationWirelessSsidsStatusesByDevice`, `getOrganizationWirelessClientsOverviewByDevice`. The first is
deprecated, and alone says when a device last reported; where it is gone, `getOrganizationDevicesAvailabilities` takes
its place, which the vendor refreshes every five minutes. The uplinks of `getOrganizationUplinksStatuses` are those of
appliances, and the town has none: the uplink of a switch is a port.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from piste.engine.converge.errors import Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.moments import stamped, written
from piste.engine.converge.reading import in_parts, listed, mapped, number, optional, reading, text, truth
from piste.engine.transport.subjects import subject
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard

STATUSES, PORTS = "/devices/statuses", "/switch/ports/statuses/bySwitch"
RADIOS, CLIENTS = "/wireless/ssids/statuses/byDevice", "/wireless/clients/overview/byDevice"
LISTS = (STATUSES, PORTS, RADIOS, CLIENTS)
GONE = (404, 410)
SPEEDS: Mapping[str, int] = {"Gbps": 1000, "Mbps": 1}


def living(dashboard: Dashboard) -> dict[str, Any]:
    """Read what lives, in one paged read a part.

    The result is `{read_at, devices, ports, radios, clients, unread}`.

    By serial number: `devices` are `{name, model, network, status, reported_at, firmware, supplies}`, `ports` are by
    number `{status, uplink, speed_mbps, duplex, errors, warnings, fed}`, `radios` the SSIDs on the air, `clients` a
    count. `unread`: see `in_parts`. Raises `Unreachable`.
    """
    reads: Mapping[str, Callable[[Dashboard], Any]] = {
        "devices": _devices,
        "ports": _ports,
        "radios": _radios,
        "clients": _clients,
    }
    seen = in_parts(dashboard.host, {name: partial(read, dashboard) for name, read in reads.items()})
    return {"read_at": written(dashboard.transport.now()), **seen}


def refused(dashboard: Dashboard) -> dict[str, str]:
    """Ask for the first page of each list; give the reason of each that is refused.

    Raises `Unreadable`.
    """
    refusals = {}
    with reading(dashboard.host):
        for path in LISTS:
            try:
                for entry in dashboard.page(f"/organizations/{dashboard.organization}{path}", 3):
                    text(mapped(entry)["serial"])
            except Rejected as error:
                refusals[path] = error.why or error.what
    return refusals


def _devices(dashboard: Dashboard) -> dict[str, Any]:
    versions = {device["serial"]: optional(text, device.get("firmware")) for device in dashboard.devices()}
    return {
        text(device["serial"]): {
            "name": optional(text, device.get("name")) or text(device["serial"]),
            "model": optional(text, device.get("model")),
            "status": text(device["status"]),
            "reported_at": _reported(device.get("lastReportedAt")),
            "firmware": versions.get(device["serial"]),
            "supplies": [
                text(supply["status"]) for supply in listed(mapped(device.get("components")).get("powerSupplies"))
            ],
        }
        for device in _statuses(dashboard)
    }


def _reported(value: Any) -> str | None:
    """Check when a device last reported; null or empty where it never did.

    This is [belief meraki.never_reported].
    """
    return None if value == "" else optional(stamped, value)


def _statuses(dashboard: Dashboard) -> list[Any]:
    base = f"/organizations/{dashboard.organization}"
    try:
        return dashboard.pages(base + STATUSES, 1000)
    except Rejected as error:
        if error.status not in GONE:
            raise
        return dashboard.pages(f"{base}/devices/availabilities", 1000)


def _ports(dashboard: Dashboard) -> dict[str, Any]:
    path = f"/organizations/{dashboard.organization}{PORTS}"
    return {
        text(switch["serial"]): {text(port["portId"]): _port(port) for port in listed(switch["ports"])}
        for switch in dashboard.pages(path, 20)
    }


def _port(port: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "status": text(port["status"]),
        "uplink": truth(port["isUplink"]),
        "speed_mbps": _mbps(text(port["speed"])),
        "duplex": text(port["duplex"]),
        "errors": [text(error) for error in listed(port.get("errors"))],
        "warnings": [text(warning) for warning in listed(port.get("warnings"))],
        "fed": truth(mapped(port.get("poe")).get("isAllocated")),
    }


def _mbps(speed: str) -> int | None:
    """Read `2.5 Gbps`; None where there is no link. Raises `KeyError`, `ValueError`."""
    if not speed:
        return None
    value, unit = speed.split(" ")
    return int(float(value) * SPEEDS[unit])


def _radios(dashboard: Dashboard) -> dict[str, Any]:
    path = f"/organizations/{dashboard.organization}{RADIOS}"
    return {
        text(point["serial"]): sorted(
            {
                text(service["ssid"]["name"])
                for service in listed(point.get("basicServiceSets"))
                if truth(mapped(service.get("radio")).get("isBroadcasting"))
            }
        )
        for point in dashboard.pages(path, 500, {"hideDisabled": "true"})
    }


def _clients(dashboard: Dashboard) -> dict[str, Any]:
    path = f"/organizations/{dashboard.organization}{CLIENTS}"
    return {
        text(point["serial"]): number(mapped(mapped(point["counts"]).get("byStatus")).get("online"))
        for point in dashboard.pages(path, 1000)
    }


MODULES: Mapping[str, Module] = subject(
    "meraki_living", MERAKI, lambda dashboard, params: {"living": living(dashboard)}
)
