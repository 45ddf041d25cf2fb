"""The way of traffic, the rules that it meets, and the traffic that must not arrive."""

from __future__ import annotations

import pytest

from piste.town.model.flows.filtering import FilterRule, allow_all
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.reach import Access, Filters, Translation, isolation, reached
from piste.town.model.flows.traffic import ANY_SERVICE, ANYWHERE, Box, addresses, ports

TOWN = addresses("10.93.0.0/16")
GUESTS, PUPILS, STAFF, PHONES = (addresses(f"10.93.{number}.0/24") for number in (4, 5, 1, 3))
SERVER, WEB = addresses("10.93.2.11"), addresses("198.51.100.7")
HTTPS, DNS = ports("tcp", "443"), ports("udp", "53")
CORE = [allow_all("cœur", "routé")]
SHOP = Translation("vitrine", Box(ANYWHERE, WEB, HTTPS), SERVER)


def rule(name: str, sources: Ranges, destinations: Ranges, services: Ranges = ANY_SERVICE, **more: bool) -> FilterRule:
    made = Box(sources, destinations, services)
    return FilterRule("pare-feu", name, more.get("allow", True), (made,), more.get("exact", True))


def access(subnet: Ranges, zone: str = "interne", gateway: str = "ngfw", rules: tuple[FilterRule, ...] = ()) -> Access:
    return Access("ici", "essai", zone, "filaire", subnet, gateway, rules)  # type: ignore[arg-type]


def filters(
    *rules: FilterRule, core: list[FilterRule] | None = None, translations: tuple[Translation, ...] = ()
) -> Filters:
    return Filters(rules, CORE if core is None else core, STAFF | PHONES, translations)


def ways(way: Access, by: Filters) -> list[tuple[list[str], Ranges]]:
    return [([rule.id for rule in passing.rules], passing.arrives) for passing in reached(way, by)]


def verdict(way: Access, by: Filters, *excepted: FilterRule) -> tuple[list[str], list[str]]:
    (judged,) = isolation([way], by, TOWN, excepted)
    return ([hit.rules[-1].id for hit in judged.excepted], [hit.rules[-1].id for hit in judged.wrong])


def test_two_segments_of_the_core_meet_there_and_the_rest_passes_the_firewall() -> None:
    by = filters(rule("vers-le-serveur", STAFF, SERVER))
    assert ways(access(STAFF, gateway="core"), by) == [(["routé"], PHONES), (["vers-le-serveur"], SERVER)]
    assert ways(access(GUESTS), filters(rule("vers-les-postes", GUESTS, STAFF))) == [(["vers-les-postes"], STAFF)]


def test_rules_of_the_core_filter_what_meets_there() -> None:
    stops = [FilterRule("cœur", "non", False, (Box(STAFF, PHONES, ANY_SERVICE),)), *CORE]
    assert ways(access(STAFF, gateway="core"), filters(core=stops)) == []


def test_a_wifi_client_meets_the_rules_of_its_ssid_then_the_firewall() -> None:
    deny = FilterRule("VLB-Invites", "10.0.0.0/8", False, (Box(ANYWHERE, addresses("10.0.0.0/8"), ANY_SERVICE),))
    wifi = access(GUESTS, "invite", rules=(deny, allow_all("VLB-Invites", "le reste")))
    by = filters(rule("web", GUESTS, ANYWHERE, HTTPS))
    assert [rules for rules, _ in ways(wifi, by)] == [["le reste", "web"]]
    assert verdict(wifi, by) == ([], [])
    assert verdict(access(GUESTS, "invite"), by) == ([], ["web"])


def test_guests_have_no_exception_and_others_only_the_one_that_is_said() -> None:
    dns = rule("noms", GUESTS | PUPILS, SERVER, DNS)
    by = filters(dns, rule("trop", PUPILS, SERVER, HTTPS))
    assert verdict(access(PUPILS, "pedagogique"), by, dns) == (["noms"], ["trop"])
    assert verdict(access(GUESTS, "invite"), by, dns) == ([], ["noms"])


def test_a_refusal_before_an_allowance_isolates_and_after_it_does_not() -> None:
    refuse, allow = rule("refus", PUPILS, TOWN, allow=False), rule("web", PUPILS, ANYWHERE, HTTPS)
    assert verdict(access(PUPILS, "pedagogique"), filters(refuse, allow)) == ([], [])
    assert verdict(access(PUPILS, "pedagogique"), filters(allow, refuse)) == ([], ["web"])


def test_a_published_address_leads_inside_and_is_judged_where_it_arrives() -> None:
    web = rule("web", PUPILS, addresses("198.51.100.0/24"), HTTPS)
    by = filters(web, translations=(SHOP,))
    by_change = {traffic.changed: traffic for traffic in reached(access(PUPILS, "pedagogique"), by)}
    assert by_change["vitrine"].arrives == SERVER
    assert by_change[None].arrives == addresses("198.51.100.0/24") - WEB
    assert verdict(access(PUPILS, "pedagogique"), by) == ([], ["web"])
    assert verdict(access(PUPILS, "pedagogique"), by, web) == (["web"], [])


@pytest.mark.parametrize("exact", [True, False])
def test_the_first_translation_that_takes_traffic_is_the_only_one(exact: bool) -> None:
    every = rule("web", PUPILS, ANYWHERE, HTTPS)
    kept = Translation("sortie", Box(PUPILS, ANYWHERE, ANY_SERVICE), None, exact)
    passing = reached(access(PUPILS), filters(every, translations=(kept, SHOP)))
    assert [traffic.changed for traffic in passing] == ([None] if exact else ["vitrine", None])


def test_what_a_translation_may_not_take_is_judged_where_it_was_sent_too() -> None:
    """A translation of an internal address to the outside, on an unknown engine, hides nothing."""
    away = Translation("ailleurs", Box(ANYWHERE, SERVER, ANY_SERVICE), WEB, exact=False)
    web = rule("web", PUPILS, SERVER, HTTPS)
    assert verdict(access(PUPILS, "pedagogique"), filters(web, translations=(away,))) == ([], ["web"])
    assert verdict(access(PUPILS, "pedagogique"), filters(web, translations=(away._replace(exact=True),))) == ([], [])
    inward = Translation("dedans", Box(ANYWHERE, WEB, ANY_SERVICE), SERVER, exact=False)
    first, _ = reached(access(PUPILS), filters(rule("web", PUPILS, WEB, HTTPS), translations=(inward,)))
    assert (first.changed, first.exact) == ("dedans", False)


def test_inside_a_segment_nothing_is_judged_and_an_internal_one_neither() -> None:
    assert verdict(access(PUPILS, "pedagogique"), filters(rule("entre-eux", PUPILS, PUPILS))) == ([], [])
    assert isolation([access(STAFF)], filters(rule("tout", STAFF, ANYWHERE)), TOWN, ()) == []


def test_what_is_not_exact_is_known_as_such() -> None:
    (passing,) = reached(access(PUPILS), filters(rule("nom", PUPILS, ANYWHERE, exact=False)))
    assert not passing.exact
