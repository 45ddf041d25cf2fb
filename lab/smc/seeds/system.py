"""The system elements that every SMC has from the start."""

from __future__ import annotations

from lab.smc.elements import ADMIN_DOMAIN
from lab.smc.simulator import CLIENT, OTHER, SmcSimulator
from lab.smc.world import Json, mark

CONTRACTOR = "prestataire"
_TCP = {
    "BGP": 179, "DNS (TCP)": 53, "FTP": 21, "HTTP": 80, "HTTPS": 443, "IMAP": 143, "IMAPS": 993, "Kerberos (TCP)": 88,
    "LDAP (TCP)": 389, "LDAPS": 636, "LPR": 515, "Microsoft-DS": 445, "NetBIOS Session": 139, "POP3": 110,
    "RPC (TCP)": 135, "Remote Desktop": 3389, "SMTP": 25, "SSH": 22, "Syslog (TCP)": 514, "Telnet": 23,
}  # fmt: skip
_UDP = {
    "BOOTPC (UDP)": 68, "BOOTPS (UDP)": 67, "DNS (UDP)": 53, "IKE": 500, "Kerberos (UDP)": 88, "LDAP (UDP)": 389,
    "NTP": 123, "RADIUS (Accounting)": 1813, "RADIUS (Authentication)": 1812, "SIP (UDP)": 5060, "SNMP (UDP)": 161,
    "SNMP Trap (UDP)": 162, "Syslog (UDP)": 514, "TFTP": 69,
}  # fmt: skip
_ICMP = {"Echo Request (Any Code)": 8, "Echo Reply": 0, "Destination Unreachable": 3, "Time Exceeded": 11}
_IP = {"TCP": 6, "UDP": 17, "ESP": 50, "AH": 51, "GRE": 47, "OSPF": 89, "VRRP": 112}
_PROTOCOLS = ("FTP", "HTTP", "HTTPS", "SIP", "SMTP", "SSM DNS Proxy (TCP)", "TCP Proxy", "TFTP")
_GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "DNS": ("service_group", ("DNS (TCP)", "DNS (UDP)")),
    "Kerberos": ("service_group", ("Kerberos (TCP)", "Kerberos (UDP)")),
}
_ALIASES = {
    "interface_nic_x_ip_alias": [f"$$ Interface ID {nic}.ip" for nic in range(10)],
    "interface_nic_x_net_alias": [f"$$ Interface ID {nic}.net" for nic in range(10)],
    "local_cluster_cvi_alias": ["$$ Local Cluster(CVI addresses only)"],
    "log_servers_alias": ["$$ Log Servers"],
    "mgt_servers_alias": ["$$ Management Servers"],
    "default_nat_address_alias": ["$$ Default NAT Address"],
    "dhcp_enabled_interface_addresses_alias": ["$$ DHCP Enabled Interface Addresses"],
}
_PROFILES = {
    "connection_type": ("Active", "Aggregate", "Standby"),
    "authentication_service": ("User password", "Pre-Shared Key Method", "LDAP Authentication"),
    "file_filtering_policy": ("Permit All",),
    "ips_template_policy": ("High-Security IPS Template", "Medium-Security IPS Template"),
    "l2_interface_template_policy": ("Layer 2 Interface Template",),
    "layer2_template_policy": ("High-Security Layer 2 Template", "Medium-Security Layer 2 Template"),
    "gateway_profile": ("Default (all capabilities)",),
    "gateway_settings": ("Gateway Default Settings",),
    "inspection_template_policy": ("High-Security Inspection Template", "No Inspection Policy"),
    "file_filtering_compatibility_tag": ("Any file",),
    "link_type": ("Active", "Standby"),
    "link_usage_profile": ("Default",),
    "logging_profile": ("Default",),
    "probing_profile": ("Default",),
    "situation_group_tag": ("Files",),
    "tls_profile": ("Default", "Global Sandbox TLS Profile"),
    "tools_profile": ("Default",),
    "trusted_ca_tag": ("All Trusted CAs",),
    "url_category": (
        "Adult Material", "Gambling", "Games", "Malicious Websites", "Phishing and Other Frauds", "Spyware",
    ),
    "url_category_group": ("Security",),
    "vpn_profile": ("VPN-A Suite",),
}
_ROLES = {"Operator": True, "Superuser": True, "Viewer": False}
"""Roles, and whether each may install a policy."""
_PROPERTIES = {50: "enforce_change_management", 51: "self_approve_changes"}
_COUNTRIES = ("France", "Germany", "United States")


def system(simulator: SmcSimulator) -> None:
    """Add the elements of a new installation."""
    made = _Maker(simulator)
    made("admin_domain", ADMIN_DOMAIN)
    made("api_client", CLIENT, superuser=True)
    for name in (OTHER, CONTRACTOR):
        made.world.add("admin_user", {"name": name, "superuser": True}, None, "System", made.now)
    made("network", "Any network", ipv4_network="0.0.0.0/0", ipv6_network="::/0", broadcast=False)
    for kind, names in {**_ALIASES, **_PROFILES}.items():
        for name in names:
            made(kind, name)
    for name, installs in _ROLES.items():
        made("role", name, upload_policy=installs)
    for number, name in _PROPERTIES.items():
        made.world.add(
            "system_property", {"name": name, "system_key": number, "value": "false"}, None, "System", made.now
        )
    for name in _COUNTRIES:
        made("country", name)
    for name in _PROTOCOLS:
        made("protocol", name)
    agent = made.world.named("protocol", "SSM DNS Proxy (TCP)")
    parameter = {"name": "dns_proxy_logging", "type": "integer", "default_integer": 0, "description": "Logging"}
    made.record("pa_parameter", parameter, agent["key"] if agent else None)
    agent = made.world.named("protocol", "SMTP")
    parameter = {"name": "redir_cis", "type": "proxy_service", "description": "Redirect to Proxy Server"}
    made.record("pa_parameter", parameter, agent["key"] if agent else None)
    for kind, ports in (("tcp_service", _TCP), ("udp_service", _UDP)):
        for name, port in ports.items():
            made(kind, name, min_dst_port=port)
    for name, number in _ICMP.items():
        made("icmp_service", name, icmp_type=number)
    for name, number in _IP.items():
        made("ip_service", name, protocol_number=number)
    for name, (kind, members) in _GROUPS.items():
        made(kind, name, element=[mark(made.services[member]) for member in members])
    made("mgt_server", "Management Server", address="192.0.2.10")
    made("data_context", "All Log Data")
    made("internal_user_domain", "InternalDomain", isdefault=False)
    logs = made("log_server", "LogServer 192.0.2.10", address="192.0.2.10")
    logs["system"] = False  # the installation makes it, and administrators change it
    _templates(made)


class _Maker:
    """Makes system elements without any check."""

    def __init__(self, simulator: SmcSimulator) -> None:
        self.world, self.now = simulator.world, int(simulator.clock.now() * 1000)
        self.services: dict[str, int] = {}

    def __call__(self, kind: str, name: str, **data: object) -> Json:
        record = self.record(kind, {"name": name, **data})
        if kind.endswith("_service"):
            self.services[name] = record["key"]
        return record

    def record(self, kind: str, data: Json, parent: int | None = None) -> Json:
        return self.world.add(kind, data, parent, "System", self.now, system=True)


def _templates(made: _Maker) -> None:
    """Make the templates of firewall policies: the rules of the engine around an insert point."""
    base = made("fw_template_policy", "Firewall Template")
    inspection = made("fw_template_policy", "Firewall Inspection Template", template=mark(base["key"]))
    allowed = {"action": ["allow"], "scan_detection": "undefined"}
    managed = {"service": [mark(made.services["SSH"])]}
    rows: dict[str, list[Json]] = {
        "fw_ipv4_access_rule": [
            {"comment": "Management connections"},
            {
                "name": "Management",
                "sources": {"src": [mark(made.world.named("mgt_servers_alias", "$$ Management Servers")["key"])]},  # type: ignore[index]
                "destinations": {"any": True},
                "services": managed,
                "action": allowed,
                "is_disabled": False,
            },
            {"name": "Access rule: insert point", "type": "normal"},
            {
                "name": "Discard all",
                "sources": {"any": True},
                "destinations": {"any": True},
                "services": {"any": True},
                "action": {**allowed, "action": ["discard"]},
                "is_disabled": False,
            },
        ],
        "fw_ipv6_access_rule": [{"name": "IPv6 Access rule: insert point", "type": "normal"}],
        "fw_ipv4_nat_rule": [{"name": "NAT rule: insert point", "type": "normal"}],
        "fw_ipv6_nat_rule": [{"name": "IPv6 NAT rule: insert point", "type": "normal"}],
    }
    for policy in (base, inspection):
        policy["lists"] = {
            kind: [made.record(kind, row, policy["key"])["key"] for row in listed] for kind, listed in rows.items()
        }
