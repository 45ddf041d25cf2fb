"""A system in memory and its driver.

It merges what it gets, numbers its objects, and never gives a password back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

from piste.engine.converge.driver import Driver
from piste.engine.converge.memory import Memory
from piste.engine.converge.normalise import from_wire, to_wire
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Resource, Shape
from piste.engine.converge.run import finish
from piste.engine.converge.secrets import Vault
from piste.engine.converge.waiting import refers
from piste.engine.converge.walk import converge
from tests.unit.converge.strategies import free, hide, reset
from tests.unit.converge.tables import EMPTY, GROUPS, OWNER


class System:
    """Wire documents by system id, and what was written.

    Hooks strike before or after the n-th write.
    """

    def __init__(self, resource: Resource, documents: Sequence[Mapping[str, Any]] = ()) -> None:
        self.resource = resource
        self.documents: dict[int, dict[str, Any]] = {}
        self.writes: list[str] = []
        self.reads = 0
        self.before_write: Callable[[int], None] = lambda count: None
        self.after_write: Callable[[int], None] = lambda count: None
        self.before_fresh_read: Callable[[], None] = lambda: None
        self.keeps: Callable[[dict[str, Any]], None] = lambda document: None
        for document in documents:
            self.add(document)
        if resource.shape is Shape.SLOTS:
            for number in range(len(self.documents), resource.slots):
                self.add({"name": f"libre {number}", "number": number, **EMPTY})

    def add(self, document: Mapping[str, Any]) -> int:
        number = max(self.documents, default=0) + 1
        self.documents[number] = {}
        self.put(number, document)
        return number

    def put(self, number: int, body: Mapping[str, Any]) -> None:
        _merge(self.documents[number], deepcopy(dict(body)))
        self.keeps(self.documents[number])

    def named(self, name: str) -> dict[str, Any]:
        return next(document for document in self.documents.values() if document.get("name") == name)

    def names(self) -> list[str]:
        return [document["name"] for document in self.documents.values()]


def _merge(into: dict[str, Any], body: Mapping[str, Any]) -> None:
    for name, value in body.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        elif name == "servers":
            into[name] = [_server(into.get(name) or [], server) for server in value]
        else:
            into[name] = value


def _server(known: list[dict[str, Any]], server: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a server's secret where its id comes back without a secret, as real systems do."""
    old = next((known_server for known_server in known if known_server.get("serverId") == server.get("serverId")), {})
    kept = {"secret": old["secret"]} if "secret" in old else {}
    return {"serverId": f"id-{server['host']}", **kept, **server}


class Fake(Driver):
    """The driver of one kind of object of a `System`."""

    scope = "essai"

    def __init__(
        self,
        system: System,
        vault: Vault,
        words: Mapping[str, str] | None = None,
        waits: Mapping[str, str] | None = None,
    ) -> None:
        self.system, self.resource, self.vault = system, system.resource, vault
        # A real driver has one table: its class judges by it.
        self.relies = partial(refers, self.resource)  # type: ignore[method-assign]
        self.words = dict(words or {})
        self.waits = dict(waits or {})
        self.ids: dict[str, int] = {}
        self.announced: list[str] = []
        self.holds: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[list[str], bool, bool]] = []

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        if fresh:
            self.system.before_fresh_read()
        self.system.reads += 1
        self.asked.append(([self.resource.key_of(item) for item in desired], whole, fresh))
        by_key = {self.resource.key_of(item): item for item in desired}
        live: dict[str, Item] = {}
        for number, document in self.system.documents.items():
            readable = deepcopy(document)
            hide(self.resource.fields, readable)
            item = from_wire(self.resource.body, readable, self.vault, GROUPS, {"owner": OWNER})
            key = self.resource.key_of(item)
            for part in self.resource.parts:
                if whole or part.name in by_key.get(key, {}):
                    content = readable.get(f"part:{part.name}", {})
                    item[part.name] = from_wire(part.of, content, self.vault, GROUPS, {"owner": OWNER})
            live[key] = item
            self.ids[key] = number
        return {key: item for key, item in live.items() if not (whole and free(key, item))}

    def free(self, key: str, item: Item) -> bool:
        return self.resource.shape is Shape.SLOTS and free(key, item)

    def reset(self, key: str, item: Item) -> Item:
        return reset(key, item)

    def lacks(self, item: Item) -> str:
        return self.waits.get(self.resource.key_of(item), "")

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        keys = {operation.key for operation in operations}
        return {word: why for word, why in self.words.items() if word.partition(":")[2] in keys}

    def contents(self, key: str) -> dict[str, Any]:
        return self.holds.get(key, {})

    def announce(self, planned: Plan) -> None:
        self.announced += [operation.key for operation in planned.operations]

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            count = len(self.system.writes) + 1
            with progress.sending(operation):
                self.system.before_write(count)
                self._write(operation)
                self.system.writes.append(f"{operation.action} {operation.key}")
                self.system.after_write(count)
            progress.done(operation)

    def _write(self, operation: Operation) -> None:
        if operation.action == "delete":
            del self.system.documents[self.ids[operation.key]]
            return
        after = operation.after or {}
        fields = self.resource.fields
        number = self.ids[operation.place] if operation.action != "create" else self.system.add(EMPTY)
        body = to_wire(fields, after, GROUPS, self.system.documents[number])
        for part in self.resource.parts:
            if part.name in after:
                body[f"part:{part.name}"] = to_wire(part.of, after[part.name], GROUPS)
        self.system.put(number, body)


def run(system: System, config: Sequence[Any], vault: Vault, *, lock: Path | None = None, **options: Any) -> Any:
    """Walk over `system` as a task would; `lock` is the file of remembered fingerprints."""
    driver = Fake(system, vault, options.pop("words", None), options.pop("waits", None))
    memory = Memory(lock, vault) if lock else None
    request = Request(config=config, owner=OWNER, vault=vault, memory=memory, **options)
    result = converge(driver, request)
    finish(request, result)
    return result


def operations(result: Mapping[str, Any]) -> list[str]:
    return [f"{operation['action']} {operation['key']}" for operation in result["operations"]]
