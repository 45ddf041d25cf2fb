"""Base of the Prism Central drivers: lists read once, ETags, unique creations, scripts."""

from __future__ import annotations

from abc import ABC
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Ambiguous, Conflict, Diverged, Fault, Guarded, Rejected
from piste.engine.converge.normalise import from_wire, to_wire
from piste.engine.converge.overlay import restrict
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import reading, text
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Vault
from piste.engine.converge.spec import REHEARSE
from piste.engine.converge.values import stable
from piste.engine.words import agreed
from piste.systems.nutanix.documents import READ_ONLY, At, references_in, seconds, unwrapped, without_nulls
from piste.systems.nutanix.foreign import Foreign
from piste.systems.nutanix.names import Names, clusters_of
from piste.systems.nutanix.prism import PAGE, Collection, Prism, moved, pruned, says_reused
from piste.systems.nutanix.tasks import FailedTask, Script, created, play

SETTLED = 60.0
"""Seconds within which an object made by a task may not show yet; after them it is gone [recorded]."""
_READ_AGAIN, _SELDOM = 2.0, 30.0


class PrismDriver(Driver, ABC):
    """Base of the drivers of one kind of object, in one cluster or in all Prism Central."""

    resource: Resource
    options: tuple[Field, ...] = (REHEARSE,)
    # A machine is removed only by its name, hence no `overridden`.
    states: Sequence[str] = ("merged", "replaced", "deleted", "gathered")

    def __init__(
        self,
        prism: Prism,
        vault: Vault,
        owner: str,
        cluster: str = "",
        foreign: Foreign | None = None,
        *,
        everything: bool = False,
    ) -> None:
        self.prism, self.vault, self.owner, self.scope = prism, vault, owner, cluster
        self.foreign = foreign or Foreign()
        self.everything = everything
        """True where the task is about all live objects, not only about those that it names."""
        self.surveying = False
        """True where the task only describes live objects: its plan is not applied."""
        self.known = Names(prism, cluster)
        self.raw: dict[str, dict[str, Any]] = {}
        """The wire document of each live object, by key, as last read."""
        self.etags: dict[str, str] = {}
        """The ETag of each object that was read by itself, by id."""
        self.out_of_reach = 0  # foreign live objects
        self.unknown: set[str] = set()

    @classmethod
    def of(cls, connection: Prism, request: Request, params: Mapping[str, Any]) -> Self:
        driver = cls(
            connection,
            request.vault,
            request.owner,
            params.get("cluster") or "",
            Foreign.of(params.get("apart")),
            everything=request.survey or (request.state == "gathered" and not request.config),
        )
        driver.surveying = request.survey
        return driver

    def locks(self) -> Sequence[str]:
        return (f"prism {self.prism.transport.endpoint.url}",)

    def completed(self, result: dict[str, Any]) -> dict[str, Any]:
        return {**result, "apart": self.out_of_reach}

    # particulars of a kind

    @property
    def at(self) -> At:
        place: At = self.resource.endpoint
        return place

    def collection(self, item: Mapping[str, Any]) -> Collection:
        """Collection of an object, from its canonical content."""
        return self.at.collection

    def listed(self, fresh: bool) -> list[dict[str, Any]]:
        """List all documents of the kind, those of other clusters too."""
        return self.prism.all(self.at.collection, fresh=fresh)

    def key(self, document: Mapping[str, Any]) -> str:
        return text(document["name"])

    def ours(self, document: Mapping[str, Any]) -> bool:
        """True for an object that people manage, in the task's cluster."""
        places = clusters_of(document) if self.scope else []
        return not places or self.known.cluster_id in places

    def plain(self, document: Mapping[str, Any], desired: Item) -> dict[str, Any]:
        """Convert a document to the shape of the table."""
        return unwrapped(document)

    def wire(self, content: Item, document: Mapping[str, Any]) -> dict[str, Any]:
        """Convert canonical fields to the wire; `document` is empty for a new object."""
        sent = [entry for entry in self.resource.fields if not entry.path_only]
        return to_wire(sent, content, self.known, document)

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """Reasons for which operations are impossible, confirmed or not."""
        return []

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {}

    # reading

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {self.resource.key_of(item): item for item in desired}
        renamed = {old: key for key, item in asked.items() for old in item.get("formerly", ())}
        items: dict[str, Item] = {}
        raw: dict[str, dict[str, Any]] = {}
        doubles: dict[str, list[str]] = {}
        self.out_of_reach = 0
        for document in self._documents(list(asked), fresh):
            if not self.ours(document):
                continue
            name = self.key(document)
            key = renamed.get(name, name)
            if why := self.foreign.why(document, lambda: self.known["category"]):
                self._refuse(key in asked, key, why)
                self.out_of_reach += 1
                continue
            if key not in asked and not self.everything and not (whole and not asked):
                continue
            if key in raw:
                if key in asked:
                    doubles.setdefault(key, [text(raw[key]["extId"])]).append(text(document["extId"]))
                key = _doubled_key(document, name)
            text(document["extId"])  # an object without an id could not be written later
            raw[key] = dict(document)
            items[key] = self.canonical(document, asked.get(key, {}))
        if doubles and not self.surveying:
            raise self._twice(doubles)
        for name in doubles:  # neither object can be taken for the declared object
            key = _doubled_key(raw[name], name)
            raw[key], items[key] = raw.pop(name), items.pop(name)
        self.raw = raw
        return dict(sorted(items.items()))

    def _documents(self, keys: Sequence[str], fresh: bool) -> Iterable[Mapping[str, Any]]:
        """List of the run; `fresh` reads pages again, or objects one by one where this costs less."""
        if not fresh:
            return self.listed(False)
        known = [self.raw[key] for key in keys if key in self.raw]
        if len(known) < len(keys) or len(known) > 1 + len(self.raw) // PAGE or not known:
            self.etags.clear()
            return self.listed(True)
        return [live for document in known if (live := self.read_again(document))]

    def read_again(self, document: Mapping[str, Any]) -> dict[str, Any] | None:
        """Read the live object again and keep its ETag for the next write; None where it is gone."""
        answer = self.prism.read(self.place_of(document), text(document["extId"]))
        if answer is None:
            return None
        self.etags[document["extId"]] = answer[1]
        return answer[0]

    def place_of(self, document: Mapping[str, Any]) -> Collection:
        return self.at.collection

    def canonical(self, document: Mapping[str, Any], desired: Item) -> Item:
        with reading(f"{self.resource.name} {self.key(document)}"):
            plain = self.plain(document, desired)
            wire = {entry.wire_name for entry in self.resource.fields}
            self.unknown |= set(plain) - wire - self.resource.known - self.at.read_only - READ_ONLY
            item = from_wire(self.resource.fields, plain, self.vault, self.known, {"owner": self.owner})
        path_only = {entry.name for entry in self.resource.fields if entry.path_only}
        return item | {name: desired[name] for name in path_only if name in desired}

    def _refuse(self, asked: bool, key: str, why: str) -> None:
        if asked:
            raise Guarded(
                f"{self.resource.name} {key} : appartient à {why}, rien n’a été écrit",
                where=self.owner,
                todo="Retirez-le de la déclaration, ou corrigez ce qui le dit d’un autre outil (hosting.apart).",
            )

    def _twice(self, doubles: Mapping[str, Sequence[str]]) -> Ambiguous:
        lines = [f"{len(ids)} objets ({self.resource.name}) s’appellent « {key} »" for key, ids in doubles.items()]
        ext_ids = [ext_id for ids in doubles.values() for ext_id in ids]
        return Ambiguous(
            f"{' ; '.join(lines)}, rien n’a été écrit",
            where=self.prism.host,
            why="Leurs identifiants dans Prism Central : " + ", ".join(ext_ids),
            todo="Renommez ou supprimez dans Prism Central celui qui est de trop : le nom est l’identité. Relancez.",
        )

    def remarks(self) -> list[str]:
        lines = []
        if self.out_of_reach:
            objects = agreed(self.out_of_reach, "objet(s)")
            lines.append(f"{self.resource.name} : {objects} hors de portée ({self.foreign.tool})")
        if self.unknown:
            names = ", ".join(sorted(self.unknown))
            lines.append(
                f"{self.resource.name} : clés du système que la table ne connaît pas, laissées telles quelles : {names}"
            )
        return lines

    # before the first write

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        """Faults of names: unknown to the system, ambiguous, or reserved to foreign objects."""
        faults = []
        for item in desired:
            where = f"config[{self.resource.key_of(item)}]" if all(part in item for part in self.resource.key) else ""
            for path, kind, name in self.references(item):
                if wrong := self.known.wrong(kind, name):
                    faults.append(Fault(f"{where}.{path}", wrong))
            if why := self.foreign.named(str(item.get("name") or "")):
                faults.append(Fault(where, f"ce nom est réservé à {why}"))
        return faults

    @classmethod
    def references(cls, item: Item) -> Iterator[tuple[str, str, str]]:
        """Yield path, kind and name of the objects that a declared item refers to."""
        yield from references_in(cls.resource.fields, item, "")

    @classmethod
    def relies(cls, operation: Operation, waiting: Operation) -> bool:
        """Also let wait what names a card, `subnet #2`, or a category, `key:value`."""
        names = {(waiting.kind, waiting.key), (waiting.kind, waiting.key.replace("/", ":", 1))}
        references = {reference[1:] for reference in cls.references(operation.after or {})}
        return super().relies(operation, waiting) or not names.isdisjoint(references)

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse all impossible operations at once; then return the guards."""
        refusals = [] if self.surveying else self.refusals(operations)
        if refusals:
            raise Guarded(
                f"{agreed(len(refusals), 'changement(s) impossible(s)')}, rien n’a été écrit",
                where=self.owner,
                todo="Levez d’abord ce qui les empêche :" + "".join(f"\n  - {refusal}" for refusal in refusals),
            )
        return self.guards(operations)

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.after is not None:
                self.prism.shared.plan_object(self.resource.name, self.announced(operation.key), {})

    def announced(self, key: str) -> str:
        """Name by which other kinds refer to an object."""
        return key

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Create and change objects side by side, then remove objects."""
        going = [operation for operation in operations if operation.action == "delete"]
        for some in ([operation for operation in operations if operation not in going], going):
            play(self.prism, some, self.script, progress)
        self.known.forget(self.resource.name)

    def script(self, operation: Operation) -> Script:
        ways = {"create": self.create, "delete": self.delete}
        yield from ways.get(operation.action, self.update)(operation)

    def create(self, operation: Operation) -> Script:
        after = operation.after or {}
        yield from self.made(operation, without_nulls(self.wire(after, {})), self.collection(after))

    def made(
        self, operation: Operation, body: Mapping[str, Any], collection: Collection
    ) -> Generator[str | float, Any, dict[str, Any]]:
        """Create an object under a request id made from its name; return its document.

        So a creation repeated by another run or station has one effect. An answer may concern an older demand: an
        object removed since, or a task that had failed; the creation is then tried again under another id.
        """
        name = f"{self.scope}/{operation.key}"
        for attempt in count():
            request_id = self.prism.id_of_creation(collection, name, body, attempt)
            asked = done = self.prism.now()
            try:
                task_id = self.prism.write("POST", collection, body=body, request_id=request_id)
            except Rejected as refusal:
                ext_id = yield from self._made_before(operation.key, refusal)
                if not ext_id:
                    continue
            else:
                try:
                    task = yield task_id
                except FailedTask as failure:
                    if seconds(failure.created, asked) < asked - 1:
                        continue
                    raise
                ext_id = created(task, collection) or self._named(operation.key)
                done = seconds(str(task.get("completedTime") or ""), asked)
            while (answer := self.prism.read(collection, ext_id)) is None:
                if self.prism.now() - done > SETTLED:
                    break
                yield _READ_AGAIN
            if answer and self.key(answer[0]) == operation.key:
                self.raw[operation.key], self.etags[ext_id] = answer
                return answer[0]
        raise AssertionError

    def _made_before(self, key: str, refusal: Rejected) -> Generator[str | float, Any, str]:
        """Id of an object whose creation is refused because an older demand of the same id makes it.

        Empty where that demand came to nothing in the time that a task may take. Any other refusal is raised.
        """
        if not says_reused(refusal):
            raise refusal
        pause, until = _READ_AGAIN, self.prism.now() + self.prism.patience
        while not (ext_id := self._live_id(key)) and self.prism.now() < until:
            yield pause
            pause = min(2 * pause, _SELDOM)
        return ext_id

    def _live_id(self, key: str) -> str:
        """Id of the live object of a key; empty where there is none."""
        live = (document for document in self.listed(True) if self.ours(document) and self.key(document) == key)
        return text(next(live, {}).get("extId", ""))

    def _named(self, key: str) -> str:
        """Id of a live object whose task does not give it. Raises `Diverged`."""
        if ext_id := self._live_id(key):
            return ext_id
        raise Diverged(
            f"{self.resource.name} {key} : la tâche a réussi, et l’objet n’est pas là", where=self.prism.host
        )

    def update(self, operation: Operation) -> Script:
        document = self.current(operation)
        yield from self.send("PUT", document, body=self.replaced(document, changed(operation)))

    def replaced(self, document: Mapping[str, Any], content: Item) -> dict[str, Any]:
        """Build the replacement of a document: it clears what it leaves out, so the rest goes back."""
        return without_nulls(self.sent_back(document) | self.wire(content, document))

    def send(self, method: str, document: Mapping[str, Any], *parts: str, body: Any = None) -> Script:
        """Write to a live object, under the ETag of its last read."""
        ext_id = text(document["extId"])
        etag = self.etags.pop(ext_id, "")
        task = self.prism.write(method, self.place_of(document), ext_id, *parts, body=body, etag=etag)
        if task:
            yield task

    def delete(self, operation: Operation) -> Script:
        yield from self.send("DELETE", self.current(operation))

    def current(self, operation: Operation) -> dict[str, Any]:
        """Document on which an operation was planned, with its ETag known.

        Raises `Conflict` where the object has changed since.
        """
        known = self.raw[operation.place]
        if known["extId"] in self.etags:
            return known
        document = self.read_again(known)
        before = operation.before or {}
        now = restrict(self.canonical(document, before), before) if document else None
        if document is None or stable(now) != stable(before):
            raise self._moved(operation)
        self.raw[operation.place] = document
        return document

    def _moved(self, operation: Operation) -> Conflict:
        error = moved(self.prism.host)
        error.objects = (operation.name,)
        return error

    def sent_back(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Document as read, without the attributes that the system adds."""
        kept = {name: value for name, value in document.items() if name not in self.at.read_only | READ_ONLY}
        result: dict[str, Any] = pruned(kept, lambda name: name in ("$reserved", "$unknownFields", "$metadata"))
        return result


def _doubled_key(document: Mapping[str, Any], name: str) -> str:
    """Key of an object that shares its name with another."""
    return f"{name} ({str(document['extId'])[:8]})"


def changed(operation: Operation) -> Item:
    """Fields that an operation changes."""
    before, after = operation.before or {}, operation.after or {}
    return {name: value for name, value in after.items() if name not in before or stable(value) != stable(before[name])}
