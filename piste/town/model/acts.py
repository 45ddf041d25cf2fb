"""Acts of persons that answer a clause: done when, by whom, with which proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypedDict

from pydantic import Field

from .forms import Date, Form

type ActName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]


class DeclaredAct(Form):
    """An act that somebody has done.

    `proof` says where it can be seen; `until` is its last day, where it ends before the months of the clause.
    """

    act: ActName
    done: Date
    who: str
    proof: str
    until: Date | None = None


class Act(TypedDict):
    """An act; `done` and `until` are days."""

    act: str
    done: str
    who: str
    proof: str
    until: str | None


def derive_acts(declared: Iterable[DeclaredAct]) -> list[Act]:
    return [Act(act=act.act, done=act.done, who=act.who, proof=act.proof, until=act.until) for act in declared]
