"""Access lists of switches, as the traffic that they stop on its way.

A list holds for every switch of a network and keeps no state: the first rule that matches a packet decides, and all the
rest passes. What leaves a site or enters it crosses the switches of its network; what is routed, those of the core.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict

from .filtering import FilterRule, RuleList
from .number_ranges import Ranges
from .traffic import ANY_SERVICE, Box, addresses, ports, remaining

if TYPE_CHECKING:
    from ..site import Site

SWITCHES = "commutateurs"
LEAVING, ENTERING = ("sources",), ("destinations",)
"""The side of some traffic that is in a site whose list it crosses."""
BOTH = (*LEAVING, *ENTERING)
ANY_PORT = "any"


class AccessRule(TypedDict):
    """A rule of the switches of a site, for one way of the traffic, since they keep no state."""

    name: str
    allow: bool
    protocol: Literal["any", "tcp", "udp"]
    source: str
    source_port: str
    destination: str
    destination_port: str


class ListRule(NamedTuple):
    """A rule of a list, of no product; without `whole` it depends on more than it says (a VLAN)."""

    name: str
    allow: bool
    protocol: str
    source: Ranges
    source_port: str
    target: Ranges
    target_port: str
    whole: bool = True


class AccessList(NamedTuple):
    """The list of a network: what it decides of requests, and what of the answers to requests."""

    requests: tuple[FilterRule, ...]
    answers: tuple[FilterRule, ...]


@dataclass(frozen=True)
class Stops:
    """Traffic that switches stop, from the list of each site and the addresses that it is about.

    Each part is computed when it is asked for: most commands ask for one.
    """

    lists: Sequence[tuple[AccessList, Ranges | None]] = ()

    @cached_property
    def requests(self) -> RuleList:
        """The requests that they stop; refusals only."""
        return RuleList(rule for known, within in self.lists for rule in _refusals(known.requests, within))

    @cached_property
    def entering(self) -> RuleList:
        """The requests that the list of a site stops as they enter it; refusals only."""
        return RuleList(self._refused(ENTERING))

    @cached_property
    def elsewhere(self) -> RuleList:
        """The requests that are stopped as they leave a site, or at the core; refusals only."""
        return RuleList(self._refused(LEAVING, core=True))

    def _refused(self, ways: Sequence[str], *, core: bool = False) -> Iterator[FilterRule]:
        return (
            rule
            for known, within in self.lists
            if core or within is not None
            for rule in _refusals(known.requests, within, ways)
        )

    @cached_property
    def answers(self) -> RuleList:
        """The requests whose answer they stop; refusals only."""
        return RuleList(rule for known, within in self.lists for rule in _refusals(known.answers, within))

    @cached_property
    def permits(self) -> tuple[RuleList, ...]:
        """The requests that lists let pass by name, a list of rules for each list on the way.

        These are the list of the core, that of the site that it leaves, and that of the site that it enters. Sites have
        no address in common: the lists of all sites follow each other as one. A permission that depends on the port of
        the client is not exact: it is there for answers, and opens requests with them.
        """
        core = [RuleList(_permits(known.requests, None)) for known, within in self.lists if within is None]
        of_sites = [(known.requests, within) for known, within in self.lists if within is not None]
        leaving, entering = (
            RuleList(rule for requests, within in of_sites for rule in _permits(requests, within, ways))
            for ways in (LEAVING, ENTERING)
        )
        return (*core, leaving, entering)


NO_STOPS = Stops()


def declared_lists(sites: Iterable[Site]) -> dict[str, AccessList]:
    """Give the declared list of each site."""
    return {site["id"]: access_list(map(_declared, site["access_lists"]), site["id"])
            for site in sites if site["access_lists"]}  # fmt: skip


def _declared(rule: AccessRule) -> ListRule:
    source, target = (addresses(rule[side]) for side in ("source", "destination"))
    return ListRule(
        rule["name"], rule["allow"], rule["protocol"], source, rule["source_port"], target, rule["destination_port"]
    )


def access_list(rules: Iterable[ListRule], site: str) -> AccessList:
    """Give what the list of a site decides.

    An answer comes from the port that a request goes to. A refusal that depends on the port of the client, or on the
    VLAN, is left out: it stops a part that is not known.
    """
    ways = [_both_ways(rule, of_site(site)) for rule in rules]
    return AccessList(tuple(request for request, _ in ways if request), tuple(answer for _, answer in ways if answer))


def _both_ways(rule: ListRule, system: str) -> tuple[FilterRule | None, FilterRule | None]:
    def made(box: Box, client_port: str) -> FilterRule | None:
        exact = rule.whole and client_port == ANY_PORT
        return FilterRule(system, rule.name, rule.allow, (box,), exact) if exact or rule.allow else None

    request, answer = (of_port(rule.protocol, port) for port in (rule.target_port, rule.source_port))
    return (
        made(Box(rule.source, rule.target, request), rule.source_port),
        made(Box(rule.target, rule.source, answer), rule.target_port),
    )


def of_port(protocol: str, port: str) -> Ranges:
    """Give the services of a protocol to a port, a list of ports, or any."""
    names = (protocol,) if protocol in ("tcp", "udp") else ("tcp", "udp")
    if port == ANY_PORT:
        return ANY_SERVICE if protocol == "any" else ports(protocol, "0-65535")
    return Ranges.union(ports(name, part.strip()) for name in names for part in port.split(","))


def of_site(name: str) -> str:
    """Name the switches of a site, as people call them."""
    return f"{SWITCHES} de {name}"


def stops(lists: Mapping[str, AccessList], sites: Mapping[str, Site], core: str | None) -> Stops:
    """Give all that the lists stop; `core` is the site whose switches everything routed crosses."""
    return Stops([(known, None if name == core else _addresses(sites[name])) for name, known in lists.items()])


def _addresses(site: Site) -> Ranges:
    return Ranges.union(addresses(segment["subnet"]) for segment in site["segments"].values())


def _refusals(
    rules: Iterable[FilterRule], within: Ranges | None, ways: Sequence[str] = BOTH
) -> Iterator[FilterRule]:
    """Yield each refusal with what reaches it, of the traffic from or to some addresses."""
    allowed: list[Box] = []
    for rule in rules:
        if rule.allow:
            allowed += rule.boxes
            continue
        if left := remaining((piece for box in rule.boxes for piece in _crossing(box, within, ways)), allowed):
            yield FilterRule(rule.system, rule.id, False, tuple(left), rule.exact)


def _permits(
    rules: Iterable[FilterRule], within: Ranges | None, ways: Sequence[str] = BOTH
) -> Iterator[FilterRule]:
    """Yield each permission, of traffic from or to some addresses; exact permissions first."""
    for exact in (True, False):
        for rule in rules:
            boxes = tuple(piece for box in rule.boxes for piece in _crossing(box, within, ways))
            if rule.allow and rule.exact == exact and boxes:
                yield FilterRule(SWITCHES, rule.id, True, boxes, exact)


def _crossing(box: Box, within: Ranges | None, ways: Sequence[str] = BOTH) -> Iterator[Box]:
    parts = [box] if within is None else [box._replace(**{way: getattr(box, way) & within}) for way in ways]
    yield from (part for part in dict.fromkeys(parts) if part)
