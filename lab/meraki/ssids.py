"""The fifteen SSID slots of a wireless network."""

from __future__ import annotations

from typing import Any

from lab.meraki.call import Call
from lab.meraki.errors import not_found, refused
from lab.meraki.world import Json, public

SLOTS = 15
RADIUS_MODES = frozenset(
    {"8021x-radius", "open-with-radius", "open-enhanced-with-radius", "ipsk-with-radius"}
)
RADIUS_SPLASH = "Password-protected with custom RADIUS"
BITRATES = (1, 2, 5.5, 6, 9, 11, 12, 18, 24, 36, 48, 54)
BRIDGED = ("Bridge mode", "Layer 3 roaming")
CONCENTRATED = ("Layer 3 roaming with a concentrator", "VPN")
# Fields that a body may write and the schema of answers omits; no source says whether the system returns them.
WRITE_ONLY = frozenset(
    {
        "splashGuestSponsorDomains", "localRadius", "ldap", "activeDirectory", "radiusRadsec",
        "radiusAccountingInterimInterval", "concentratorNetworkId", "secondaryConcentratorNetworkId",
        "disassociateClientsOnVpnFailover", "vlanId", "apTagsAndVlanIds", "radiusGuestVlanEnabled",
        "radiusGuestVlanId", "radiusAccountingStartDelay",
    }
)  # fmt: skip
_RADIUS: Json = {
    "radiusServers": [],
    "radiusAccountingEnabled": False,
    "radiusTestingEnabled": True,
    "radiusServerTimeout": 1,
    "radiusServerAttemptsLimit": 3,
    "radiusFallbackEnabled": False,
    "radiusProxyEnabled": False,
    "radiusCoaEnabled": False,
    "radiusCalledStationId": "$NODE_MAC$:$VAP_NAME$",
    "radiusAuthenticationNasId": "$NODE_MAC$:$VAP_NUM$",
    "radiusAttributeForGroupPolicies": "Filter-Id",
    "radiusFailoverPolicy": None,
    "radiusLoadBalancingPolicy": None,
    "radiusOverride": False,
}
_WPA: Json = {
    "wpaEncryptionMode": "WPA2 only",
    "dot11w": {"enabled": False, "required": False},
    "dot11r": {"enabled": False, "adaptive": False},
}
_SPLASH: Json = {
    "adminSplashUrl": "",
    "splashTimeout": "30 minutes",
    "walledGardenEnabled": False,
    "walledGardenRanges": [],
}


def initial(number: int) -> Json:
    """Return a slot that nobody configured."""
    return {
        "number": number,
        "name": f"Unconfigured SSID {number + 1}",
        "enabled": False,
        "splashPage": "None",
        "ssidAdminAccessible": False,
        "authMode": "open",
        "ipAssignmentMode": "NAT mode",
        "minBitrate": 11,
        "bandSelection": "Dual band operation",
        "perClientBandwidthLimitUp": 0,
        "perClientBandwidthLimitDown": 0,
        "perSsidBandwidthLimitUp": 0,
        "perSsidBandwidthLimitDown": 0,
        "visible": True,
        "availableOnAllAps": True,
        "availabilityTags": [],
        "mandatoryDhcpEnabled": False,
        "adultContentFilteringEnabled": False,
        "dnsRewrite": {"enabled": False, "dnsCustomNameservers": []},
        "speedBurst": {"enabled": False},
    }


def first_slot(network_name: str) -> Json:
    """Return the differences between slot 0 of a new network and an initial slot."""
    return {"name": f"{network_name} WiFi", "enabled": True}


def stored(call: Call) -> Json:
    """Return the complete slot of a call, as stored."""
    number = call.ids["number"]
    if not number.isdecimal() or int(number) >= SLOTS:
        raise not_found("SSID")
    return slot(call.network, int(number))


def slot(network: Json, number: int) -> Json:
    """Return the complete slot of a network, as stored."""
    return {**initial(number), **network["ssids"].get(str(number), {})}


def ssids(call: Call) -> list[Json]:
    return [_view(call, slot(call.network, number)) for number in range(SLOTS)]


def ssid(call: Call) -> Json:
    return _view(call, stored(call))


def update(call: Call) -> Json:
    current = stored(call)
    changed = call.updated(current, initial(current["number"]))
    for name in ("radiusServers", "radiusAccountingServers"):
        if name in call.body:
            known = {(server["host"], server["port"]): server for server in current.get(name, [])}
            changed[name] = [_server(call, server, known) for server in changed[name]]
    errors = _faults(call.body, changed)
    if (
        call.behaviour.psk_needs_encryption_mode
        and changed["authMode"] == "psk" != current["authMode"]
        and "encryptionMode" not in call.body
    ):
        errors.append("'encryptionMode' is required with authMode 'psk'")
    if any(server.get("openRoamingCertificateId") == 0 for server in call.body.get("radiusServers", [])):
        errors.append("Open Roaming certificate 0 not found")
    if errors:
        raise refused(*errors)
    first = initial(current["number"])
    call.network["ssids"][call.ids["number"]] = {
        k: v for k, v in changed.items() if k not in first or first[k] != v
    }
    return _view(call, changed)


def _server(call: Call, given: Json, known: dict[tuple[str, int], Json]) -> Json:
    """Return a server of a list; it keeps its id where host and port are known [inferred]."""
    server: dict[str, Any] = {"port": 1812, **given}
    kept = known.get((server["host"], server["port"]), {})
    return {"id": call.world.new_id(), **kept, **server}


def _faults(body: Json, ssid: Json) -> list[str]:
    mode, assignment = ssid["authMode"], ssid["ipAssignmentMode"]
    errors = []
    if mode == "psk" and not ssid.get("psk"):
        errors.append("'psk' is required with authMode 'psk'")
    if mode != "psk" and body.get("psk"):
        errors.append("'psk' requires authMode 'psk'")
    if (
        "encryptionMode" in body
        and mode != "psk"
        and not (mode.startswith("8021x") and "wpa" in body["encryptionMode"])
    ):
        errors.append("'encryptionMode' requires authMode 'psk'")
    if body.get("radiusServers") and mode not in RADIUS_MODES and ssid["splashPage"] != RADIUS_SPLASH:
        errors.append(f"'radiusServers' requires authMode {', '.join(sorted(RADIUS_MODES))}")
    if body.get("radiusAccountingEnabled") and not ssid.get("radiusAccountingServers"):
        errors.append("'radiusAccountingServers' must not be empty with accounting enabled")
    for key, allowed in (
        ("useVlanTagging", BRIDGED),
        ("defaultVlanId", BRIDGED),
        ("apTagsAndVlanIds", BRIDGED),
        ("lanIsolationEnabled", ("Bridge mode",)),
        ("vlanId", CONCENTRATED),
    ):
        if body.get(key) and assignment not in allowed:
            errors.append(f"'{key}' requires ipAssignmentMode {' or '.join(allowed)}")
    if body.get("radiusGuestVlanEnabled") and (mode != "open-with-radius" or assignment == "NAT mode"):
        errors.append("'radiusGuestVlanEnabled' requires authMode 'open-with-radius' outside NAT mode")
    if ssid["minBitrate"] not in BITRATES:
        errors.append(f"'minBitrate' must be one of: {', '.join(map(str, BITRATES))}")
    if not ssid["availableOnAllAps"] and not ssid["availabilityTags"]:
        errors.append("'availabilityTags' is required with availableOnAllAps false")
    return errors


def _view(call: Call, ssid: Json) -> Json:
    """Return a slot as GET shows it: fields depend on authMode, ipAssignmentMode, splashPage."""
    mode, assignment = ssid["authMode"], ssid["ipAssignmentMode"]
    shown: Json = {key: ssid[key] for key in (*initial(0), *_OPTIONAL) if key in ssid}
    if mode == "psk":
        shown |= {
            "encryptionMode": ssid.get("encryptionMode", "wpa"),
            "psk": ssid["psk"],
            **_or_default(ssid, _WPA),
        }
    elif mode.startswith("8021x"):
        shown |= {"encryptionMode": "wpa-eap", **_or_default(ssid, _WPA)}
    elif mode.startswith("ipsk"):
        shown |= {"encryptionMode": "wpa", **_or_default(ssid, _WPA)}
    if mode in RADIUS_MODES or ssid["splashPage"] == RADIUS_SPLASH:
        shown |= _or_default(ssid, _RADIUS)
        shown |= {
            "radiusEnabled": True,
            "radiusServers": [_server_view(call, s) for s in ssid.get("radiusServers", [])],
        }
        if shown["radiusAccountingEnabled"]:
            servers = [_server_view(call, server) for server in ssid.get("radiusAccountingServers", [])]
            hidden = ("id",) if call.behaviour.ssid_write_only_returned else ("id", "radsecEnabled")
            shown["radiusAccountingServers"] = [
                {key: value for key, value in server.items() if key not in hidden} for server in servers
            ]
    if assignment in BRIDGED:
        shown["useVlanTagging"] = ssid.get("useVlanTagging", False)
        if shown["useVlanTagging"] and "defaultVlanId" in ssid:
            shown["defaultVlanId"] = ssid["defaultVlanId"]
    if assignment == "Bridge mode":
        shown["lanIsolationEnabled"] = ssid.get("lanIsolationEnabled", False)
    if ssid["splashPage"] != "None":
        shown |= _or_default(ssid, _SPLASH)
    if call.behaviour.ssid_write_only_returned:
        shown |= {key: ssid[key] for key in WRITE_ONLY if key in ssid}
    return public(shown)  # type: ignore[no-any-return]


# Fields that show in any mode once they were written.
_OPTIONAL = (
    "enterpriseAdminAccess", "adaptivePolicyGroupId", "gre", "campusGateway", "oauth", "localAuthFallback",
    "namedVlans", "security",
)  # fmt: skip


def _or_default(ssid: Json, defaults: Json) -> Json:
    return {key: ssid.get(key, value) for key, value in defaults.items()}


def _server_view(call: Call, server: Json) -> Json:
    certificate = 0 if call.behaviour.open_roaming_zero else None
    defaults: Json = {"radsecEnabled": False, "openRoamingCertificateId": certificate, "caCertificate": None}
    return {**defaults, **{key: value for key, value in server.items() if not key.startswith("_")}}
