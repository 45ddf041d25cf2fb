"""Options that Zabbix modules share: address and account."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.systems.zabbix.api import Zabbix

ZABBIX = Field(
    "zabbix",
    "Where the frontend of Zabbix listens, and as whom to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("url", "Address of its frontend, C(https://zabbix.example)."),
        Field("token", "Token of its API, secret.", no_log=True),
        Field("ca_file", "Certificate authority, where it is not one of the machine's.", type="path"),
        Field("proxy", "Proxy, C(http://host:port)."),
        Field("no_proxy", "Hosts reached without it.", type="list", default=[]),
        Field("timeout", "Seconds for which an answer is waited for.", type="float", default=120),
        Field("rate", "Requests a second that this run may send; 0 lifts the limit.", type="float", default=10),
    ),
)

SUPERVISION = System((ZABBIX,), lambda params, vault: Zabbix(params["zabbix"]))
