"""RADIUS servers as access policies and SSIDs hold them."""

from __future__ import annotations

from piste.converge.resource import Field

RADIUS_SECRET = "radius/{owner}"
"""A site's switches and access points share one secret with the NPS pair."""


def radius_server(port: int) -> tuple[Field, ...]:
    """Fields of one server; ``port`` is what an absent port means."""
    return (
        Field("host", "Address or name of the server.", required=True),
        Field("port", "Port of the server.", type="int", default=port, minimum=1, maximum=65535),
        Field("secret", "Reference of the shared secret.", secret=RADIUS_SECRET, readable=False),
    )
