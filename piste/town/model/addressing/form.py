"""Forms of the addressing plan, the catalogue of segments, and the changes of a site."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .. import values
from ..forms import Address, Form, Host, Marked, Network, Number, Vlan

Zone = Literal["interne", "pedagogique", "public", "invite", "externe"]
Offset = Annotated[int, Field(ge=0, le=2**16)]
Mbps = Annotated[int, Field(ge=1, le=1_000_000)]


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
    """The addressing rule; `extensions` continue the numbering of blocks after `town`, in order."""

    town: Network
    extensions: list[Network] = Field(default_factory=list, max_length=64)
    site_prefix: int = Field(ge=8, le=30)
    segment_prefix: int = Field(ge=8, le=30)
    vlan: VlanRule
    hosts: HostRule
    shared_number: Number
    reserved_numbers: list[Number] = Field(default_factory=list)


class Dhcp(Form):
    """Host ranks of a DHCP range; a missing rank is the rank of the addressing rule.

    `lease` is in seconds; `exclude` are ranks that the range does not give.
    """

    first: Host | None = None
    last: Host | None = None
    exclude: list[Range] = Field(default_factory=list)
    lease: Annotated[int, Field(ge=60, le=31_536_000)] | None = None


class SegmentPlan(Marked):
    offset: Offset
    zone: Zone
    gateway: Literal["ngfw", "core"]
    prefix_length: Annotated[int, Field(ge=8, le=30)] | None = None
    gateway_host: Host | None = None
    expected_mbps: Mbps | None = None
    dhcp: Dhcp | None = None


class Segment(Marked):
    label: str
    cctp: str | None = None
    plan: SegmentPlan


class Reservation(Marked):
    """A fixed address; with `mac` the DHCP server gives it, `aliases` are other names of it."""

    host: Host
    mac: Annotated[str, AfterValidator(values.mac)] | None = None
    aliases: list[Annotated[str, AfterValidator(values.label)]] = Field(default_factory=list)


class SiteSegment(Marked):
    """Changes of a site to a segment of the catalogue.

    `dhcp: null` removes DHCP; `carrier` has the gateway.
    """

    offset: Offset | None = None
    vlan: Vlan | None = None
    subnet: Network | None = None
    gateway: Address | None = None
    carrier: Literal["ngfw", "core"] | None = None
    expected_mbps: Mbps | None = None
    dhcp: Dhcp | None = None
    reservations: dict[str, Reservation] = Field(default_factory=dict)


class SharedSegment(Marked):
    label: str
    offset: Offset
    prefix_length: Annotated[int, Field(ge=8, le=30)] | None = None
    vlan: Vlan | None = None
