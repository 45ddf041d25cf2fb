"""A figure of a day: its value, what it counts, how it was made."""

from __future__ import annotations

from typing import NamedTuple


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
