"""Access lists of switches, as the traffic that they stop on its way.

A list holds for every switch of a network and keeps no state: the first rule that matches a packet decides, and all the
rest passes. What leaves a site or enters it crosses the switches of its network; what is routed, those of the core.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from .filtering import FilterRule, RuleList
from .number_ranges import Ranges
from .traffic import ANY_SERVICE, Box, addresses

if TYPE_CHECKING:
    from ..site import Site

SWITCHES = "commutateurs"


class AccessList(NamedTuple):
    """The list of a network: what it decides of requests, and what of the answers to requests."""

    requests: tuple[FilterRule, ...]
    answers: tuple[FilterRule, ...]


class Stops(NamedTuple):
    """Traffic that switches stop: requests, and requests whose answer they stop; refusals only."""

    requests: RuleList
    answers: RuleList


NO_STOPS = Stops(RuleList(()), RuleList(()))


def declared_lists(sites: Iterable[Site]) -> dict[str, AccessList]:
    """Give the declared list of each site."""
    return {site["id"]: _declared(site) for site in sites if site["access_lists"]}


def _declared(site: Site) -> AccessList:
    ways = [
        (rule["name"], addresses(rule["source"]), addresses(rule["destination"])) for rule in site["access_lists"]
    ]
    system = of_site(site["id"])
    return AccessList(
        tuple(FilterRule(system, name, False, (Box(start, end, ANY_SERVICE),)) for name, start, end in ways),
        tuple(FilterRule(system, name, False, (Box(end, start, ANY_SERVICE),)) for name, start, end in ways),
    )


def of_site(name: str) -> str:
    """Name the switches of a site, as people call them."""
    return f"{SWITCHES} de {name}"


def stops(lists: Mapping[str, AccessList], sites: Mapping[str, Site], core: str | None) -> Stops:
    """Give all that the lists stop; `core` is the site whose switches everything routed crosses."""
    within = {name: None if name == core else _addresses(sites[name]) for name in lists}
    return Stops(
        RuleList(rule for name, known in lists.items() for rule in _refusals(known.requests, within[name])),
        RuleList(rule for name, known in lists.items() for rule in _refusals(known.answers, within[name])),
    )


def _addresses(site: Site) -> Ranges:
    return Ranges.union(addresses(segment["subnet"]) for segment in site["segments"].values())


def _refusals(rules: Iterable[FilterRule], within: Ranges | None) -> Iterator[FilterRule]:
    """Yield each refusal with what reaches it, of the traffic from or to some addresses."""
    allowed: list[Box] = []
    for rule in rules:
        if rule.allow:
            allowed += rule.boxes
            continue
        left = [piece for box in rule.boxes for piece in _crossing(box, within)]
        for box in allowed:
            left = [rest for piece in left for rest in piece.without(box)]
        if left:
            yield FilterRule(rule.system, rule.id, False, tuple(left), rule.exact)


def _crossing(box: Box, within: Ranges | None) -> Iterator[Box]:
    parts = [box] if within is None else [
        box._replace(sources=box.sources & within), box._replace(destinations=box.destinations & within)
    ]  # fmt: skip
    yield from (part for part in dict.fromkeys(parts) if part)
