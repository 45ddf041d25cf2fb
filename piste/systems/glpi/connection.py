"""Options that the GLPI modules share: address, client, account."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.systems.glpi.client import Glpi
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
        Field("ca_file", "Certificate authority, where it is not one of the machine's.", type="path"),
        Field("proxy", "Proxy, C(http://host:port)."),
        Field("no_proxy", "Hosts reached without it.", type="list", default=[]),
        Field("timeout", "Seconds for which an answer is waited for.", type="float", default=60),
        Field("rate", "Requests a second that this run may send; 0 lifts the limit.", type="float", default=10),
    ),
)

GLPI_SYSTEM = System((GLPI,), lambda params, vault: Glpi(params["glpi"]))
