"""Options that the Veeam modules share: address, account, what its names mean here."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.engine.transport.client import WAY, timeout
from piste.systems.veeam.client import DEFAULT, VERSIONS

VEEAM = Field(
    "veeam",
    "Where Veeam Backup & Replication listens, and as whom to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("base_url", "Its address, C(https://veeam.example:9419).", required=True),
        Field("api_version", "Revision of the API, in each request.", choices=VERSIONS, default=DEFAULT),
        Field("username", "Account, which reads and has no other right."),
        Field("password", "Password of the account, secret.", default="", no_log=True),
        *WAY,
        timeout(),
        Field(
            "repositories",
            "By store of the declaration, the names of its repositories; by default the repository of its name.",
            type="dict",
        ),
        Field("objects", "By name of an object of Veeam, the protected set, where the names differ.", type="dict"),
    ),
)
DECLARED = Field(
    "declared",
    "Protection of the town, as C(piste_site) gives it (C(protection)).",
    type="dict",
    required=True,
)
