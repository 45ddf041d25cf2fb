"""Base of the Zabbix drivers: lists read once, objects written by 200.

An object that Piste owns has a mark (`owned`), where its kind has a place for it. What has none of ours is foreign: it
is never planned nor removed, unless the declaration names it, and then it is taken over.
[belief zabbix.all_or_nothing], [belief zabbix.memory], [belief zabbix.delivered]
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import batched
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Ambiguous, Fault, Rejected
from piste.engine.converge.normalise import Names, from_wire, to_wire
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import reading, text
from piste.engine.converge.request import Request
from piste.engine.converge.resource import UNSET, Resource
from piste.engine.converge.secrets import Vault
from piste.systems.kinds.zabbix import SUPERVISION
from piste.systems.zabbix import disabled
from piste.systems.zabbix.api import Read, Zabbix, position

_LACKING = (
    "« {} » n’est pas dans Zabbix : convergez d’abord la ville (-l commune), si elle le fait, rendez-le d’abord, "
    "s’il est gardé absent (as_found), ou corrigez-le"
)


@dataclass(frozen=True, slots=True)
class At:
    """A kind of the API: its name, its id, its key, and what a read asks for."""

    name: str
    id: str
    key: str = "name"
    read: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> str:
        return f"{self.id}s"


NAMED: Mapping[str, tuple[str, str, str]] = {
    "template": ("template", "templateid", "host"),
    "role": ("role", "roleid", "name"),
    "image": ("image", "imageid", "name"),
}
"""What others refer to by name and no driver lists: its kind of the API, its id, its name."""
PLANNED = "planned:"
"""What the id of an object that check mode only plans begins with."""
CHUNK = 200
"""Objects of a write: 200 hosts take five seconds in one call, and 170 in calls of their own."""


@cache
def places() -> Mapping[str, At]:
    """Give the place in the API of each kind that has a driver, by its name."""
    # Imported here: the list of kinds is that of the drivers, which import this module.
    drivers = (kind.driver_class for kind in SUPERVISION)
    return {driver.resource.name: driver.resource.endpoint for driver in drivers}


@cache
def reads() -> Mapping[str, Read]:
    """Give what a run reads once, by its name in the folder of the run."""
    lists = {f"list-{name}": (at.name, at.read) for name, at in places().items() if at.read}
    names = {f"list-{name}": (what, {"output": [id_, key]}) for name, (what, id_, key) in NAMED.items()}
    return {**names, **lists, **disabled.READS}


class Lookup(dict[str, Mapping[str, str]]):
    """System id → name, by kind of object, each read with the lists of the run, when asked for."""

    def __init__(self, zabbix: Zabbix) -> None:
        super().__init__()
        self._zabbix = zabbix

    def get(self, kind: str, default: Any = None) -> Any:
        return self[kind] if kind in NAMED or kind in places() else default

    def __missing__(self, kind: str) -> Mapping[str, str]:
        id_name, key = NAMED[kind][1:] if kind in NAMED else (places()[kind].id, places()[kind].key)
        planned = {f"{PLANNED}{name}": name for name in self._zabbix.shared.planned(kind)}
        with reading(f"{self._zabbix.host} {kind}"):
            documents = self._zabbix.listed(f"list-{kind}", reads())
            self[kind] = {**planned, **{text(document[id_name]): text(document[key]) for document in documents}}
        return self[kind]

    def id_of(self, kind: str, name: str) -> str:
        """Find the id of a name. Raises KeyError."""
        return {known: id_ for id_, known in self[kind].items()}[name]


class ZabbixDriver(Driver, ABC):
    """Base of the drivers of one kind of object, for one owner."""

    resource: Resource
    delivered: frozenset[str] = frozenset()
    """What a new Zabbix has of the kind: nobody declares it, and it is no orphan."""

    def __init__(self, zabbix: Zabbix, vault: Vault, owner: str, *, everything: bool = False) -> None:
        self.zabbix, self.vault, self.owner = zabbix, vault, owner
        self.scope = ""
        self.everything = everything
        """True where the task is about all live objects, not only about the owner's."""
        self.names = Lookup(zabbix)
        self.raw: dict[str, dict[str, Any]] = {}

    @classmethod
    def of(cls, connection: Zabbix, request: Request, params: Mapping[str, Any]) -> Self:
        everything = request.state == "gathered" and not request.config
        return cls(connection, request.vault, request.owner, everything=everything)

    def locks(self) -> Iterable[str]:
        return (f"zabbix {self.zabbix.transport.endpoint.url}",)

    # particulars of a kind

    @property
    def at(self) -> At:
        place: At = self.resource.endpoint
        return place

    def key(self, document: Mapping[str, Any]) -> str:
        return text(document[self.at.key])

    def owned(self, document: Mapping[str, Any]) -> bool:
        """True for an object with the mark of the owner of the task."""
        return False

    def ours(self, document: Mapping[str, Any]) -> bool:
        """False for what the system makes by itself, and nobody manages."""
        return True

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Convert a document to the wire names of the table."""
        return dict(document)

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        """Convert canonical fields to the body of a write; `live` is empty for a new object."""
        return to_wire(self.resource.fields, content, self.wire_names, live or None)

    def full(self, operation: Operation) -> Item:
        """Give the content that a write sends: what has changed, or all of a new object."""
        after, before = operation.after or {}, operation.before or {}
        if operation.action == "create":
            return after
        return {name: value for name, value in after.items() if name not in before or before[name] != value}

    # reading

    @property
    def list_name(self) -> str:
        """The name of the list of the kind in the folder of the run."""
        return f"list-{self.resource.name}"

    @property
    def wire_names(self) -> Names:
        return self.names

    def _list(self, fresh: bool, keys: Sequence[str]) -> list[dict[str, Any]]:
        """Read the list of the kind, once a run; again, only the objects of some keys."""
        asked = dict(self.at.read)
        if not fresh:
            return self.zabbix.listed(self.list_name, reads())
        documents = self.zabbix.get(self.at.name, **{**asked, "filter": {self.at.key: [*keys]}}) if keys else []
        self.zabbix.renew(self.list_name, keys, self.key, documents)
        return documents

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = [self.resource.key_of(item) for item in desired]
        # What the task removes is in no later question, and must be seen to have gone.
        again = dict.fromkeys([*asked, *self.raw])
        items: dict[str, Item] = {}
        raw: dict[str, dict[str, Any]] = {}
        for document in self._list(fresh, [*again]):
            name = self.key(document)
            if not self.ours(document) or not (name in again or self._concerns(name, document)):
                continue
            if name in raw:
                raise Ambiguous(
                    f"deux objets ({self.resource.name}) s’appellent « {name} », rien n’a été écrit",
                    where=self.zabbix.host,
                    todo="Renommez ou supprimez dans Zabbix celui qui est de trop, puis relancez.",
                )
            raw[name] = document
            with reading(f"{self.resource.name} {name}"):
                text(document[self.at.id])
                items[name] = self.canonical(document)
        self.raw = raw
        return dict(sorted(items.items()))

    def _concerns(self, name: str, document: Mapping[str, Any]) -> bool:
        """True where the task is about an object that it does not name."""
        return self.owned(document) or (self.everything and name not in self.delivered)

    def live(self) -> dict[str, dict[str, Any]]:
        """Read all live objects that people manage, by name."""
        with reading(f"{self.zabbix.host} {self.at.name}"):
            return {self.key(document): document for document in self._list(False, ()) if self.ours(document)}

    def canonical(self, document: Mapping[str, Any]) -> Item:
        context = {"owner": self.owner}
        return from_wire(self.resource.fields, self.plain(document), self.vault, self.wire_names, context)

    # before the first write

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        """List names that nothing has in Zabbix, nor will have."""
        faults = []
        for item in desired:
            where = f"config[{self.resource.key_of(item)}]" if all(part in item for part in self.resource.key) else ""
            faults += [
                Fault(f"{where}.{field}", _LACKING.format(name))
                for field, kind, name in self.needed(item)
                if name not in self.names[kind].values()
            ]
        return faults

    def needed(self, item: Item) -> Iterator[tuple[str, str, str]]:
        """Give the field, the kind and the name of each object that an item names."""
        for entry in self.resource.fields:
            value = item.get(entry.name, UNSET)
            if entry.ref and value not in (UNSET, None):
                yield from ((entry.name, entry.ref, name) for name in (value if isinstance(value, list) else [value]))

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.action == "create":
                self.zabbix.shared.plan_object(self.resource.name, operation.key, {})
                self.names.clear()

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Create, then change, then remove, each by 200."""
        for action in ("create", "update", "delete"):
            some = [operation for operation in operations if operation.action == action]
            for part in batched(some, CHUNK):
                try:
                    self._send(action, part, progress)
                finally:
                    # After the write: its body may ask for names, and so read again what it is about to change.
                    self.doubt(part)
                    self.names.clear()

    def doubt(self, operations: Sequence[Operation]) -> None:
        """Note what a write may have changed of the lists of the run."""
        self.zabbix.lists.doubt(self.list_name, [operation.place for operation in operations])

    def _send(self, action: str, operations: Sequence[Operation], progress: Progress) -> None:
        if action == "delete":
            content: list[Any] = [self.raw[operation.place][self.at.id] for operation in operations]
        else:
            content = [self._written(operation) for operation in operations]
        with progress.sending(*operations):
            try:
                self.zabbix.call(f"{self.at.name}.{action}", content)
                self.complete(operations)
            except Rejected as error:
                place = position(error)
                if place is not None and place < len(operations):
                    error.objects = (operations[place].name,)
                raise
        progress.done(*operations)

    def complete(self, operations: Sequence[Operation]) -> None:
        """Write what the call of the kind cannot hold."""

    def _written(self, operation: Operation) -> dict[str, Any]:
        if operation.action == "create":
            return self.body(operation.after or {}, {})
        live = self.raw[operation.place]
        return {self.at.id: live[self.at.id], **self.body(self.full(operation), live)}
