"""What all kinds of the SMC share: references by name, what nobody may write, what the system adds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from piste.converge.driver import Driver
from piste.converge.errors import Guarded
from piste.converge.plan import Item, Operation, Plan
from piste.converge.progress import Progress
from piste.converge.request import Request
from piste.converge.secrets import Vault
from piste.forcepoint import element_table, policy_table, references
from piste.forcepoint.smc import Smc
from piste.words import agreed

MANAGED = frozenset({*element_table.TYPES, *policy_table.TYPES})
"""Types of the objects that an export holds."""


@dataclass(slots=True)
class Gathered:
    """Result of a reading: canonical items by key; the wire document of each item, with its ``path`` and, unless it was
    read in bulk, its ``etag``; attributes that no table knows; objects that an export designates and does not hold."""

    items: dict[str, Item] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    abroad: list[str] = field(default_factory=list)


class SmcDriver(Driver, ABC):
    """Base of the drivers: one kind of object of one SMC.

    ``last`` is the result of the last ``gather``: guards and writes depend on it, and on no other state.
    """

    last: Gathered
    states: Sequence[str] = ("merged", "replaced", "deleted", "gathered")
    locked: tuple[str, ...] = ()
    """What of the SMC a task of the kind writes."""

    def __init__(self, smc: Smc, request: Request) -> None:
        self.smc, self.request, self.vault, self.scope = smc, request, Vault(), ""
        self.last, self._unknown = Gathered(), set[str]()

    @abstractmethod
    def read(self, wanted: Sequence[Item], *, whole: bool, fresh: bool) -> Gathered:
        """Read as ``gather`` does, and return the whole result."""

    def gather(self, wanted: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        self.last = self.read(wanted, whole=whole, fresh=fresh)
        self._unknown |= self.last.unknown
        return self.last.items

    @classmethod
    def of(cls, connection: Smc, request: Request, params: Mapping[str, Any]) -> Self:
        return cls(connection, request)

    def locks(self) -> Sequence[str]:
        return tuple(f"smc {self.smc.url} {name}" for name in self.locked)

    def announced(self, ref: str) -> bool:
        """True for what check mode has planned in this run, or the present task declares."""
        kind = "policy" if ref.partition("/")[0].endswith("_policy") else "element"
        return ref in self.smc.shared.planned(kind)

    def missing(self, refs: Iterable[str], declared: Iterable[str] = ()) -> list[str]:
        """Those that designate nothing, neither on the SMC nor in the run."""
        known = set(declared)
        todo = sorted({ref for ref in refs if ref not in known and ref not in (references.ANY, references.NONE)})
        return [ref for ref in todo if not self.smc.path(ref) and not self.announced(ref)]

    # before the first write

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse what cannot be done, all of it at once; then say what asks for a word."""
        refusals = [*self._untouchable(operations), *self.refusals(operations)]
        if refusals:
            raise Guarded(
                f"{agreed(len(refusals), 'changement(s) impossible(s)')}, rien n'a été écrit",
                where=self.smc.host,
                todo="Levez d'abord ce qui les empêche :" + "".join(f"\n  - {refusal}" for refusal in refusals),
            )
        return self.guards(operations)

    def _untouchable(self, operations: Sequence[Operation]) -> Iterator[str]:
        for operation in operations:
            document = self.last.documents.get(operation.key, {})
            if document.get("system") or document.get("read_only"):
                yield f"« {operation.name} » est du système : on le désigne, on ne l'écrit pas"
            elif document.get("locked"):
                yield f"« {operation.name} » est verrouillé dans le SMC : faites lever le verrou par qui l'a posé"

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """What no word can confirm."""
        return []

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {}

    def used(self, key: str, path: str, gone: Iterable[str]) -> str:
        """Why an object cannot be removed: what refers to it, besides what goes too; empty where nothing does."""
        rewritten = self.request.check and self.smc.shared.planned("policy")
        users = [user for user in self.smc.users_of(path) if user not in set(gone)]
        users = [user for user in users if not (rewritten and user.partition("/")[0].endswith("_rule"))]
        return f"« {key} » est encore désigné par {', '.join(sorted(users))}" if users else ""

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            self.smc.shared.plan_object(self.resource.name, self.designation(operation), {})

    def designation(self, operation: Operation) -> str:
        """``type/name`` of the object that an operation is about."""
        return operation.key

    # writing

    @contextmanager
    def telling(self, progress: Progress, *operations: Operation) -> Iterator[None]:
        """Around the writes of operations: where one is refused that is not the first, they are begun."""
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
            said.append(f"{self.resource.name} : désignés et absents de l'export, à créer à la main ailleurs : {names}")
        return said

    def abroad(self, refs: Iterable[str]) -> list[str]:
        """Designated objects that are not the system's own, and of types that no module manages."""
        todo = sorted({ref for ref in refs if references.split(ref)[0] not in MANAGED})
        places = [self.smc.path(ref) for ref in todo]
        there = iter(self.smc.documents(path for path in places if path))
        documents = [next(there) if path else None for path in places]
        return [ref for ref, one in zip(todo, documents, strict=True) if not (one or {}).get("system")]

    def unknown(self, document: Mapping[str, Any], known: Iterable[str]) -> set[str]:
        """Attributes with a value that no table knows."""
        return {name for name, value in document.items() if _says(value)} - set(known) - self.resource.known


def _says(value: Any) -> bool:
    """False for what holds nothing but negations, as every object of some kinds does."""
    if isinstance(value, Mapping):
        return any(_says(inner) for inner in value.values())
    return bool(value)
