"""From the declared site to the derived one: every name, address, VLAN and port that the rules give.

Derivation judges nothing. What a fault makes impossible (an unknown segment, an unknown profile) is left
out, and the checks say why; so all the faults of a town are found in one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from netaddr import IPNetwork

from . import schema as form
from . import secrets
from .addressing import AddressingRule, host
from .declaration import Declaration, DeclaredSite
from .derive_access import derive_site_access
from .derive_directory import derive_site_directory
from .derive_items import derive_item
from .derive_ports import derive_ports, vlan_of
from .derive_premises import derive_premises
from .derive_printing import derive_site_printing
from .levers import at_site
from .outside_hours import OutsideHours, outside_hours, port_schedules, rf_profiles
from .site import AccessPolicy, Device, Dhcp, LeverHere, Radius, Schedule, Segment, Site, Ssid
from .site_firewall import SiteFirewall
from .site_network import Bandwidth, Portal, Settings, SnmpAccess, StormControl, SyslogServer
from .variables import SiteVariables

MANAGEMENT = "administration"
"""The segment that carries the management of devices."""


def segment_keys(variables: SiteVariables) -> list[str]:
    """Name the segments of a site, without repeats: the town's, its category's, its own."""
    return list(
        dict.fromkeys([*variables.common_segments, *variables.category_segments, *variables.segments])
    )


def ssid_names(variables: SiteVariables) -> list[str]:
    """Name the SSIDs of a site, without repeats: its category's, its own."""
    return list(dict.fromkeys([*variables.category_ssids.names, *variables.ssids]))


def derive_segments(variables: SiteVariables) -> dict[str, Segment]:
    """Derive the segments of a site from the catalogue, the addressing rule and what the site changes."""
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
            gateway_device=entry.plan.gateway,
            zone=entry.plan.zone,
            dhcp=_dhcp(dhcp, subnet, variables.addressing.hosts.dhcp),
            reservations={name: str(host(subnet, item.host)) for name, item in own.reservations.items()},
            status=weakest(
                variables.addressing.status, variables.site.plan.status, entry.plan.status, own.status
            ),
        )
    return segments


def derive_site(
    declared: DeclaredSite,
    segments: dict[str, Segment],
    servers: Mapping[str, str],
    declaration: Declaration,
    today: date,
    firewall: SiteFirewall,
) -> Site:
    """Derive a site; `servers` gives the address of each reservation of the town by name, `firewall` its share."""
    variables = declared.variables
    site, network = variables.site, variables.network
    hours = outside_hours(declared, today)
    ssids = list(_ssids(declared, segments, hours))
    devices = list(_devices(declared, segments, ssids, servers, hours))
    awaited = _awaited(declared, segments, ssids, servers, hours)
    return Site(
        id=declared.id,
        number=site.plan.number,
        code=site.plan.code,
        name=site.name,
        category=declared.category,
        category_label=variables.category.label,
        lifecycle=site.lifecycle,
        cctp=site.cctp,
        status=site.status,
        postal_address=site.postal_address,
        remark=site.remark,
        organization=network.organization,
        network_name=f"{network.name_prefix} {declared.id}",
        timezone=network.timezone,
        block=str(AddressingRule(variables.addressing).block(site.plan.number)),
        dot1x=variables.dot1x.state,
        segments=segments,
        devices=devices,
        awaited=awaited,
        ssids=ssids,
        retired_ssids=_retired(declared, today),
        access_policies=list(_access_policies(variables, segments)),
        radius=_radius(declared, servers),
        access=derive_site_access(declared, segments, devices, today),
        relies_on={name: servers[name] for name in sorted(needed_servers(variables)) if name in servers},
        printing=derive_site_printing(declared, today),
        settings=_settings(variables.network_settings, servers),
        as_found={},
        directory=derive_site_directory(declared, segments, declaration, today),
        firewall=firewall,
        premises=derive_premises(declared, [*devices, *awaited], servers, declaration),
        opening_hours=variables.opening_hours.model_dump() if variables.opening_hours else None,
        levers=_levers(declared, today),
        port_schedules=port_schedules(variables, hours),
        rf_profiles=rf_profiles(variables, hours),
        port_power=None if hours.ports is None else "hours" if hours.ports else "always",
        radio_power=None if hours.low_power is None else "reduced" if hours.low_power else "full",
    )


def needed_servers(variables: SiteVariables) -> set[str]:
    """Name the servers that a site needs: names, directory, RADIUS, syslog, printing."""
    return {
        *variables.dns.servers,
        *variables.dhcp.servers,
        variables.directory.controller,
        *variables.directory.controllers,
        *(variables.radius.servers if variables.radius else ()),
        *(item.host for item in variables.network_settings.syslog or ()),
        *((variables.printing.server,) if variables.printing else ()),
    }


def weakest(*statuses: str | None) -> str | None:
    """Give the status of a value made of several: to confirm as soon as one of them is."""
    if "to_confirm" in statuses:
        return "to_confirm"
    return next((status for status in statuses if status), None)


def device_name(variables: SiteVariables, site: str, kind: form.DeviceKind, rank: int) -> str:
    """Name a device by its kind, the code of its site and its rank: `sw-jau-01`."""
    prefix = variables.naming.switch if kind == "switch" else variables.naming.access_point
    return f"{prefix}-{variables.site.plan.code or site}-{rank:02}"


def _dhcp(declared: form.Dhcp | None, subnet: IPNetwork, usual: form.Range) -> Dhcp | None:
    if declared is None:
        return None
    return Dhcp(
        start=str(host(subnet, declared.first or usual.first)),
        end=str(host(subnet, declared.last or usual.last)),
        lease=declared.lease,
    )


def _awaited(
    declared: DeclaredSite,
    segments: Mapping[str, Segment],
    ssids: list[Ssid],
    servers: Mapping[str, str],
    hours: OutsideHours,
) -> list[Device]:
    """Derive the devices that are on their way: their ranks follow those of the devices that are here."""
    variables = declared.variables
    ordered: dict[form.DeviceKind, list[form.Device]] = {"switch": [], "access_point": []}
    for model, count in variables.awaited_devices.items():
        if hardware := variables.hardware.get(model):
            ordered[hardware.kind] += [form.Device.model_construct(serial="", model=model) for _ in range(count)]
    coming = replace(
        variables,
        switches=[*variables.switches, *ordered["switch"]],
        access_points=[*variables.access_points, *ordered["access_point"]],
    )
    everything = _devices(replace(declared, variables=coming), segments, ssids, servers, hours)
    return [device for device in everything if not device["serial"]]


def _devices(
    declared: DeclaredSite,
    segments: Mapping[str, Segment],
    ssids: list[Ssid],
    servers: Mapping[str, str],
    hours: OutsideHours,
) -> Iterator[Device]:
    variables = declared.variables
    management = segments.get(MANAGEMENT)
    if management is None:
        return
    subnet = IPNetwork(management["subnet"])
    radio = next((one["name"] for one in rf_profiles(variables, hours)), None)
    schedule = next((one["name"] for one in port_schedules(variables, hours)), None)
    hosts = variables.addressing.hosts
    kinds: Iterable[tuple[form.DeviceKind, list[form.Device], form.Range]] = (
        ("switch", variables.switches, hosts.switches),
        ("access_point", variables.access_points, hosts.access_points),
    )
    for kind, devices, ranks in kinds:
        for position, device in enumerate(devices, start=1):
            rank = device.rank or position
            yield Device(
                name=device_name(variables, declared.id, kind, rank),
                kind=kind,
                model=device.model,
                serial=device.serial,
                rank=rank,
                address=str(host(subnet, ranks.first + rank - 1)),
                prefix_length=subnet.prefixlen,
                gateway=management["gateway"],
                # An access point is managed on the native VLAN of its port.
                vlan=management["vlan"] if kind == "switch" else None,
                dns=_addresses(variables.dns.servers, servers),
                tags=list(device.tags),
                dot1x=device.dot1x,
                **derive_item(
                    device,
                    variables.hardware.get(device.model),
                    variables.site.lifecycle,
                    variables.site.name,
                    here=bool(device.serial),
                ),
                ports=derive_ports(variables, device, segments, ssids, schedule) if kind == "switch" else [],
                rf_profile=radio if kind == "access_point" else None,
            )


def _ssids(declared: DeclaredSite, segments: Mapping[str, Segment], hours: OutsideHours) -> Iterator[Ssid]:
    variables = declared.variables
    entries = [(name, variables.ssid_catalogue.get(name)) for name in ssid_names(variables)]
    known = [(name, entry) for name, entry in entries if entry and entry.segment in segments]
    for name, entry in sorted(known, key=lambda item: item[1].slot):
        own = variables.ssids.get(name, form.SiteSsid())
        segment = segments[entry.segment]
        start = variables.dot1x.state == "off"
        authentication = entry.authentication.start if start else entry.authentication.target
        guest = entry.audience == "invite"
        psk = own.psk.secret if own.psk else secrets.ssid_psk(name)["secret"]
        yield Ssid(
            name=name,
            slot=entry.slot,
            purpose=entry.purpose,
            audience=entry.audience,
            enabled=own.enabled,
            segment=entry.segment,
            vlan=segment["vlan"],
            zone=segment["zone"],
            authentication=authentication,
            psk={"secret": psk} if authentication == "psk" else None,
            portal=_portal(entry.portal) if entry.portal else None,
            guest=guest,
            hidden=entry.hidden,
            bandwidth=_bandwidth(entry.bandwidth) if entry.bandwidth else None,
            availability_tags=list(own.tags),
            deny=list(variables.guest_isolation.deny) if guest else [],
            schedule=_schedule(declared, hours),
            status=weakest(entry.status, own.status, variables.category_ssids.status),
        )


def _schedule(declared: DeclaredSite, here: OutsideHours) -> Schedule | None:
    """Give the hours on the air; none of them (always on the air) where they are given back."""
    hours = declared.variables.opening_hours
    if here.ssids is False:
        return {"open": []}
    if not here.ssids or hours is None:
        return None
    return {"open": [{"day": day, "start": hours.start, "end": hours.end} for day in hours.days]}


def _levers(declared: DeclaredSite, today: date) -> dict[str, LeverHere]:
    found = {}
    for name, lever in declared.variables.sobriety_levers.items():
        if lever.drives != "machine_hours":
            here = at_site(declared.variables, declared.id, lever.drives, today.isoformat())
            found[name] = LeverHere(state=here.state, spared=lever.spared.get(declared.id, here.spared))
    return found


def _retired(declared: DeclaredSite, today: date) -> list[str]:
    on = at_site(declared.variables, declared.id, "ssid_cleaning", today.isoformat()).state != "off"
    return list(declared.variables.retired_ssids.names) if on else []


def _access_policies(variables: SiteVariables, segments: Mapping[str, Segment]) -> Iterator[AccessPolicy]:
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


def _radius(declared: DeclaredSite, servers: Mapping[str, str]) -> Radius:
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


def _settings(settings: form.NetworkSettings, servers: Mapping[str, str]) -> Settings:
    storm, syslog = settings.storm_control, settings.syslog
    return Settings(
        syslog=None if syslog is None else [
            SyslogServer(name=item.host, host=servers[item.host], port=item.port, roles=list(item.roles))
            for item in syslog
            if item.host in servers
        ],
        snmp=SnmpAccess(access=settings.snmp.access) if settings.snmp else None,
        mtu=settings.mtu,
        rapid_spanning_tree=settings.rapid_spanning_tree,
        storm_control=StormControl(
            broadcast=storm.broadcast, multicast=storm.multicast, unknown_unicast=storm.unknown_unicast
        ) if storm else None,
    )  # fmt: skip


def _portal(portal: form.Portal) -> Portal:
    return Portal(
        kind=portal.kind,
        welcome_message=portal.welcome_message,
        terms=portal.terms,
        timeout_minutes=portal.timeout_minutes,
    )


def _bandwidth(limits: form.Bandwidth) -> Bandwidth:
    return Bandwidth(
        client_up_kbps=limits.client_up_kbps,
        client_down_kbps=limits.client_down_kbps,
        ssid_up_kbps=limits.ssid_up_kbps,
        ssid_down_kbps=limits.ssid_down_kbps,
    )


def _addresses(names: list[str], servers: Mapping[str, str]) -> list[str]:
    return [servers[name] for name in names if name in servers]
