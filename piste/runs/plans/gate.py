"""The gate between verification and application of a plan, in one start of Ansible.

The command holds the lock of a file, and writes there that the run may go on. Between the two playbooks, Ansible waits
for the lock: the kernel frees it where the command dies, and an empty file lets nothing through.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Misused
from piste.runs.plans.stop import stoppable

GATE = "PISTE_GATE"
"""Variable that names the file of the gate; a run without a gate has none."""
_OPEN = b"open"


class Gate:
    """The gate of a command: shut unless its judge accepts what the verification found."""

    def __init__(self, path: Path, judge: Callable[[Any], Any]) -> None:
        self.path, self._judge = path, judge
        self.refusal: BaseException | None = None
        """Why the judge refused: it is raised once Ansible has ended."""
        self._file = open(path, "xb", buffering=0)  # noqa: SIM115
        fcntl.flock(self._file, fcntl.LOCK_EX)

    @property
    def undecided(self) -> bool:
        """True until the judge was asked."""
        return not self._file.closed

    def decide(self, verification: Any) -> Any:
        """Ask the judge, give its answer; let Ansible go on, or end."""
        try:
            with stoppable():
                answer = self._judge(verification)
            self._file.write(_OPEN)
            return answer
        except (Exception, SystemExit) as refusal:
            self.refusal = refusal
            return None
        finally:
            self.close()

    def close(self) -> None:
        self._file.close()


def of_run() -> Path | None:
    """Locate the gate of this run of Ansible, if it has one."""
    name = os.environ.get(GATE)
    return Path(name) if name else None


def verify(plays: Iterable[Any]) -> None:
    """Have the plays of a playbook verify: in check mode, all hosts at once, whatever the waves."""
    for play in plays:
        play.check_mode, play.serial, play.max_fail_percentage = True, ["100%"], 100


def passes(path: Path) -> bool:
    """Wait until the command has decided; tell whether the run goes on."""
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return file.read() == _OPEN
    except OSError:
        return False


def refuse_shut() -> None:
    """Refuse a write of a run whose gate is shut, should its check mode be lost.

    Raises `Misused`.
    """
    path = of_run()
    try:
        shut = path is not None and path.read_bytes() != _OPEN
    except OSError:
        shut = True
    if shut:
        raise Misused(
            "le plan n’est pas encore vérifié", why="Rien n’a été écrit.", todo="Relancez piste apply, le même plan."
        )
