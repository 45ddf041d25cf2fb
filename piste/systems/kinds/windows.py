"""The kinds of Windows: directory, DNS, DHCP, NPS, print queues, in the order of converging."""

from __future__ import annotations

from functools import partial

from piste.engine.kind import OF_THE_TOWN, Kind

_NPS = "refaite avec ce que Piste en exprime ; des attributs ajoutés dans la console NPS sont perdus"
_GPO_RIGHTS = "membre de Group Policy Creator Owners ; une stratégie qu’un autre a créée se délègue dans la console"
_DHCP_RIGHTS = (
    "administrateur DHCP des serveurs (groupe « Administrateurs DHCP »), et le droit d’y ouvrir une session "
    "PowerShell ; délégué nulle part : une personne réplique là où l’accès est refusé (docs/adressage.md)"
)
_NPS_RIGHTS = "administrateur local des serveurs NPS, et de nul autre : l’export et l’import de NPS le demandent"

_directory = partial(Kind, "directory")
DIRECTORY = (
    _directory(
        "ad_organizational_units",
        "piste.systems.windows.organizational_units:OrganizationalUnits",
        intent="units",
        closed="deleted",
        renewed="refaite sans les délégations qui y étaient données",
        rights="à la racine, créer et supprimer des unités ; sur les unités, en écrire les propriétés, en modifier les "
        "autorisations (protected), les supprimer",
    ),
    _directory(
        "ad_groups",
        "piste.systems.windows.groups:Groups",
        closed="deleted",
        renewed="refait sous un autre identifiant (SID) : les droits qui lui étaient donnés, et sa place dans les "
        "groupes et les filtrages que Piste ne déclare pas, sont perdus",
        rights="dans les unités, créer et supprimer des groupes ; au créateur propriétaire, lire, écrire et "
        "supprimer les siens",
    ),
    _directory(
        "ad_wmi_filters",
        "piste.systems.windows.wmi_filters:WmiFilters",
        unclosed=OF_THE_TOWN,
        renewed="refait sous un autre identifiant",
        if_declared=True,
        rights=_GPO_RIGHTS,
    ),
    _directory(
        "ad_gpos",
        "piste.systems.windows.gpos:Gpos",
        unclosed=OF_THE_TOWN,
        renewed="refaite avec son contenu, sous un autre identifiant ; ses délégations, hors filtrage, sont perdues",
        if_declared=True,
        rights=_GPO_RIGHTS,
    ),
    _directory(
        "ad_gpo_links",
        "piste.systems.windows.gpo_links:GpoLinks",
        intent="links",
        unclosed="part avec l’unité qui le porte",
        rights="sur la racine et les unités, lire et écrire gPLink et gPOptions",
    ),
    _directory(
        "ad_sites",
        "piste.systems.windows.ad_sites:AdSites",
        late=True,
        unclosed=OF_THE_TOWN,
        renewed="refait sous un autre identifiant : les stratégies liées au site sont à relier",
        if_declared=True,
        rights="dans la configuration de la forêt, créer des sites et des liens de sites ; au créateur propriétaire, "
        "les écrire et les supprimer",
    ),
    _directory(
        "ad_subnets",
        "piste.systems.windows.ad_subnets:AdSubnets",
        late=True,
        closed="deleted",
        if_declared=True,
        rights="dans CN=Subnets de la configuration de la forêt, créer, écrire et supprimer des sous-réseaux",
    ),
    _directory(
        "ad_dhcp_servers",
        "piste.systems.windows.ad_dhcp_servers:AdDhcpServers",
        unexported="est un acte d’administrateur de l’entreprise : playbooks/authorise_dhcp.yml le refait",
        unclosed=OF_THE_TOWN,
        unreturned="est un acte d’administrateur de l’entreprise : dhcp.retired, puis playbooks/authorise_dhcp.yml",
        step="authorisation",
        surveyed=False,
        rights="membre de « Administrateurs de l’entreprise », ou délégué sur CN=NetServices : créer, écrire et "
        "supprimer des objets dHCPClass ; l’étape à part seule s’en sert",
    ),
)
_names = partial(Kind, "names", late=True)
NAMES = (
    _names(
        "dns_zones",
        "piste.systems.windows.dns.zones:DnsZones",
        unclosed=OF_THE_TOWN,
        unreturned="une zone ne se supprime que dans la console DNS",
        if_declared=True,
        rights="dans CN=MicrosoftDNS de DomainDnsZones, créer des zones",
    ),
    _names(
        "dns_records",
        "piste.systems.windows.dns.records:DnsRecords",
        closed="deleted",
        if_declared=True,
        rights="dans les zones, créer des noms ; sur les noms, lire et écrire les propriétés, sans les supprimer",
    ),
)
_addressing = partial(Kind, "addressing", if_declared=True, late=True, rights=_DHCP_RIGHTS)
ADDRESSING = (
    _addressing(
        "dhcp_servers",
        "piste.systems.windows.dhcp.settings:Settings",
        name="settings",
        unclosed=OF_THE_TOWN,
    ),
    _addressing(
        "dhcp_scopes",
        "piste.systems.windows.dhcp.scopes:Scopes",
        closed="deleted",
        renewed="refaite sans ses baux : un poste garde son adresse jusqu’à la fin du sien",
    ),
    # After the scopes: the first scope makes it.
    _addressing(
        "dhcp_relations",
        "piste.systems.windows.dhcp.relations:Relations",
        unclosed=OF_THE_TOWN,
    ),
)
_access = partial(Kind, "access", rights=_NPS_RIGHTS)
ACCESS = (
    # Policies come first: an unknown group of the directory, or a certificate, may have them refused before any write.
    _access(
        "nps_network_policies",
        "piste.systems.windows.nps.network_policies:NetworkPolicies",
        unclosed=OF_THE_TOWN,
        renewed=_NPS,
    ),
    _access(
        "nps_connection_request_policies",
        "piste.systems.windows.nps.connection_request_policies:ConnectionRequestPolicies",
        intent="request_policies",
        unclosed=OF_THE_TOWN,
        renewed=_NPS,
    ),
    _access(
        "nps_radius_clients",
        "piste.systems.windows.nps.radius_clients:RadiusClients",
        intent="clients",
        closed="overridden",
    ),
)
PRINTING = (
    Kind(
        "printing",
        "win_print_queues",
        "piste.systems.windows.print_queues:PrintQueues",
        intent="queues",
        unclosed="est au serveur d’impression : Piste ne la crée ni ne la supprime",
        if_declared=True,
        rights="administrateur local du serveur d’impression, et de nul autre : les réglages des files le demandent",
    ),
)
