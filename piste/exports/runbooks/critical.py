"""The longest way to each step, beside its promise: what a plan cannot keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from piste.exports.runbooks.step import RunbookStep


class Way(NamedTuple):
    """The longest way through what a step needs: the steps on it in order, their hours.

    A step that gives no duration counts for nothing: the way lasts at least its hours.
    """

    keys: tuple[str, ...]
    hours: int


class Broken(NamedTuple):
    """A promise that ends before its step can begin."""

    title: str
    promised: int
    hours: int
    way: tuple[str, ...]


def work(step: RunbookStep) -> int | None:
    """Give the hours that a step takes: it ends with the last of its parts."""
    hours = [item["rto_hours"] for item in step["items"]]
    hours += [step["rto_hours"]] if step["rto_hours"] is not None else []
    return max(hours, default=None)


def ways(steps: Sequence[RunbookStep]) -> dict[str, Way]:
    """Find the longest way before each step; a step comes after what it needs."""
    before: dict[str, Way] = {}
    after: dict[str, Way] = {}
    for step in steps:
        key, hours = step["key"], work(step)
        way = max((after[need] for need in step["needs"]), key=lambda way: way.hours, default=Way((), 0))
        before[key] = way
        after[key] = way if hours is None else Way((*way.keys, key), way.hours + hours)
    return before


def broken(steps: Sequence[RunbookStep]) -> Iterator[Broken]:
    """Yield the promises that the order of the steps cannot keep, those furthest from it first."""
    before, titles = ways(steps), {step["key"]: step["title"] for step in steps}
    late = [
        Broken(step["title"], promised, way.hours, tuple(titles[key] for key in way.keys))
        for step in steps
        if (promised := step["rto_hours"]) is not None and (way := before[step["key"]]).hours >= promised
    ]
    yield from sorted(late, key=lambda item: item.promised / item.hours)
