"""Rules of the SMC as neutral rules: traffic, inexact rules, agreement with the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from piste.systems.forcepoint.filtering import alias_values, filter_rules, translations, unread
from piste.systems.forcepoint.intent import smc_intent
from piste.town.model import load
from piste.town.model.flows.filtering import FilterRule, passed
from piste.town.model.flows.policy import filter_rules as model_rules
from piste.town.model.flows.traffic import ANY_SERVICE, ANYWHERE, Box, addresses, ports

ROOT = Path(__file__).parents[3]
ELEMENTS: list[dict[str, Any]] = [
    {"type": "host", "name": "serveur", "address": "10.93.2.11", "secondary": ["10.93.2.12"]},
    {"type": "network", "name": "ecole", "ipv4_network": "10.93.45.0/24"},
    {"type": "address_range", "name": "plage", "ip_range": "10.93.2.20-10.93.2.29"},
    {"type": "ip_list", "name": "liste", "addresses": ["203.0.113.0/24", "198.51.100.7"]},
    {"type": "group", "name": "tous", "members": ["host/serveur", "group/plages"]},
    {"type": "group", "name": "plages", "members": ["address_range/plage"]},
    {"type": "group", "name": "boucle", "members": ["group/boucle", "host/serveur"]},
    {"type": "domain_name", "name": "exemple.fr"},
    {"type": "tcp_service", "name": "https", "ports": "443"},
    {"type": "tcp_service", "name": "bas", "ports": "443", "source_ports": "1-1023"},
    {"type": "service_group", "name": "web", "members": ["tcp_service/https"]},
]


def rule(name: str, **more: Any) -> dict[str, Any]:
    cells = {"sources": ["any"], "destinations": ["any"], "services": ["any"], "action": ["allow"]}
    return {"id": name, **cells, **more}


def read(*rules: dict[str, Any], subs: tuple[dict[str, Any], ...] = ()) -> list[FilterRule]:
    policy = {"type": "fw_policy", "name": "VLB", "scope": "whole", "ipv4_access": [{"section": "Ville"}, *rules]}
    return filter_rules(ELEMENTS, [policy, *subs], "VLB")


def lets(rules: list[FilterRule], source: str, destination: str, service: Any = ANY_SERVICE) -> list[tuple[str, bool]]:
    traffic = Box(addresses(source), addresses(destination), service)
    return list(dict.fromkeys((part.rule.id, part.rule.exact) for part in passed(rules, traffic)))


def test_elements_mean_their_addresses_and_groups_those_of_their_members() -> None:
    rules = read(rule("tous", destinations=["group/tous"]), rule("liste", destinations=["ip_list/liste"]))
    for inside in ("10.93.2.11", "10.93.2.12", "10.93.2.25"):
        assert lets(rules, "10.93.45.1", inside) == [("tous", True)]
    assert lets(rules, "10.93.45.1", "10.93.2.30") == []
    assert lets(rules, "10.93.45.1", "198.51.100.7") == [("liste", True)]


def test_the_first_rule_decides_and_a_disabled_one_does_not_count() -> None:
    rules = read(
        rule("éteinte", disabled=True, action=["discard"]),
        rule("suite", action=["continue"]),
        rule("refus", sources=["network/ecole"], destinations=["host/serveur"], action=["refuse"]),
        rule("reste", services=["service_group/web"]),
    )
    assert lets(rules, "10.93.45.1", "10.93.2.11", ports("tcp", "443")) == []
    assert lets(rules, "10.93.46.1", "10.93.2.11", ports("tcp", "443")) == [("reste", True)]
    assert lets(rules, "10.93.46.1", "10.93.2.11", ports("tcp", "80")) == []


def test_an_action_that_no_table_knows_counts_as_letting_pass_and_an_entry_of_the_block_list_does_not() -> None:
    rules = read(rule("liste", action=["block_list"]), rule("neuve", action=["action_de_demain"]))
    assert lets(rules, "10.93.45.1", "10.93.2.11") == [("neuve", False)]


def test_a_category_of_sites_is_no_address_so_what_follows_its_refusal_passes_at_most() -> None:
    web, outside = ports("tcp", "443"), "198.51.100.7"
    school = {"sources": ["network/ecole"]}
    rules = read(
        rule("sauf", **school, services=["url_list_application/permis"]),
        rule("charte", **school, services=["url_category/Games", "url_category_group/Security"], action=["discard"]),
        rule("web", services=["tcp_service/https"]),
        rule("reste", destinations=["host/serveur"]),
    )
    assert lets(rules, "10.93.45.1", outside, web) == [("sauf", False)]
    assert lets(rules, "10.93.45.1", outside, ports("udp", "53")) == []
    assert lets(rules[1:], "10.93.45.1", outside, web) == [("web", False)]
    assert lets(rules[1:], "10.93.45.1", "10.93.2.11", ports("udp", "53")) == [("reste", False)]
    assert "charte" not in [rule.id for rule in rules]


def test_a_jump_goes_through_the_sub_policy_and_comes_back() -> None:
    sub = {
        "type": "sub_ipv4_fw_policy",
        "name": "ecoles",
        "scope": "whole",
        "ipv4_access": [
            rule("dans", destinations=["host/serveur"]),
            rule("non", services=["tcp_service/https"], action=["discard"]),
        ],
    }
    jump = rule("saut", sources=["network/ecole"], action=["jump"], sub_policy="sub_ipv4_fw_policy/ecoles")
    rules = read(jump, rule("après"), subs=(sub,))
    assert lets(rules, "10.93.45.1", "10.93.2.11") == [("dans", True)]
    assert lets(rules, "10.93.45.1", "10.93.9.9", ports("tcp", "443")) == []
    assert lets(rules, "10.93.45.1", "10.93.9.9", ports("tcp", "80")) == [("après", True)]
    assert lets(rules, "10.93.46.1", "10.93.9.9") == [("après", True)]
    assert lets(read(jump), "10.93.45.1", "10.93.9.9") == [("saut", False)]


def test_a_policy_stands_at_the_insert_point_of_its_template_and_of_the_one_above() -> None:
    def template(name: str, above: str, *rules: dict[str, Any]) -> dict[str, Any]:
        return {"type": "fw_template_policy", "name": name, "template": above, "ipv4_access": list(rules)}

    automatic = {"insert_point": "automatique", "insert_point_type": "automatic"}
    house = template(
        "maison", "fw_template_policy/base", rule("avant"), automatic, {"insert_point": "ici"}, rule("après")
    )
    base = template("base", "fw_template_policy/Firewall Template", {"insert_point": "ici"}, rule("fin"))
    policy = {
        "type": "fw_policy",
        "name": "VLB",
        "scope": "whole",
        "template": "fw_template_policy/maison",
        "ipv4_access": [rule("milieu")],
    }
    rules = filter_rules(ELEMENTS, [policy, house, base], "VLB")
    assert [rule.id for rule in rules] == ["avant", "milieu", "après", "fin"]


def test_what_rules_and_groups_name_and_nobody_read_is_to_be_asked_for() -> None:
    policy = {
        "type": "fw_policy",
        "name": "VLB",
        "ipv4_access": [rule("oui", services=["tcp_service/HTTPS", "tcp_service/https"], sources=["alias/$$ inconnu"])],
        "ipv4_nat": [rule("nat", destinations=["host/ailleurs"])],
    }
    group = {"type": "service_group", "name": "lu", "members": ["udp_service/NTP"]}
    assert unread([*ELEMENTS, group], [policy]) == [
        {"type": "alias", "name": "$$ inconnu"},
        {"type": "host", "name": "ailleurs"},
        {"type": "tcp_service", "name": "HTTPS"},
        {"type": "udp_service", "name": "NTP"},
    ]


def test_an_alias_is_at_most_all_that_it_stands_for_on_any_engine() -> None:
    values = {"fw_cluster/x": {"elements": ["address_range/plage"]}}
    alias = {"type": "alias", "name": "a", "default_values": ["host/serveur"], "engine_values": values}
    policy = {"type": "fw_policy", "name": "VLB", "ipv4_access": [rule("oui", destinations=["alias/a"])]}
    rules = filter_rules([*ELEMENTS, alias], [policy], "VLB")
    for inside in ("10.93.2.11", "10.93.2.25"):
        assert lets(rules, "10.93.45.1", inside) == [("oui", False)]
    assert lets(rules, "10.93.45.1", "10.93.2.30") == []


def test_what_cannot_be_computed_allows_the_most_and_denies_nothing() -> None:
    for cell in (
        {"destinations": ["domain_name/exemple.fr"]},
        {"destinations": ["group/boucle"]},
        {"destinations": ["alias/$$ inconnu"]},
        {"services": ["tcp_service/HTTPS"]},
        {"services": ["tcp_service/bas"]},
        {"auth_users": ["user/dupont"]},
        {"validity_times": ["validity_time/nuit"]},
    ):
        assert lets(read(rule("oui", **cell)), "10.93.45.1", "10.93.2.11", ports("tcp", "443")) == [("oui", False)]
        denied = read(rule("non", action=["discard"], **cell), rule("reste"))
        assert lets(denied, "10.93.45.1", "10.93.2.11", ports("tcp", "443")) == [("reste", True)]


def test_the_list_of_a_version_says_nothing_of_the_other() -> None:
    (everything,) = read(rule("tout"))
    assert not everything.boxes[0].sources & addresses("2001:db8::/32")


def test_a_published_server_is_found_behind_its_address() -> None:
    nat = rule("vitrine", destinations=["ip_list/liste"], static_dst_nat={"translated": {"element": "host/serveur"}})
    policy = {"type": "fw_policy", "name": "VLB", "ipv4_nat": [nat, rule("sortie", dynamic_src_nat={})]}
    (translation,) = translations(ELEMENTS, [policy], "VLB")
    assert translation.exact
    assert (translation.id, translation.server) == ("vitrine", addresses("10.93.2.11") | addresses("10.93.2.12"))
    assert translation.taken.destinations == addresses("203.0.113.0/24") | addresses("198.51.100.7")


def test_translations_that_lead_elsewhere_are_read_in_order() -> None:
    def nat(name: str, **more: Any) -> dict[str, Any]:
        return {"id": name, "sources": ["any"], "destinations": ["ip_list/liste"], "services": ["any"], **more}

    pool = {"dynamic_dst_nat": {"to": [{"element": "host/serveur"}, {"address": "10.93.2.40"}]}}
    rules = [
        nat("telle quelle"),
        nat("éteinte", disabled=True),
        nat("nulle part", used_on="none", **pool),
        nat("grappe", **pool),
        nat("ailleurs", used_on="fw_cluster/autre", **pool),
        nat("inconnue", static_dst_nat={"translated": {"element": "alias/$$ inconnu"}}),
        nat("sortie", dynamic_src_nat={}),
    ]
    read_back = translations(ELEMENTS, [{"type": "fw_policy", "name": "VLB", "ipv4_nat": rules}], "VLB")
    pooled = addresses("10.93.2.11") | addresses("10.93.2.12") | addresses("10.93.2.40")
    assert [(translation.id, translation.server, translation.exact) for translation in read_back] == [
        ("telle quelle", None, True),
        ("grappe", pooled, True),
        ("ailleurs", pooled, False),
        ("inconnue", ANYWHERE, False),
    ]


def test_what_is_written_lets_pass_what_the_model_judged() -> None:
    """The rules of the town, read back from the SMC's form, are those of the model."""
    town = load(ROOT / "inventories" / "town").require()
    assert town.commune is not None
    intent = smc_intent(town.commune)
    written = filter_rules(intent["elements"], intent["installed"], "VLB")
    model = model_rules(town.commune["firewall"])
    # A rule for both versions of IP stands in two lists.
    closing = written.pop()
    joined = [rule for rule in written if rule.id != closing.id]
    assert [(rule.id, rule.allow, rule.boxes, rule.exact) for rule in joined] == [
        (rule.id, rule.allow, rule.boxes, rule.exact) for rule in model[:-1]
    ]
    assert {rule.id.partition(".")[0] for rule in model if not rule.exact} == {"ecoles-web"}
    assert (model[-1].id, model[-1].boxes) == (closing.id, (Box(ANYWHERE, ANYWHERE, ANY_SERVICE),))


def test_an_alias_whose_value_an_engine_loses_keeps_the_others() -> None:
    values = {"fw_cluster/a": None, "fw_cluster/b": {"elements": ["host/serveur"]}}
    item = {"type": "alias", "name": "$ serveurs", "default_values": ["network/ecole"], "engine_values": values}
    assert alias_values(item) == ["network/ecole", "host/serveur"]
