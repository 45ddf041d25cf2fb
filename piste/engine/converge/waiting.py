"""Changes that await a word, and those that wait with them.

What refers to such a change waits, and so do the removals of its owner: the change that waits may be what replaces the
removed object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from piste.engine.converge.belief import doubtful
from piste.engine.converge.errors import Guarded
from piste.engine.converge.plan import SYMBOLS, Operation
from piste.engine.converge.reading import FAULTS
from piste.engine.converge.resource import Resource
from piste.engine.converge.text import on_one_line
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.engine.converge.driver import Driver


REMOVALS = "removals"
"""The word for more removals than a task may do by itself."""
UNFINISHED = "ne se fait pas tant qu’un changement de ce domaine attend un mot"
UNREMOVED = "rien n’est retiré tant qu’un changement de ce propriétaire attend un mot"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits for `words`, or without words for another change."""

    operation: Operation
    why: str
    words: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        described = {**self.operation.to_json(), "waiting": self.why}
        return {**described, "words": [*self.words]} if self.words else described

    def line(self) -> str:
        """Say what waits for another change, in one line of the report."""
        operation = self.operation
        return f"retenu : {SYMBOLS[operation.action]} {operation.kind} {on_one_line(operation.name)}, {self.why}"


@dataclass(slots=True)
class Holding:
    """The changes that wait in a task, kind after kind."""

    waiting: list[Waiting] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    """The words that are awaited, each with its reason."""
    awaited: bool = False
    """True where something of the owner awaits a word elsewhere in the run."""
    unfinished: bool = False
    """True where something of the domain awaits a word in the run, for any owner."""
    ahead: Callable[[], bool] | None = None
    """Looks whether a later kind of the task awaits a word; asked once, by the first removal."""
    stopped: str = ""
    """Why nothing more of the task is written; empty where the rest goes on."""

    @property
    def waits(self) -> bool:
        return bool(self.awaited or self.waiting)

    def awaits_ahead(self) -> bool:
        """Tell whether something of the owner awaits a word, in a kind that comes later too."""
        if self.ahead is not None and not self.waits:
            ahead, self.ahead = self.ahead, None
            self.awaited = ahead()
        return self.waits

    def add(self, waiting: Sequence[Waiting], words: Mapping[str, str]) -> None:
        self.waiting += waiting
        self.words |= words


def awaiting(driver: Driver, operations: Sequence[Operation], needed: Mapping[str, str]) -> dict[str, Waiting]:
    """List the operations that await a word, by key.

    A word that names no object of the plan is about all of it.
    """
    words: dict[str, list[str]] = {}
    for word in needed:
        subject = word.partition(":")[2]
        named = [operation for operation in operations if subject and _is_about(driver, operation, subject)]
        for operation in named or operations:
            words.setdefault(operation.key, []).append(word)
    return {
        operation.key: Waiting(operation, f"attend {', '.join(words[operation.key])}", tuple(words[operation.key]))
        for operation in operations
        if operation.key in words
    }


def _is_about(driver: Driver, operation: Operation, subject: str) -> bool:
    names = (*driver.subjects(operation), *doubtful(driver, operation))
    return any(subject == name or subject.startswith(f"{name}/") or name.endswith(f"/{subject}") for name in names)


def relying(driver: Driver, operations: Sequence[Operation], waiting: Sequence[Operation]) -> dict[str, Waiting]:
    """List the operations that rely on those that wait, through others too, by key."""
    more: dict[str, Waiting] = {}
    through = list(waiting)
    rest = [operation for operation in operations if operation not in waiting]
    for other in through:  # grows
        for operation in rest:
            if operation.key not in more and driver.relies(operation, other):
                more[operation.key] = Waiting(operation, f"repose sur {other.kind} {other.name}, qui attend")
                through.append(operation)
    return more


def to_confirm(word: str) -> str:
    """Write that a word is awaited, at the beginning of its line of the report."""
    return f"à confirmer ({word}) : "


def listing(words: Mapping[str, str]) -> str:
    """Write the words to give, then the reason of each on a line of its own."""
    where = "confirm de la tâche, <domaine>_confirm du rôle, --confirm de piste plan"
    reasons = "".join(f"\n  - {word} : {words[word]}" for word in sorted(words))
    return f"Si c’est voulu, confirmez-le par ces mots ({where}) : {sorted(words)}{reasons}"


def partial(holding: Holding, owner: str, result: Mapping[str, Any]) -> Guarded:
    """Make the error of a task that has done all but what waits."""
    words, others = holding.words, [waiting for waiting in holding.waiting if not waiting.words]
    count = agreed(len(words), "changement(s) à confirmer") if words else agreed(len(others), "changement(s) retenu(s)")
    todo = listing(words) if words else "Confirmez ce qui attend un mot plus haut dans cette exécution, puis relancez."
    todo += "".join(f"\n  - {waiting.line()}" for waiting in others)
    what = f"{count}, {'le reste est écrit' if result['operations'] else 'rien n’a été écrit'}"
    error = Guarded(what, where=owner, todo=todo)
    error.kind = "partial"
    error.operations, error.contents = tuple(result["operations"]), tuple(result["contents"])
    error.waiting = tuple(waiting.to_json() for waiting in holding.waiting)
    kept = ("withheld", "warnings", "orphans", "surveys", "kinds")
    error.earlier = {name: result[name] for name in kept if name in result}
    return error


def refers(resource: Resource, operation: Operation, waiting: Operation) -> bool:
    """Tell whether an operation names an object that waits, or lies in an object to come.

    Any text of its content counts, but for those that say where it is. What is only to be removed is still there.
    """
    after = operation.after
    if after is None or waiting.after is None or waiting.action == "reset" or waiting.system != operation.system:
        return False
    return lies_in(resource, after, waiting) or _names(resource, after, waiting)


def awaits(driver: Driver, item: Mapping[str, Any], waiting: Operation) -> bool:
    """Tell whether a declared item relies on an object that waits to be made."""
    resource = driver.resource
    if waiting.action != "create" or waiting.system != resource.system:
        return False
    key = "/".join(str(item.get(part)) for part in resource.key)
    asked = Operation(waiting.system, waiting.owner, resource.name, key, "update", None, dict(item))
    try:
        return lies_in(resource, item, waiting) or driver.relies(asked, waiting)
    except FAULTS:  # the fault of the item is said where its form is checked
        return False


def lies_in(resource: Resource, item: Mapping[str, Any], waiting: Operation) -> bool:
    """Tell whether an item lies in an object that waits to be made.

    It may lie in several, as a host in its groups.
    """
    if waiting.action != "create":
        return False
    if resource.nested and waiting.kind == resource.name:
        return str(item.get(resource.key[0])).casefold().startswith(f"{waiting.key}{resource.nested}".casefold())
    place = resource.parents.get(waiting.kind)
    named = {text.casefold() for text in _texts(item.get(place))} if place else set()
    return not {waiting.key.casefold(), waiting.name.casefold()}.isdisjoint(named - {""})


def _names(resource: Resource, item: Mapping[str, Any], waiting: Operation) -> bool:
    place = {*resource.key, *resource.parents.values()}
    names = {waiting.key, waiting.name}
    fields = [name for name, value in item.items() if name not in place and not names.isdisjoint(_texts(value))]
    return any(name not in resource.sought for name in fields)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
