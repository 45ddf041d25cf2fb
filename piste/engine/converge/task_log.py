"""Notes of a task for those who watch its run.

They name the kind that the task comes to, and what it is about to write. What cannot be noted is not written.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Untraced
from piste.engine.converge.plan import Plan

RECORD = "PISTE_OPEN_RECORD"
"""Variable that names the file of the run's record, while it is open: a line of JSON an event."""
RECORDER = "PISTE_RECORDER"
"""Variable that names the process of the callback plugin that records the run, where it was loaded."""
UNRECORDED = "PISTE_UNRECORDED"
"""Variable that says why the run has no record, or not all of it."""
WAIVED = "PISTE_TRACE_WAIVED"
"""Variable of a task that a person lets write without a trace."""
STEPS = "PISTE_STEPS"
"""Variable that names the file where the tasks of a run note the kind that they come to: a line of JSON a kind."""
TASK = "PISTE_TASK"
"""Variable that describes the task of this process, as JSON: host, task, module."""


NOT_RECORDED = (
    "Ansible n’a pas chargé le greffon piste_record. Donnez-lui le dossier callback_plugins du dépôt, par ansible.cfg "
    "ou ANSIBLE_CALLBACK_PLUGINS et ANSIBLE_CALLBACKS_ENABLED."
)
DECIDED = re.compile(r"\s*[^:\s][^:]*:\s*\S.*", re.DOTALL)
"""« Nom : raison »: who decides, and why."""
WAY_OUT = """--without-journal "Nom : raison", ou -e '{"piste_without_journal": "Nom : raison"}'"""


@dataclass(frozen=True, slots=True)
class TaskLog:
    """The files where a task notes its progress; without files it notes nothing."""

    record: Path | None = None
    steps: Path | None = None
    task: Mapping[str, Any] = field(default_factory=dict)
    waived: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> TaskLog:
        """Find the files of a task in the environment of its process."""
        record, steps = (Path(name) if (name := environment.get(variable)) else None for variable in (RECORD, STEPS))
        return cls(record, steps, json.loads(environment.get(TASK, "{}")), WAIVED in environment)

    def begins(self, kind: str) -> None:
        """Note that the task comes to a kind of object."""
        note_step(self.steps, {"host": self.task.get("host", ""), "kind": kind})

    def foresee(self, planned: Plan, contents: Sequence[Mapping[str, Any]]) -> None:
        """Note in the run's record, on the disk, what is about to be written. Raises `Untraced`.

        If the process is killed, the journal still says it.
        """
        if self.record is None:
            return
        foreseen = {"operations": [operation.to_json() for operation in planned.operations], "contents": list(contents)}
        try:
            append(self.record, {"foreseen": {**self.task, **foreseen}}, synced=True)
        except OSError as error:
            if not self.waived:
                raise untraced(why_not(error, self.record)) from error


def trace_lost(environment: Mapping[str, str], parent: str) -> str:
    """Say why a write would leave no trace; nothing where the record of the run takes a line.

    `parent` is the process that runs the playbook: a variable left by another run opens nothing.
    """
    if environment.get(RECORDER) != parent:
        return NOT_RECORDED
    if why := environment.get(UNRECORDED):
        return why
    if not (record := environment.get(RECORD)):
        return "Sa trace n’est pas ouverte."
    try:
        append(Path(record), {"writes": json.loads(environment.get(TASK, "{}"))})
    except OSError as error:
        return why_not(error, Path(record))
    return ""


def untraced(why: str) -> Untraced:
    """Make the refusal of a write that would leave no trace."""
    return Untraced(
        "ce qui serait écrit ne laisserait pas de trace au journal",
        why=f"{why} Rien de plus n’a été écrit.",
        todo=f"Rétablissez-le, puis relancez ; s’il le faut, dites qui en décide et pourquoi : {WAY_OUT}.",
    )


def unrecorded(why: str, *, waived: bool = False) -> str:
    """Warn that a run has no record, or not all of it."""
    rest = "Ce qui écrit le fait sans trace : une personne en a décidé." if waived else (
        "Ce qui écrirait encore sur un système est refusé, ce qui lit continue."
    )  # fmt: skip
    return f"Cette exécution n’est pas, ou pas toute, au journal. {why} {rest}"


def why_not(error: OSError, path: Path) -> str:
    """Say what the disk answered to a write, and about which file."""
    return f"{error.filename or path} : {error.strerror or error}. Vérifiez la place et les droits de ce dossier."


def note_step(steps: Path | None, line: Mapping[str, Any]) -> None:
    """Note a step for those who watch the run, if anybody does."""
    if steps is not None:
        with suppress(OSError):
            append(steps, line)


def append(path: Path, line: Mapping[str, Any], *, synced: bool = False) -> None:
    """Add a line to a file that is there; with `synced`, it is on the disk before the return."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        written = json.dumps(line, ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace")
        write_line(descriptor, written + b"\n", synced=synced)
    finally:
        os.close(descriptor)


def write_line(descriptor: int, line: bytes, *, synced: bool = False) -> None:
    """Write a line in one call: those of several workers do not mix.

    Raises OSError where the disk cuts it.
    """
    if os.write(descriptor, line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if synced:
        os.fsync(descriptor)
