"""The cables between devices, as the ports of switches hear their neighbours.

Source: Dashboard API, `getOrganizationSwitchPortsTopologyDiscoveryByDevice` (LLDP and CDP, one paged read).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.reading import listed, text
from piste.engine.transport.subjects import subject
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.neighbours import bare

_PORT = re.compile(r"(?:port\s+)?(\d+)", re.IGNORECASE)


def cables(dashboard: Dashboard) -> list[dict[str, str]]:
    """List the cables heard, from each end that hears one: `serial`, `port`, `to`, `to_port`.

    `to` is the serial number of a device of the organization, else the name that the neighbour announces.
    """
    devices = {
        bare(str(device[name])): str(device["serial"])
        for device in dashboard.devices()
        for name in ("name", "mac")
        if device.get(name)
    }
    path = f"/organizations/{dashboard.organization}/switch/ports/topology/discovery/byDevice"
    return [cable for switch in dashboard.pages(path, 20) for cable in _heard(switch, devices)]


def _heard(switch: Mapping[str, Any], devices: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for port in listed(switch["ports"]):
        entries = [entry for protocol in ("lldp", "cdp") for entry in listed(port.get(protocol))]
        values = [(str(entry.get("name")), str(entry.get("value"))) for entry in entries]
        known = next((devices[bare(value)] for _, value in values if bare(value) in devices), None)
        name = next((value for label, value in values if label.lower() in ("system name", "device id")), "")
        far = next((value for label, value in values if label.lower() == "port id"), "")
        number = _PORT.fullmatch(far.strip())
        if known or name:
            yield {
                "serial": text(switch["serial"]),
                "port": text(port["portId"]),
                "to": known or name,
                "to_port": number[1] if number else far,
            }


MODULES: Mapping[str, Module] = subject(
    "meraki_cables", MERAKI, lambda dashboard, params: {"cables": cables(dashboard)}
)
