"""Table of the further documents of an SSID: firewall rules, shaping, hours, portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.reading import listed, optional, text
from piste.engine.converge.resource import Field
from piste.systems.meraki.driver import At

SPLASH_MINUTES = (30, 60, 120, 240, 480, 720, 1080, 1440, 2880, 5760, 7200, 10080, 20160, 43200, 86400, 129600)
DAYS = {day[:3].lower(): day for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")}


def hour(value: str) -> str:
    """Write an hour with two digits: `"9:00"` → `"09:00"`.

    The system drops the leading zero. YAML reads an unquoted 9:00 as 540, in base sixty.
    """
    head, colon, tail = str(value).partition(":")
    if not head.isdigit():
        return str(value)
    hours, minutes = (int(head), tail) if colon else (int(head) // 60, f"{int(head) % 60:02d}")
    return f"{hours:02d}:{minutes}"


def day(value: str) -> str:
    """Full English name of a day, however it is written."""
    return DAYS.get(str(value)[:3].lower(), str(value))


def without_synthetic_rules(document: Mapping[str, Any]) -> dict[str, Any]:
    """Take out the two L3 rules that the system adds at the end.

    The first is the access to the local network, in the words of `allowLanAccess`; the second is the default.
    """
    rules = list(listed(document.get("rules")))
    result = dict(document)
    if rules and rules[-1].get("comment") == "Default rule":
        rules.pop()
    if rules and str(rules[-1].get("destCidr")) == "Local LAN":
        result.setdefault("allowLanAccess", rules.pop().get("policy") == "allow")
    return {**result, "rules": rules}


def texts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Empty the texts of a portal that the system shows as null, which it would not take back."""
    consent = document["userConsent"]
    cleared = {name: _text(document[name]) for name in ("splashUrl", "redirectUrl", "welcomeMessage")}
    return {**document, **cleared, "userConsent": {**consent, "message": _text(consent["message"])}}


def _text(value: Any) -> str:
    return optional(text, value) or ""


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
