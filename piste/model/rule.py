"""What a rule of the model is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule forbids, why, and what to do."""

    title: str
    explanation: str
    recommendation: str
    severity: Literal["error", "warning"] = "error"
