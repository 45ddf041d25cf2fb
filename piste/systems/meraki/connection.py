"""Options that Meraki modules share: address and key of the Dashboard API, and the network."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.engine.transport.client import WAY, rate, timeout
from piste.systems.meraki.dashboard import RATE, Dashboard

DASHBOARD = Field(
    "dashboard",
    "Where the Dashboard API listens, and as whom to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("base_url", "Base of the API, C(/api/v1) included.", required=True),
        Field("api_key", "Key of the API, secret.", required=True, no_log=True),
        Field("organization", "Name or id of the organization.", required=True),
        *WAY,
        timeout(),
        rate(RATE),
    ),
)
NETWORK = Field("network", "Network to which the objects belong, by its name.", required=True)
CARRIED = Field(
    "carried",
    "Owners whose gateways are on a stack or a switch, or in a network, by its name. Its removal asks for a word.",
    type="dict",
)

MERAKI = System((DASHBOARD,), lambda params, vault: Dashboard(params["dashboard"]))
