"""Segmentation: switches refuse what the core routes between segments, unless declared.

Each site's list speaks of its own segments: what leaves a site is refused there, and what enters it too. A permission
names where traffic goes; what enters is permitted from the whole town, since the list of its site says from where. The
firewall rules what it routes, so a list lets pass what the firewall exchanges with a segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict

from netaddr import cidr_merge

from .access_lists import ANY_PORT, SWITCHES, AccessRule, of_port
from .ends import EVERY, IN_SERVICE, End
from .filtering import FilterRule
from .number_ranges import Ranges
from .services import Services
from .traffic import ANY_SERVICE, Box, addresses, whole_protocol

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..declaration import DeclaredSite
    from ..layer2.form import Unfiltered
    from ..site import Site
    from ..view import View
    from .form import Flow

REPLIES, UNFILTERED = "réponses", "pas encore filtré"
MOST_NAMED = 60
"""The most places that a list names for a population; PISTE-M218 counts the whole list against its switches."""
type Place = tuple[str, str]
"""A segment: its site, its key."""
_PROTOCOLS: tuple[tuple[Literal["tcp", "udp"], int], ...] = (("tcp", 6), ("udp", 17))


class Part(NamedTuple):
    """A part of a service that a list can say: a protocol, whole or one port of it."""

    protocol: Literal["any", "tcp", "udp"]
    port: str


def parts(services: Ranges) -> tuple[list[Part], Ranges]:
    """Give the parts of some services that a list can say, and the rest.

    Source: Cisco Meraki, *Campus LAN; Planning, Design Guidelines and Best Practices*: a rule takes no range of ports
    and no list.
    """
    if services == ANY_SERVICE:
        return [Part("any", ANY_PORT)], Ranges()
    said, rest = list[Part](), services
    for protocol, number in _PROTOCOLS:
        whole = whole_protocol(number)
        if whole <= services:
            said.append(Part(protocol, ANY_PORT))
            rest = rest - whole
            continue
        for first, last in (services & whole).parts:
            if first == last:
                said.append(Part(protocol, str(first - whole.parts[0][0])))
                rest = rest - Ranges.of((first, last))
    return said, rest


class Permit(TypedDict):
    """Traffic that segments at the core may exchange, and why."""

    id: str
    sources: list[str]
    destinations: list[str]
    protocol: Literal["any", "tcp", "udp"]
    port: str
    why: str


class Exchange(NamedTuple):
    """A flow of the segmentation in force: parts of its services, places of its ends."""

    name: str
    flow: Flow
    said: list[Part]
    sources: dict[Place, str]
    targets: dict[Place, str]


def derive_exchanges(view: View) -> list[Exchange]:
    """Derive the flows in force, with the segments at the core that their ends name."""
    places = _places(view)

    def at(ends: Sequence[str]) -> dict[Place, str]:
        return {place: subnet for place, subnet in places.items() if named(ends, *place)}

    return [
        Exchange(name, flow, parts(services_of(view, flow.services))[0], at(flow.source), at(flow.to))
        for name, flow in view.declared.town.variables.segmentation.reaches.items()
        if not over(flow.until, view.today)
    ]


def _places(view: View) -> dict[Place, str]:
    """List the segments at the core of the sites in service."""
    return {
        (name, segment["key"]): segment["subnet"]
        for name, site in view.sites.items()
        if site["lifecycle"] in IN_SERVICE
        for segment in at_core(site)
    }


def derive_permits(view: View) -> list[Permit]:
    """Derive what the segmentation permits, and what the sites that do not filter yet exchange."""
    town = view.declared.town.variables.segmentation
    permits = [
        Permit(id=name, sources=[*sources.values()], destinations=[*targets.values()], why=flow.why,
               protocol=part.protocol, port=part.port)
        for name, flow, said, sources, targets in view.exchanges
        for part in said
    ]
    open_ = [subnet for (name, _), subnet in _places(view).items() if unfiltered(view, name)]
    reasons = (f"{name}, {reason.why}" for name in town.unfiltered if (reason := unfiltered(view, name)))
    if open_:
        why = " ; ".join(reasons)
        permits.append(
            Permit(id=UNFILTERED, sources=open_, destinations=open_, why=why, protocol="any", port=ANY_PORT)
        )
    return permits


def permitted(permits: Iterable[Permit]) -> list[FilterRule]:
    """Give the traffic that some permits let pass, with what their answers open."""
    rules: list[FilterRule] = []
    for permit in permits:
        source, target = (Ranges.union(map(addresses, permit[side])) for side in ("sources", "destinations"))
        asked, client = (of_port(permit["protocol"], port) for port in (permit["port"], ANY_PORT))
        rules.append(FilterRule(SWITCHES, permit["id"], True, (Box(source, target, asked),)))
        rules.append(FilterRule(SWITCHES, f"{permit['id']} : {REPLIES}", True, (Box(target, source, client),)))
    return rules


def services_of(view: View, names: Iterable[str]) -> Ranges:
    """Give the services of some names of the catalogue."""
    made = Services(view.declared.town.variables.service_catalogue, "")
    return Ranges.union(made.meaning[name] for name in made.named(names))


def over(until: str | None, today: date) -> bool:
    """Tell whether an end has passed; its last day still counts."""
    return until is not None and date.fromisoformat(until) < today


def unfiltered(view: View, site: str) -> Unfiltered | None:
    """Give the reason for which the switches of a site do not filter.

    An end that has passed is warned of: no list is written because a day has come.
    """
    return view.declared.town.variables.segmentation.unfiltered.get(site)


def at_core(site: Site) -> list[Segment]:
    """List the segments of a site that the core routes."""
    return [segment for segment in site["segments"].values() if segment["gateway_device"] == "core"]


def derive_access_lists(view: View, declared: DeclaredSite, site: Site) -> list[AccessRule]:
    """Derive the list of a site: what its segments at the core may exchange, then refusals."""
    return [] if unfiltered(view, declared.id) else _whole_list(view, site)


def derive_withdrawn(view: View, declared: DeclaredSite, site: Site) -> list[AccessRule]:
    """Derive the rules that a site loses by not filtering yet: those that its list would have."""
    filters = site["lifecycle"] in IN_SERVICE and at_core(site)
    return _whole_list(view, site) if filters and unfiltered(view, site["id"]) else []


def _whole_list(view: View, site: Site) -> list[AccessRule]:
    if site["lifecycle"] not in IN_SERVICE:
        return []
    kept: dict[tuple[object, ...], AccessRule] = {}
    for rule in _List(view, site).rules():
        kept.setdefault(tuple(value for key, value in rule.items() if key != "name"), rule)
    return list(kept.values())


class _List:
    """The list of a site, rule by rule."""

    def __init__(self, view: View, site: Site) -> None:
        self.view, self.site, self.segments = view, site, at_core(site)
        self.town = [str(prefix) for prefix in view.rule.prefixes]
        self.whole = Ranges.union(map(addresses, self.town))
        ends = {
            (end.name, end.where)
            for exchange in view.exchanges
            for end in map(End.read, (*exchange.flow.source, *exchange.flow.to))
        }
        self.alone = len(ends) == 1

    def rules(self) -> Iterator[AccessRule]:
        """Yield the rules: a rule about two segments of the site comes before those about the town."""
        for segment in self.segments:
            yield _rule(f"{segment['key']} : entre soi", True, segment["subnet"], segment["subnet"])
        for segment, other in permutations(self.segments, 2):
            for name, _, said, sources, targets in self.view.exchanges:
                if self._at(segment) in sources and self._at(other) in targets:
                    yield from _asked(name, said, segment["subnet"], other["subnet"])
                    yield from _answered(name, said, segment["subnet"], other["subnet"])
        for segment, other in permutations(self.segments, 2):
            yield _rule(f"{segment['key']} vers {other['key']}", False, segment["subnet"], other["subnet"])
        for segment in self.segments:
            for prefix in self._exchanged(segment):
                yield _rule(f"{segment['key']} : par le pare-feu", True, segment["subnet"], prefix)
                yield _rule(f"{segment['key']} : par le pare-feu", True, prefix, segment["subnet"])
        yield from self._towards_the_town()
        for segment in self.segments:
            for prefix in self.town:
                yield _rule(f"{segment['key']} vers la ville", False, segment["subnet"], prefix)
                yield _rule(f"la ville vers {segment['key']}", False, prefix, segment["subnet"])

    def _towards_the_town(self) -> Iterator[AccessRule]:
        """Yield what the segments may exchange with those of other sites."""
        replies: list[AccessRule] = []
        for segment in self.segments:
            own = segment["subnet"]
            for name, _, said, sources, targets in self.view.exchanges:
                asked: list[AccessRule] = []
                if self._at(segment) in sources:
                    asked += [rule for to in self._elsewhere(targets) for rule in _asked(name, said, own, to)]
                    replies += [rule for town in self.town for rule in _answered(name, said, own, town)]
                if self._at(segment) in targets:
                    asked += [rule for town in self.town for rule in _asked(name, said, town, own)]
                    replies += [rule for to in self._elsewhere(sources) for rule in _answered(name, said, to, own)]
                yield from asked
        yield from replies

    def _elsewhere(self, ends: Mapping[Place, str]) -> list[str]:
        """List where traffic to some places goes.

        It is the whole town where a single population speaks with itself in more places than a list can name.
        """
        places = [subnet for (site, _), subnet in ends.items() if site != self.site["id"]]
        return self.town if self.alone and len(places) > MOST_NAMED else places

    def _at(self, segment: Segment) -> Place:
        return self.site["id"], segment["key"]

    def _exchanged(self, segment: Segment) -> list[str]:
        """List the prefixes of the town with which the firewall lets a segment speak."""
        own = addresses(segment["subnet"])
        beyond = Ranges.union(
            box.destinations
            for listed in (self.view.rules, self.view.rules_back)
            for rule in listed.about(own)
            if rule.allow
            for box in rule.boxes
            if box.sources & own
        )
        prefixes = [rule.id for rule in self.view.behind_firewall.about(beyond & self.whole)]
        return [str(prefix) for prefix in cidr_merge(prefixes)]


def named(ends: Iterable[str], site: str, key: str) -> bool:
    """Tell whether some ends name a segment of a site."""
    return any(end.name == key and end.where in ("", EVERY, site) for end in map(End.read, ends))


def _asked(name: str, said: Iterable[Part], source: str, target: str) -> Iterator[AccessRule]:
    """Yield the rules of requests."""
    return (_rule(name, True, source, target, part.protocol, destination_port=part.port) for part in said)


def _answered(name: str, said: Iterable[Part], source: str, target: str) -> Iterator[AccessRule]:
    """Yield the rules of the answers to requests, which come from the port that was asked."""
    named = f"{name} : {REPLIES}"
    return (_rule(named, True, target, source, part.protocol, source_port=part.port) for part in said)


def _rule(
    name: str,
    allow: bool,
    source: str,
    destination: str,
    protocol: Literal["any", "tcp", "udp"] = "any",
    source_port: str = ANY_PORT,
    destination_port: str = ANY_PORT,
) -> AccessRule:
    return AccessRule(
        name=name,
        allow=allow,
        protocol=protocol,
        source=source,
        source_port=source_port,
        destination=destination,
        destination_port=destination_port,
    )
