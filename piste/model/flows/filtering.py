"""Ordered rules in a form that no product owns, and what they let pass: the first rule that matches decides."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .number_ranges import Ranges
from .traffic import EVERYTHING

if TYPE_CHECKING:
    from .traffic import Box


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


class RuleList:
    """Rules in order, which are found by their sources: of a large town most have nothing to do with each other.

    Ranges of sources stand by size (in bits), then by first address: those of one size that reach an address begin
    less than that size before it.
    """

    def __init__(self, rules: Iterable[FilterRule]) -> None:
        self.rules = tuple(rules)
        self._sizes: dict[int, list[tuple[int, int, int]]] = {}
        for position, rule in enumerate(self.rules):
            for box in rule.boxes:
                for first, last in box.sources.parts:
                    self._sizes.setdefault((last - first).bit_length(), []).append((first, last, position))
        for ranges in self._sizes.values():
            ranges.sort()

    def about(self, sources: Ranges, before: int | None = None) -> list[FilterRule]:
        """Give the rules, in order, whose sources have something in common with some addresses; those before a
        position alone, where one is given."""
        found: set[int] = set()
        for begin, end in sources.parts:
            for bits, ranges in self._sizes.items():
                start, stop = bisect_left(ranges, (begin - 2**bits + 1,)), bisect_left(ranges, (end + 1,))
                found.update(position for _, last, position in ranges[start:stop] if last >= begin)
        return [self.rules[at] for at in sorted(found) if before is None or at < before]


def allow_all(system: str, name: str) -> FilterRule:
    """Give the rule that lets everything pass."""
    return FilterRule(system, name, True, (EVERYTHING,))


def passed(rules: Iterable[FilterRule] | RuleList, traffic: Box) -> list[Passed]:
    """Tell which parts of the traffic the rules let pass, in order, and by which rule; what no rule matches stops."""
    found: list[Passed] = []
    left = [traffic]
    if isinstance(rules, RuleList):
        rules = rules.about(traffic.sources)
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


def shadowing(listed: RuleList, position: int) -> list[FilterRule]:
    """Give the rules before a position that leave nothing to the one at it; none where something is left.

    One alone where one alone suffices, else those that take part.
    """
    wanted = [box for box in listed.rules[position].boxes if box]
    if not wanted:
        return []
    before = [
        rule
        for rule in listed.about(Ranges.union(mine.sources for mine in wanted), position)
        if any(box.meet(mine) for box in rule.boxes for mine in wanted)
    ]
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
