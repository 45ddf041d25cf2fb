"""The declared plan of reversibility, due from the first day of the contract (CCTP 6.1)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from piste.engine.repository import ROOT
from piste.town.model.beside import Beside
from piste.town.model.faults import Faults
from piste.town.model.forms import Date, Form, Marked
from piste.town.model.source import read
from piste.town.model.values import refuse as refused
from piste.town.town import refuse

PLAN = ROOT / "docs/plan-reversibilite.yml"
Text = Annotated[str, Field(min_length=1)]


class PlanTerm(Form):
    """First and last days of the contract; unknown until the town fills them in."""

    start: Date | None = None
    end: Date | None = None


class PlanRole(Marked):
    """A part in the hand-over, and the person who has it; `signs` asks for a signature."""

    person: Text | None = None
    mail: Text | None = None
    duty: Text
    signs: bool = False


class PlanDue(Form):
    """The day of a step: from the start or the end of the contract.

    A step that recurs is due every so many months from the start.
    """

    every_months: Annotated[int, Field(ge=1, le=12)] | None = None
    after_start_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    before_end_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    after_end_days: Annotated[int, Field(ge=1, le=3650)] | None = None

    @model_validator(mode="after")
    def _is_one_day(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise refused(f"une échéance se donne d’une seule façon : {', '.join(type(self).model_fields)}")
        return self

    def day(self, term: PlanTerm) -> date | None:
        """Compute the (first) day; None while the contract has no date."""
        start, end = (date.fromisoformat(day) if day else None for day in (term.start, term.end))
        if self.every_months is not None:
            return start and months_after(start, self.every_months)
        if self.after_start_days is not None:
            return start and start + timedelta(days=self.after_start_days)
        return end and end + timedelta(days=self.after_end_days or -(self.before_end_days or 0))


class Step(Form):
    """A step and the part of each role in it (RACI); `consulted` may be nobody."""

    step: Text
    due: PlanDue
    deliverable: Text
    milestone: bool = False
    responsible: Annotated[list[Text], Field(min_length=1)]
    accountable: Text
    consulted: list[Text] = Field(default_factory=list)
    informed: Annotated[list[Text], Field(min_length=1)]

    @property
    def roles(self) -> Iterator[str]:
        yield from (*self.responsible, self.accountable, *self.consulted, *self.informed)


class Venue(Form):
    """A place to rehearse or to do a part of the hand-over."""

    name: Text
    purpose: Text


class Lesson(Form):
    """A session of training (CCTP 6.4): the page that is handed over, the exercise."""

    subject: Text
    page: Text
    exercise: Text


class Risk(Form):
    """A risk of the hand-over, what is done against it, the role that answers for it."""

    what: Text
    then: Text
    owner: Text


class Plan(Marked):
    """The contents that CCTP 6.1 wants; `updated` is the day of the last review."""

    title: Text
    version: Annotated[str, Field(pattern=r"^\d+\.\d+$")]
    updated: Date
    review_months: Annotated[int, Field(ge=1, le=12)]
    term: PlanTerm = Field(default_factory=PlanTerm)
    roles: Annotated[dict[Text, PlanRole], Field(min_length=1)]
    principles: Annotated[list[Text], Field(min_length=1)]
    steps: Annotated[list[Step], Field(min_length=1)]
    environments: Annotated[list[Venue], Field(min_length=1)]
    conditions: Annotated[list[Text], Field(min_length=1)]
    lots: Annotated[list[Text], Field(min_length=1)]
    training: list[Lesson] = Field(default_factory=list)
    risks: list[Risk] = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_its_roles(self) -> Self:
        named = [*(role for step in self.steps for role in step.roles), *(risk.owner for risk in self.risks)]
        unknown = dict.fromkeys(role for role in named if role not in self.roles)
        if unknown:
            raise refused(f"{', '.join(unknown)} : de ces rôles, « roles » ne dit rien ({', '.join(self.roles)})")
        if self.term.start and self.term.end and self.term.end < self.term.start:
            raise refused(f"le marché finit le {self.term.end}, avant de commencer le {self.term.start}")
        return self


def months_after(day: date, months: int) -> date:
    """Give the same day some months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def read_plan(path: Path = PLAN) -> Plan:
    """Read the plan. Raises `piste.town.town.InvalidDeclaration` with every fault and its line."""
    faults = Faults()
    document = read(path, path.name, faults, path.stem)
    plan = Beside(path.stem, path.stem, document, not faults).validated(Plan, faults)
    refuse(faults)
    assert plan is not None
    return plan
