"""Progress of a plan while its driver writes: what the system has accepted, and what it may hold a part of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.plan import Operation, Plan


class Progress:
    """Operations of a plan as the system takes them; `keep` is called with each that it has taken whole."""

    def __init__(self, planned: Plan, keep: Callable[[Operation], None]) -> None:
        self._planned, self._keep = planned, keep
        self._touched: set[str] = set()
        self.applied: list[Operation] = []

    def done(self, operation: Operation) -> None:
        """The system has accepted the operation whole."""
        self.count(operation)
        self._keep(operation)

    def count(self, *operations: Operation) -> None:
        """These were found to be done."""
        self.applied += operations
        self.begun(operations)

    def touched(self, operation: Operation) -> bool:
        """True where the system may hold a part of the operation."""
        return operation.key in self._touched

    def begun(self, operations: Iterable[Operation]) -> None:
        """The system holds a part of each of these, or may do so."""
        self._touched |= {operation.key for operation in operations}

    @contextmanager
    def sending(self, *operations: Operation) -> Iterator[None]:
        """Around a request: where its outcome is not known, its operations count as begun."""
        try:
            yield
        except Exception as error:
            if not isinstance(error, PisteError) or error.kind == "unknown":
                self.begun(operations)
            raise

    def to_json(self) -> tuple[dict[str, Any], ...]:
        """What was planned of the objects that the system no longer holds as they were, as far as anybody knows."""
        return tuple(done.to_json() for done in self._planned.operations if done.key in self._touched)
