"""Table of the fields of an SSID's own document."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.systems.meraki.radius import radius_server

AUTH_MODES = (
    "8021x-entra",
    "8021x-google",
    "8021x-localradius",
    "8021x-meraki",
    "8021x-nac",
    "8021x-radius",
    "ipsk-with-nac",
    "ipsk-with-radius",
    "ipsk-with-radius-easy-psk",
    "ipsk-without-radius",
    "open",
    "open-enhanced",
    "open-enhanced-with-radius",
    "open-with-nac",
    "open-with-radius",
    "psk",
)
SPLASH_PAGES = (
    "Billing",
    "Cisco ISE",
    "Click-through splash page",
    "Facebook Wi-Fi",
    "Google OAuth",
    "Microsoft Entra ID",
    "None",
    "Password-protected with Active Directory",
    "Password-protected with LDAP",
    "Password-protected with Meraki RADIUS",
    "Password-protected with custom RADIUS",
    "SMS authentication",
    "Sponsored guest",
    "Systems Manager Sentry",
)
ADMISSION = ("psk", "wpa_", "dot11", "radius_")
"""Prefixes of the fields that come and go with the way in which clients are admitted."""


OF_DEFAULT_PROFILE = ("min_bitrate", "band_selection")
_OF_DEFAULT = "it acts in the default indoor RF profile alone: access points of another profile have that one's"


def _kbit(name: str, doc: str) -> Field:
    return Field(name, f"{doc}, kbit/s; 0 for none.", type="int", default=0, minimum=0)


BODY = (
    Field("name", "Name of the SSID; its identity.", required=True, maximum=32),
    Field(
        "number",
        "Slot to take when the SSID is new, 0 to 14; where it already is, it stays.",
        type="int",
        minimum=0,
        maximum=14,
        create_only=True,
        path_only=True,
    ),
    Field("enabled", "Whether the SSID is broadcast.", type="bool", default=False),
    Field("auth_mode", "How clients are admitted.", choices=AUTH_MODES, default="open", carries=ADMISSION),
    Field("psk", "Reference of the shared key, with C(psk).", secret="meraki/ssid/{name}/psk"),
    Field(
        "wpa_encryption_mode",
        "WPA version.",
        choices=(
            "WPA1 and WPA2",
            "WPA1 only",
            "WPA2 only",
            "WPA3 192-bit Security",
            "WPA3 Transition Mode",
            "WPA3 only",
        ),
    ),
    Field(
        "dot11w",
        "Protected management frames.",
        type="dict",
        of=(
            Field("enabled", "Whether they are offered.", type="bool"),
            Field("required", "Whether they are required.", type="bool"),
        ),
    ),
    Field(
        "dot11r",
        "Fast roaming.",
        type="dict",
        of=(
            Field("enabled", "Whether it is offered.", type="bool"),
            Field("adaptive", "Whether it is adaptive.", type="bool"),
        ),
    ),
    Field("splash_page", "Portal of the SSID.", choices=SPLASH_PAGES, default="None"),
    Field(
        "radius_servers",
        "Authentication servers, in order of use.",
        type="list",
        of=radius_server(1812),
        identity=("host", "port"),
    ),
    Field("radius_accounting_enabled", "Whether sessions are accounted.", type="bool"),
    Field(
        "radius_accounting_servers",
        "Accounting servers, in order of use.",
        type="list",
        of=radius_server(1813),
        identity=("host", "port"),
    ),
    Field("radius_testing_enabled", "Whether the cloud probes the servers.", type="bool"),
    Field("radius_coa_enabled", "Whether a server may change an admitted session.", type="bool"),
    Field("radius_override", "Whether the server may give the VLAN.", type="bool"),
    Field("radius_proxy_enabled", "Whether requests pass through the cloud.", type="bool"),
    Field(
        "radius_attribute_for_group_policies",
        "Attribute that names a group policy.",
        choices=("Airespace-ACL-Name", "Aruba-User-Role", "Filter-Id", "Reply-Message"),
    ),
    Field(
        "radius_failover_policy",
        "What happens when no server answers.",
        choices=("Allow access", "Deny access"),
    ),
    Field(
        "radius_load_balancing_policy",
        "How servers are chosen.",
        choices=("Round robin", "Strict priority order"),
    ),
    Field("radius_fallback_enabled", "Whether the first server is tried again once it is back.", type="bool"),
    Field("radius_called_station_id", "Called-Station-Id that servers see."),
    Field("radius_authentication_nas_id", "NAS-Identifier that servers see."),
    Field("radius_server_timeout", "Seconds before another try.", type="int", minimum=1, maximum=10),
    Field("radius_server_attempts_limit", "Tries before another server.", type="int", minimum=1, maximum=5),
    Field("radius_accounting_interim_interval", "Seconds between two reports.", type="int", uncertain=True),
    Field(
        "ip_assignment_mode",
        "How clients get an address.",
        choices=(
            "NAT mode",
            "Bridge mode",
            "Layer 3 roaming",
            "Ethernet over GRE",
            "Layer 3 roaming with a concentrator",
            "VPN",
            "Campus Gateway",
        ),
        default="NAT mode",
        carries=("use_vlan_tagging", "default_vlan_id", "lan_isolation_enabled"),
    ),
    Field(
        "use_vlan_tagging",
        "Whether traffic is tagged (bridge and roaming modes).",
        type="bool",
        carries=("default_vlan_id",),
    ),
    Field("default_vlan_id", "VLAN of the clients.", type="int", minimum=1, maximum=4094),
    Field("lan_isolation_enabled", "Whether clients are kept from each other (bridge mode).", type="bool"),
    Field("walled_garden_enabled", "Whether some addresses are free before the portal.", type="bool"),
    Field("walled_garden_ranges", "Those addresses.", type="list", unordered=True),
    Field("min_bitrate", f"Lowest rate, Mbit/s; {_OF_DEFAULT}.", type="float", default=11),
    Field(
        "band_selection",
        f"Bands of the SSID; {_OF_DEFAULT}.",
        choices=("Dual band operation", "5 GHz band only", "Dual band operation with Band Steering"),
        default="Dual band operation",
    ),
    _kbit("per_client_bandwidth_limit_up", "Upload of a client"),
    _kbit("per_client_bandwidth_limit_down", "Download of a client"),
    _kbit("per_ssid_bandwidth_limit_up", "Upload of the SSID"),
    _kbit("per_ssid_bandwidth_limit_down", "Download of the SSID"),
    Field("visible", "Whether the name is announced.", type="bool", default=True),
    Field("available_on_all_aps", "Whether every access point broadcasts it.", type="bool", default=True),
    Field("availability_tags", "Tags of the access points that broadcast it.", type="list", unordered=True, default=[]),
    Field("mandatory_dhcp_enabled", "Whether a fixed address is refused.", type="bool", default=False),
    Field(
        "adult_content_filtering_enabled", "Whether adult content is filtered (NAT mode).", type="bool", default=False
    ),
    Field(
        "speed_burst",
        "Short bursts above the limit.",
        type="dict",
        of=(Field("enabled", "Whether they are allowed.", type="bool", default=False),),
    ),
)
