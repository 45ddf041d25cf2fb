"""The ports of a switch: the layout of its model, what the device changes, the profile of each."""

from __future__ import annotations

from collections.abc import Mapping

from .schema import Device, PortAssignment, PortProfile
from .site import Port, Segment, Ssid
from .values import port_numbers
from .variables import SiteVariables


def derive_ports(
    variables: SiteVariables,
    device: Device,
    segments: Mapping[str, Segment],
    ssids: list[Ssid],
    schedule: str | None,
) -> list[Port]:
    """Derive the declared ports of a switch, in order of number; `schedule` names the one of the site."""
    hardware = variables.hardware.get(device.model)
    powered = hardware is not None and hardware.poe is True
    state = variables.dot1x.state
    guarded = state == "enforced" or (state == "pilot" and device.dot1x)
    ports: list[Port] = []
    for number, assignment in sorted(assignments(variables, device).items()):
        profile = variables.port_profiles.get(assignment.profile)
        if profile is None:
            continue
        ports.append(
            Port(
                port=str(number),
                profile=assignment.profile,
                name=assignment.name or profile.label,
                enabled=profile.enabled,
                mode=profile.mode,
                vlan=vlan_of(profile.segment, segments),
                voice_vlan=vlan_of(profile.voice_segment, segments),
                allowed_vlans=_allowed(profile, segments, ssids),
                # Asking a port without PoE for a PoE state would never converge.
                poe=profile.poe if powered else None,
                stp_guard=profile.stp_guard,
                isolation=profile.isolation,
                access_policy=profile.access_policy if guarded else None,
                uplink=profile.uplink,
                tags=list(profile.tags),
                # A port that links switches never has one.
                schedule=schedule if profile.outside_hours and not profile.uplink else None,
            )
        )
    return ports


def assignments(variables: SiteVariables, device: Device) -> dict[int, PortAssignment]:
    """Give the assignment of each port: the layout of the model at the site, else its category's; then the
    device's own.
    """
    layout = variables.port_layouts.get(device.model, variables.category_port_layouts.get(device.model, {}))
    return _expanded(layout) | _expanded(device.ports)


def vlan_of(key: str | None, segments: Mapping[str, Segment]) -> int | None:
    """Give the VLAN of a segment of the site; None where no segment is named or the site lacks it."""
    return segments[key]["vlan"] if key is not None and key in segments else None


def _expanded(ports: Mapping[str, PortAssignment]) -> dict[int, PortAssignment]:
    return {number: assignment for key, assignment in ports.items() for number in port_numbers(key)}


def _allowed(profile: PortProfile, segments: Mapping[str, Segment], ssids: list[Ssid]) -> str | None:
    if not profile.allowed_segments and not profile.ssid_segments:
        return None
    keys = {*profile.allowed_segments, profile.segment}
    if profile.ssid_segments:
        keys |= {ssid["segment"] for ssid in ssids if ssid["enabled"]}
    vlans = (vlan_of(key, segments) for key in keys)
    return ",".join(str(vlan) for vlan in sorted(vlan for vlan in vlans if vlan is not None))
