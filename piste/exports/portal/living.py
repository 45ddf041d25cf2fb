"""Life by the last readings that this machine keeps: ports, machines on their nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from piste.engine.converge.moments import ahead
from piste.papers.dossier.drawn.machines import Placed
from piste.papers.dossier.drawn.panels import UNREAD, PortsRead, PortState
from piste.sites.living.kept import NEXUS_PORTS, Kept, NexusPort, Part, Port
from piste.sites.living.network import UP
from piste.sites.living.seen import STALE
from piste.town.model import Site
from piste.town.model.nexus.derived import Nexus

PartName = Literal["devices", "ports", "machines", "places"]
_REPORTS = ("online", "alerting")
"""Statuses of a switch whose ports are known."""
_WITHOUT_LINK: Mapping[str, PortState] = {"Disconnected": PortState("down"), "Disabled": PortState("off")}


def ports_read(kept: Kept, site: Site, doubt: str = "") -> PortsRead:
    """Give the ports of a site as last read; unknown where their switch did not report then.

    `doubt` says why the last reading is not believed.
    """
    ports = kept.get("ports")
    if ports is None:
        return PortsRead(doubt=doubt)
    switches = {
        device["name"]: {number: _state(port) for number, port in ports["values"].get(device["serial"], {}).items()}
        for device in site["devices"]
        if device["kind"] == "switch" and _reports(device["serial"], kept, ports)
    }
    return PortsRead(ports["read_at"].isoformat(), switches)


def nexus_ports_read(kept: Kept, switches: Sequence[Nexus], doubts: Mapping[str, str]) -> dict[str, PortsRead]:
    """Give the ports of each Nexus as last read; `doubts` says which are not believed."""
    read = {}
    for name in (switch["name"] for switch in switches):
        part = kept.get("nexus_ports", {}).get(name)
        if part is None:
            read[name] = PortsRead(doubt=doubts.get(f"{NEXUS_PORTS}/{name}", ""))
        else:
            states = {number: _nexus_state(port) for number, port in part["values"].items()}
            read[name] = PortsRead(part["read_at"].isoformat(), {name: states})
    return read


def placed(kept: Kept) -> Placed:
    """Give the node of each machine as last read; none for machines that share a name."""
    places = kept.get("places")
    if places is None:
        return Placed()
    nodes = {name: here[0] for name, here in places["values"].items() if len(here) == 1 and here[0]}
    power = kept["machines"]["values"] if _together("machines", "places", kept) else {}
    stopped = frozenset(name for name, states in power.items() if states == ["OFF"] and name not in nodes)
    return Placed(places["read_at"].isoformat(), nodes, stopped)


def _reports(serial: str, kept: Kept, ports: Part[dict[str, dict[str, Port]]]) -> bool:
    """Check that a switch gave news at the reading of its ports.

    The Dashboard shows the last that it knew, even of a switch that is gone.
    """
    device = kept["devices"]["values"].get(serial) if _together("devices", "ports", kept) else None
    if device is None or device["status"] not in _REPORTS:
        return False
    if device["reported_at"] is None:
        return True
    reported = datetime.fromisoformat(device["reported_at"])
    return not ahead(reported, ports["read_at"]) and (ports["read_at"] - reported).total_seconds() <= STALE


def _together(name: PartName, other: PartName, kept: Kept) -> bool:
    """Check that two parts are of the same reading: the later of them says nothing of the other."""
    return name in kept and other in kept and kept[name]["read_at"] == kept[other]["read_at"]


def _nexus_state(port: NexusPort) -> PortState:
    return PortState(port["status"], port["speed_mbps"], (port["reason"],) if port["reason"] else ())


def _state(port: Port) -> PortState:
    if port["status"] == UP:
        faults = (*port["errors"], *port["warnings"])
        return PortState("error" if faults else "up", port["speed_mbps"], faults)
    return _WITHOUT_LINK.get(port["status"], UNREAD)
