"""A kind of object: the columns of the list of kinds, and the faults of such a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from piste.engine.converge.resource import Resource

ACCOUNT = "administrator"
"""The kind of an account in a record: none that Piste converges."""
OF_THE_TOWN = "est à la ville"
"""Reason why the closing of a site leaves an object."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object.

    `driver` is the class that converges it, `module:Class`; its table is the driver's `resource`.
    """

    domain: str
    module: str
    driver: str
    name: str = ""
    """Name of its objects in the domain and in an export; by default that of the module, without its system."""
    intent: str = ""
    """Name of its objects in the derived intent, where it is not `name`."""
    within: tuple[str, ...] = ()
    """Modules of the kinds that contain these objects: a container that is removed takes them with it."""
    unexported: str = ""
    """Reason why an export leaves them out; empty where it includes them."""
    late: bool = False
    """True where exports of older versions lack them: a replay then has none."""
    closed: str = ""
    """State in which the closing of a site removes the site's own: `deleted` what is declared, `overridden` all."""
    unclosed: str = ""
    """Reason why the closing of a site leaves them to something else."""
    renewed: str = ""
    """What an undo loses of an object that it makes again."""
    unreturned: str = ""
    """Reason why an undo does not give them back; empty where it does."""
    declared: bool = True
    """True where the town declares them; else only the kind's own module, an export, a replay and an undo do."""
    surveyed: bool = True
    """True where an adoption asks the tasks of the kind for undeclared objects; else it matches by other means."""
    undeclared: str = "drift"
    """What names the undeclared objects: the `task` of their only owner, or the end of a `drift`."""
    step: str = ""
    """The step that converges it, where the usual run of its domain does not."""
    if_declared: bool = False
    """True where an owner that declares none has nothing to do with them."""
    admission: tuple[str, ...] = ()
    """Fields whose values admit devices by the RADIUS servers: without these, the devices lose the network."""
    rights: str = ""
    """The least rights that the account needs for them; *déduit* where no source says it."""
    watched: str = ""
    """The way to watch what it makes."""
    inventory: str = ""
    """Its class in the inventory."""
    classes: tuple[str, ...] = ()
    """Classes of the system's own API that it writes, where its table does not name them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.module.partition("_")[2])

    @property
    def system(self) -> str:
        """The name of its system, in operations and in what is kept as found."""
        return self.table.system

    @property
    def place(self) -> str:
        """The Python module of its module."""
        return f"piste.runs.domains.{self.domain}"

    @property
    def driver_class(self) -> Any:
        place, name = self.driver.split(":")
        return getattr(import_module(place), name)

    @property
    def table(self) -> Resource:
        table: Resource = self.driver_class.resource
        return table

    @property
    def part(self) -> str:
        """Its name in the intent of an owner."""
        return self.intent or self.name


def faults(kinds: tuple[Kind, ...]) -> Iterator[str]:
    """List the faults of a table of kinds, a line each."""
    before: list[str] = []
    places: set[tuple[str, str]] = set()
    for kind in kinds:
        if kind.module in before:
            yield f"{kind.module}: listed twice"
        if (kind.domain, kind.name) in places:
            yield f"{kind.module}: another kind of {kind.domain} is called {kind.name}"
        if kind.step and not kind.unexported:
            yield f"{kind.module}: a step of its own has no place in an export, say why (unexported)"
        if bool(kind.closed) == bool(kind.unclosed):
            yield f"{kind.module}: either its state in a closing (closed), or why it has none (unclosed)"
        if not kind.rights:
            yield f"{kind.module}: the least rights of its account are missing (rights)"
        later = [name for name in kind.within if name not in before]
        yield from (f"{kind.module}: what holds it, {name}, comes after it" for name in later)
        before.append(kind.module)
        places.add((kind.domain, kind.name))
