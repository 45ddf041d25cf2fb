"""Traffic that must pass: Piste to the systems, computers and devices to their servers.

It is computed on the derived rules, by the same way through the town as isolation: a flow that has the right name but
does not lead where it must is as good as missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from piste.engine.words import some

from ..admission import segment_at
from ..assets.classes import watched_as
from ..devices import MANAGEMENT
from .accesses import segment_access
from .administration import systems
from .ends import IN_SERVICE, End, Ends
from .number_ranges import Ranges
from .reach import Access, stopped
from .traffic import ANYWHERE, IPV4, IPV6, Box, addresses, icmp, ports, say_services

if TYPE_CHECKING:
    from ..declaration import DeclaredSite
    from ..faults import Mark
    from ..paths import KeyPath
    from ..site import Site
    from ..supervision.form import WatchedClass
    from ..view import View

_DYNAMIC = "49152-65535"
NAMES = Ranges.union(ports(protocol, "53") for protocol in ("tcp", "udp"))
RPC = Ranges.union(ports("tcp", text) for text in ("135", _DYNAMIC))
MEMBER = Ranges.union(
    [*(ports("tcp", text) for text in ("88", "389", "445", "464")),
     *(ports("udp", text) for text in ("88", "123", "389", "464")), RPC]
)  # fmt: skip
"""Services that a member of a domain needs from its controllers to sign in and apply policies. Source: Microsoft, "How
to configure a firewall for Active Directory domains and trusts" (KB 179442). The global catalogue (3268) serves several
domains, and LDAP over TLS (636) other programs: a member applies its policies without them."""
LEASE = ports("udp", "67")
AGENT, SNMP = ports("tcp", "10050"), ports("udp", "161")


class Need(NamedTuple):
    """A need of the computers of a segment: servers, services, and the place of its declaration.

    A server is the name of its reservation, or its address.
    """

    site: str
    segment: str
    what: str
    servers: tuple[str, ...]
    services: Ranges
    path: str
    mark: Mark
    sources: Ranges = ANYWHERE


@dataclass(frozen=True, slots=True)
class _Town:
    """The town, asked what does not arrive in it."""

    view: View

    def missing(self, need: Need) -> dict[str, Ranges]:
        """Give the services that do not arrive, by server."""
        access = segment_access(self.view.sites[need.site], need.segment)
        where = {name: addresses(self.view.servers.get(name, name)) for name in need.servers}
        # All servers at once first: most needs lack nothing.
        if not self.lost([access], Box(need.sources, Ranges.union(where.values()), need.services)):
            return {}
        missing = {name: self.lost([access], Box(need.sources, ends, need.services)) for name, ends in where.items()}
        return {name: lost for name, lost in missing.items() if lost}

    def lost(self, accesses: Iterable[Access], wanted: Box) -> Ranges:
        """Give the services that do not arrive, of some traffic from some accesses.

        An address is reached only from accesses of its own version of IP.
        """
        boxes = [Box(wanted.sources & line, wanted.destinations & line, wanted.services) for line in (IPV4, IPV6)]
        filters = self.view.filters
        pieces = (piece for access in accesses for box in boxes if box for piece in stopped(access, filters, box))
        return Ranges.union(piece.services for piece in pieces)


def check_administration(view: View) -> None:
    """M111: Piste reaches each system that it drives, from its station."""
    if not _usable(view):
        return
    town, variables = _Town(view), view.declared.town.variables
    segments = {name: site["segments"] for name, site in view.sites.items()}
    ends = Ends(view.declared, segments, view.servers, variables.firewall.prefix)
    origin = _addresses(ends, variables.administration.station)
    inside = [segment_access(site, key) for site in view.sites.values() for key in site["segments"]]
    beyond = origin - Ranges.union(access.subnet for access in inside)
    accesses = [access for access in inside if access.subnet & origin]
    if beyond:
        accesses.append(Access("", "", "interne", "", beyond, "ngfw", ()))
    for system in systems(variables):
        where = ("administration", system.field) if system.field else ("administration", "from")
        target, message = _addresses(ends, system.ends), ""
        services = Ranges.union(
            [*(ports("tcp", text) for text in system.tcp), *(ports("udp", text) for text in system.udp)]
        )
        if not origin or not target:
            message = f"{system.why} : rien ne dit {'où il répond' if origin else 'd’où Piste tourne'}"
        elif lost := town.lost(accesses, Box(origin, target, services)):
            message = f"{system.why} : {', '.join(say_services(lost))} ne passe pas"
        if message:
            view.faults.add("PISTE-M111", ".".join(where), view.declared.town.where(where, where[:1]), message)


def _addresses(ends: Ends, names: Iterable[str]) -> Ranges:
    return Ranges.union(ends.meaning[name] for text in names for name in ends.at(End.read(text)))


def check_supervision(view: View) -> None:
    """M296: the server of the supervision reaches what it polls."""
    variables = view.declared.town.variables
    if variables.supervision is None or not _usable(view):
        return
    town, where = _Town(view), ("supervision", "classes")
    segments = {name: site["segments"] for name, site in view.sites.items()}
    ends = Ends(view.declared, segments, view.servers, variables.firewall.prefix)
    origin = _addresses(ends, variables.administration.zabbix or ())
    inside = [segment_access(site, key) for site in view.sites.values() for key in site["segments"]]
    accesses = [access for access in inside if access.subnet & origin]
    for kind, watched in variables.supervision.classes.items():
        polled = {
            asset["name"]: addresses(asset["address"])
            for asset in view.assets.all
            if watched_as(asset) == kind and asset["state"] == "in_service" and asset["address"]
        }
        services = _asked(watched)
        # All of a class at once first: most classes lack nothing.
        if not town.lost(accesses, Box(origin, Ranges.union(polled.values()), services)):
            continue
        lost = {name: town.lost(accesses, Box(origin, address, services)) for name, address in polled.items()}
        silent = sorted(name for name, missing in lost.items() if missing)
        missing = ", ".join(say_services(Ranges.union(lost.values())))
        message = f"{watched.label} ({some(silent, 3)}) : {missing} n’arrive pas du serveur de supervision"
        mark = view.declared.town.where((*where, kind), where)
        view.faults.add("PISTE-M296", f"supervision.classes[{kind}]", mark, message)


def _asked(watched: WatchedClass) -> Ranges:
    """Give the services that the templates of a class ask its devices for, as their names say."""
    asked = [
        service
        for name in watched.templates
        for ending, service in (("ping", icmp(8)), ("by zabbix agent", AGENT), ("by snmp", SNMP))
        if name.lower().endswith(ending)
    ]
    return Ranges.union(asked)


def check_populations(view: View) -> None:
    """M112: computers reach domain, leases and certificates; devices reach the RADIUS servers."""
    if not _usable(view):
        return
    town = _Town(view)
    unmet: dict[tuple[str, str, str, str], tuple[Mark, list[str]]] = {}
    known: dict[tuple[object, ...], dict[str, Ranges]] = {}
    for need in _needs(view):
        # Several policies admit the computers of a segment, and each asks for the same.
        asked = (need.site, need.segment, need.servers, need.services, need.sources)
        if asked not in known:
            known[asked] = town.missing(need)
        for server, lost in known[asked].items():
            key = (need.path, need.what, server, ", ".join(say_services(lost)))
            unmet.setdefault(key, (need.mark, []))[1].append(f"{need.segment}@{need.site}")
    for (path, what, server, services), (mark, places) in unmet.items():
        view.faults.add("PISTE-M112", path, mark, f"{what} ({some(places, 3)}) n’atteignent pas {server} : {services}")


def _usable(view: View) -> bool:
    """Tell whether names and addresses are sound: a fault of theirs is not reported twice."""
    hiding = ("PISTE-M010", "PISTE-M012", "PISTE-M035", "PISTE-M100", "PISTE-M101", "PISTE-M102", "PISTE-M030")
    return view.declared.complete and not any(fault.rule in hiding for fault in view.faults)


def _needs(view: View) -> Iterator[Need]:
    for declared, site in view.pairs():
        if site["lifecycle"] not in IN_SERVICE:
            continue
        variables = declared.variables
        controllers, names = tuple(variables.directory.controllers), tuple(variables.dns.servers)
        members: set[str] = set()
        for segment, what, path, mark in _members(view, site):
            members.add(segment)
            yield Need(site["id"], segment, what, controllers, MEMBER, path, mark)
            yield Need(site["id"], segment, what, names, NAMES, path, mark)
        authority = variables.directory.certificate_authority
        for segment, what, path, mark in _admitted(view, site) if authority else ():
            yield Need(site["id"], segment, what, (str(authority),), RPC, path, mark)
        for key, segment_here in site["segments"].items():
            if segment_here["dhcp"] and segment_here["zone"] != "invite":
                path, mark = "dhcp.servers", declared.where(("dhcp", "servers"))
                servers = tuple(variables.dhcp.servers)
                yield Need(site["id"], key, "Les postes d’une plage d’adresses", servers, LEASE, path, mark)
        yield from _resolvers(declared, site, members)
        radius = variables.radius
        if radius and site["devices"] and MANAGEMENT in site["segments"]:
            asked = [radius.auth_port, *([radius.acct_port] if radius.accounting else ())]
            services = Ranges.union(ports("udp", str(port)) for port in asked)
            own = Ranges.union(addresses(device["address"]) for device in site["devices"])
            path, mark = "radius.servers", declared.where(("radius", "servers"))
            what = "Les équipements, pour le 802.1X,"
            yield Need(site["id"], MANAGEMENT, what, tuple(radius.servers), services, path, mark, own)


def _resolvers(declared: DeclaredSite, site: Site, members: set[str]) -> Iterator[Need]:
    """Yield the need of names of those who are no members of the domain, guests included."""
    lent = [gateway["server"] for gateway in site["gateways"] if gateway["server"]]
    for scope in (*site["scopes"], *lent):
        key = scope["segment"]
        own: KeyPath = ("dhcp", "populations", key, "dns")
        source = declared.sources["dhcp"]
        path, where = ("dhcp.populations", own) if source.holds(own[1:]) else ("dns.servers", ("dns", "servers"))
        servers = tuple(scope["options"]["dns"])
        if servers and key not in members:
            what = "Les postes d’une plage d’adresses, pour les noms,"
            yield Need(site["id"], key, what, servers, NAMES, path, declared.where(where))


def _members(view: View, site: Site) -> Iterator[tuple[str, str, str, Mark]]:
    """Yield the segments of a site with computers of the domain, and their declaration."""
    town = view.declared.town
    for name, unit in town.variables.directory.site_units.items():
        field = "segment" if unit.computers is None else "computers"
        for segment in unit.stand_in:
            if segment in site["segments"] and unit.segment in (None, *site["segments"]):
                where = ("directory", "site_units", name, field)
                path = f"directory.site_units[{name}].{field}"
                yield segment, f"Les postes de l’unité « {name} »", path, town.where(where)
    yield from _admitted(view, site)


def _admitted(view: View, site: Site) -> Iterator[tuple[str, str, str, Mark]]:
    """Yield the segments of a site that admit computers by certificate, hence by their domain."""
    town = view.declared.town
    for name, policy in town.variables.network_policies.items():
        segment = segment_at(policy, site["id"])
        if "tls" in policy.eap and segment in site["segments"]:
            assert segment is not None
            where = ("network_policies", name, "segment")
            path = f"network_policies[{name}].segment"
            yield segment, f"Les postes que la politique « {name} » admet par certificat", path, town.where(where)
