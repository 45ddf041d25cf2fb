"""Tasks of Prism Central, followed to their end, those of several objects side by side.

Source: prism v4 `config/tasks`. A change of one object is a *script*: a generator that sends a write, yields what it
waits for and goes on with the result. Scripts of several objects take turns, so that their tasks run side by side.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from piste.engine.converge.errors import Conflict, Missing, PisteError, Rejected
from piste.engine.converge.plan import Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, reading, text
from piste.systems.nutanix.prism import TASKS, Collection, Prism, moved, words

AT_ONCE = 20
"""Tasks that a run has under way: few, so that a failure leaves most of the others unsent."""
FIRST_LOOK, LAST_LOOK = 0.2, 2.0
"""Seconds between two reads of a task, doubled each time."""
STALE = "VM_ETAG_MISMATCH"
"""Error group of a task whose object had changed since the request [read in vendor code]."""
_ENDED = {"FAILED": "a échoué", "CANCELED": "a été annulée", "SUSPENDED": "a été suspendue"}

Task = Mapping[str, Any]
Wait = str | float
"""Value that a script yields: the id of a task, or seconds."""
Script = Generator[Wait, Any, None]


class Unfinished(PisteError):
    """A task of the system has not ended in the allowed time: its outcome is unknown."""

    code = "PISTE-E013"
    kind = "unknown"


def look(prism: Prism, task_id: str) -> Task | None:
    """Read a task that has succeeded; None while it runs.

    Raises `FailedTask` with the words of the system, or `Conflict`, where it ended otherwise.
    """
    answer = prism.read(TASKS, task_id)
    if answer is None:
        raise Missing(f"la tâche {task_id} n’existe plus", where=prism.host)
    with reading(f"{prism.host} {task_id}"):
        return _succeeded(prism, answer[0])


def _succeeded(prism: Prism, task: Task) -> Task | None:
    status = text(task["status"])
    if status == "SUCCEEDED":
        return task
    if status not in _ENDED:
        return None
    messages = listed(task.get("errorMessages"))
    if any(message.get("errorGroup") == STALE for message in messages):
        raise moved(prism.host)
    why = words(messages) or task.get("legacyErrorMessage") or "le système n’en dit pas plus"
    raise FailedTask(
        f"la tâche « {task.get('operationDescription') or task.get('operation')} » {_ENDED[status]}",
        where=prism.host,
        why=str(why),
        todo="" if status == "FAILED" else "Voyez dans Prism Central (Tasks) qui l’a arrêtée, puis relancez.",
        created=str(task.get("createdTime") or ""),
    )


class FailedTask(Rejected):
    """A task that ended badly; `created` is the moment of its request (ISO 8601)."""

    def __init__(self, what: str, *, where: str, why: str, todo: str, created: str) -> None:
        self.created = created
        super().__init__(what, where=where, why=why, todo=todo)


def follow(prism: Prism, task_id: str) -> Task:
    """Wait for a task to succeed. Raises `Unfinished` beyond the patience of the client."""
    pause, deadline = FIRST_LOOK, prism.clock.monotonic() + prism.patience
    while (task := look(prism, task_id)) is None:
        if prism.clock.monotonic() > deadline:
            raise _unfinished(prism, task_id)
        prism.clock.sleep(pause)
        pause = min(LAST_LOOK, 2 * pause)
    return task


def created(task: Task, collection: Collection) -> str:
    """Id of the object that a task has created; empty where the task does not say."""
    if ids := detailed(task, collection.detail):
        return ids[0]
    for entity in listed(task.get("entitiesAffected")):
        if entity.get("rel") == collection.entity:
            return text(entity["extId"])
    return ""


def detailed(task: Task, name: str) -> list[str]:
    """Ids in the completion details of a task: a text, commas between [documented]."""
    for detail in listed(task.get("completionDetails")):
        if name and detail.get("name") == name:
            return [part.strip() for part in text(detail["value"]).split(",") if part.strip()]
    return []


def _unfinished(prism: Prism, task_id: str) -> Unfinished:
    return Unfinished(
        f"la tâche {task_id} n’est pas finie après {prism.patience:g} s",
        where=prism.host,
        todo="Suivez-la dans Prism Central (Tasks). Relancez une fois qu’elle est finie : ce qu’elle aura fait ne sera "
        "pas refait.",
    )


@dataclass(slots=True)
class _Running:
    operation: Operation
    script: Script
    waits: Wait = 0.0
    due: float = 0.0
    deadline: float = 0.0
    pause: float = FIRST_LOOK
    begun: bool = False
    """True once the system holds a part of the operation."""


def play(
    prism: Prism,
    operations: Sequence[Operation],
    script_of: Callable[[Operation], Script],
    progress: Progress,
    at_once: int = AT_ONCE,
) -> None:
    """Play the scripts of some operations side by side.

    After a failure no other script begins, those under way go on to their end, and the failures are raised, with the
    names of their objects.
    """
    waiting, running = deque(operations), list[_Running]()
    failures: list[tuple[Operation, PisteError]] = []
    while running or (waiting and not failures):
        if waiting and not failures and len(running) < at_once:
            operation = waiting.popleft()
            turn = _Running(operation, script_of(operation))
        else:
            turn = min(running, key=lambda each: each.due)
            running.remove(turn)
            prism.clock.sleep(max(0.0, turn.due - prism.clock.monotonic()))
        try:
            with progress.sending(turn.operation), reading(f"{prism.host} {turn.operation.name}"):
                goes_on = _step(prism, turn)
        except PisteError as error:
            if turn.begun:
                progress.begun([turn.operation])
            failures.append((turn.operation, error))
            continue
        if goes_on:
            running.append(turn)
        else:
            progress.done(turn.operation)
    if failures:
        raise _of(failures, prism.host)


def _of(failures: Sequence[tuple[Operation, PisteError]], where: str) -> PisteError:
    """Error of one failed object, or of several, each with its reason."""
    error = failures[0][1]
    if len(failures) > 1:
        lines = "".join(f"\n  - {operation.name} : {each}" for operation, each in failures)
        error = Rejected(f"{len(failures)} objets en échec", where=where, todo=f"Chacun dit pourquoi :{lines}\n")
        kinds = {each.kind for _, each in failures}
        error.kind = kinds.pop() if len(kinds) == 1 else "unknown" if "unknown" in kinds else "error"
    error.objects = tuple(operation.name for operation, _ in failures)
    return error


def _step(prism: Prism, turn: _Running) -> bool:
    """Check what a script waits for; once there, let the script go on; False once it has ended."""
    task: Task | None = None
    try:
        if isinstance(turn.waits, str):
            failure: PisteError | None = None
            try:
                task = look(prism, turn.waits)
                if task is None and prism.clock.monotonic() > turn.deadline:
                    raise _unfinished(prism, turn.waits)
            except (FailedTask, Unfinished, Conflict) as error:
                failure = error
            if task is None and failure is None:
                turn.due = prism.clock.monotonic() + turn.pause
                turn.pause = min(LAST_LOOK, 2 * turn.pause)
                return True
            if failure:
                turn.waits = turn.script.throw(failure)
            else:
                turn.begun = True
                turn.waits = turn.script.send(task)
        else:
            turn.waits = turn.script.send(None)
    except StopIteration:
        return False
    now = prism.clock.monotonic()
    turn.pause, turn.deadline = FIRST_LOOK, now + prism.patience
    turn.due = now + (turn.waits if isinstance(turn.waits, float) else 0.0)
    return True
