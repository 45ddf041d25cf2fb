"""Decisions that somebody took: on what, who, when, why, until when they hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypedDict

from pydantic import Field

from .forms import Date, Form


class DeclaredDecision(Form):
    """A decision that was taken; `until` is the day at which it is to be taken again."""

    decision: Annotated[str, Field(pattern=r"^[a-z]+\..+$", max_length=200)]
    done: Date
    who: str
    why: str
    until: Date | None = None


class Decided(TypedDict):
    """A decision that was taken; `done` and `until` are days."""

    decision: str
    done: str
    who: str
    why: str
    until: str | None


def derive_decisions(declared: Iterable[DeclaredDecision]) -> list[Decided]:
    return [
        Decided(decision=entry.decision, done=entry.done, who=entry.who, why=entry.why, until=entry.until)
        for entry in declared
    ]
