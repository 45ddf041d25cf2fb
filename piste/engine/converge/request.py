"""The request of a task to the walk."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.engine.converge.allowed import Allowed
from piste.engine.converge.as_found import Kinds
from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.memory import Memory
from piste.engine.converge.plan import Operation, State
from piste.engine.converge.secrets import MINIMUM_LENGTH, Vault
from piste.engine.converge.task_log import TaskLog
from piste.engine.converge.waiting import Holding


@dataclass(slots=True)
class Request:
    """Content, state and limits that a task asks for."""

    config: Sequence[Any] = ()
    state: State = "merged"
    owner: str = ""
    absent: Sequence[str] = ()
    confirm: Sequence[str] = ()
    max_removals: int = 5
    check: bool = False
    allowed: Allowed | None = None
    """Operations that a saved plan allows: no other is done."""
    left: Sequence[Operation] = ()
    """Operations of a saved plan that the part in hand leaves: they are planned and not done."""
    as_found: Mapping[str, Kinds] = field(default_factory=dict)
    """Settings kept as found, by system: they take the place of what `config` says."""
    rehearsal: bool = False
    """Refuse what the later task would refuse, and write nothing, so that no task of the run has written before it."""
    survey: bool = False
    """Also list what is live, and what of it the task does not declare. Never writes."""
    compares: bool = False
    """Compare also what waits for a word, in every kind: a survey leaves nothing out, a planned undo says each word."""
    undoes: bool = False
    """The task has what an undo gives back alone: what is beside it is declared elsewhere."""
    holding: Holding = field(default_factory=Holding)
    """What the task holds back so far: the kinds of a task share it."""
    vault: Vault = field(default_factory=Vault)
    memory: Memory | None = None
    log: TaskLog = field(default_factory=TaskLog)

    @classmethod
    def of(cls, params: Mapping[str, Any], check: bool) -> Request:
        """Make a request from the parameters of a module (`engine.converge.spec.task_options`).

        Raises `InvalidConfig` for secrets that are too short.
        """
        vault = Vault(params["secrets"])
        if short := vault.too_short():
            raise InvalidConfig([Fault(path, f"secret de moins de {MINIMUM_LENGTH} caractères") for path in short])
        lock, saved = params.get("secrets_lock"), Allowed.read(params.get("plan"))
        return cls(
            config=params["config"],
            state=params["state"],
            owner=params.get("owner") or "",
            absent=params["absent"],
            confirm=params["confirm"],
            max_removals=params["max_removals"],
            check=check,
            as_found=params.get("as_found") or {},
            rehearsal=bool(params.get("rehearse")),
            survey=bool(params.get("survey")),
            compares=bool(params.get("survey")) or (check and bool(params.get("undo"))),
            # A check says how the situation differs from the plan; what writes keeps to it.
            allowed=None if check else saved,
            left=saved.left if saved else (),
            vault=vault,
            log=TaskLog.of(os.environ),
            memory=Memory(Path(lock) if lock else None, vault),
        )

    @property
    def writes(self) -> bool:
        return not self.check and not self.rehearsal and self.state != "gathered"
