"""Derived links between switches: stacks, aggregates, VLANs, spanning tree, priorities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..declaration import Declaration, DeclaredSite
    from ..devices import Device
    from ..routing.form import Routing
    from ..site import Site

ROOT_PRIORITY = 4096
"""Priority of the core where none is declared: below that of any switch out of its box (32,768)."""


class Member(TypedDict):
    name: str
    serial: str


class Stack(TypedDict):
    name: str
    members: list[Member]
    status: str | None


class LinkPort(TypedDict):
    device: str
    serial: str
    port: str


class Aggregate(TypedDict):
    """Ports that make up one link; `to` names what is at its other end."""

    name: str
    ports: list[LinkPort]
    to: str | None
    status: str | None


class StpPriority(TypedDict):
    """Priority of a switch or of a stack in the spanning tree."""

    name: str
    stack: bool
    serials: list[str]
    priority: int


class AccessRule(TypedDict):
    """Traffic that the switches of a site drop; each way is a rule, since they keep no state."""

    name: str
    source: str
    destination: str
    why: str


class TrafficPriority(TypedDict):
    segment: str
    vlan: int
    dscp: int


def derive_stacks(declared: DeclaredSite, devices: list[Device]) -> list[Stack]:
    """Derive the stacks of a site; a member of an unknown name is left out."""
    serials = _serials(devices)
    return [
        Stack(
            name=name,
            members=[Member(name=member, serial=serials[member]) for member in stack.members if member in serials],
            status=stack.status,
        )
        for name, stack in declared.variables.stacks.items()
    ]


def derive_aggregates(declared: DeclaredSite, devices: list[Device]) -> list[Aggregate]:
    """Derive the aggregates of a site; a port of an unknown switch is left out."""
    serials = _serials(devices)
    return [
        Aggregate(
            name=name,
            ports=[
                LinkPort(device=device, serial=serials[device], port=port)
                for device, port in map(split_port, aggregate.ports)
                if device in serials
            ],
            to=aggregate.to,
            status=aggregate.status,
        )
        for name, aggregate in declared.variables.aggregates.items()
    ]


def derive_priorities(declared: DeclaredSite, devices: list[Device], stacks: list[Stack]) -> list[StpPriority]:
    """Derive the priorities of the spanning tree: the core is the root, unless declared."""
    variables = declared.variables
    wanted = dict(variables.spanning_tree.priorities)
    core = variables.routing.core if variables.routing else None
    if core and core.site == declared.id:
        wanted.setdefault(core.stack or core.switch or "", ROOT_PRIORITY)
    serials = _serials(devices)
    members = {stack["name"]: [member["serial"] for member in stack["members"]] for stack in stacks}
    return [
        StpPriority(
            name=name, stack=name in members, serials=members.get(name) or [serials[name]], priority=priority
        )
        for name, priority in wanted.items()
        if members.get(name) or name in serials
    ]


def derive_traffic(declared: DeclaredSite, segments: Mapping[str, Segment]) -> list[TrafficPriority]:
    """Derive the priorities of traffic of a site, for the segments that it has."""
    return [
        TrafficPriority(segment=key, vlan=segments[key]["vlan"], dscp=dscp)
        for key, dscp in declared.variables.traffic_priorities.segments.items()
        if key in segments
    ]


def derive_separations(declared: DeclaredSite, segments: Mapping[str, Segment]) -> list[AccessRule]:
    """Derive the traffic that the switches of a site drop between two of its segments."""
    return list(_separations(declared, segments))


def _separations(declared: DeclaredSite, segments: Mapping[str, Segment]) -> Iterator[AccessRule]:
    for name, separation in declared.variables.separations.items():
        first, second = separation.between
        if first in segments and second in segments:
            for source, destination in ((first, second), (second, first)):
                yield AccessRule(
                    name=name,
                    source=segments[source]["subnet"],
                    destination=segments[destination]["subnet"],
                    why=separation.why,
                )


def allow_vlans(declaration: Declaration, sites: Mapping[str, Site]) -> None:
    """Give each uplink of the derived sites the VLANs that must pass there.

    None: what is at the other end of a port of the core is not declared, and its VLANs stand.
    """
    routing = declaration.town.variables.routing
    for declared in declaration.sites:
        site = sites[declared.id]
        ends = _ends(declaration, sites, declared)
        core = _core_serials(routing, site) if routing else set[str]()
        usual = _vlans(behind(declaration, sites, declared.id))
        for device in (*site["devices"], *site["awaited"]):
            for port in device["ports"]:
                if port["uplink"]:
                    # A port of the core without a declared end may lead to any site.
                    other = None if device["serial"] in core else usual
                    port["allowed_vlans"] = ends.get(f"{device['name']}/{port['port']}", other)


def behind(declaration: Declaration, sites: Mapping[str, Site], name: str) -> set[int]:
    """Give the VLANs of a site and of the sites whose link leads to it; of the core, its own."""
    routing = declaration.town.variables.routing
    vlans: set[int] = set()
    waiting, seen = [name], {name}
    while waiting:
        here = waiting.pop()
        vlans |= {segment["vlan"] for segment in sites[here]["segments"].values()}
        if routing and here == routing.core.site:
            continue
        nearer = [
            site.id
            for site in declaration.sites
            if site.id not in seen and any(link.to == here for link in site.variables.premises.links)
        ]
        seen |= set(nearer)
        waiting += nearer
    return vlans


def _ends(declaration: Declaration, sites: Mapping[str, Site], declared: DeclaredSite) -> dict[str, str]:
    """Give the VLANs of each port of a site whose other end is declared."""
    ends: dict[str, set[int]] = {}
    for other in declaration.sites:
        for link in other.variables.premises.links:
            if link.to == declared.id and link.far_port:
                ends.setdefault(link.far_port, set()).update(behind(declaration, sites, other.id))
    for aggregate in declared.variables.aggregates.values():
        known = set().union(*(ends.get(port, set()) for port in aggregate.ports))
        if aggregate.to and aggregate.to in sites:
            known |= behind(declaration, sites, aggregate.to)
        elif aggregate.to and not known:
            known = behind(declaration, sites, declared.id)
        for port in aggregate.ports if known else ():
            ends[port] = known
    routing = declaration.town.variables.routing
    if routing and routing.core.site == declared.id:
        routed = _routed_by_firewall(declaration, sites)
        ends |= dict.fromkeys(routing.firewall.ports, routed)
    return {port: _vlans(vlans) for port, vlans in ends.items()}


def _routed_by_firewall(declaration: Declaration, sites: Mapping[str, Site]) -> set[int]:
    """Give the VLANs between the core and the firewall: those that it routes, and the transit."""
    routing, shared = declaration.town.variables.routing, declaration.shared
    entry = shared.variables.shared_segments.get(routing.transit.segment) if routing and shared else None
    vlans = {entry.vlan} if entry and entry.vlan else set[int]()
    for site in sites.values():
        if site["lifecycle"] != "closed":
            vlans |= {gateway["vlan"] for gateway in site["gateways"] if gateway["carrier"] == "ngfw"}
    return vlans


def _core_serials(routing: Routing, site: Site) -> set[str]:
    if routing.core.site != site["id"]:
        return set()
    stacks = (stack["members"] for stack in site["stacks"] if stack["name"] == routing.core.stack)
    stacked = {member["serial"] for members in stacks for member in members}
    return stacked | {device["serial"] for device in site["devices"] if device["name"] == routing.core.switch}


def split_port(text: str) -> tuple[str, str]:
    """Split `sw-hdv-01/5` into switch and port."""
    device, _, port = text.rpartition("/")
    return device, port


def _serials(devices: list[Device]) -> dict[str, str]:
    return {device["name"]: device["serial"] for device in devices if device["kind"] == "switch"}


def _vlans(vlans: set[int]) -> str:
    return ",".join(map(str, sorted(vlans)))
