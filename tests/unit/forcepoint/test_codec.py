"""A rule from the wire to what people write and back: nothing lost, no default written."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.forcepoint import versions
from piste.systems.forcepoint.policy_table import split_id, with_id
from piste.systems.forcepoint.rule_codec import compact, decode, encode, refs_of, unread
from piste.systems.forcepoint.rule_table import LISTS, RuleList
from tests.support.rules_sample import sample

ACCESS, NAT = LISTS["ipv4_access"], LISTS["ipv4_nat"]
BASE = "https://smc:8082/7.4/elements/"


def name(href: str) -> str:
    return href.removeprefix(BASE).replace("/1", "/one").replace("/2", "/two")


def address(ref: str) -> str:
    return BASE + ref.replace("/one", "/1").replace("/two", "/2")


def back(rule: dict[str, Any], entry: RuleList) -> dict[str, Any]:
    return decode(encode(rule, entry, address), entry, name)


@pytest.mark.parametrize("entry", LISTS.values(), ids=LISTS)
def test_every_attribute_survives_the_way_to_the_wire_and_back(entry: RuleList) -> None:
    rule = sample(entry)
    assert back(rule, entry) == rule
    assert unread(encode(rule, entry, address), entry) == set()


def test_defaults_are_not_written() -> None:
    rule = {"id": "web", "sources": ["any"], "destinations": ["host/one"], "services": ["none"], "action": ["allow"]}
    assert back(rule, ACCESS) == rule
    said = {**rule, "sources": "any", "action": "allow", "disabled": False, "log": "undefined", "comment": None}
    assert compact(said, ACCESS) == rule


def test_a_new_rule_is_given_what_the_console_gives() -> None:
    wire = encode(
        {"name": "w", "sources": ["any"], "destinations": ["any"], "services": ["any"], "action": ["allow"]},
        ACCESS,
        address,
    )
    assert wire["action"] == {
        "action": ["allow"],
        "scan_detection": "undefined",
        "connection_tracking_options": {
            "timeout": -1,
            "mss_enforced": False,
            "mss_enforced_min": 0,
            "mss_enforced_max": 0,
        },
    }
    assert wire["options"]["log_closing_mode"] is True
    assert wire["is_disabled"] is False


def test_a_change_keeps_what_no_table_knows() -> None:
    base = {**encode(sample(ACCESS), ACCESS, address), "situations": ["x"]}
    wire = encode({"id": "tout", "sources": ["any"], "action": ["discard"]}, ACCESS, address, base)
    assert wire["situations"] == ["x"]
    assert wire["action"]["sub_policy"] is None
    assert decode(wire, ACCESS, name) == {
        "id": "tout",
        "sources": ["any"],
        "destinations": ["none"],
        "services": ["none"],
        "action": ["discard"],
    }
    assert unread(wire, ACCESS) == {"situations"}


def test_an_unnamed_rule_has_no_name() -> None:
    wire = {
        "name": "Rule @2097152.0",
        "sources": {"any": True},
        "destinations": {"any": True},
        "services": {"any": True},
    }
    assert "name" not in decode(wire, ACCESS, name)
    rule = {"id": "a", "sources": ["any"], "destinations": ["any"], "services": ["any"], "action": ["allow"]}
    assert encode(rule, ACCESS, address, wire)["name"] == "Rule @2097152.0"
    assert encode(rule, ACCESS, address, {**wire, "name": "ancien"})["name"] == ""
    assert "name" not in encode(rule, ACCESS, address)


def test_headers_and_insert_points_are_no_rules() -> None:
    assert back({"section": "Site A", "color": "#5EF527"}, ACCESS) == {"section": "Site A", "color": "#5EF527"}
    assert back({"insert_point": "ici"}, ACCESS) == {"insert_point": "ici"}


def test_references_are_found_wherever_they_stand() -> None:
    assert set(refs_of(sample(NAT), NAT)) == {"host/one", "host/two"}


@pytest.mark.parametrize(
    ("comment", "text", "identity"),
    [
        ("le site [id:fw-1]", "le site", "fw-1"),
        ("[id:fw-1] le site", "le site", "fw-1"),
        ("le site", "le site", ""),
        ("", "", ""),
        ("[id:é]", "[id:é]", ""),
    ],
)
def test_the_id_is_kept_in_the_comment(comment: str, text: str, identity: str) -> None:
    assert split_id(comment) == (text, identity)
    assert split_id(with_id(text, identity)) == (text, identity)


@pytest.mark.parametrize("api", [(6, 10), (7, 0), (7, 1), (7, 4), (7, 5)])
def test_every_version_gives_the_same_rule(api: tuple[int, ...]) -> None:
    rule = {
        "action": {
            "action": ["allow", "block_list"],
            "valid_block_lister": ["x"],
            "network_application_latency_monitoring": "true",
        }
    }
    wire = versions.rule_for(rule, api)
    assert ("blacklist" in wire["action"]["action"]) is (api < (7, 0))
    assert isinstance(wire["action"]["network_application_latency_monitoring"], bool) is (api < (7, 1))
    assert versions.rule_from(wire, api) == rule


def test_an_old_action_is_a_text() -> None:
    assert versions.rule_from({"action": {"action": "allow"}}, (6, 10))["action"]["action"] == ["allow"]


@pytest.mark.parametrize(
    ("smc", "whole_order"),
    [
        ("6.10.9", False),
        ("7.1.10", False),
        ("7.1.11", True),
        ("7.4.1 [11512]", False),
        ("7.4.2", True),
        ("7.6.0", True),
    ],
)
def test_only_a_late_smc_orders_a_whole_list_at_once(smc: str, whole_order: bool) -> None:
    assert versions.has_re_rank(versions.parsed(smc)) is whole_order
