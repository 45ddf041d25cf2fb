"""Base of the drivers of NPS: identical servers, a change of the whole configuration each."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Ambiguous, Conflict, Fault, Guarded, InvalidConfig
from piste.engine.converge.overlay import restrict, union
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Vault
from piste.engine.converge.values import stable
from piste.engine.words import agreed
from piste.systems.windows.nps.document import Document, Place
from piste.systems.windows.nps.pair import Pair, merge_alike
from piste.systems.windows.nps.server import IN_ITS_CONSOLE, Broken, Server
from piste.systems.windows.nps.tables import PREFIX


class NpsDriver(Driver, ABC):
    """A kind of items, on each of the servers.

    The caller opens and closes the servers. An item that names no server belongs to each; keys are `server/name`. A
    task reads one document of a server, and changes it by one import.
    """

    options: tuple[Field, ...] = (PREFIX,)
    rests: Sequence[tuple[str, str]] = (("windows.nps_sql_logging", ""), ("windows.nps_service", ""))
    place: Place

    def __init__(
        self,
        servers: Sequence[Server],
        owner: str,
        vault: Vault,
        prefix: Iterable[str] = (),
        *,
        everything: bool = False,
    ) -> None:
        self.servers = {server.name: server for server in servers}
        self.owner, self.vault, self.scope = owner, vault, ""
        self.prefix = tuple(start.casefold() for start in prefix)
        self.everything = everything
        """True where the task covers all the owner's items, not only those that it names."""
        self.unread: dict[str, list[str]] = {}
        """Names of the properties that no field expresses, by key of item."""
        self.declared: Sequence[Item] = ()
        """The declared items, in normal form."""
        self._before: Mapping[str, Item] = {}
        self.checks = self.surveys = False

    @classmethod
    def of(cls, connection: Pair, request: Request, params: Mapping[str, Any]) -> Self:
        if request.state == "overridden" and not params.get("prefix"):
            what = "overridden n’a de sens qu’avec lui : il retirerait ce que d’autres possèdent sur ces serveurs"
            raise InvalidConfig([Fault("prefix", what)])
        driver = cls(
            connection.servers,
            request.owner,
            request.vault,
            params.get("prefix") or (),
            everything=request.survey or request.state in ("overridden", "gathered"),
            **cls.needs(connection),
        )
        driver.checks = request.check and not request.rehearsal
        driver.surveys = request.survey
        return driver

    @classmethod
    def needs(cls, connection: Pair) -> Mapping[str, Any]:
        """Return further arguments of the driver, from the connection."""
        return {}

    def locks(self) -> Sequence[str]:
        return sorted(f"nps {server.url}" for server in self.servers.values())

    def settle(self, request: Request) -> None:
        if request.state != "gathered":
            for server in self.servers.values():
                server.settle(check=not request.writes)

    def completed(self, result: dict[str, Any]) -> dict[str, Any]:
        if "gathered" not in result:
            return result
        return {**result, "gathered": merge_alike(result["gathered"], list(self.servers))}

    # a task's options

    def asked(self, config: Iterable[Any]) -> list[Any]:
        """Return a task's `config`, where an item that names no server is repeated for each server."""
        items: list[Any] = []
        for item in config:
            if isinstance(item, Mapping) and item.get("server") is None:
                items += [{**self.filled(item), "server": name} for name in self.servers]
            else:
                items.append(self.filled(item) if isinstance(item, Mapping) else item)
        return items

    def filled(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return an item with its implied values."""
        return dict(item)

    def asked_absent(self, names: Iterable[str]) -> list[str]:
        """Return the keys of absent items; a bare name stands for an item of each server."""
        keys: list[str] = []
        for name in names:
            has_server = name.partition("/")[0] in self.servers
            keys += [name] if has_server else [f"{server}/{name}" for server in self.servers]
        return keys

    def label(self, key: str, item: Item) -> str:
        server, _, name = key.partition("/")
        return f"{name} ({server})"

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        self.declared = [item for item in desired if {"server", "name"} <= item.keys()]
        return list(self.faults(self.declared))

    def faults(self, items: Sequence[Item]) -> Iterator[Fault]:
        """Yield the faults of declared items."""
        seen: dict[tuple[str, str], str] = {}
        for item in items:
            if item["server"] not in self.servers:
                known = ", ".join(self.servers)
                yield self.fault(item, "server", f"n’est pas un serveur de la tâche ({known})")
            other = seen.setdefault((item["server"], item["name"].casefold()), item["name"])
            if other != item["name"]:
                yield self.fault(item, "name", f"« {other} » est le même nom : NPS ne distingue pas la casse")

    def fault(self, item: Item, field: str, message: str) -> Fault:
        return Fault(f"config[{self.resource.key_of(item)}].{field}", message)

    # reading

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        items: dict[str, Item] = {}
        self.unread = {}
        for name, server in self.servers.items():
            asked = {item["name"].casefold(): item for item in desired if item["server"] == name}
            if asked or self.everything:
                items |= self._live(server, server.document(fresh=fresh), asked)
        self._before = items
        return items

    def _live(self, server: Server, document: Document, asked: Mapping[str, Item]) -> dict[str, Item]:
        names = [name for name in document.names(self.place) if name.casefold() in asked or self._mine(name)]
        self.learn(document, names)
        items: dict[str, Item] = {}
        for name in names:
            desired = asked.get(name.casefold(), {})
            spelt = str(desired.get("name", name))
            key = f"{server.name}/{spelt}"
            if key in items:
                raise Ambiguous(
                    f"deux objets ({self.resource.name}) s’appellent « {name} »",
                    where=server.name,
                    todo="Renommez-en un dans la console NPS : le nom est l’identité.",
                )
            items[key] = {"server": server.name, "name": spelt, **self.read(server, document, name, desired)}
            if unread := sorted(set(self.unexpressed(document, name))):
                self.unread[key] = unread
        return items

    def _mine(self, name: str) -> bool:
        return self.everything and (not self.prefix or name.casefold().startswith(self.prefix))

    def learn(self, document: Document, names: Sequence[str]) -> None:
        """Look up in bulk what reading these items needs."""
        return

    @abstractmethod
    def read(self, server: Server, document: Document, name: str, desired: Item) -> Item:
        """Return the live item of a name, in the declared spelling where it means the same."""

    @abstractmethod
    def unexpressed(self, document: Document, name: str) -> Iterator[str]:
        """Yield the properties of an item that no field of the table expresses."""

    # before the first write

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        refusals, unwritten = list(self.refusals(operations)), []
        for name, server in self.servers.items():
            if of_server(operations, name) and (why := server.document(fresh=False).refusal):
                unwritten.append(f"{name} : {why}. {IN_ITS_CONSOLE}")
        if self.surveys:  # an audit writes nothing, whatever is between its objects
            self.foreseen, refusals = [*refusals, *unwritten], []
        elif self.checks:  # a comparison shows what differs all the same
            self.foreseen = unwritten
        else:
            refusals += unwritten
        if refusals:
            raise Guarded(
                f"{agreed(len(refusals), 'changement(s) impossible(s)')}, rien n’a été écrit",
                where=self.owner,
                todo="Levez d’abord ce qui les empêche :" + "".join(f"\n  - {refusal}" for refusal in refusals),
            )
        return {}

    def refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        """Yield the faults of impossible operations, which no confirmation lifts."""
        yield from ()

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        order = list(self.servers)
        return sorted(operations, key=lambda operation: order.index(_server_of(operation)))

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for position, (name, server) in enumerate(self.servers.items()):
            mine = of_server(operations, name)
            if not mine:
                continue
            if position:  # the servers before it took their time
                self._unmoved(server, mine)
            document = server.document(fresh=False).copy()
            for operation in mine:
                self._edit(server, document, operation)
            try:
                with progress.sending(*mine):
                    server.replace(document)
            except Broken:
                progress.begun(mine)
                raise
            for operation in mine:
                progress.done(operation)

    def _unmoved(self, server: Server, operations: Sequence[Operation]) -> None:
        """Raise `Conflict` where the server no longer has the items that the operations start from."""
        asked = {folded_name(operation): operation.after or {} for operation in operations}
        now = self._live(server, server.document(fresh=True), asked)
        moved = []
        for operation in operations:
            shape = union(operation.before or {}, operation.after or {})
            seen, there = self._before.get(operation.key), now.get(operation.key)
            if stable(seen and restrict(seen, shape)) != stable(there and restrict(there, shape)):
                moved.append(operation.name)
        if moved:
            raise Conflict(
                f"modifié par quelqu’un d’autre depuis le calcul du plan : {', '.join(moved)}",
                where=server.name,
                why="Rien n’y a été écrit.",
                todo="Relancez pour planifier sur l’état actuel.",
            )

    def _edit(self, server: Server, document: Document, operation: Operation) -> None:
        name = (operation.before or operation.after or {})["name"]
        if operation.after is None:
            self.remove(document, name)
            return
        before = operation.before or {}
        changed = {
            field: value
            for field, value in operation.after.items()
            if operation.before is None or field not in before or stable(value) != stable(before[field])
        }
        self.write(server, document, name, changed, new=operation.before is None)

    @abstractmethod
    def write(self, server: Server, document: Document, name: str, changed: Item, *, new: bool) -> None:
        """Set the changed fields of an item of the document; for a new item, all its fields."""

    def remove(self, document: Document, name: str) -> None:
        document.remove(self.place, name)

    def remarks(self) -> list[str]:
        notes = [note for server in self.servers.values() for note in server.taken_notes()]
        if self.everything:
            notes += [
                f"{self.resource.name} {key} : ce que Piste n’en exprime pas reste tel quel, et n’est pas exporté : "
                + ", ".join(names)
                for key, names in self.unread.items()
            ]
        return notes


def _server_of(operation: Operation) -> str:
    return operation.key.partition("/")[0]


def of_server(operations: Iterable[Operation], name: str) -> list[Operation]:
    """Return the operations of a server."""
    return [operation for operation in operations if _server_of(operation) == name]


def folded_name(operation: Operation) -> str:
    """Return the name of an operation's item, in the case-insensitive form of NPS."""
    return str((operation.after or operation.before or {})["name"]).casefold()


def number(text: str) -> int | None:
    """Return the whole number of a property; None for any other text."""
    plain = text.strip()
    return int(plain) if re.fullmatch(r"[0-9]{1,10}", plain) else None


def flag(text: str) -> bool:
    """Return a boolean property, in any form that NPS or the editors of its exports write."""
    return text.strip().lower() in ("1", "-1", "true")
