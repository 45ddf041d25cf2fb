"""Fewest moves that bring a list to an order: a longest increasing subsequence stays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def staying(places: Sequence[int]) -> set[int]:
    """Positions in `places` of the elements that need not move.

    `places[i]` is the present place of the i-th element of the desired order; all places differ.
    """
    tails: list[int] = []
    at: list[int] = []
    before: list[int] = [-1] * len(places)
    for position, place in enumerate(places):
        length = bisect_left(tails, place)
        before[position] = at[length - 1] if length else -1
        if length == len(tails):
            tails.append(place)
            at.append(position)
        else:
            tails[length], at[length] = place, position
    result: set[int] = set()
    position = at[-1] if at else -1
    while position >= 0:
        result.add(position)
        position = before[position]
    return result
