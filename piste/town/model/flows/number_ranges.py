"""Sets of whole numbers, as ranges: the arithmetic of addresses and ports."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True, unsafe_hash=True)
class Ranges:
    """A set of whole numbers: disjoint ranges in order, both ends included, never touching.

    Nothing changes it; it is not `frozen`, which makes it four times dearer to make.
    """

    parts: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, *parts: tuple[int, int]) -> Ranges:
        """Build a set of ranges given in any order, overlapping or not."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted(parts):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = merged[-1][0], max(last, merged[-1][1])
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    @classmethod
    def union(cls, sets: Iterable[Ranges]) -> Ranges:
        """Give the union of some sets."""
        several = [ranges for ranges in sets if ranges.parts]
        if len(several) < 2:
            return several[0] if several else NOTHING
        return cls.of(*(part for ranges in several for part in ranges.parts))

    @property
    def size(self) -> int:
        """The count of the numbers."""
        return sum(last - first + 1 for first, last in self.parts)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __or__(self, other: Ranges) -> Ranges:
        return Ranges.of(*self.parts, *other.parts)

    def __and__(self, other: Ranges) -> Ranges:
        if self.separate(other):
            return NOTHING
        if self._spans(other):
            return other
        return self if other._spans(self) else self._common(other)

    def separate(self, other: Ranges) -> bool:
        """Tell quickly whether two sets are disjoint by their ends; entangled sets count as not."""
        mine, theirs = self.parts, other.parts
        return not mine or not theirs or mine[-1][1] < theirs[0][0] or theirs[-1][1] < mine[0][0]

    def _spans(self, other: Ranges) -> bool:
        """Tell quickly whether a single range has all of another set."""
        if len(self.parts) != 1:
            return False
        ((first, last),) = self.parts
        return first <= other.parts[0][0] and other.parts[-1][1] <= last

    def _common(self, other: Ranges) -> Ranges:
        few, many = (self, other) if len(self.parts) < len(other.parts) else (other, self)
        common: list[tuple[int, int]] = []
        for first, last in few.parts:
            for at in range(many._at(first), len(many.parts)):
                begin, end = many.parts[at]
                if begin > last:
                    break
                if end >= first:
                    common.append((first if first > begin else begin, last if last < end else end))
        return Ranges(tuple(common))

    def _at(self, number: int) -> int:
        """Find the first part that may reach a number: those before it end below."""
        return max(bisect_left(self.parts, (number + 1,)) - 1, 0)

    def __sub__(self, other: Ranges) -> Ranges:
        if self is other:
            return NOTHING
        if self.separate(other):
            return self
        left: list[tuple[int, int]] = []
        for first, last in self.parts:
            for at in range(other._at(first), len(other.parts)):
                begin, end = other.parts[at]
                if end < first:
                    continue
                if begin > last:
                    break
                if begin > first:
                    left.append((first, begin - 1))
                first = end + 1
            if first <= last:
                left.append((first, last))
        return Ranges(tuple(left))

    def __le__(self, other: Ranges) -> bool:
        return not self - other


NOTHING = Ranges()
