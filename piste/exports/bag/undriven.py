"""The kinds of the driven systems that no module drives: a bag cannot give them back.

`names` are those of the system's own API: the end of a path at Meraki, a kind of element at the SMC, a class at Prism
Central or GLPI (shell patterns), an object of the API of Zabbix, a word of Windows. A test compares them with the kinds
and the contracts of the systems: a driven kind is not listed, a known kind is driven or listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Undriven(NamedTuple):
    """A kind that is not driven, and where to take it; empty: where the whole system is taken."""

    what: str
    names: tuple[str, ...]
    where: str = ""


WHERE: Mapping[str, str] = {
    "Meraki": "le Dashboard, dont l’organisation passe au repreneur",
    "Forcepoint": "sauvegarde du Management Server et instantanés des moteurs (docs/reprise-smc.md)",
    "Nutanix": "Prism Central et sa propre sauvegarde",
    "Windows": "sauvegarde de l’état du système de chaque contrôleur et de chaque serveur",
    "GLPI": "sauvegarde SQL de sa base, et ses documents",
    "Zabbix": "sauvegarde de sa base ; ses modèles, hôtes et cartes sont aussi dans zabbix/ de ce sac",
}
"""The driven systems, and where to take their kinds that are not driven."""

MERAKI = (
    Undriven("OSPF, points de rendez-vous", ("switch/routing/ospf", "switch/routing/multicast/rendezvousPoints")),
    Undriven("Secours à chaud des commutateurs", ("switch/warmSpare",)),
    Undriven("Qualité de service : DSCP vers CoS", ("switch/dscpToCosMappings",)),
    Undriven("Interfaces d’administration de rechange des bornes", ("wireless/alternateManagementInterface",)),
    Undriven("Alertes, du réseau et de l’organisation", ("alerts/settings", "alerts/profiles")),
    Undriven("Webhooks et leurs modèles", ("webhooks/httpServers", "webhooks/payloadTemplates")),
    Undriven("Micrologiciels : fenêtres, groupes et étapes",
             ("firmwareUpgrades", "firmwareUpgrades/staged/groups", "firmwareUpgrades/staged/stages")),
    Undriven("Stratégies de groupe du réseau, clés par identité, stratégies par type d’appareil",
             ("groupPolicies", "wireless/ssids/identityPsks", "wireless/ssids/deviceTypeGroupPolicies")),
    Undriven("Comptes des visiteurs et du 802.1X hébergés par Meraki", ("merakiAuthUsers",)),
    Undriven("SSID : Bonjour, délais EAP, isolement par liste, thèmes du portail",
             ("wireless/ssids/bonjourForwarding", "wireless/ssids/eapOverride",
              "wireless/ssids/firewall/isolation/allowlist/entries", "splash/themes", "splash/themes/assets")),
    Undriven("SSID de l’organisation et leurs affectations",
             ("wireless/ssids/profiles", "wireless/ssids/profiles/assignments")),
    Undriven("Détection des bornes étrangères (Air Marshal)",
             ("wireless/airMarshal/rules", "wireless/airMarshal/settings")),
    Undriven("Gestion automatique de la radio", ("wireless/radio/rrm",)),
    Undriven("Ports Ethernet des bornes", ("wireless/ethernet/ports/profiles",)),
    Undriven("Profils de VLAN", ("vlanProfiles",)),
    Undriven("Modèles de configuration et leurs profils de commutateurs",
             ("configTemplates", "configTemplates/switch/profiles/ports")),
    Undriven("Objets de stratégie et leurs groupes", ("policyObjects", "policyObjects/groups")),
    Undriven("SNMP de l’organisation", ("organizations/snmp",)),
    Undriven("Sécurité de la connexion au Dashboard ; organisation", ("loginSecurity", "organizations")),
    Undriven("Licences, plans d’étage", ("licenses", "floorPlans")),
)  # fmt: skip

FORCEPOINT = (
    Undriven("Moteurs eux-mêmes : création, nœuds, licences, tunnels et modems ; autres genres de moteurs",
             ("single_fw", "fw_cluster", "firewall_node", "fwlayer2_node", "virtual_*", "master_*", "cloud_*",
              "single_*", "*_cluster", "appliance_switch_module", "vss_*", "scale_set", "interface_nic*",
              "logical_interface", "known_host*", "connection_sync_group", "image_file")),
    Undriven("Relais DNS, résolveurs, multidiffusion et alias DHCP des moteurs",
             ("dns_*", "valid*", "igmp_*", "resolver")),
    Undriven("Routage dynamique, par stratégie ou multidiffusion, liaisons",
             ("ospf*", "bgp_*", "*bgp_peer*", "*access_list", "as_path_*", "autonomous_system", "route_map*", "pim_*",
              "*prefix_list", "*netlink", "outbound_multilink", "*routing*", "link_*")),
    Undriven("Tunnels par routes, portail SSL ; passerelles des moteurs et leurs points d’accès, certificats, clients",
             ("rbvpn_*", "ssl_vpn_*", "broker_*", "vpn_broker_*", "vpn_certificate_authority", "vpn_traffic_selector",
              "gateway_certificate*", "gateway_settings", "client_gateway", "internal_gateway", "internal_endpoint",
              "loopback_endpoint", "link_usage_profile", "*ppk", "multi_contact_mvia", "connection_type")),
    Undriven("Personnes, groupes lus d’un annuaire, TACACS, identification des personnes par leur poste",
             ("internal_user", "api_user", "user_*", "eia_user_domain", "external_ldap_user",
              "external_ldap_user_group", "ldap_user*", "ldapless_*", "tacacs_server", "integrated_*", "web_auth*")),
    Undriven("Rôles, administrateurs, domaines d’administration",
             ("role", "admin_domain", "access_control_list", "administrator")),
    Undriven("Catégories d’adresses Web, listes, applications",
             ("*url_*", "*application*", "*_tag", "category_*", "proxy_server", "http_proxy", "icap",
              "threatseeker_server")),
    Undriven("Inspection, filtrage de fichiers, antivirus, bac à sable",
             ("*inspect*", "*situation*", "file_filtering*", "sandbox_*", "snort_*", "*vulnerability*", "ids_*")),
    Undriven("Inspection TLS, certificats, autorités", ("*tls*", "*certificate*")),
    Undriven("Alias, expressions, zones, pays, adresses MAC",
             ("*alias*", "*expression*", "*country*", "mac_address", "geolocation", "ip_list_group*")),
    Undriven("Qualité de service, groupes de serveurs", ("qos_*", "limit_rule", "server_pool*", "*probing*", "web_*")),
    Undriven("Services hors TCP, UDP, ICMP et IP ; agents de protocole",
             ("ethernet_*", "service_ethernet", "rpc_*", "*protocol*")),
    Undriven("Politiques de couche 2, d’IPS et d’interfaces", ("*layer2*", "*l2*", "ips_*", "sub_ipv4_ips_policy")),
    Undriven("Journaux : serveurs (sauf à qui ils renvoient), conservation",
             ("log_server*", "*logging*", "*log*", "elastic*")),
    Undriven("Alertes, rapports, tâches planifiées, sauvegardes du SMC",
             ("*alert*", "*report*", "*task*", "*snapshot*", "overview*", "pdf_template", "smtp_server", "mini_*",
              "browser_*", "bookmark*", "report_*")),
    Undriven("SNMP, LLDP, SSH et profils d’équipements des moteurs",
             ("snmp_agent", "lldp_profile", "ssh_*", "tools_profile", "*custom_properties*")),
    Undriven("Serveurs d’administration, mises à jour",
             ("mgt_server", "update_*", "*contact_address*", "eca_*", "filter_expression*", "rule_validity*", "attr",
              "file_type", "internal_file", "pa_parameter", "binding_set", "list", "data_context")),
)  # fmt: skip

NUTANIX = (
    Undriven("Points de reprise, règles de cohérence, sites jumelés, sauvegarde de Prism Central",
             ("RecoveryPoint*", "VMRecoveryPoint", "ConsistencyRule", "RestoreSource", "BackupTarget")),
    Undriven("Conteneurs de stockage, politiques et volumes",
             ("StorageContainer", "StoragePolicy", "StorageConfig", "ExternalStorage", "DataServicesIpMapping",
              "VolumeGroup")),
    Undriven("Commutateurs virtuels, segments et adresses de la grappe", ("VirtualSwitch", "NetworkSegment", "IpPool")),
    Undriven("Machines : lecteurs, outils d’invité, processeurs graphiques, ports série",
             ("CdRom", "GuestTools", "NutanixGuestTools", "Gpu", "PcieDevice", "SerialPort")),
    Undriven("Ordre de démarrage, redémarrage, placement, débit",
             ("VmStartupPolicy", "GuestRebootPolicy", "PlacementPolicy", "TemplatePlacementPolicy", "RateLimitPolicy")),
    Undriven("Modèles, profils et appliances de machines",
             ("Template", "Ova", "VmProfile", "VmGuestCustomizationProfile")),
    Undriven("Réglages de la grappe : DNS, NTP, messagerie, SNMP, journaux, alertes",
             ("Cluster", "ClusterProfile", "Snmp*", "RsyslogServer", "Cvm", "EncryptionConfig")),
    Undriven("Certificats de la grappe", ("Certificate", "CertificateAuthority", "SSLCertificate", "Csr")),
    Undriven("Prism Central lui-même, versions d’AOS et d’AHV", ("DomainManager", "Product")),
    Undriven("Comptes, rôles, source d’identités, projets, microsegmentation",
             ("Role", "DirectoryService", "Project", "NetworkSecurityPolicy")),
)  # fmt: skip

WINDOWS = (
    Undriven("DHCP : définitions de classes et d’options, stratégies, filtres, superétendues, IPv6 ; baux",
             ("dhcp_class", "dhcp_polic", "dhcp_filter", "superscope", "dhcpv6", "lease"),
             "dhcp/ de ce sac (Import-DhcpServer) ; les baux : Export-DhcpServer -Leases sur chaque serveur"),
    Undriven("DNS : redirecteurs (jugés), délégations, zones secondaires, enregistrements SRV, MX et dynamiques",
             ("dns_forwarder", "dns_delegation", "dns_service"), "dnscmd /ZoneExport sur un contrôleur"),
    Undriven("Comptes d’utilisateurs et d’ordinateurs, comptes de service", ("user", "computer", "service_account")),
    Undriven("Politiques de mots de passe, délégations, approbations", ("password_polic", "delegation", "trust")),
    Undriven("Annuaire : place des contrôleurs, ponts de liens, horaires de réplication",
             ("ad_server", "site_link_bridge", "replication")),
    Undriven("Partages de fichiers, droits NTFS, DFS, quotas", ("share", "ntfs", "dfs", "quota")),
    Undriven("Files d’impression : création, pilotes, ports, droits",
             ("printer_driver", "printer_port"), "printbrm sur le serveur d’impression, avant le rejeu des réglages"),
    Undriven("NPS : réglages du serveur, comptabilité, modèles",
             ("accounting", "nps_template"),
              "netsh nps export sur chaque serveur, gardé dans le coffre (il contient les secrets)"),
    Undriven("AD CS : modèles de certificats, révocation, clés",
             ("certificate_template", "revocation"), "sauvegarde de l’autorité de certification, dans le coffre"),
    Undriven("Mises à jour (WSUS)", ("wsus",)),
    Undriven("Administrateurs locaux des serveurs que Piste ne joint pas", ("local_group",)),
    Undriven("GPO : redirection de dossiers, installation de logiciels, AppLocker, autrement que tels quels",
             ("folder_redirection", "software_installation", "applocker"),
              "les sauvegardes GPMC, qui sont dans le sac"),
)  # fmt: skip

GLPI = (
    Undriven("Tickets, problèmes, demandes, suivis et satisfaction ; les changements y sont écrits, jamais relus",
             ("Ticket", "Problem", "TicketSatisfaction", "ITILFollowup")),
    Undriven("Base de connaissances", ("KnowbaseItem*",)),
    Undriven("Pièces jointes", ("Document",)),
    Undriven("Comptes, groupes, profils et règles", ("User", "Group", "Profile", "Rule*")),
)  # fmt: skip

ZABBIX = (
    Undriven("Historique, tendances, événements et acquittements", ("history", "trend", "event", "problem")),
    Undriven("Valeurs secrètes des macros, clés d’API", ("usermacro", "token")),
    Undriven("Mandataires, scripts, rapports planifiés", ("proxy", "script", "report")),
)

UNDRIVEN: Mapping[str, tuple[Undriven, ...]] = {
    "Meraki": MERAKI,
    "Forcepoint": FORCEPOINT,
    "Nutanix": NUTANIX,
    "Windows": WINDOWS,
    "GLPI": GLPI,
    "Zabbix": ZABBIX,
}
