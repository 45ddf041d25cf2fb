"""The way that the declaration gives to traffic from a place: it passes, or it stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from netaddr import IPAddress, IPNetwork

from piste.town.model.flows.access_lists import declared_lists, stops
from piste.town.model.flows.accesses import CORE_RULE, accesses, declared_rules, routed_by_core
from piste.town.model.flows.filtering import RuleList, passed
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.policy import FIREWALL, filter_rules, translations
from piste.town.model.flows.reach import WIRE, Access, Filters, Reached, reached
from piste.town.model.flows.traffic import ANYWHERE, Box, addresses, icmp, ports, remaining

if TYPE_CHECKING:
    from piste.town.model import Site
    from piste.town.model.derived import Derived

_STRETCH = 2**16
_TCP, _UDP, _ICMP = 6, 17, 1
PING = "icmp"


class Port(NamedTuple):
    """A service that can be tried: a port of TCP or UDP, or an echo (`icmp`, 0)."""

    protocol: str
    port: int

    @property
    def said(self) -> str:
        return "ping" if self.protocol == PING else f"{self.protocol}/{self.port}"

    @property
    def traffic(self) -> Ranges:
        return icmp(8) if self.protocol == PING else ports(self.protocol, str(self.port))


QUIET = (Port("udp", 1812), Port("udp", 1813))
"""RADIUS, which answers its clients alone: an admission proves it."""


class Ways:
    """The declared town, as traffic meets it: accesses, filters, servers by address."""

    def __init__(self, town: Derived) -> None:
        assert town.commune is not None
        self.town, self.firewall = town, town.commune["firewall"]
        self.sites = {name: site for name, site in town.sites.items() if site["lifecycle"] in ("open", "closing")}
        sites = list(self.sites.values())
        self.accesses = list(accesses(sites, declared_rules(sites)))
        rules = RuleList(filter_rules(self.firewall))
        core = town.commune["core"]["site"] if town.commune["core"] else None
        lists = stops(declared_lists(sites), self.sites, core)
        self.filters = Filters(rules, [CORE_RULE], routed_by_core(sites), translations(self.firewall), lists)
        self._reach: dict[Access, list[Reached]] = {}

    @cached_property
    def hosts(self) -> dict[str, str]:
        """The address of each declared server, and of each place of one address, by name."""
        known = {
            name: address
            for site in self.sites.values()
            for segment in site["segments"].values()
            for name, address in segment["reservations"].items()
        }
        of_one = (element for element in self.firewall["elements"] if element["kind"] == "host")
        taken = set(known.values())
        return known | {item["name"]: item["values"][0] for item in of_one if item["values"][0] not in taken}

    @cached_property
    def comments(self) -> dict[str, str]:
        """The purpose of each rule, by id."""
        return {rule["id"]: rule["comment"] for section in self.firewall["sections"] for rule in section["rules"]}

    def access(self, site: str, segment: str, ssid: str | None) -> Access:
        """Give the access of a place. Raises KeyError for an unknown place."""
        here = [access for access in self.accesses if (access.site, access.segment) == (site, segment)]
        wanted = [access for access in here if access.medium == ssid] if ssid else here
        if not wanted:
            raise KeyError(segment)
        # By wire no SSID filters; a segment without a port yet is tried as if by wire.
        return wanted[0] if ssid else replace(wanted[0], medium=WIRE, rules=())

    def reach(self, access: Access) -> list[Reached]:
        """Give all that an access reaches, computed once: a place has hundreds of targets."""
        if access not in self._reach:
            self._reach[access] = reached(access, self.filters)
        return self._reach[access]

    def passes(self, access: Access, address: str, port: Port) -> str:
        """Name the rule that lets all of some traffic pass; empty where it stops, even in part."""
        sent = Box(access.subnet, addresses(address), port.traffic)
        passing = [entry for entry in self.reach(access) if entry.changed is None and entry.box.meet(sent)]
        if any(box.meet(sent) for rule in self.filters.stops.answers.about(sent.sources) for box in rule.boxes):
            return ""
        left = remaining([sent], (entry.box for entry in passing))
        return passing[-1].rules[-1].id if passing and not left else ""

    def may_pass(self, access: Access, address: str, port: Port) -> bool:
        """Tell whether any of some traffic may pass."""
        sent = Box(access.subnet, addresses(address), port.traffic)
        return any(entry.box.meet(sent) for entry in self.reach(access))

    def near(self, access: Access, address: str) -> bool:
        """Tell whether the SSID of an access lets an echo go to an address of its own segment."""
        sent = Box(access.subnet, addresses(address), icmp(8))
        return not access.rules or bool(passed(access.rules, sent))

    def flows(self, access: Access) -> Iterator[Reached]:
        """Yield the traffic that the rules of the firewall let pass from an access."""
        outside = ANYWHERE - access.subnet
        for entry in self.reach(access):
            if entry.rules[-1].system == FIREWALL and entry.box.destinations & outside:
                yield entry

    def place_of(self, address: str) -> str:
        """Name the segment of an address, `utilisateurs@ecole-jaures`; empty for another."""
        where = IPAddress(address)
        for name, site in self.sites.items():
            for key, segment in site["segments"].items():
                if where in IPNetwork(segment["subnet"]):
                    return f"{key}@{name}"
        return ""


def services(box: Ranges) -> Iterator[tuple[Port, bool]]:
    """Yield a port to try of each part of some services, and whether the part has others."""
    for number, protocol in ((_TCP, "tcp"), (_UDP, "udp")):
        start = number * _STRETCH
        for first, last in (box & Ranges.of((start, start + _STRETCH - 1))).parts:
            yield Port(protocol, max(1, first - start)), last > first
    if icmp(8) <= box:
        yield Port(PING, 0), False


def sample(site: Site, segment: str) -> list[str]:
    """List addresses of a segment that may answer: gateway, first server, first of the pool."""
    here = site["segments"][segment]
    lent = [here["dhcp"]["start"]] if here["dhcp"] else []
    return list(dict.fromkeys([here["gateway"], *list(here["reservations"].values())[:1], *lent]))
