"""Notes between the tasks of a run: something of an owner awaits a word."""

from __future__ import annotations

from piste.converge.waiting import Holding
from piste.transport.shared import Shared, run_folder


class Waits:
    """The note of a task of an owner, beside those of the other tasks of the run."""

    def __init__(self, owner: str, task: str) -> None:
        self._owner, self._task = owner, task
        self._shared, self._name = Shared(run_folder(), "owners"), f"awaits-{owner}"
        self.elsewhere = any(waits for task, waits in self._known().items() if task != self._task)
        """True where another task of the run has waiting something of the owner back."""

    def _known(self) -> dict[str, bool]:
        return dict(self._shared.get(self._name) or {}) if self._owner else {}

    def note(self, holding: Holding) -> None:
        """Note whether something of the task awaits a word; given the words, nothing does."""
        waiting = any(change.words for change in holding.waiting)
        if self._owner and (waiting or self._task in self._known()):
            self._shared.update(self._name, lambda known: {**(known or {}), self._task: waiting})
