"""A value between two bounds."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple


class Range(NamedTuple):
    """A value, with its lower and its upper bound."""

    value: float
    low: float
    high: float

    def times(self, number: float) -> Range:
        return Range(self.value * number, self.low * number, self.high * number)

    def plus(self, other: Range) -> Range:
        return Range(self.value + other.value, self.low + other.low, self.high + other.high)


NOTHING = Range(0, 0, 0)


def total(ranges: list[Range]) -> Range:
    """Add ranges; their bounds add up, so that the sum has the widest bounds."""
    return reduce(Range.plus, ranges, NOTHING)
