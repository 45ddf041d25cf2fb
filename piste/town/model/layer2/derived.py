"""Derived links between switches: stacks, aggregates, VLANs, spanning tree, priorities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..declaration import DeclaredSite
    from ..devices import Device

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


class FarPort(TypedDict):
    """A port of another site that lets the VLANs of a site pass, as that site declares it."""

    site: str
    device: str
    serial: str
    port: str
    name: str
    tags: list[str]
    allowed_vlans: str


class StpPriority(TypedDict):
    """Priority of a switch or of a stack in the spanning tree."""

    name: str
    stack: bool
    serials: list[str]
    priority: int


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


def split_port(text: str) -> tuple[str, str]:
    """Split `sw-hdv-01/5` into switch and port."""
    device, _, port = text.rpartition("/")
    return device, port


def _serials(devices: list[Device]) -> dict[str, str]:
    return {device["name"]: device["serial"] for device in devices if device["kind"] == "switch"}
