"""Consequences inside a segment, as the rules between its people come and go."""

from __future__ import annotations

import pytest

from piste.sites.consequences.computed import of
from tests.unit.consequences.changes import SCHOOL, item, operation, plan, town


@pytest.mark.parametrize(("refused", "lost"), [
    ({"protocol": "any"}, "tout ce qui est dans utilisateurs (VLAN 151)"),
    ({"protocol": "tcp", "dst_port": "445"}, "utilisateurs (VLAN 151) (tcp/445)"),
])  # fmt: skip
def test_an_access_list_says_what_stops_between_the_people_of_a_segment(refused: dict[str, str], lost: str) -> None:
    known = item("meraki_network_settings", SCHOOL, "")
    lists = known["access_lists"]
    (own,) = [rule for rule in lists["rules"] if rule["src_cidr"] == rule["dst_cidr"] == "10.93.41.0/24"]
    closed = {**known, "access_lists": {**lists, "rules": [{**own, "policy": "deny", **refused}, *lists["rules"]]}}
    ways = {"cuts": "passait, ne passera plus", "gains": "ne passait pas, passera"}
    for sides, gravity in (((known, closed), "cuts"), ((closed, known), "gains")):
        (line,) = of(plan(operation("meraki_network_settings", SCHOOL, *sides)), town()).lines
        assert (line.gravity, line.said) == (gravity, f"→ {lost} : {ways[gravity]}")
        assert line.who == f"utilisateurs de {SCHOOL}, entre eux par les commutateurs"
        assert line.flow
        assert {source["access"] for source in line.flow["from"]} == {"filaire", "VLB-Agents"}


def test_what_a_list_stops_is_not_said_of_an_ssid_that_changes_beside_it() -> None:
    known, ssid = item("meraki_network_settings", SCHOOL, ""), item("meraki_ssids", SCHOOL, "VLB-Agents")
    lists = known["access_lists"]
    closed = {**lists, "rules": [rule for rule in lists["rules"] if rule["src_cidr"] != rule["dst_cidr"]]}
    made = [operation("meraki_network_settings", SCHOOL, known, {**known, "access_lists": closed}),
            operation("meraki_ssids", SCHOOL, ssid, {**ssid, "visible": False})]  # fmt: skip
    for waiting in (None, "attend un mot"):
        lines = of(plan(made[0], {**made[1], "waiting": waiting}), town()).lines
        flows = [line for line in lines if line.flow]
        assert [line.operations for line in flows] == [(0,), (0,)]
        access = [{source["access"] for source in line.flow["from"]} for line in flows if line.flow]
        assert {"filaire", "VLB-Agents"} in access


def test_guests_that_the_declaration_lets_meet_are_not_opened_by_a_list() -> None:
    known = item("meraki_network_settings", SCHOOL, "")
    guests = town().sites[SCHOOL]["segments"]["invites"]["subnet"]
    rule = {"comment": "x", "policy": "deny", "protocol": "any", "src_cidr": guests, "dst_cidr": guests}
    lists = {**known["access_lists"], "rules": [rule, *known["access_lists"]["rules"]]}
    closed = {**known, "access_lists": lists}
    (line,) = of(plan(operation("meraki_network_settings", SCHOOL, closed, known)), town()).lines
    assert line.gravity == "gains", "the declaration lets them meet"
    (line,) = of(plan(operation("meraki_network_settings", SCHOOL, known, closed)), town()).lines
    assert line.gravity == "changes"


def test_a_rule_by_name_leaves_what_an_ssid_reaches_inside_inexact() -> None:
    rules = [{"comment": "x", "policy": "allow", "protocol": "any", "dest_cidr": "exemple.test"}]
    known = {**item("meraki_ssids", SCHOOL, "VLB-Agents"), "l3_firewall": {"allow_lan_access": True, "rules": rules}}
    on, off = ({**known, "lan_isolation_enabled": isolated} for isolated in (True, False))
    (flow,) = [line.flow for line in of(plan(operation("meraki_ssids", SCHOOL, on, off)), town()).lines]
    assert flow["exact"] is False
