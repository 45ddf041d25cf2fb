"""Ordered rules of no product, and the traffic that they let pass: the first match decides."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from .number_ranges import Ranges
from .traffic import EVERYTHING, parted, remaining

if TYPE_CHECKING:
    from .traffic import Box


@dataclass(frozen=True, slots=True)
class FilterRule:
    """A rule: its decision, its traffic; `system` is its system, as people call it.

    `exact` is False where a part could not be computed (a domain name, an alias of an engine). The rule then has the
    most that it may allow; a denial has the most that it may take, and `settled` takes it out: what is reached is never
    understated.
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
    """Ordered rules, indexed by source: in a large town most rules have no source in common."""

    def __init__(self, rules: Iterable[FilterRule]) -> None:
        self.rules = tuple(rules)

    @cached_property
    def _sources(self) -> _Index:
        return _Index((box.sources, position) for box, position in self._boxes())

    @cached_property
    def _ends(self) -> tuple[_Index, _Index]:
        """Index each box by its narrower end: the sources, then the destinations."""
        boxes = [(box, position, box.sources.size > box.destinations.size) for box, position in self._boxes()]
        return (
            _Index((box.sources, position) for box, position, wide in boxes if not wide),
            _Index((box.destinations, position) for box, position, wide in boxes if wide),
        )

    def _boxes(self) -> Iterator[tuple[Box, int]]:
        return ((box, position) for position, rule in enumerate(self.rules) for box in rule.boxes)

    def about(self, sources: Ranges, before: int | None = None) -> list[FilterRule]:
        """Give the rules, in order, that share sources with some addresses.

        With `before`, only the rules before that position.
        """
        return [self.rules[at] for at in sorted(self._sources.meeting(sources)) if before is None or at < before]

    def sharing(self, rule: FilterRule) -> Iterator[int]:
        """Yield the positions of the rules that have some traffic of a rule."""
        for box in rule.boxes:
            for at in self._sources.meeting(box.sources):
                if any(box.meet(other) for other in self.rules[at].boxes):
                    yield at

    def meeting(self, *boxes: Box) -> list[FilterRule]:
        """Give the rules, in order, that may have to do with some traffic."""
        by_source, by_destination = self._ends
        positions = set[int]()
        for box in boxes:
            positions |= by_source.meeting(box.sources) | by_destination.meeting(box.destinations)
        return [self.rules[at] for at in sorted(positions)]


class _Index:
    """Positions by addresses.

    Ranges are ordered by size (in bits), then by first address: the ranges of one size that reach an address begin less
    than that size before it.
    """

    def __init__(self, entries: Iterable[tuple[Ranges, int]]) -> None:
        self._sizes: dict[int, list[tuple[int, int, int]]] = {}
        for addresses, position in entries:
            for first, last in addresses.parts:
                self._sizes.setdefault((last - first).bit_length(), []).append((first, last, position))
        for ranges in self._sizes.values():
            ranges.sort()

    def meeting(self, addresses: Ranges) -> set[int]:
        """Give the positions of the ranges that share an address with some others."""
        positions: set[int] = set()
        for begin, end in addresses.parts:
            for bits, ranges in self._sizes.items():
                start, stop = bisect_left(ranges, (begin - 2**bits + 1,)), bisect_left(ranges, (end + 1,))
                positions.update(position for _, last, position in ranges[start:stop] if last >= begin)
        return positions


def settled(rules: Iterable[FilterRule]) -> list[FilterRule]:
    """Take out the denials that are not exact; what they may take, later rules allow at most."""
    listed = RuleList(rules)
    doubtful: set[int] = set()
    for at, rule in enumerate(listed.rules):
        if not rule.allow and not rule.exact:
            doubtful |= {later for later in listed.sharing(rule) if later > at}
    return [
        replace(rule, exact=False) if rule.allow and at in doubtful else rule
        for at, rule in enumerate(listed.rules)
        if rule.allow or rule.exact
    ]


def allow_all(system: str, name: str) -> FilterRule:
    """Give the rule that lets everything pass."""
    return FilterRule(system, name, True, (EVERYTHING,))


def passed(rules: Iterable[FilterRule] | RuleList, traffic: Box) -> list[Passed]:
    """Give the parts of the traffic that pass, in order, with their rules.

    Traffic that no rule matches stops.
    """
    hits: list[Passed] = []
    left = [traffic]
    if isinstance(rules, RuleList):
        rules = rules.about(traffic.sources)
    for rule in rules:
        for box in rule.boxes:
            taken, left = parted(left, box)
            if rule.allow:
                hits += [Passed(rule, hit) for hit in taken]
        if not left:
            break
    return hits


def shadowing(listed: RuleList, position: int) -> list[FilterRule]:
    """Give the rules before a position that leave nothing to it; none where something is left.

    They are a single rule where it suffices, else all rules that take part.
    """
    wanted = [box for box in listed.rules[position].boxes if box]
    if not wanted:
        return []
    before = [
        rule
        for rule in listed.about(Ranges.union(mine.sources for mine in wanted), position)
        if rule.exact and any(box.meet(mine) for box in rule.boxes for mine in wanted)
    ]
    alone = next((rule for rule in before if not _left(wanted, [rule])), None)
    if alone:
        return [alone]
    return before if _may_cover(before, wanted) and not _left(wanted, before) else []


def _may_cover(rules: Sequence[FilterRule], wanted: Sequence[Box]) -> bool:
    """Tell quickly that some rules leave something: a source that none of them has, say."""
    boxes = [box for rule in rules for box in rule.boxes]
    return all(
        Ranges.union(mine[side] for mine in wanted) <= Ranges.union(box[side] for box in boxes) for side in range(3)
    )


def _left(wanted: Iterable[Box], rules: Iterable[FilterRule]) -> list[Box]:
    return remaining(wanted, (box for rule in rules for box in rule.boxes))
