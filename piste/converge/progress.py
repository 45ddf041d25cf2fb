"""How far the application of a plan has come: told by the driver while it writes, kept for whoever takes it back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.plan import Operation, Plan

RECORD = "PISTE_OPEN_RECORD"
"""The file of the run's record, while it is open: a line of JSON an event."""
STEPS = "PISTE_STEPS"
"""The file in which the tasks of a run say which kind of object they are at: a line of JSON a kind."""
TASK = "PISTE_TASK"
"""The task that runs in this process, as JSON: host, task, module."""


class Progress:
    """Operations of a plan as the system takes them; ``keep`` is called with each that it has taken whole."""

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


def begins(what: str) -> None:
    """Note that the task of this process comes to a kind of object, for whoever watches the run."""
    path = os.environ.get(STEPS)
    if not path:
        return
    task = json.loads(os.environ.get(TASK, "{}"))
    line = json.dumps({"host": task.get("host", ""), "kind": what}, ensure_ascii=False)
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)


def foresee(planned: Plan, contents: Sequence[Mapping[str, Any]]) -> None:
    """Note in the run's record what is about to be written: a process that is killed has said what it was at."""
    path = os.environ.get(RECORD)
    if not path or not Path(path).exists():
        return
    foreseen = {"operations": [operation.to_json() for operation in planned.operations], "contents": list(contents)}
    task = json.loads(os.environ.get(TASK, "{}"))
    line = json.dumps({"foreseen": {**task, **foreseen}}, ensure_ascii=False, sort_keys=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        # One call: the lines of several workers do not mix.
        os.write(descriptor, line.encode("utf-8", "backslashreplace") + b"\n")
    finally:
        os.close(descriptor)
