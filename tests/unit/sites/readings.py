"""Readings of a town that is as declared: what routes, what lends addresses."""

from __future__ import annotations

from typing import Any

from piste.town.model import Town
from piste.town.model.routing.trace import Router, declared_routers


def routers(town: Town) -> list[Router]:
    assert town.commune
    return declared_routers(town.commune, town.sites)


def lenders(town: Town, site: str, **changes: Any) -> list[dict[str, Any]]:
    """Return each DHCP server with the scopes of a site, 190 addresses free of 200."""
    scopes = [
        {"subnet": scope["subnet"], "name": scope["name"], "active": True, "free": 190, "in_use": 10, **changes}
        for scope in town.sites[site]["scopes"]
    ]
    servers = town.sites[site]["dhcp"]["servers"]
    return [{"server": server["name"], "scopes": scopes, "unread": ""} for server in servers]
