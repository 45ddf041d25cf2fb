"""Ordered rules in a form that no product owns, and what they let pass: the first rule that matches decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .ranges import Ranges
from .traffic import EVERYTHING, Box


@dataclass(frozen=True, slots=True)
class FilterRule:
    """A rule: what it decides, and for which traffic; `system` says where it stands, as people call it.

    `exact` is False where something in it could not be computed (a domain name, an alias of an engine). It then holds
    the most that it may allow, or nothing where it denies: what is reached is never understated.
    """

    system: str
    id: str
    allow: bool
    boxes: tuple[Box, ...]
    exact: bool = True


class Passed(NamedTuple):
    """Traffic that a rule lets pass."""

    rule: FilterRule
    box: Box


def allow_all(system: str, name: str) -> FilterRule:
    """Give the rule that lets everything pass."""
    return FilterRule(system, name, True, (EVERYTHING,))


def passed(rules: Iterable[FilterRule], traffic: Box) -> list[Passed]:
    """Tell which parts of the traffic the rules let pass, in order, and by which rule; what no rule matches stops."""
    found: list[Passed] = []
    left = [traffic]
    for rule in rules:
        for box in rule.boxes:
            if not traffic.meet(box):
                continue
            if rule.allow:
                found += [Passed(rule, hit) for piece in left if (hit := piece.meet(box))]
            left = [rest for piece in left for rest in piece.without(box)]
        if not left:
            break
    return found


def shadowing(rules: Sequence[FilterRule], position: int) -> list[FilterRule]:
    """Give the rules before a position that leave nothing to the one at it; none where something is left.

    One alone where one alone suffices, else those that take part.
    """
    wanted = [box for box in rules[position].boxes if box]
    before = [
        rule
        for rule in rules[:position]
        if any(not box.sources.apart(mine.sources) and box.meet(mine) for box in rule.boxes for mine in wanted)
    ]
    if not wanted:
        return []
    alone = next((rule for rule in before if not _left(wanted, [rule])), None)
    if alone:
        return [alone]
    return before if _may_cover(before, wanted) and not _left(wanted, before) else []


def _may_cover(rules: Sequence[FilterRule], wanted: Sequence[Box]) -> bool:
    """Tell soon of most rules that they leave something: a source that none of them has, say."""
    boxes = [box for rule in rules for box in rule.boxes]
    return all(
        Ranges.union(mine[side] for mine in wanted) <= Ranges.union(box[side] for box in boxes) for side in range(3)
    )


def _left(wanted: Iterable[Box], rules: Iterable[FilterRule]) -> list[Box]:
    left = list(wanted)
    for rule in rules:
        for box in rule.boxes:
            left = [rest for piece in left for rest in piece.without(box)]
    return left
