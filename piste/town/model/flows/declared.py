"""The declared flows of the matrix: those of the town, of a category, of a site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from .ends import End

if TYPE_CHECKING:
    from ..declaration import Declaration, Declared, DeclaredSite
    from ..faults import Mark
    from ..paths import KeyPath
    from .form import Flow

Level = Literal["town", "category", "site"]
OF_PISTE = "piste-"
"""Prefix of the ids of the flows that Piste needs, and of no other."""


@dataclass(frozen=True, slots=True)
class DeclaredFlow:
    """A flow of the matrix, its sites, and the place of its declaration.

    `where` starts at its variable; `path` names it, as in `sites[ecole-jaures].site_flows[tableau]`.
    """

    id: str
    form: Flow
    level: Level
    sites: tuple[str, ...]
    declared: Declared[Any]
    where: KeyPath
    path: str

    def mark(self, *field: str | int) -> Mark:
        """Give the line of a field of the flow, or of the flow."""
        return self.declared.where((*self.where, *field), self.where)

    @property
    def sources(self) -> list[End]:
        """Ends that it leaves from."""
        return [End.read(text) for text in self.form.source]

    @property
    def destinations(self) -> list[End]:
        """Ends that it leads to."""
        return [End.read(text) for text in self.form.to]

    def over(self, today: date) -> bool:
        """Tell whether its end has passed; it holds on its last day."""
        return self.form.until is not None and date.fromisoformat(self.form.until) < today


def declared_flows(declaration: Declaration) -> Iterator[DeclaredFlow]:
    """Yield the flows of the town, of its categories, of its sites."""
    every = tuple(site.id for site in declaration.sites)
    for name, flow in declaration.town.variables.flows.items():
        where: KeyPath = ("flows", name)
        yield DeclaredFlow(name, flow, "town", every, declaration.town, where, f"flows[{name}]")
    for category, sites in _categories(declaration).items():
        concerned = tuple(site.id for site in sites)
        for name, flow in sites[0].variables.category_flows.items():
            where, path = ("category_flows", name), f"categories[{category}].category_flows[{name}]"
            yield DeclaredFlow(name, flow, "category", concerned, sites[0], where, path)
    for site in declaration.sites:
        for name, flow in site.variables.site_flows.items():
            where, path = ("site_flows", name), f"sites[{site.id}].site_flows[{name}]"
            yield DeclaredFlow(name, flow, "site", (site.id,), site, where, path)


def _categories(declaration: Declaration) -> dict[str, list[DeclaredSite]]:
    categories: dict[str, list[DeclaredSite]] = {}
    for site in declaration.sites:
        categories.setdefault(site.category, []).append(site)
    return categories
