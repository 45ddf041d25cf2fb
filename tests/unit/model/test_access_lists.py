"""Access lists: the first rule decides, and only what crosses the switches meets them."""

from __future__ import annotations

from typing import Any

from piste.town.model import Town
from piste.town.model.flows.access_lists import AccessList, declared_lists, of_site, stops
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


def test_the_declared_separations_stop_both_ways_within_a_site_and_nothing_between_sites(town: Town) -> None:
    made = stops(declared_lists(town.sites.values()), town.sites, "hotel-de-ville")
    school, ctm = town.sites["ecole-jaures"]["segments"], town.sites["ctm"]["segments"]
    users, phones = (addresses(school[key]["subnet"]) for key in ("utilisateurs", "telephonie"))
    for way in ((users, phones), (phones, users)):
        for rules in made:
            (hit,) = [known for known in rules.rules if any(box.meet(Box(*way, HTTPS)) for box in known.boxes)]
            assert (hit.system, hit.id, hit.allow) == (of_site("ecole-jaures"), "postes-telephones", False)
    away = Box(users, addresses(ctm["telephonie"]["subnet"]), ANY_SERVICE)
    assert not [known for known in made.requests.rules if any(box.meet(away) for box in known.boxes)]
