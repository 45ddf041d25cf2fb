"""Ports that face the rest of the network, as the switches report them.

Source: Dashboard API, `getDeviceSwitchPortsStatuses` for one switch,
`getOrganizationSwitchPortsStatusesBySwitch` and `getOrganizationSwitchPortsTopologyDiscoveryByDevice` for several.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from piste.engine.converge.reading import listed, mapped, text, truth
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.vlans import passes

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
    uplinks, heard = reported(dashboard, ports)
    faced: dict[str, tuple[str, str]] = {}
    for port, known in heard.items():
        word = UPLINK if known.get("productType") == "switch" else ACCESS_POINT
        faced[port] = (word, f"mène à {known.get('name') or known['serial']} ; une erreur l’isole")
    return faced | dict.fromkeys(uplinks, (UPLINK, "est une liaison montante ; une erreur coupe ce qui suit"))


def cut_off(dashboard: Dashboard, lists: Mapping[str, str]) -> dict[str, str]:
    """Find the ports whose new list cuts the management of their switch, or of their neighbour.

    `lists` gives the VLANs of each port, by `serial/number`. Untagged management passes by the native VLAN.
    """
    uplinks, heard = reported(dashboard, lists)
    behind = {port: str(known["serial"]) for port, known in heard.items()}
    concerned = {*behind.values(), *(port.partition("/")[0] for port in uplinks if port in lists)}
    tagged = {serial: vlan for serial in sorted(concerned) if (vlan := _management_vlan(dashboard, serial)) is not None}
    cut: dict[str, str] = {}
    for port, vlans in lists.items():
        own = port.partition("/")[0] if port in uplinks else ""
        for serial in (own, behind.get(port, "")):
            if serial in tagged and not passes(vlans, tagged[serial]):
                cut[port] = f"n’admettrait plus le VLAN {tagged[serial]}, par lequel {serial} est administré"
    return cut


def _management_vlan(dashboard: Dashboard, serial: str) -> int | None:
    document = dashboard.get(fill("/devices/{serial}/managementInterface", {"serial": serial}))
    vlan = mapped(document.get("wan1")).get("vlan")
    return None if vlan is None else int(vlan)


def reported(dashboard: Dashboard, ports: Collection[str]) -> tuple[list[str], dict[str, Mapping[str, Any]]]:
    """Uplinks of the switches of some ports, and the known device that each of these hears."""
    serials = sorted({key.partition("/")[0] for key in ports})
    reports = _of_one(dashboard, *serials) if len(serials) == 1 else _of_several(dashboard, serials)
    heard = [report for report in reports if report.heard and report.key in ports]
    devices = _devices(dashboard) if heard else {}
    # The labels of the values are for people: any value may be the name or the MAC address of a device.
    known = {
        report.key: [devices[value] for entry in report.heard if (value := bare(str(entry))) in devices]
        for report in heard
    }
    return [report.key for report in reports if report.uplink], {port: some[0] for port, some in known.items() if some}


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
