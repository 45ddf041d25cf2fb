"""The kinds of objects that Piste converges, in order, and what it does with each.

The only list of kinds: modules, roles, export, replay, undo, closing, adoption, drift and the page of gaps follow it.
It imports no vendor: a run pays for those that it drives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from piste.kind import Kind, faults

_NPS = "refaite avec ce que Piste en exprime ; des attributs ajoutés dans la console NPS sont perdus"
_WITH_THE_NETWORK = "part avec le réseau du site"
_OF_THE_TOWN = "est à la ville"
_NETWORK = ("meraki_networks",)
_DEVICE = ("meraki_networks", "meraki_devices")
_GPO_RIGHTS = "membre de Group Policy Creator Owners ; une stratégie qu’un autre a créée se délègue dans la console"
_NPS_RIGHTS = "administrateur local des serveurs NPS, et de nul autre : l’export et l’import de NPS le demandent"
_SMC_RIGHTS = "écrire les éléments et les politiques : rôle Editor (déduit des rôles livrés avec le SMC)"
_ENGINE_RIGHTS = "écrire le moteur : rôle Editor, accordé sur le pare-feu de la Ville (déduit des rôles livrés)"
_ORGANIZATION_RIGHTS = "« full » sur l’organisation : un réseau s’y crée, un équipement s’y affecte"
_NETWORK_RIGHTS = "« full » sur le réseau du site (déduit) ; celui de l’organisation le comprend"
_SWITCH_RIGHTS = "« full » sur le réseau du commutateur ou de la pile (déduit) ; celui de l’organisation le comprend"
_VM_RIGHTS = "rôle Virtual Machine Admin (déduit pour les images et les affinités)"

KINDS: tuple[Kind, ...] = (
    Kind(
        "directory",
        "ad_organizational_units",
        "piste.windows.organizational_units:OrganizationalUnits",
        "organizational_units",
        intent="units",
        closed="deleted",
        renewed="refaite sans les délégations qui y étaient données",
        rights="à la racine, créer et supprimer des unités ; sur les unités, en écrire les propriétés, en modifier les "
        "autorisations (protected), les supprimer",
    ),
    Kind(
        "directory",
        "ad_groups",
        "piste.windows.groups:Groups",
        "groups",
        closed="deleted",
        renewed="refait sous un autre identifiant (SID) : les droits qui lui étaient donnés, et sa place dans les "
        "groupes et les filtrages que Piste ne déclare pas, sont perdus",
        rights="dans les unités, créer et supprimer des groupes ; au créateur propriétaire, lire, écrire et "
        "supprimer les siens",
    ),
    Kind(
        "directory",
        "ad_wmi_filters",
        "piste.windows.wmi_filters:WmiFilters",
        "wmi_filters",
        unclosed=_OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
        if_declared=True,
        rights=_GPO_RIGHTS,
    ),
    Kind(
        "directory",
        "ad_gpos",
        "piste.windows.gpos:Gpos",
        "gpos",
        unclosed=_OF_THE_TOWN,
        renewed="refaite avec son contenu, sous un autre identifiant ; ses délégations, hors filtrage, sont perdues",
        if_declared=True,
        rights=_GPO_RIGHTS,
    ),
    Kind(
        "directory",
        "ad_gpo_links",
        "piste.windows.gpo_links:GpoLinks",
        "gpo_links",
        intent="links",
        unclosed="part avec l’unité qui le porte",
        rights="sur la racine et les unités, lire et écrire gPLink et gPOptions",
    ),
    Kind(
        "directory",
        "ad_sites",
        "piste.windows.ad_sites:AdSites",
        "sites",
        late=True,
        unclosed=_OF_THE_TOWN,
        renewed="refait sous un autre identifiant : les stratégies liées au site sont à relier",
        if_declared=True,
        rights="dans la configuration de la forêt, créer des sites et des liens de sites ; au créateur propriétaire, "
        "les écrire et les supprimer",
    ),
    Kind(
        "directory",
        "ad_subnets",
        "piste.windows.ad_subnets:AdSubnets",
        "subnets",
        late=True,
        closed="deleted",
        if_declared=True,
        rights="dans CN=Subnets de la configuration de la forêt, créer, écrire et supprimer des sous-réseaux",
    ),
    Kind(
        "names",
        "dns_zones",
        "piste.windows.dns.zones:DnsZones",
        "zones",
        late=True,
        unclosed=_OF_THE_TOWN,
        unreturned="une zone ne se supprime que dans la console DNS",
        if_declared=True,
        rights="dans CN=MicrosoftDNS de DomainDnsZones, créer des zones",
    ),
    Kind(
        "names",
        "dns_records",
        "piste.windows.dns.records:DnsRecords",
        "records",
        late=True,
        closed="deleted",
        if_declared=True,
        rights="dans les zones, créer des noms ; sur les noms, lire et écrire les propriétés, sans les supprimer",
    ),
    Kind(
        "addressing",
        "dhcp_scopes",
        "piste.windows.dhcp.scopes:Scopes",
        "scopes",
        closed="deleted",
        renewed="refaite sans ses baux : un poste garde son adresse jusqu’à la fin du sien",
        if_declared=True,
        late=True,
        rights="administrateur DHCP des serveurs (groupe « Administrateurs DHCP »), et le droit d’y ouvrir une session "
        "PowerShell ; délégué du premier au second pour la réplication (déduit)",
    ),
    # Policies come first: an unknown group of the directory, or a certificate, may have them refused before any write.
    Kind(
        "access",
        "nps_network_policies",
        "piste.windows.nps.network_policies:NetworkPolicies",
        "network_policies",
        unclosed=_OF_THE_TOWN,
        renewed=_NPS,
        rights=_NPS_RIGHTS,
    ),
    Kind(
        "access",
        "nps_connection_request_policies",
        "piste.windows.nps.connection_request_policies:ConnectionRequestPolicies",
        "connection_request_policies",
        intent="request_policies",
        unclosed=_OF_THE_TOWN,
        renewed=_NPS,
        rights=_NPS_RIGHTS,
    ),
    Kind(
        "access",
        "nps_radius_clients",
        "piste.windows.nps.radius_clients:RadiusClients",
        "radius_clients",
        intent="clients",
        closed="overridden",
        rights=_NPS_RIGHTS,
    ),
    Kind(
        "firewall",
        "smc_elements",
        "piste.forcepoint.elements:Elements",
        "elements",
        unclosed=_OF_THE_TOWN,
        if_declared=True,
        rights=_SMC_RIGHTS,
    ),
    Kind(
        "firewall",
        "smc_engine_interfaces",
        "piste.forcepoint.engine_interfaces:EngineInterfaces",
        "engine_interfaces",
        late=True,
        closed="deleted",
        if_declared=True,
        renewed="refaite avec ses adresses ; ce que Piste n’en décrit pas est perdu",
        rights=_ENGINE_RIGHTS,
    ),
    Kind(
        "firewall",
        "smc_engine_routes",
        "piste.forcepoint.engine_routes:EngineRoutes",
        "engine_routes",
        late=True,
        unclosed=_OF_THE_TOWN,
        if_declared=True,
        rights=_ENGINE_RIGHTS,
    ),
    Kind(
        "firewall",
        "smc_engine_settings",
        "piste.forcepoint.engine_settings:EngineSettings",
        "engine_settings",
        late=True,
        unclosed=_OF_THE_TOWN,
        if_declared=True,
        rights=_ENGINE_RIGHTS,
    ),
    Kind(
        "firewall",
        "smc_policies",
        "piste.forcepoint.policies:Policies",
        "policies",
        closed="deleted",
        renewed="refaite avec ses règles ; leurs compteurs et leur historique sont perdus",
        rights=_SMC_RIGHTS,
    ),
    Kind(
        "firewall",
        "smc_installations",
        "piste.forcepoint.installations:Installations",
        "installations",
        unexported="est un acte : ce qui tourne sur un moteur se réinstalle depuis la politique",
        unclosed=_OF_THE_TOWN,
        unreturned="est un acte : la politique rendue s’installe par l’étape « installation »",
        surveyed=False,
        step="installation",
        rights="installer une politique : un rôle qui a upload_policy, accordé sur le pare-feu de la Ville",
    ),
    Kind(
        "printing",
        "win_print_queues",
        "piste.windows.print_queues:PrintQueues",
        "print_queues",
        intent="queues",
        unclosed="est au serveur d’impression : Piste ne la crée ni ne la supprime",
        if_declared=True,
        rights="administrateur local du serveur d’impression, et de nul autre : les réglages des files le demandent",
    ),
    Kind(
        "network",
        "meraki_networks",
        "piste.meraki.networks:Networks",
        "networks",
        closed="deleted",
        surveyed=False,
        rights=_ORGANIZATION_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_devices",
        "piste.meraki.devices:Devices",
        "devices",
        within=_NETWORK,
        closed="deleted",
        rights=_ORGANIZATION_RIGHTS,
    ),
    # Before the settings, whose priorities of the spanning tree name stacks.
    Kind(
        "network",
        "meraki_switch_stacks",
        "piste.meraki.switch_stacks:SwitchStacks",
        "switch_stacks",
        within=_NETWORK,
        late=True,
        closed="deleted",
        renewed="refaite sous un autre identifiant ; ce que ses commutateurs routaient est à refaire",
        if_declared=True,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_network_settings",
        "piste.meraki.network_settings:NetworkSettings",
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
        "piste.meraki.access_policies:AccessPolicies",
        "access_policies",
        within=_NETWORK,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_port_schedules",
        "piste.meraki.port_schedules:PortSchedules",
        "port_schedules",
        within=_NETWORK,
        late=True,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "network",
        "meraki_trusted_servers",
        "piste.meraki.trusted_servers:TrustedServers",
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
        "meraki_rf_profiles",
        "piste.meraki.rf_profiles:RfProfiles",
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
        "piste.meraki.link_aggregations:LinkAggregations",
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
        "piste.meraki.switch_ports:SwitchPorts",
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
        "piste.meraki.radios:Radios",
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
        "piste.meraki.ssids:Ssids",
        "ssids",
        within=_NETWORK,
        unclosed=_WITH_THE_NETWORK,
        undeclared="task",
        admission=("radius_servers",),
        rights=_NETWORK_RIGHTS,
    ),
    Kind(
        "routing",
        "meraki_routed_interfaces",
        "piste.meraki.routed_interfaces:RoutedInterfaces",
        "routed_interfaces",
        closed="deleted",
        surveyed=False,
        if_declared=True,
        rights=_SWITCH_RIGHTS,
    ),
    Kind(
        "routing",
        "meraki_static_routes",
        "piste.meraki.static_routes:StaticRoutes",
        "static_routes",
        closed="deleted",
        surveyed=False,
        if_declared=True,
        rights=_SWITCH_RIGHTS,
    ),
    Kind(
        "hosting",
        "prism_categories",
        "piste.nutanix.categories:Categories",
        "categories",
        unclosed=_OF_THE_TOWN,
        renewed="refaite sous un autre identifiant : ce qui y était rangé ne l’est plus",
        rights="rôle Category Admin",
    ),
    Kind(
        "hosting",
        "prism_subnets",
        "piste.nutanix.subnets:Subnets",
        "subnets",
        unclosed=_OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
        rights="rôle Network Infra Admin",
    ),
    Kind(
        "hosting",
        "prism_images",
        "piste.nutanix.images:Images",
        "images",
        unclosed=_OF_THE_TOWN,
        renewed="reprise de son adresse, sous un autre identifiant",
        if_declared=True,
        rights=_VM_RIGHTS,
    ),
    Kind(
        "hosting",
        "prism_vms",
        "piste.nutanix.vms:Vms",
        "vms",
        unclosed=_OF_THE_TOWN,
        renewed="refaite vide, sous un autre identifiant : ses disques se rendent depuis une sauvegarde",
        rights=_VM_RIGHTS,
    ),
    Kind(
        "hosting",
        "prism_affinity_policies",
        "piste.nutanix.affinity:AffinityPolicies",
        "affinity_policies",
        unclosed=_OF_THE_TOWN,
        renewed="refaite sous un autre identifiant",
        if_declared=True,
        rights=_VM_RIGHTS,
    ),
)

ADMINISTRATORS = ("meraki_administrators", "smc_administrators", "prism_administrators", "ad_administrators")
"""The modules that, in a drift, name the administrators that nobody declares."""

if wrong := list(faults(KINDS)):
    raise ValueError("piste/kinds.py: " + "; ".join(wrong))

BY_MODULE: Mapping[str, Kind] = {kind.module: kind for kind in KINDS}
DOMAINS: tuple[str, ...] = tuple(dict.fromkeys(kind.domain for kind in KINDS))
"""Domains in the order of converging."""
TITLES: Mapping[str, str] = {
    "directory": "annuaire",
    "names": "noms",
    "addressing": "adressage",
    "access": "contrôle d'accès",
    "firewall": "pare-feu",
    "printing": "impression",
    "network": "réseau",
    "routing": "routage",
    "hosting": "hébergement",
}
"""Domains in the town's words."""


def of_domain(domain: str) -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if kind.domain == domain)


def of_object(name: str) -> Kind:
    """Find the kind of an operation by its name there. Raises KeyError."""
    return _by_object()[name]


@cache
def _by_object() -> Mapping[str, Kind]:
    return {kind.table.name: kind for kind in KINDS}


def admitted(operations: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Name the owners whose ports or SSIDs some operations put behind the RADIUS servers."""
    fields = {kind.table.name: frozenset(kind.admission) for kind in KINDS if kind.admission}

    def admits(described: Mapping[str, Any]) -> bool:
        after = described["content"]["after"] or {}
        changed = fields.get(described["kind"], frozenset()) & {*described["fields"]}
        return any(after.get(name) for name in changed)

    return frozenset(described["owner"] for described in operations if admits(described))


def within(module: str) -> tuple[Kind, ...]:
    """List the kinds of what an object of another kind takes with it."""
    return tuple(kind for kind in KINDS if module in kind.within)
