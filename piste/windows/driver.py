"""What all kinds of the directory share: whose they are, what is wrong with a plan before it is written."""

from __future__ import annotations

from abc import ABC
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from piste.converge.driver import Driver
from piste.converge.errors import Ambiguous, Fault, Guarded, InvalidConfig
from piste.converge.plan import Item, Operation, Plan
from piste.converge.progress import Progress
from piste.converge.request import Request
from piste.converge.resource import Field
from piste.windows import dn as dns
from piste.windows.directory import Directory, Value
from piste.windows.entry import Entry
from piste.windows.names import CHUNK, Names
from piste.windows.reached import Reached
from piste.windows.searches import PLACES
from piste.words import agreed

OWNED = (
    Field(
        "base",
        "Place of the owner, as a path from the domain's root: C(Ville/Ecoles/ecole-jaures), C(/) for the whole "
        "domain. What stands elsewhere is neither read nor changed.",
        default=dns.ROOT,
    ),
    Field(
        "apart",
        "Places beneath C(base) that belong to other owners, with all that they hold.",
        type="list",
        default=[],
    ),
)

GONE = "gone"
"""Under what check mode notes the places that objects leave."""


class DirectoryDriver(Driver, ABC):
    """Base of the drivers: one kind of object, of one owner. The caller opens and closes the directory."""

    def __init__(
        self,
        directory: Directory,
        owner: str,
        base: str = dns.ROOT,
        apart: Iterable[str] = (),
        *,
        everything: bool = False,
    ) -> None:
        self.directory, self.owner, self.scope = directory, owner, ""
        self.names = Names(directory)
        self.base, self.apart = _place("base", base), [_place("apart", path) for path in apart]
        self.everything = everything
        """True where the task is about all that the owner owns, not only about what it names."""
        self.raw: dict[str, Entry] = {}
        """The entry of each live object, by key, as last read."""

    @classmethod
    def of(cls, connection: Reached, request: Request, params: Mapping[str, Any]) -> Self:
        given = {field.name: params[field.name] for field in cls.options if params.get(field.name) is not None}
        everything = request.survey or request.state in ("overridden", "gathered")
        return cls(connection.directory, request.owner, **given, everything=everything, **cls.needs(connection))

    @classmethod
    def needs(cls, connection: Reached) -> Mapping[str, Any]:
        """What a kind is given of the domain besides its directory."""
        return {}

    def locks(self) -> Sequence[str]:
        return (f"ad {self.directory.domain.controller}",)

    @property
    def calls(self) -> dict[str, int]:
        """Requests sent, `reads` and `writes`."""
        return self.directory.calls

    def mine(self, path: str) -> bool:
        """True for a place that belongs to the owner."""
        return dns.inside(path, self.base) and not any(dns.inside(path, other) for other in self.apart)

    def path(self, dn: str) -> str:
        return dns.path_of(dn, self.directory.base)

    def dn(self, path: str) -> str:
        return dns.dn_of(path, self.directory.base)

    def absent_places(self, paths: Iterable[str]) -> set[str]:
        """Those of the paths where nothing is, nor will be once the run has done what it has planned so far.

        A place that the run does not know yet is asked for: only the controller's own answer has a task refused.
        """
        asked = {path for path in paths if path != dns.ROOT}
        known = self.directory.names(PLACES) if asked else set()
        new = {path for path in asked if dns.normal(self.dn(path)) not in known}
        planned = set(map(dns.folded_path, self.directory.shared.planned("organizational_unit"))) if new else set()
        todo = sorted(path for path in new if dns.folded_path(path) not in planned)
        there: set[str] = set()
        for at in range(0, len(todo), CHUNK):
            terms = "".join(f"(distinguishedName={dns.literal(self.dn(path))})" for path in todo[at : at + CHUNK])
            found = self.directory.search(self.directory.base, f"(|{terms})")
            there |= {dns.folded_path(self.path(entry.dn)) for entry in found}
        if there:
            self.directory.forget()
        return {path for path in todo if dns.folded_path(path) not in there}

    # before the first write

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse what cannot be done, all of it at once; then say what asks for a word."""
        if refusals := self.refusals(operations):
            raise Guarded(
                f"{agreed(len(refusals), 'changement(s) impossible(s)')}, rien n'a été écrit",
                where=self.owner,
                todo="Levez d'abord ce qui les empêche :" + "".join(f"\n  - {refusal}" for refusal in refusals),
            )
        return self.guards(operations)

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """What no word can confirm."""
        return []

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {}

    @contextmanager
    def telling(self, operation: Operation, progress: Progress) -> Iterator[None]:
        """Around the writes of an operation: where one is refused that is not the first, the operation is begun."""
        sent = self.calls["writes"]
        try:
            with progress.sending(operation):
                yield
        except Exception:
            if self.calls["writes"] > sent + 1:
                progress.begun([operation])
            raise

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.after is not None:
                self.directory.shared.plan_object(self.resource.name, operation.key, {})
            if operation.key in self.raw and self.leaves(operation):
                self.directory.shared.plan_object(GONE, dns.normal(self.raw[operation.key].dn), {})

    def leaves(self, operation: Operation) -> bool:
        """True where the object will not stand any more where it stands."""
        return operation.after is None

    def fault(self, item: Item, field: str, message: str) -> Fault:
        return Fault(f"config[{self.resource.key_of(item)}].{field}", message)

    def not_mine(self, item: Item, field: str, missing: Collection[str] = ()) -> list[Fault]:
        """What is wrong with a declared place: it is somebody else's, or does not exist (`missing`)."""
        place = item.get(field)
        if place is None:
            return []
        if not self.mine(place):
            return [self.fault(item, field, f"hors de ce que possède « {self.owner} » ({self.base})")]
        return [self.fault(item, field, nowhere(place))] if place in missing else []


def nowhere(place: str) -> str:
    """What is said of a place that is not there and that the task does not make."""
    return (
        f"« {place} » n'existe pas et n'est pas déclaré : convergez d'abord son propriétaire "
        "(la ville, -l commune, pour ce qui porte les sites), ou corrigez le chemin"
    )


def sorted_items(items: Mapping[str, Item]) -> dict[str, Item]:
    """The items in one order, whatever the directory's: two domains of the same content give the same export."""
    return dict(sorted(items.items(), key=lambda pair: (dns.fold(pair[0]), pair[0])))


def spelt_as(wanted: Iterable[str], live: str) -> str:
    """The declared spelling of a live name, where the directory takes them for equal; the live one elsewhere."""
    same = [name for name in wanted if dns.fold(name) == dns.fold(live)]
    return live if live in same or not same else same[0]


def text_change(before: Entry, attribute: str, after: Value | None) -> tuple[Sequence[Value], Sequence[Value]]:
    """The change of an attribute from what was read to one value, or to none."""
    return before.raw(attribute), [] if after is None else [after]


def twice(resource: str, name: str, places: Sequence[str]) -> Ambiguous:
    """The error for two live objects of one name."""
    return Ambiguous(
        f"{len(places)} objets ({resource}) s'appellent « {name} »",
        where=" ; ".join(places),
        todo="Renommez-en un dans la console d'administration : le nom est l'identité.",
    )


def spellings(paths: Iterable[str], option: str = "absent") -> dict[str, str]:
    """Declared paths by what the directory takes them for. Raises `InvalidConfig` for what is no path."""
    found: dict[str, str] = {}
    faults = []
    for path in paths:
        try:
            found.setdefault(dns.folded_path(path), path)
        except ValueError:
            faults.append(Fault(option, f"« {path} » n'est pas un chemin, comme Ville/Ecoles"))
    if faults:
        raise InvalidConfig(faults)
    return found


def _place(option: str, path: str) -> str:
    spellings([path], option)
    return dns.spelt(path)


def described(item: Mapping[str, object], *names: str) -> dict[str, list[Value]]:
    """Attributes of a new object, by wire name: those that have a value."""
    return {name: [str(item[name])] for name in names if item.get(name) not in (None, "")}
