"""The record of a run in progress: opened at our first task, sealed at the end of the run."""

from __future__ import annotations

import os
import platform
import pwd
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.engine.converge.allowed import is_left, named
from piste.engine.converge.errors import PisteError
from piste.engine.converge.task_log import (
    DECIDED,
    RECORD,
    RECORDER,
    STEPS,
    UNRECORDED,
    WAIVED,
    note_step,
    unrecorded,
    why_not,
)
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.engine.repository import git_state
from piste.runs.modules import TRACE, ours
from piste.runs.records.chain import ID, Chain, OpenRun, journal_folder, new_id, read_open, stamp
from piste.runs.records.record import HEADER, command_line, compose, fits, task_entry
from piste.runs.records.unrecorded import forget, noted

NODE = "PISTE_NODE"
"""Variable that names this machine in the journal: a container has another host name each time."""
_ENVIRONMENT = "piste_environment_"


@dataclass(frozen=True, slots=True)
class Options:
    """The options that Ansible received."""

    extra_vars: tuple[str, ...] = ()
    module_args: str | None = None
    limit: str | None = None
    tags: tuple[str, ...] = ()
    check: bool = False
    gated: bool = False
    """True where the playbook is given twice, for a verification and an application."""

    def argv(self) -> list[str]:
        """Give the command that does what this record has: it verifies, or applies."""
        if not self.gated:
            return sys.argv
        return [*sys.argv[:-1], *(["--check", "--diff"] if self.check else [])]


class Recorder:
    """The keeper of the record of a run. Its own process alone writes: workers inherit it."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._owner = os.getpid()
        os.environ[RECORDER] = str(self._owner)
        # A run may start another: each has its own record.
        for variable in (RECORD, UNRECORDED, WAIVED):
            os.environ.pop(variable, None)
        self.lost = ""
        """Why the run has no record, or not all of it."""
        self.waived = False
        """True where a person lets the run write without a record."""
        self._reset()

    def _reset(self) -> None:
        self._chain: Chain | None = None
        self._run: OpenRun | None = None
        self._header: dict[str, Any] = {}
        self._before: list[Mapping[str, Any]] = []
        """The tasks that ended before the record was opened."""
        self._asked = False
        """True once a play has asked for the trace of what Ansible's own modules write."""

    def task_starts(self, module: str, variables: Callable[[], Mapping[str, Any]]) -> None:
        """Open the record at our first task; only then are the `variables` of its host resolved."""
        if self._run is None and ours(module):
            self._open(variables())

    def task_ended(
        self, host: str, task: str, module: str, status: str, check: bool, result: Callable[[], Mapping[str, Any]]
    ) -> None:
        """Keep a task of ours and any that failed; only then is its `result` asked for.

        After `piste_trace`, what other modules have changed is kept too. A rehearsal that refused nothing is left out:
        the task that it rehearsed has its own entry.
        """
        self._asked = self._asked or module.rpartition(".")[2] == TRACE
        kept = ("failed", "unreachable", "changed") if self._asked else ("failed", "unreachable")
        if not ours(module) and status not in kept:
            return
        content = result()
        if content.get("rehearsal"):
            return
        entry, declaration = task_entry(host, task, module, status, check=check, result=content)
        line = {"task": entry, "declaration": declaration}
        if self._run:
            self._run.add(line)
        else:
            self._before.append(line)

    def lose(self, error: Exception) -> str:
        """Record no more, which stops the tasks that write; give the warning of the run."""
        if isinstance(error, OSError):
            self.lost = why_not(error, self._run.path if self._run else journal_folder())
        else:
            self.lost = f"{error if isinstance(error, PisteError) else f'{type(error).__name__} : {error}.'}"
        os.environ.pop(RECORD, None)
        os.environ[UNRECORDED] = self.lost
        note_step(Path(steps) if (steps := os.environ.get(STEPS)) else None, {"unrecorded": self.lost})
        return unrecorded(self.lost, waived=self.waived)

    def close(self, *, interrupted: bool = False) -> None:
        """Seal the record, if it is open; a later run in the same process opens its own."""
        if self._run and self._chain and os.getpid() == self._owner:
            ended = stamp(datetime.now(UTC))
            outcome = "killed" if interrupted else None
            # Workers add to the file too: the operations that they had announced and did not end.
            _, tasks, declaration = read_open(read_plain(self._run.path))
            os.environ.pop(RECORD, None)
            self._chain.finish(self._run, compose(self._header, tasks, declaration, ended, outcome))
            self._reset()

    def _open(self, variables: Mapping[str, Any]) -> None:
        now = datetime.now(UTC)
        without = text_of(variables.get("piste_without_journal"))
        # A reason without its name is refused by each task, and lets nothing be.
        self.waived = without is not None and bool(DECIDED.fullmatch(without))
        environment, node = environment_of(variables), node_name()
        earlier = noted(environment)
        commit, clean = git_state()
        options = self._options
        self._header = {
            "id": new_id(now),
            "environment": environment,
            "node": node,
            "user": user(),
            "started": stamp(now),
            "command": command_line(options.argv(), options.extra_vars, options.module_args),
            "commit": commit,
            "clean": clean,
            "limit": options.limit,
            "tags": list(options.tags),
            "check": options.check,
            **of_plan(variables.get("piste_plan")),
            "outside_window": text_of(variables.get("piste_outside_window")),
            **({"without_journal": without} if self.waived else {}),
            **({"unrecorded": earlier} if earlier else {}),
        }
        self._chain = Chain(journal_folder() / environment / node)
        self._run = self._chain.start({**self._header, "pid": self._owner})
        forget(environment, earlier)
        os.environ[RECORD] = str(self._run.path.absolute())
        for line in self._before:
            self._run.add(line)


def environments_of(variables: Mapping[str, Any]) -> list[str]:
    """List the environments that the inventories say they are."""
    return sorted(key.removeprefix(_ENVIRONMENT) for key in variables if key.startswith(_ENVIRONMENT))


def environment_of(variables: Mapping[str, Any]) -> str:
    """Name the environment of the inventories; `unknown` for none or two, refused later."""
    names = environments_of(variables)
    return _as_name(names[0]) if len(names) == 1 else "unknown"


def node_name() -> str:
    """Name this machine in the journal: `PISTE_NODE`, else its host name."""
    return _as_name(os.environ.get(NODE) or platform.node())


def _as_name(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text, flags=re.ASCII).strip("-") or "unknown"


def user() -> str:
    """Name the account of the process. LOGNAME is not read: anybody may set it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def text_of(given: Any) -> str | None:
    """Give a variable of the command line as plain text; None where it is absent."""
    return None if given is None else str(given)


def of_plan(path: Any) -> dict[str, Any]:
    """Give the id of the saved plan of the run, its approval, and what the part in hand leaves.

    The id is the name of the file where that is unreadable.
    """
    if not path:
        return {"plan": None}
    file = Path(str(path))
    try:
        plan = parse_json(read_plain(file))
        known, left = str(plan["id"]), [named(described) for described in plan["operations"] if is_left(described)]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {"plan": file.name}
    approval = {"approval": plan["approval"]} if fits(plan, {"approval": HEADER["approval?"]}) else {}
    return {"plan": known if ID.fullmatch(known) else file.name, **approval, **({"left": left} if left else {})}
