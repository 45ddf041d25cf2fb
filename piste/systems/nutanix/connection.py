"""Options that Prism Central modules share: address, account, cluster."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.systems.nutanix.prism import Prism

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
        Field("ca_file", "Certificate authority, where it is not one of the machine's.", type="path"),
        Field("proxy", "Proxy, C(http://host:port)."),
        Field("no_proxy", "Hosts reached without it.", type="list", default=[]),
        Field("timeout", "Seconds for which an answer is waited for.", type="float", default=60),
        Field("task_timeout", "Seconds for which a task is followed.", type="float", default=600),
        Field("rate", "Requests a second that this run may send; 0 lifts the limit.", type="float", default=3),
    ),
)
CLUSTER = Field("cluster", "Cluster to which the objects belong, by its name.", required=True)

PRISM_CENTRAL = System((PRISM,), lambda params, vault: Prism(params["prism"]))
