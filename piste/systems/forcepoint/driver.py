"""Base of the SMC drivers: references by name, refusals, attributes that no table knows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Guarded
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.converge.secrets import Vault
from piste.engine.words import agreed
from piste.systems.forcepoint import element_table, policy_table, references
from piste.systems.forcepoint.smc import Smc

MANAGED = frozenset({*element_table.TYPES, *policy_table.TYPES})
"""Types of the objects that an export contains."""


@dataclass(slots=True)
class Gathered:
    """Result of a reading.

    `items`: canonical items by key. `documents`: wire document of each item, with its `path` and, unless it was read
    in bulk, its `etag`. `unknown`: attributes that no table knows. `abroad`: objects that an export designates and
    does not contain.
    """

    items: dict[str, Item] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    abroad: list[str] = field(default_factory=list)


REWRITTEN: Mapping[str, tuple[str, ...]] = {
    "policy": ("_rule",),
    "engine_interface": ("_interface",),
    "engine_settings": ("_cluster", "_fw"),
    "log_server": ("log_server",),
}
"""Ends of the types that a kind writes: in check mode those that the run will have rewritten use nothing yet."""


class SmcDriver(Driver, ABC):
    """Base of the drivers of one kind of object, in one SMC.

    `last` is the result of the last `gather`: guards and writes depend on it, and on no other state.
    """

    last: Gathered
    states: Sequence[str] = ("merged", "replaced", "deleted", "gathered")
    locked: tuple[str, ...] = ()
    """Parts of the SMC that a task of the kind writes; they name its locks."""

    def __init__(self, smc: Smc, request: Request) -> None:
        self.smc, self.request, self.vault, self.scope = smc, request, Vault(), ""
        self.last, self._unknown = Gathered(), set[str]()

    @abstractmethod
    def read(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> Gathered:
        """Read as `gather` does, and return the whole result."""

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        self.last = self.read(desired, whole=whole, fresh=fresh)
        self._unknown |= self.last.unknown
        return self.last.items

    @classmethod
    def of(cls, connection: Smc, request: Request, params: Mapping[str, Any]) -> Self:
        return cls(connection, request)

    def locks(self) -> Sequence[str]:
        return tuple(f"smc {self.smc.root} {name}" for name in self.locked)

    def announced(self, ref: str) -> bool:
        """True for an object that check mode has planned in this run."""
        kind = "policy" if ref.partition("/")[0].endswith("_policy") else "element"
        return ref in self.smc.shared.planned(kind)

    def missing(self, refs: Iterable[str], declared: Iterable[str] = ()) -> list[str]:
        """References that designate nothing, neither on the SMC nor in the run."""
        known = set(declared)
        todo = sorted({ref for ref in refs if ref not in known and ref not in (references.ANY, references.NONE)})
        return [ref for ref in todo if not self.smc.path(ref) and not self.announced(ref)]

    # before the first write

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse all impossible operations at once; then return the guards."""
        refusals = [*self._untouchable(operations), *self.refusals(operations)]
        if refusals:
            raise Guarded(
                f"{agreed(len(refusals), 'changement(s) impossible(s)')}, rien n’a été écrit",
                where=self.smc.host,
                todo="Levez d’abord ce qui les empêche :" + "".join(f"\n  - {refusal}" for refusal in refusals),
            )
        return self.guards(operations)

    def _untouchable(self, operations: Sequence[Operation]) -> Iterator[str]:
        for operation in operations:
            document = self.last.documents.get(operation.key, {})
            if document.get("system") or document.get("read_only"):
                yield f"« {operation.name} » est du système : on le désigne, on ne l’écrit pas"
            elif document.get("locked"):
                yield f"« {operation.name} » est verrouillé dans le SMC : faites lever le verrou par qui l’a posé"

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """Reasons for which operations are impossible, confirmed or not."""
        return []

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {}

    def used(self, key: str, path: str, gone: Iterable[str]) -> str:
        """Reason not to remove an object: its users, without those in `gone`; empty where none."""
        planned = [kind for kind in REWRITTEN if self.request.check and self.smc.shared.planned(kind)]
        rewritten = tuple(ending for kind in planned for ending in REWRITTEN[kind])
        users = [user for user in self.smc.users_of(path) if user not in set(gone)]
        users = [user for user in users if not user.partition("/")[0].endswith(rewritten)]
        return f"« {key} » est encore désigné par {', '.join(sorted(users))}" if users else ""

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            self.smc.shared.plan_object(self.resource.name, self.designation(operation), {})

    def designation(self, operation: Operation) -> str:
        """`type/name` of the object that an operation is about."""
        return operation.key

    # writing

    @contextmanager
    def sending(self, progress: Progress, *operations: Operation) -> Iterator[None]:
        """Wrap the writes of operations: they are begun if a write after the first is refused."""
        sent = self.smc.calls["writes"]
        try:
            with progress.sending(*operations):
                yield
        except Exception:
            if self.smc.calls["writes"] > sent + 1:
                progress.begun(operations)
            raise

    def remarks(self) -> list[str]:
        said = []
        if unknown := self._unknown | self.last.unknown:
            names = ", ".join(sorted(unknown))
            said.append(
                f"{self.resource.name} : clés du SMC que la table ne connaît pas, laissées telles quelles : {names}"
            )
        if self.last.abroad:
            names = ", ".join(self.last.abroad)
            said.append(f"{self.resource.name} : désignés et absents de l’export, à créer à la main ailleurs : {names}")
        return said

    def abroad(self, refs: Iterable[str]) -> list[str]:
        """Designated objects of types that no module manages, without the system's own."""
        todo = sorted({ref for ref in refs if references.split(ref)[0] not in MANAGED})
        places = [self.smc.path(ref) for ref in todo]
        there = iter(self.smc.documents(path for path in places if path))
        documents = [next(there) if path else None for path in places]
        return [ref for ref, document in zip(todo, documents, strict=True) if not (document or {}).get("system")]

    def unknown(self, document: Mapping[str, Any], known: Iterable[str]) -> set[str]:
        """Attributes with a value that no table knows."""
        return {name for name, value in document.items() if _says(value)} - set(known) - self.resource.known


def _says(value: Any) -> bool:
    """False for a value made of negations only, which every object of some kinds has."""
    if isinstance(value, Mapping):
        return any(_says(inner) for inner in value.values())
    return bool(value)
