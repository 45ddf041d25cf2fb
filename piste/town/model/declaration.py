"""The declaration, validated: the variables of every scope, and of each host, resolved."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from .assets.tables import Tables
from .faults import Mark
from .paths import dotted
from .tree import COMMUNE, NEIGHBOURS, SITES
from .variables import (
    HINTS,
    LEVEL_OF,
    PLACES,
    AnyLevel,
    CategoryLevel,
    CommuneLevel,
    NeighbourLevel,
    SiteLevel,
    SiteVariables,
    TownLevel,
    adapter,
    names,
    required,
)
from .wording import closest, explain

if TYPE_CHECKING:
    from .faults import Faults
    from .life.history import Event
    from .paths import KeyPath
    from .tree import Inventory, Variable, Variables
    from .variables import Level


@dataclass(frozen=True, slots=True)
class TownVariables(TownLevel, AnyLevel):
    """All variables of the town as a whole."""


@dataclass(frozen=True, slots=True)
class Declared[V]:
    """The resolved variables of a host or of the town, and the file and line of each."""

    id: str
    variables: V
    sources: Variables
    host: Mark

    def where(self, *paths: KeyPath) -> Mark:
        """Give the line of the first path that a file declares exactly.

        A path starts with its variable. Where none is declared (the value is derived), give the deepest declared part
        of the last path, or at worst the host's line of hosts.yml.
        """
        for variable, *rest in paths:
            source = self.sources.get(str(variable))
            if source and (not rest or source.holds(tuple(rest))):
                return source.mark(tuple(rest))
        variable, *rest = paths[-1]
        source = self.sources.get(str(variable))
        return source.mark(tuple(rest)) if source else self.host


@dataclass(frozen=True, slots=True)
class DeclaredSite(Declared[SiteVariables]):
    """A site, and its category."""

    category: str


@dataclass(slots=True)
class Declaration:
    """The whole town as declared.

    It is not `complete` when a host was left out: its names are then unknown.
    """

    town: Declared[TownVariables]
    sites: list[DeclaredSite] = field(default_factory=list)
    shared: Declared[CommuneLevel] | None = None
    neighbours: list[Declared[NeighbourLevel]] = field(default_factory=list)
    complete: bool = True
    assets: Tables = field(default_factory=Tables)
    history: list[tuple[Event, Mark]] = field(default_factory=list)


def read_declaration(inventory: Inventory, faults: Faults) -> Declaration | None:
    """Validate every variable of an inventory and resolve each host.

    A host with a fault of form is left out, its faults added to `faults`. None when there is no host or the town's own
    variables cannot be used: nothing can be derived then.
    """
    if not inventory.hosts:
        return None
    forms = _Forms(inventory, faults)
    town = forms.town(inventory.group_vars.get("all", {}))
    if town is None:
        return None
    forms.categories(inventory)
    declaration = Declaration(town)
    for host, mark in inventory.hosts.items():
        own = inventory.host_vars.get(host)
        if own is None:
            message = f"L’hôte « {host} » n’a pas de déclaration"
            advice = f"Créez host_vars/{host}.yml, ou retirez l’hôte de hosts.yml."
            faults.add("PISTE-M020", inventory.host_path(host), mark, message, advice)
            continue
        level = _host_level(inventory, host)
        file = next((item.document.mark() for item in own.values()), mark)
        forms.missing(level, own, inventory.host_path(host), file)
        if level is NeighbourLevel:
            neighbour = forms.resolved(host, NeighbourLevel, own, mark)
            declaration.neighbours.extend([neighbour] if neighbour else [])
        elif level is CommuneLevel:
            declaration.shared = forms.resolved(host, CommuneLevel, own, mark)
        else:
            site = forms.site(inventory, host, mark)
            declaration.sites.extend([site] if site else [])
    kept = len(declaration.sites) + len(declaration.neighbours) + (declaration.shared is not None)
    declaration.complete = kept == len(inventory.hosts)
    return declaration


_REMEMBERED = 2_000
"""Values that a process remembers: a verb loads the town several times, an editor at each change of a file."""
_valid: dict[tuple[str, bytes], Any] = {}
"""Validated values, which nothing changes, by variable and content."""


def _validated(name: str, value: Any) -> Any:
    """Validate the value of a variable. Raises ValidationError."""
    key = name, marshal.dumps(value, 2)  # later versions write equal values in several ways
    if key not in _valid:
        _valid[key] = adapter(name).validate_python(value)
        while len(_valid) > _REMEMBERED:
            del _valid[next(iter(_valid))]
    return _valid[key]


class _Forms:
    """Validate each declared variable once, wherever it is resolved."""

    def __init__(self, inventory: Inventory, faults: Faults) -> None:
        self.faults = faults
        self.unread = any(item.rule == "PISTE-M001" for item in faults)
        self.values: dict[int, Any] = {}
        for path, variables, levels in _scopes(inventory):
            for variable in variables.values():
                self.check(variable, path, levels)

    def check(self, variable: Variable, prefix: str, levels: tuple[Level, ...]) -> None:
        name = variable.name
        level = LEVEL_OF.get(name)
        path = f"{prefix}.{name}" if prefix else name
        if level is None:
            known = [key for allowed in levels for key in names(allowed)]
            message = f"La variable « {name} » est inconnue"
            self.faults.add("PISTE-M005", path, variable.mark(), message, closest(name, known))
        elif level not in levels:
            self.faults.add("PISTE-M008", path, variable.mark(), f"« {name} » se déclare {PLACES[level]}")
        else:
            try:
                self.values[id(variable)] = _validated(name, variable.value)
            except ValidationError as error:
                for detail in error.errors(include_url=False):
                    if (name, *detail["loc"]) in variable.document.unread:
                        continue
                    rule, message, advice = explain(detail, HINTS[name])
                    where = dotted((name, *detail["loc"]), {name: variable.value})
                    path = f"{prefix}.{where}" if prefix else where
                    self.faults.add(rule, path, variable.mark(detail["loc"]), message, advice)

    def town(self, sources: Variables) -> Declared[TownVariables] | None:
        """Build the variables of the town; None when one of them is missing or has a fault."""
        mark = Mark("group_vars/all", 1)
        if "piste_model" not in sources and not self.unread:
            message = "La variable « piste_model » manque : group_vars n’est pas lu"
            self.faults.add("PISTE-M009", "piste_model", mark, message)
            return None
        self.missing(TownVariables, sources, "", mark)
        return self.resolved("all", TownVariables, sources, mark)

    def categories(self, inventory: Inventory) -> None:
        """Report, once a category, the variables that its sites need and it lacks."""
        for group in inventory.groups.values():
            if SITES in group.parents:
                mark = Mark(f"group_vars/{group.name}.yml", 1)
                sources = inventory.group_vars.get(group.name, {})
                self.missing(CategoryLevel, sources, f"categories[{group.name}]", mark)

    def site(self, inventory: Inventory, host: str, mark: Mark) -> DeclaredSite | None:
        """Build the variables of a site; None when its category or a variable is unusable."""
        categories = inventory.categories_of(host)
        if len(categories) != 1:
            listed = ", ".join(categories) or "aucune"
            message = f"{host} doit avoir une catégorie et une seule ({listed})"
            self.faults.add("PISTE-M022", f"sites[{host}]", mark, message)
            return None
        site = self.resolved(host, SiteVariables, inventory.resolve(host), mark)
        return DeclaredSite(host, site.variables, site.sources, mark, categories[0]) if site else None

    def missing(self, form_of: type[Any], sources: Variables, prefix: str, mark: Mark) -> None:
        """Report the required variables of a form that no file declares.

        Where a file cannot be read, only that is a fault: its variables are not called missing.
        """
        if self.unread:
            return
        for name in sorted(required(form_of) - sources.keys()):
            message = f"La variable « {name} » manque"
            path = f"{prefix}.{name}" if prefix else name
            self.faults.add("PISTE-M006", path, mark, message, "Ajoutez la variable.")

    def resolved[V](self, host: str, form_of: type[V], sources: Variables, mark: Mark) -> Declared[V] | None:
        """Build the variables of a host; None when one of them is missing or has a fault."""
        known = names(form_of)
        usable = {name: source for name, source in sources.items() if name in known}
        if required(form_of) - usable.keys() or any(id(item) not in self.values for item in usable.values()):
            return None
        values = {name: self.values[id(source)] for name, source in usable.items()}
        return Declared(host, form_of(**values), usable, mark)


def _scopes(inventory: Inventory) -> Iterator[tuple[str, Variables, tuple[Level, ...]]]:
    """Yield each scope with variables: prefix of its paths, variables, allowed levels."""
    for group, variables in inventory.group_vars.items():
        if group == "all":
            yield "", variables, (TownLevel, AnyLevel)
        else:
            yield f"categories[{group}]", variables, (CategoryLevel, AnyLevel)
    for host, variables in inventory.host_vars.items():
        level = _host_level(inventory, host)
        yield inventory.host_path(host), variables, (level, AnyLevel) if level is SiteLevel else (level,)


def _host_level(inventory: Inventory, host: str) -> Level:
    """Give the level of the variables of a host, by its groups."""
    groups = inventory.groups_of(host)
    if NEIGHBOURS in groups:
        return NeighbourLevel
    return CommuneLevel if COMMUNE in groups else SiteLevel
