"""The fields of an SSID and of its documents, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.converge.resource import Field
from piste.meraki.driver import At
from piste.meraki.radius import radius_server

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
SPLASH_MINUTES = (30, 60, 120, 240, 480, 720, 1080, 1440, 2880, 5760, 7200, 10080, 20160, 43200, 86400, 129600)
DAYS = {day[:3].lower(): day for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")}


def hour(value: str) -> str:
    """``"9:00"`` → ``"09:00"``: the system drops the leading zero. YAML reads an unquoted 9:00 as 540, base sixty."""
    head, colon, tail = str(value).partition(":")
    if not head.isdigit():
        return str(value)
    hours, minutes = (int(head), tail) if colon else (int(head) // 60, f"{int(head) % 60:02d}")
    return f"{hours:02d}:{minutes}"


def day(value: str) -> str:
    """Full English name of a day, however it is written."""
    return DAYS.get(str(value)[:3].lower(), str(value))


def without_synthetic_rules(document: Mapping[str, Any]) -> dict[str, Any]:
    """L3 rules as they were given. The system ends its list with two rules of its own, which carry the access to the
    local network and the default; the first of them is what ``allowLanAccess`` says."""
    rules = list(document.get("rules") or [])
    result = dict(document)
    if rules and rules[-1].get("comment") == "Default rule":
        rules.pop()
    if rules and str(rules[-1].get("destCidr")) == "Local LAN":
        result.setdefault("allowLanAccess", rules.pop().get("policy") == "allow")
    return {**result, "rules": rules}


def texts(document: Mapping[str, Any]) -> dict[str, Any]:
    """A portal's texts, empty where the system shows a null, which it would not take back."""
    consent = document["userConsent"]
    cleared = {name: document[name] or "" for name in ("splashUrl", "redirectUrl", "welcomeMessage")}
    return {**document, **cleared, "userConsent": {**consent, "message": consent["message"] or ""}}


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
    Field("auth_mode", "How clients are admitted.", choices=AUTH_MODES, default="open"),
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
        nullable=True,
    ),
    Field(
        "radius_load_balancing_policy",
        "How servers are chosen.",
        choices=("Round robin", "Strict priority order"),
        nullable=True,
    ),
    Field("radius_fallback_enabled", "Whether the first server is tried again once it is back.", type="bool"),
    Field("radius_called_station_id", "Called-Station-Id that servers see.", nullable=True),
    Field("radius_authentication_nas_id", "NAS-Identifier that servers see.", nullable=True),
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
    ),
    Field("use_vlan_tagging", "Whether traffic is tagged (bridge and roaming modes).", type="bool"),
    Field("default_vlan_id", "VLAN of the clients.", type="int", minimum=1, maximum=4094),
    Field("lan_isolation_enabled", "Whether clients are kept from each other (bridge mode).", type="bool"),
    Field("walled_garden_enabled", "Whether some addresses are free before the portal.", type="bool"),
    Field("walled_garden_ranges", "Those addresses.", type="list", unordered=True),
    Field("min_bitrate", "Lowest rate, Mbit/s.", type="float", default=11),
    Field(
        "band_selection",
        "Bands of the SSID.",
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

_LIMITS = (
    Field("limit_up", "Upload, kbit/s.", type="int"),
    Field("limit_down", "Download, kbit/s.", type="int"),
)
_PATH = "/networks/{network_id}/wireless/ssids/{number}"

PARTS = (
    Field(
        "l3_firewall",
        "What clients may reach, by address. The two rules that the system adds at the end are never declared.",
        type="dict",
        part=At(
            f"{_PATH}/firewall/l3FirewallRules",
            decode=without_synthetic_rules,
            initial={"rules": [], "allowLanAccess": True},
        ),
        of=(
            Field(
                "rules",
                "Rules, in order.",
                type="list",
                of=(
                    Field("comment", "What the rule is for.", default=""),
                    Field("policy", "Verdict.", choices=("allow", "deny"), required=True),
                    Field("ip_ver", "IP version.", choices=("both", "ipv4", "ipv6"), default="both"),
                    Field(
                        "protocol",
                        "Protocol.",
                        choices=("any", "icmp", "icmp6", "tcp", "udp"),
                        required=True,
                        normalise=str.lower,
                    ),
                    Field("dest_port", "Ports, or C(Any).", default="any", normalise=str.lower),
                    Field("dest_cidr", "Addresses, names, or C(Any).", required=True, normalise=str.lower),
                ),
            ),
            Field("allow_lan_access", "Whether clients reach the local network.", type="bool"),
        ),
    ),
    Field(
        "l7_firewall",
        "What clients may reach, by application.",
        type="dict",
        part=At(f"{_PATH}/firewall/l7FirewallRules", initial={"rules": []}),
        of=(
            Field(
                "rules",
                "Rules, in order.",
                type="list",
                of=(
                    Field("policy", "Verdict.", choices=("deny",), default="deny"),
                    Field(
                        "type",
                        "What the value is.",
                        choices=("application", "applicationCategory", "host", "ipRange", "port"),
                        required=True,
                    ),
                    Field("value", "The value: a text, or an object for applications.", type="raw", required=True),
                ),
            ),
        ),
    ),
    Field(
        "traffic_shaping",
        "Shares of the bandwidth.",
        type="dict",
        part=At(
            f"{_PATH}/trafficShaping/rules",
            initial={"trafficShapingEnabled": True, "defaultRulesEnabled": True, "rules": []},
        ),
        of=(
            Field("traffic_shaping_enabled", "Whether rules apply.", type="bool"),
            Field("default_rules_enabled", "Whether the four default rules apply.", type="bool"),
            Field(
                "rules",
                "Rules, in order, eight at most (four with the default ones).",
                type="list",
                of=(
                    Field(
                        "definitions",
                        "What the rule concerns.",
                        type="list",
                        required=True,
                        of=(
                            Field(
                                "type",
                                "What the value is.",
                                choices=("application", "applicationCategory", "host", "ipRange", "localNet", "port"),
                                required=True,
                            ),
                            Field("value", "The value.", required=True),
                        ),
                    ),
                    Field(
                        "per_client_bandwidth_limits",
                        "Limits of a client.",
                        type="dict",
                        of=(
                            Field("settings", "Whose limits apply.", choices=("network default", "ignore", "custom")),
                            Field("bandwidth_limits", "Limits.", type="dict", of=_LIMITS),
                        ),
                    ),
                    Field(
                        "dscp_tag_value",
                        "DSCP mark; null for none.",
                        type="int",
                        nullable=True,
                        default=None,
                        minimum=0,
                        maximum=63,
                    ),
                    Field(
                        "pcp_tag_value",
                        "802.1p mark; null for none.",
                        type="int",
                        nullable=True,
                        default=None,
                        minimum=0,
                        maximum=7,
                    ),
                ),
            ),
        ),
    ),
    Field(
        "schedule",
        "Hours during which the SSID is off.",
        type="dict",
        part=At(f"{_PATH}/schedules", initial={"enabled": False, "ranges": []}),
        of=(
            Field("enabled", "Whether the hours apply.", type="bool"),
            Field(
                "ranges",
                "Outage windows.",
                type="list",
                of=(
                    Field("start_day", "Day on which it starts.", required=True, normalise=day),
                    Field("start_time", "Time at which it starts, HH:MM.", required=True, normalise=hour),
                    Field("end_day", "Day on which it ends.", required=True, normalise=day),
                    Field("end_time", "Time at which it ends, HH:MM.", required=True, normalise=hour),
                ),
            ),
        ),
    ),
    Field(
        "splash",
        "Portal details; the kind of portal is C(splash_page).",
        type="dict",
        part=At(
            f"{_PATH}/splash/settings",
            decode=texts,
            initial={
                "splashUrl": "",
                "useSplashUrl": False,
                "splashTimeout": 1440,
                "redirectUrl": "",
                "useRedirectUrl": False,
                "welcomeMessage": "",
                "userConsent": {"required": False, "message": ""},
                "blockAllTrafficBeforeSignOn": False,
                "controllerDisconnectionBehavior": "default",
                "allowSimultaneousLogins": True,
            },
        ),
        of=(
            Field("splash_url", "Page of an external portal."),
            Field("use_splash_url", "Whether the external portal is used.", type="bool"),
            Field("splash_timeout", "Minutes before the portal is shown again.", type="int", choices=SPLASH_MINUTES),
            Field("redirect_url", "Page after sign-on."),
            Field("use_redirect_url", "Whether that page is used.", type="bool"),
            Field("welcome_message", "Text of the portal."),
            Field(
                "user_consent",
                "Consent that the portal asks for.",
                type="dict",
                of=(Field("required", "Whether it is asked.", type="bool"), Field("message", "Text of the consent.")),
            ),
            Field("block_all_traffic_before_sign_on", "Whether nothing passes before sign-on.", type="bool"),
            Field(
                "controller_disconnection_behavior",
                "What happens when the cloud is out of reach.",
                choices=("default", "open", "restricted"),
            ),
            Field("allow_simultaneous_logins", "Whether one account signs on several times.", type="bool"),
        ),
    ),
)
