"""A network whose settings declare every field."""

from __future__ import annotations

from typing import Any

NETWORK = "VLB ecole-jaures"
SWITCH = "QZZZ-0005-0001"
STACK = "pile « étage »"
SETTINGS: dict[str, Any] = {
    "network": NETWORK,
    "general": {"local_status_page_enabled": True, "remote_status_page_enabled": True},
    "switch": {"vlan": 150, "use_combined_power": True},
    "stp": {
        "rstp_enabled": False,
        "stp_bridge_priority": [
            {"switches": [SWITCH], "stacks": [], "stp_priority": 4096},
            {"switches": [], "stacks": [STACK], "stp_priority": 8192},
        ],
    },
    "mtu": {"default_mtu_size": 1600, "overrides": [{"switches": [SWITCH], "mtu_size": 1500}]},
    "storm_control": {
        "broadcast_threshold": 30,
        "multicast_threshold": 31,
        "unknown_unicast_threshold": 32,
    },
    "dhcp_server_policy": {
        "default_policy": "block",
        "allowed_servers": ["02:00:00:00:00:AA"],
        "blocked_servers": ["02:00:00:00:00:bb"],
        "arp_inspection": {"enabled": True},
    },
    "multicast": {
        "default_settings": {
            "igmp_snooping_enabled": False,
            "flood_unknown_multicast_traffic_enabled": False,
        }
    },
    "wireless": {
        "meshing_enabled": True,
        "ipv6_bridge_enabled": True,
        "location_analytics_enabled": True,
        "led_lights_on": False,
        "upgrade_strategy": "minimizeClientDowntime",
    },
    "syslog": {
        "servers": [
            {
                "host": "10.93.2.30",
                "port": 6514,
                "roles": ["switchEventLog", "flows"],
                "transport_protocol": "TCP",
            }
        ]
    },
    "snmp": {"access": "community", "community_string": {"secret": f"meraki/network/{NETWORK}/snmp"}},
    "traffic_analysis": {"mode": "detailed"},
    "netflow": {"reporting_enabled": True, "collector_ip": "10.93.2.31", "collector_port": 2055},
    "access_lists": {
        "rules": [
            {
                "comment": "{{ téléphones }}",
                "policy": "deny",
                "ip_version": "ipv4",
                "protocol": "tcp",
                "src_cidr": "10.93.41.0/24",
                "src_port": "1024",
                "dst_cidr": "10.93.43.0/255.255.255.0",
                "dst_port": "5060",
                "vlan": "151",
            },
            {"policy": "allow", "protocol": "any", "src_cidr": "ANY", "dst_cidr": "any"},
        ]
    },
    "quality": {
        "rules": [
            {"vlan": 153, "protocol": "UDP", "src_port": 5060, "dst_port_range": "5060-5061", "dscp": 24},
            {"vlan": None, "protocol": "TCP", "src_port_range": "70-80", "dst_port": 443, "dscp": -1},
            {"vlan": 153, "protocol": "ANY", "dscp": 46},
        ]
    },
    "alternate_management": {
        "enabled": True,
        "vlan": 150,
        "protocols": ["syslog", "radius"],
        "switches": [
            {
                "serial": SWITCH,
                "address": "10.93.40.21",
                "subnet_mask": "255.255.255.0",
                "gateway": "10.93.40.254",
            }
        ],
    },
}
