"""Rules found by their sources, against the plain form that compares every pair of rules."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from piste.town.model.flows.filtering import FilterRule, RuleList, passed, shadowing
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.traffic import Box, remaining
from tests.support.fuzz import examples

# A few close numbers, and powers of two on both sides: sizes of all kinds that touch, overlap or miss by one.
numbers = st.one_of(
    st.integers(0, 12), st.builds(lambda bits, by: max(0, 2**bits + by), st.integers(0, 130), st.integers(-1, 1))
)
parts = st.lists(st.tuples(numbers, numbers).map(sorted).map(tuple), max_size=4)
sources = parts.map(lambda some: Ranges.of(*some))
few = st.lists(st.tuples(*[st.integers(0, 3)] * 2).map(sorted).map(tuple), max_size=2).map(
    lambda some: Ranges.of(*some)
)
boxes = st.builds(Box, sources, few, few)
rules = st.lists(st.tuples(st.booleans(), st.lists(boxes, max_size=3).map(tuple)), max_size=8).map(
    lambda made: [FilterRule("essai", str(at), allow, of) for at, (allow, of) in enumerate(made)]
)


def plain_shadowing(listed: Sequence[FilterRule], position: int) -> list[FilterRule]:
    desired = [box for box in listed[position].boxes if box]
    before = [rule for rule in listed[:position] if any(box.meet(mine) for box in rule.boxes for mine in desired)]
    if not desired:
        return []
    alone = next((rule for rule in before if not left(desired, [rule])), None)
    if alone:
        return [alone]
    return before if not left(desired, before) else []


def left(desired: Sequence[Box], by: Sequence[FilterRule]) -> list[Box]:
    pieces = list(desired)
    for box in (box for rule in by for box in rule.boxes):
        pieces = [rest for piece in pieces for rest in remaining([piece], [box])]
    return pieces


@examples(small=38, wide=4000)
@given(rules)
def test_what_shadows_a_rule_is_what_the_plain_form_says(listed: list[FilterRule]) -> None:
    index = RuleList(listed)
    for position in range(len(listed)):
        assert shadowing(index, position) == plain_shadowing(listed, position)


@examples(small=38, wide=4000)
@given(rules, boxes)
def test_what_passes_is_what_the_plain_list_lets_pass(listed: list[FilterRule], traffic: Box) -> None:
    assert passed(RuleList(listed), traffic) == passed(listed, traffic)


@examples(small=38, wide=4000)
@given(rules, sources)
def test_the_rules_about_some_sources_are_all_those_that_have_some_in_common(
    listed: list[FilterRule], desired: Ranges
) -> None:
    expected = [rule for rule in listed if any(box.sources & desired for box in rule.boxes)]
    assert RuleList(listed).about(desired) == expected
