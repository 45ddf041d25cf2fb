"""Options that Prism Central modules share: address, account, cluster."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.engine.transport.client import WAY, rate, timeout
from piste.systems.nutanix.prism import RATE, Prism

PRISM = Field(
    "prism",
    "Where Prism Central listens, and as whom to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("base_url", "Its address, C(https://prism.example:9440).", required=True),
        Field("username", "Account, where no key is given."),
        Field("password", "Password of the account, secret.", no_log=True),
        Field("api_key", "Key of the API, secret.", no_log=True),
        *WAY,
        timeout(),
        Field("task_timeout", "Seconds for which a task is followed.", type="float", default=600),
        rate(RATE),
    ),
)
CLUSTER = Field("cluster", "Cluster to which the objects belong, by its name.", required=True)
HOURS = Field(
    "hours",
    "Schedules, calendar and machines, as the filter C(prism_intent) gives them from the declaration.",
    type="dict",
    required=True,
)

PRISM_CENTRAL = System((PRISM,), lambda params, vault: Prism(params["prism"]))
