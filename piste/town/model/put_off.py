"""Findings that somebody puts off: for a reason, until a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, TypedDict

from pydantic import Field, model_validator

from . import values
from .forms import Date, Form

LONGEST = 90
"""Days for which a finding may be put off."""


class DeclaredPutOff(Form):
    """A finding that is put off; it stays counted and printed, and turns nothing green."""

    finding: Annotated[str, Field(pattern=r"^[a-z_]+\..+$", max_length=300)]
    name: str
    reason: str
    start: Date = Field(alias="from")
    until: Date

    @model_validator(mode="after")
    def _ends_in_time(self) -> DeclaredPutOff:
        days = (date.fromisoformat(self.until) - date.fromisoformat(self.start)).days
        if not 0 < days <= LONGEST:
            raise values.refuse(f"du {self.start} au {self.until} : un constat se reporte de {LONGEST} jours au plus")
        return self


class PutOff(TypedDict):
    """A finding that is put off; `start` and `until` are days, both included."""

    finding: str
    name: str
    reason: str
    start: str
    until: str


def derive_put_off(declared: Iterable[DeclaredPutOff]) -> list[PutOff]:
    return [
        PutOff(finding=entry.finding, name=entry.name, reason=entry.reason, start=entry.start, until=entry.until)
        for entry in declared
    ]
