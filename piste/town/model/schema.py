"""Forms of the variables that belong to no subject: the town itself, the records of runs."""

from __future__ import annotations

from pydantic import Field

from .forms import Form

SHORTEST_RETENTION = 12
"""Months that the tender wants records of runs to be kept."""


class Town(Form):
    name: str


class Journal(Form):
    """Retention of the records of runs; the tender asks for twelve months at least."""

    retention_months: int = Field(ge=SHORTEST_RETENTION, le=600)
