"""The kinds of elements: families, lists of rules, defaults, parts of engines, name spaces."""

from __future__ import annotations

from collections.abc import Mapping

from lab.smc.listed import OTHERS
from lab.smc.tables import ELEMENTS
from lab.smc.world import Json, World, references

NETWORK_ELEMENTS = frozenset(
    {
        "address_range", "alias", "dhcp_server", "dns_server", "domain_name", "expression", "group", "host",
        "interface_nic_x_ip_alias", "interface_nic_x_net_alias", "interface_zone", "ip_list", "log_server",
        "mgt_server", "netlink", "network", "ntp", "outbound_multilink", "router",
    }
)  # fmt: skip
SERVICES = frozenset(
    {
        "ethernet_service", "ethernet_service_group", "icmp_ipv6_service", "icmp_service", "icmp_service_group",
        "ip_service", "ip_service_group", "rpc_service", "rpc_service_group", "service_group", "tcp_service",
        "tcp_service_group", "udp_service", "udp_service_group",
    }
)  # fmt: skip
ALIASES = frozenset(
    {
        "alias", "default_nat_address_alias", "dhcp_enabled_interface_addresses_alias", "interface_nic_x_ip_alias",
        "interface_nic_x_net_alias", "local_cluster_cvi_alias", "log_servers_alias", "mgt_servers_alias",
    }
)  # fmt: skip
FIREWALLS = frozenset({"single_fw", "fw_cluster", "master_engine", "virtual_fw", "cloud_single_fw"})
ENGINES = FIREWALLS | {
    "single_ips", "ips_cluster", "virtual_ips", "single_layer2", "layer2_cluster", "virtual_firewall_layer2",
}  # fmt: skip
# Families of kinds that `filter_context` may name.
CONTEXTS: Mapping[str, frozenset[str]] = {
    "alias": ALIASES,
    "engine_clusters": ENGINES,
    "fw_clusters": FIREWALLS,
    "network_elements": NETWORK_ELEMENTS | ALIASES,
    "services": SERVICES,
    "situations": frozenset({"correlation_situation", "inspection_situation", "tls_match_situation"}),
    "services_and_applications": SERVICES | {"application_situation", "url_category", "url_list_application"},
}
# The lists of rules of each kind of policy, in the order of its links.
LISTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("fw_policy", "fw_template_policy"),
        ("fw_ipv4_access_rule", "fw_ipv4_nat_rule", "fw_ipv6_access_rule", "fw_ipv6_nat_rule"),
    ),
    "sub_ipv4_fw_policy": ("fw_ipv4_access_rule",),
    "sub_ipv6_fw_policy": ("fw_ipv6_access_rule",),
    **dict.fromkeys(
        ("ips_policy", "ips_template_policy"), ("ips_ethernet_rule", "ips_ipv4_access_rule", "ips_ipv6_access_rule")
    ),
    "sub_ipv4_ips_policy": ("ips_ipv4_access_rule",),
    **dict.fromkeys(
        ("layer2_policy", "layer2_template_policy"),
        ("layer2_ethernet_rule", "layer2_ipv4_access_rule", "layer2_ipv6_access_rule"),
    ),
    "sub_ipv4_layer2_policy": ("layer2_ipv4_access_rule",),
    **dict.fromkeys(
        ("l2_interface_policy", "l2_interface_template_policy"),
        ("l2_interface_ethernet_rule", "l2_interface_ipv4_access_rule", "l2_interface_ipv6_access_rule"),
    ),
    "sub_l2_interface_policy": ("l2_interface_ipv4_access_rule",),
    "file_filtering_policy": ("file_filtering_rule",),
    "alert_policy": ("alert_rule",),
    "alert_chain": ("alert_chain_rule",),
    "route_map": ("route_map_rule",),
    "ssl_vpn_policy": ("sslvpn_rule",),
}
POLICIES = frozenset(LISTS)
INSTALLABLE = frozenset({"fw_policy", "ips_policy", "layer2_policy"})
RULE_KINDS = frozenset(rule for lists in LISTS.values() for rule in lists)
KINDS = frozenset(ELEMENTS) | {"system_property"} | OTHERS | POLICIES | ENGINES | SERVICES | NETWORK_ELEMENTS | ALIASES
TASKS = frozenset(kind for kind in KINDS if kind.endswith("_task"))

_HOST = {"secondary": [], "third_party_monitoring": {"netflow": False, "snmp_trap": False}}
DEFAULTS: Mapping[str, Json] = {
    **dict.fromkeys(("host", "router", "dhcp_server", "dns_server"), _HOST),
    "network": {"broadcast": False},
    "group": {"element": [], "is_monitored": False},
    "domain_name": {"domain_name_entry": []},
    **{kind: {"element": []} for kind in SERVICES if kind.endswith("_group")},
}
# Attributes that the system keeps as sets and shows in the order of keys.
SETS: Mapping[str, frozenset[str]] = {kind: frozenset({"element"}) for kind in (*SERVICES, "group")}
# The nodes and interfaces of engines.
NODES = {
    **dict.fromkeys(("single_fw", "fw_cluster"), "firewall_node"),
    "cloud_single_fw": "cloud_fw_node",
    "master_engine": "master_node",
    "virtual_fw": "virtual_fw_node",
    **dict.fromkeys(("single_ips", "ips_cluster"), "ips_node"),
    "virtual_ips": "virtual_ips_node",
    **dict.fromkeys(("single_layer2", "layer2_cluster"), "fwlayer2_node"),
    "virtual_firewall_layer2": "virtual_fwlayer2_node",
}
INTERFACES = (
    "physical_interface", "tunnel_interface", "virtual_physical_interface", "switch_physical_interface",
    "modem_interface", "vpn_broker_interface", "adsl_interface", "wireless_interface",
)  # fmt: skip
GATEWAY_NODES = ("central_gateway_node", "satellite_gateway_node", "mobile_gateway_node")
NODE_KINDS = frozenset(NODES.values())
# Sub-elements that show no more of themselves than key, name, comment and links.
PARTS = frozenset(
    {*NODE_KINDS, *INTERFACES, *GATEWAY_NODES, "contact_addresses", "gateway_tunnel", "inspected_service",
     "pa_parameter", "routing_node"}
)  # fmt: skip


def space(kind: str) -> str:
    """Return the name space in which a name of this kind is unique."""
    if kind in NETWORK_ELEMENTS:
        return "network elements"
    return "engines" if kind in ENGINES else kind


def nodes(world: World, engine: Json) -> list[Json]:
    """Return the nodes of an engine, in order."""
    return [child for child in world.children(engine) if child["type"].endswith("_node")]


def used(record: Json) -> list[int]:
    """Return the keys of what a record refers to."""
    return list(references(record["data"]))


def is_rule(kind: str) -> bool:
    return kind in RULE_KINDS
