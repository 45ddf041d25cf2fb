"""A rule of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it forbids, why, and what to do."""

    title: str
    explanation: str
    recommendation: str
    severity: Literal["error", "warning"] = "error"
