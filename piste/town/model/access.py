"""802.1X on the switches: access policies and RADIUS servers, with their rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import Field

from . import secrets
from .addressing.derived import vlan_of
from .forms import Date, Form, Marked, PortNumber, SegmentName

if TYPE_CHECKING:
    from .addressing.derived import Segment
    from .declaration import DeclaredSite
    from .secrets import SecretRef
    from .site import Site
    from .variables import SiteVariables
    from .view import View

Dot1xState = Literal["off", "pilot", "enforced"]


class DeclaredAccessPolicy(Marked):
    kind: Literal["dot1x", "hybrid", "mab"]
    voice: bool = False
    guest_segment: SegmentName | None = None
    critical_segment: SegmentName | None = None
    failed_segment: SegmentName | None = None
    reauthentication_s: Annotated[int, Field(ge=60, le=31_536_000)] | None = None


class Dot1x(Marked):
    """Progress of 802.1X at a site; `since` is the planned day, and delays nothing."""

    state: Dot1xState
    since: Date | None = None


class Certificate(Form):
    """Template of the certificate by which the servers prove their identity."""

    template: str


class DeclaredRadius(Marked):
    servers: list[str]
    auth_port: PortNumber
    acct_port: PortNumber
    accounting: bool
    certificate: Certificate


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


def derive_access_policies(variables: SiteVariables, segments: Mapping[str, Segment]) -> Iterator[AccessPolicy]:
    """Derive the access policies of a site; none before it opens, or without a switch."""
    if variables.site.lifecycle != "open" or not variables.switches:
        return
    for name, policy in variables.access_policies.items():
        yield AccessPolicy(
            name=name,
            kind=policy.kind,
            voice=policy.voice,
            guest_vlan=vlan_of(policy.guest_segment, segments),
            critical_vlan=vlan_of(policy.critical_segment, segments),
            failed_vlan=vlan_of(policy.failed_segment, segments),
            reauthentication_s=policy.reauthentication_s,
            status=policy.status,
        )


def derive_radius(declared: DeclaredSite, servers: Mapping[str, str]) -> Radius:
    """Derive the RADIUS servers of a site."""
    radius = declared.variables.radius
    if radius is None:
        return {"servers": [], "accounting": False}
    return {
        "servers": [
            {
                "name": name,
                "host": servers[name],
                "auth_port": radius.auth_port,
                "acct_port": radius.acct_port,
                "secret": secrets.radius(declared.id),
            }
            for name in radius.servers
            if name in servers
        ],
        "accounting": radius.accounting,
    }


class Dot1xShare(TypedDict):
    """Share of a site in 802.1X: SSIDs that are not for guests, access ports.

    `exceptions` are the devices still admitted by their MAC address, `until` the end of the first to end.
    """

    ssids: int
    internal_ssids: int
    ports: int
    access_ports: int
    exceptions: int
    until: str | None


def dot1x_share(site: Site) -> Dot1xShare:
    """Count what is declared in 802.1X at a site; a port by MAC address alone is not."""
    internal = [ssid for ssid in site["ssids"] if ssid["enabled"] and not ssid["guest"]]
    kinds = {policy["name"]: policy["kind"] for policy in site["access_policies"]}
    ports = [port for device in site["devices"] for port in device["ports"]]
    access = [port for port in ports if port["mode"] == "access" and port["enabled"]]
    ends = [entry["until"] for entry in site["access"]["exceptions"] if not entry["expired"]]
    return {
        "ssids": sum(ssid["authentication"] == "dot1x" for ssid in internal),
        "internal_ssids": len(internal),
        "ports": sum(kinds.get(port["access_policy"] or "", "mab") != "mab" for port in access),
        "access_ports": len(access),
        "exceptions": len(ends),
        "until": min(ends, default=None),
    }


_FALLBACKS = ("guest_segment", "critical_segment", "failed_segment")


def check_servers(view: View) -> None:
    """M060: a site in 802.1X has RADIUS servers."""
    for declared in view.declared.sites:
        radius, state = declared.variables.radius, declared.variables.dot1x.state
        if state != "off" and not (radius and radius.servers):
            mark = declared.where(("dot1x", "state"), ("dot1x",))
            message = f"{declared.id} : le 802.1X est « {state} », sans serveur RADIUS"
            view.faults.add("PISTE-M060", f"sites[{declared.id}].dot1x.state", mark, message)


def check_pilots(view: View) -> None:
    """M063: a pilot has at least one switch marked for it."""
    for declared, site in view.pairs():
        switches = [device for device in site["devices"] if device["kind"] == "switch"]
        if site["dot1x"] == "pilot" and switches and not any(device["dot1x"] for device in switches):
            mark = declared.where(("dot1x", "state"), ("dot1x",))
            message = f"{declared.id} : aucun commutateur n’est marqué dot1x: true"
            view.faults.add("PISTE-M063", f"sites[{declared.id}].dot1x.state", mark, message)


def check_policies(view: View) -> None:
    """M030, M061: the segments of a policy are known, and present where the policy is."""
    town = view.declared.town
    for name, policy in town.variables.access_policies.items():
        for field in _FALLBACKS:
            key = getattr(policy, field)
            if key is None:
                continue
            path, mark = f"access_policies[{name}].{field}", town.where(("access_policies", name, field))
            if key not in town.variables.segment_catalogue:
                view.unknown("PISTE-M030", path, mark, "Le segment", key, town.variables.segment_catalogue)
                continue
            without = [
                site["id"]
                for site in view.sites.values()
                if site["access_policies"] and key not in site["segments"]
            ]
            if without:
                message = f"Politique {name} : le segment {key} manque à {', '.join(without)}"
                view.faults.add("PISTE-M061", path, mark, message)


def check_fallbacks(view: View) -> None:
    """M062: no fallback of a policy takes a port out of its zone, except to the guests."""
    town = view.declared.town
    catalogue = town.variables.segment_catalogue
    for name, profile in town.variables.port_profiles.items():
        policy = town.variables.access_policies.get(profile.access_policy or "")
        own = catalogue.get(profile.segment or "")
        if policy is None or own is None:
            continue
        for field in _FALLBACKS:
            key = getattr(policy, field)
            zone = catalogue[key].plan.zone if key in catalogue else None
            if zone not in (None, "invite", own.plan.zone):
                mark = town.where(("port_profiles", name, "access_policy"))
                message = (
                    f"Profil de port {name}, de zone {own.plan.zone} : la politique {profile.access_policy} "
                    f"le ferait passer en zone {zone} ({field}: {key})"
                )
                view.faults.add("PISTE-M062", f"port_profiles[{name}].access_policy", mark, message)
