"""Access lists: the first rule decides, and only what crosses the switches meets them."""

from __future__ import annotations

from typing import Any

from piste.town.model import Town
from piste.town.model.flows.access_lists import AccessList, ListRule, access_list, declared_lists, of_site, stops
from piste.town.model.flows.filtering import FilterRule
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.reach import Access, Filters, reached
from piste.town.model.flows.traffic import ANY_SERVICE, ANYWHERE, Box, addresses, ports

STAFF, PHONES, AWAY = addresses("10.1.0.0/24"), addresses("10.3.0.0/24"), addresses("10.9.0.0/24")
HTTPS = ports("tcp", "443")
SITES: Any = {
    "ici": {"segments": {"u": {"subnet": "10.1.0.0/24"}, "t": {"subnet": "10.3.0.0/24"}}},
    "ailleurs": {"segments": {"u": {"subnet": "10.9.0.0/24"}}},
}


def rule(source: Ranges, target: Ranges, services: Ranges = ANY_SERVICE, *, allow: bool = False) -> FilterRule:
    return FilterRule("commutateurs", "essai", allow, (Box(source, target, services),))


def left(*rules: FilterRule, site: str = "ici", core: str | None = None, sent: Ranges = STAFF) -> list[Box]:
    """Return what passes of all that a segment sends, over a core that filters nothing."""
    made = stops({site: AccessList(rules, ())}, SITES, core)
    filters = Filters([], [rule(ANYWHERE, ANYWHERE, allow=True)], STAFF | PHONES | AWAY, (), made)
    access = Access("ici", "u", "interne", "filaire", sent, "core", ())
    return [traffic.box for traffic in reached(access, filters)]


def reach(boxes: list[Box], services: Ranges = HTTPS) -> Ranges:
    return Ranges.union(box.destinations for box in boxes if services <= box.services)


def test_a_refusal_takes_away_what_it_names_and_nothing_else() -> None:
    assert reach(left()) == PHONES | AWAY
    assert reach(left(rule(STAFF, PHONES))) == AWAY
    assert reach(left(rule(STAFF, PHONES, HTTPS))) == AWAY
    assert reach(left(rule(STAFF, PHONES, HTTPS)), ports("tcp", "80")) == PHONES | AWAY
    assert reach(left(rule(PHONES, STAFF))) == PHONES | AWAY


def test_the_first_rule_that_matches_decides() -> None:
    allow = rule(STAFF, PHONES, HTTPS, allow=True)
    assert reach(left(allow, rule(STAFF, ANYWHERE))) == PHONES
    assert reach(left(rule(STAFF, ANYWHERE), allow)) == Ranges()


def test_a_list_acts_on_what_crosses_its_switches_and_the_core_on_all_that_is_routed() -> None:
    everything = rule(ANYWHERE, ANYWHERE)
    assert reach(left(everything, site="ailleurs")) == PHONES
    assert reach(left(everything, site="ailleurs", core="ailleurs")) == Ranges()


def test_the_declared_lists_stop_both_ways_within_a_site_and_between_sites(town: Town) -> None:
    made = stops(declared_lists(town.sites.values()), town.sites, "hotel-de-ville")
    school, ctm = town.sites["ecole-jaures"]["segments"], town.sites["ctm"]["segments"]
    users, phones, away = (
        addresses(site[key]["subnet"])
        for site, key in ((school, "utilisateurs"), (school, "telephonie"), (ctm, "telephonie"))
    )
    for way, names in (
        ((users, phones), {"utilisateurs vers telephonie"}),
        ((phones, users), {"telephonie vers utilisateurs"}),
        ((users, away), {"utilisateurs vers la ville", "la ville vers telephonie"}),
        ((away, users), {"telephonie vers la ville", "la ville vers utilisateurs"}),
    ):
        for rules in (made.requests, made.answers):
            hits = [known for known in rules.rules if any(box.meet(Box(*way, HTTPS)) for box in known.boxes)]
            assert names <= {hit.id for hit in hits} or rules is made.answers
            assert hits
            assert not any(hit.allow for hit in hits)
            assert {hit.system for hit in hits} <= {of_site("ecole-jaures"), of_site("ctm")}


def test_what_an_answer_opens_is_shown_and_never_exact() -> None:
    """The answer comes from the port that was asked: that port reaches all ports back."""
    asked = ListRule("web", True, "tcp", PHONES, "any", STAFF, "443")
    back = ListRule("web : réponses", True, "tcp", STAFF, "443", PHONES, "any")
    ways = ((STAFF, PHONES), (PHONES, STAFF))
    rest = [ListRule("reste", False, "any", source, "any", target, "any") for source, target in ways]
    made = stops({"ici": access_list([asked, back, *rest], "ici")}, SITES, None)
    filters = Filters([], [rule(ANYWHERE, ANYWHERE, allow=True)], STAFF | PHONES, (), made)
    there = reached(Access("ici", "t", "interne", "filaire", PHONES, "core", ()), filters)
    opened = reached(Access("ici", "u", "interne", "filaire", STAFF, "core", ()), filters)
    assert [(traffic.box.services, traffic.rules[-1].id, traffic.exact) for traffic in there] == [(HTTPS, "web", True)]
    (only,) = opened
    assert (only.box.services, only.rules[-1].id, only.exact) == (ports("tcp", "0-65535"), "web : réponses", False)
