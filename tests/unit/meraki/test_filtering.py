"""Rules of SSIDs and of switches as neutral rules: order, ports, versions, both directions."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.meraki.filtering import access_list, ssid_rules
from piste.town.model.flows.filtering import passed
from piste.town.model.flows.traffic import ANY_SERVICE, ANYWHERE, IPV4, IPV6, Box, addresses, ports

CLIENT = addresses("10.93.44.9")


def lets(firewall: dict[str, Any], destination: str, service: Any = ANY_SERVICE) -> list[str]:
    """Ids of the rules that let some of the traffic pass."""
    rules = ssid_rules({"name": "VLB-Invites", "l3_firewall": firewall})
    return [part.rule.id for part in passed(rules, Box(CLIENT, addresses(destination), service))]


def deny(**rule: Any) -> dict[str, Any]:
    return {"policy": "deny", "protocol": "any", "dest_cidr": "Any", **rule}


def test_rules_are_met_in_order_and_what_is_left_passes() -> None:
    firewall = {
        "rules": [
            deny(policy="allow", protocol="tcp", dest_port="443", dest_cidr="10.93.2.11/32", comment="portail"),
            deny(dest_cidr="10.0.0.0/8"),
        ]
    }
    assert lets(firewall, "10.93.2.11", ports("tcp", "443")) == ["portail"]
    assert lets(firewall, "10.93.2.11", ports("udp", "443")) == []
    assert lets(firewall, "198.51.100.7") == ["le reste"]


@pytest.mark.parametrize(
    ("rule", "service", "passes"),
    [
        ({"protocol": "tcp", "dest_port": "80,8000-8010"}, ports("tcp", "8005"), False),
        ({"protocol": "tcp", "dest_port": "80,8000-8010"}, ports("tcp", "81"), True),
        ({"protocol": "udp"}, ports("udp", "53"), False),
        ({"protocol": "udp"}, ports("tcp", "53"), True),
        ({"dest_port": "53"}, ports("tcp", "53"), False),
        ({"ip_ver": "ipv6"}, ports("tcp", "53"), True),
    ],
)
def test_a_rule_is_about_its_protocol_ports_and_version(rule: dict[str, Any], service: Any, passes: bool) -> None:
    assert bool(lets({"rules": [deny(**rule)]}, "198.51.100.7", service)) is passes


def test_without_access_to_the_local_network_private_addresses_are_out_of_reach() -> None:
    firewall = {"rules": [], "allow_lan_access": False}
    assert [lets(firewall, text) for text in ("10.93.2.11", "172.16.0.1", "192.168.1.1")] == [[], [], []]
    assert lets(firewall, "198.51.100.7") == ["le reste"]


def test_a_name_is_not_known_to_be_denied_and_may_be_anything_where_it_is_allowed() -> None:
    assert ssid_rules({"name": "x", "l3_firewall": {"rules": [deny(dest_cidr="exemple.fr")]}}) == ()
    (first, *_) = ssid_rules({"name": "x", "l3_firewall": {"rules": [deny(policy="allow", dest_cidr="exemple.fr")]}})
    assert (first.exact, first.boxes[0].destinations) == (False, ANYWHERE)


def test_an_ssid_without_rules_filters_nothing() -> None:
    assert ssid_rules({"name": "x"}) == ()
    assert ssid_rules({"name": "x", "l3_firewall": {"rules": [], "allow_lan_access": True}}) == ()


PHONES, STAFF = "10.3.0.0/24", "10.1.0.0/24"


def listed(**rule: Any) -> tuple[list[Any], list[Any]]:
    """Return what a rule decides of requests and of answers: decision, traffic, exactness."""
    made = access_list([{"policy": "deny", "src_cidr": STAFF, "dst_cidr": PHONES, **rule}], "ici")
    return tuple([(known.allow, *known.boxes, known.exact) for known in part] for part in made)  # type: ignore[return-value]


def test_a_rule_of_switches_decides_of_a_request_and_of_the_answer_to_the_other_way() -> None:
    there, back = addresses(STAFF), addresses(PHONES)
    assert listed() == ([(False, Box(there, back, ANY_SERVICE), True)], [(False, Box(back, there, ANY_SERVICE), True)])
    web = ports("tcp", "443")
    # A packet that comes from port 443 is the answer of a server.
    assert listed(protocol="tcp", src_port="443") == ([], [(False, Box(back, there, web), True)])
    assert listed(protocol="tcp", dst_port="443") == ([(False, Box(there, back, web), True)], [])


def test_what_depends_on_the_vlan_refuses_nothing_and_may_allow_all() -> None:
    assert listed(vlan="151") == ([], [])
    requests, answers = listed(vlan="151", policy="allow")
    assert (requests[0][0], requests[0][2], answers[0][2]) == (True, False, False)


def test_a_rule_for_all_names_both_versions_only_where_it_says_so() -> None:
    for version, sources in (("ipv4", IPV4), ("ipv6", IPV6), ("any", ANYWHERE)):
        ((_, box, _),) = listed(src_cidr="any", dst_cidr="any", ip_version=version)[0]
        assert (box.sources, box.destinations) == (sources, sources)
