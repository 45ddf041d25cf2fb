"""Base of the GLPI drivers: lists read once, owned fields, no deletion.

An item that is no longer wanted gets the state « Sorti »; GLPI keeps it, and its history.
"""

from __future__ import annotations

from abc import ABC
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Ambiguous, Fault, Guarded
from piste.engine.converge.normalise import from_wire, to_wire
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import reading, text
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Vault
from piste.engine.converge.text import on_one_line
from piste.engine.converge.values import coerce, stable
from piste.systems.glpi.client import Document, Glpi
from piste.systems.glpi.names import LINKS, Names, lacking, linked

RETIRED = "Sorti"
"""State of an item that is no longer wanted."""
WRITTEN = frozenset({"id", "date_creation", "date_mod", "entity", "is_recursive", "completename", "level"})
"""Fields that GLPI fills by itself."""


LIST_ENTRY = "list_entry"


class GlpiDriver(Driver, ABC):
    """Base of the drivers of one kind of object.

    `endpoint` of the table is the itemtype, or None where the key has it.
    """

    resource: Resource
    states: Sequence[str] = ("merged", "replaced", "deleted", "gathered")
    believed: tuple[str, ...] = ()
    """Fields that an older version of the API, or no source, has: where GLPI does not show them, they are named."""

    def __init__(self, glpi: Glpi, vault: Vault, owner: str, *, everything: bool = False) -> None:
        self.glpi, self.vault, self.owner, self.scope = glpi, vault, owner, ""
        self.everything = everything
        """True where the task is about all live items, not only about those that it names."""
        self.surveying = False
        """True where the task only describes live items: its plan is not applied."""
        self.names = Names(glpi)
        self.raw: dict[str, Document] = {}
        """The document of each live item, by key, as last read."""
        self.gone: dict[str, Document] = {}
        """The documents of the items that are out, by key: an item that comes back takes its own again."""
        self._doubted: dict[str, list[str]] = defaultdict(list)
        """Keys that a write touches, by itemtype."""
        self.conflicts: dict[str, str] = {}
        """What differs and is somebody else's to say, by key."""

    @classmethod
    def of(cls, connection: Glpi, request: Request, params: Mapping[str, Any]) -> Self:
        everything = request.state == "gathered" and not request.config
        driver = cls(connection, request.vault, request.owner, everything=everything)
        driver.surveying = request.survey
        return driver

    def locks(self) -> Sequence[str]:
        return (f"glpi {self.glpi.root}",)

    # particulars of a kind

    def itemtypes(self, desired: Iterable[Item]) -> list[str]:
        """List the itemtypes to read."""
        return [self.resource.endpoint]

    def itemtype(self, item: Mapping[str, Any]) -> str:
        """Itemtype of an object, from its canonical content."""
        return str(self.resource.endpoint)

    def key(self, itemtype: str, document: Document, asked: Mapping[str, Item]) -> str:
        """Key of a document: that of the asked object that it is, else its own."""
        return text(document["name"])

    def lookups(self, item: Item) -> Iterator[tuple[str, str]]:
        """Yield the fields and values by which an object would be found in GLPI."""
        yield "name", str(item["name"])

    def plain(self, itemtype: str, document: Document, desired: Item) -> dict[str, Any]:
        """Convert a document to the shape of the table: a reference becomes a name."""
        return {
            name: self.names.name_in(itemtype, name, value) if name in LINKS else value
            for name, value in document.items()
        }

    def wire(self, itemtype: str, content: Item) -> dict[str, Any]:
        """Convert canonical fields to the wire, but for the lists that the pinned version lacks."""
        sent = [entry for entry in self.resource.fields if not entry.path_only and self.writes(itemtype, entry)]
        body = to_wire(sent, content, {})
        return {
            name: self.names.reference(itemtype, name, value) if name in LINKS else value
            for name, value in body.items()
        }

    def writes(self, itemtype: str, entry: Field) -> bool:
        """False for a reference to a list that the pinned version of the API lacks."""
        return entry.wire_name not in LINKS or self.glpi.serves(linked(itemtype, entry.wire_name))

    @property
    def retires(self) -> bool:
        """True where the items have a state, so that they can be out."""
        return any(entry.name == "state" for entry in self.resource.fields)

    # reading

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {self.resource.key_of(item): item for item in desired}
        raw: dict[str, Document] = {}
        doubles: dict[str, list[Document]] = {}
        self.gone, self.conflicts = {}, {}
        for itemtype in self.itemtypes(desired):
            mine = {key: item for key, item in asked.items() if self.itemtype(item) == itemtype}
            for document in self._documents(itemtype, mine, fresh):
                key = self.key(itemtype, document, mine)
                if key not in asked and not self.everything and not (whole and not asked):
                    continue
                document = {**document, "_itemtype": itemtype}
                if self._is_out(itemtype, document, asked.get(key)):
                    self.gone[key] = document
                elif key in raw:
                    doubles.setdefault(key, [raw[key]]).append(document)
                else:
                    raw[key] = document
        for key, documents in list(doubles.items()):
            staying = [document for document in documents if not self._has_left(document)]
            if len(staying) == 1:
                raw[key] = staying[0]
                del doubles[key]
        if doubles and not self.surveying:
            raise self._twice(doubles)
        self.raw = raw
        for key in set(self.gone) & set(raw):
            del self.gone[key]
        items = {key: self.canonical(document, asked.get(key, {}), key) for key, document in raw.items()}
        return dict(sorted(items.items()))

    def _documents(self, itemtype: str, asked: Mapping[str, Item], fresh: bool) -> Sequence[Document]:
        if not fresh:
            return self.glpi.all(itemtype)
        known = {**self.gone, **self.raw}
        wanted: dict[str, list[Any]] = {"id": [known[key]["id"] for key in asked if key in known]}
        for key, item in asked.items():
            if key not in known:
                for name, value in self.lookups(item):
                    wanted.setdefault(name, []).append(value)
        return self.glpi.some(itemtype, wanted, asked)

    def _is_out(self, itemtype: str, document: Document, item: Item | None) -> bool:
        """True for an item that is out, unless the object is declared to be so."""
        if not self.retires or (item is not None and "state" in item):
            return False
        return self.names.name_in(itemtype, "status", document.get("status")) == RETIRED

    def _has_left(self, document: Document) -> bool:
        """True for an item in the bin, or out: of two of an asset, people have put that aside."""
        status = self.names.name_in(document["_itemtype"], "status", document.get("status"))
        return document.get("is_deleted") is True or (self.retires and status == RETIRED)

    def canonical(self, document: Document, desired: Item, key: str) -> Item:
        itemtype = document["_itemtype"]
        with reading(f"{self.resource.name} {key}"):
            self._shown(itemtype, document, desired)
            item = from_wire(
                [entry for entry in self.resource.fields if not entry.path_only],
                self.plain(itemtype, document, desired),
                self.vault,
                {},
                {"owner": self.owner},
            )
        for entry in self.resource.fields:
            hidden = entry.name in self.believed and entry.wire_name not in document
            if desired.get(entry.name) is not None and (hidden or not self.writes(itemtype, entry)):
                if item.get(entry.name) != desired[entry.name]:
                    self.note(key, f"{entry.name} n’est pas poussé, la version {self.glpi.version} de l’API ne l’a pas")
                item[entry.name] = desired[entry.name]
        return {**self.resource.named(key), **item}

    def _shown(self, itemtype: str, document: Document, desired: Item) -> None:
        """Check that a document has what is declared of it. Raises KeyError: not read is unknown."""
        for entry in self.resource.fields:
            optional = entry.path_only or entry.name in self.believed or not self.writes(itemtype, entry)
            if not optional and desired.get(entry.name) is not None and entry.wire_name not in document:
                raise KeyError(entry.wire_name)

    def note(self, key: str, why: str) -> None:
        """Note what a reader of the result should know of an object; it may quote an agent."""
        why = on_one_line(why)
        known = self.conflicts.get(key)
        self.conflicts[key] = f"{known} ; {why}" if known else why

    def _twice(self, doubles: Mapping[str, Sequence[Document]]) -> Ambiguous:
        lines = [f"{len(documents)} fiches pour « {key} »" for key, documents in sorted(doubles.items())]
        ids = [f"{entry['_itemtype']} {entry['id']}" for documents in doubles.values() for entry in documents]
        return Ambiguous(
            f"{' ; '.join(lines)}, rien n’a été écrit",
            where=self.glpi.host,
            why="Leurs numéros dans GLPI : " + ", ".join(ids),
            todo="Dans GLPI, mettez à la corbeille celles qui sont de trop, ou à l’état « Sorti », puis relancez.",
        )

    def remarks(self) -> list[str]:
        return [on_one_line(f"{self.resource.name} {key} : {why}") for key, why in sorted(self.conflicts.items())]

    @classmethod
    def relies(cls, operation: Operation, waiting: Operation) -> bool:
        """Also let an item wait for the entries of lists that it names to be made."""
        item, entry = operation.after or {}, waiting.after if waiting.action == "create" else None
        names = entry and waiting.kind == LIST_ENTRY and any(
            item.get(field.name) == entry["name"]
            and linked(str(item.get("itemtype") or cls.resource.endpoint), field.wire_name) == entry["list"]
            for field in cls.resource.fields
            if field.wire_name in LINKS
        )  # fmt: skip
        return bool(names) or super().relies(operation, waiting)

    # before the first write

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        """Faults of names: what a reference designates must be there, or be planned."""
        whole = [item for item in desired if all(part in item for part in self.resource.key)]
        wanted = {
            (linked(self.itemtype(item), entry.wire_name), str(name))
            for item in whole
            for entry, name in self._references(item)
        }
        for itemtype in self.itemtypes(desired):
            self.names.seek(itemtype, self.glpi.all(itemtype), wanted)
        return [
            Fault(f"config[{self.resource.key_of(item)}].{entry.name}", lacking(str(name)))
            for item in whole
            for entry, name in self._references(item)
            if not self.names.known(self.itemtype(item), entry.wire_name, name)
        ]

    def _references(self, item: Item) -> Iterator[tuple[Field, Any]]:
        """Yield the fields of an item that refer to another, each with the name of the other."""
        itemtype = self.itemtype(item)
        for entry in self.resource.fields:
            if entry.wire_name not in LINKS or entry.path_only or not self.writes(itemtype, entry):
                continue
            name = item.get(entry.name)
            if name is not None:
                yield entry, name

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse what would delete an item that has no state; ask about nothing."""
        removed = [operation.name for operation in operations if operation.action == "delete"]
        if removed and not self.retires and not self.surveying:
            raise Guarded(
                f"{', '.join(removed)} : Piste ne supprime rien dans GLPI",
                where=self.owner,
                todo="Retirez-le à la main dans GLPI, s’il ne sert vraiment plus à rien.",
            )
        return {}

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.after is not None:
                self.names.plan(self.itemtype({**self.resource.named(operation.key), **operation.after}), operation.key)

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Write the operations one by one: the API has no bulk write."""
        self._doubted.clear()
        try:
            for operation in operations:
                with progress.sending(operation):
                    self.write(operation)
                progress.done(operation)
        finally:
            for itemtype, keys in self._doubted.items():
                self.glpi.lists.doubt(itemtype, keys)

    def write(self, operation: Operation) -> None:
        """Create an item, change its own fields, or put it out."""
        itemtype = self.itemtype({**self.resource.named(operation.key), **(operation.after or operation.before or {})})
        self._doubted[itemtype].append(operation.key)
        self.send(itemtype, operation)

    def send(self, itemtype: str, operation: Operation) -> None:
        if operation.action == "create":
            content = operation.after or {}
            if operation.key in self.gone:
                # The state « Sorti » goes, even where none is declared: it would keep the item out.
                body = self.wire(itemtype, {"state": None, **content})
                self.glpi.update(itemtype, self._id(self.gone[operation.key]), body)
            else:
                self.glpi.create(itemtype, self.wire(itemtype, content))
            return
        document = self.raw[operation.place]
        content = {"state": RETIRED} if operation.action == "delete" else changed(operation)
        if operation.action == "delete" and self.names.id_of("State", RETIRED) is None:
            self.glpi.create("State", {"name": RETIRED})
            self.glpi.all("State", fresh=True)
        if body := self.wire(itemtype, content):
            self.glpi.update(itemtype, self._id(document), body)

    def _id(self, document: Mapping[str, Any]) -> int:
        return int(coerce("int", document["id"]))


def changed(operation: Operation) -> Item:
    """Fields that an operation changes."""
    before, after = operation.before or {}, operation.after or {}
    return {name: value for name, value in after.items() if name not in before or stable(value) != stable(before[name])}


def stated(name: str) -> Field:
    """The field of an item's state."""
    return Field("state", f"State of {name}, by its name in GLPI.", wire="status", nullable=True)
