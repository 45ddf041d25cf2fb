"""What all kinds of Prism Central share: lists read once, ETags, creations that happen once, scripts of writes."""

from __future__ import annotations

from abc import ABC
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Self

from piste.converge.driver import Driver
from piste.converge.errors import Ambiguous, Conflict, Diverged, Fault, Guarded, Rejected
from piste.converge.items import restrict
from piste.converge.normalise import from_wire, to_wire
from piste.converge.plan import Item, Operation, Plan
from piste.converge.progress import Progress
from piste.converge.reading import reading, text
from piste.converge.request import Request
from piste.converge.resource import Field, Resource
from piste.converge.secrets import Vault
from piste.converge.spec import REHEARSE
from piste.converge.values import stable
from piste.nutanix.apart import Apart
from piste.nutanix.documents import READ_ONLY, At, references_in, seconds, unwrapped, without_nulls
from piste.nutanix.names import Names, clusters_of
from piste.nutanix.prism import PAGE, Collection, Prism, moved, pruned, says_reused
from piste.nutanix.tasks import FailedTask, Script, created, play
from piste.words import agreed

SETTLED = 60.0
"""Seconds after which what a task has made and is not there is gone: until then it may not show yet [recorded]."""
_READ_AGAIN, _SELDOM = 2.0, 30.0


class PrismDriver(Driver, ABC):
    """Base of the drivers: one kind of object, in one cluster or in the whole of Prism Central."""

    resource: Resource
    options: tuple[Field, ...] = (REHEARSE,)
    # What nobody declares is never removed: a machine goes because it is named.
    states: Sequence[str] = ("merged", "replaced", "deleted", "gathered")

    def __init__(
        self,
        prism: Prism,
        vault: Vault,
        owner: str,
        cluster: str = "",
        apart: Apart | None = None,
        *,
        everything: bool = False,
    ) -> None:
        self.prism, self.vault, self.owner, self.scope = prism, vault, owner, cluster
        self.apart = apart or Apart()
        self.everything = everything
        """True where the task is about all that there is, not only about what it names."""
        self.surveying = False
        """True where the task only tells what there is: nothing of its plan will be done."""
        self.known = Names(prism, cluster)
        self.raw: dict[str, dict[str, Any]] = {}
        """The wire document of each live object, by key, as last read."""
        self.etags: dict[str, str] = {}
        """The ETag of each object that was read by itself, by id."""
        self.out_of_reach = 0
        """How many live objects are another tool's."""
        self.unknown: set[str] = set()

    @classmethod
    def of(cls, connection: Prism, request: Request, params: Mapping[str, Any]) -> Self:
        driver = cls(
            connection,
            request.vault,
            request.owner,
            params.get("cluster") or "",
            Apart.of(params.get("apart")),
            everything=request.survey or (request.state == "gathered" and not request.config),
        )
        driver.surveying = request.survey
        return driver

    def locks(self) -> Sequence[str]:
        return (f"prism {self.prism.transport.endpoint.url}",)

    def completed(self, result: dict[str, Any]) -> dict[str, Any]:
        return {**result, "apart": self.out_of_reach}

    # what a kind says of itself

    @property
    def at(self) -> At:
        place: At = self.resource.endpoint
        return place

    def collection(self, item: Mapping[str, Any]) -> Collection:
        """Where an object is, from its canonical content."""
        return self.at.collection

    def listed(self, fresh: bool) -> list[dict[str, Any]]:
        """All the documents of the kind, those of other clusters too."""
        return self.prism.all(self.at.collection, fresh=fresh)

    def key(self, document: Mapping[str, Any]) -> str:
        return text(document["name"])

    def ours(self, document: Mapping[str, Any]) -> bool:
        """True for an object that people make and that is in the task's cluster."""
        places = clusters_of(document) if self.scope else []
        return not places or self.known.cluster_id in places

    def plain(self, document: Mapping[str, Any], wanted: Item) -> dict[str, Any]:
        """The document in the shape of the table."""
        return unwrapped(document)

    def wire(self, content: Item, document: Mapping[str, Any]) -> dict[str, Any]:
        """Canonical fields in the shape of the system; ``document`` is the object as it stands, empty for a new one."""
        sent = [entry for entry in self.resource.fields if not entry.path_only]
        return to_wire(sent, content, self.known, document)

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """What no word can confirm."""
        return []

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {}

    # reading

    def gather(self, wanted: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {self.resource.key_of(item): item for item in wanted}
        renamed = {old: key for key, item in asked.items() for old in item.get("formerly", ())}
        found: dict[str, Item] = {}
        raw: dict[str, dict[str, Any]] = {}
        doubles: dict[str, list[str]] = {}
        self.out_of_reach = 0
        for document in self._documents(list(asked), fresh):
            if not self.ours(document):
                continue
            name = self.key(document)
            key = renamed.get(name, name)
            if why := self.apart.why(document, lambda: self.known["category"]):
                self._refuse(key in asked, key, why)
                self.out_of_reach += 1
                continue
            if key not in asked and not self.everything and not (whole and not asked):
                continue
            if key in raw:
                if key in asked:
                    doubles.setdefault(key, [text(raw[key]["extId"])]).append(text(document["extId"]))
                key = _apart(document, name)
            text(document["extId"])  # what is written later is written to it
            raw[key] = dict(document)
            found[key] = self.canonical(document, asked.get(key, {}))
        if doubles and not self.surveying:
            raise self._twice(doubles)
        for name in doubles:  # none of them is the one that is declared
            key = _apart(raw[name], name)
            raw[key], found[key] = raw.pop(name), found.pop(name)
        self.raw = raw
        return dict(sorted(found.items()))

    def _documents(self, keys: Sequence[str], fresh: bool) -> Iterable[Mapping[str, Any]]:
        """The list of the run or, for a fresh look at less than its pages, each object by itself, with its ETag."""
        if not fresh:
            return self.listed(False)
        known = [self.raw[key] for key in keys if key in self.raw]
        if len(known) < len(keys) or len(known) > 1 + len(self.raw) // PAGE or not known:
            self.etags.clear()
            return self.listed(True)
        return [found for document in known if (found := self.read_again(document))]

    def read_again(self, document: Mapping[str, Any]) -> dict[str, Any] | None:
        """The object as it stands, its ETag kept for the next write; None where it is gone."""
        answer = self.prism.read(self.place_of(document), text(document["extId"]))
        if answer is None:
            return None
        self.etags[document["extId"]] = answer[1]
        return answer[0]

    def place_of(self, document: Mapping[str, Any]) -> Collection:
        return self.at.collection

    def canonical(self, document: Mapping[str, Any], wanted: Item) -> Item:
        with reading(f"{self.resource.name} {self.key(document)}"):
            plain = self.plain(document, wanted)
            wire = {entry.wire_name for entry in self.resource.fields}
            self.unknown |= set(plain) - wire - self.resource.known - self.at.read_only - READ_ONLY
            item = from_wire(self.resource.fields, plain, self.vault, self.known, {"owner": self.owner})
        told = {entry.name for entry in self.resource.fields if entry.path_only}
        return item | {name: wanted[name] for name in told if name in wanted}

    def _refuse(self, asked: bool, key: str, why: str) -> None:
        if asked:
            raise Guarded(
                f"{self.resource.name} {key} : appartient à {why}, rien n'a été écrit",
                where=self.owner,
                todo="Retirez-le de la déclaration, ou corrigez ce qui le dit d'un autre outil (hosting.apart).",
            )

    def _twice(self, doubles: Mapping[str, Sequence[str]]) -> Ambiguous:
        told = [f"{len(ids)} objets ({self.resource.name}) s'appellent « {key} »" for key, ids in doubles.items()]
        return Ambiguous(
            f"{' ; '.join(told)}, rien n'a été écrit",
            where=self.prism.host,
            why="Leurs identifiants dans Prism Central : " + ", ".join(one for ids in doubles.values() for one in ids),
            todo="Renommez ou supprimez dans Prism Central celui qui est de trop : le nom est l'identité. Relancez.",
        )

    def remarks(self) -> list[str]:
        lines = []
        if self.out_of_reach:
            objects = agreed(self.out_of_reach, "objet(s)")
            lines.append(f"{self.resource.name} : {objects} hors de portée ({self.apart.tool})")
        if self.unknown:
            names = ", ".join(sorted(self.unknown))
            lines.append(
                f"{self.resource.name} : clés du système que la table ne connaît pas, laissées telles quelles : {names}"
            )
        return lines

    # before the first write

    def check(self, wanted: Sequence[Item]) -> Sequence[Fault]:
        """Names that the system does not know or that two objects bear, and those of another tool's objects."""
        faults = []
        for item in wanted:
            where = f"config[{self.resource.key_of(item)}]" if all(part in item for part in self.resource.key) else ""
            for path, kind, name in self.references(item):
                if wrong := self.known.wrong(kind, name):
                    faults.append(Fault(f"{where}.{path}", wrong))
            if why := self.apart.named(str(item.get("name") or "")):
                faults.append(Fault(where, f"ce nom est réservé à {why}"))
        return faults

    def references(self, item: Item) -> Iterator[tuple[str, str, str]]:
        """Path, kind and name of what a declared item refers to."""
        yield from references_in(self.resource.fields, item, "")

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse what cannot be done, all of it at once; then say what asks for a word."""
        refusals = [] if self.surveying else self.refusals(operations)
        if refusals:
            raise Guarded(
                f"{agreed(len(refusals), 'changement(s) impossible(s)')}, rien n'a été écrit",
                where=self.owner,
                todo="Levez d'abord ce qui les empêche :" + "".join(f"\n  - {refusal}" for refusal in refusals),
            )
        return self.guards(operations)

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.after is not None:
                self.prism.shared.plan_object(self.resource.name, self.announced(operation.key), {})

    def announced(self, key: str) -> str:
        """The name by which other kinds refer to an object."""
        return key

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Objects that come or change side by side, then those that go."""
        going = [operation for operation in operations if operation.action == "delete"]
        for some in ([one for one in operations if one not in going], going):
            play(self.prism, some, self.script, progress)
        if self.resource.name in self.known:
            self.known.forget(self.resource.name)

    def script(self, operation: Operation) -> Script:
        if operation.action == "create":
            yield from self.create(operation)
        elif operation.action == "delete":
            yield from self.delete(operation)
        else:
            yield from self.update(operation)

    def create(self, operation: Operation) -> Script:
        after = operation.after or {}
        yield from self.made(operation, without_nulls(self.wire(after, {})), self.collection(after))

    def made(
        self, operation: Operation, body: Mapping[str, Any], collection: Collection
    ) -> Generator[str | float, Any, dict[str, Any]]:
        """Ask for a new object under the id of its name, whoever asked before us; the object itself.

        An answer may be to an older demand: of an object that has been removed since, or of a task that had failed.
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
                ext_id = created(task, collection.entity) or self._named(operation.key)
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
        """Id of an object whose creation is refused because an older demand under the same id makes it.

        Empty where that demand came to nothing in the time that a task is given. Any other refusal is raised.
        """
        if not says_reused(refusal):
            raise refusal
        pause, until = _READ_AGAIN, self.prism.now() + self.prism.patience
        while not (ext_id := self._found(key)) and self.prism.now() < until:
            yield pause
            pause = min(2 * pause, _SELDOM)
        return ext_id

    def _found(self, key: str) -> str:
        """Id of the live object of a key, empty where there is none."""
        live = (one for one in self.listed(True) if self.ours(one) and self.key(one) == key)
        return text(next(live, {}).get("extId", ""))

    def _named(self, key: str) -> str:
        """Id of a live object, where the task that made it does not tell."""
        if found := self._found(key):
            return found
        raise Diverged(
            f"{self.resource.name} {key} : la tâche a réussi, et l'objet n'est pas là", where=self.prism.host
        )

    def update(self, operation: Operation) -> Script:
        document = self.current(operation)
        yield from self.send("PUT", document, body=self.replaced(document, changed(operation)))

    def replaced(self, document: Mapping[str, Any], content: Item) -> dict[str, Any]:
        """The document that takes the place of one, with some fields of other content: a replacement clears what it
        leaves out, so that all that was read goes back, and what is to be cleared does not."""
        return without_nulls(self.sent_back(document) | self.wire(content, document))

    def send(self, method: str, document: Mapping[str, Any], *parts: str, body: Any = None) -> Script:
        """One write of an object that stands, under the ETag under which it was last read."""
        ext_id = text(document["extId"])
        etag = self.etags.pop(ext_id, "")
        task = self.prism.write(method, self.place_of(document), ext_id, *parts, body=body, etag=etag)
        if task:
            yield task

    def delete(self, operation: Operation) -> Script:
        yield from self.send("DELETE", self.current(operation))

    def current(self, operation: Operation) -> dict[str, Any]:
        """The document that an operation was planned on, with its ETag. :class:`Conflict` where it has moved since."""
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
        """A document as it was read, without what the system adds."""
        kept = {name: value for name, value in document.items() if name not in self.at.read_only | READ_ONLY}
        result: dict[str, Any] = pruned(kept, lambda name: name in ("$reserved", "$unknownFields", "$metadata"))
        return result


def _apart(document: Mapping[str, Any], name: str) -> str:
    """The key of an object that is not alone to bear its name."""
    return f"{name} ({str(document['extId'])[:8]})"


def changed(operation: Operation) -> Item:
    """The fields that an operation gives another content."""
    before, after = operation.before or {}, operation.after or {}
    return {name: value for name, value in after.items() if name not in before or stable(value) != stable(before[name])}
