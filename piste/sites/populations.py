"""The populations of the town: segment, Wi-Fi, group policies, and all that they reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from piste.town.model.flows.ends import IN_SERVICE

if TYPE_CHECKING:
    from piste.sites.flows import Picture, Row
    from piste.town.model.derived import Derived
    from piste.town.model.site import Site


class Population(NamedTuple):
    """The computers of a segment of a site.

    `policies` are those of the unit of its computers and of the units above; `reaches` what it reaches by any access.
    """

    site: str
    segment: str
    zone: str
    vlan: int
    carrier: str
    ssids: tuple[str, ...]
    policies: tuple[str, ...]
    reaches: tuple[Row, ...]


def populations(town: Derived, picture: Picture) -> Iterator[Population]:
    """Yield the population of each segment of the sites in service."""
    assert town.commune is not None
    owners = (town.commune["directory"], *(site["directory"] for site in town.sites.values()))
    policies = {link["place"]: link["policies"] for owner in owners for link in owner["links"]}
    for name, site in town.sites.items():
        if site["lifecycle"] not in IN_SERVICE:
            continue
        rows = picture.rows(name)
        for key, segment in site["segments"].items():
            yield Population(
                name,
                key,
                segment["zone"],
                segment["vlan"],
                segment["gateway_device"],
                tuple(ssid["name"] for ssid in site["ssids"] if ssid["enabled"] and ssid["segment"] == key),
                tuple(_policies(site, key, policies)),
                tuple(row for row in rows if row.segment == key),
            )


def _policies(site: Site, segment: str, linked: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the policies of the computers of a segment, from the top of the directory down."""
    place = site["directory"]["populations"].get(segment)
    parts = place.split("/") if place else []
    for depth in range(len(parts)):
        yield from linked.get("/".join(parts[: depth + 1]), ())
