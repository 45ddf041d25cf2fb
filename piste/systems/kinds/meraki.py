"""The kinds of the Dashboard: networks of sites, then routing, in the order of converging."""

from __future__ import annotations

from functools import partial

from piste.engine.kind import Kind

_WITH_THE_NETWORK = "part avec le réseau du site"
_NETWORK = ("meraki_networks",)
_DEVICE = ("meraki_networks", "meraki_devices")
_ORGANIZATION_RIGHTS = "« full » sur l’organisation : un réseau s’y crée, un équipement s’y affecte"
_NETWORK_RIGHTS = "« full » sur le réseau du site (déduit) ; celui de l’organisation le comprend"
_SWITCH_RIGHTS = "« full » sur le réseau du commutateur ou de la pile (déduit) ; celui de l’organisation le comprend"

_network = partial(Kind, "network", within=_NETWORK, undeclared="task", rights=_NETWORK_RIGHTS)
NETWORK = (
    Kind(
        "network",
        "meraki_networks",
        "piste.systems.meraki.networks:Networks",
        closed="deleted",
        surveyed=False,
        rights=_ORGANIZATION_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_devices",
        "piste.systems.meraki.devices:Devices",
        within=_NETWORK,
        closed="deleted",
        rights=_ORGANIZATION_RIGHTS,
    ),
    # Before the settings, whose priorities of the spanning tree name stacks.
    _network(
        "meraki_switch_stacks",
        "piste.systems.meraki.switch_stacks:SwitchStacks",
        late=True,
        closed="deleted",
        renewed="refaite sous un autre identifiant ; ce que ses commutateurs routaient est à refaire",
        if_declared=True,
    ),
    # Before the settings, whose inspection drops what is not trusted.
    _network(
        "meraki_trusted_servers",
        "piste.systems.meraki.trusted_servers:TrustedServers",
        late=True,
        unclosed=_WITH_THE_NETWORK,
        if_declared=True,
    ),
    _network(
        "meraki_network_settings",
        "piste.systems.meraki.network_settings:NetworkSettings",
        intent="settings",
        unclosed=_WITH_THE_NETWORK,
    ),
    _network(
        "meraki_access_policies",
        "piste.systems.meraki.access_policies:AccessPolicies",
        unclosed=_WITH_THE_NETWORK,
    ),
    _network(
        "meraki_port_schedules",
        "piste.systems.meraki.port_schedules:PortSchedules",
        late=True,
        unclosed=_WITH_THE_NETWORK,
    ),
    _network(
        "meraki_rf_profiles",
        "piste.systems.meraki.rf_profiles:RfProfiles",
        late=True,
        unclosed=_WITH_THE_NETWORK,
    ),
    # Before the ports, whose uplinks they join.
    _network(
        "meraki_link_aggregations",
        "piste.systems.meraki.link_aggregations:LinkAggregations",
        late=True,
        closed="deleted",
        if_declared=True,
    ),
    _network(
        "meraki_switch_ports",
        "piste.systems.meraki.switch_ports:SwitchPorts",
        within=_DEVICE,
        unclosed=_WITH_THE_NETWORK,
        admission=("access_policy",),
    ),
    _network(
        "meraki_radios",
        "piste.systems.meraki.radios:Radios",
        within=_DEVICE,
        late=True,
        unclosed=_WITH_THE_NETWORK,
    ),
    _network(
        "meraki_ssids",
        "piste.systems.meraki.ssids:Ssids",
        unclosed=_WITH_THE_NETWORK,
        admission=("radius_servers",),
    ),
    # After all that an upgrade would interrupt.
    _network(
        "meraki_firmware",
        "piste.systems.meraki.firmware:Firmware",
        unexported="vaut pour son jour : les versions sont au rapport, une mise à niveau passée ne se rejoue pas",
        unreturned="s’annule au Dashboard ; une fois posée, la version d’avant y revient tant qu’il le propose",
        unclosed=_WITH_THE_NETWORK,
        if_declared=True,
    ),
)
_routing = partial(Kind, "routing", closed="deleted", surveyed=False, if_declared=True, rights=_SWITCH_RIGHTS)
ROUTING = (
    _routing(
        "meraki_routed_interfaces",
        "piste.systems.meraki.routed_interfaces:RoutedInterfaces",
    ),
    _routing(
        "meraki_static_routes",
        "piste.systems.meraki.static_routes:StaticRoutes",
    ),
)
