"""The kinds of objects in a bag: domain, module, and place of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from piste.engine.converge.resource import Resource
from piste.systems import kinds


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: `per_site` where a file has the objects of a site, of all its kinds."""

    domain: str
    name: str
    module: str
    resource: Resource
    per_site: bool
    late: bool

    @property
    def title(self) -> str:
        return self.resource.doc


KINDS: tuple[Kind, ...] = tuple(
    Kind(kind.domain, kind.name, kind.module, kind.table, per_site=kind.domain == "network", late=kind.late)
    for kind in kinds.KINDS
    if not kind.unexported
)
DOMAINS: tuple[str, ...] = kinds.DOMAINS
"""Domains in the order of a replay, each with its kinds in order."""
PLACES = "places"
"""The file beside those of the sites: the network and the model of each device, by the system."""
BESIDE: Mapping[str, tuple[str, ...]] = {
    "network": (PLACES,),
    "firewall": ("system", "engines"),
    "directory": ("computers",),
    "hosting": ("clusters",),
}
"""Files of a domain that a replay leaves alone: the systems' own forms, and readings of what no kind has."""
