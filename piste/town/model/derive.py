"""From the declared site to the derived site: all names, addresses, VLANs and ports.

Derivation judges nothing. It leaves out what a fault makes impossible (an unknown segment, an unknown profile), and the
checks say why; so all the faults of a town come up in one pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from .access import derive_access_policies, derive_radius
from .addressing.plan import AddressingRule
from .admission import derive_site_access
from .devices import derive_awaited, derive_devices, derive_replaced
from .dhcp.derived import central, derive_scopes, derive_town_dhcp
from .directory.derived import derive_site_directory
from .layer2.answering import derive_alternate, derive_dhcp_policy, derive_trusted_servers
from .layer2.derived import derive_aggregates, derive_priorities, derive_stacks, derive_traffic
from .logs.derived import syslog_servers
from .names.derived import derive_records
from .network_settings import derive_settings
from .outside_hours import outside_hours, port_schedules
from .premises import derive_premises
from .printing import derive_site_printing
from .routing.derived import derive_gateways, engine_place, list_lengths
from .servers import needed_servers
from .site import Site
from .sobriety.levers import levers_here
from .wifi.crowds import derive_crowds
from .wifi.derived import derive_ssids, retired_ssids
from .wifi.radio import rf_profiles

if TYPE_CHECKING:
    from .addressing.derived import Segment
    from .as_found import Found
    from .declaration import Declaration, DeclaredSite
    from .flows.firewall import SiteFirewall


def derive_site(
    declared: DeclaredSite,
    segments: dict[str, Segment],
    servers: Mapping[str, str],
    declaration: Declaration,
    today: date,
    firewall: SiteFirewall,
    as_found: Found,
) -> Site:
    """Derive a site, but for the keys that the passes over the town give.

    `servers` gives the address of each reservation by name, `firewall` its share of the policy, `as_found` its file.
    """
    variables = declared.variables
    site, network = variables.site, variables.network
    hours = outside_hours(declared, today)
    ssids = list(derive_ssids(declared, segments, hours, today))
    devices = list(derive_devices(declared, segments, ssids, servers, hours))
    awaited = derive_awaited(declared, segments, ssids, servers, hours)
    stacks = derive_stacks(declared, devices)
    scopes = derive_scopes(declared, segments, servers)
    gateways = derive_gateways(declared, segments, servers, scopes)
    reservations = {name: address for segment in segments.values() for name, address in segment["reservations"].items()}
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
        network_name=as_found.network_name or f"{network.name_prefix} {declared.id}",
        timezone=network.timezone,
        block=str(AddressingRule(variables.addressing).block(site.plan.number)),
        dot1x=variables.dot1x.state,
        segments=segments,
        devices=devices,
        awaited=awaited,
        replaced=derive_replaced(devices),
        stacks=stacks,
        aggregates=derive_aggregates(declared, devices),
        far_ports=[],
        upgrades=[],
        stp_priorities=derive_priorities(declared, devices, stacks),
        access_lists=[],
        withdrawn_rules=[],
        list_lengths=list_lengths(variables),
        traffic_priorities=derive_traffic(declared, segments),
        trusted_servers=derive_trusted_servers(declared, gateways),
        core=None,
        engine=engine_place(variables),
        gateways=gateways,
        scopes=[scope for key, scope in scopes.items() if central(segments[key])],
        dhcp=derive_town_dhcp(declaration, servers),
        records=derive_records(declared, reservations, devices, gateways),
        ad_subnets=[],
        ssids=ssids,
        retired_ssids=retired_ssids(declared, today),
        crowds=derive_crowds(variables),
        access_policies=list(derive_access_policies(variables, segments)),
        radius=derive_radius(declared, servers),
        access=derive_site_access(declared, segments, devices, today),
        relies_on={name: servers[name] for name in sorted(needed_servers(variables)) if name in servers},
        printing=derive_site_printing(declared, today),
        settings=derive_settings(
            variables.network_settings,
            servers,
            derive_dhcp_policy(declared, gateways),
            derive_alternate(declared, segments, devices),
            syslog_servers(variables, declared.id, servers),
        ),
        as_found=as_found.as_found,
        directory=derive_site_directory(declared, segments, declaration, today),
        firewall=firewall,
        premises=derive_premises(declared, [*devices, *awaited], servers, declaration, today),
        opening_hours=variables.opening_hours.model_dump() if variables.opening_hours else None,
        levers=levers_here(declared, today),
        supervision=None,
        port_schedules=port_schedules(variables, hours),
        rf_profiles=rf_profiles(variables, low_power=hours.low_power),
        port_power=None if hours.ports is None else "hours" if hours.ports else "always",
        assets=[],
        glpi=None,
        radio_power=None if hours.low_power is None else "reduced" if hours.low_power else "full",
    )
