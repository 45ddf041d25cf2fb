"""Faults of a declaration, worded so that a person can mend them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .rule import Severity, rules


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file: path as shown to people, line counted from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the declaration.

    `rule` is the stable id (PISTE-M012), `path` names the object, as in
    `sites[ecole-jaures].segments[utilisateurs].vlan`, `message` says what and why, `advice` what to do next.
    """

    rule: str
    path: str
    file: str
    line: int
    message: str
    advice: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.rule} {self.message} ({self.file}:{self.line}). {self.advice}"


class Faults(list[Fault]):
    """The faults of a declaration, as they come up."""

    def add(self, rule: str, path: str, mark: Mark, message: str, advice: str = "") -> None:
        """Add a fault of a rule; the rule's recommendation replaces a missing advice."""
        entry = rules()[rule]
        self.append(
            Fault(rule, path, mark.file, mark.line, message, advice or entry.recommendation, entry.severity)
        )


class InvalidDeclaration(ValueError):
    """The declaration has errors: no request may leave before they are mended.

    `faults` has them all; the text lists them, one a line.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(str(item) for item in self.faults))
