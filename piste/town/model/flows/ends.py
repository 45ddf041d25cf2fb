"""Ends of the flows: segments, servers, places and groups, as elements of a firewall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from netaddr import IPNetwork

from ..addressing.plan import AddressingRule
from .firewall import FirewallElement
from .number_ranges import Ranges
from .services import ANY
from .traffic import ANYWHERE, IPV4, IPV6, addresses, span

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..declaration import Declaration

HERE = "here"
EVERY = "every"
GROUPS = ("group", "service_group")
IN_SERVICE = ("open", "closing")
TOWN = "ville"
"""The section of the town in a policy, and the place of what is on no site."""
Kind = Literal["any", "segment", "shared", "server", "place", "group"]
_Made = Literal["network", "host", "range", "group"]
_ALONE = {4: 32, 6: 128}


class End(NamedTuple):
    """An end as written: a name, and a place (`here`, `every`, a site).

    The place is empty where the level of the flow gives it.
    """

    name: str
    where: str

    @classmethod
    def read(cls, text: str) -> End:
        """Read `utilisateurs`, `utilisateurs@here`, `serveurs@hotel-de-ville`."""
        name, _, where = text.partition("@")
        return cls(name, where)


@dataclass(slots=True)
class Ends:
    """The network elements in the rules of a town, made on demand, `kind/name` each.

    `segments` has those of each site, `servers` the address of each reservation, `meaning` the addresses of each
    element made.
    """

    declaration: Declaration
    segments: Mapping[str, Mapping[str, Segment]]
    servers: Mapping[str, str]
    prefix: str
    made: dict[str, FirewallElement] = field(default_factory=dict)
    meaning: dict[str, Ranges] = field(default_factory=lambda: {ANY: ANYWHERE})
    _known: dict[str, str] = field(default_factory=dict)
    sites: list[str] = field(init=False)
    """The sites in service, in order of number: the others have no traffic."""
    _open: list[str] = field(default_factory=list)
    _seen: dict[tuple[End, str | None], list[str]] = field(default_factory=dict)
    """The elements of each end that was asked for, and from where: the flows of the town ask again for each site."""

    def __post_init__(self) -> None:
        known = sorted(self.declaration.sites, key=lambda site: site.variables.site.plan.number)
        self.sites = [site.id for site in known if site.variables.site.lifecycle in IN_SERVICE]

    def kinds_of(self, name: str) -> list[Kind]:
        """Give the kinds of a name: none where it is unknown, several where it is ambiguous."""
        town, shared = self.declaration.town.variables, self.declaration.shared
        places: tuple[tuple[Kind, Iterable[str]], ...] = (
            ("any", (ANY,)),
            ("segment", town.segment_catalogue),
            ("shared", shared.variables.shared_segments if shared else ()),
            ("server", self.servers),
            ("place", town.flow_places),
            ("group", town.flow_groups),
        )
        return [kind for kind, names in places if name in names]

    def at(self, end: End, site: str | None = None) -> list[str]:
        """Name the elements of an end, seen from a site or from the town; none where nothing exists.

        A segment without `@` is the segment of the site that looks, or of every site where the town looks.
        """
        if (end, site) in self._seen:
            return self._seen[end, site]
        names = self._at(end, site)
        if not self._open:  # What a group is while it is being made lacks what contains it.
            self._seen[end, site] = names
        return names

    def _at(self, end: End, site: str | None) -> list[str]:
        kind = next(iter(self.kinds_of(end.name)), None)
        if kind == "any":
            return [ANY]
        if kind == "segment":
            where = end.where or (HERE if site else EVERY)
            if where == EVERY:
                return self._every(end.name)
            seen = site if where == HERE else where
            return self._segment(seen, end.name) if seen in self.sites else []
        if kind == "shared":
            return [self._shared(end.name)]
        if kind == "server":
            return [self._network(end.name, self.servers[end.name], end.name)]
        if kind == "place":
            return [self._place(end.name)]
        return self._group(end.name) if kind == "group" else []

    def distinct(self, names: Iterable[str]) -> list[str]:
        """Keep the first of the elements with the same addresses.

        A firewall refuses two of them in one cell.
        """
        first: dict[Ranges, str] = {}
        for name in names:
            first.setdefault(self.meaning[name], name)
        return [ANY] if ANY in first.values() else list(first.values())

    def _make(self, kind: _Made, name: str, values: list[str], comment: str, where: Ranges) -> str:
        called = f"{self.prefix}-{name}"
        element = f"{kind}/{called}"
        self.made[element] = FirewallElement(kind=kind, name=called, values=values, comment=comment)
        self.meaning[element] = where
        self._known[name] = element
        return element

    def _network(self, name: str, text: str, comment: str) -> str:
        """Make a network, or a host where the prefix is one address."""
        if name in self._known:
            return self._known[name]
        network = IPNetwork(text)
        alone = network.prefixlen == _ALONE[network.version]
        value = str(network.ip) if alone else str(network.cidr)
        return self._make("host" if alone else "network", name, [value], comment, addresses(text))

    def _segment(self, site: str | None, key: str) -> list[str]:
        segment = self.segments[site].get(key) if site else None
        return [self._network(f"{site}-{key}", segment["subnet"], segment["label"])] if segment else []

    def _every(self, key: str) -> list[str]:
        members = [name for site in self.sites for name in self._segment(site, key)]
        return [self._grouped(f"tous-{key}", members, f"{key}, tous les sites")] if members else []

    def _shared(self, name: str) -> str:
        assert self.declaration.shared is not None
        entry = self.declaration.shared.variables.shared_segments[name]
        rule = AddressingRule(self.declaration.town.variables.addressing)
        return self._network(name, str(rule.shared(entry)), entry.label)

    def _grouped(self, name: str, members: Iterable[str], comment: str) -> str:
        listed = list(dict.fromkeys(members))
        return self._make("group", name, listed, comment, Ranges.union(self.meaning[member] for member in listed))

    def _place(self, name: str) -> str:
        if name in self._known:
            return self._known[name]
        place = self.declaration.town.variables.flow_places[name]
        if place.excluded:
            return self._grouped(name, list(self._but(name, place.excluded)), place.label)
        if len(place.networks) == 1:
            return self._network(name, place.networks[0], place.label)
        members = [
            self._network(f"{name}-{network.replace('/', '-')}", network, place.label) for network in place.networks
        ]
        return self._grouped(name, members, place.label)

    def _but(self, name: str, excluded: Iterable[str]) -> Iterator[str]:
        """Make the ranges of all addresses except some, of the IP versions of these."""
        left = Ranges.union(addresses(prefix) for prefix in excluded)
        for whole in (IPV4, IPV6):
            for part in (whole - left).parts if whole & left else ():
                where = Ranges.of(part)
                yield self._make("range", f"{name}-{span(where)}", [span(where)], name, where)

    def _group(self, name: str) -> list[str]:
        """Make a declared group, its members first."""
        # A group that contains itself is left out here, and reported by the checks.
        if name in self._open:
            return []
        self._open.append(name)
        ends = [End.read(text) for text in self.declaration.town.variables.flow_groups[name]]
        members = self.distinct(name for end in ends for name in self.at(end) if name != ANY)
        self._open.remove(name)
        return [self._grouped(name, members, name)] if members else []


def tidy(elements: Iterable[FirewallElement]) -> list[FirewallElement]:
    """Order elements so that each comes after its members, then by kind and name."""
    known = {reference(element): element for element in elements}
    depth: dict[str, int] = {}

    def deep(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max(map(deep, known[name]["values"])) if known[name]["kind"] in GROUPS else 0
        return depth[name]

    return [known[name] for name in sorted(known, key=lambda name: (deep(name), name))]


def reference(element: FirewallElement) -> str:
    """Give the reference of an element in rules and groups."""
    return f"{element['kind']}/{element['name']}"
