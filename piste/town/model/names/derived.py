"""Derived names: zones and records of the DNS, sites and subnets of Active Directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, TypedDict

from netaddr import IPAddress, IPNetwork

from ..addressing.plan import AddressingRule

if TYPE_CHECKING:
    from ..declaration import Declaration, DeclaredSite
    from ..devices import Device
    from ..routing.derived import Gateway
    from ..site import Site
    from ..variables import SiteVariables, TownLevel

Type = Literal["A", "AAAA", "PTR", "CNAME", "TXT"]
_OCTET = 8


class NameServers(TypedDict):
    """The DNS servers, and the addresses to which each sends what it does not know; None: any."""

    servers: list[str]
    forwarders: list[str] | None


class Zone(TypedDict):
    name: str
    reverse: bool


class Record(TypedDict):
    """The values of a type at a name; `name` is relative to the zone, `@` the zone itself.

    `ttl` is in seconds; values that are names are whole and end with a dot.
    """

    zone: str
    name: str
    type: Type
    values: list[str]
    ttl: int


class AdSite(TypedDict):
    """A site of Active Directory; `link` names the link of a site of its own to the town's."""

    name: str
    link: str | None


class AdSubnet(TypedDict):
    subnet: str
    site: str
    description: str


def forward_zone(variables: TownLevel) -> str:
    """Name the zone of the town's names: the declared zone, or the directory's domain."""
    return variables.dns.zone or variables.directory.domain


def reverse_zone(address: str, length: int) -> str:
    """Name the reverse zone of an address, of so many bits: `93.10.in-addr.arpa`."""
    kept = str(IPAddress(address)).split(".")[: length // _OCTET]
    return ".".join([*reversed(kept), "in-addr.arpa"])


def derive_records(
    declared: DeclaredSite, reservations: Mapping[str, str], devices: Iterable[Device], gateways: Iterable[Gateway]
) -> list[Record]:
    """Derive the records of a site: addresses both ways, then aliases.

    A controller registers its own address by itself: only its reverse name is derived.
    """
    variables = declared.variables
    zone, ttl = forward_zone(variables), variables.dns.ttl_s
    hosts = {**reservations, **{device["name"]: device["address"] for device in devices}}
    hosts |= {gateway["name"]: gateway["address"] for gateway in gateways}
    records = [
        Record(zone=zone, name=name, type="A", values=[address], ttl=ttl)
        for name, address in hosts.items()
        if name not in variables.directory.controllers
    ]
    records += (_pointer(variables, name, address) for name, address in hosts.items())
    for segment in variables.segments.values():
        for name, reservation in segment.reservations.items():
            records += (
                Record(zone=zone, name=alias, type="CNAME", values=[f"{name}.{zone}."], ttl=ttl)
                for alias in reservation.aliases
                if name in hosts
            )
    return records


def _pointer(variables: SiteVariables, name: str, address: str) -> Record:
    zone = reverse_zone(address, variables.dns.reverse_prefix)
    left = str(IPAddress(address)).split(".")[variables.dns.reverse_prefix // _OCTET :]
    whole = f"{name}.{forward_zone(variables)}."
    return Record(zone=zone, name=".".join(reversed(left)), type="PTR", values=[whole], ttl=variables.dns.ttl_s)


def derive_town_records(declaration: Declaration) -> list[Record]:
    """Derive the records that the town declares and no site has."""
    variables = declaration.town.variables
    zone, ttl = forward_zone(variables), variables.dns.ttl_s
    merged: dict[tuple[str, Type], list[str]] = {}
    for record in variables.dns.records:
        merged.setdefault((record.name, record.type), []).extend(record.values)
    return [
        Record(zone=zone, name=name, type=kind, values=values, ttl=ttl) for (name, kind), values in merged.items()
    ]


def derive_name_servers(declaration: Declaration) -> NameServers:
    dns = declaration.town.variables.dns
    return NameServers(servers=list(dns.servers), forwarders=dns.forwarders)


def derive_zones(declaration: Declaration, records: Iterable[Record]) -> list[Zone]:
    """Derive the zones of the town: its own, then the reverse zones of its blocks."""
    variables = declaration.town.variables
    length = variables.dns.reverse_prefix
    parts = [part for block in _blocks(declaration) for part in _cut(block, length)]
    reverse = dict.fromkeys(reverse_zone(str(part.ip), length) for part in parts)
    reverse |= {record["zone"]: None for record in records if record["type"] == "PTR"}
    return [Zone(name=forward_zone(variables), reverse=False), *(Zone(name=name, reverse=True) for name in reverse)]


def _blocks(declaration: Declaration) -> Iterator[IPNetwork]:
    rule = AddressingRule(declaration.town.variables.addressing)
    for site in declaration.sites:
        yield rule.block(site.variables.site.plan.number)
    yield rule.block(rule.declared.shared_number)


def _cut(block: IPNetwork, length: int) -> Iterable[IPNetwork]:
    return block.subnet(length) if block.prefixlen < length else [IPNetwork((block.first, length)).cidr]


def derive_ad_sites(declaration: Declaration, sites: Mapping[str, Site]) -> list[AdSite]:
    """Derive the sites of the directory: the town's, then each other site with a controller."""
    town = declaration.town.variables.directory.ad_site
    own = [AdSite(name=name, link=f"{town}-{name}") for name, site in sites.items() if _stands_alone(declaration, site)]
    return [AdSite(name=town, link=None), *own]


def derive_ad_subnets(declaration: Declaration, declared: DeclaredSite, sites: Mapping[str, Site]) -> list[AdSubnet]:
    """Derive the subnet of a site: its whole block, in a site of its own or the town's."""
    site = sites[declared.id]
    where = declared.id if _stands_alone(declaration, site) else declaration.town.variables.directory.ad_site
    return [AdSubnet(subnet=site["block"], site=where, description=site["name"])]


def derive_town_ad_subnets(declaration: Declaration) -> list[AdSubnet]:
    """Derive the subnet of the town's own segments: remote access signs in from there."""
    rule = AddressingRule(declaration.town.variables.addressing)
    block, town = str(rule.block(rule.declared.shared_number)), declaration.town.variables
    return [AdSubnet(subnet=block, site=town.directory.ad_site, description="Segments de la ville")]


def _stands_alone(declaration: Declaration, site: Site) -> bool:
    """Tell whether a controller stands at a site, but not that by which the domain is entered."""
    directory = declaration.town.variables.directory
    names = {name for segment in site["segments"].values() for name in segment["reservations"]}
    return bool(names & set(directory.controllers)) and directory.controller not in names
