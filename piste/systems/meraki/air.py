"""The air of an organization: radios, use and signal of access points, admission.

Source: Dashboard API, `getOrganizationWirelessSsidsStatusesByDevice` (channel, width, power),
`getOrganizationWirelessDevicesChannelUtilizationByDevice` (an average by band, 90 days back),
`getNetworkWirelessSignalQualityHistory` (a question an access point, 31 days back: that of all at once is early access
alone), `getOrganizationWirelessRfProfilesAssignmentsByDevice`, `getNetworkWirelessRfProfiles`,
`getNetworkWirelessSsids`, `getOrganizationSwitchPortsBySwitch`, which does not name the policy of a port.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from piste.engine.converge.errors import Rejected, Unreadable
from piste.engine.converge.module import Module
from piste.engine.converge.moments import written
from piste.engine.converge.reading import in_parts, listed, mapped, optional, reading, text, truth, whole
from piste.engine.converge.values import coerce
from piste.engine.transport.subjects import subject
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.living import RADIOS
from piste.systems.meraki.rf_profiles import RF_PROFILES, assignments
from piste.systems.meraki.ssids import SSIDS
from piste.systems.meraki.switch_port_table import CUSTOM

USES, SIGNAL = "/wireless/devices/channelUtilization/byDevice", "/networks/{network_id}/wireless/signalQualityHistory"
SPAN = 86_400
"""Seconds over which use and signal are averaged."""
BY_BAND = {"2.4": "twoFourGhzSettings", "5": "fiveGhzSettings"}
LIMITS = tuple(f"per{of}BandwidthLimit{way}" for of in ("Client", "Ssid") for way in ("Up", "Down"))
PARTS = ("radios", "uses", "signals", "profiles", "ssids", "ports")


def air(dashboard: Dashboard) -> dict[str, Any]:
    """Read the air of the organization.

    The result is `{read_at, radios, uses, signals, profiles, ssids, ports, unread}`. By serial of an access point:
    `radios` by band `{channel, width, power}`, `uses` by band `{total, other}` in percent, `signals`
    `{snr, rssi, why}`, `profiles` `{name, min_bitrate}`, the lowest rate by band. `ssids` are by network and name
    `{mode, limits}` of those on the air: way of admission; kbit/s of a client up and down, of the SSID up and down.
    `ports` are by switch `{access, dot1x}`, counts. `unread`: see `in_parts`.
    Raises `Unreachable`.
    """
    points = {
        device["serial"]: device["networkId"]
        for device in dashboard.devices()
        if device.get("productType") == "wireless" and device.get("networkId")
    }
    names = {network["id"]: network["name"] for network in dashboard.networks()}
    networks = {network: names[network] for network in dict.fromkeys(points.values())}
    reads: Mapping[str, Callable[[], Any]] = {
        "radios": partial(_radios, dashboard),
        "uses": partial(_uses, dashboard),
        "signals": lambda: {serial: _signal(dashboard, serial, network) for serial, network in points.items()},
        "profiles": lambda: {
            serial: made for network in networks for serial, made in _profiles(dashboard, network).items()
        },
        "ssids": lambda: {name: _ssids(dashboard, network) for network, name in networks.items()},
        "ports": partial(_ports, dashboard),
    }
    return {"read_at": written(dashboard.transport.now()), **in_parts(dashboard.host, reads)}


def _radios(dashboard: Dashboard) -> dict[str, Any]:
    path = f"/organizations/{dashboard.organization}{RADIOS}"
    radios: dict[str, Any] = {}
    for point in dashboard.pages(path, 500, {"hideDisabled": "true"}):
        bands = radios.setdefault(text(point["serial"]), {})
        for service in listed(point.get("basicServiceSets")):
            radio = mapped(service.get("radio"))
            if truth(radio.get("isBroadcasting")):
                wires = {"channel": "channel", "width": "channelWidth", "power": "power"}
                band = {name: optional(_whole, radio.get(wire)) for name, wire in wires.items()}
                bands[text(radio["band"])] = band
    return radios


def _uses(dashboard: Dashboard) -> dict[str, Any]:
    path = f"/organizations/{dashboard.organization}{USES}"
    return {
        text(point["serial"]): {
            text(band["band"]): {
                "total": optional(_share, mapped(band.get("total")).get("percentage")),
                "other": optional(_share, mapped(band.get("nonWifi")).get("percentage")),
            }
            for band in whole(point["byBand"])
        }
        for point in dashboard.pages(path, 1000, {"timespan": SPAN})
    }


def _signal(dashboard: Dashboard, serial: str, network: str) -> dict[str, Any]:
    """Read the last day of an access point.

    Null where it had no client, or where it was refused, which `why` says.
    """
    query = {"deviceSerial": serial, "timespan": SPAN, "resolution": SPAN}
    said: dict[str, Any] = {"snr": None, "rssi": None, "why": ""}
    try:
        with reading(dashboard.host):
            for interval in dashboard.items(fill(SIGNAL, {"network_id": network}), query):
                if interval.get("snr") is not None:
                    said |= {name: optional(_whole, interval.get(name)) for name in ("snr", "rssi")}
    except (Rejected, Unreadable) as error:
        said["why"] = " : ".join(part for part in (error.what, error.why) if part)
    return said


def _profiles(dashboard: Dashboard, network: str) -> dict[str, Any]:
    """Read the lowest rate by band of the profile of each access point.

    Null: it is by SSID. No band: the list of the network does not have the profile.
    """
    answer = dashboard.request("GET", fill(RF_PROFILES.endpoint.read, {"network_id": network})).document()
    documents = {text(profile["id"]): profile for profile in (answer if isinstance(answer, list) else [answer])}
    return {
        serial: {"name": text(profile["name"]), "min_bitrate": _rates(mapped(documents.get(text(profile["id"]))))}
        for serial, profile in assignments(dashboard, network, fresh=False).items()
        if profile
    }


def _rates(profile: Mapping[str, Any]) -> dict[str, float | None]:
    if not profile:  # assigned, and no longer in the list of the network
        return {}
    by_band = profile.get("minBitrateType") == "band"
    return {
        band: optional(_rate, mapped(profile.get(wire)).get("minBitrate")) if by_band else None
        for band, wire in BY_BAND.items()
    }


def _ssids(dashboard: Dashboard, network: str) -> dict[str, Any]:
    documents = dashboard.items(fill(SSIDS.endpoint.read, {"network_id": network}))
    return {
        text(document["name"]): {
            "mode": text(document["authMode"]),
            "limits": [optional(_whole, document.get(limit)) for limit in LIMITS],
        }
        for document in documents
        if truth(document["enabled"])
    }


def _ports(dashboard: Dashboard) -> dict[str, Any]:
    """Count the access ports that are on, by switch, and those of them under an access policy."""
    counts = {}
    for serial, switch in dashboard.ports().items():
        access = [port for port in whole(switch["ports"]) if text(port["type"]) == "access" and truth(port["enabled"])]
        policies = [text(port["accessPolicyType"]) for port in access]
        counts[serial] = {"access": len(access), "dot1x": policies.count(CUSTOM)}
    return counts


def _whole(value: Any) -> int:
    return int(coerce("int", value))


def _rate(value: Any) -> float:
    return float(coerce("float", value))


def _share(value: Any) -> float:
    share = float(coerce("float", value))
    if not 0 <= share <= 100:
        raise ValueError(f"un pourcentage est attendu, reçu {share}")
    return share


MODULES: Mapping[str, Module] = subject(
    "meraki_air", MERAKI, lambda dashboard, params: {"air": air(dashboard)}
)
