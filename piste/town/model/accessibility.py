"""Declaration of accessibility of the town's pages: audits, contents, contact (CCTP 7.3).

Source: law 2005-102 of 11 February 2005, article 47; decree 2019-768; RGAA 4.1, obligations.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from . import values
from .forms import Date, Form, Mail, Marked

Conformity = Literal["full", "partial", "none"]
Words = Annotated[str, Field(min_length=1, max_length=400)]
Count = Annotated[int, Field(ge=0, le=1000)]
VALID_YEARS = 3
"""Years after which a declaration is to be made again."""


class AccessibilityAudit(Marked):
    """An audit of conformity: its author, its day, the criteria that conform and that apply."""

    by: Words
    made_on: Date
    rgaa: Annotated[str, Field(pattern=r"^\d+(\.\d+){1,2}$")]
    conforming: Count
    applicable: Annotated[int, Field(ge=1, le=1000)]

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        if self.conforming > self.applicable:
            raise values.refuse(f"{self.conforming} critères conformes, sur {self.applicable} qui s’appliquent")
        return self

    def valid(self, day: str) -> bool:
        """Check that the audit is made by that day, and still counts then."""
        begun, today = date.fromisoformat(self.made_on), date.fromisoformat(day)
        return begun <= today < _years_after(begun, VALID_YEARS)


class NotAccessible(Form):
    """A content that is not accessible: why, and what is done about it."""

    content: Words
    why: Words
    remedy: Words | None = None


class Accessibility(Marked):
    """Declaration of accessibility; without a valid audit the pages do not conform."""

    covers: Annotated[list[Words], Field(min_length=1)]
    multi_year_plan: Annotated[str, Field(pattern=r"^https://\S+$")] | None = None
    yearly_plan: Annotated[str, Field(pattern=r"^https://\S+$")] | None = None
    audit: AccessibilityAudit | None = None
    not_accessible: list[NotAccessible] = Field(default_factory=list)
    exempt: list[NotAccessible] = Field(default_factory=list)
    technologies: Annotated[list[Words], Field(min_length=1)]
    checked_with: Annotated[list[Words], Field(min_length=1)]
    contact: Mail | None = None

    def conformity(self, day: str) -> Conformity:
        """Give the state in law on a day: by the criteria of a valid audit, else none."""
        audit = self.audit
        if audit is None or not audit.valid(day) or 2 * audit.conforming < audit.applicable:
            return "none"
        return "full" if audit.conforming == audit.applicable else "partial"


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
