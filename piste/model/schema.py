"""The form of every variable of the declaration.

Forms are strict (a number is not a text) and closed (an unknown key is a fault). An absent `status` means
that the value is stated by the tender.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from netaddr import AddrFormatError, IPAddress, IPNetwork
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from .secrets import REFERENCE_PATH

Status = Literal["to_confirm", "read_back", "validated"]
Lifecycle = Literal["planned", "open", "closing", "closed"]
Zone = Literal["interne", "pedagogique", "public", "invite", "externe"]
Audience = Literal["interne", "pedagogique", "invite"]
Authentication = Literal["psk", "dot1x", "open"]
Dot1xState = Literal["off", "pilot", "enforced"]
DeviceKind = Literal["switch", "access_point"]
SyslogRole = Literal["wireless", "switch", "flows", "urls", "air_marshal"]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _refuse(reason: str) -> PydanticCustomError:
    return PydanticCustomError("piste", "{reason}", {"reason": reason})


def _network(text: str) -> str:
    try:
        network = IPNetwork(text)
    except (AddrFormatError, ValueError):
        raise _refuse(f"« {text} » n'est pas un sous-réseau, par exemple 10.93.40.0/24") from None
    if "/" not in text or str(network.cidr) != text:
        raise _refuse(f"« {text} » n'est pas un début de sous-réseau ; écrivez {network.cidr}")
    return text


def _address(text: str) -> str:
    try:
        return str(IPAddress(text))
    except (AddrFormatError, ValueError):
        raise _refuse(f"« {text} » n'est pas une adresse IP, par exemple 10.93.41.254") from None


def _time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[03]0", text):
        raise _refuse(f"« {text} » n'est pas une heure à la demi-heure près, par exemple 07:30")
    return text


def _serial(text: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", text):
        raise _refuse(f"« {text} » n'est pas un numéro de série de la forme XXXX-XXXX-XXXX")
    return text


def _code(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,4}", text):
        raise _refuse(f"« {text} » n'est pas un code de deux à quatre lettres minuscules")
    return text


def _secret_path(text: str) -> str:
    if not REFERENCE_PATH.fullmatch(text):
        raise _refuse("la référence n'est pas un chemin de la forme domaine/objet/clé")
    return text


def port_numbers(text: str) -> list[int]:
    """Expand "1-6", "7" or "1-4,9" into port numbers; ValueError when the text is none of these."""
    numbers: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"([1-9]\d{0,2})(?:-([1-9]\d{0,2}))?", part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise ValueError(text)
        numbers.extend(range(first, last + 1))
    return numbers


def _ports(ports: dict[str, Any]) -> dict[str, Any]:
    for key in ports:
        try:
            port_numbers(key)
        except ValueError:
            raise _refuse(f"« {key} » n'est ni un port ni une plage de ports, par exemple 1-6") from None
    return ports


def _assignment(value: object) -> object:
    return {"profile": value} if isinstance(value, str) else value


class Form(BaseModel):
    """The base of every form: strict, closed, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Marked(Form):
    """A form whose values may be an example to confirm."""

    status: Status | None = None


Network = Annotated[str, AfterValidator(_network)]
Address = Annotated[str, AfterValidator(_address)]
Time = Annotated[str, AfterValidator(_time)]
Vlan = Annotated[int, Field(ge=1, le=4094)]
Host = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[int, Field(ge=1, le=100)]
SsidName = Annotated[str, Field(min_length=1, max_length=32)]


class Range(Form):
    first: Host
    last: Host


class VlanRule(Form):
    base: Vlan
    per_site: int = Field(ge=1)


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
    shared_number: int = Field(ge=0)
    reserved_numbers: list[int] = []


class Town(Form):
    name: str


class Journal(Form):
    """What is kept of the records of runs; the tender asks for twelve months at least."""

    retention_months: int = Field(ge=12)


class Naming(Marked):
    switch: str
    access_point: str
    max_length: int = Field(ge=1)


class ServerNames(Marked):
    servers: list[str]


class Names(Marked):
    names: list[SsidName]


class Dhcp(Form):
    """Host ranks of the range; absent ones are those of the addressing rule. Lease in seconds."""

    first: Host | None = None
    last: Host | None = None
    lease: Annotated[int, Field(ge=60)] | None = None


class SegmentPlan(Marked):
    offset: int = Field(ge=0)
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

    offset: Annotated[int, Field(ge=0)] | None = None
    vlan: Vlan | None = None
    subnet: Network | None = None
    gateway: Address | None = None
    dhcp: Dhcp | None = None
    reservations: dict[str, Reservation] = {}


class SharedSegment(Marked):
    label: str
    offset: int = Field(ge=0)
    prefix_length: Annotated[int, Field(ge=8, le=30)] | None = None
    vlan: Vlan | None = None


class Reference(Form):
    secret: Annotated[str, AfterValidator(_secret_path)]


class SsidAuthentication(Form):
    start: Authentication
    target: Authentication


class Portal(Form):
    kind: Literal["click_through"]
    welcome_message: str
    terms: str
    timeout_minutes: Literal[30, 60, 120, 240, 480, 720, 1080, 1440, 2880, 5760, 7200, 10080]


class Bandwidth(Form):
    """Limits in kbit/s; absent ones are not limited."""

    client_up_kbps: Annotated[int, Field(ge=1)] | None = None
    client_down_kbps: Annotated[int, Field(ge=1)] | None = None
    ssid_up_kbps: Annotated[int, Field(ge=1)] | None = None
    ssid_down_kbps: Annotated[int, Field(ge=1)] | None = None


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
    tags: list[str] = []
    psk: Reference | None = None


class GuestIsolation(Marked):
    deny: list[Network]


class Permanence(Marked):
    state: Literal["on", "off"]


class PortProfile(Marked):
    label: str
    enabled: bool = True
    uplink: bool = False
    mode: Literal["access", "trunk"] | None = None
    segment: str | None = None
    voice_segment: str | None = None
    allowed_segments: list[str] = []
    ssid_segments: bool = False
    poe: bool | None = None
    stp_guard: Literal["bpdu", "root", "loop", "none"] | None = None
    isolation: bool | None = None
    access_policy: str | None = None
    tags: list[str] = []


class PortAssignment(Form):
    """A port's profile, and a name where the label of the profile does not do."""

    profile: str
    name: str | None = None


Ports = Annotated[dict[str, Annotated[PortAssignment, BeforeValidator(_assignment)]], AfterValidator(_ports)]


class Radius(Marked):
    servers: list[str]
    auth_port: Port
    acct_port: Port
    accounting: bool


class Dot1x(Marked):
    state: Dot1xState


class AccessPolicy(Marked):
    kind: Literal["dot1x", "hybrid", "mab"]
    voice: bool = False
    guest_segment: str | None = None
    critical_segment: str | None = None
    failed_segment: str | None = None
    reauthentication_s: Annotated[int, Field(ge=60)] | None = None


class Hardware(Marked):
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
    syslog: list[SyslogServer] = []
    snmp: SnmpAccess | None = None
    mtu: Annotated[int, Field(ge=1500, le=9578)] | None = None
    rapid_spanning_tree: bool | None = None
    storm_control: StormControl | None = None


class OpeningHours(Marked):
    days: list[Day]
    start: Time
    end: Time


class Category(Form):
    label: str
    cctp: str


class SitePlan(Marked):
    number: int = Field(ge=0)
    code: Annotated[str, AfterValidator(_code)] | None = None


class SiteIdentity(Marked):
    name: str
    cctp: str
    lifecycle: Lifecycle
    plan: SitePlan
    postal_address: str | None = None
    remark: str | None = None


class Device(Marked):
    serial: Annotated[str, AfterValidator(_serial)]
    model: str
    rank: Host | None = None
    dot1x: bool = False
    tags: list[str] = []
    ports: Ports = {}


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
