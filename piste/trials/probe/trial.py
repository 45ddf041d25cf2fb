"""A trial: the questions that it asks for, and the answers that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PARTS = "#"
"""What separates the id of a trial from the number of its question."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial of a place; with a `reason`, it was not tried."""

    id: str
    kind: str
    title: str
    expected: str
    requirements: tuple[str, ...]
    questions: tuple[Mapping[str, Any], ...] = ()
    want: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def question(trial: str, kind: str, address: str, number: int = 0, **more: Any) -> dict[str, Any]:
    """Make a question of a trial, for `piste.trials.probe.onsite.questions`."""
    return {"id": f"{trial}{PARTS}{number}", "kind": kind, "address": address, **more}
