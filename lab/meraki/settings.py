"""Objects that exist once in a network or an SSID: read, partial update, defaults, rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from lab.meraki import ssids
from lab.meraki.call import Call, Handler
from lab.meraki.errors import refused
from lab.meraki.stacks import stacks_of
from lab.meraki.world import Json, public

MOST_RULES = 128
"""The most rules of an access list. Source: Cisco Meraki, *Campus LAN; Planning, Design Guidelines and Best Practices*;
the words of the refusals are ours."""

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def _as_is(call: Call, value: Json) -> Json:
    return value


@dataclass(frozen=True, slots=True)
class Singleton:
    """An object: initial value; `keep` checks and normalises a write, `show` makes the answer."""

    initial: Json
    keep: Callable[[Call, Json], Json] = _as_is
    show: Callable[[Call, Json], Json] = _as_is


def _keep_settings(call: Call, value: Json) -> Json:
    if value["remoteStatusPageEnabled"] and not value["localStatusPageEnabled"]:
        raise refused("'remoteStatusPageEnabled' requires 'localStatusPageEnabled'")
    authentication = value["localStatusPage"]["authentication"]
    authentication["username"] = authentication["username"] or "admin"
    return value


def _keep_snmp(call: Call, value: Json) -> Json:
    needed = {"community": "communityString", "users": "users"}.get(value["access"])
    if needed and not value.get(needed):
        raise refused(f"'{needed}' is required with access '{value['access']}'")
    return value


def _show_snmp(call: Call, value: Json) -> Json:
    kept = {"none": (), "community": ("communityString",), "users": ("users", "authentication", "privacy")}
    return {key: value[key] for key in ("access", *kept[value["access"]]) if key in value}


def _keep_netflow(call: Call, value: Json) -> Json:
    if value["reportingEnabled"]:
        missing = [key for key in ("collectorIp", "collectorPort") if not value.get(key)]
        if missing:
            raise refused(*(f"'{key}' is required with reporting enabled" for key in missing))
    return value


def _show_dhcp_policy(call: Call, value: Json) -> Json:
    models = {device["model"] for device in call.world.devices_of(call.network["id"])}
    unsupported = sorted(model for model in models if model.startswith("MS120-8"))
    return {**value, "arpInspection": {**value["arpInspection"], "unsupportedModels": unsupported}}


def _keep_access_lists(call: Call, value: Json) -> Json:
    faults = [
        f"'rules[{rank}].{port}' must be 'any' with protocol '{rule['protocol']}'"
        for rank, rule in enumerate(value["rules"])
        for port in ("srcPort", "dstPort")
        if rule["protocol"] == "any" and rule.get(port, "any").lower() != "any"
    ]
    faults += [
        f"'rules[{rank}].{port}' must be 'any' or a single port"
        for rank, rule in enumerate(value["rules"])
        for port in ("srcPort", "dstPort")
        if {"-", ","} & set(rule.get(port, "any"))
    ]
    if len(value["rules"]) > MOST_RULES:
        faults.append(f"'rules' must hold {MOST_RULES} rules at most")
    if any(rule.get("comment") == _LAST["comment"] for rule in value["rules"]):
        faults.append("'rules' must not hold the default rule")
    if faults:
        raise refused(*faults)
    anything = {"comment": "", "ipVersion": "ipv4", "srcPort": "any", "dstPort": "any", "vlan": "any"}
    value["rules"] = [{**anything, **rule} for rule in value["rules"]]
    return value


def _show_access_lists(call: Call, value: Json) -> Json:
    """End the list with the rule of the system, which no request may contain."""
    return {"rules": [*value["rules"], _LAST]}


def _keep_alternate_management(call: Call, value: Json) -> Json:
    missing = [key for key in ("vlanId", "protocols") if not value.get(key)] if value["enabled"] else []
    if missing:
        raise refused(*(f"'{key}' is required with the interface enabled" for key in missing))
    there = {device["serial"] for device in call.world.devices_of(call.network["id"])}
    if strangers := [entry["serial"] for entry in value["switches"] if entry["serial"] not in there]:
        raise refused(*(f"{serial} is not a switch of this network" for serial in strangers))
    return value


def _keep_stp(call: Call, value: Json) -> Json:
    entries = value["stpBridgePriority"]
    named = {stack for entry in entries for stack in entry.get("stacks", ())}
    faults = [f"{stack} is not a stack of this network" for stack in named - stacks_of(call, call.network).keys()]
    if any(entry["stpPriority"] % 4096 for entry in entries):
        faults.append("'stpPriority' must be a multiple of 4096")
    if faults:
        raise refused(*faults)
    return value


def _keep_l3(call: Call, value: Json) -> Json:
    if any(rule["destCidr"].lower() == "local lan" for rule in value["rules"]):
        raise refused("'destCidr' must not be 'Local LAN': use allowLanAccess")
    value["rules"] = [{"comment": "", "ipVer": "both", "destPort": "Any", **rule} for rule in value["rules"]]
    return value


def _show_l3(call: Call, value: Json) -> Json:
    """End the list with the two rules of the system, which no request may contain."""

    def rule(comment: str, policy: str, destination: str) -> Json:
        anything = {"ipVer": "both", "protocol": "any", "destPort": "Any"}
        return {"comment": comment, "policy": policy, **anything, "destCidr": destination}

    lan = "allow" if value["allowLanAccess"] else "deny"
    synthetic = [
        rule("Wireless clients accessing LAN", lan, "Local LAN"),
        rule("Default rule", "allow", "Any"),
    ]
    return {**value, "rules": [*value["rules"], *synthetic]}


def _keep_shaping(call: Call, value: Json) -> Json:
    room = 4 if value["defaultRulesEnabled"] else 8
    if len(value["rules"]) > room:
        raise refused(f"'rules' must not hold more than {room} items")
    return value


def _moment(day: str, time: str, where: str) -> int:
    """Return seconds since Sunday 00:00."""
    name = next((n for n, full in enumerate(DAYS) if day.lower() in (full, full[:3])), None)
    hours, _, minutes = time.partition(":")
    if name is None:
        raise refused(f"'{where}Day' must be a day of the week")
    if not (hours.isdecimal() and minutes.isdecimal() and int(hours) * 60 + int(minutes) <= 1440):
        raise refused(f"'{where}Time' must be a time such as '9:00'")
    return name * 86400 + int(hours) * 3600 + int(minutes) * 60


def _written(seconds: int, where: str) -> Json:
    """Return a moment as the API writes it: full day, no leading zero in the hour."""
    day, rest = divmod(seconds, 86400)
    return {f"{where}Day": DAYS[day % 7], f"{where}Time": f"{rest // 3600}:{rest % 3600 // 60:02d}"}


def _keep_schedules(call: Call, value: Json) -> Json:
    """Keep seconds; where a body gives both, `ranges` counts and `rangesInSeconds` does not."""
    if "ranges" in call.body:
        value["rangesInSeconds"] = [
            {edge: _moment(item[f"{edge}Day"], item[f"{edge}Time"], edge) for edge in ("start", "end")}
            for item in call.body["ranges"]
        ]
    value["ranges"] = [
        {**_written(item["start"], "start"), **_written(item["end"], "end")}
        for item in value["rangesInSeconds"]
    ]
    return value


def _keep_splash(call: Call, value: Json) -> Json:
    for flag, url in (("useSplashUrl", "splashUrl"), ("useRedirectUrl", "redirectUrl")):
        if value[flag] and not value[url]:
            raise refused(f"'{url}' is required with {flag}")
    for name in _IMAGES:
        image = value[name].pop("image", None)
        if image is not None:
            digest = md5(image["contents"].encode(), usedforsecurity=False).hexdigest()
            value[name] = {"md5": digest, "extension": image.get("format")}
    return value


def _show_splash(call: Call, value: Json) -> Json:
    ssid = ssids.stored(call)
    return {"ssidNumber": ssid["number"], "splashPage": ssid["splashPage"], **value}


_IMAGES = ("splashLogo", "splashImage", "splashPrepaidFront")
_OFF: Json = {"enabled": False}
_LAST: Json = {
    "comment": "Default rule", "policy": "allow", "ipVersion": "any", "protocol": "any",
    **dict.fromkeys(("srcCidr", "srcPort", "dstCidr", "dstPort", "vlan"), "Any"),
}  # fmt: skip
"""The rule that ends every access list."""

OF_NETWORK: dict[str, Singleton] = {
    "NetworkSettings": Singleton(
        {
            "localStatusPageEnabled": True,
            "remoteStatusPageEnabled": False,
            "localStatusPage": {"authentication": {"enabled": False, "username": "admin"}},
            "securePort": _OFF,
            "fips": _OFF,
            "namedVlans": _OFF,
        },
        _keep_settings,
    ),
    "NetworkSnmp": Singleton({"access": "none"}, _keep_snmp, _show_snmp),
    "NetworkTrafficAnalysis": Singleton({"mode": "disabled", "customPieChartItems": []}),
    "NetworkNetflow": Singleton({"reportingEnabled": False}, _keep_netflow),
    "NetworkSwitchSettings": Singleton(
        {
            "vlan": 1,
            "useCombinedPower": False,
            "powerExceptions": [],
            "uplinkClientSampling": _OFF,
            "macBlocklist": _OFF,
        }
    ),
    "NetworkSwitchStp": Singleton({"rstpEnabled": True, "stpBridgePriority": []}, _keep_stp),
    "NetworkSwitchMtu": Singleton({"defaultMtuSize": 9578, "overrides": []}),
    "NetworkSwitchStormControl": Singleton(
        {
            "broadcastThreshold": 100,
            "multicastThreshold": 100,
            "unknownUnicastThreshold": 100,
            "treatTheseTrafficTypesAsOneThreshold": [],
        }
    ),
    "NetworkSwitchDhcpServerPolicy": Singleton(
        {
            "alerts": {"email": _OFF},
            "defaultPolicy": "allow",
            "blockedServers": [],
            "allowedServers": [],
            "alwaysAllowedServers": [],
            "arpInspection": _OFF,
        },
        show=_show_dhcp_policy,
    ),
    "NetworkSwitchRoutingMulticast": Singleton(
        {
            "defaultSettings": {"igmpSnoopingEnabled": True, "floodUnknownMulticastTrafficEnabled": True},
            "overrides": [],
        }
    ),
    "NetworkSwitchAccessControlLists": Singleton({"rules": []}, _keep_access_lists, _show_access_lists),
    "NetworkSwitchAlternateManagementInterface": Singleton(
        {"enabled": False, "useOobMgmt": False, "switches": []}, _keep_alternate_management
    ),
    "NetworkWirelessSettings": Singleton(
        {
            "meshingEnabled": False,
            "ipv6BridgeEnabled": False,
            "locationAnalyticsEnabled": False,
            "upgradeStrategy": "minimizeUpgradeTime",
            "upgrade": {"predownload": _OFF},
            "ledLightsOn": True,
            "multicastToUnicastConversion": {"enabled": True},
            "namedVlans": {"poolDhcpMonitoring": {"enabled": False, "duration": 0}},
            "regulatoryDomain": {"name": "ETSI", "countryCode": "FR", "permits6e": True},
        }
    ),
}
OF_SSID: dict[str, Singleton] = {
    "NetworkWirelessSsidFirewallL3FirewallRules": Singleton(
        {"rules": [], "allowLanAccess": True}, _keep_l3, _show_l3
    ),
    "NetworkWirelessSsidFirewallL7FirewallRules": Singleton({"rules": []}),
    "NetworkWirelessSsidTrafficShapingRules": Singleton(
        {"trafficShapingEnabled": True, "defaultRulesEnabled": True, "rules": []}, _keep_shaping
    ),
    "NetworkWirelessSsidSchedules": Singleton(
        {"enabled": False, "ranges": [], "rangesInSeconds": []}, _keep_schedules
    ),
    "NetworkWirelessSsidSplashSettings": Singleton(
        {
            "useSplashUrl": False,
            "splashUrl": None,
            "splashTimeout": 1440,
            "redirectUrl": "",
            "useRedirectUrl": False,
            "welcomeMessage": "",
            "userConsent": {"required": False, "message": None},
            "themeId": None,
            **{name: {"md5": None, "extension": None} for name in _IMAGES},
            "guestSponsorship": {"durationInMinutes": None, "guestCanRequestTimeframe": False},
            "blockAllTrafficBeforeSignOn": False,
            "controllerDisconnectionBehavior": "default",
            "allowSimultaneousLogins": True,
            "billing": {
                "freeAccess": {"enabled": False, "durationInMinutes": 20},
                "prepaidAccessFastLoginEnabled": None,
                "replyToEmailAddress": None,
            },
            "sentryEnrollment": {
                "systemsManagerNetwork": {"id": None},
                "strength": "focused",
                "enforcedSystems": [],
            },
            "selfRegistration": {"enabled": True, "authorizationType": "admin"},
        },
        _keep_splash,
        _show_splash,
    ),
}


def _settings_of_ssid(call: Call) -> Json:
    ssids.stored(call)
    every: dict[str, Json] = call.network.setdefault("ssid_settings", {})
    return every.setdefault(call.ids["number"], {})


def _settings_of_network(call: Call) -> Json:
    return call.network["settings"]  # type: ignore[no-any-return]


def singletons() -> dict[str, Handler]:
    """Return the handlers that read and update every singleton, by operation."""
    handlers: dict[str, Handler] = {}
    for holder, table in ((_settings_of_network, OF_NETWORK), (_settings_of_ssid, OF_SSID)):
        for name, singleton in table.items():
            handlers[f"get{name}"], handlers[f"update{name}"] = _handlers(name, singleton, holder)
    return handlers


def _handlers(name: str, singleton: Singleton, holder: Callable[[Call], Json]) -> tuple[Handler, Handler]:
    def read(call: Call) -> Json:
        value = holder(call).get(name, singleton.initial)
        return public(singleton.show(call, value))  # type: ignore[no-any-return]

    def update(call: Call) -> Json:
        settings = holder(call)
        # Copied before the change: defaults share values.
        changed: Any = call.updated(_copy(settings.get(name, singleton.initial)), _copy(singleton.initial))
        settings[name] = singleton.keep(call, changed)
        return read(call)

    return read, update


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def syslog_of(network: Json) -> Json:
    servers = network["settings"].get("syslog", [])
    off: Json = {"enabled": False, "certificate": {"id": None}}
    return {
        "network": {"id": network["id"]},
        "servers": [{"transportProtocol": "UDP", "encryption": off, **server} for server in servers],
    }


def update_syslog(call: Call) -> Json:
    call.network["settings"]["syslog"] = call.body["servers"]
    return syslog_of(call.network)


def syslog_by_network(call: Call) -> list[Json]:
    wanted = call.many("networkIds")
    return [syslog_of(n) for n in call.world.networks.values() if not wanted or n["id"] in wanted]


_SYSLOG_ROLES = {
    "switch": {"Switch event log": "switchEventLog"},
    "wireless": {"Wireless event log": "wirelessEventLog", "Air Marshal events": "airMarshalEvents"},
}
"""By type of product, the roles that a server may have; only the second is in the vendor's description."""


def syslog_roles_by_network(call: Call) -> list[Json]:
    wanted = call.many("networkIds")
    return [
        {
            "network": {"id": network["id"]},
            "available": [
                {"name": name, "value": value}
                for product, roles in _SYSLOG_ROLES.items()
                if product in network["productTypes"]
                for name, value in roles.items()
            ],
        }
        for network in call.world.networks.values()
        if not wanted or network["id"] in wanted
    ]
