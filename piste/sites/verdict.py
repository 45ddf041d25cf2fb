"""The verdict on a pair of places: the fate of a service between them, and its cause.

Routes and filters are each computed on plain data, declared or read; packets on a twin are compared with this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from netaddr import IPAddress

from piste.engine.converge.errors import Missing, Misused
from piste.sites.flows import Picture, Rules, declared_rules
from piste.town.model.flows.ends import IN_SERVICE
from piste.town.model.flows.filtering import RuleList
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.reach import WIRE, Access, reached
from piste.town.model.flows.traffic import IPV4, PROTOCOLS, Box, addresses, icmp, ports, remaining, whole_protocol
from piste.town.model.routing.trace import ANYWHERE, End, RoundTrip, Router, declared_routers, round_trip
from piste.town.model.wording import closest

if TYPE_CHECKING:
    from piste.town.model.derived import Derived
    from piste.town.model.flows.filtering import FilterRule

State = Literal["passes", "partly", "stopped", "unknown"]
LAST = "pare-feu : aucune règle ne l’admet"
_ROUTES = "routes"


class Answer(NamedTuple):
    """The fate of some traffic.

    `by` are the rules that let it pass, in order, or those that stop it; `hops` names the routers on the way; `why`
    says what is not known, or what no rule stops.
    """

    state: State
    by: tuple[str, ...]
    hops: tuple[str, ...] = ()
    why: str = ""


class Verdicts:
    """The verdicts of a town, by the given filters and routers, else by the declaration."""

    def __init__(self, town: Derived, rules: Rules | None = None, routers: Sequence[Router] | None = None) -> None:
        assert town.commune
        self.picture = Picture(town, rules or declared_rules(town))
        self._declared = declared_routers(town.commune, town.sites)
        self.routers = self._declared if routers is None else routers
        self._ends = [
            (addresses(gateway["subnet"]), gateway["subnet"], gateway["address"])
            for site in town.sites.values()
            if site["lifecycle"] in IN_SERVICE
            for gateway in site["gateways"]
        ]

    def of(self, source: str, destination: str, service: str, medium: str = "") -> Answer:
        """Judge a service between two places: names of the matrix, or addresses. Raises `Missing`.

        Both ways count: a request whose answer does not come back is stopped. `medium` is an SSID, or the wire by
        default.
        """
        origin, target, wanted = self.picture.range(source), self.picture.range(destination), self._service(service)
        access = self._access(origin, medium, source)
        if origin - access.subnet:
            raise Misused(f"« {source} » est à plusieurs endroits", todo="Nommez-en un seul : un segment d’un site.")
        sent = Box(origin & IPV4, target & IPV4, wanted)
        if not sent:
            raise Missing(f"« {source} » et « {destination} » n’ont pas d’adresse IPv4", todo="Nommez un autre lieu.")
        if sent.destinations <= access.subnet:
            return Answer("passes", ("même segment : rien n’y est routé, ni filtré",))
        trip = self._trip(self.routers, sent, source, destination)
        hops = tuple(trip.forth.routers) if trip else ()
        filtered = self._filtered(access, sent)
        if why := self._astray(trip, sent, source, destination):
            return Answer("unknown", filtered.by, hops, why)
        # What stops it on the way is known even where the rest of the way is not.
        if filtered.state == "stopped":
            return filtered._replace(hops=hops)
        if trip is None:
            return Answer("unknown", filtered.by, (), "rien ne dit qui route à l’un des bouts")
        if trip.state == "unknown":
            return Answer("unknown", filtered.by, hops, trip.why)
        if trip.state != "both":
            return Answer("stopped", (_ROUTES,), hops, trip.why)
        return filtered._replace(hops=hops)

    def _filtered(self, access: Access, sent: Box) -> Answer:
        """Judge by the filters: SSID, switches, core or firewall, then those of the answer."""
        filters = self.picture.filters
        passing = reached(access, filters, sent)
        left = remaining([sent], (traffic.box for traffic in passing))
        if not passing:
            return Answer("stopped", self._stopping(access, sent))
        answers = [rule for rule in filters.stops.answers.about(sent.sources) if _meets(rule, sent)]
        back = remaining([traffic.box for traffic in passing], (box for rule in answers for box in rule.boxes))
        if not back:
            return Answer("stopped", tuple(_named(rule) for rule in answers), (), "la réponse est arrêtée")
        by = tuple(dict.fromkeys(_named(rule) for traffic in passing for rule in traffic.rules))
        by += tuple(dict.fromkeys(f"traduction : {traffic.changed}" for traffic in passing if traffic.changed))
        if not all(traffic.exact for traffic in passing):
            return Answer("unknown", by, (), "une règle n’a pas pu être calculée : au plus, cela passe")
        if silent := [name for name in self.picture.unread if name in self._crossed(access, sent)]:
            return Answer("unknown", by, (), f"listes d’accès pas lues : {', '.join(silent)}")
        return Answer("partly" if left or answers else "passes", by)

    def _stopping(self, access: Access, sent: Box) -> tuple[str, ...]:
        """Name what stops traffic that does not pass at all, in the order of the way."""
        filters, by, left = self.picture.filters, list[str](), [sent]
        for rules in (access.rules, filters.stops.requests):
            refusals = [rule for rule in _deciding(rules, left) if not rule.allow]
            by += map(_named, refusals)
            left = remaining(left, (box for rule in refusals for box in rule.boxes))
        if left:
            refusals = [rule for rule in _deciding(filters.firewall, left) if not rule.allow]
            by += [*map(_named, refusals)] or [LAST]
        return tuple(dict.fromkeys(by))

    def _crossed(self, access: Access, sent: Box) -> list[str]:
        """Name the sites whose switches the traffic crosses."""
        ends = [other.site for other in self.picture.accesses if other.subnet & sent.destinations]
        return [access.site, *ends, *([self.picture.core] if self.picture.core else [])]

    def _access(self, origin: Ranges, medium: str, source: str) -> Access:
        here = [access for access in self.picture.accesses if access.subnet & origin]
        chosen = [access for access in here if access.medium == (medium or WIRE)] or ([] if medium else here)
        if not chosen:
            media = sorted({access.medium for access in here})
            raise Missing(f"« {source} » n’a pas d’accès « {medium or WIRE} »", todo=closest(medium, media))
        return chosen[0]

    def _trip(self, routers: Sequence[Router], sent: Box, source: str, destination: str) -> RoundTrip | None:
        start, end = self._end(sent.sources, source), self._end(sent.destinations, destination)
        return round_trip(routers, start, end) if start and end and start.subnet else None

    def _astray(self, trip: RoundTrip | None, sent: Box, source: str, destination: str) -> str:
        """Say why the filters may be others than declared: two gateways, other routers; else empty."""
        if trip is None or self.routers is self._declared:
            return ""
        for end in (self._end(sent.sources, source), self._end(sent.destinations, destination)):
            names = [known["name"] for known in self.routers for face in known["interfaces"]
                     if end and end.gateway in face["addresses"]]  # fmt: skip
            if end and len(names) > 1:
                return f"{' et '.join(names)} ont tous deux {end.gateway} : le chemin dépend de qui répond"
        if trip.state != "both":
            return ""
        declared = self._trip(self._declared, sent, source, destination)
        if declared is None or declared.forth.routers == trip.forth.routers:
            return ""
        ways = (" puis ".join(way.forth.routers) or "aucun routeur" for way in (trip, declared))
        return "le chemin lu est {}, celui que filtre la déclaration {}".format(*ways)

    def _end(self, place: Ranges, name: str) -> End | None:
        """Give an end of a trace; None for an address of the town in no segment."""
        for known, subnet, gateway in self._ends:
            if shared := place & known:
                return End(name, str(IPAddress(shared.parts[0][0] + (shared == known))), subnet, gateway)
        return None if place & self.picture.inside else End(name, ANYWHERE)

    def _service(self, text: str) -> Ranges:
        """Read a service: a name of the catalogue, `tcp/443`, `icmp`, `ip/47`. Raises `Missing`."""
        known = self.picture.names.services_by_name
        if text in known:
            return known[text]
        protocol, _, value = text.partition("/")
        try:
            if protocol in ("tcp", "udp"):
                return ports(protocol, value or "0-65535")
            if protocol == "icmp":
                return icmp(int(value) if value else None)
            return whole_protocol(int(value) if protocol == "ip" else PROTOCOLS[protocol])
        except (KeyError, ValueError):
            raise Missing(f"« {text} » n’est pas un service", todo=closest(text, known)) from None


def verdict(town: Derived, source: str, destination: str, service: str, medium: str = "") -> Answer:
    """Judge a single pair on the declaration."""
    return Verdicts(town).of(source, destination, service, medium)


def _named(rule: FilterRule) -> str:
    return f"{rule.system} : {rule.id}"


def _meets(rule: FilterRule, sent: Box) -> bool:
    return any(box.meet(sent) for box in rule.boxes)


def _deciding(rules: Sequence[FilterRule] | RuleList, sent: Sequence[Box]) -> list[FilterRule]:
    """Give the rules that decide, each of a part of the traffic."""
    deciding, left = [], [*sent]
    for rule in rules.meeting(*sent) if isinstance(rules, RuleList) else rules:
        if any(box.meet(piece) for box in rule.boxes for piece in left):
            deciding.append(rule)
            left = remaining(left, rule.boxes)
    return deciding
