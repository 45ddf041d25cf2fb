"""Accesses to the segments of a site: its SSIDs, and the ports that lead there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from .access_lists import declared_lists, stops
from .ends import IN_SERVICE, TOWN
from .filtering import FilterRule, allow_all
from .number_ranges import Ranges
from .policy import translations
from .reach import NOWHERE, WIRE, Access, Filters
from .traffic import ANY_SERVICE, ANYWHERE, Box, addresses

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..site import Site
    from ..view import View
    from ..wifi.derived import Ssid
    from .firewall import TownFirewall

CORE = "cœur"
OWN = "pare-feu"
OUTSIDE = "exterieur"
CORE_RULE = allow_all(CORE, "routé sans filtrage")


def accesses(sites: Iterable[Site], rules: Mapping[tuple[str, str], tuple[FilterRule, ...]]) -> Iterator[Access]:
    """Yield every access to every segment of the sites in service.

    `rules` gives the rules of each SSID of a site. A segment without an access yet is judged as if by wire.
    """
    for site in sites:
        if site["lifecycle"] not in IN_SERVICE:
            continue
        wired = set(_wired(site))
        for key, segment in site["segments"].items():
            radios = [ssid["name"] for ssid in site["ssids"] if ssid["enabled"] and ssid["segment"] == key]
            for name in radios:
                yield _access(site, segment, name, rules.get((site["id"], name), ()))
            if segment["vlan"] in wired or not radios:
                yield _access(site, segment, WIRE if segment["vlan"] in wired else NOWHERE, ())


def others(firewall: TownFirewall) -> Iterator[Access]:
    """Yield the accesses of no site: the town's own segments, and all that is outside."""
    town = Ranges.union(map(addresses, firewall["prefixes"]))
    for name, prefix in firewall["shared"].items():
        yield Access(TOWN, name, "interne", OWN, addresses(prefix), "ngfw", ())
    yield Access(TOWN, OUTSIDE, "externe", OWN, ANYWHERE - town, "ngfw", ())


def declared_rules(sites: Iterable[Site]) -> dict[tuple[str, str], tuple[FilterRule, ...]]:
    """Read the declared rules of each SSID: networks denied to guests, then the rest allowed."""
    return {(site["id"], ssid["name"]): tuple(_rules(ssid)) for site in sites for ssid in site["ssids"] if ssid["deny"]}


def declared_filters(view: View) -> Filters:
    """Give the filters of the declaration; `view.rules` are those of the firewall."""
    routing, sites = view.declared.town.variables.routing, view.sites
    lists = stops(declared_lists(sites.values()), sites, routing.core.site if routing else None)
    core = routed_by_core(sites.values())
    return Filters(view.rules, [CORE_RULE], core, translations(view.matrix.town), lists)


def routed_by_core(sites: Iterable[Site]) -> Ranges:
    """Give the addresses of the segments whose gateway is the core."""
    segments = (segment for site in sites if site["lifecycle"] in IN_SERVICE for segment in site["segments"].values())
    return Ranges.union(addresses(segment["subnet"]) for segment in segments if segment["gateway_device"] == "core")


def segment_access(site: Site, key: str) -> Access:
    """Give the access of a segment of a site, as by wire."""
    return _access(site, site["segments"][key], WIRE, ())


def _access(site: Site, segment: Segment, medium: str, rules: tuple[FilterRule, ...]) -> Access:
    return Access(
        site["id"],
        segment["key"],
        segment["zone"],
        medium,
        addresses(segment["subnet"]),
        segment["gateway_device"],
        rules,
    )


def _rules(ssid: Ssid) -> Iterator[FilterRule]:
    for prefix in ssid["deny"]:
        yield FilterRule(ssid["name"], prefix, False, (Box(ANYWHERE, addresses(prefix), ANY_SERVICE),))
    yield allow_all(ssid["name"], "le reste")


def _wired(site: Site) -> Iterator[int | None]:
    """Yield the VLANs of the ports of a site, and the fallback VLANs of their policies."""
    policies = {policy["name"]: policy for policy in site["access_policies"]}
    for device in site["devices"]:
        for port in device["ports"]:
            if not port["enabled"] or port["mode"] != "access":
                continue
            yield from (port["vlan"], port["voice_vlan"])
            policy = policies.get(port["access_policy"] or "")
            if policy:
                yield from (policy["guest_vlan"], policy["critical_vlan"], policy["failed_vlan"])
