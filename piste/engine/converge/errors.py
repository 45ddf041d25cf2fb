"""Errors that a person can act on: what, where, why, what to do next, under a stable code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from piste.engine.words import agreed


class PisteError(Exception):
    """An error that stops a task.

    `code` is stable: documentation and tests refer to it. `kind` decides the exit code of a run: `error` 1, `unknown` 3
    (the system did not answer), `refused` 4 (we would not do it), `partial` 5 (a part waits for a person's word).
    """

    code = "PISTE-E000"
    kind = "error"
    objects: tuple[str, ...] = ()
    """Names of the objects that the system has refused, where it names them."""
    operations: tuple[dict[str, Any], ...] = ()
    """Operations that were written, or may have been, before the error: for the record of the run, and its undo."""
    contents: tuple[dict[str, Any], ...] = ()
    """Contents of the objects that were removed."""
    waiting: tuple[dict[str, Any], ...] = ()
    """Operations that were kept waiting, each with its reason."""
    earlier: Mapping[str, Any] = MappingProxyType({})
    """Results of the kinds that came before in the task."""
    calls: Mapping[str, int] = MappingProxyType({})
    """Requests that were sent before the error."""

    def __init__(self, what: str, *, where: str = "", why: str = "", todo: str = "") -> None:
        self.what, self.where, self.why, self.todo = what, where, why, todo
        super().__init__(what)

    def __str__(self) -> str:
        return self.sentence()

    def to_json(self) -> dict[str, Any]:
        """Give the result of the task that the error stops."""
        result = {"failed": True, "msg": self.sentence(), "code": self.code, "kind": self.kind}
        done = {
            "operations": list(self.operations),
            "contents": list(self.contents),
            "waiting": list(self.waiting),
            "calls": dict(self.calls),
        }
        return {**result, **{name: value for name, value in {**self.earlier, **done}.items() if value}}

    def sentence(self) -> str:
        head = " ".join(part for part in (self.code, f"{self.where} :" if self.where else "", self.what) if part)
        return " ".join(_ended(part) for part in (head, self.why, self.todo) if part)


def _ended(part: str) -> str:
    """End a sentence with its full stop; leave a listing as it is."""
    return part if "\n" in part or part.endswith((".", "!", "?")) else f"{part}."


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in what was asked, seen before any request."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} : {self.message}"


class InvalidConfig(PisteError):
    """The task's `config` is wrong; all its faults are listed, nothing was sent."""

    code = "PISTE-E001"
    kind = "refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        listing = "\n".join(f"  - {fault}" for fault in self.faults)
        super().__init__(
            f"{agreed(len(self.faults), 'erreur(s)')} dans la configuration demandée, rien n’a été envoyé.",
            todo=f"Corrigez puis relancez :\n{listing}",
        )


class Unreachable(PisteError):
    """The system gave no answer: its state is unknown, never compliant."""

    code = "PISTE-E010"
    kind = "unknown"


class Unreadable(Unreachable):
    """The system answered something else than what was asked: its state is unknown, never empty."""

    code = "PISTE-E014"


class Rejected(PisteError):
    """The system answered and refused."""

    code = "PISTE-E011"

    def __init__(self, what: str, *, status: int = 0, where: str = "", why: str = "", todo: str = "") -> None:
        self.status = status
        super().__init__(what, where=where, why=why, todo=todo)


class AnswerLost(PisteError):
    """A write was sent and its answer never came: look again before writing again.

    Such a write must not be repeated blindly. `answered` is true where an answer came that does not read: the write is
    likely done, even where a look does not show it.
    """

    code = "PISTE-E012"
    kind = "unknown"
    answered = False


class Missing(PisteError):
    """An object that the task names does not exist on the system."""

    code = "PISTE-E020"


class Ambiguous(PisteError):
    """Two live objects have the same name, by which people know them."""

    code = "PISTE-E021"


class Conflict(PisteError):
    """Somebody else wrote between our reading and our writing; nothing of ours was written."""

    code = "PISTE-E022"
    kind = "refused"


class Guarded(PisteError):
    """The plan contains an operation that asks for an explicit confirmation.

    Its kind is `partial` where the rest of the task is done.
    """

    code = "PISTE-E023"
    kind = "refused"


class Diverged(PisteError):
    """The system accepted the writes and holds something else than what was written."""

    code = "PISTE-E024"


class Interrupted(PisteError):
    """Some operations were applied, one failed, the others were not tried."""

    code = "PISTE-E025"

    def __init__(self, cause: Exception, applied: Sequence[str], failed: Sequence[str], pending: Sequence[str]) -> None:
        self.applied, self.failed, self.pending = tuple(applied), tuple(failed), tuple(pending)
        if isinstance(cause, PisteError):
            self.kind, reason = cause.kind, str(cause)
        else:
            reason = f"{type(cause).__name__} : {cause}"

        def listing(title: str, keys: Sequence[str]) -> str:
            return f"\n  {title} ({len(keys)}) : {', '.join(keys) if keys else '—'}"

        super().__init__(
            f"l’application s’est arrêtée : {reason}",
            todo="Corrigez la cause puis relancez la même commande : ce qui est déjà fait ne sera pas refait."
            + listing("appliqué", applied)
            + listing("en échec", failed)
            + listing("non tenté", pending),
        )


class Misused(PisteError):
    """The environment of the task is not fit to run it."""

    code = "PISTE-E030"
    kind = "refused"


class Untraced(Misused):
    """The run has no record, or not all of it: what it would write leaves no trace."""

    code = "PISTE-E037"
