"""Progress of a plan while its driver writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.plan import Operation, Plan


class Progress:
    """The operations of a plan as the system takes them.

    `keep` is called with the operations that the system has taken whole.
    """

    def __init__(self, planned: Plan, keep: Callable[[Iterable[Operation]], None]) -> None:
        self._planned, self._keep = planned, keep
        self._touched: set[str] = set()
        self.applied: list[Operation] = []

    def done(self, *operations: Operation) -> None:
        """Note that the system has accepted the operations whole."""
        self.count(*operations)
        self._keep(operations)

    def count(self, *operations: Operation) -> None:
        """Note operations that turn out to be done."""
        self.applied += operations
        self.begun(operations)

    def touched(self, operation: Operation) -> bool:
        """True where the system may hold a part of the operation."""
        return operation.key in self._touched

    def begun(self, operations: Iterable[Operation]) -> None:
        """Note that the system holds, or may hold, a part of each operation."""
        self._touched |= {operation.key for operation in operations}

    @contextmanager
    def sending(self, *operations: Operation) -> Iterator[None]:
        """Wrap a request: if its outcome is unknown, its operations count as begun."""
        try:
            yield
        except Exception as error:
            if not isinstance(error, PisteError) or error.kind == "unknown":
                self.begun(operations)
            raise

    def to_json(self) -> tuple[dict[str, Any], ...]:
        """List the operations on objects that may have changed, as far as is known."""
        return tuple(done.to_json() for done in self._planned.operations if done.key in self._touched)
