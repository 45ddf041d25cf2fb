"""The scopes of a site: who gets which addresses, with which options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from netaddr import IPNetwork

from ..addressing.plan import host
from .form import DhcpOptions

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..declaration import Declaration, DeclaredSite
    from ..secrets import SecretRef
    from ..variables import SiteVariables, TownLevel
    from .form import DhcpServers, ServerOptions


class Span(TypedDict):
    start: str
    end: str


class Reserved(TypedDict):
    """A reservation; with a `status`, its MAC address is to confirm, and no server is given it."""

    name: str
    address: str
    mac: str
    status: str | None


class Options(TypedDict):
    """Options of a scope; an empty list or None: the option is not given."""

    routers: list[str]
    dns: list[str]
    ntp: list[str]
    domain: str | None
    boot_server: str | None
    boot_file: str | None


class Scope(TypedDict):
    """A scope: the addresses of a segment that are lent, `lease` in seconds."""

    name: str
    segment: str
    subnet: str
    start: str
    end: str
    exclusions: list[Span]
    lease: int
    options: Options
    reservations: list[Reserved]
    status: str | None


class DhcpServer(TypedDict):
    """A server; `host` is its whole name in the domain."""

    name: str
    address: str
    host: str


class FailoverRelation(TypedDict):
    """The relation of two servers; `share` as declared, times in seconds."""

    name: str
    primary: str
    partner: str
    mode: Literal["load_balance", "hot_standby"]
    share: int
    client_lead: int
    switch_after: int | None
    shared_secret: SecretRef | None


class Settings(TypedDict):
    """The settings of each server; None: as they are.

    Options are in the form of their kind. `update_account` is judged, never written.
    """

    options: dict[str, Any] | None
    audit_log: dict[str, Any] | None
    conflict_attempts: int | None
    update_account: str | None


class TownDhcp(TypedDict):
    """The DHCP servers of the town, in their order, their settings and their relation.

    `retired` are the whole names of those that lend no more.
    """

    servers: list[DhcpServer]
    failover: FailoverRelation | None
    settings: Settings | None
    retired: list[str]


def derive_scopes(
    declared: DeclaredSite, segments: Mapping[str, Segment], servers: Mapping[str, str]
) -> dict[str, Scope]:
    """Derive the scope of each segment of a site that has a range."""
    return {key: _scope(declared, segment, servers) for key, segment in segments.items() if segment["dhcp"]}


def central(segment: Segment) -> bool:
    """Tell whether the town's servers lend the addresses of a segment: a gateway serves guests."""
    return segment["zone"] != "invite"


def _scope(declared: DeclaredSite, segment: Segment, servers: Mapping[str, str]) -> Scope:
    variables, key = declared.variables, segment["key"]
    span, subnet = segment["dhcp"], IPNetwork(segment["subnet"])
    assert span is not None
    own = variables.segments.get(key)
    plan = variables.segment_catalogue[key].plan.dhcp
    ranges = own.dhcp if own and "dhcp" in own.model_fields_set else plan
    return Scope(
        name=f"{variables.site.plan.code or declared.id}-{key}",
        segment=key,
        subnet=segment["subnet"],
        start=span["start"],
        end=span["end"],
        exclusions=[
            Span(start=str(host(subnet, left.first)), end=str(host(subnet, left.last)))
            for left in (ranges.exclude if ranges else ())
        ],
        lease=span["lease"] or variables.dhcp.lease_s,
        options=_options(variables, segment, servers),
        reservations=[
            Reserved(name=name, address=segment["reservations"][name], mac=reservation.mac, status=reservation.status)
            for name, reservation in (own.reservations if own else {}).items()
            if reservation.mac
        ],
        status=segment["status"],
    )


def _options(variables: SiteVariables, segment: Segment, servers: Mapping[str, str]) -> Options:
    dhcp = variables.dhcp
    own, usual = dhcp.populations.get(segment["key"], DhcpOptions()), dhcp.options
    inside = central(segment)
    # A guest gets nothing of the town that nobody declares for guests.
    dns = own.dns if own.dns is not None else (usual.dns or variables.dns.servers if inside else [])
    ntp = own.ntp if own.ntp is not None else (usual.ntp or [] if inside else [])
    domain = own.domain or (usual.domain or variables.dns.zone or variables.directory.domain if inside else None)
    boot = own.boot_server or (usual.boot_server if inside else None)
    return Options(
        routers=[segment["gateway"]],
        dns=located(variables, dns, servers),
        ntp=located(variables, ntp, servers),
        domain=domain,
        boot_server=next(iter(located(variables, [boot], servers)), None) if boot else None,
        boot_file=own.boot_file or (usual.boot_file if inside else None),
    )


def located(variables: TownLevel, names: Iterable[str], servers: Mapping[str, str]) -> list[str]:
    """Give the addresses of some servers: reservations, places of one address, or addresses.

    An unknown name is left out.
    """
    return [address for name in names if (address := locate(variables, name, servers))]


def locate(variables: TownLevel, name: str, servers: Mapping[str, str]) -> str | None:
    """Give the address of a server, None where the name is unknown."""
    if name in servers:
        return servers[name]
    place = variables.flow_places.get(name)
    if place and len(place.networks) == 1 and IPNetwork(place.networks[0]).size == 1:
        return str(IPNetwork(place.networks[0]).ip)
    try:
        return str(ip_address(name))
    except ValueError:
        return None


def derive_town_dhcp(declaration: Declaration, servers: Mapping[str, str]) -> TownDhcp:
    """Derive the DHCP servers of the town and the relation of the first two."""
    dhcp, domain = declaration.town.variables.dhcp, declaration.town.variables.directory.domain
    hosts = {name: f"{name}.{domain}" for name in (*dhcp.servers, *dhcp.retired)}
    known = [
        DhcpServer(name=name, address=servers[name], host=hosts[name]) for name in dhcp.servers if name in servers
    ]
    return TownDhcp(
        servers=known,
        failover=_failover(dhcp, known),
        settings=_settings(declaration.town.variables, servers),
        retired=[hosts[name] for name in dhcp.retired],
    )


def _settings(variables: TownLevel, servers: Mapping[str, str]) -> Settings | None:
    declared = variables.dhcp.settings
    if declared is None:
        return None
    return Settings(
        options=_server_options(variables, declared.options, servers) if declared.options else None,
        audit_log=declared.audit_log.model_dump(exclude_none=True) if declared.audit_log else None,
        conflict_attempts=declared.conflict_attempts,
        update_account=declared.update_account,
    )


def _server_options(variables: TownLevel, declared: ServerOptions, servers: Mapping[str, str]) -> dict[str, Any]:
    """Derive the declared options of a server."""
    options: dict[str, Any] = {}
    for name in ("dns", "ntp"):
        if (named := getattr(declared, name)) is not None:
            options[name] = located(variables, named, servers)
    if declared.boot_server:
        options["boot_server"] = next(iter(located(variables, [declared.boot_server], servers)), None)
    options |= {name: text for name in ("domain", "boot_file") if (text := getattr(declared, name)) is not None}
    by_class = {
        f"{name}/{number}": {"values": entry}
        for name, entries in declared.classes.items()
        for number, entry in entries.items()
    }
    other = {number: {"values": entry} for number, entry in declared.other.items()}
    return options | ({"other": other} if other else {}) | ({"classes": by_class} if by_class else {})


def _failover(dhcp: DhcpServers, known: list[DhcpServer]) -> FailoverRelation | None:
    declared = dhcp.failover
    if declared is None or len(known) < 2:
        return None
    primary, partner = (server["name"] for server in known[:2])
    return FailoverRelation(
        name=f"{primary}-{partner}",
        primary=primary,
        partner=partner,
        mode=declared.mode,
        share=declared.share,
        client_lead=declared.client_lead_s,
        switch_after=declared.switch_after_s,
        shared_secret={"secret": secret.secret} if (secret := declared.shared_secret) else None,
    )
