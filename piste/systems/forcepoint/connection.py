"""Option that all modules of the SMC share: address and account."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.engine.transport.client import WAY, timeout
from piste.systems.forcepoint.smc import Smc

SMC = Field(
    "smc",
    "Where the SMC listens, and as whom to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("url", "Base of the API, C(https://smc.example:8082).", required=True),
        Field(
            "api_version",
            "Version of the API, C(7.4). It is never replaced by another: an SMC that does not offer it is refused.",
            required=True,
        ),
        Field("api_key", "Key of the API client, secret.", no_log=True),
        Field("login", "Administrator account, where there is no API client."),
        Field("password", "Its password, secret.", no_log=True),
        Field("domain", "Administrative domain."),
        *WAY,
        timeout(),
    ),
)

FORCEPOINT = System((SMC,), lambda params, vault: Smc(params["smc"]))
