"""The server that the vendor's example scripts expect: engines, a policy, elements.

The names are those of the vendor's demonstration server.
"""

from __future__ import annotations

from typing import Any

from lab.smc.seeds.making import TEMPLATE, Hand, cluster
from lab.smc.seeds.system import CONTRACTOR
from lab.smc.simulator import SmcSimulator

POLICY = "HQ Policy"
_NETWORKS = {
    "Atlanta Internal Network": "10.18.10.0/24",
    "London Internal Network": "172.16.10.0/24",
    "net-10.1.16.0/24": "10.1.16.0/24",
    "net-172.31.14.0/24": "172.31.14.0/24",
    "net-172.31.16.0/24": "172.31.16.0/24",
}
_HOSTS = {"DNS 1": "172.16.10.53", "DNS 2": "172.16.10.54"}
_ROUTERS = {"Du Dubai Router": "172.31.16.1", "Etisalat Dubai Router": "10.1.16.1", "router-172.18.1.1": "172.18.1.1"}
_ENGINES = {"Plano": "10.17.10", "Helsinki": "10.42.9", "Atlanta": "10.18.10", "Santa Clara": "10.19.10"}
# Elements whose name is all that matters here.
_NAMED = {
    "access_control_list": ("ALL Elements",),
    "alert": ("Test alert",),
    "alert_chain": ("Default",),
    "application_situation": ("FTP", "HTTP"),
    "autonomous_system": ("AS 65000", "Plano AS"),
    "bgp_connection_profile": ("Default BGP Connection Profile",),
    "bgp_profile": ("Default BGP Profile",),
    "bgp_peering": ("BGP Peering",),
    "category_tag": ("Demo",),
    "domain_name": ("example.test", "example.invalid"),
    "filter_expression": ("OMAPI Connections", "Match All"),
    "eca_operating_system_situation": ("Windows 11", "Windows Server 2022"),
    "filter_expression_tag": ("Demo filters",),
    "inspection_situation": ("MLC Certificate expires soon",),
    "geolocation": ("Plano",),
    "inspection_situation_context": ("EI Correlation", "Executable File Stream"),
    "interface_zone": ("External", "Internal"),
    "link_usage_profile": ("Plano",),
    "internal_user_group": ("SSL VPN users",),
    "internal_user": ("Jennifer", "Mike"),
    "location": ("Plano office",),
    "logical_interface": ("default_eth",),
    "report_design": ("Firewall Daily Summary",),
    "role": ("Logs Viewer",),
    "single_ips": ("Plano IPS",),
    "single_layer2": ("Atlanta L2 FW",),
    "sub_ipv4_fw_policy": ("DHCP Relay",),
    "rule_validity_time": ("Rule Validity Time 1", "Rule Validity Time 2"),
    "sidewinder_logging_profile": ("Default",),
    "situation_tag": ("User Defined Situations",),
    "tls_certificate_authority": ("Stonesoft Root CA",),
    "tls_cryptography_suite_set": ("NIST (SP 800-52) Compatible SSL Cryptographic Algorithms",),
    "tls_server_credentials": ("Helsinki Server Protection", "Plano Server Protection"),
    "user_response": ("Default",),
    "mgt_server": ("Standby Management Server",),
    "vpn_profile": ("Suite-B-GCM-128",),
    "web_access_server": ("Web Portal Server",),
}
_PROPERTIES = {8: ("snmp_settings", "0"), 55: ("export_banner_text", "")}


def demo(simulator: SmcSimulator) -> None:
    """Add the elements that the scripts look up by name, or list to take the first."""
    hand = Hand(simulator, CONTRACTOR)
    for kind, field, values in (
        ("network", "ipv4_network", _NETWORKS), ("host", "address", _HOSTS), ("router", "address", _ROUTERS),
    ):  # fmt: skip
        for name, value in values.items():
            hand.make(kind, name, **{field: value})
    for kind, names in _NAMED.items():
        for name in names:
            hand.make(kind, name)
    hand.make("host", "testHostTrashed", address="192.0.2.66")
    hand.trash("testHostTrashed")
    for number, (name, value) in _PROPERTIES.items():
        hand.make("system_property", name, system_key=number, value=value, default_value=value)
    for third in (10, 20):
        hand.make("address_range", f"range-10.10.{third}.1-10", ip_range=f"10.10.{third}.1-10.10.{third}.10")
    hand.make("rpc_service", "portmapper", program_number="100000", transport="both")
    hand.make("tcp_service", "Any TCP Service", min_dst_port=0, max_dst_port=65535)
    hand.make("log_server", "Log Server", address="192.0.2.10")
    inspected = [{"service_type": kind, "port": port} for kind, port in (("HTTP", 8080), ("SMTP", 25))]
    hand.make("proxy_server", "generic proxy", address="172.16.10.80", inspected_service=inspected)
    for name, network in (
        ("Algiers - Algérie Telecom", "net-10.1.16.0/24"),
        ("Helsinki - Telia", "net-172.31.16.0/24"),
    ):
        hand.make("netlink", name, gateway_ref=hand.path("router-172.18.1.1"), network_ref=[hand.path(network)])
    for name in ("Corporate SD-WAN", "Corporate VPN"):
        hand.make("vpn", name, vpn_profile=hand.path("Suite-B-GCM-128"), nat=False)
    for name, block in (
        ("Plano", "10.17.10"),
        ("Helsinki", "10.42.9"),
        ("Atlanta", "10.18.10"),
        ("Santa Clara", "10.19.10"),
    ):
        engine(hand, name, block)
    cluster(hand, "Paris")
    virtual = {
        "nodes": [{"virtual_fw_node": {"name": "Dubai Virtual 1 node 1", "nodeid": 1}}],
        "physicalInterfaces": [],
    }
    hand.make("virtual_fw", "Dubai Virtual 1", **virtual)
    hand.make("fw_policy", POLICY, template=hand.path(TEMPLATE))
    hand.access(POLICY, "", "London Internal Network", "*", "HTTP + HTTPS")
    hand.access(POLICY, "dns", "*", "DNS 1 + DNS 2", "DNS")
    for name in ("Plano", "Helsinki"):
        hand.install(POLICY, name)


def engine(hand: Hand, name: str, block: str = "10.17.10") -> str:
    """Make a single firewall of two interfaces; return its path."""
    node = {"name": f"{name} node 1", "nodeid": 1, "activate_test": True, "loopback_node_dedicated_interface": []}
    interfaces = [
        _interface(0, f"{block}.1", f"{block}.0/24", primary_mgt=True, outgoing=True, auth_request=True),
        _interface(1, "172.18.1.254", "172.18.1.0/24"),
    ]
    return hand.make(
        "single_fw",
        name,
        nodes=[{"firewall_node": node}],
        log_server_ref=hand.path("LogServer 192.0.2.10"),
        domain_server_address=[],
        physicalInterfaces=interfaces,
    )


def _interface(number: int, address: str, network: str, **flags: bool) -> dict[str, Any]:
    inner = {"address": address, "network_value": network, "nicid": str(number), "nodeid": 1, **flags}
    wrapped = {"interface_id": str(number), "interfaces": [{"single_node_interface": inner}], "vlanInterfaces": []}
    return {"physical_interface": wrapped}
