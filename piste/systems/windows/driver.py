"""Base of the drivers of the directory: ownership by place, refusals before a write."""

from __future__ import annotations

from abc import ABC
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Ambiguous, Fault, Guarded, InvalidConfig
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.words import agreed
from piste.systems.windows import dn as dns
from piste.systems.windows.connection import Connection
from piste.systems.windows.directory import Directory, Value
from piste.systems.windows.entry import Entry
from piste.systems.windows.names import CHUNK, Names
from piste.systems.windows.searches import PLACES

OWNED = (
    Field(
        "base",
        "Place of the owner, as a path from the domain's root: C(Ville/Ecoles/ecole-jaures), C(/) for the whole "
        "domain. Objects elsewhere are neither read nor changed.",
        default=dns.ROOT,
    ),
    Field(
        "apart",
        "Places beneath C(base) that belong to other owners, with all their contents.",
        type="list",
        default=[],
    ),
)
_ARGUMENTS: Mapping[str, str] = {"apart": "other_owners"}
"""Arguments of a driver that do not have the name of their option."""

GONE, RETAINED = "gone", "retained"
"""Kinds under which a run notes the places that objects leave, now or once a word is given."""


class DirectoryDriver(Driver, ABC):
    """A kind of objects of an owner. The caller opens and closes the directory."""

    def __init__(
        self,
        directory: Directory,
        owner: str,
        base: str = dns.ROOT,
        other_owners: Iterable[str] = (),
        *,
        everything: bool = False,
    ) -> None:
        self.directory, self.owner, self.scope = directory, owner, ""
        self.names = Names(directory)
        self.base, self.other_owners = _place("base", base), [_place("apart", path) for path in other_owners]
        self.everything = everything
        """True where the task covers all the owner's objects, not only those that it names."""
        self.raw: dict[str, Entry] = {}
        """The entry of each live object, by key, as last read."""

    @classmethod
    def of(cls, connection: Connection, request: Request, params: Mapping[str, Any]) -> Self:
        names = {field.name: _ARGUMENTS.get(field.name, field.name) for field in cls.options}
        given = {argument: params[name] for name, argument in names.items() if params.get(name) is not None}
        everything = request.survey or request.state in ("overridden", "gathered")
        return cls(connection.directory, request.owner, **given, everything=everything, **cls.needs(connection))

    @classmethod
    def needs(cls, connection: Connection) -> Mapping[str, Any]:
        """Return further arguments of the driver, from the domain."""
        return {}

    def locks(self) -> Sequence[str]:
        return (f"ad {self.directory.domain.controller}",)

    @property
    def calls(self) -> dict[str, int]:
        """Number of requests sent, by `reads` and `writes`."""
        return self.directory.calls

    def mine(self, path: str) -> bool:
        """Return True for a place of the owner."""
        return dns.inside(path, self.base) and not any(dns.inside(path, other) for other in self.other_owners)

    def path(self, dn: str) -> str:
        return dns.path_of(dn, self.directory.base)

    def dn(self, path: str) -> str:
        return dns.dn_of(path, self.directory.base)

    def absent_places(self, paths: Iterable[str]) -> set[str]:
        """Return the paths where no object is, and where the run has planned none so far.

        The controller is asked about a place that the run does not know: only its own answer may have a task refused.
        """
        asked = {path for path in paths if path != dns.ROOT}
        known = self.directory.names(PLACES) if asked else set()
        new = {path for path in asked if dns.normal(self.dn(path)) not in known}
        planned = set(map(dns.folded_path, self.directory.shared.planned("organizational_unit"))) if new else set()
        todo = sorted(path for path in new if dns.folded_path(path) not in planned)
        there: set[str] = set()
        for at in range(0, len(todo), CHUNK):
            terms = "".join(f"(distinguishedName={dns.literal(self.dn(path))})" for path in todo[at : at + CHUNK])
            entries = self.directory.search(self.directory.base, f"(|{terms})")
            there |= {dns.folded_path(self.path(entry.dn)) for entry in entries}
        if there:
            self.directory.forget()
        return {path for path in todo if dns.folded_path(path) not in there}

    # before the first write

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse all impossible operations at once; return the confirmations that others need."""
        if refusals := self.refusals(operations):
            raise Guarded(
                f"{agreed(len(refusals), 'changement(s) impossible(s)')}, rien n’a été écrit",
                where=self.owner,
                todo="Levez d’abord ce qui les empêche :" + "".join(f"\n  - {refusal}" for refusal in refusals),
            )
        return self.guards(operations)

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """Return the faults of impossible operations, which no confirmation lifts."""
        return []

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {}

    @contextmanager
    def sending(self, progress: Progress, operation: Operation) -> Iterator[None]:
        """Surround the writes of an operation: note it as begun if a write after the first fails."""
        sent = self.calls["writes"]
        try:
            with progress.sending(operation):
                yield
        except Exception:
            if self.calls["writes"] > sent + 1:
                progress.begun([operation])
            raise

    def retain(self, waiting: Sequence[Operation]) -> None:
        for operation in waiting:
            if operation.key in self.raw and self.leaves(operation):
                place = dns.normal(self.raw[operation.key].dn)
                self.directory.shared.plan_object(f"{RETAINED}-{self.owner}", place, {})

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.after is not None:
                self.directory.shared.plan_object(self.resource.name, operation.key, {})
            if operation.key in self.raw and self.leaves(operation):
                self.directory.shared.plan_object(GONE, dns.normal(self.raw[operation.key].dn), {})

    def leaves(self, operation: Operation) -> bool:
        """Return True where the object leaves its place."""
        return operation.after is None

    def fault(self, item: Item, field: str, message: str) -> Fault:
        return Fault(f"config[{self.resource.key_of(item)}].{field}", message)

    def not_mine(self, item: Item, field: str, missing: Collection[str] = ()) -> list[Fault]:
        """Return the fault of a declared place that is another owner's, or that is `missing`."""
        place = item.get(field)
        if place is None:
            return []
        if not self.mine(place):
            return [self.fault(item, field, f"hors de ce que possède « {self.owner} » ({self.base})")]
        return [self.fault(item, field, nowhere(place))] if place in missing else []


def nowhere(place: str) -> str:
    """Return the message for a place that does not exist and that the task does not create."""
    return (
        f"« {place} » n’existe pas et n’est pas déclaré : convergez d’abord son propriétaire "
        "(la ville, -l commune, pour ce qui porte les sites), ou corrigez le chemin"
    )


def sorted_items(items: Mapping[str, Item]) -> dict[str, Item]:
    """Sort items by key, so that two domains of the same content give the same export."""
    return dict(sorted(items.items(), key=lambda pair: (dns.fold(pair[0]), pair[0])))


def spelt_as(desired: Iterable[str], live: str) -> str:
    """Return the declared spelling that the directory takes for a live name, else the live name."""
    same = [name for name in desired if dns.fold(name) == dns.fold(live)]
    return live if live in same or not same else same[0]


def text_change(before: Entry, attribute: str, after: Value | None) -> tuple[Sequence[Value], Sequence[Value]]:
    """Return the change of an attribute from the values read to a single value, or to none."""
    return before.raw(attribute), [] if after is None else [after]


def twice(resource: str, name: str, places: Sequence[str]) -> Ambiguous:
    """Make the error for two live objects of the same name."""
    return Ambiguous(
        f"{len(places)} objets ({resource}) s’appellent « {name} »",
        where=" ; ".join(places),
        todo="Renommez-en un dans la console d’administration : le nom est l’identité.",
    )


def spellings(paths: Iterable[str], option: str = "absent") -> dict[str, str]:
    """Map the folded form of declared paths to their spelling.

    Raises `InvalidConfig` for what is no path.
    """
    places: dict[str, str] = {}
    faults = []
    for path in paths:
        try:
            places.setdefault(dns.folded_path(path), path)
        except ValueError:
            faults.append(Fault(option, f"« {path} » n’est pas un chemin, comme Ville/Ecoles"))
    if faults:
        raise InvalidConfig(faults)
    return places


def _place(option: str, path: str) -> str:
    spellings([path], option)
    return dns.spelt(path)


def described(item: Mapping[str, object], *names: str) -> dict[str, list[Value]]:
    """Return the attributes of a new object that have a value, by wire name."""
    return {name: [str(item[name])] for name in names if item.get(name) not in (None, "")}
