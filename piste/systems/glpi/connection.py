"""Options that the GLPI modules share: address, client, account."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.engine.transport.client import WAY, rate, timeout
from piste.systems.glpi.client import RATE, Glpi
from piste.systems.glpi.items import VERSIONS

GLPI = Field(
    "glpi",
    "Where GLPI listens, and as whom to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("base_url", "Its address, C(https://glpi.example): what comes before C(/api.php).", required=True),
        Field(
            "api_version",
            "Version of the High-Level API, pinned in each address.",
            choices=VERSIONS,
            default=VERSIONS[-1],
        ),
        Field("client_id", "OAuth client, with the scope C(api)."),
        Field("client_secret", "Secret of the OAuth client.", no_log=True),
        Field("username", "Account (grant C(password)); without it the client speaks for itself."),
        Field("password", "Password of the account, secret.", no_log=True),
        Field("entity", "Number of the entity to work in; that of the account by default.", type="int"),
        Field("user_token", "Token of the account for the legacy API, where the town allows it; secret.", no_log=True),
        Field("app_token", "Token of the application for the legacy API, secret.", no_log=True),
        *WAY,
        timeout(),
        rate(RATE),
    ),
)

GLPI_SYSTEM = System((GLPI,), lambda params, vault: Glpi(params["glpi"]))
