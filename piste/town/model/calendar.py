"""Form of the calendar: public and school holidays, each with its source and its last day."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from . import values
from .forms import Date, Form, Marked


class Sourced(Form):
    """Data copied from a source on a day; it covers no day after `until`."""

    source: str
    read_on: Date
    until: Date


class Holiday(Form):
    date: Date
    name: str


class PublicHolidays(Sourced):
    days: Annotated[list[Holiday], Field(min_length=1)]


class SchoolHoliday(Form):
    """From the first day without class to the last, both included."""

    name: str
    start: Date = Field(alias="from")
    until: Date

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.until < self.start:
            raise values.refuse(f"{self.name} finit le {self.until}, avant de commencer le {self.start}")
        return self


class SchoolHolidays(Sourced):
    zone: Literal["A", "B", "C"]
    periods: Annotated[list[SchoolHoliday], Field(min_length=1)]


class Calendar(Marked):
    public_holidays: PublicHolidays
    school_holidays: SchoolHolidays
