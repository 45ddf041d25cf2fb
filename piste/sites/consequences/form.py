"""A consequence of a plan: for whom, for how long, by which operation, on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Gravity = Literal["opens", "cuts", "outage", "lost", "unknown", "changes", "gains", "nothing"]
GRAVITY: tuple[Gravity, ...] = ("opens", "cuts", "outage", "lost", "unknown", "changes", "gains", "nothing")
"""From the worst down: a way that opens, a use that stops, a stop for a time, what nobody gives back."""
SIGNS: Mapping[Gravity, str] = {
    "opens": "!", "cuts": "!", "outage": "!", "lost": "!", "unknown": "?", "changes": "~", "gains": "+", "nothing": "=",
}  # fmt: skip
Basis = Literal["read", "assumed", "unknown"]
Subject = Literal[
    "link", "reach", "admission", "addresses", "equipment", "machines", "computers", "administration", "printing",
    "hours", "supervision", "backups", "names",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Consequence:
    """A line of what a plan does to people.

    `who` names the people, or what they use; `said` what becomes of it. `lasts` is empty where it lasts, `source` says
    where that comes from. `unknown` says why it is not known whole; `assumed` names the owners and domains that it
    rests on and that the plan did not read, `unread` those that did not answer. `operations` are the places of the
    operations in the plan. `undoable` is false where no undo gives it back, `loss` says what an undo makes of it.
    `flow` has the populations, the ends and the services of what passes or not.
    """

    subject: Subject
    gravity: Gravity
    who: str
    said: str
    operations: tuple[int, ...]
    lasts: str = ""
    source: str = ""
    unknown: str = ""
    assumed: tuple[tuple[str, str], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    undoable: bool = True
    loss: str = ""
    flow: Mapping[str, Any] | None = None

    @property
    def basis(self) -> Basis:
        return "unknown" if self.unread or self.unknown else "assumed" if self.assumed else "read"

    def sentence(self) -> str:
        """Write it as a line: who, what, for how long."""
        why = f" ({self.unknown})" if self.unknown and self.unknown not in f"{self.who} {self.said}" else ""
        said = f"{self.said}{f', {self.lasts}' if self.lasts else ''}{why}"
        return f"{self.who} {said}" if said.startswith("→") else f"{self.who} : {said}" if self.who else said
