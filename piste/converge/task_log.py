"""Notes of a task for those who watch its run.

They name the kind that the task comes to, and what it is about to write.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.converge.plan import Plan

RECORD = "PISTE_OPEN_RECORD"
"""Variable that names the file of the run's record, while it is open: a line of JSON an event."""
RECORDER = "PISTE_RECORDER"
"""Variable that is there where the callback plugin that records the run was loaded."""
STEPS = "PISTE_STEPS"
"""Variable that names the file where the tasks of a run note the kind that they come to: a line of JSON a kind."""
TASK = "PISTE_TASK"
"""Variable that describes the task of this process, as JSON: host, task, module."""


@dataclass(frozen=True, slots=True)
class TaskLog:
    """The files where a task notes its progress; without files it notes nothing."""

    record: Path | None = None
    steps: Path | None = None
    task: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> TaskLog:
        """Find the files of a task in the environment of its process."""
        record, steps = (Path(name) if (name := environment.get(variable)) else None for variable in (RECORD, STEPS))
        return cls(record, steps, json.loads(environment.get(TASK, "{}")))

    def begins(self, kind: str) -> None:
        """Note that the task comes to a kind of object."""
        if self.steps is None:
            return
        with suppress(OSError):
            _append(self.steps, json.dumps({"host": self.task.get("host", ""), "kind": kind}, ensure_ascii=False))

    def foresee(self, planned: Plan, contents: Sequence[Mapping[str, Any]]) -> None:
        """Note in the run's record what is about to be written.

        If the process is killed, the journal still says it.
        """
        if self.record is None or not self.record.exists():
            return
        foreseen = {"operations": [operation.to_json() for operation in planned.operations], "contents": list(contents)}
        line = json.dumps({"foreseen": {**self.task, **foreseen}}, ensure_ascii=False, sort_keys=True)
        _append(self.record, line)


def _append(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        # One call: the lines of several workers do not mix.
        os.write(descriptor, line.encode("utf-8", "backslashreplace") + b"\n")
    finally:
        os.close(descriptor)
