"""The longest way to each step, from restores that were timed, beside its promise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from piste.exports.runbooks.step import RunbookStep

HOUR = 3600


def lasting(hours: float) -> str:
    """Write `24 h`, `2 h 05`, `12 min`, `< 1 min` from hours."""
    whole, minutes = divmod(round(hours * 60), 60)
    if whole:
        return f"{whole} h" + (f" {minutes:02d}" if minutes else "")
    return f"{minutes} min" if minutes or not hours else "< 1 min"


class Way(NamedTuple):
    """The longest way through what a step needs: the steps on it in order, their hours.

    A step that no restore has timed counts for its promise, or for nothing: the way lasts at least its hours. `never`
    names every step before, on the longest way or not, that no restore has timed.
    """

    keys: tuple[str, ...]
    hours: float
    never: tuple[str, ...] = ()


class Promise(NamedTuple):
    """The promise of a step, beside its way.

    `hours` are those at which it begins, or ends where it was timed. It is `late` where its way
    is longer; kept where the whole way was timed, and is not.
    """

    title: str
    promised: int
    hours: float
    way: tuple[str, ...]
    never: tuple[str, ...]
    late: bool


def timed(step: RunbookStep) -> float | None:
    """Give the hours that a step was timed to take; None where a part of it never was.

    A test that is named for the step times it whole; else each of its items has a test, done after the other.
    """
    whole = [proof["seconds"] for proof in step["proofs"] if proof["whole"] and proof["seconds"] is not None]
    if whole:
        return max(whole) / HOUR
    known = _seconds(step)
    names = {item["name"] for item in step["items"]}
    return sum(known.values()) / HOUR if names and names <= {*known} and not step["unprotected"] else None


def work(step: RunbookStep) -> float | None:
    """Give the hours that a step takes: as timed, else the longest that is known.

    Known are what it promises, and the part that was timed.
    """
    known = timed(step)
    if known is not None:
        return known
    promised: list[float] = [item["rto_hours"] for item in step["items"]]
    promised += [step["rto_hours"]] if step["rto_hours"] is not None else []
    part = sum(_seconds(step).values()) / HOUR
    return max([*promised, *([part] if part else [])], default=None)


def ways(steps: Sequence[RunbookStep]) -> dict[str, Way]:
    """Find the longest way before each step; a step comes after what it needs."""
    before: dict[str, Way] = {}
    after: dict[str, Way] = {}
    for step in steps:
        key, hours = step["key"], work(step)
        led = [after[need] for need in step["needs"]]
        longest = max(led, key=lambda way: way.hours, default=Way((), 0))
        way = before[key] = longest._replace(never=tuple(dict.fromkeys(name for each in led for name in each.never)))
        never = way.never if timed(step) is not None else (*way.never, key)
        after[key] = Way(way.keys if hours is None else (*way.keys, key), way.hours + (hours or 0), never)
    return before


def promises(steps: Sequence[RunbookStep]) -> Iterator[Promise]:
    """Yield what each step promises, those furthest from their promise first."""
    before, titles = ways(steps), {step["key"]: step["title"] for step in steps}
    made = [
        Promise(step["title"], promised, hours, tuple(titles[name] for name in way.keys),
                tuple(titles[name] for name in (*way.never, *([] if own is not None else [step["key"]]))),
                hours > promised or (own is None and hours >= promised))
        for step in steps
        if (promised := step["rto_hours"]) is not None
        for way, own in ((before[step["key"]], timed(step)),)
        for hours in (way.hours + (own or 0),)
    ]  # fmt: skip
    yield from sorted(made, key=lambda promise: -promise.hours / promise.promised)


def broken(steps: Sequence[RunbookStep]) -> list[Promise]:
    """List the promises that the order of the steps cannot keep, those furthest from it first."""
    return [promise for promise in promises(steps) if promise.late]


def never(steps: Sequence[RunbookStep]) -> list[RunbookStep]:
    """List the steps that no restore has timed whole."""
    return [step for step in steps if timed(step) is None]


def _seconds(step: RunbookStep) -> dict[str, float]:
    """Give the last time of each item that a test has restored."""
    names = {item["name"] for item in step["items"]}
    return {
        proof["set"]: proof["seconds"]
        for proof in step["proofs"]
        if proof["set"] in names and proof["set"] is not None and proof["seconds"] is not None
    }
