"""Options that Zabbix modules share: address and account."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.engine.transport.client import WAY, rate, timeout
from piste.systems.zabbix.api import PATIENCE, RATE, Zabbix

ZABBIX = Field(
    "zabbix",
    "Where the frontend of Zabbix listens, and as whom to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("url", "Address of its frontend, C(https://zabbix.example)."),
        Field("token", "Token of its API, secret.", no_log=True),
        *WAY,
        timeout(PATIENCE),
        rate(RATE),
    ),
)

SUPERVISION = System((ZABBIX,), lambda params, vault: Zabbix(params["zabbix"]))
