"""The derived site: plain JSON data, the same for every vendor, for modules and for documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, final

from .secrets import SecretRef
from .site_firewall import SiteFirewall, TownFirewall
from .site_hosting import TownHosting
from .site_network import Bandwidth, Portal, Settings
from .site_premises import Item, SitePremises

if TYPE_CHECKING:
    from .schema import Audience, Authentication, Day, DeviceKind, Dot1xState, Lifecycle, Zone
    from .schema_access import Eap, Medium
    from .schema_directory import Rollout


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
    """A declared port. None means not managed: the live value stands; but for `schedule`, which names the one that it
    follows: without it the port is on at all hours."""

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
    schedule: str | None


class Device(Item):
    """A switch or an access point. `vlan` tags its management traffic; None: the native VLAN of its port. `rf_profile`
    names the radio profile of an access point; None: the one that it comes with."""

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
    ports: list[Port]
    rf_profile: str | None


class Window(TypedDict):
    """Hours of one day during which an SSID is on the air, a port on, as HH:MM."""

    day: str
    start: str
    end: str


class Schedule(TypedDict):
    """Hours on the air; none: at any hour, whatever was set before."""

    open: list[Window]


class PortSchedule(TypedDict):
    """Hours outside which the ports that follow it are off; a day without a window is off altogether."""

    name: str
    open: list[Window]


class PowerRange(TypedDict):
    lowest: int
    highest: int


class RfProfile(TypedDict):
    """Powers of a radio, in dBm."""

    name: str
    two_four_ghz: PowerRange
    five_ghz: PowerRange


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
    portal: Portal | None
    guest: bool
    hidden: bool
    bandwidth: Bandwidth | None
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


class RadiusClient(TypedDict):
    """A switch or access point, as the RADIUS servers know it."""

    name: str
    address: str


class AdmittedHere(TypedDict):
    """A network policy at one site; `order` is unique in the town, the lowest is tried first."""

    key: str
    label: str
    name: str
    order: int
    vlan: int
    groups: list[str]
    eap: list[Eap]
    media: list[Medium]


class ExceptionHere(TypedDict):
    """A device admitted by its MAC address; `expired`: not any more. `until` as 2027-06-30."""

    name: str
    order: int
    mac: str
    what: str
    vlan: int
    voice: bool
    until: str
    expired: bool


@final
class SiteAccess(TypedDict):
    """`block` is the range of the site, from which its devices ask; `prefixes` begin the names of its clients."""

    block: str
    prefixes: list[str]
    clients: list[RadiusClient]
    secret: SecretRef
    policies: list[AdmittedHere]
    exceptions: list[ExceptionHere]


@final
class TownAccess(TypedDict):
    """What the RADIUS servers hold for all sites; `prefix` begins the name of each policy."""

    servers: list[str]
    domain: str
    port: int
    prefix: str
    certificate: dict[str, str]
    probe_secret: SecretRef
    sites: dict[str, SiteAccess]


class PrintQueueHere(TypedDict):
    """A queue: `settings` is what it is to do, `why` and `until` what spares it the town's defaults; `expired`: not any
    more."""

    name: str
    settings: dict[str, Any]
    why: str | None
    until: str | None
    expired: bool
    status: str | None


class SitePrinting(TypedDict):
    """`prefix` begins the names of the site's queues on the print server."""

    server: str
    prefix: str
    queues: list[PrintQueueHere]


class Model(TypedDict):
    """A model of the hardware catalogue; `ports` is None for an access point, `poe` where it is not known."""

    kind: DeviceKind
    ports: int | None
    poe: bool | None
    warranty_until: str | None
    end_of_life: str | None
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


class Shutdown(TypedDict):
    """Computers are shut down some minutes after hours, with a warning of some minutes."""

    days: list[Day]
    start: str
    end: str
    delay_min: int
    warning_min: int


class DirectoryPolicy(TypedDict):
    """A group policy; `filtering` None: everybody applies it."""

    name: str
    comment: str
    computer: dict[str, Any] | None
    user: dict[str, Any] | None
    filtering: list[str] | None
    exempt: list[str]
    wmi_filter: str | None
    exclusive: bool
    shutdown: Shutdown | None


class DirectoryLinks(TypedDict):
    """What applies at a place, first the one that wins, and what must not be linked there any more."""

    place: str
    policies: list[str]
    absent: list[str]


@final
class SiteDirectory(TypedDict):
    path: str
    units: list[DirectoryUnit]
    groups: list[DirectoryGroup]
    links: list[DirectoryLinks]


@final
class TownDirectory(TypedDict):
    """`apart` are the places that belong to sites."""

    root: str
    units: list[DirectoryUnit]
    apart: list[str]
    groups: list[DirectoryGroup]
    wmi_filters: list[WmiFilter]
    policies: list[DirectoryPolicy]
    links: list[DirectoryLinks]


@final
class Commune(TypedDict):
    """What belongs to the town and to no site; `as_found` as in a site, `hosting` None where no cluster is declared."""

    id: str
    lifecycle: Lifecycle
    directory: TownDirectory
    access: TownAccess | None
    firewall: TownFirewall
    hosting: TownHosting | None
    as_found: dict[str, Any]


class LeverHere(TypedDict):
    """What a lever of sobriety does at a site today; `spared`: why it does nothing there, for a time or for good."""

    state: Rollout
    spared: str


@final
class Site(TypedDict):
    """`as_found` holds, by system, kind and key, what is kept as it was found in place of what is derived here;
    `awaited` the devices that are ordered and have no serial number yet, as they will be; `relies_on` the address of
    each server that it needs, by name; `port_power` and `radio_power` are None where
    they are not managed."""

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
    awaited: list[Device]
    ssids: list[Ssid]
    retired_ssids: list[str]
    access_policies: list[AccessPolicy]
    radius: Radius
    access: SiteAccess
    relies_on: dict[str, str]
    printing: SitePrinting | None
    settings: Settings
    as_found: dict[str, Any]
    directory: SiteDirectory
    firewall: SiteFirewall
    premises: SitePremises
    opening_hours: dict[str, Any] | None
    port_schedules: list[PortSchedule]
    rf_profiles: list[RfProfile]
    port_power: Literal["always", "hours"] | None
    radio_power: Literal["full", "reduced"] | None
    levers: dict[str, LeverHere]
