"""A figure of a day: its value, what it counts, how it was made."""

from __future__ import annotations

from typing import NamedTuple

_OF_THE_READ = frozenset({"F10", "F11", "F18.wired"})
"""Shares that leave out of their denominator what was not read: the whole may be less than they say."""


class Figure(NamedTuple):
    """A figure; an unknown `value` is None.

    `unknown` counts what could not be judged. A `method` is *measured*, *estimated* or *mixed*: values of two methods
    are not compared. `day` is that of its data where it is not of now, `said` a few words of French for a list.
    """

    id: str
    value: float | None
    unit: str = "%"
    numerator: float | None = None
    denominator: float | None = None
    unknown: int = 0
    method: str = "measured"
    day: str = ""
    said: str = ""


def share(numerator: float, denominator: float) -> float | None:
    """Give a share in percent; None of nothing."""
    return round(100 * numerator / denominator, 2) if denominator else None


def meets(id_: str, value: float | None, target: str, unit: str, unknown: int) -> bool | None:
    """Tell whether a figure reaches a target (`≥ 90`); None where the unread may break it."""
    sense, _, bound = target.partition(" ")
    if value is None or not bound:
        return None
    if not (value >= float(bound) if sense == "≥" else value <= float(bound)):
        return False
    return None if unknown > 0 and (sense == "≤" or unit != "%" or id_ in _OF_THE_READ) else True
