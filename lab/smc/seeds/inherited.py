"""The legacy of a contractor after ten years: it works, and nobody dares to touch it.

With the addresses of the sample plan: rules without a name or with the same name, dead rules, duplicates under other
names, unused elements, a forgotten test policy, changes never installed, an any-any at the bottom. Deterministic: the
same ids each time.
"""

from __future__ import annotations

from lab.smc.seeds.making import TEMPLATE, Hand, cluster
from lab.smc.seeds.system import CONTRACTOR
from lab.smc.simulator import SmcSimulator

POLICY, TRIAL, MODEL, SCHOOLS_POLICY = "POL_VILLE_LB", "POL_TEST_2021", "MODELE VILLE", "SOUS_POL_ECOLES"
ACCESS, ACCESS6, NAT = "fw_ipv4_access_rule", "fw_ipv6_access_rule", "fw_ipv4_nat_rule"
# Number of the site in the plan, and the part of the names of its networks, which follow no rule.
_SITES = {
    0: "Mairie", 1: "CCAS", 2: "CTM", 3: "Cimetiere", 4: "ECOLE_AURIOL", 5: "ECOLE_JAURES", 6: "Ecole Mermoz",
    7: "ECOLE_BLERIOT", 8: "St-Exupery", 9: "Creche Bastie", 10: "Halte jeux", 11: "RPE", 12: "Mediatheque",
    13: "MALRAUX", 14: "Conservatoire", 15: "Houyoux", 16: "Stade Salengro", 17: "PISCINE", 18: "Marlin", 19: "PM",
}  # fmt: skip
_SCHOOLS = (4, 5, 6, 7, 8)
_WITH_GUESTS = (0, 1, 2, 12, 13, 15, 16, 17, 18, 19)
_HOSTS = {
    "SRV-AD1": "10.93.2.11", "SRV-AD2": "10.93.2.12", "dc1 (ancien)": "10.93.2.11", "NPS1": "10.93.2.13",
    "NPS2": "10.93.2.14", "SRV-FIC": "10.93.2.15", "SRV-SQL": "10.93.2.16", "SRV_IMP": "10.93.2.17",
    "impression": "10.93.2.17", "GLPI": "10.93.2.18", "Citrix1": "10.93.2.19", "ctx-sh1": "10.93.2.20",
    "ctx-sh2": "10.93.2.21", "LOGS": "10.93.2.24", "Zabbix": "10.93.2.25", "Sauvegarde": "10.93.2.26",
    "BASTION": "10.93.2.30", "srv-compta-2012": "10.93.2.90", "srv-intranet (HS)": "10.93.2.91",
    "Portail public": "192.0.2.4", "VPN-entree": "192.0.2.3", "relais smtp": "10.93.2.27", "Autocom": "10.93.3.10",
    "PC Dupont": "10.93.1.57", "imprimante CCAS": "10.93.9.21", "Borne parking": "10.93.1.200",
}  # fmt: skip
# VLANs and routes of the engine, by hand: those of the plan, and what is left of a branch that closed.
_VLANS = {
    "0.102": ("10.93.2.254", "10.93.2.0/24"),
    "0.155": ("10.93.45.254", "10.93.45.0/24"),
    "0.990": ("10.93.250.254", "10.93.250.0/24"),
}
_ROUTES = (("192.0.2.1", "0.0.0.0/0"), ("10.93.240.1", "10.93.0.0/16"), ("10.93.250.1", "172.30.0.0/16"))
_RANGES = {
    "DHCP mairie": "10.93.1.50-10.93.1.239",
    "Plage imprimantes": "10.93.1.10-10.93.1.49",
    "prestataire 2019": "203.0.113.10-203.0.113.20",
    "TOIP SFR": "203.0.113.64-203.0.113.95",
}
_NAMES = ("api.meraki.com", "update.exemple.test", "visio.exemple.test", "www.impots.exemple.test")
_ZONES = ("Interne", "Externe", "DMZ", "Ecoles", "a supprimer")
_TCP = {
    "TCP_8080": 8080, "tcp-8443": 8443, "Citrix ICA": 1494, "Session Reliability": 2598, "SQL 1433": 1433,
    "RDP-3389": 3389, "Impression 9100": 9100, "WinRM": 5986, "Appli compta": 7001, "SMB": 445,
}  # fmt: skip
_UDP = {"UDP_161": 161, "syslog_udp": 514, "Meraki cloud": 7351, "NTP-UDP": 123, "RTP bas": 10000}


def inherited(simulator: SmcSimulator) -> None:
    """Fill a server as a departing contractor leaves it."""
    hand = Hand(simulator, CONTRACTOR)
    engine = cluster(hand, vlans=_VLANS)
    for gateway, network in _ROUTES:
        hand.simulator.edit("POST", f"{engine}/add_route?gateway={gateway}&network={network}", None, CONTRACTOR)
    _elements(hand)
    _groups(hand)
    _policies(hand)
    _town_rules(hand)
    _translations(hand)
    _trial(hand)
    hand.install(POLICY)
    _never_installed(hand)


def _elements(hand: Hand) -> None:
    for number, name in _SITES.items():
        block = f"10.93.{8 * number}"
        style = (f"NET_{name}", f"LAN {name}", f"10.93.{8 * number + 1}.0_24")[number % 3]
        hand.make("network", style, ipv4_network=f"10.93.{8 * number + 1}.0/24", broadcast=bool(number % 2))
        hand.make("network", f"ToIP {name}", ipv4_network=f"10.93.{8 * number + 3}.0/24")
        if number in _WITH_GUESTS:
            hand.make("network", f"Invites {name}", ipv4_network=f"10.93.{8 * number + 4}.0/24", comment=block)
        if number in _SCHOOLS:
            hand.make("network", f"PEDA {name}", ipv4_network=f"10.93.{8 * number + 5}.0/24")
    hand.make("network", "VILLE", ipv4_network="10.93.0.0/16", comment="toute la ville")
    hand.make("network", "Serveurs", ipv4_network="10.93.2.0/24")
    hand.make("network", "CSU interco", ipv4_network="10.93.159.0/29")
    hand.make("network", "ancien LAN", ipv4_network="192.168.1.0/24", comment="avant 2016")
    hand.make("network", "v6 test", ipv6_network="2001:db8:93::/48")
    for kind, field, values in (("host", "address", _HOSTS), ("address_range", "ip_range", _RANGES)):
        for name, value in values.items():
            hand.make(kind, name, **{field: value})
    hand.make("router", "Passerelle operateur", address="192.0.2.1")
    for name in _NAMES:
        hand.make("domain_name", name)
    for name in _ZONES:
        hand.make("interface_zone", name)
    for name, addresses in (("Bloquees", ["198.51.100.0/25", "198.51.100.200"]), ("vieille liste", [])):
        path = hand.make("ip_list", name)
        hand.simulator.edit("POST", f"{path}/ip_address_list", {"ip": addresses}, CONTRACTOR, **_JSON)
    for kind, ports in (("tcp_service", _TCP), ("udp_service", _UDP)):
        for name, port in ports.items():
            last = {"max_dst_port": 20000} if name == "RTP bas" else {}
            hand.make(kind, name, min_dst_port=port, **last)
    hand.make("icmp_service", "ping", icmp_type=8, icmp_code=0)


_JSON = {"Content-Type": "application/json"}


def _groups(hand: Hand) -> None:
    def group(name: str, members: str, kind: str = "group") -> None:
        hand.make(kind, name, element=hand.paths(members) if members else [])

    group("Controleurs AD", "SRV-AD1 + SRV-AD2")
    group("NPS", "NPS1 + NPS2")
    group("Serveurs metier", "SRV-FIC + SRV-SQL + GLPI + Citrix1")
    group("Tous serveurs", "Controleurs AD + NPS + Serveurs metier")
    group("Ecoles peda", " + ".join(f"PEDA {_SITES[number]}" for number in _SCHOOLS))
    group("Invites", " + ".join(f"Invites {_SITES[number]}" for number in _WITH_GUESTS))
    group("ToIP", " + ".join(f"ToIP {name}" for name in _SITES.values()))
    group("LAN batiments", "NET_Mairie + LAN CCAS + NET_Cimetiere")
    group("Citrix", "Citrix1 + ctx-sh1 + ctx-sh2")
    group("admins", "PC Dupont + BASTION")
    group("GRP_VIDE", "")
    group("serveurs (copie)", "Controleurs AD + NPS + Serveurs metier")
    group("Services AD", "DNS (TCP) + DNS (UDP) + LDAPS + SMB + Kerberos (TCP)", "service_group")
    group("ICA", "Citrix ICA + Session Reliability", "tcp_service_group")
    group("Supervision", "UDP_161 + syslog_udp + ping", "service_group")


def _policies(hand: Hand) -> None:
    hand.make("fw_template_policy", MODEL, template=hand.path(TEMPLATE))
    hand.row(MODEL, ACCESS, comment="--- NE PAS MODIFIER ---")
    hand.access(MODEL, "admin SMC", "admins", "*", "SSH + HTTPS")
    hand.row(MODEL, ACCESS, name="Regles sites", type="normal")
    hand.access(MODEL, "", "Bloquees", "*", "*", "discard")
    hand.row(MODEL, NAT, name="NAT sites", type="normal")
    hand.make("sub_ipv4_fw_policy", SCHOOLS_POLICY)
    hand.access(SCHOOLS_POLICY, "dns ecoles", "Ecoles peda", "Controleurs AD", "DNS")
    hand.access(SCHOOLS_POLICY, "", "Ecoles peda", "*", "HTTP + HTTPS")
    hand.access(SCHOOLS_POLICY, "", "Ecoles peda", "VILLE", "*", "discard")
    hand.access(SCHOOLS_POLICY, "proxy ancien", "Ecoles peda", "srv-intranet (HS)", "TCP_8080", is_disabled=True)
    hand.make("fw_policy", POLICY, template=hand.path(MODEL), comment="en production")
    hand.make("fw_policy", TRIAL, template=hand.path(TEMPLATE))


def _town_rules(hand: Hand) -> None:
    def section(text: str) -> None:
        hand.row(POLICY, ACCESS, comment=text)

    def rule(name: str, source: str, destination: str, service: str, action: str = "allow", **more: object) -> None:
        hand.access(POLICY, name, source, destination, service, action, **more)

    section("ADMINISTRATION")
    rule("Acces SMC", "admins", "Management Server", "HTTPS + SSH", comment="ne pas supprimer !!!")
    rule("ssh equipements", "BASTION", "VILLE", "SSH", options={"log_level": "stored"})
    rule("", "BASTION", "VILLE", "RDP-3389 + WinRM")
    rule("rdp dupont", "PC Dupont", "Tous serveurs", "RDP-3389", comment="temporaire 03/2018")
    section("ANNUAIRE ET 802.1X")
    for site in ("NET_Mairie", "LAN CCAS", "10.93.17.0_24", "NET_Cimetiere", "LAN ECOLE_AURIOL", "10.93.41.0_24"):
        rule("vers AD", site, "Controleurs AD", "Services AD")
    rule("vers AD Mermoz", "NET_Ecole Mermoz", "SRV-AD1", "Services AD + Kerberos (UDP)")
    rule("", "VILLE", "NPS", "RADIUS (Authentication) + RADIUS (Accounting)")
    rule("radius", "VILLE", "NPS", "RADIUS (Authentication)", comment="doublon ?")
    section("serveurs")
    rule("fichiers", "VILLE", "SRV-FIC", "SMB")
    rule("Impressions", "LAN batiments", "SRV_IMP", "Impression 9100 + SMB")
    rule("Impressions", "VILLE", "impression", "Impression 9100", comment="meme serveur")
    rule("sql compta", "LAN CCAS", "SRV-SQL", "SQL 1433")
    rule("compta (ne sert plus ?)", "LAN CCAS", "srv-compta-2012", "Appli compta")
    rule("GLPI web", "VILLE", "GLPI", "HTTPS + TCP_8080")
    rule("citrix", "VILLE", "Citrix", "ICA + HTTPS")
    rule("ctx mairie", "NET_Mairie", "Citrix1", "Citrix ICA", comment="deja couvert par citrix")
    rule("supervision", "Zabbix", "VILLE", "Supervision")
    rule("logs", "VILLE", "LOGS", "syslog_udp + Syslog (TCP)")
    rule("sauvegardes", "Sauvegarde", "Serveurs", "*", options={"log_level": "essential"})
    rule("", "relais smtp", "*", "SMTP")
    section("TELEPHONIE")
    rule("toip sfr", "ToIP", "TOIP SFR", "SIP (UDP) + RTP bas")
    rule("toip autocom", "ToIP", "Autocom", "*")
    rule("ntp toip", "ToIP", "*", "NTP")
    section("ecoles")
    jump = {"with_action": {"sub_policy": hand.path(SCHOOLS_POLICY)}}
    rule("Ecoles", "Ecoles peda", "*", "*", "jump", **jump)
    rule("peda vers imprimante", "PEDA ECOLE_JAURES", "SRV_IMP", "Impression 9100", comment="morte : apres le jump")
    section("")
    rule("invites web", "Invites", "*", "HTTP + HTTPS + DNS", comment="passe aussi vers les serveurs...")
    rule("invites non interne", "Invites", "VILLE", "*", "discard", comment="trop tard")
    rule("csu", "CSU interco", "LAN PM", "*", is_disabled=True)
    rule("CSU 2", "CSU interco", "10.93.153.0_24" if 19 % 3 == 2 else "LAN PM", "HTTPS")
    section("INTERNET")
    rule("meraki", "VILLE", "api.meraki.com", "HTTPS + Meraki cloud")
    rule("maj", "Tous serveurs", "update.exemple.test", "HTTP + HTTPS")
    rule("web", "VILLE", "*", "HTTP + HTTPS", options={"log_level": "stored", "log_accounting_info_mode": True})
    rule("impots", "LAN CCAS", "www.impots.exemple.test", "HTTPS", comment="morte : regle web au-dessus")
    rule("ftp prestataire", "prestataire 2019", "srv-intranet (HS)", "FTP", comment="contrat termine")
    rule("visio", "VILLE", "visio.exemple.test", "tcp-8443 + HTTPS")
    rule("portail", "*", "Portail public", "HTTPS")
    rule("vpn", "*", "VPN-entree", "IKE + ESP")
    rule("", "*", "VILLE", "ping")
    rule("test", "PC Dupont", "*", "*", is_disabled=True)
    rule("test", "Borne parking", "*", "*", comment="a revoir")
    rule("regle vide", "", "VILLE", "HTTPS")
    rule("TEMPORAIRE", "*", "*", "*", comment="ouvert le 12/06/2017 pour la migration")
    hand.row(POLICY, ACCESS6, name="v6 test", **hand.cells("v6 test", "*", "HTTPS"), action={"action": ["allow"]})
    hand.row(POLICY, ACCESS6, **hand.cells("*", "*", "*"), action={"action": ["discard"]})


def _translations(hand: Hand) -> None:
    def rule(name: str, source: str, destination: str, service: str, **options: object) -> None:
        named = {"name": name} if name else {}
        hand.row(POLICY, NAT, **named, **hand.cells(source, destination, service), options=options)

    outside = {"ip_descriptor": "192.0.2.2", "min_port": 1024, "max_port": 65535}
    hidden = {"automatic_proxy": True, "translation_values": [outside]}
    hand.row(POLICY, NAT, comment="SORTANT")
    rule("pas de nat interne", "VILLE", "VILLE", "*")
    rule("internet", "VILLE", "*", "*", dynamic_src_nat=hidden)
    rule("invites", "Invites", "*", "*", dynamic_src_nat=hidden)
    rule("", "ancien LAN", "*", "*", dynamic_src_nat=hidden)
    hand.row(POLICY, NAT, comment="ENTRANT")
    for name, inside, port in (("portail", "Citrix1", None), ("portail ancien", "srv-intranet (HS)", 8443)):
        ports = {"min_port": port, "max_port": port} if port else {}
        public = {"min_port": 443, "max_port": 443} if port else {}
        translation = {
            "automatic_proxy": True,
            "original_value": {
                "element": hand.path("Portail public"),
                **public,
            },
            "translated_value": {"element": hand.path(inside), **ports},
        }
        rule(name, "*", "Portail public", "HTTPS", static_dst_nat=translation)
    smtp = {
        "automatic_proxy": True,
        "original_value": {"element": hand.path("relais smtp")},
        "translated_value": {"ip_descriptor": "192.0.2.5"},
    }
    rule("smtp sortant", "relais smtp", "*", "SMTP", static_src_nat=smtp)


def _trial(hand: Hand) -> None:
    hand.access(TRIAL, "test dc", "PC Dupont", "dc1 (ancien)", "*")
    for number in range(1, 7):
        hand.access(TRIAL, f"regle {number}", "NET_Mairie", "ctx-sh1", "TCP_8080", is_disabled=number % 2 == 0)
    hand.access(TRIAL, "", "*", "*", "*")


def _never_installed(hand: Hand) -> None:
    """Change rules after the last installation, as people do on a Friday."""
    hand.access(POLICY, "urgent maire", "PC Dupont", "SRV-FIC", "SMB", comment="demande du 14/11", rank=1.0)
    path = hand.path("Borne parking")
    body = {"name": "Borne parking", "address": "10.93.1.201"}
    hand.simulator.edit("PUT", path, body, CONTRACTOR)
