"""Base of the Meraki drivers: documents read by table, operations turned into writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.normalise import Names, from_wire, to_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import reading
from piste.engine.converge.request import Request
from piste.engine.converge.resource import UNSET, Field, Resource
from piste.engine.converge.secrets import Vault
from piste.engine.converge.values import Misfit, coerce, stable
from piste.systems.meraki import batches
from piste.systems.meraki.connection import NETWORK
from piste.systems.meraki.dashboard import Dashboard, fill

MADE = "made"
"""The ids of the networks that the run has made, as its tasks share them."""
PRODUCTS = ("switch", "wireless")
"""Types of product that have documents of their own in a network."""
DIRECT = ""
"""No batch verb: the write is not batchable, or two sources give different verbs."""


@dataclass(frozen=True, slots=True)
class At:
    """Paths by which a document is read and written.

    `read` may be org-wide, or empty for a document that another read brings. `verb` is the batch operation, empty
    where there is none. `decode` takes out what the system adds to what it was given; `initial` is the wire document
    of an object just created. `listed` marks a document made of objects, each written by `write` under its own id.
    """

    read: str
    write: str = ""
    verb: str = "update"
    decode: Callable[[Any], Any] | None = None
    initial: Mapping[str, Any] = field(default_factory=dict)
    listed: bool = False

    @property
    def target(self) -> str:
        return self.write or self.read


class MerakiDriver(Driver, ABC):
    """Base of the drivers of one kind of object, in one network."""

    resource: Resource
    options: tuple[Field, ...] = (NETWORK,)
    of_template = False
    """True for a kind that a configuration template decides: a write in a bound network is refused."""
    product_type = ""
    """Type of the devices that own the objects; empty for objects of a network."""
    sees_all = True
    identifiers: tuple[str, ...] = ()
    """Wire names of the ids from which the address of an object is built."""

    def __init__(self, dashboard: Dashboard, vault: Vault, owner: str, network: str) -> None:
        self.dashboard, self.vault, self.owner, self.scope = dashboard, vault, owner, network
        self.raw: dict[str, dict[str, Any]] = {}
        """The wire document of each live object, by key, as last read."""
        self.unknown: set[str] = set()
        self.replaced: Sequence[Mapping[str, str]] = ()
        """The devices that others replace, for the kinds that take the option of this name."""
        self.carried: Mapping[str, Sequence[str]] = {}
        """The owners whose gateways an object carries, by key, for the kinds that take the option of this name."""

    @classmethod
    def of(cls, connection: Dashboard, request: Request, params: Mapping[str, Any]) -> Self:
        driver = cls(connection, request.vault, request.owner, params.get("network") or "")
        driver.replaced = [
            {name: value.upper() if name != "model" else value for name, value in pair.items() if value}
            for pair in params.get("replaced") or ()
        ]
        driver.carried = params.get("carried") or {}
        return driver

    def locks(self) -> Sequence[str]:
        return (f"meraki {self.dashboard.root} {self.scope or 'networks'}",)

    @abstractmethod
    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read live canonical items by key, as `piste.engine.converge.driver.Driver` describes."""

    def reset(self, key: str, item: Item) -> Item:
        return defaults(self.resource.fields)

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Guards of the kind: reason by confirmation word, as in `guarded`."""
        return {}

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        return self.guards(operations) | self._bound() | self._carrying(operations)

    def _carrying(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Guard of what carries the gateways of other owners: nobody there would have a way out."""
        return {
            f"carried:{operation.key}": f"{operation.name} porte les passerelles de {', '.join(owners)}"
            for operation in operations
            if operation.action == "delete" and (owners := self.carried.get(operation.key))
        }

    def _bound(self) -> dict[str, str]:
        """Guard of a network bound to a template: it refuses some local writes, undocumented."""
        if not self.of_template or not self.dashboard.network(self.scope).get("isBoundToConfigTemplate"):
            return {}
        why = (
            f"{self.scope} suit un modèle de configuration, le Dashboard y refuse des réglages locaux ; détachez-le "
            "(Organization, Configuration templates, Unbind, en gardant sa configuration), ou réglez le modèle"
        )
        return {f"template:{self.scope}": why}

    def guards_of(self, operation: Operation) -> set[str]:
        """Guard words of the fields that an operation changes."""
        before, after = operation.before or {}, operation.after or {}
        return {
            entry.guard
            for entry in self.resource.fields
            if entry.guard and entry.name in after and stable(after[entry.name]) != stable(before.get(entry.name))
        }

    def remarks(self) -> list[str]:
        if not self.unknown:
            return []
        names = ", ".join(sorted(self.unknown))
        return [
            f"{self.resource.name} : clés du système que la table ne connaît pas, laissées telles quelles : {names}"
        ]

    def names(self) -> Names:
        return {}

    def ids(self, key: str, item: Mapping[str, Any]) -> dict[str, Any]:
        """Ids that the path templates of an object need."""
        return {"network_id": self.network_id}

    def address(self, template: str, ids: Mapping[str, Any]) -> str:
        """Path of a document."""
        return fill(template, ids)

    @cached_property
    def network_id(self) -> str:
        """Id of the task's network; empty where check mode has only planned the network."""
        return str(self.dashboard.network(self.scope)["id"])

    @property
    def exists(self) -> bool:
        """False where check mode has only planned the network."""
        return bool(self.network_id)

    @cached_property
    def _products(self) -> Sequence[str]:
        types: Sequence[str] = self.dashboard.network(self.scope).get("productTypes", PRODUCTS)
        return types

    def unanswered(self, path: str) -> bool:
        """True for a path of a product that the network lacks: the Dashboard refuses it (400)."""
        product = next((name for name in PRODUCTS if path.startswith(f"/networks/{{network_id}}/{name}/")), "")
        return bool(product) and product not in self._products

    @cached_property
    def new_place(self) -> bool:  # type: ignore[override]
        """True for objects of a network that this run has made."""
        return bool(self.scope) and self.network_id in (self.dashboard.shared.get(MADE) or ())

    # reading

    @cached_property
    def _body(self) -> tuple[tuple[Field, ...], frozenset[str]]:
        """Fields of the main document, and their wire names; computed once for all objects."""
        fields = self.resource.body
        return fields, frozenset(entry.wire_name for entry in fields)

    def canonical(self, key: str, document: Mapping[str, Any]) -> Item:
        """Convert a wire document to a canonical item; keep the document for the write."""
        with reading(f"{self.resource.name} {key}"):
            fields, wire = self._body
            self.raw[key] = dict(document)
            self.unknown |= document.keys() - wire - self.resource.known
            _check_about(document, wire)
            for name in self.identifiers:
                coerce("str", document[name])
            return from_wire(fields, document, self.vault, self.names(), {"owner": self.owner})

    def read_parts(
        self, items: dict[str, Item], desired: Mapping[str, Mapping[str, Any]], *, whole: bool, fresh: bool
    ) -> None:
        """Add to each live item its own documents that are wanted, each read in one call."""
        todo = [
            (key, part)
            for key, item in items.items()
            for part in self.resource.parts
            if part.name in desired.get(key, {})
            or (whole and self.exportable(key, item) and not self.unanswered(part.part.read))
        ]

        def read(entry: tuple[str, Field]) -> Any:
            key, part = entry
            return self.read_part(key, part, fresh=fresh)

        for (key, part), document in zip(todo, self.dashboard.transport.map(read, todo), strict=True):
            self.keep_part(items[key], key, part, document)

    def read_part(self, key: str, part: Field, *, fresh: bool) -> Any:
        return self.dashboard.get(self.address(part.part.read, self.ids(key, {})))

    def keep_part(self, item: Item, key: str, part: Field, document: Any) -> None:
        with reading(f"{self.resource.name} {key} {part.name}"):
            _check_about(document, {entry.wire_name for entry in part.of})
            decoded = part.part.decode(document) if part.part.decode else document
            self.raw.setdefault(key, {})[f"part:{part.name}"] = decoded
            item[part.name] = from_wire(part.of, decoded, self.vault, self.names(), {"owner": self.owner, **item})

    def exportable(self, key: str, item: Item) -> bool:
        return True

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        writes = [write for operation in operations for write in self.writes(operation)]
        batches.send(self.dashboard, writes, progress, self.fresh)

    def fresh(self) -> bool:
        """True while a device of the network was claimed too recently to answer reliably."""
        claimed = self.dashboard.shared.get("claimed") or {}
        return self.dashboard.clock.time() - float(claimed.get(self.scope, 0)) < batches.READY

    def writes(self, operation: Operation) -> Iterator[batches.Write]:
        """Yield the writes of an operation on a live object: only what differs in each document."""
        after, before = operation.after or {}, operation.before or {}
        ids = self.ids(operation.place, {**after, **before})
        body = self.body(operation)
        if body:
            at: At = self.resource.endpoint
            yield batches.Write(
                operation, self.address(at.target, ids), body, at.verb, "" if at.verb else "PUT", self.last(operation)
            )
        for part in self.resource.parts:
            new, old = after.get(part.name), before.get(part.name)
            if new is not None and stable(new) != stable(old):
                yield from self.part_writes(operation, part, old or {}, new, ids)

    def part_writes(
        self, operation: Operation, part: Field, old: Item, new: Item, ids: Mapping[str, Any]
    ) -> Iterator[batches.Write]:
        """Yield the writes of a document of its own that an operation changes."""
        known = self.raw.get(operation.place, {}).get(f"part:{part.name}")
        content = to_wire(part.of, changed(part.of, old, new), self.names(), known)
        at: At = part.part
        yield batches.Write(operation, self.address(at.target, ids), content, at.verb, "" if at.verb else "PUT")

    def body(self, operation: Operation) -> dict[str, Any]:
        """Wire form of the fields of the main document that change, with those that go with them."""
        after, before = operation.after or {}, operation.before or {}
        fields = self.resource.body
        content = changed(fields, before, after)
        if any(name in content for name in self.resource.together):
            content |= {name: after[name] for name in self.resource.together if name in after}
        return to_wire(fields, content, self.names(), self.raw.get(operation.place))

    def last(self, operation: Operation) -> bool:
        return False


class LazyNames(Mapping[str, Mapping[str, str]]):
    """Names by id of some kinds of objects, read from the system at the first use of each kind."""

    def __init__(self, reads: Mapping[str, Callable[[], Mapping[str, str]]]) -> None:
        self._reads = reads
        self._known: dict[str, Mapping[str, str]] = {}

    def __getitem__(self, kind: str) -> Mapping[str, str]:
        if kind not in self._known:
            self._known[kind] = self._reads[kind]()
        return self._known[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._reads)

    def __len__(self) -> int:
        return len(self._reads)


def _check_about(document: Mapping[str, Any], names: Set[str]) -> None:
    """Refuse an object without a field of the table, say an error under the status of success."""
    if names.isdisjoint(document):
        raise Misfit(f"aucun de ces champs n’y est : {', '.join(sorted(names))}")


def changed(fields: Sequence[Field], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of `after` that differ, without those that only place the object."""
    return {
        entry.name: after[entry.name]
        for entry in fields
        if entry.name in after
        and entry.part is None
        and not entry.path_only
        and (entry.name not in before or stable(after[entry.name]) != stable(before[entry.name]))
    }


def defaults(fields: Sequence[Field]) -> Item:
    """Defaults of the table: the state of an object that nobody has configured."""
    result: Item = {}
    for entry in fields:
        if entry.part is not None or entry.path_only:
            continue
        if entry.default is not UNSET:
            result[entry.name] = entry.default
        elif entry.type == "dict" and entry.of and (inner := defaults(entry.of)):
            result[entry.name] = inner
    return result


def retry_fresh(driver: MerakiDriver, work: Callable[[], Any]) -> Any:
    """Read from a device, again and again while it was claimed a moment ago and is not ready."""
    result: Any = None

    def attempt() -> None:
        nonlocal result
        result = work()

    batches.patiently(attempt, driver.fresh, driver.dashboard.clock)
    return result
