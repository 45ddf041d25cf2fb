"""The kinds of Windows: directory, DNS, DHCP, NPS, print queues, in the order of converging."""

from __future__ import annotations

from piste.engine.kind import OF_THE_TOWN, Kind

_NPS = "refaite avec ce que Piste en exprime ; des attributs ajoutés dans la console NPS sont perdus"
_GPO_RIGHTS = "membre de Group Policy Creator Owners ; une stratégie qu’un autre a créée se délègue dans la console"
_DHCP_RIGHTS = (
    "administrateur DHCP des serveurs (groupe « Administrateurs DHCP »), et le droit d’y ouvrir une session "
    "PowerShell ; délégué nulle part : une personne réplique là où l’accès est refusé (docs/adressage.md)"
)
_NPS_RIGHTS = "administrateur local des serveurs NPS, et de nul autre : l’export et l’import de NPS le demandent"

DIRECTORY = (
    Kind(
        "directory",
        "ad_organizational_units",
        "piste.systems.windows.organizational_units:OrganizationalUnits",
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
        "piste.systems.windows.groups:Groups",
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
        "piste.systems.windows.wmi_filters:WmiFilters",
        "wmi_filters",
        unclosed=OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
        if_declared=True,
        rights=_GPO_RIGHTS,
    ),
    Kind(
        "directory",
        "ad_gpos",
        "piste.systems.windows.gpos:Gpos",
        "gpos",
        unclosed=OF_THE_TOWN,
        renewed="refaite avec son contenu, sous un autre identifiant ; ses délégations, hors filtrage, sont perdues",
        if_declared=True,
        rights=_GPO_RIGHTS,
    ),
    Kind(
        "directory",
        "ad_gpo_links",
        "piste.systems.windows.gpo_links:GpoLinks",
        "gpo_links",
        intent="links",
        unclosed="part avec l’unité qui le porte",
        rights="sur la racine et les unités, lire et écrire gPLink et gPOptions",
    ),
    Kind(
        "directory",
        "ad_sites",
        "piste.systems.windows.ad_sites:AdSites",
        "sites",
        late=True,
        unclosed=OF_THE_TOWN,
        renewed="refait sous un autre identifiant : les stratégies liées au site sont à relier",
        if_declared=True,
        rights="dans la configuration de la forêt, créer des sites et des liens de sites ; au créateur propriétaire, "
        "les écrire et les supprimer",
    ),
    Kind(
        "directory",
        "ad_subnets",
        "piste.systems.windows.ad_subnets:AdSubnets",
        "subnets",
        late=True,
        closed="deleted",
        if_declared=True,
        rights="dans CN=Subnets de la configuration de la forêt, créer, écrire et supprimer des sous-réseaux",
    ),
    Kind(
        "directory",
        "ad_dhcp_servers",
        "piste.systems.windows.ad_dhcp_servers:AdDhcpServers",
        "dhcp_servers",
        unexported="est un acte d’administrateur de l’entreprise : playbooks/authorise_dhcp.yml le refait",
        unclosed=OF_THE_TOWN,
        unreturned="est un acte d’administrateur de l’entreprise : dhcp.retired, puis playbooks/authorise_dhcp.yml",
        step="authorisation",
        surveyed=False,
        rights="membre de « Administrateurs de l’entreprise », ou délégué sur CN=NetServices : créer, écrire et "
        "supprimer des objets dHCPClass ; l’étape à part seule s’en sert",
    ),
)
NAMES = (
    Kind(
        "names",
        "dns_zones",
        "piste.systems.windows.dns.zones:DnsZones",
        "zones",
        late=True,
        unclosed=OF_THE_TOWN,
        unreturned="une zone ne se supprime que dans la console DNS",
        if_declared=True,
        rights="dans CN=MicrosoftDNS de DomainDnsZones, créer des zones",
    ),
    Kind(
        "names",
        "dns_records",
        "piste.systems.windows.dns.records:DnsRecords",
        "records",
        late=True,
        closed="deleted",
        if_declared=True,
        rights="dans les zones, créer des noms ; sur les noms, lire et écrire les propriétés, sans les supprimer",
    ),
)
ADDRESSING = (
    Kind(
        "addressing",
        "dhcp_servers",
        "piste.systems.windows.dhcp.settings:Settings",
        "settings",
        unclosed=OF_THE_TOWN,
        if_declared=True,
        late=True,
        rights=_DHCP_RIGHTS,
    ),
    Kind(
        "addressing",
        "dhcp_scopes",
        "piste.systems.windows.dhcp.scopes:Scopes",
        "scopes",
        closed="deleted",
        renewed="refaite sans ses baux : un poste garde son adresse jusqu’à la fin du sien",
        if_declared=True,
        late=True,
        rights=_DHCP_RIGHTS,
    ),
    # After the scopes: the first scope makes it.
    Kind(
        "addressing",
        "dhcp_relations",
        "piste.systems.windows.dhcp.relations:Relations",
        "relations",
        unclosed=OF_THE_TOWN,
        if_declared=True,
        late=True,
        rights=_DHCP_RIGHTS,
    ),
)
ACCESS = (
    # Policies come first: an unknown group of the directory, or a certificate, may have them refused before any write.
    Kind(
        "access",
        "nps_network_policies",
        "piste.systems.windows.nps.network_policies:NetworkPolicies",
        "network_policies",
        unclosed=OF_THE_TOWN,
        renewed=_NPS,
        rights=_NPS_RIGHTS,
    ),
    Kind(
        "access",
        "nps_connection_request_policies",
        "piste.systems.windows.nps.connection_request_policies:ConnectionRequestPolicies",
        "connection_request_policies",
        intent="request_policies",
        unclosed=OF_THE_TOWN,
        renewed=_NPS,
        rights=_NPS_RIGHTS,
    ),
    Kind(
        "access",
        "nps_radius_clients",
        "piste.systems.windows.nps.radius_clients:RadiusClients",
        "radius_clients",
        intent="clients",
        closed="overridden",
        rights=_NPS_RIGHTS,
    ),
)
PRINTING = (
    Kind(
        "printing",
        "win_print_queues",
        "piste.systems.windows.print_queues:PrintQueues",
        "print_queues",
        intent="queues",
        unclosed="est au serveur d’impression : Piste ne la crée ni ne la supprime",
        if_declared=True,
        rights="administrateur local du serveur d’impression, et de nul autre : les réglages des files le demandent",
    ),
)
