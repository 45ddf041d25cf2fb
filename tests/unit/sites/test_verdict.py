"""The verdict on a pair of places: by rules and routes, each way, with its evidence."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from piste.engine.converge.errors import Missing, Misused
from piste.sites.flows import ISOLATED, UNKNOWN, VIOLATED, Picture, Rules, declared_rules
from piste.sites.verdict import LAST, Answer, Verdicts, verdict
from piste.town import declared
from piste.town.model import Town
from piste.town.model.routing.trace import Router, unread
from tests.unit.sites.readings import routers

USERS, PHONES = "utilisateurs@ccas", "telephonie@ccas"


@cache
def town() -> Town:
    return declared.rule()


@cache
def plain() -> Verdicts:
    return Verdicts(town())


def judged(
    *asked: str, lists: dict[str, list[dict[str, Any]]] | None = None, routed: list[Router] | None = None
) -> Answer:
    """Judge a pair, with other access lists of some sites or other routers than declared."""
    rules = declared_rules(town())
    known = {**rules.access_lists, **(lists or {})}
    return Verdicts(town(), replace(rules, access_lists=known), routed).of(*asked)


@pytest.mark.parametrize(
    ("source", "destination", "service", "expected"),
    [
        (USERS, PHONES, "https", ("stopped", "commutateurs de ccas : utilisateurs vers telephonie", "coeur-hdv")),
        (USERS, "telephonie@ctm", "https",
         ("stopped", "commutateurs de ccas : utilisateurs vers la ville", "coeur-hdv")),
        ("utilisateurs@ecole-jaures", "utilisateurs@police-municipale", "smb",
         ("stopped", "commutateurs de ecole-jaures : utilisateurs vers la ville", "coeur-hdv fw-hdv")),
        (PHONES, "telephonie@ctm", "rtp", ("passes", "commutateurs : telephones", "coeur-hdv")),
        (USERS, "hdv-imp1", "impression", ("passes", "pare-feu : postes-impression.ccas", "coeur-hdv fw-hdv")),
        (USERS, "hdv-dc1", "tcp/1", ("stopped", "pare-feu : refus-journalise", "coeur-hdv fw-hdv")),
        ("invites@mediatheque", "hdv-dc1", "dns", ("stopped", "VLB-Invites : Isolement des invités", "fw-hdv")),
        ("10.93.101.60", "hdv-imp1", "tcp/443", ("passes", "pare-feu : public-impression.mediatheque", "fw-hdv")),
        (USERS, "utilisateurs@ccas", "icmp", ("passes", "même segment : rien n’y est routé, ni filtré", "")),
        ("exterieur", "hdv-dc1", "ip/47", ("stopped", "pare-feu : refus-journalise", "")),
    ],
)
def test_a_pair_is_judged_with_its_rules_and_its_routers(
    source: str, destination: str, service: str, expected: tuple[str, str, str]
) -> None:
    answer = plain().of(source, destination, service)
    assert (answer.state, ", ".join(answer.by), " ".join(answer.hops)) == expected


def test_what_a_firewall_lets_pass_in_part_is_said() -> None:
    answer = plain().of(USERS, "internet", "tcp")
    assert answer.state == "partly"
    assert "pare-feu : web.ccas" in answer.by


def test_a_refusal_of_a_single_way_stops_the_answer() -> None:
    """The request arrives, and a datagram would too: only the exchange is stopped."""
    phones, users = (town().sites["ccas"]["segments"][key]["subnet"] for key in ("telephonie", "utilisateurs"))
    back = {"policy": "deny", "comment": "retour", "src_cidr": phones, "dst_cidr": users}
    answer = judged(USERS, PHONES, "https", lists={"ccas": [back]})
    assert (answer.state, answer.by, answer.why) == (
        "stopped", ("commutateurs de ccas : retour",), "la réponse est arrêtée"
    )  # fmt: skip
    rows = Picture(town(), replace(declared_rules(town()), access_lists={"ccas": [back]})).rows("ccas")
    assert any("telephonie@every" in row.destinations for row in rows if row.segment == "utilisateurs")


def test_a_pair_of_sites_is_stopped_as_soon_as_either_filters() -> None:
    nothing: dict[str, list[dict[str, Any]]] = {name: [] for name in ("ccas", "ctm", "mediatheque")}
    assert judged(USERS, "telephonie@ctm", "https", lists=nothing).state == "passes"
    (by,) = judged(USERS, "telephonie@ctm", "https", lists={"ccas": []}).by
    assert by == "commutateurs de ctm : la ville vers telephonie"
    phones = town().sites["ctm"]["segments"]["telephonie"]["subnet"]
    stop = {"policy": "deny", "comment": "entre sites", "dst_cidr": phones}
    for site, state in (("hotel-de-ville", "stopped"), ("ctm", "stopped"), ("mediatheque", "passes")):
        answer = judged(USERS, "telephonie@ctm", "https", lists={**nothing, site: [stop]})
        assert answer.state == state
        assert (f"commutateurs de {site} : entre sites" in answer.by) is (state == "stopped")


def test_lists_that_were_not_read_leave_a_doubt() -> None:
    rules = declared_rules(town())
    known = {name: listed for name, listed in rules.access_lists.items() if name != "ctm"} | {"ccas": []}
    partial = Verdicts(town(), replace(rules, access_lists=known))
    answer = partial.of(USERS, "telephonie@ctm", "https")
    assert (answer.state, answer.why) == ("unknown", "listes d’accès pas lues : ctm")
    assert partial.of(USERS, "telephonie@mediatheque", "https").state == "stopped"
    judged_ = {access.segment: access.verdict for access in partial.picture.judged("ccas") if access.zone == "interne"}
    assert judged_ == {"utilisateurs": VIOLATED, "telephonie": VIOLATED}, "what is within the site is known"
    rest = [rule for rule in rules.access_lists["ccas"] if rule["dst_cidr"] != "10.93.0.0/16"]
    doubtful = Verdicts(town(), replace(rules, access_lists={"ccas": rest})).picture.judged("ccas")
    assert {access.verdict for access in doubtful if access.zone == "interne"} == {UNKNOWN}


def test_a_route_that_lacks_stops_and_a_silent_router_is_unknown() -> None:
    made = copy.deepcopy(routers(town()))
    users = town().sites["ccas"]["segments"]["utilisateurs"]["subnet"]
    made[1]["routes"] = [route for route in made[1]["routes"] if route["destination"] != users]
    lost = judged(USERS, "hdv-imp1", "impression", routed=made)
    assert (lost.state, lost.by) == ("stopped", ("routes",))
    assert "fw-hdv" in lost.why
    silent = judged(USERS, "hdv-imp1", "impression", routed=[made[0], unread("fw-hdv", "sans réponse")])
    assert (silent.state, silent.by) == ("unknown", ("pare-feu : postes-impression.ccas",))
    refused = judged(USERS, "hdv-dc1", "tcp/1", routed=[made[0], unread("fw-hdv", "sans réponse")])
    assert refused.state == "stopped"


def test_no_rule_at_all_is_a_refusal() -> None:
    rules = declared_rules(town())
    policies = [{**policy, "ipv4_access": []} if policy["name"] == "VLB" else policy for policy in rules.policies]
    answer = Verdicts(town(), replace(rules, policies=policies)).of(USERS, "hdv-dc1", "dns")
    assert (answer.state, answer.by) == ("stopped", (LAST,))


def guests(rules: Rules) -> set[str]:
    return {access.verdict for access in Picture(town(), rules).judged() if access.segment == "invites"}


def test_guests_that_the_firewall_lets_in_are_isolated_where_the_switches_stop_them() -> None:
    hole = {"id": "trou", "name": "trou", "sources": ["any"], "destinations": ["any"], "services": ["any"]}
    rules = declared_rules(town())
    first = {**rules.policies[1], "ipv4_access": [{**hole, "action": ["allow"]}, *rules.policies[1]["ipv4_access"]]}
    open_ = replace(rules, policies=[rules.policies[0], first, *rules.policies[2:]], ssids={})
    assert guests(open_) == {VIOLATED}
    lists = {
        name: [{"policy": "deny", "src_cidr": site["segments"]["invites"]["subnet"], "dst_cidr": "10.93.0.0/16"}]
        for name, site in town().sites.items()
        if "invites" in site["segments"]
    }
    assert ISOLATED in guests(replace(open_, access_lists=lists))


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ((USERS, PHONES, "httpss"), Missing, "https"),
        ((USERS, "nulle-part", "https"), Missing, "ni un nom de la matrice"),
        (("utilisateurs", "hdv-dc1", "dns"), Misused, "plusieurs endroits"),
        ((USERS, "hdv-dc1", "dns", "VLB-Invites"), Missing, "pas d’accès"),
    ],
)
def test_a_question_that_has_no_sense_is_refused(asked: tuple[str, ...], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        plain().of(*asked)


def test_an_access_by_wifi_meets_its_ssid() -> None:
    assert plain().of(USERS, "hdv-imp1", "impression", "VLB-Agents").state == "passes"
    assert verdict(town(), USERS, PHONES, "https") == plain().of(USERS, PHONES, "https")
