"""Expenses of the contract, which its ceilings bound (CCTP 8.2, 8.2.1)."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, TypedDict

from pydantic import Field, model_validator

from . import values
from .forms import Date, Form, Title

type Euros = Annotated[float, Field(ge=0, le=10_000_000)]
Kind = Literal["fixed", "order"]


class DeclaredExpense(Form):
    """An expense: of the fixed part, or an order; amounts in euros, without and with tax."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
    kind: Kind
    day: Date
    label: Title
    excl_tax: Euros
    incl_tax: Euros

    @model_validator(mode="after")
    def _tax_is_added(self) -> DeclaredExpense:
        if self.incl_tax < self.excl_tax:
            raise values.refuse(f"{self.incl_tax} € TTC, moins que {self.excl_tax} € HT")
        return self


class DeclaredSpending(Form):
    """Expenses; a person says that all of the days from `since` to `until` are there.

    `start` and `end` of the contract give the ceiling of a part of a year.
    """

    start: Date | None = None
    end: Date | None = None
    since: Date | None = None
    until: Date | None = None
    lines: list[DeclaredExpense] = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_counts_once(self) -> DeclaredSpending:
        if twice := [id_ for id_, count in Counter(line.id for line in self.lines).items() if count > 1]:
            raise values.refuse(f"plusieurs dépenses se nomment {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _whole_over_days(self) -> DeclaredSpending:
        if (self.since is None) != (self.until is None) or (self.since and self.until and self.since > self.until):
            raise values.refuse("since et until vont ensemble, dans cet ordre")
        return self


class Expense(TypedDict):
    id: str
    kind: Kind
    day: str
    label: str
    excl_tax: float
    incl_tax: float


class Spending(TypedDict):
    """Expenses, whole over the days from `since` to `until`, both included."""

    start: str | None
    end: str | None
    since: str | None
    until: str | None
    lines: list[Expense]


def derive_spending(declared: DeclaredSpending) -> Spending:
    lines = [
        Expense(id=line.id, kind=line.kind, day=line.day, label=line.label, excl_tax=line.excl_tax,
                incl_tax=line.incl_tax)
        for line in declared.lines
    ]  # fmt: skip
    return Spending(
        start=declared.start, end=declared.end, since=declared.since, until=declared.until, lines=lines
    )
