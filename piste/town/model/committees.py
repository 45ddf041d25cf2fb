"""Committees of the contract: minutes, validated reports, actions; the bonus-malus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, TypedDict

from pydantic import Field, model_validator

from . import values
from .forms import Date, Form, data

type PeriodName = Annotated[str, Field(pattern=r"^20\d\d(-(0[1-9]|1[0-2]|T[1-4]))?$")]
type Better = Literal["more", "less"]


class DeclaredAction(Form):
    """An action that a committee decided: its owner by role, its day, the day of its end."""

    what: str
    who: str
    by: Date
    done: Date | None = None


class DeclaredCommittee(Form):
    """A committee that sat; `reports` are the periods whose report it validated."""

    date: Date
    name: str
    present: list[str]
    minutes: str
    reports: list[PeriodName] = Field(default_factory=list)
    actions: list[DeclaredAction] = Field(default_factory=list)

    @model_validator(mode="after")
    def _acts_after_it_sat(self) -> DeclaredCommittee:
        for action in self.actions:
            for said, day in (("attendue", action.by), ("faite", action.done)):
                if day and day < self.date:
                    raise values.refuse(f"« {action.what} », {said} le {day}, avant le comité du {self.date}")
        return self


Threshold = Annotated[float, Field(ge=-1_000_000_000, le=1_000_000_000)]


class DeclaredBonus(Form):
    """An indicator of the bonus-malus, and the values from which bonus and malus count.

    `line` is an indicator of the report. With `year_before`, the value is the change in percent from the same period
    a year before. `agreed` says where both parties agreed.
    """

    line: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]+$", max_length=60)]
    better: Better
    bonus: Threshold | None = None
    malus: Threshold | None = None
    year_before: bool = False
    agreed: str


class Action(TypedDict):
    """An action; `by` and `done` are days."""

    what: str
    who: str
    by: str
    done: str | None


class Committee(TypedDict):
    """A committee; `date` is a day."""

    date: str
    name: str
    present: list[str]
    minutes: str
    reports: list[str]
    actions: list[Action]


class Bonus(TypedDict):
    """An indicator of the bonus-malus."""

    line: str
    better: Better
    bonus: float | None
    malus: float | None
    year_before: bool
    agreed: str


def derive_committees(declared: Iterable[DeclaredCommittee]) -> list[Committee]:
    return [data(entry) for entry in declared]


def derive_bonuses(declared: Iterable[DeclaredBonus]) -> list[Bonus]:
    return [data(entry) for entry in declared]
