"""The contract of a driver: what a vendor supplies for one kind of object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, Self

from piste.engine.converge.errors import Fault
from piste.engine.converge.normalise import exported
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.plan import STATES, Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.converge.resource import UNSET, Field, Resource
from piste.engine.converge.values import stable
from piste.engine.converge.waiting import refers


class Driver(Protocol):
    """Reading, writing and special cases of one kind of object.

    A driver inherits from this class and defines only what is special about its kind.
    """

    resource: Resource
    options: tuple[Field, ...] = ()
    """Options of a task besides where its system is and what every task takes."""
    states: Sequence[str] = STATES
    """States that make sense for the kind."""
    scope: str
    rests: Sequence[tuple[str, str]] = ()
    """Ids of the beliefs that its writes rest on, each with the field whose change does.

    A part of a field is named `field.part`; empty stands for any change.
    """
    together: bool = False
    """True where the operations of a task stand or fall together, such as the rules of an ordered list."""
    finishes: bool = False
    """True where nothing is done as long as anything of the domain awaits a word, for any owner."""
    foreseen: Sequence[str] = ()
    """Refusals of a run that check mode only names, beside what differs."""
    stays: Sequence[str] = ()
    """Keys of live objects that are left where they are until a step of its own."""
    sees_all: bool = False
    """True where a task reads all of its scope and is alone to declare it: it then names what it does not declare."""
    new_place: bool = False
    """True where this run has made the place of the objects: what the task has just read there is not read again
    before the write, since nobody else knows of the place. What is written is read back there as everywhere."""
    only_declared: bool = False
    """True where the walk uses only the declared fields of live items: the driver may leave the others unread. The
    walk sets it before the first read."""

    @classmethod
    def of(cls, connection: Any, request: Request, params: Mapping[str, Any]) -> Self:
        """Make the driver of a task, over an open connection to its system."""

    def asked(self, config: Iterable[Any]) -> list[Any]:
        """Convert a task's `config` to the form that the table takes."""
        return list(config)

    def asked_absent(self, names: Iterable[str]) -> list[str]:
        """Convert a task's `absent` to keys of the table."""
        return list(names)

    def locks(self) -> Iterable[str]:
        """Name the locks that a writing task takes against other runs of this machine.

        All tasks take them in one order.
        """
        return ()

    def settle(self, request: Request) -> None:
        """Finish, before the first read, what a killed run left half done."""
        return

    def completed(self, result: dict[str, Any]) -> dict[str, Any]:
        """Add to the result of the walk what only the kind says."""
        return result

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        """List faults of declared items that their table cannot see, such as unknown names.

        An item with other faults may lack fields.
        """
        return ()

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Read the live items that the owner owns, by key, in normal form.

        `whole` asks for every part of every object. `fresh` asks for the system's own answer rather than what the run
        already knows.
        """

    def exported(self, item: Item, owner: str) -> Item:
        """Give a live item the form of `config`, a reference for each secret not read back."""
        return exported(self.resource.fields, item, {"owner": owner})

    def inherited(self, desired: Sequence[Item], live: Mapping[str, Item]) -> Sequence[Item]:
        """Complete the desired items with what they take over from other live objects."""
        return desired

    def free(self, key: str, item: Item) -> bool:
        """True for a slot that is empty."""
        return False

    def traced(self, desired: Sequence[Item], live: Mapping[str, Item]) -> Mapping[str, str]:
        """Find the desired objects that somebody has renamed by hand: key → live key.

        Only what can be traced is there.
        """
        return {}

    def alarm(self, key: str, item: Item) -> str:
        """Say what is dangerous in an object that nobody declares; empty where a drift is enough."""
        return ""

    def abandoned(self, desired: Sequence[Item]) -> Iterable[Orphan]:
        """List what nobody declares any more and that stays, where each plan is to name it."""
        return ()

    def strays(self, desired: Sequence[Item]) -> Iterable[tuple[str, str]]:
        """List key and reason of undeclared things that only a drift reads."""
        return ()

    def reset(self, key: str, item: Item) -> Item:
        """Give the content of an emptied slot, or of a fixed object as the system made it."""
        return {}

    def label(self, key: str, item: Item) -> str:
        """Give the name that people use for the object, where it is not its key."""
        return ""

    def lacks(self, item: Item) -> str:
        """Say what a desired object waits for; empty where it waits for nothing.

        An object that waits is left alone and listed.
        """
        return ""

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Sort the operations in the order that the system takes, containers first for instance."""
        return operations

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """List the operations that need a confirmation: `word:key` → why.

        It judges by the last `gather`. It raises for what cannot be done at all.
        """
        return {}

    def rests_on(self, operation: Operation) -> Iterable[str]:
        """List the ids of the beliefs that an operation rests on."""
        return [id_ for id_, field in self.rests if not field or _changes(operation, field.split("."))]

    def shown(self, operation: Operation) -> Iterable[str]:
        """List the beliefs of an operation that something on the system shows, made by others."""
        return ()

    def subjects(self, operation: Operation) -> Iterable[str]:
        """List the names under which the words of `guarded` mean an operation."""
        return (operation.key, operation.name, operation.place)

    @classmethod
    def relies(cls, operation: Operation, waiting: Operation) -> bool:
        """Tell whether an operation must wait with another, of any kind of the system."""
        return refers(cls.resource, operation, waiting)

    @classmethod
    def follows(cls, operation: Operation, other: Operation) -> bool:
        """Tell whether a part of a plan that has an operation must have another, which comes first."""
        return cls.relies(operation, other)

    def contents(self, key: str) -> dict[str, Any]:
        """Describe what an object that is about to be removed contains and takes with it.

        By module: the `config` and `absent` that give it back; secrets by path and fingerprint.
        """
        return {}

    def retain(self, waiting: Sequence[Operation]) -> None:
        """Note the operations that wait, for the refusals of later kinds of the task."""
        return

    def announce(self, planned: Plan) -> None:
        """In check mode, announce what will exist to the later tasks of the run."""
        return

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Write the operations in order, on what the last `gather` read.

        Report to `progress` each operation that the system has accepted whole, and those that it may hold a part of.
        """

    def remarks(self) -> list[str]:
        """List what a reader of the result should know, such as unknown keys met on the system."""
        return []


def _changes(operation: Operation, path: Sequence[str]) -> bool:
    """Tell whether an operation gives a field, or a part of it, another value."""
    before, after = (_value(content, path) for content in (operation.before, operation.after))
    return after is not UNSET and stable(after) != stable(before)


def _value(content: Any, path: Sequence[str]) -> Any:
    for name in path:
        content = content.get(name, UNSET) if isinstance(content, Mapping) else UNSET
    return content
