"""Objects that declare every field of every Meraki table, for tests of each field."""

from __future__ import annotations

from typing import Any

from tests.support.rich_settings import NETWORK, SETTINGS, STACK, SWITCH

ACCESS_POINT = "QZZZ-0005-0041"
STACKED = ["QZZZ-0005-0002", "QZZZ-0005-0003"]
HOSTILE = (
    "{{ lookup('env', 'HOME') }}",
    "{% for x in y %}{# commentaire #}",
    "guillemets \" et ' et \\ et `",
    "ligne\nsuivante\ttabulée",
    "émojis 🏫🇫🇷 et עברית",
    "- liste: [feinte] # non",
    " espaces autour ",
    "null",
    "0123",
)


def _radius(port: int) -> list[dict[str, Any]]:
    return [
        {"host": host, "port": port, "secret": {"secret": "radius/ecole-jaures"}}
        for host in ("10.93.4.21", "10.93.4.20")
    ]


_LIMITS = {"settings": "custom", "bandwidth_limits": {"limit_up": 500, "limit_down": 600}}

RICH: dict[str, list[dict[str, Any]]] = {
    "meraki_networks": [
        {
            "name": NETWORK,
            "product_types": ["wireless", "switch"],
            "time_zone": "Europe/Paris",
            "tags": ["ecole", "pilote"],
            "notes": "{{ notes }}",
        }
    ],
    "meraki_devices": [
        {
            "serial": SWITCH,
            "name": "sw « un »",
            "tags": ["b", "a"],
            "address": "2 rue de l’Égalité, Le Bourget",
            "lat": 48.93,
            "lng": 2.42,
            "notes": "à droite\nen haut",
            "management_interface": {
                "wan1": {
                    "using_static_ip": True,
                    "static_ip": "10.93.40.11",
                    "static_gateway_ip": "10.93.40.254",
                    "static_subnet_mask": "255.255.255.0",
                    "static_dns": ["10.93.2.10", "10.93.2.11"],
                    "vlan": 150,
                }
            },
        },
        {"serial": ACCESS_POINT, "name": "ap", "tags": ["etage"]},
        *({"serial": serial} for serial in STACKED),
    ],
    "meraki_switch_stacks": [{"name": STACK, "members": STACKED[::-1]}],
    "meraki_network_settings": [SETTINGS],
    "meraki_access_policies": [
        {
            "name": "agents {{ 802.1X }}",
            "access_policy_type": "802.1x",
            "host_mode": "Multi-Host",
            "radius_servers": _radius(1812),
            "radius_accounting_enabled": True,
            "radius_accounting_servers": _radius(1813),
            "radius_testing_enabled": True,
            "radius_coa_support_enabled": True,
            "radius_group_attribute": "11",
            "guest_port_bouncing": True,
            "guest_vlan_id": 154,
            "voice_vlan_clients": True,
            "dot1x": {"control_direction": "inbound"},
            "radius": {
                "critical_auth": {"data_vlan_id": 151, "voice_vlan_id": 153, "suspend_port_bounce": True},
                "failed_auth_vlan_id": 154,
                "re_authentication_interval": 3600,
                "cache": {"enabled": True, "timeout": 12},
            },
            "url_redirect_walled_garden_enabled": True,
            "url_redirect_walled_garden_ranges": ["10.93.2.0/24"],
        },
        {
            "name": "imprimantes",
            "access_policy_type": "Hybrid authentication",
            "host_mode": "Multi-Domain",
            "radius_servers": _radius(1812),
            "radius_accounting_enabled": False,
            "increase_access_speed": True,
            "voice_vlan_clients": True,
        },
    ],
    "meraki_port_schedules": [
        {
            "name": "Semaine « courte »",
            "week": {
                **{
                    day: {"active": True, "start": "7:30", "end": "18:00"}
                    for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
                },
                "saturday": {"active": True, "start": "09:00", "end": "24:00"},
                "sunday": {"active": False, "start": "00:00", "end": "24:00"},
            },
        },
        {"name": "{{ nuit }}", "week": {}},
    ],
    "meraki_trusted_servers": [
        {"mac": "02:93:00:00:00:01", "vlan": 151, "ipv4": {"address": "10.93.41.254"}},
        {"mac": "02-93-00-00-00-02", "vlan": 151, "ipv4": {"address": "10.93.41.253"}},
    ],
    "meraki_rf_profiles": [
        {
            "name": "Cour {{ 5 GHz }}",
            "band_selection_type": "ap",
            "client_balancing_enabled": False,
            "min_bitrate_type": "ssid",
            "ap_band_settings": {
                "band_operation_mode": "5ghz",
                "bands": {"enabled": ["5", "2.4"]},
                "band_steering_enabled": False,
            },
            "two_four_ghz": {
                "min_power": 4,
                "max_power": 10,
                "min_bitrate": 5.5,
                "valid_auto_channels": [11, 1],
                "ax_enabled": False,
                "rxsop": -80,
            },
            "five_ghz": {
                "min_power": 9,
                "max_power": 12,
                "min_bitrate": 24,
                "valid_auto_channels": [44, 36],
                "channel_width": "40",
                "rxsop": -75,
            },
            "six_ghz": {
                "min_power": 9,
                "max_power": 12,
                "min_bitrate": 24,
                "valid_auto_channels": [5, 1],
                "channel_width": "160",
                "rxsop": -75,
            },
            "transmission": {"enabled": False},
        },
        {"name": "Salle", "band_selection_type": "ssid"},
    ],
    "meraki_link_aggregations": [
        {"ports": f"{STACKED[0]}/7+{STACKED[1]}/7"},
        {"ports": f"{SWITCH}/22 + {SWITCH}/21"},
    ],
    "meraki_switch_ports": [
        {
            "serial": SWITCH,
            "port_id": "1",
            "name": "{{ nom }}",
            "tags": ["étage", "b"],
            "enabled": False,
            "poe_enabled": False,
            "type": "access",
            "vlan": 151,
            "voice_vlan": 153,
            "isolation_enabled": True,
            "rstp_enabled": False,
            "stp_guard": "bpdu guard",
            "link_negotiation": "100 Megabit (auto)",
            "udld": "Enforce",
            "access_policy_type": "Custom access policy",
            "access_policy": "agents {{ 802.1X }}",
            "storm_control_enabled": True,
            "dai_trusted": True,
            "port_schedule": "Semaine « courte »",
        },
        {
            "serial": SWITCH,
            "port_id": "2",
            "type": "access",
            "vlan": 152,
            "access_policy_type": "MAC allow list",
            "mac_allow_list": ["02-00-00-00-00-AB", "0200.0000.0001"],
            "mac_whitelist_limit": 2,
        },
        {
            "serial": SWITCH,
            "port_id": "3",
            "type": "access",
            "vlan": 152,
            "access_policy_type": "Sticky MAC allow list",
            "sticky_mac_allow_list": ["02:00:00:00:00:03"],
            "sticky_mac_allow_list_limit": 3,
        },
        {
            "serial": SWITCH,
            "port_id": "4",
            "type": "trunk",
            "vlan": None,
            "allowed_vlans": "153, 150-151",
            "stp_port_fast_trunk": True,
        },
    ],
    "meraki_radios": [
        {
            "serial": ACCESS_POINT,
            "rf_profile": "Cour {{ 5 GHz }}",
            "two_four_ghz": {"channel": 6, "target_power": 9},
            "five_ghz": {"channel": 44, "channel_width": 40, "target_power": 10},
        }
    ],
    "meraki_ssids": [
        {
            "name": "Salle {{ 7*7 }} 🏫",
            "number": 3,
            "enabled": True,
            "auth_mode": "8021x-radius",
            "wpa_encryption_mode": "WPA3 Transition Mode",
            "dot11w": {"enabled": True, "required": False},
            "dot11r": {"enabled": True, "adaptive": True},
            "splash_page": "None",
            "radius_servers": _radius(1812),
            "radius_accounting_enabled": True,
            "radius_accounting_servers": _radius(1813),
            "radius_testing_enabled": False,
            "radius_coa_enabled": True,
            "radius_override": True,
            "radius_proxy_enabled": True,
            "radius_attribute_for_group_policies": "Reply-Message",
            "radius_failover_policy": "Deny access",
            "radius_load_balancing_policy": "Round robin",
            "radius_fallback_enabled": True,
            "radius_called_station_id": "$NODE_MAC$",
            "radius_authentication_nas_id": "$NODE_MAC$",
            "radius_server_timeout": 5,
            "radius_server_attempts_limit": 4,
            "radius_accounting_interim_interval": 600,
            "ip_assignment_mode": "Bridge mode",
            "use_vlan_tagging": True,
            "default_vlan_id": 151,
            "lan_isolation_enabled": True,
            "min_bitrate": 5.5,
            "band_selection": "5 GHz band only",
            "per_client_bandwidth_limit_up": 1000,
            "per_client_bandwidth_limit_down": 2000,
            "per_ssid_bandwidth_limit_up": 3000,
            "per_ssid_bandwidth_limit_down": 4000,
            "visible": False,
            "available_on_all_aps": False,
            "availability_tags": ["etage", "cour"],
            "mandatory_dhcp_enabled": True,
            "adult_content_filtering_enabled": True,
            "speed_burst": {"enabled": True},
            "l3_firewall": {
                "rules": [
                    {
                        "comment": "{{ règle }}",
                        "policy": "deny",
                        "ip_ver": "ipv4",
                        "protocol": "tcp",
                        "dest_port": "22,80",
                        "dest_cidr": "10.0.0.0/8",
                    }
                ],
                "allow_lan_access": False,
            },
            "l7_firewall": {
                "rules": [
                    {"policy": "deny", "type": "host", "value": "exemple.fr"},
                    {"policy": "deny", "type": "application", "value": {"id": "meraki:layer7/application/67"}},
                ]
            },
            "traffic_shaping": {
                "traffic_shaping_enabled": True,
                "default_rules_enabled": False,
                "rules": [
                    {
                        "definitions": [{"type": "host", "value": "exemple.fr"}],
                        "per_client_bandwidth_limits": _LIMITS,
                        "dscp_tag_value": 10,
                        "pcp_tag_value": None,
                    }
                ],
            },
            "schedule": {
                "enabled": True,
                "ranges": [{"start_day": "mon", "start_time": "9:00", "end_day": "Tuesday", "end_time": "07:30"}],
            },
        },
        {
            "name": "Invités « salle »",
            "number": 6,
            "enabled": True,
            "auth_mode": "open",
            "splash_page": "Click-through splash page",
            "walled_garden_enabled": True,
            "walled_garden_ranges": ["*.ville-bourget.fr", "10.93.2.0/24"],
            "splash": {
                "splash_url": "https://portail.exemple.fr/",
                "use_splash_url": True,
                "splash_timeout": 480,
                "redirect_url": "https://ville-bourget.fr/",
                "use_redirect_url": True,
                "welcome_message": "Bienvenue {% if %} « ici »\nà l’école",
                "user_consent": {"required": True, "message": "J’accepte {{ tout }}"},
                "block_all_traffic_before_sign_on": True,
                "controller_disconnection_behavior": "restricted",
                "allow_simultaneous_logins": False,
            },
        },
        {
            "name": "Clef",
            "number": 1,
            "enabled": True,
            "auth_mode": "psk",
            "psk": {"secret": "meraki/ssid/Clef/psk"},
            "wpa_encryption_mode": "WPA2 only",
        },
    ],
}
GUARDS = (
    "access_lists", "access_point", "default_gateway", "dhcp", "dhcp_servers", "gateway", "management", "mtu",
    "network", "online", "release", "removals", "route", "stack", "stp", "uplink",
)  # fmt: skip
"""Every word of confirmation."""
CONFIRM = ("access_lists", "dhcp_servers", "management", "stack", "stp", "mtu", "uplink", "radio:Cour {{ 5 GHz }}")
SECRETS = {f"meraki/network/{NETWORK}/snmp": "communauté-à-nous", "meraki/ssid/Clef/psk": "clef-à-nous"}
