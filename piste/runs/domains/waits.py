"""Notes between the tasks of a run: something of an owner, or of a domain, awaits a word."""

from __future__ import annotations

from piste.engine.converge.waiting import Holding
from piste.engine.transport.shared import Shared, run_folder


class Waits:
    """The note of a task of an owner, beside those of the other tasks of the run."""

    def __init__(self, owner: str, domain: str, step: str) -> None:
        self._owner, self._domain, self._task = owner, f"of-{domain}", f"{domain}/{step}"
        self._shared = Shared(run_folder(), "awaits")
        self.elsewhere = self._others(owner)
        """True where another task of the run has waiting something of the owner back."""
        self.in_domain = self._others(self._domain)
        """True where another task of the run has waiting something of the domain back."""

    def _others(self, name: str) -> bool:
        return any(waits for task, waits in self._known(name).items() if task not in (self._task, self._of_owner))

    @property
    def _of_owner(self) -> str:
        """Name the task among those of the domain."""
        return f"{self._owner} {self._task}"

    def _known(self, name: str) -> dict[str, bool]:
        return dict(self._shared.get(name) or {}) if self._owner else {}

    def note(self, holding: Holding) -> None:
        """Note whether something of the task awaits a word; given the words, nothing does."""
        waiting = any(change.words for change in holding.waiting)
        self._note(self._owner, self._task, waiting)
        self._note(self._domain, self._of_owner, waiting)

    def _note(self, name: str, task: str, waiting: bool) -> None:
        if self._owner and (waiting or task in self._known(name)):
            self._shared.update(name, lambda known: {**(known or {}), task: waiting})
