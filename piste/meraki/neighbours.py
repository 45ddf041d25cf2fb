"""Ports that face the rest of the network, as the switches report them.

Source: Dashboard API, `getDeviceSwitchPortsStatuses` for one switch,
`getOrganizationSwitchPortsStatusesBySwitch` and `getOrganizationSwitchPortsTopologyDiscoveryByDevice` for several.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from piste.converge.reading import listed, mapped, text, truth
from piste.meraki.dashboard import Dashboard, fill

UPLINK, ACCESS_POINT = "uplink", "access_point"
"""Words that confirm the change of a port: it leads to another switch or out of the site, or to an access point."""
_PROTOCOLS = ("lldp", "cdp")


@dataclass(frozen=True, slots=True)
class _Report:
    """Report of a switch on a port: uplink or not, and the values that its neighbour announces."""

    key: str
    uplink: bool = False
    heard: Sequence[Any] = ()


def facing(dashboard: Dashboard, ports: Collection[str]) -> dict[str, tuple[str, str]]:
    """Guard word and reason of the ports that face the rest of the network, by `serial/number`.

    These are all uplinks of the switches of `ports`, and those among `ports` whose neighbour is a device of the
    organization.
    """
    serials = sorted({key.partition("/")[0] for key in ports})
    reports = _of_one(dashboard, *serials) if len(serials) == 1 else _of_several(dashboard, serials)
    heard = [report for report in reports if report.heard and report.key in ports]
    devices = _devices(dashboard) if heard else {}
    faced: dict[str, tuple[str, str]] = {}
    for report in heard:
        # The labels of the values are for people: any value may be the name or the MAC address of a device.
        known = [devices[value] for entry in report.heard if (value := bare(str(entry))) in devices]
        if known:
            word = UPLINK if known[0].get("productType") == "switch" else ACCESS_POINT
            faced[report.key] = (word, f"mène à {known[0].get('name') or known[0]['serial']} ; une erreur l'isole")
    uplinks = [report.key for report in reports if report.uplink]
    return faced | dict.fromkeys(uplinks, (UPLINK, "est une liaison montante ; une erreur coupe ce qui suit"))


def bare(value: str) -> str:
    """Reduce a name or a MAC address to lower case without separators."""
    return value.lower().replace(":", "").replace("-", "").replace(".", "")


def _devices(dashboard: Dashboard) -> dict[str, Mapping[str, Any]]:
    """Devices of the organization by name and by MAC address."""
    by_label: dict[str, Mapping[str, Any]] = {}
    for device in dashboard.devices():
        by_label |= {bare(str(device[name])): device for name in ("name", "mac") if device.get(name)}
    return by_label


def _of_one(dashboard: Dashboard, serial: str) -> list[_Report]:
    return [
        _Report(
            f"{serial}/{text(port['portId'])}",
            truth(port["isUplink"]),
            [value for protocol in _PROTOCOLS for value in mapped(port.get(protocol)).values()],
        )
        for port in dashboard.items(fill("/devices/{serial}/switch/ports/statuses", {"serial": serial}))
    ]


def _of_several(dashboard: Dashboard, serials: Sequence[str]) -> list[_Report]:
    base = f"/organizations/{dashboard.organization}/switch/ports"

    def ports(path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for switch in dashboard.pages(base + path, 20, {"serials[]": serials}):
            for port in listed(switch["ports"]):
                yield f"{switch['serial']}/{port['portId']}", port

    heard = [
        _Report(key, heard=[entry.get("value") for protocol in _PROTOCOLS for entry in listed(port.get(protocol))])
        for key, port in ports("/topology/discovery/byDevice")
    ]
    return heard + [_Report(key, uplink=truth(port["isUplink"])) for key, port in ports("/statuses/bySwitch")]
