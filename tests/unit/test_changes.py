"""Values of an operation in words: fields, maps, lists, ordered rules, policies, secrets."""

from __future__ import annotations

from typing import Any

import pytest

from piste.runs.changes import changes

SECRET = {"secret": "meraki/ssid/VLB-Agents/psk", "fingerprint": "0123456789abcdef"}
OTHER_SECRET = {**SECRET, "fingerprint": "fedcba9876543210"}
RULES = [{"id": name, "action": "allow"} for name in ("dns", "web", "noms", "mail")]


def update(before: Any, after: Any, name: str = "x") -> list[str]:
    content = {"before": {name: before}, "after": {name: after}}
    return changes({"kind": "k", "action": "update", "label": "l", "fields": [name], "content": content})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, 151, ["x : 1 → 151"]),
        (None, "a", ["x : aucun → a"]),
        ("a", "", ["x : a → vide"]),
        (False, True, ["x : non → oui"]),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, ["x › b : 2 → 3"]),
        ({"a": {"b": 2}}, {"a": {"b": 3, "c": True}}, ["x › a › b : 2 → 3", "x › a › c : oui"]),
        ({"a": 1}, {}, ["- x › a : 1"]),
        (["a", "b"], ["b", "c"], ["x : + c, - a"]),
        (["a", "b", "c"], ["c", "a", "b"], ["x : ↕ c"]),
        ([], ["a"], ["x : + a"]),
        (None, [{"host": "10.0.0.1", "port": 514}], ["+ x 10.0.0.1 : port 514"]),
        ([{"host": "h", "port": 1}], [{"host": "h", "port": 2}], ["~ x h : port : 1 → 2"]),
        ([{"a": 1}], [{"a": 1}, {"a": 2}], ["+ x a 2"]),
        (SECRET, OTHER_SECRET, ["x : secret changé"]),
        (None, SECRET, ["x : secret posé"]),
        (SECRET, None, ["x : secret retiré"]),
        (
            [{"host": "h", "secret": SECRET}],
            [{"host": "h", "secret": OTHER_SECRET}],
            ["~ x h : secret : secret changé"],
        ),
        ("a", ["b"], ["x : a → b"]),
        ([["a"], ["b"]], [["b"], ["a"]], ["x : ↕ b"]),
        (["a", "a"], ["a"], ["x : - a"]),
        (["a"], ["a", "a"], ["x : + a"]),
        (None, [], ["x : aucun → aucun"]),
        (["h"], [{"id": "h"}], ["~ x h : h → id h"]),
        ([{"id": "h", "port": 1}], [{"id": "h"}], ["~ x h : - port : 1"]),
    ],
)
def test_a_change_is_said_by_what_moved(before: Any, after: Any, expected: list[str]) -> None:
    assert update(before, after) == expected


def of(kind: str, system: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    content = {"before": before, "after": after}
    described = {"kind": kind, "system": system, "action": "update", "label": "l", "fields": [*after]}
    return changes({**described, "content": content})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1,100,344,400", "1,100,344,350,352,354-355,400", "+ 350, 352, 354-355"),
        ("1-10,20", "2-10,21", "+ 21 ; - 1, 20"),
        ("1-4094", "1-154,156-4094", "- 155"),
        ("all", "1,100", "all → 1,100"),
        ("", "1,100", "vide → 1,100"),
    ],
)
def test_a_list_of_vlans_says_what_comes_and_what_goes(before: str, after: str, expected: str) -> None:
    shown = of("switch_port", "meraki", {"allowed_vlans": before}, {"allowed_vlans": after})
    assert shown == [f"VLAN autorisés : {expected}"]


def test_other_texts_that_are_lists_say_it_too() -> None:
    before, after = {"categories": {"Outil": "Citrix, GLPI"}}, {"categories": {"Outil": "Citrix, Zabbix"}}
    assert of("vm", "prism", before, after) == ["catégories › Outil : + Zabbix ; - GLPI"]


def test_a_text_of_people_is_no_list() -> None:
    assert of("switch_port", "meraki", {"name": "a, b"}, {"name": "a, c"}) == ["nom : a, b → a, c"]


@pytest.mark.parametrize(
    ("kind", "system", "field", "before", "after", "expected"),
    [
        ("switch_port", "meraki", "type", "trunk", "access", "mode : trunk → accès"),
        ("switch_port", "meraki", "stp_guard", "disabled", "bpdu guard", "garde STP : aucune → garde BPDU"),
        ("switch_port", "meraki", "mac_allow_list", ["a", "b"], ["b", "c"], "adresses MAC admises : + c, - a"),
        ("ssid", "meraki", "default_vlan_id", 10, 151, "VLAN des clients : 10 → 151"),
        ("ssid", "meraki", "schedule", {"enabled": False}, {"enabled": True}, "horaire › actif : non → oui"),
        (
            "network_settings", "meraki", "storm_control", {"broadcast_threshold": 100}, {"broadcast_threshold": 20},
            "protection contre les tempêtes › diffusion : 100 → 20",
        ),
        (
            "network_settings", "meraki", "quality", {"rules": []}, {"rules": [{"vlan": 143, "dscp": 46}]},
            "+ priorités du trafic › règle VLAN 143, marque DSCP 46",
        ),
        (
            "policy", "smc", "ipv4_access", [{"id": "a", "sources": ["x", "y"]}], [{"id": "a", "sources": ["x", "z"]}],
            "~ règle a : sources : + z, - y",
        ),
        ("vm", "prism", "power", "stopped", "running", "marche : arrêtée → en marche"),
        ("group", "ad", "members", {"vlan": True, "a": True}, {"a": True, "b": True}, "membres : + b, - vlan"),
        ("print_queue", "print", "duplexing", "one_sided", "long_edge", "recto verso : non → oui, bord long"),
        ("dhcp_scope", "dhcp", "lease", 604_800, 5_400, "durée de bail : 7 jours → 1 heure 30 minutes"),
        ("ssid", "meraki", "per_client_bandwidth_limit_up", 500, 0, "montant d’un client : 500 kbit/s → sans limite"),
        ("ssid", "meraki", "min_bitrate", 5.5, 12, "débit minimal : 5,5 Mbit/s → 12 Mbit/s"),
        ("unknown", "meraki", "vlan", 1, 2, "vlan : 1 → 2"),
    ],
)  # fmt: skip
def test_a_field_and_its_values_read_as_people_say_them(
    kind: str, system: str, field: str, before: Any, after: Any, expected: str
) -> None:
    assert of(kind, system, {field: before}, {field: after}) == [expected]


def test_the_way_back_reads_the_other_way_round() -> None:
    assert (update(1, 151, "vlan"), update(151, 1, "vlan")) == (["vlan : 1 → 151"], ["vlan : 151 → 1"])


def test_rules_come_go_change_and_move() -> None:
    dns, web, names, mail = RULES
    after = [names, dns, {**web, "action": "discard"}, {"id": "surete-journaux", "services": ["udp_service/syslog"]}]
    assert of("policy", "smc", {"ipv4_access": [dns, web, names, mail]}, {"ipv4_access": after}) == [
        "- règle mail",
        "~ règle web : action : autorise → jette",
        "+ règle surete-journaux : services udp_service/syslog",
        "↕ règle noms",
    ]


def test_a_group_policy_has_its_label_and_its_unit() -> None:
    before = {"policies": {"power.sleep_after_ac": 600, "edge.in_private": "allowed"}}
    after = {"policies": {"power.sleep_after_ac": 720, "power.display_off_after_ac": 300, "unknown.name": True}}
    assert update(before, after, "computer") == [
        "veille sur secteur : 10 minutes → 12 minutes",
        "- navigation InPrivate : allowed",
        "extinction de l’écran sur secteur : 5 minutes",
        "unknown.name : oui",
    ]


def test_a_new_object_has_its_values_and_a_removed_object_only_on_demand() -> None:
    content = {"name": "sw-jau-01", "serial": "Q-1", "tags": [], "notes": None, "vlan": 150, "psk": SECRET}
    new = {
        "kind": "device",
        "action": "create",
        "label": "sw-jau-01",
        "fields": [*content],
        "content": {"before": None, "after": content},
    }
    assert changes(new) == ["serial : Q-1", "vlan : 150", "psk : secret posé"]
    gone = {**new, "action": "delete", "content": {"before": content, "after": None}}
    assert (changes(gone), changes(gone, removed=True)) == ([], changes(new))


def test_what_recognises_a_network_is_no_content_of_it() -> None:
    content = {"name": "VLB ccas", "others": ["VLB rpe"], "devices": ["Q-1"], "formerly": ["CCAS"], "tags": ["social"]}
    new = {"kind": "network", "action": "create", "label": "VLB ccas", "fields": [*content]}
    assert changes({**new, "content": {"before": None, "after": content}}) == ["tags : + social"]


def test_a_unit_follows_a_number_alone_and_a_secret_of_a_policy_shows_no_value() -> None:
    name, label = "power.sleep_after_ac", "veille sur secteur"
    assert update({name: None}, {name: 600}, "policies") == [f"{label} : aucun → 10 minutes"]
    assert update({name: 600}, {}, "policies") == [f"- {label} : 10 minutes"]
    assert update({name: SECRET}, {name: OTHER_SECRET}, "policies") == [f"{label} : secret changé"]
