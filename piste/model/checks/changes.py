"""When changes may be made."""

from __future__ import annotations

from ..faults import Mark
from ..schema import ChangeWindow, OpeningHours
from .view import View

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def windows(view: View) -> None:
    """M070: no change window lies within the opening hours of a site; a window is told once for all its sites."""
    found: dict[tuple[int, Mark], list[str]] = {}
    for declared in view.declared.sites:
        hours = declared.variables.opening_hours
        for index, window in enumerate(declared.variables.change_windows.windows):
            if hours and _overlap(window, hours):
                mark = declared.where(("change_windows", "windows", index))
                found.setdefault((index, mark), []).append(declared.id)
    for (index, mark), sites in found.items():
        message = f"La fenêtre de changement empiète sur l'ouverture de : {', '.join(sites)}"
        view.faults.add("PISTE-M070", f"change_windows.windows[{index + 1}]", mark, message)


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
    """Minutes since the week began."""
    hours, minutes = time.split(":")
    return (_WEEK.index(day) * 24 + int(hours)) * 60 + int(minutes)
