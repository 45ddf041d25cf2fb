"""Derived Nexus switches: what the live configuration of each is judged against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from ..declaration import Declaration, DeclaredSite
    from ..site import Site
    from .form import Nexus as DeclaredNexus
    from .form import NexusLink as DeclaredLink


class NexusLink(TypedDict):
    """A trunk, and the VLANs that must pass there; `ports` are the members of a port-channel.

    `vpc` is the number of its vPC, `peer-link`, or empty.
    """

    name: str
    to: str
    ports: list[str]
    vlans: list[int]
    vpc: str


class Nexus(TypedDict):
    """A Nexus switch.

    `address` is empty where no reservation gives it, `vpc_domain` None without a declared vPC.
    """

    name: str
    site: str
    address: str
    vlans: list[int]
    links: list[NexusLink]
    vpc_domain: int | None
    status: str | None


class Carried(TypedDict):
    """A VLAN of the town, with its gateway; `carrier` is empty where it has none."""

    vlan: int
    owner: str
    segment: str
    subnet: str
    gateway: str
    carrier: str


class TownNexus(TypedDict):
    """The Nexus switches of the town, and every VLAN that it declares."""

    switches: list[Nexus]
    vlans: list[Carried]


def derive_nexus(declaration: Declaration, sites: Mapping[str, Site], servers: Mapping[str, str]) -> TownNexus:
    """Derive the Nexus switches of every site in service."""
    switches = [
        _nexus(declaration, declared, sites[declared.id], name, nexus, servers)
        for declared in declaration.sites
        if sites[declared.id]["lifecycle"] in ("open", "closing")
        for name, nexus in declared.variables.nexus.items()
    ]
    return TownNexus(switches=switches, vlans=list(_vlans(declaration, sites)) if switches else [])


def _nexus(
    declaration: Declaration,
    declared: DeclaredSite,
    site: Site,
    name: str,
    nexus: DeclaredNexus,
    servers: Mapping[str, str],
) -> Nexus:
    hosting = declaration.town.variables.hosting
    hosted = hosting.segments if hosting and hosting.site == declared.id else []
    carried = [*dict.fromkeys([*hosted, *nexus.segments])]
    return Nexus(
        name=name,
        site=declared.id,
        address=servers.get(name, ""),
        vlans=_ids(site, carried),
        links=[_link(site, key, link, carried, nexus) for key, link in nexus.links.items()],
        vpc_domain=nexus.vpc.domain if nexus.vpc else None,
        status=nexus.status,
    )


def _link(site: Site, name: str, link: DeclaredLink, carried: list[str], nexus: DeclaredNexus) -> NexusLink:
    segments = carried if link.segments is None else link.segments
    peer = nexus.vpc is not None and nexus.vpc.peer_link == name
    vpc = "peer-link" if peer else str(link.vpc or "")
    return NexusLink(name=name, to=link.to, ports=link.ports, vlans=_ids(site, segments), vpc=vpc)


def _ids(site: Site, segments: list[str]) -> list[int]:
    return sorted({site["segments"][name]["vlan"] for name in segments if name in site["segments"]})


def _vlans(declaration: Declaration, sites: Mapping[str, Site]) -> Iterator[Carried]:
    for site in sites.values():
        if site["lifecycle"] != "closed":
            for gateway in site["gateways"]:
                yield Carried(
                    vlan=gateway["vlan"],
                    owner=site["id"],
                    segment=gateway["segment"],
                    subnet=gateway["subnet"],
                    gateway=gateway["address"],
                    carrier=gateway["carrier"],
                )
    shared = declaration.shared
    for key, entry in shared.variables.shared_segments.items() if shared else ():
        if shared and entry.vlan is not None:
            yield Carried(vlan=entry.vlan, owner=shared.id, segment=key, subnet="", gateway="", carrier="")
