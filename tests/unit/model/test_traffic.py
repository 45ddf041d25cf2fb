"""Sets of traffic and ordered rules, against the count of each point."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piste.town.model.flows.filtering import FilterRule, RuleList, passed, shadowing
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.traffic import (
    ANY_SERVICE,
    ANYWHERE,
    IPV4,
    IPV6,
    Box,
    addresses,
    icmp,
    parted,
    ports,
    say_addresses,
    say_services,
    whole_protocol,
)

SMALL = range(6)
parts = st.lists(st.tuples(st.sampled_from(SMALL), st.sampled_from(SMALL)).map(sorted).map(tuple), max_size=3)
sets = parts.map(lambda some: Ranges.of(*some))
some = sets.filter(bool)
boxes = st.builds(Box, some, some, some)
rules = st.lists(
    st.builds(lambda allow, of: (allow, tuple(of)), st.booleans(), st.lists(boxes, min_size=1, max_size=2)), max_size=5
)
proven = settings(derandomize=True, deadline=None, max_examples=150)


def members(ranges: Ranges) -> set[int]:
    return {number for first, last in ranges.parts for number in range(first, last + 1)}


def points(box: Box) -> set[tuple[int, ...]]:
    return set(product(*map(members, box)))


def numbered(made: Sequence[tuple[bool, tuple[Box, ...]]]) -> list[FilterRule]:
    return [FilterRule("essai", str(at), allow, of) for at, (allow, of) in enumerate(made)]


@proven
@given(sets, sets)
def test_sets_of_ranges_are_sets(this: Ranges, other: Ranges) -> None:
    mine, theirs = members(this), members(other)
    assert members(this | other) == mine | theirs
    assert members(this & other) == mine & theirs
    assert members(this - other) == mine - theirs
    assert (this <= other) == (mine <= theirs)
    assert bool(this) == bool(mine)
    if this.separate(other):
        assert not mine & theirs
    assert (this == other) == (mine == theirs)


@proven
@given(boxes, boxes)
def test_what_is_left_of_traffic_is_what_is_not_in_the_other_and_once(this: Box, other: Box) -> None:
    taken, left = parted([this], other)
    assert set().union(*map(points, taken)) == points(this) & points(other)
    assert set().union(*map(points, left)) == points(this) - points(other)
    assert sum(len(points(piece)) for piece in left) == len(points(this) - points(other))


@proven
@given(rules, boxes)
def test_the_first_rule_that_matches_decides_and_the_end_refuses(made: list, traffic: Box) -> None:
    listed = numbered(made)
    passing = {(point, part.rule.id) for part in passed(listed, traffic) for point in points(part.box)}
    expected = set()
    for point in points(traffic):
        first = next((rule for rule in listed if any(point in points(box) for box in rule.boxes)), None)
        if first and first.allow:
            expected.add((point, first.id))
    assert passing == expected


@proven
@given(rules)
def test_a_rule_is_shadowed_where_those_before_leave_it_nothing(made: list) -> None:
    listed = numbered(made)
    for position, rule in enumerate(listed):
        mine = set().union(*map(points, rule.boxes))
        before = {earlier.id: set().union(*map(points, earlier.boxes)) for earlier in listed[:position]}
        hidden = mine <= set().union(*before.values()) if before else False
        by = [earlier.id for earlier in shadowing(RuleList(listed), position)]
        assert bool(by) == hidden
        if by:
            assert mine <= set().union(*(before[name] for name in by))
        if any(mine <= theirs for theirs in before.values()):
            assert len(by) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.93.2.0/24", ["10.93.2.0/24"]),
        ("10.93.2.11", ["10.93.2.11"]),
        ("10.93.2.1-10.93.2.9", ["10.93.2.1-10.93.2.9"]),
        ("2001:db8::/32", ["2001:db8::/32"]),
        ("0.0.0.0/0", ["tout IPv4"]),
    ],
)
def test_addresses_are_said_as_they_are_read(text: str, said: list[str]) -> None:
    assert say_addresses(addresses(text)) == said


@pytest.mark.parametrize("text", ["10.93.2.256", "10.0.0.9-10.0.0.1", "10.0.0.1-2001:db8::1", "hdv-dc1", "1-2-3"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        addresses(text)


def test_versions_of_ip_do_not_mix() -> None:
    assert not addresses("0.0.0.0/0") & addresses("::/0")
    assert IPV4 | IPV6 == ANYWHERE
    assert say_addresses(ANYWHERE) == ["tout"]


@pytest.mark.parametrize(
    ("services", "said"),
    [
        (ports("tcp", "443"), ["tcp/443"]),
        (ports("udp", "1024-65535"), ["udp/1024-65535"]),
        (icmp(8), ["icmp/8"]),
        (icmp(None), ["icmp"]),
        (whole_protocol(47), ["ip/47"]),
        (ANY_SERVICE, ["tout"]),
        (
            ANY_SERVICE - whole_protocol(6),
            ["ip/0", "icmp", "ip/2-5", "ip/7-16", "udp", "ip/18-57", "icmpv6", "ip/59-255"],
        ),
    ],
)
def test_services_are_said_by_protocol_and_port(services: Ranges, said: list[str]) -> None:
    assert say_services(services) == said


def test_a_port_of_tcp_is_not_that_of_udp() -> None:
    assert not ports("tcp", "53") & ports("udp", "53")
    with pytest.raises(ValueError, match="9-1"):
        ports("tcp", "9-1")
