"""What the kinds of NPS share: the servers that hold the same, one change of the whole configuration a server."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from piste.converge.driver import Driver
from piste.converge.errors import Ambiguous, Conflict, Fault, Guarded, InvalidConfig
from piste.converge.items import restrict, union
from piste.converge.plan import Item, Operation
from piste.converge.progress import Progress
from piste.converge.request import Request
from piste.converge.resource import Field
from piste.converge.secrets import Vault
from piste.converge.values import stable
from piste.windows.nps.document import Document, Place
from piste.windows.nps.pair import Pair, said_once
from piste.windows.nps.server import Broken, Server
from piste.windows.nps.tables import PREFIX
from piste.words import agreed


class NpsDriver(Driver, ABC):
    """Base of the drivers: one kind of item, on each of the servers.

    The caller opens and closes the servers. An item that names no server is one of each; keys are `server/name`.
    What one task reads of a server is one document; what it changes there is one import.
    """

    options: tuple[Field, ...] = (PREFIX,)
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
        """True where the task is about all that is the owner's, not only about what it names."""
        self.unread: dict[str, list[str]] = {}
        """What no field says of an item, by key: names of its properties."""
        self.declared: Sequence[Item] = ()
        """What the task wants, as the table reads it."""
        self._before: Mapping[str, Item] = {}

    @classmethod
    def of(cls, connection: Pair, request: Request, params: Mapping[str, Any]) -> Self:
        if request.state == "overridden" and not params.get("prefix"):
            what = "overridden n'a de sens qu'avec lui : il retirerait ce que d'autres possèdent sur ces serveurs"
            raise InvalidConfig([Fault("prefix", what)])
        return cls(
            connection.servers,
            request.owner,
            request.vault,
            params.get("prefix") or (),
            everything=request.survey or request.state in ("overridden", "gathered"),
            **cls.needs(connection),
        )

    @classmethod
    def needs(cls, connection: Pair) -> Mapping[str, Any]:
        """What a kind is given besides the servers."""
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
        return {**result, "gathered": said_once(result["gathered"], list(self.servers))}

    # a task's words

    def asked(self, config: Iterable[Any]) -> list[Any]:
        """A task's `config` with an item for each server in the place of one that names none."""
        items: list[Any] = []
        for item in config:
            if isinstance(item, Mapping) and item.get("server") is None:
                items += [{**self.filled(item), "server": name} for name in self.servers]
            else:
                items.append(self.filled(item) if isinstance(item, Mapping) else item)
        return items

    def filled(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """An item with what it says without words."""
        return dict(item)

    def asked_absent(self, names: Iterable[str]) -> list[str]:
        """Keys of what must not be there: `server/name`, or a name alone for all servers."""
        keys: list[str] = []
        for name in names:
            of_one = name.partition("/")[0] in self.servers
            keys += [name] if of_one else [f"{server}/{name}" for server in self.servers]
        return keys

    def label(self, key: str, item: Item) -> str:
        server, _, name = key.partition("/")
        return f"{name} ({server})"

    def check(self, wanted: Sequence[Item]) -> Sequence[Fault]:
        self.declared = [item for item in wanted if {"server", "name"} <= item.keys()]
        return list(self.faults(self.declared))

    def faults(self, items: Sequence[Item]) -> Iterator[Fault]:
        """What is wrong in declared items, on servers that are known."""
        seen: dict[tuple[str, str], str] = {}
        for item in items:
            if item["server"] not in self.servers:
                known = ", ".join(self.servers)
                yield self.fault(item, "server", f"n'est pas un serveur de la tâche ({known})")
            other = seen.setdefault((item["server"], item["name"].casefold()), item["name"])
            if other != item["name"]:
                yield self.fault(item, "name", f"« {other} » est le même nom : NPS ne distingue pas la casse")

    def fault(self, item: Item, field: str, message: str) -> Fault:
        return Fault(f"config[{self.resource.key_of(item)}].{field}", message)

    # reading

    def gather(self, wanted: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        found: dict[str, Item] = {}
        self.unread = {}
        for name, server in self.servers.items():
            asked = {item["name"].casefold(): item for item in wanted if item["server"] == name}
            if asked or self.everything:
                found |= self._live(server, server.document(fresh=fresh), asked)
        self._before = found
        return found

    def _live(self, server: Server, document: Document, asked: Mapping[str, Item]) -> dict[str, Item]:
        names = [name for name in document.names(self.place) if name.casefold() in asked or self._mine(name)]
        self.learn(document, names)
        found: dict[str, Item] = {}
        for name in names:
            wanted = asked.get(name.casefold(), {})
            spelt = str(wanted.get("name", name))
            key = f"{server.name}/{spelt}"
            if key in found:
                raise Ambiguous(
                    f"deux objets ({self.resource.name}) s'appellent « {name} »",
                    where=server.name,
                    todo="Renommez-en un dans la console NPS : le nom est l'identité.",
                )
            found[key] = {"server": server.name, "name": spelt, **self.read(server, document, name, wanted)}
            if unread := sorted(set(self.unexpressed(document, name))):
                self.unread[key] = unread
        return found

    def _mine(self, name: str) -> bool:
        return self.everything and (not self.prefix or name.casefold().startswith(self.prefix))

    def learn(self, document: Document, names: Sequence[str]) -> None:
        """Look up at once what reading these items needs to know."""
        return

    @abstractmethod
    def read(self, server: Server, document: Document, name: str, wanted: Item) -> Item:
        """The item of a name that is there, in the spelling of a declared one where they mean the same."""

    @abstractmethod
    def unexpressed(self, document: Document, name: str) -> Iterator[str]:
        """Properties of an item that no field of the table says."""

    # before the first write

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        refusals = list(self.refusals(operations))
        if refusals:
            raise Guarded(
                f"{agreed(len(refusals), 'changement(s) impossible(s)')}, rien n'a été écrit",
                where=self.owner,
                todo="Levez d'abord ce qui les empêche :" + "".join(f"\n  - {refusal}" for refusal in refusals),
            )
        return {}

    def refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        """What no word can confirm."""
        yield from ()

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        order = list(self.servers)
        return sorted(operations, key=lambda operation: order.index(_server_of(operation)))

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for position, (name, server) in enumerate(self.servers.items()):
            mine = [operation for operation in operations if _server_of(operation) == name]
            if not mine:
                continue
            if position:  # the ones before it took their time
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
        """Raise `Conflict` where the server does not hold any more what the operations start from."""
        asked = {(one.after or one.before or {})["name"].casefold(): one.after or {} for one in operations}
        now = self._live(server, server.document(fresh=True), asked)
        moved = []
        for operation in operations:
            shape = union(operation.before or {}, operation.after or {})
            seen, there = self._before.get(operation.key), now.get(operation.key)
            if stable(seen and restrict(seen, shape)) != stable(there and restrict(there, shape)):
                moved.append(operation.name)
        if moved:
            raise Conflict(
                f"modifié par quelqu'un d'autre depuis le calcul du plan : {', '.join(moved)}",
                where=server.name,
                why="Rien n'y a été écrit.",
                todo="Relancez pour planifier sur l'état actuel.",
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
        """Give an item of the document the fields that changed, all of them where it is new."""

    def remove(self, document: Document, name: str) -> None:
        document.remove(self.place, name)

    def remarks(self) -> list[str]:
        notes = [note for server in self.servers.values() for note in server.taken_notes()]
        if self.everything:
            notes += [
                f"{self.resource.name} {key} : ce que Piste n'en exprime pas reste tel quel, et n'est pas exporté : "
                + ", ".join(names)
                for key, names in self.unread.items()
            ]
        return notes


def _server_of(operation: Operation) -> str:
    return operation.key.partition("/")[0]


def number(text: str) -> int | None:
    """A whole number of a property; None for any other text."""
    plain = text.strip()
    return int(plain) if re.fullmatch(r"[0-9]{1,10}", plain) else None


def flag(text: str) -> bool:
    """A boolean property, as NPS and those who edit its exports write it."""
    return text.strip().lower() in ("1", "-1", "true")
