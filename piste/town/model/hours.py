"""Waking hours of a machine. Pure: a schedule, a calendar, a moment of the town's time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Schedule = Mapping[str, Any]
"""`{awake: [{days, start, end}], holidays, school_holidays}`, as a derived town gives it."""
Calendar = Mapping[str, Any]
"""`{holidays: {day: name}, school: [{name, start, until}], holidays_until, school_until}`; days as `2026-11-11`."""


def day_off(schedule: Schedule, calendar: Calendar, day: date) -> str:
    """Give the reason why a day has no hours; empty where it has its own."""
    text = day.isoformat()
    if schedule["holidays"] == "asleep" and text in calendar["holidays"]:
        return str(calendar["holidays"][text])
    if schedule["school_holidays"] == "asleep":
        for period in calendar["school"]:
            if period["start"] <= text <= period["until"]:
                return str(period["name"])
    return ""


def awake(schedule: Schedule, calendar: Calendar, moment: datetime) -> bool:
    """Tell whether a machine is awake at a moment, given without a zone."""
    return any(start <= moment < end for start, end in _windows(schedule, calendar, moment))


def next_change(schedule: Schedule, calendar: Calendar, moment: datetime) -> datetime | None:
    """Give the next change of `awake` within a month; None where there is none."""
    now = awake(schedule, calendar, moment)
    edges = {edge for ahead in range(32) for edge in _edges(schedule, calendar, moment + timedelta(days=ahead))}
    later = sorted(edge for edge in edges if edge > moment)
    return next((edge for edge in later if awake(schedule, calendar, edge) != now), None)


def asleep_hours(schedule: Schedule, calendar: Calendar, first: date, days: int = 365) -> float:
    """Count the hours of sleep from a day on."""
    midnight, awake_time = datetime.combine(first, time()), timedelta()
    counted, end = midnight, midnight + timedelta(days=days)
    for ahead in range(days):
        for start, stop in sorted(_windows(schedule, calendar, midnight + timedelta(days=ahead))):
            begin, last = max(start, counted), min(stop, end)
            if last > begin:
                awake_time += last - begin
                counted = last
    return days * 24 - awake_time.total_seconds() / 3600


def outdated(schedule: Schedule, calendar: Calendar, moment: datetime) -> bool:
    """Tell whether the calendar ends before a moment, for holidays that the schedule observes."""
    day, parts = moment.date().isoformat(), {"holidays": "holidays_until", "school_holidays": "school_until"}
    return any(schedule[part] == "asleep" and day > str(calendar[until]) for part, until in parts.items())


def _windows(schedule: Schedule, calendar: Calendar, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the hours of a day and of the day before, whose night may last.

    An end at or before its start is on the next day.
    """
    for day in (moment.date() - timedelta(days=1), moment.date()):
        for hours in schedule["awake"]:
            if DAYS[day.weekday()] in hours["days"] and not day_off(schedule, calendar, day):
                start, end = (datetime.combine(day, time.fromisoformat(hours[name])) for name in ("start", "end"))
                yield start, end if end > start else end + timedelta(days=1)


def _edges(schedule: Schedule, calendar: Calendar, moment: datetime) -> Iterator[datetime]:
    for window in _windows(schedule, calendar, moment):
        yield from window
