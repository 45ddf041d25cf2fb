"""What the model derives of the hosting: the machines of the cluster and what they are made of."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from .site_premises import Item

# Keys of the categories under which machines are ranged.
ENVIRONMENT, SCHEDULE, PROTECTION = "Environnement", "Horaires", "Sauvegarde"
OWNER, SEPARATION = "Responsable", "Groupe"
# What the hours note of a machine: that it was asked to stop, that it sleeps by them.
SLEEP, ASKED, ASLEEP = "Veille", "demandée", "endormie"


class HostingNode(Item):
    """A server of the cluster."""

    name: str
    serial: str | None
    model: str | None


class HostingCategory(TypedDict):
    key: str
    value: str
    description: str | None


class HostingNetwork(TypedDict):
    name: str
    description: str
    vlan: int


class HostingImage(TypedDict):
    name: str
    kind: Literal["disk", "iso"]
    url: str
    checksum: str | None


class HostingMachine(TypedDict):
    """A virtual machine; `categories` gives its values (`a, b`) by key, empty where it has none. None: not managed."""

    name: str
    role: str
    vcpus: int
    memory_gib: int
    environment: str
    production: bool
    network: str
    address: str
    disks_gib: list[int]
    container: str
    image: str | None
    guest: dict[str, Any] | None
    firmware: Literal["legacy", "uefi"] | None
    schedule: str | None
    power: Literal["running", "stopped"] | None
    stop: Literal["never", "clean", "forced"] | None
    owner: str
    categories: dict[str, str]
    status: str | None


class SeparatedMachines(TypedDict):
    """Machines that do not share a node."""

    name: str
    machines: list[str]


class Hours(TypedDict):
    """When machines sleep: each schedule's hours, and the days that are not like the others (`piste.model.hours`)."""

    timezone: str
    schedules: dict[str, dict[str, Any]]
    calendar: dict[str, Any]


class TownHosting(TypedDict):
    """What the cluster is to hold; `retired` gives, by machine to remove, how old its last copy may be, in hours."""

    cluster: str
    site: str
    nodes: list[HostingNode]
    cvm_memory_gib: int
    apart: dict[str, Any] | None
    categories: list[HostingCategory]
    networks: list[HostingNetwork]
    images: list[HostingImage]
    machines: list[HostingMachine]
    separated: list[SeparatedMachines]
    hours: Hours
    energy: dict[str, Any] | None
    retired: dict[str, int]
