"""The moments for changes: opening hours, change windows, freezes, and their rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, model_validator

from . import values
from .forms import Day, Form, Marked, Time

if TYPE_CHECKING:
    from datetime import datetime

    from .faults import Mark
    from .view import View


class OpeningHours(Marked):
    days: list[Day]
    start: Time
    end: Time


class Freeze(Form):
    """A period without writes, in the town's local time, both ends included."""

    start: Annotated[str, AfterValidator(values.moment)] = Field(alias="from")
    until: Annotated[str, AfterValidator(values.moment)]
    spared: list[str] = Field(alias="except", default_factory=list)
    why: str

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Freeze:
        if self.until <= self.start:
            raise values.refuse(f"le gel finit le {self.until}, avant de commencer le {self.start}")
        return self


class ChangeWindow(Form):
    """Days and hours in the town's local time.

    An end that is not after the start is on the next day.
    """

    days: Annotated[list[Day], Field(min_length=1)]
    start: Time
    end: Time

    @model_validator(mode="after")
    def _lasts(self) -> ChangeWindow:
        if self.start == self.end:
            raise values.refuse(f"la fenêtre s’ouvre et se ferme à {self.start}")
        return self


class ChangeWindows(Marked):
    """Windows during which Piste may write to the production."""

    windows: Annotated[list[ChangeWindow], Field(min_length=1)]


_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def check_windows(view: View) -> None:
    """M070: no change window lies within opening hours; a window is reported once for its sites."""
    overlaps: dict[tuple[int, Mark], list[str]] = {}
    for declared in view.declared.sites:
        hours = declared.variables.opening_hours
        for index, window in enumerate(declared.variables.change_windows.windows):
            if hours and _overlap(window, hours):
                mark = declared.where(("change_windows", "windows", index))
                overlaps.setdefault((index, mark), []).append(declared.id)
    for (index, mark), sites in overlaps.items():
        message = f"La fenêtre de changement empiète sur l’ouverture de : {', '.join(sites)}"
        view.faults.add("PISTE-M070", f"change_windows.windows[{index + 1}]", mark, message)


def inside(window: ChangeWindow, moment: datetime) -> bool:
    """Tell whether a moment of the town's local time lies in a window."""
    at = moment.weekday() * 24 * 60 + moment.hour * 60 + moment.minute
    for day in window.days:
        start, end = _minute(day, window.start), _minute(day, window.end)
        length = end - start if end > start else end + 24 * 60 - start
        if (at - start) % (7 * 24 * 60) < length:
            return True
    return False


def _overlap(window: ChangeWindow, hours: OpeningHours) -> bool:
    open_ = [(_minute(day, hours.start), _minute(day, hours.end)) for day in hours.days]
    for day in window.days:
        start, end = _minute(day, window.start), _minute(day, window.end)
        end += 0 if end > start else 24 * 60
        week = 7 * 24 * 60
        if any(start + shift < closes and opens < end + shift for opens, closes in open_ for shift in (0, -week)):
            return True
    return False


def _minute(day: str, time: str) -> int:
    """Count the minutes since the week began."""
    hours, minutes = time.split(":")
    return (_WEEK.index(day) * 24 + int(hours)) * 60 + int(minutes)
