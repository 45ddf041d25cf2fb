"""The rules of the model, from `rules.yml`, which the engineers of the town read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

FILE = Path(__file__).with_name("rules.yml")
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it forbids, why, and what to do."""

    title: str
    explanation: str
    recommendation: str
    severity: Severity = "error"


@cache
def rules() -> Mapping[str, Rule]:
    """Read the rules, by id."""
    import yaml

    return {name: Rule(**entry) for name, entry in yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader).items()}
