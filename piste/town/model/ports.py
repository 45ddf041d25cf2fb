"""Switch ports: form of profiles and layouts, derived ports, rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from pydantic import AfterValidator, BeforeValidator, Field

from . import values
from .addressing.derived import vlan_of
from .forms import Form, Marked, NameIn, SegmentName

if TYPE_CHECKING:
    from .addressing.derived import Segment
    from .declaration import DeclaredSite
    from .devices import DeclaredDevice
    from .faults import Mark
    from .paths import KeyPath
    from .variables import SiteVariables
    from .view import View
    from .wifi.derived import Ssid


ProfileName = Annotated[str, Field(min_length=1, max_length=2000), NameIn("port_profiles")]


def _ports(ports: dict[str, Any]) -> dict[str, Any]:
    for key in ports:
        try:
            values.port_numbers(key)
        except ValueError:
            raise values.refuse(f"« {key} » n’est ni un port ni une plage de ports, par exemple 1-6") from None
    return ports


def _assignment(value: object) -> object:
    return {"profile": value} if isinstance(value, str) else value


class PortProfile(Marked):
    """A profile of ports.

    `rate_mbps` is the least speed of a port with a link. `outside_hours`: its ports may be off outside the hours of a
    site; `outside_hours_why`: why phones may, too.
    """

    label: str
    enabled: bool = True
    uplink: bool = False
    mode: Literal["access", "trunk"] | None = None
    segment: SegmentName | None = None
    voice_segment: SegmentName | None = None
    allowed_segments: list[SegmentName] = Field(default_factory=list)
    ssid_segments: bool = False
    poe: bool | None = None
    rate_mbps: Annotated[int, Field(ge=10, le=400_000)] | None = None
    stp_guard: Literal["bpdu", "root", "loop", "none"] | None = None
    isolation: bool | None = None
    access_policy: Annotated[str, NameIn("access_policies")] | None = None
    tags: list[str] = Field(default_factory=list)
    outside_hours: bool = False
    outside_hours_why: str | None = None


class PortAssignment(Form):
    """The profile of a port, and a name where the label of the profile does not do.

    `in_use`: something that must always answer is plugged in there.
    """

    profile: ProfileName
    name: str | None = None
    in_use: bool = False


ProfileOrAssignment = Annotated[
    PortAssignment, BeforeValidator(_assignment, json_schema_input_type=ProfileName | PortAssignment)
]
Ports = Annotated[dict[str, ProfileOrAssignment], AfterValidator(_ports)]


class Port(TypedDict):
    """A declared port. None means not managed: the live value stands.

    `schedule` is an exception: it names the schedule of the port, and None means on at all hours. `in_use`: its link
    must be up, at `rate_mbps` at least. `rank` is the place of the profile among those declared. `far_end` names the
    site, the switch or the stack that a link leads to, `ngfw` the firewall; None where nothing declares it.
    """

    port: str
    profile: str
    rank: int
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
    far_end: str | None
    tags: list[str]
    schedule: str | None
    in_use: bool
    rate_mbps: int | None


def derive_ports(
    variables: SiteVariables,
    device: DeclaredDevice,
    segments: Mapping[str, Segment],
    ssids: list[Ssid],
    schedule: str | None,
) -> list[Port]:
    """Derive the declared ports of a switch, by number; `schedule` names the site's schedule."""
    hardware = variables.hardware.get(device.model)
    powered = hardware is not None and hardware.poe is True
    state = variables.dot1x.state
    guarded = state == "enforced" or (state == "pilot" and device.dot1x)
    ranks = {name: rank for rank, name in enumerate(variables.port_profiles)}
    ports: list[Port] = []
    for number, assignment in sorted(assignments(variables, device).items()):
        profile = variables.port_profiles.get(assignment.profile)
        if profile is None:
            continue
        ports.append(
            Port(
                port=str(number),
                profile=assignment.profile,
                rank=ranks[assignment.profile],
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
                far_end=None,
                tags=list(profile.tags),
                # A port that links switches never has a schedule.
                schedule=schedule if profile.outside_hours and not profile.uplink else None,
                in_use=assignment.in_use,
                rate_mbps=profile.rate_mbps,
            )
        )
    return ports


def assignments(variables: SiteVariables, device: DeclaredDevice) -> dict[int, PortAssignment]:
    """Give the assignment of each port.

    The layout of the model at the site stands, else its category's; the device's own assignments replace it.
    """
    layout = variables.port_layouts.get(device.model, variables.category_port_layouts.get(device.model, {}))
    return _expanded(layout) | _expanded(device.ports)


def reserved(device: DeclaredDevice) -> set[str]:
    """Give the ports that a device declares for itself, whatever the layout of its model."""
    return {str(number) for number in _expanded(device.ports)}


def _expanded(ports: Mapping[str, PortAssignment]) -> dict[int, PortAssignment]:
    return {number: assignment for key, assignment in ports.items() for number in values.port_numbers(key)}


def _allowed(profile: PortProfile, segments: Mapping[str, Segment], ssids: list[Ssid]) -> str | None:
    if not profile.allowed_segments and not profile.ssid_segments:
        return None
    keys = {*profile.allowed_segments, profile.segment}
    if profile.ssid_segments:
        keys |= {ssid["segment"] for ssid in ssids if ssid["enabled"]}
    vlans = (vlan_of(key, segments) for key in keys)
    return ",".join(str(vlan) for vlan in sorted(vlan for vlan in vlans if vlan is not None))


def check_profiles(view: View) -> None:
    """M030, M034, M042: a profile has known segments and policies, and fields of its mode."""
    town = view.declared.town
    variables = town.variables
    for name, profile in variables.port_profiles.items():
        path = f"port_profiles[{name}]"
        for field, key in _segments(profile):
            if key not in variables.segment_catalogue:
                mark = town.where(("port_profiles", name, field))
                view.unknown(
                    "PISTE-M030", f"{path}.{field}", mark, "Le segment", key, variables.segment_catalogue
                )
        policy = profile.access_policy
        if policy is not None and policy not in variables.access_policies:
            mark = town.where(("port_profiles", name, "access_policy"))
            known = variables.access_policies
            view.unknown("PISTE-M034", f"{path}.access_policy", mark, "La politique d’accès", policy, known)
        for field, reason in _incoherent(profile):
            mark = town.where(("port_profiles", name, field), ("port_profiles", name))
            message = f"Profil de port {name} : {field} {reason}"
            view.faults.add("PISTE-M042", f"{path}.{field}", mark, message)


def check_layouts(view: View) -> None:
    """M032, M033, M037, M040, M041, M043: ranges have ports of the model, once, a profile."""
    seen: set[Mark] = set()
    powers: set[tuple[str, str]] = set()
    for declared in view.declared.sites:
        variables = declared.variables
        for variable, entries in (
            ("category_port_layouts", variables.category_port_layouts),
            ("port_layouts", variables.port_layouts),
        ):
            owner = declared.id if variable == "port_layouts" else declared.category
            prefix = f"sites[{owner}]" if variable == "port_layouts" else f"categories[{owner}]"
            for model, ports in entries.items():
                path, where = f"{prefix}.{variable}[{model}]", (variable, model)
                mark = declared.where(where)
                if mark in seen:
                    continue
                seen.add(mark)
                if model not in variables.hardware:
                    view.unknown("PISTE-M033", path, mark, "Le modèle", model, variables.hardware)
                _ranges(view, declared, ports, model, path, where, f"{owner}, {model}")
        for item in view.devices(declared):
            here: KeyPath = (item.variable, item.index, "ports")
            title = item.device["name"]
            _ranges(view, declared, item.line.ports, item.line.model, f"{item.path}.ports", here, title)
        _segments_present(view, declared)
        _power_known(view, declared, powers)


def _ranges(
    view: View,
    declared: DeclaredSite,
    ports: Mapping[str, PortAssignment],
    model: str,
    path: str,
    where: KeyPath,
    title: str,
) -> None:
    hardware = declared.variables.hardware.get(model)
    profiles = declared.variables.port_profiles
    first: dict[int, str] = {}
    for key, assignment in ports.items():
        mark, here = declared.where((*where, key)), f"{path}[{key}]"
        if assignment.profile not in profiles:
            view.unknown("PISTE-M032", here, mark, "Le profil de port", assignment.profile, profiles)
        numbers = values.port_numbers(key)
        count = (hardware.ports or 0) if hardware else None
        if count is not None and max(numbers) > count:
            message = f"{title} : le port {max(numbers)} n’existe pas, le modèle en a {count}"
            view.faults.add("PISTE-M040", here, mark, message)
        twice = [number for number in numbers if number in first or numbers.count(number) > 1]
        if twice:
            other = first.get(twice[0], key)
            message = f"{title} : le port {twice[0]} est dans les plages « {other} » et « {key} »"
            view.faults.add("PISTE-M041", here, mark, message)
        for number in numbers:
            first.setdefault(number, key)


def _segments_present(view: View, declared: DeclaredSite) -> None:
    """Report each profile in use whose segment the site lacks, at its first port."""
    variables, present = declared.variables, view.sites[declared.id]["segments"]
    reported: set[tuple[str, str]] = set()
    for item in view.devices(declared):
        for port in item.device["ports"]:
            profile = port["profile"]
            for _, key in _segments(variables.port_profiles[profile]):
                if key in present or key not in variables.segment_catalogue or (profile, key) in reported:
                    continue
                reported.add((profile, key))
                message = (
                    f"{item.device['name']}, port {port['port']} : "
                    f"le profil {profile} demande le segment {key}, que {declared.id} n’a pas"
                )
                view.faults.add("PISTE-M043", f"{item.path}.ports[{port['port']}]", item.mark(), message)


def _power_known(view: View, declared: DeclaredSite, reported: set[tuple[str, str]]) -> None:
    """Report each profile whose PoE sets nothing, as nobody knows whether a model feeds, once."""
    variables = declared.variables
    for item in view.devices(declared):
        for port in item.device["ports"]:
            place = port["profile"], item.line.model
            hardware = variables.hardware.get(item.line.model)
            if variables.port_profiles[port["profile"]].poe is None or not hardware or hardware.poe is not None:
                continue
            if place not in reported:
                reported.add(place)
                message = (
                    f"{item.device['name']}, port {port['port']} : le poe du profil {place[0]} reste sans effet, "
                    f"on ne sait pas si {place[1]} alimente ses ports"
                )
                view.faults.add("PISTE-M037", f"{item.path}.ports[{port['port']}]", item.mark(), message)


def _segments(profile: PortProfile) -> list[tuple[str, str]]:
    named = [("segment", profile.segment), ("voice_segment", profile.voice_segment)]
    present = [(field, key) for field, key in named if key is not None]
    return present + [("allowed_segments", key) for key in profile.allowed_segments]


def _incoherent(profile: PortProfile) -> list[tuple[str, str]]:
    """List the fields that do not suit the mode of a profile, and why."""
    access_only = {
        "voice_segment": profile.voice_segment is not None,
        "access_policy": profile.access_policy is not None,
    }
    trunk_only = {
        "allowed_segments": bool(profile.allowed_segments),
        "ssid_segments": profile.ssid_segments,
    }
    faults: list[tuple[str, str]] = []
    if profile.mode != "access":
        faults += [
            (field, "ne va qu’à un port d’accès") for field, declared in access_only.items() if declared
        ]
    if profile.mode != "trunk":
        faults += [(field, "ne va qu’à un trunk") for field, declared in trunk_only.items() if declared]
    if profile.mode == "access" and profile.segment is None:
        faults.append(("segment", "manque à un port d’accès"))
    if profile.mode == "trunk" and not profile.uplink and not any(trunk_only.values()):
        faults.append(("mode", "est un trunk qui ne porte rien (allowed_segments, ssid_segments)"))
    if profile.mode is None and profile.segment is not None:
        faults.append(("segment", "demande un mode, access ou trunk"))
    if profile.uplink and profile.mode is not None:
        faults.append(("mode", "ne se déclare pas sur une liaison, qui ne doit jamais être retypée"))
    if profile.uplink and not profile.enabled:
        faults.append(("enabled", "couperait une liaison"))
    return faults
