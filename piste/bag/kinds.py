"""The kinds of objects that a bag declares: for each, its domain, its module, and where its file is."""

from __future__ import annotations

from dataclasses import dataclass

from piste import kinds
from piste.converge.resource import Resource


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: `per_site` where a file holds the objects of one site, all its kinds together."""

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
"""Domains in the order in which they are replayed, each with its kinds in theirs."""
PLACES = "places"
"""The file beside those of the sites: which device is in which network, and its model, as the system says."""
