"""The machines that Defender for Endpoint knows, with the state of their agent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.moments import stamped, written
from piste.engine.converge.reading import optional, text
from piste.engine.converge.run import Params
from piste.engine.transport.subjects import subject
from piste.systems.microsoft.client import Microsoft
from piste.systems.microsoft.connection import SYSTEM

RIGHT = "Machine.Read.All"
"""The least application permission (*List machines API*, Permissions)."""
PAGE = 10_000
"""Machines of a page, the most (*List machines API*, Limitations)."""
STATES: Mapping[str, str] = {
    "Active": "healthy", "Inactive": "off", "ImpairedCommunication": "degraded", "NoSensorData": "degraded",
    "NoSensorDataImpairedCommunication": "degraded",
}  # fmt: skip
"""The state of an agent by `healthStatus` (*Machine resource type*); any other is unknown."""


def _agents(microsoft: Microsoft) -> Iterator[dict[str, Any]]:
    """Yield each agent; a machine that is only seen on the network has none."""
    for machine in microsoft.machines("/machines", {"$top": PAGE}):
        if text(machine["onboardingStatus"]) == "Onboarded":
            yield {
                "name": text(machine["computerDnsName"]),
                "last_seen": stamped(machine["lastSeen"])[:10],
                "version": optional(text, machine.get("agentVersion")) or "",
                "signatures_at": None,
                "state": STATES.get(str(machine["healthStatus"]), "unknown"),
            }


def _read(microsoft: Microsoft, params: Params) -> dict[str, Any]:
    return {"agents": [*_agents(microsoft)], "read_at": written(microsoft.transport.now())}


MODULES = subject("microsoft_machines", SYSTEM, _read)
