"""The form of every variable of the declaration.

Forms are strict (a number is not a text) and closed (an unknown key is a fault). An absent `status` means
that the value is stated by the tender.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from . import values
from .forms import Form as Form

Status = Literal["to_confirm", "read_back", "validated"]
Lifecycle = Literal["planned", "open", "closing", "closed"]
Zone = Literal["interne", "pedagogique", "public", "invite", "externe"]
Audience = Literal["interne", "pedagogique", "invite"]
Authentication = Literal["psk", "dot1x", "open"]
Dot1xState = Literal["off", "pilot", "enforced"]
DeviceKind = Literal["switch", "access_point"]
SHORTEST_RETENTION = 12
"""Months for which the tender wants records of runs to be kept."""
SyslogRole = Literal["wireless", "switch", "flows", "urls", "air_marshal"]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _ports(ports: dict[str, Any]) -> dict[str, Any]:
    for key in ports:
        try:
            values.port_numbers(key)
        except ValueError:
            raise values.refuse(f"« {key} » n'est ni un port ni une plage de ports, par exemple 1-6") from None
    return ports


def _assignment(value: object) -> object:
    return {"profile": value} if isinstance(value, str) else value


class Marked(Form):
    """A form whose values may be an example to confirm."""

    status: Status | None = None


Network = Annotated[str, AfterValidator(values.network)]
Address = Annotated[str, AfterValidator(values.address)]
Time = Annotated[str, AfterValidator(values.time)]
Date = Annotated[str, AfterValidator(values.day)]
Vlan = Annotated[int, Field(ge=1, le=4094)]
Host = Annotated[int, Field(ge=1, le=2**24)]
Offset = Annotated[int, Field(ge=0, le=2**16)]
Number = Annotated[int, Field(ge=0, le=2**16)]
Rate = Annotated[int, Field(ge=1, le=400_000_000)]
Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Percent = Annotated[int, Field(ge=1, le=100)]
SsidName = Annotated[str, Field(min_length=1, max_length=32)]


class Range(Form):
    first: Host
    last: Host


class VlanRule(Form):
    base: Vlan
    per_site: Vlan


class HostRule(Form):
    gateway: Host
    dhcp: Range
    switches: Range
    access_points: Range


class Addressing(Marked):
    town: Network
    site_prefix: int = Field(ge=8, le=30)
    segment_prefix: int = Field(ge=8, le=30)
    vlan: VlanRule
    hosts: HostRule
    shared_number: Number
    reserved_numbers: list[Number] = Field(default_factory=list)


class Town(Form):
    name: str


class Journal(Form):
    """What is kept of the records of runs; the tender asks for twelve months at least."""

    retention_months: int = Field(ge=SHORTEST_RETENTION, le=600)


class Naming(Marked):
    switch: str
    access_point: str
    max_length: int = Field(ge=1, le=63)


class ServerNames(Marked):
    servers: list[str]


class Names(Marked):
    names: list[SsidName]


class Dhcp(Form):
    """Host ranks of the range; absent ones are those of the addressing rule. Lease in seconds."""

    first: Host | None = None
    last: Host | None = None
    lease: Annotated[int, Field(ge=60, le=31_536_000)] | None = None


class SegmentPlan(Marked):
    offset: Offset
    zone: Zone
    gateway: Literal["ngfw", "core"]
    prefix_length: Annotated[int, Field(ge=8, le=30)] | None = None
    gateway_host: Host | None = None
    dhcp: Dhcp | None = None


class Segment(Marked):
    label: str
    cctp: str | None = None
    plan: SegmentPlan


class Reservation(Marked):
    host: Host


class SiteSegment(Marked):
    """What a site changes of a segment of the catalogue; `dhcp: null` takes DHCP away."""

    offset: Offset | None = None
    vlan: Vlan | None = None
    subnet: Network | None = None
    gateway: Address | None = None
    dhcp: Dhcp | None = None
    reservations: dict[str, Reservation] = Field(default_factory=dict)


class SharedSegment(Marked):
    label: str
    offset: Offset
    prefix_length: Annotated[int, Field(ge=8, le=30)] | None = None
    vlan: Vlan | None = None


class Reference(Form):
    secret: Annotated[str, AfterValidator(values.secret_path)]


class SsidAuthentication(Form):
    start: Authentication
    target: Authentication


class Portal(Form):
    prose: ClassVar[frozenset[str]] = frozenset({"welcome_message", "terms"})

    kind: Literal["click_through"]
    welcome_message: str
    terms: Annotated[str, Field(max_length=20_000)]
    timeout_minutes: Literal[30, 60, 120, 240, 480, 720, 1080, 1440, 2880, 5760, 7200, 10080]


class Bandwidth(Form):
    """Limits in kbit/s; absent ones are not limited."""

    client_up_kbps: Rate | None = None
    client_down_kbps: Rate | None = None
    ssid_up_kbps: Rate | None = None
    ssid_down_kbps: Rate | None = None


class Ssid(Marked):
    slot: int = Field(ge=0, le=14)
    purpose: str
    audience: Audience
    segment: str
    authentication: SsidAuthentication
    portal: Portal | None = None
    bandwidth: Bandwidth | None = None
    hidden: bool = False


class SiteSsid(Marked):
    """What a site changes of an SSID; `tags` limits it to the access points that carry one of them."""

    enabled: bool = True
    tags: list[str] = Field(default_factory=list)
    psk: Reference | None = None


class GuestIsolation(Marked):
    deny: list[Network]


class PortProfile(Marked):
    """`outside_hours`: its ports may be off outside the hours of a site; `outside_hours_why`: why phones may, too."""

    label: str
    enabled: bool = True
    uplink: bool = False
    mode: Literal["access", "trunk"] | None = None
    segment: str | None = None
    voice_segment: str | None = None
    allowed_segments: list[str] = Field(default_factory=list)
    ssid_segments: bool = False
    poe: bool | None = None
    stp_guard: Literal["bpdu", "root", "loop", "none"] | None = None
    isolation: bool | None = None
    access_policy: str | None = None
    tags: list[str] = Field(default_factory=list)
    outside_hours: bool = False
    outside_hours_why: str | None = None


class PortAssignment(Form):
    """A port's profile, and a name where the label of the profile does not do."""

    profile: str
    name: str | None = None


Ports = Annotated[dict[str, Annotated[PortAssignment, BeforeValidator(_assignment)]], AfterValidator(_ports)]


class AccessPolicy(Marked):
    kind: Literal["dot1x", "hybrid", "mab"]
    voice: bool = False
    guest_segment: str | None = None
    critical_segment: str | None = None
    failed_segment: str | None = None
    reauthentication_s: Annotated[int, Field(ge=60, le=31_536_000)] | None = None


class Dated(Marked):
    """How long hardware is under warranty, and used at most: what a device leaves out is what its model says."""

    warranty_until: Date | None = None
    end_of_life: Date | None = None


class Owned(Dated):
    """An item of the inventory; `assigned_to` absent: its site."""

    assigned_to: Annotated[str, Field(min_length=1)] | None = None


class Hardware(Dated):
    kind: DeviceKind
    ports: Annotated[int, Field(ge=1, le=999)] | None = None
    poe: bool | None = None


class NetworkIdentity(Marked):
    organization: str
    name_prefix: str
    timezone: str


class SyslogServer(Form):
    host: str
    port: Port
    roles: list[SyslogRole]


class SnmpAccess(Form):
    access: Literal["none"]


class StormControl(Form):
    broadcast: Percent
    multicast: Percent
    unknown_unicast: Percent


class NetworkSettings(Marked):
    """What is absent is not managed."""

    syslog: list[SyslogServer] | None = None
    snmp: SnmpAccess | None = None
    mtu: Annotated[int, Field(ge=1500, le=9578)] | None = None
    rapid_spanning_tree: bool | None = None
    storm_control: StormControl | None = None


class OpeningHours(Marked):
    days: list[Day]
    start: Time
    end: Time


class Freeze(Form):
    """A period without writes, in the town's local time, both ends included."""

    start: Annotated[str, AfterValidator(values.moment)] = Field(alias="from")
    until: Annotated[str, AfterValidator(values.moment)]
    spared: list[str] = Field(alias="except", default_factory=list)
    why: str

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Freeze:
        if self.until <= self.start:
            raise values.refuse(f"le gel finit le {self.until}, avant de commencer le {self.start}")
        return self


class ChangeWindow(Form):
    """Days and hours in the town's local time; an end that is not after the start is on the next day."""

    days: Annotated[list[Day], Field(min_length=1)]
    start: Time
    end: Time

    @model_validator(mode="after")
    def _lasts(self) -> ChangeWindow:
        if self.start == self.end:
            raise values.refuse(f"la fenêtre s'ouvre et se ferme à {self.start}")
        return self


class ChangeWindows(Marked):
    """When the production may be written."""

    windows: Annotated[list[ChangeWindow], Field(min_length=1)]


class Category(Form):
    """`label` also names the category's unit in the directory; `continuous`: at work day and night."""

    label: Annotated[str, AfterValidator(values.unit)]
    cctp: str
    continuous: bool = False


class SitePlan(Marked):
    number: Number
    code: Annotated[str, AfterValidator(values.code)] | None = None


class SiteIdentity(Marked):
    prose: ClassVar[frozenset[str]] = frozenset({"remark"})

    name: str
    cctp: str
    lifecycle: Lifecycle
    plan: SitePlan
    postal_address: str | None = None
    remark: str | None = None


class Device(Owned):
    serial: Annotated[str, AfterValidator(values.serial)]
    model: str
    rank: Host | None = None
    dot1x: bool = False
    tags: list[str] = Field(default_factory=list)
    ports: Ports = Field(default_factory=dict)


class Interconnection(Marked):
    site: str
    segment: str
    local_host: Host
    remote_host: Host


class Neighbour(Marked):
    name: str
    cctp: str
    operator: str
    plan: SitePlan
    interconnection: Interconnection
