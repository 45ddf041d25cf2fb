"""What a vendor supplies for one kind of object, so that the walk can converge it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, Self

from piste.converge.errors import Fault
from piste.converge.plan import STATES, Item, Operation, Plan
from piste.converge.progress import Progress
from piste.converge.request import Request
from piste.converge.resource import Field, Resource


class Driver(Protocol):
    """What a vendor supplies for one kind of object: reading, writing, and what only it knows. A driver that inherits
    from here says only what is special about its kind."""

    resource: Resource
    options: tuple[Field, ...] = ()
    """What a task says besides where its system is and what every task says."""
    states: Sequence[str] = STATES
    """States that make sense for the kind."""
    scope: str
    sees_all: bool = False
    """True where a task reads all that its scope holds and alone declares it: it names what it does not declare."""
    only_declared: bool = False
    """True where the walk uses only the declared fields of live items: the driver may leave the others unread. The
    walk says so before the first read."""

    @classmethod
    def of(cls, connection: Any, request: Request, params: Mapping[str, Any]) -> Self:
        """The driver of a task, over an open connection to its system."""

    def asked(self, config: Iterable[Any]) -> list[Any]:
        """A task's `config` in the form that the table takes."""
        return list(config)

    def asked_absent(self, names: Iterable[str]) -> list[str]:
        """A task's `absent` as keys of the table."""
        return list(names)

    def locks(self) -> Iterable[str]:
        """What a task that writes holds against other runs of this machine, in one order for all tasks."""
        return ()

    def settle(self, request: Request) -> None:
        """Finish, before anything is read, what a killed run has left half done."""
        return

    def completed(self, result: dict[str, Any]) -> dict[str, Any]:
        """The result of the walk, with what only the kind says of it."""
        return result

    def check(self, wanted: Sequence[Item]) -> Sequence[Fault]:
        """What is wrong in the declared items that their table cannot see: names that the system does not know, say.
        An item that has other faults may lack fields."""
        return ()

    def gather(self, wanted: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Live canonical items, by key, among those the owner owns. `whole` asks for every part of every object,
        `fresh` for the system's own answer rather than what the run already knows."""

    def free(self, key: str, item: Item) -> bool:
        """True for a slot that holds nothing."""
        return False

    def traced(self, wanted: Sequence[Item], live: Mapping[str, Item]) -> Mapping[str, str]:
        """Wanted objects that somebody has renamed by hand: under which key each lives. Only what can be traced."""
        return {}

    def alarm(self, key: str, item: Item) -> str:
        """What a run says of an object that nobody declares and that can do harm; empty where a drift is enough."""
        return ""

    def beside(self, wanted: Sequence[Item]) -> Iterable[tuple[str, str]]:
        """Key and reason of what nobody declares and that only a drift reads."""
        return ()

    def reset(self, key: str, item: Item) -> Item:
        """Content of an emptied slot or of a fixed object as the system made it."""
        return {}

    def label(self, key: str, item: Item) -> str:
        """What people call the object, where that is not its key."""
        return ""

    def lacks(self, item: Item) -> str:
        """What a wanted object waits for (it is then left alone and listed); empty where it waits for nothing."""
        return ""

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """The operations in the order in which the system takes them: what holds others first, say."""
        return operations

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Operations that need a word of confirmation, by what the last `gather` read: `word:key` → why. What
        cannot be done at all is raised."""
        return {}

    def contents(self, key: str) -> dict[str, Any]:
        """What an object that is about to be removed contains and takes with it: by module, the `config` and
        `absent` that give it back; secrets by path and fingerprint."""
        return {}

    def announce(self, planned: Plan) -> None:
        """In check mode, tell the later tasks of the run what will exist."""
        return

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Write, in order, on what the last `gather` read; `progress` is told of each operation once the system has
        accepted it whole, and of those of which it holds a part."""

    def remarks(self) -> list[str]:
        """What a reader of the result should know: unknown keys met on the system, and the like."""
        return []
