"""A value between two bounds."""

from __future__ import annotations

from typing import NamedTuple


class Range(NamedTuple):
    """A value, and between which values it lies."""

    value: float
    low: float
    high: float

    def times(self, number: float) -> Range:
        return Range(self.value * number, self.low * number, self.high * number)

    def plus(self, other: Range) -> Range:
        return Range(self.value + other.value, self.low + other.low, self.high + other.high)


NOTHING = Range(0, 0, 0)


def total(some: list[Range]) -> Range:
    """The sum of ranges: bounds add up, which is the widest that their sum may be."""
    whole = NOTHING
    for one in some:
        whole = whole.plus(one)
    return whole
