"""The segments of a site: their shape, and their derivation from the plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypedDict

from netaddr import IPNetwork

from . import form
from .plan import AddressingRule, host

if TYPE_CHECKING:
    from ..variables import SiteVariables
    from .form import Zone


class Dhcp(TypedDict):
    """First and last address that DHCP gives.

    `lease` is in seconds, None for the server's own.
    """

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


def segment_keys(variables: SiteVariables) -> list[str]:
    """List the segments of a site, without repeats: the town's, its category's, its own."""
    return list(
        dict.fromkeys([*variables.common_segments, *variables.category_segments, *variables.segments])
    )


def derive_segments(variables: SiteVariables) -> dict[str, Segment]:
    """Derive the segments of a site from the catalogue, the addressing rule and its changes."""
    rule = AddressingRule(variables.addressing)
    number = variables.site.plan.number
    segments: dict[str, Segment] = {}
    for key in segment_keys(variables):
        entry = variables.segment_catalogue.get(key)
        if entry is None:
            continue
        own = variables.segments.get(key, form.SiteSegment())
        offset = entry.plan.offset if own.offset is None else own.offset
        subnet = (
            IPNetwork(own.subnet) if own.subnet else rule.subnet(number, offset, entry.plan.prefix_length)
        )
        gateway_rank = entry.plan.gateway_host or variables.addressing.hosts.gateway
        dhcp = own.dhcp if "dhcp" in own.model_fields_set else entry.plan.dhcp
        segments[key] = Segment(
            key=key,
            label=entry.label,
            vlan=own.vlan or rule.vlan(number, offset),
            subnet=str(subnet),
            gateway=own.gateway or str(host(subnet, gateway_rank)),
            gateway_device=own.carrier or entry.plan.gateway,
            zone=entry.plan.zone,
            dhcp=_dhcp(dhcp, subnet, variables.addressing.hosts.dhcp),
            reservations={name: str(host(subnet, item.host)) for name, item in own.reservations.items()},
            status=weakest(
                variables.addressing.status, variables.site.plan.status, entry.plan.status, own.status
            ),
        )
    return segments


def _dhcp(declared: form.Dhcp | None, subnet: IPNetwork, usual: form.Range) -> Dhcp | None:
    if declared is None:
        return None
    return Dhcp(
        start=str(host(subnet, declared.first or usual.first)),
        end=str(host(subnet, declared.last or usual.last)),
        lease=declared.lease,
    )


def weakest(*statuses: str | None) -> str | None:
    """Give the status of a value made of several: `to_confirm` as soon as a part is."""
    if "to_confirm" in statuses:
        return "to_confirm"
    return next((status for status in statuses if status), None)


def vlan_of(key: str | None, segments: Mapping[str, Segment]) -> int | None:
    """Give the VLAN of a segment of the site.

    None where no segment is named or the site lacks it.
    """
    return segments[key]["vlan"] if key is not None and key in segments else None
