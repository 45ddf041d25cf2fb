"""Intent of a site for Meraki: the `config` of each module, computed from the derived site."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Interface
from typing import TYPE_CHECKING, Any, Literal

from piste.systems.meraki.rf_profiles import config_of
from piste.systems.meraki.ssids import first_name
from piste.systems.meraki.switch_port_table import CUSTOM, OPEN
from piste.systems.meraki.vlans import NATIVE

if TYPE_CHECKING:
    from piste.town.model.access import AccessPolicy, Radius, RadiusServer
    from piste.town.model.devices import Device
    from piste.town.model.flows.access_lists import AccessRule
    from piste.town.model.layer2.answering import AlternateManagement, DhcpPolicy
    from piste.town.model.layer2.derived import FarPort, StpPriority
    from piste.town.model.outside_hours import PortSchedule, Window
    from piste.town.model.ports import Port
    from piste.town.model.secrets import SecretRef
    from piste.town.model.site import Site
    from piste.town.model.wifi.derived import Shaping, Ssid

Config = list[dict[str, Any]]

_STP_GUARDS = {"bpdu": "bpdu guard", "root": "root guard", "loop": "loop guard", "none": "disabled"}
_POLICY_TYPES = {"dot1x": "802.1x", "hybrid": "Hybrid authentication", "mab": "MAC authentication bypass"}
_STORMS: tuple[Literal["broadcast", "multicast", "unknown_unicast"], ...] = (
    "broadcast", "multicast", "unknown_unicast",
)  # fmt: skip
SYSLOG_ROLES = {
    "wireless": "wirelessEventLog",
    "urls": "applianceUrlLog",
    # The vendor's description gives the two above as examples; these follow their pattern
    # [belief meraki.syslog_roles].
    "switch": "switchEventLog",
    "flows": "applianceFlows",
    "air_marshal": "airMarshalEvents",
}
"""The roles of a syslog server; where its messages arrive is believed [belief smc.dashboard_logs]."""
NO_LIMIT = 0
FORMER = "ancien"
"""Last segment of the path of a site's former RADIUS secret."""
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def meraki_intent(site: Site, previous: Sequence[str] = ()) -> dict[str, Any]:
    """Intent of a site: options of each task, by kind.

    `{name, networks, devices, replaced, management, switch_stacks, settings, access_policies, port_schedules,
    trusted_servers, rf_profiles, link_aggregations, switch_ports, far_ports, radios, ssids, firmware,
    retired_ssids}`; the far ports are as derived. `previous` names the RADIUS servers that still use the site's former
    secret, in the middle of a rotation: devices speak to them under the former secret, kept at its own path.
    """
    site = {**site, "radius": _in_rotation(site["radius"], previous)}
    name = site["network_name"]
    return {
        "name": name,
        "networks": [
            {
                "name": name,
                "product_types": ["switch", "wireless"],
                "time_zone": site["timezone"],
                "tags": [site["category"]],
                "devices": [device["serial"] for device in site["devices"]],
            }
        ],
        "devices": [_device(device) for device in site["devices"]],
        "replaced": site["replaced"],
        "management": [_management(device) for device in site["devices"]],
        "switch_stacks": [
            {"name": stack["name"], "members": [member["serial"] for member in stack["members"]]}
            for stack in site["stacks"]
        ],
        "link_aggregations": [
            {"ports": "+".join(f"{port['serial']}/{port['port']}" for port in aggregate["ports"])}
            for aggregate in site["aggregates"]
        ],
        "trusted_servers": [
            {"mac": server["mac"], "vlan": server["vlan"], "ipv4": {"address": server["address"]}}
            for server in site["trusted_servers"]
        ],
        "settings": [{"network": name, **_settings(site)}],
        "withdrawn": [_filtered(rule) for rule in site["withdrawn_rules"]],
        "list_lengths": site["list_lengths"],
        "access_policies": [_access_policy(site, policy) for policy in site["access_policies"]],
        "port_schedules": [_port_schedule(schedule) for schedule in site["port_schedules"]],
        "rf_profiles": [config_of(profile) for profile in site["rf_profiles"]],
        "switch_ports": [_port(site, device, port) for device in site["devices"] for port in device["ports"]],
        "far_ports": site["far_ports"],
        "radios": _radios(site),
        "ssids": [_ssid(site, ssid) for ssid in site["ssids"]],
        "firmware": site["upgrades"],
        "retired_ssids": [*site["retired_ssids"], first_name(name)],
    }


def _device(device: Device) -> dict[str, Any]:
    replaces = {"replaces": device["replaces"]} if device["replaces"] else {}
    return {"serial": device["serial"], "name": device["name"], "tags": device["tags"], **replaces}


def _management(device: Device) -> dict[str, Any]:
    mask = str(IPv4Interface(f"{device['address']}/{device['prefix_length']}").netmask)
    return {
        "serial": device["serial"],
        "management_interface": {
            "wan1": {
                "using_static_ip": True,
                "static_ip": device["address"],
                "static_subnet_mask": mask,
                "static_gateway_ip": device["gateway"],
                "static_dns": device["dns"],
                "vlan": device["vlan"],
            }
        },
    }


def _settings(site: Site) -> dict[str, Any]:
    """Settings that the town declares: a setting without a value is not managed."""
    settings = site["settings"]
    config: dict[str, Any] = {}
    if settings["rapid_spanning_tree"] is not None:
        config["stp"] = {"rstp_enabled": settings["rapid_spanning_tree"]}
    if site["stp_priorities"]:
        config.setdefault("stp", {})["stp_bridge_priority"] = [_priority(entry) for entry in site["stp_priorities"]]
    if site["access_lists"] or site["withdrawn_rules"]:
        config["access_lists"] = {"rules": [_filtered(rule) for rule in site["access_lists"]]}
    if site["traffic_priorities"]:
        marks = [{"vlan": entry["vlan"], "dscp": entry["dscp"]} for entry in site["traffic_priorities"]]
        config["quality"] = {"rules": marks}
    if settings["mtu"] is not None:
        config["mtu"] = {"default_mtu_size": settings["mtu"]}
    if settings["storm_control"] is not None:
        shares = settings["storm_control"]
        config["storm_control"] = {f"{kind}_threshold": shares[kind] for kind in _STORMS}
    if settings["dhcp_servers"] is not None:
        config["dhcp_server_policy"] = _dhcp_policy(settings["dhcp_servers"])
    if settings["alternate_management"] is not None:
        config["alternate_management"] = _alternate(settings["alternate_management"])
    if settings["syslog"] is not None:
        config["syslog"] = {
            "servers": [
                {
                    "host": server["host"],
                    "port": server["port"],
                    "roles": [SYSLOG_ROLES[role] for role in server["roles"]],
                }
                for server in settings["syslog"]
            ]
        }
    if settings["snmp"] is not None:
        config["snmp"] = {"access": settings["snmp"]["access"]}
    return config


def _dhcp_policy(policy: DhcpPolicy) -> dict[str, Any]:
    lists = {"block": {"allowed_servers": policy["allowed"]}, "allow": {"blocked_servers": policy["blocked"]}}
    inspection = {} if policy["inspection"] is None else {"arp_inspection": {"enabled": policy["inspection"]}}
    return {"default_policy": policy["default"], **lists[policy["default"]], **inspection}


def _alternate(alternate: AlternateManagement) -> dict[str, Any]:
    return {
        "enabled": True,
        "vlan": alternate["vlan"],
        "protocols": alternate["protocols"],
        "switches": [
            {
                "serial": switch["serial"],
                "address": switch["address"],
                "subnet_mask": switch["mask"],
                "gateway": switch["gateway"],
            }
            for switch in alternate["switches"]
        ],
    }


def _priority(entry: StpPriority) -> dict[str, Any]:
    where = {"stacks": [entry["name"]]} if entry["stack"] else {"switches": entry["serials"]}
    return {**where, "stp_priority": entry["priority"]}


def _filtered(rule: AccessRule) -> dict[str, Any]:
    return {
        "comment": rule["name"],
        "policy": "allow" if rule["allow"] else "deny",
        "protocol": rule["protocol"],
        "src_cidr": rule["source"],
        "src_port": rule["source_port"],
        "dst_cidr": rule["destination"],
        "dst_port": rule["destination_port"],
    }


def _in_rotation(radius: Radius, previous: Sequence[str]) -> Radius:
    def secret_of(server: RadiusServer) -> SecretRef:
        path = server["secret"]["secret"]
        return {"secret": f"{path}/{FORMER}"} if server["name"] in previous else {"secret": path}

    return {**radius, "servers": [{**server, "secret": secret_of(server)} for server in radius["servers"]]}


def _radius(site: Site, port: Literal["auth_port", "acct_port"]) -> Config:
    return [
        {"host": server["host"], "port": server[port], "secret": server["secret"]}
        for server in site["radius"]["servers"]
    ]


def _accounting(site: Site) -> dict[str, Any]:
    if not site["radius"]["accounting"]:
        return {"radius_accounting_enabled": False}
    return {"radius_accounting_enabled": True, "radius_accounting_servers": _radius(site, "acct_port")}


def _access_policy(site: Site, policy: AccessPolicy) -> dict[str, Any]:
    return {
        "name": policy["name"],
        "access_policy_type": _POLICY_TYPES[policy["kind"]],
        "host_mode": "Multi-Domain" if policy["kind"] == "hybrid" else "Single-Host",
        "radius_servers": _radius(site, "auth_port"),
        **_accounting(site),
        "guest_vlan_id": policy["guest_vlan"],
        "voice_vlan_clients": policy["voice"],
        "radius": {
            "critical_auth": {"data_vlan_id": policy["critical_vlan"]},
            "failed_auth_vlan_id": policy["failed_vlan"],
            "re_authentication_interval": policy["reauthentication_s"],
        },
    }


def _port_schedule(schedule: PortSchedule) -> dict[str, Any]:
    """Schedule of a whole week: a day without hours is off, which an omitted day would not be."""
    hours = {window["day"]: window for window in schedule["open"]}
    week: dict[str, Any] = {day: {"active": False, "start": "00:00", "end": "24:00"} for day in _WEEK}
    week |= {day: {"active": True, "start": window["start"], "end": window["end"]} for day, window in hours.items()}
    return {"name": schedule["name"], "week": week}


def _radios(site: Site) -> Config:
    """Profile of each access point that has one; of all where the town manages their power."""
    managed = site["radio_power"] is not None
    points = [device for device in site["devices"] if device["kind"] == "access_point"]
    points = [device for device in points if managed or device["rf_profile"]]
    return [{"serial": device["serial"], "rf_profile": device["rf_profile"]} for device in points]


def far_port(port: FarPort) -> dict[str, Any]:
    """Config of a port of another site, as `_port` gives it to that site."""
    return {
        "serial": port["serial"],
        "port_id": port["port"],
        "name": port["name"],
        "tags": port["tags"],
        "allowed_vlans": f"{NATIVE},{port['allowed_vlans']}",
    }


def _port(site: Site, device: Device, port: Port) -> dict[str, Any]:
    config: dict[str, Any] = {"serial": device["serial"], "port_id": port["port"], "name": port["name"]}
    config["tags"] = port["tags"]
    if port["uplink"]:
        if port["allowed_vlans"]:
            config["allowed_vlans"] = f"{NATIVE},{port['allowed_vlans']}"
        return config
    config["enabled"] = port["enabled"]
    if site["port_power"] is not None:
        config["port_schedule"] = port["schedule"]
    if port["poe"] is not None:
        config["poe_enabled"] = port["poe"]
    if port["isolation"] is not None:
        config["isolation_enabled"] = port["isolation"]
    if port["stp_guard"] is not None:
        config["stp_guard"] = _STP_GUARDS[port["stp_guard"]]
    if port["mode"] == "trunk":
        config |= {"type": "trunk", "vlan": port["vlan"], "allowed_vlans": port["allowed_vlans"]}
    elif port["mode"] == "access":
        config |= {"type": "access", "vlan": port["vlan"], "voice_vlan": port["voice_vlan"]}
        if port["access_policy"]:
            config |= {"access_policy_type": CUSTOM, "access_policy": port["access_policy"]}
        else:
            config["access_policy_type"] = OPEN
    return config


def _ssid(site: Site, ssid: Ssid) -> dict[str, Any]:
    config: dict[str, Any] = {
        "name": ssid["name"],
        "number": ssid["slot"],
        "enabled": ssid["enabled"],
        "visible": not ssid["hidden"],
        "ip_assignment_mode": "Bridge mode",
        "use_vlan_tagging": True,
        "default_vlan_id": ssid["vlan"],
        **_authentication(site, ssid),
    }
    tags = ssid["availability_tags"]
    config |= {"available_on_all_aps": not tags, "availability_tags": tags}
    if limits := ssid["bandwidth"]:
        config |= {
            "per_client_bandwidth_limit_up": limits["client_up_kbps"] or NO_LIMIT,
            "per_client_bandwidth_limit_down": limits["client_down_kbps"] or NO_LIMIT,
            "per_ssid_bandwidth_limit_up": limits["ssid_up_kbps"] or NO_LIMIT,
            "per_ssid_bandwidth_limit_down": limits["ssid_down_kbps"] or NO_LIMIT,
        }
    if ssid["shaping"] is not None:
        rules = [_shaped(rule) for rule in ssid["shaping"]]
        config["traffic_shaping"] = {"traffic_shaping_enabled": True, "default_rules_enabled": True, "rules": rules}
    if ssid["guest"]:
        config["lan_isolation_enabled"] = True
        config["l3_firewall"] = {
            "allow_lan_access": False,
            "rules": [
                {"comment": "Isolement des invités", "policy": "deny", "protocol": "any", "dest_cidr": prefix}
                for prefix in ssid["deny"]
            ],
        }
    if ssid["schedule"]:
        open_hours = ssid["schedule"]["open"]
        config["schedule"] = {"enabled": True, "ranges": _outages(open_hours)} if open_hours else {"enabled": False}
    return config


def _shaped(rule: Shaping) -> dict[str, Any]:
    named: dict[str, Sequence[str | int]] = {"host": rule["hosts"], "port": rule["ports"], "ipRange": rule["networks"]}
    limits: dict[str, Any] = {"settings": "network default"}
    if rule["client_up_kbps"] is not None:
        kbps = {"limit_up": rule["client_up_kbps"], "limit_down": rule["client_down_kbps"]}
        limits = {"settings": "custom", "bandwidth_limits": kbps}
    return {
        "definitions": [{"type": kind, "value": str(value)} for kind, values in named.items() for value in values],
        "per_client_bandwidth_limits": limits,
        "dscp_tag_value": rule["dscp"],
        "pcp_tag_value": None,
    }


def _outages(windows: Sequence[Window]) -> Config:
    """Hours between the opening windows; the last window is followed by the first of next week."""
    ordered = sorted(windows, key=lambda window: (_WEEK.index(window["day"]), window["start"]))
    return [
        {
            "start_day": window["day"],
            "start_time": window["end"],
            "end_day": following["day"],
            "end_time": following["start"],
        }
        for window, following in zip(ordered, [*ordered[1:], *ordered[:1]], strict=True)
    ]


def _authentication(site: Site, ssid: Ssid) -> dict[str, Any]:
    if ssid["authentication"] == "dot1x":
        return {
            "auth_mode": "8021x-radius",
            "wpa_encryption_mode": "WPA2 only",
            "splash_page": "None",
            # The server decides the VLAN: a user of another VLAN than the SSID's is put there.
            "radius_override": True,
            "radius_servers": _radius(site, "auth_port"),
            **_accounting(site),
        }
    if ssid["authentication"] == "psk":
        return {"auth_mode": "psk", "psk": ssid["psk"], "wpa_encryption_mode": "WPA2 only", "splash_page": "None"}
    portal = ssid["portal"]
    if not portal:
        return {"auth_mode": "open", "splash_page": "None"}
    return {
        "auth_mode": "open",
        "splash_page": "Click-through splash page",
        "splash": {
            "splash_timeout": portal["timeout_minutes"],
            "welcome_message": portal["welcome_message"],
            "user_consent": {"required": True, "message": portal["terms"]},
            "block_all_traffic_before_sign_on": True,
        },
    }
