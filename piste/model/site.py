"""The derived site: plain JSON data, the same for every vendor, for modules and for documents."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from .schema import Audience, Authentication, DeviceKind, Dot1xState, Lifecycle, Zone
from .secrets import SecretRef


class Dhcp(TypedDict):
    """First and last address distributed; lease in seconds, None for the server's own."""

    start: str
    end: str
    lease: int | None


class Segment(TypedDict):
    key: str
    label: str
    vlan: int
    subnet: str
    gateway: str
    gateway_device: Literal["ngfw", "core"]
    zone: Zone
    dhcp: Dhcp | None
    reservations: dict[str, str]
    status: str | None


class Port(TypedDict):
    """A declared port. None means not managed: the live value stands."""

    port: str
    profile: str
    name: str
    enabled: bool
    mode: Literal["access", "trunk"] | None
    vlan: int | None
    voice_vlan: int | None
    allowed_vlans: str | None
    poe: bool | None
    stp_guard: Literal["bpdu", "root", "loop", "none"] | None
    isolation: bool | None
    access_policy: str | None
    uplink: bool
    tags: list[str]


class Device(TypedDict):
    """A switch or an access point. `vlan` tags its management traffic; None: the native VLAN of its port."""

    name: str
    kind: DeviceKind
    model: str
    serial: str
    rank: int
    address: str
    prefix_length: int
    gateway: str
    vlan: int | None
    dns: list[str]
    tags: list[str]
    dot1x: bool
    status: str | None
    ports: list[Port]


class Window(TypedDict):
    """Hours of one day during which the SSID is on the air, as HH:MM."""

    day: str
    start: str
    end: str


class Schedule(TypedDict):
    open: list[Window]


class Ssid(TypedDict):
    name: str
    slot: int
    purpose: str
    audience: Audience
    enabled: bool
    segment: str
    vlan: int
    zone: Zone
    authentication: Authentication
    psk: SecretRef | None
    portal: dict[str, Any] | None
    guest: bool
    hidden: bool
    bandwidth: dict[str, int | None] | None
    availability_tags: list[str]
    deny: list[str]
    schedule: Schedule | None
    status: str | None


class AccessPolicy(TypedDict):
    name: str
    kind: Literal["dot1x", "hybrid", "mab"]
    voice: bool
    guest_vlan: int | None
    critical_vlan: int | None
    failed_vlan: int | None
    reauthentication_s: int | None
    status: str | None


class RadiusServer(TypedDict):
    name: str
    host: str
    auth_port: int
    acct_port: int
    secret: SecretRef


class Radius(TypedDict):
    """Servers in order of priority."""

    servers: list[RadiusServer]
    accounting: bool


class Model(TypedDict):
    """A model of the hardware catalogue; `ports` is None for an access point, `poe` where it is not known."""

    kind: DeviceKind
    ports: int | None
    poe: bool | None
    status: str | None


class DirectoryUnit(TypedDict):
    path: str
    description: str | None


class DirectoryGroup(TypedDict):
    name: str
    ou: str
    description: str
    scope: str
    members: list[str]


class WmiFilter(TypedDict):
    name: str
    description: str | None
    queries: list[dict[str, str]]


class DirectoryPolicy(TypedDict):
    """A group policy; `filtering` None: everybody applies it. `shutdown` gives hours and minutes, or None."""

    name: str
    comment: str
    computer: dict[str, Any] | None
    user: dict[str, Any] | None
    filtering: list[str] | None
    exempt: list[str]
    wmi_filter: str | None
    exclusive: bool
    shutdown: dict[str, Any] | None


class DirectoryLinks(TypedDict):
    """What applies at a place, first the one that wins, and what must not be linked there any more."""

    place: str
    policies: list[str]
    absent: list[str]


class SiteDirectory(TypedDict):
    path: str
    units: list[DirectoryUnit]
    groups: list[DirectoryGroup]
    links: list[DirectoryLinks]


class TownDirectory(TypedDict):
    """`apart` are the places that belong to sites."""

    root: str
    units: list[DirectoryUnit]
    apart: list[str]
    groups: list[DirectoryGroup]
    wmi_filters: list[WmiFilter]
    policies: list[DirectoryPolicy]
    links: list[DirectoryLinks]


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


class Commune(TypedDict):
    """What belongs to the town and to no site; `as_found` as in a site, `hosting` None where no cluster is declared."""

    id: str
    lifecycle: Lifecycle
    directory: TownDirectory
    hosting: TownHosting | None
    as_found: dict[str, Any]


class Site(TypedDict):
    """`as_found` holds, by system, kind and key, what is kept as it was found in place of what is derived here."""

    id: str
    number: int
    code: str | None
    name: str
    category: str
    category_label: str
    lifecycle: Lifecycle
    cctp: str
    status: str | None
    postal_address: str | None
    remark: str | None
    organization: str
    network_name: str
    timezone: str
    block: str
    dot1x: Dot1xState
    segments: dict[str, Segment]
    devices: list[Device]
    ssids: list[Ssid]
    retired_ssids: list[str]
    access_policies: list[AccessPolicy]
    radius: Radius
    settings: dict[str, Any]
    as_found: dict[str, Any]
    directory: SiteDirectory
