"""The kinds of the Dashboard: networks of sites, then routing, in the order of converging."""

from __future__ import annotations

from piste.engine.kind import Kind

_WITH_THE_NETWORK = "part avec le réseau du site"
_NETWORK = ("meraki_networks",)
_DEVICE = ("meraki_networks", "meraki_devices")
_ORGANIZATION_RIGHTS = "« full » sur l’organisation : un réseau s’y crée, un équipement s’y affecte"
_NETWORK_RIGHTS = "« full » sur le réseau du site (déduit) ; celui de l’organisation le comprend"
_SWITCH_RIGHTS = "« full » sur le réseau du commutateur ou de la pile (déduit) ; celui de l’organisation le comprend"

NETWORK = (
    Kind(
        "network",
        "meraki_networks",
        "piste.systems.meraki.networks:Networks",
        "networks",
        closed="deleted",
        surveyed=False,
        rights=_ORGANIZATION_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_devices",
        "piste.systems.meraki.devices:Devices",
        "devices",
        within=_NETWORK,
        closed="deleted",
        rights=_ORGANIZATION_RIGHTS,
    ),
    # Before the settings, whose priorities of the spanning tree name stacks.
    Kind(
        "network",
        "meraki_switch_stacks",
        "piste.systems.meraki.switch_stacks:SwitchStacks",
        "switch_stacks",
        within=_NETWORK,
        late=True,
        closed="deleted",
        renewed="refaite sous un autre identifiant ; ce que ses commutateurs routaient est à refaire",
        if_declared=True,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    # Before the settings, whose inspection drops what is not trusted.
    Kind(
        "network",
        "meraki_trusted_servers",
        "piste.systems.meraki.trusted_servers:TrustedServers",
        "trusted_servers",
        within=_NETWORK,
        late=True,
        unclosed=_WITH_THE_NETWORK,
        if_declared=True,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_network_settings",
        "piste.systems.meraki.network_settings:NetworkSettings",
        "network_settings",
        intent="settings",
        within=_NETWORK,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_access_policies",
        "piste.systems.meraki.access_policies:AccessPolicies",
        "access_policies",
        within=_NETWORK,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_port_schedules",
        "piste.systems.meraki.port_schedules:PortSchedules",
        "port_schedules",
        within=_NETWORK,
        late=True,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_rf_profiles",
        "piste.systems.meraki.rf_profiles:RfProfiles",
        "rf_profiles",
        within=_NETWORK,
        late=True,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    # Before the ports, whose uplinks they join.
    Kind(
        "network",
        "meraki_link_aggregations",
        "piste.systems.meraki.link_aggregations:LinkAggregations",
        "link_aggregations",
        within=_NETWORK,
        late=True,
        closed="deleted",
        if_declared=True,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_switch_ports",
        "piste.systems.meraki.switch_ports:SwitchPorts",
        "switch_ports",
        within=_DEVICE,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        admission=("access_policy",),
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_radios",
        "piste.systems.meraki.radios:Radios",
        "radios",
        within=_DEVICE,
        late=True,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_ssids",
        "piste.systems.meraki.ssids:Ssids",
        "ssids",
        within=_NETWORK,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        admission=("radius_servers",),
        rights=_NETWORK_RIGHTS,
    ),
)
ROUTING = (
    Kind(
        "routing",
        "meraki_routed_interfaces",
        "piste.systems.meraki.routed_interfaces:RoutedInterfaces",
        "routed_interfaces",
        closed="deleted",
        surveyed=False,
        if_declared=True,
        rights=_SWITCH_RIGHTS,
    ),
    Kind(
        "routing",
        "meraki_static_routes",
        "piste.systems.meraki.static_routes:StaticRoutes",
        "static_routes",
        closed="deleted",
        surveyed=False,
        if_declared=True,
        rights=_SWITCH_RIGHTS,
    ),
)
