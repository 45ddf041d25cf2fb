"""Form of the calendar: public and school holidays, each with its source and its last day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from . import values
from .forms import Form, Marked


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise values.refuse(f"« {text} » n'est pas un jour, comme 2026-11-11") from None
    return text


DayOfYear = Annotated[str, AfterValidator(_day)]


class _Dated(Form):
    """Data copied from a source on a day; it covers no day after `until`."""

    source: str
    read_on: DayOfYear
    until: DayOfYear


class Holiday(Form):
    date: DayOfYear
    name: str


class PublicHolidays(_Dated):
    days: Annotated[list[Holiday], Field(min_length=1)]


class SchoolHoliday(Form):
    """From the first day without class to the last, both included."""

    name: str
    start: DayOfYear = Field(alias="from")
    until: DayOfYear

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.until < self.start:
            raise values.refuse(f"{self.name} finit le {self.until}, avant de commencer le {self.start}")
        return self


class SchoolHolidays(_Dated):
    zone: Literal["A", "B", "C"]
    periods: Annotated[list[SchoolHoliday], Field(min_length=1)]


class Calendar(Marked):
    public_holidays: PublicHolidays
    school_holidays: SchoolHolidays
