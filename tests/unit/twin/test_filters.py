"""Rules of filtering as nftables and OpenFlow, without a machine."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.systems.forcepoint.filtering import AddressChange
from piste.systems.meraki.filtering import ssid_rules
from piste.town.model.flows.filtering import FilterRule
from piste.town.model.flows.traffic import ANY_SERVICE, ANYWHERE, Box, addresses, icmp, ports, whole_protocol
from piste.trials.twin.filters import _masks, of_client, of_switch, stateful
from tests.support.fuzz import examples

HERE, SERVER = addresses("10.93.41.0/24"), addresses("10.93.2.18")
OUT = ("f0.151", "10.93.41.254")


def ruleset(*rules: FilterRule, changes: list[AddressChange] | None = None) -> str:
    return stateful(rules, changes or [], [OUT])[0]


def rule(name: str, allow: bool, *boxes: Box, exact: bool = True) -> FilterRule:
    return FilterRule("pare-feu", name, allow, boxes, exact)


def test_a_rule_is_a_line_for_each_protocol() -> None:
    services = ports("tcp", "443") | ports("udp", "5000-5010") | icmp(8) | whole_protocol(47)
    text = ruleset(rule("essai", True, Box(HERE, SERVER, services)))
    ends = "ip saddr { 10.93.41.0-10.93.41.255 } ip daddr { 10.93.2.18 }"
    assert [line.strip() for line in text.splitlines() if "essai" in line] == [
        f'{ends} icmp type 8 counter accept comment "essai"',
        f'{ends} tcp dport {{ 443 }} counter accept comment "essai"',
        f'{ends} udp dport {{ 5000-5010 }} counter accept comment "essai"',
        f'{ends} meta l4proto {{ 47 }} counter accept comment "essai"',
    ]


def test_what_no_rule_allows_is_dropped_to_the_engine_as_through_it() -> None:
    text = ruleset(rule("tout", True, Box(HERE, ANYWHERE, ANY_SERVICE)))
    assert text.count("policy drop;") == 2
    assert text.count("jump judge") == 2
    assert 'elements = { "f0.151" . 10.93.41.254 }' in text


def test_an_inexact_rule_is_named_and_ipv6_alone_is_left_out() -> None:
    vague = rule("noms", True, Box(HERE, ANYWHERE, ANY_SERVICE), exact=False)
    six = rule("six", True, Box(addresses("2001:db8::/32"), ANYWHERE, ANY_SERVICE))
    text, unsaid = stateful([vague, six], [], [])
    assert unsaid == ["règle noms : autorise peut-être moins"]
    assert "six" not in text


def test_a_published_server_is_judged_by_the_address_that_was_asked() -> None:
    published = Box(ANYWHERE, addresses("192.0.2.3"), ports("tcp", "443"))
    out = AddressChange("sortie", Box(HERE, ANYWHERE, ANY_SERVICE), None, addresses("192.0.2.2"))
    changes = [AddressChange("publie", published, SERVER, None), out]
    text = ruleset(rule("site", True, published), changes=changes)
    assert "ct original ip daddr { 192.0.2.3 } meta l4proto tcp ct original proto-dst { 443 } counter accept" in text
    assert 'ip daddr { 192.0.2.3 } tcp dport { 443 } dnat to 10.93.2.18 comment "publie"' in text
    assert 'ip saddr { 10.93.41.0-10.93.41.255 } snat to 192.0.2.2 comment "sortie"' in text
    # The first translation that takes a connection is the only one.
    after = text.partition("chain after")[2]
    assert after.index("return") < after.index("snat")


def test_a_live_name_never_ends_its_line() -> None:
    hostile = rule('a" accept\n}; flush ruleset', True, Box(HERE, ANYWHERE, ANY_SERVICE))
    (line,) = [line for line in ruleset(hostile).splitlines() if "flush" in line]
    assert line.strip().endswith('comment "a? accept??? flush ruleset"')


def test_rules_of_an_ssid_are_flows_of_its_client_in_their_order() -> None:
    guests = {
        "name": "VLB-Invites",
        "l3_firewall": {
            "rules": [
                {"policy": "allow", "protocol": "tcp", "dest_cidr": "10.93.2.18/32", "dest_port": "443"},
                {"policy": "deny", "protocol": "any", "dest_cidr": "10.0.0.0/8", "dest_port": "any"},
            ],
            "allow_lan_access": True,
        },
    }
    flows, unsaid = of_client(ssid_rules(guests), 7)
    assert flows == [
        "table=1,priority=30000,in_port=7,ip,nw_dst=10.93.2.18/32,nw_proto=6,tp_dst=443,actions=NORMAL",
        "table=1,priority=29999,in_port=7,ip,nw_dst=10.0.0.0/8,actions=drop",
        "table=1,priority=29998,in_port=7,ip,actions=NORMAL",
    ]
    assert unsaid == []


def test_access_lists_keep_no_state_and_what_they_cannot_say_is_named() -> None:
    first: dict[str, Any] = {"policy": "deny", "protocol": "tcp", "src_cidr": "10.0.0.0/8", "dst_cidr": "any",
                             "src_port": "any", "dst_port": "22,80-81", "vlan": "any"}  # fmt: skip
    flows, unsaid = of_switch([first, {**first, "vlan": "12", "comment": "un étage"}, {**first, "protocol": "gre"}])
    assert flows == [
        "priority=20000,tcp,nw_src=10.0.0.0/8,tp_dst=22,actions=drop",
        "priority=20000,tcp,nw_src=10.0.0.0/8,tp_dst=80/0xfffe,actions=drop",
    ]
    assert unsaid == ["liste d’accès « un étage » : un VLAN", "liste d’accès « 3 » : protocole gre"]


@pytest.mark.parametrize("ends", [(0, 65535), (1, 65535), (443, 443), (49152, 65535), (0, 0)])
def test_masks_cover_the_ends(ends: tuple[int, int]) -> None:
    assert covered(*ends) == set(range(ends[0], ends[1] + 1))


@examples(small=10, wide=2000)
@given(st.integers(0, 65535), st.integers(0, 65535))
def test_masks_cover_a_range_and_nothing_else(first: int, last: int) -> None:
    first, last = sorted((first, last))
    assert covered(first, last) == set(range(first, last + 1))


def covered(first: int, last: int) -> set[int]:
    """Give the ports that the masks of a range match."""
    matched: set[int] = set()
    for text in _masks(first, last):
        value, _, mask = text.partition("/")
        size = 65536 - int(mask or "0xffff", 16)
        assert int(value) % size == 0
        matched |= set(range(int(value), int(value) + size))
    return matched
