"""Options that the modules of Microsoft 365 share: tenant, application, its certificate."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.engine.transport.client import WAY, timeout
from piste.systems.microsoft.client import GRAPH, LOGIN, SECURITY, Microsoft

MICROSOFT = Field(
    "microsoft",
    "Where Microsoft 365 answers, and as which application to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("base_url", f"Address of Microsoft Graph, C({GRAPH}).", required=True),
        Field("login_url", f"Address that gives tokens; C({LOGIN}) by default."),
        Field("security_url", f"Address of Defender for Endpoint; C({SECURITY}) by default."),
        Field("defender", "Whether the town has Defender for Endpoint.", type="bool", default=True),
        Field("tenant", "Identifier of the tenant."),
        Field("application", "Identifier of the application."),
        Field("certificate", "Certificate of the application, in PEM."),
        Field("private_key", "RSA key of that certificate, in PEM, secret.", default="", no_log=True),
        *WAY,
        timeout(),
    ),
)
SYSTEM = System((MICROSOFT,), lambda params, vault: Microsoft(params["microsoft"]))
