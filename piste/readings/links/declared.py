"""The links of the town: ends, operator, port that carries each, objective."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from piste.town.model.derived import Derived
from piste.town.model.relations import own_links

if TYPE_CHECKING:
    from piste.town.model.third_parties import ThirdParty

CLASS = "link"
"""The class of links, by which objectives name them."""


class TownLink(TypedDict):
    """A link of a site; `port` carries it (`serial/port`), None where no Meraki switch does.

    `objective` is the availability that is due, in percent, None where none is declared; `objective_status` says
    whether the town has confirmed it.
    """

    name: str
    site: str
    to: str | None
    operator: str | None
    medium: str | None
    rate_mbps: int | None
    rate_status: str | None
    far_port: str | None
    port: str | None
    objective: float | None
    objective_status: str | None


def town_links(town: Derived) -> list[TownLink]:
    """List the links of the sites in service, each once, from the site that declares it."""
    serials = {
        device["name"]: device["serial"]
        for site in town.sites.values()
        for device in site["devices"]
        if device["kind"] == "switch"
    }
    objective = _objective(town)
    links = []
    for site in town.sites.values():
        if site["lifecycle"] not in ("open", "closing"):
            continue
        own = set(own_links(site))
        for link in site["premises"]["links"]:
            if link["name"] in own:
                device, _, port = (link["far_port"] or "").partition("/")
                links.append(
                    TownLink(
                        name=link["name"],
                        site=site["id"],
                        to=link["to"],
                        operator=link["operator"],
                        medium=link["medium"],
                        rate_mbps=link["rate_mbps"],
                        rate_status=link["status"],
                        far_port=link["far_port"],
                        port=f"{serials[device]}/{port}" if serials.get(device) else None,
                        objective=objective.get("availability"),
                        objective_status=objective.get("status"),
                    )
                )
    return links


def _objective(town: Derived) -> Mapping[str, Any]:
    supervision = town.commune["supervision"] if town.commune else None
    objectives = supervision["objectives"] if supervision else ()
    return next((entry for entry in objectives if CLASS in entry["classes"]), {})


def operator_of(town: Derived, name: str | None) -> ThirdParty | None:
    """Give the third party that is the operator of a link, by its name or its label."""
    parties = town.commune["third_parties"] if town.commune else ()
    wanted = (name or "").casefold()
    return next((party for party in parties if wanted in (party["id"], party["label"].casefold())), None)
