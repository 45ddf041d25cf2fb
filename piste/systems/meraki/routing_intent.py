"""Intent of an owner for routing: its gateways, or the town's transit and routes."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piste.town.model.dhcp.derived import Scope
    from piste.town.model.routing.derived import CoreRouting, Gateway

LEASES = {
    604800: "1 week",
    86400: "1 day",
    43200: "12 hours",
    14400: "4 hours",
    3600: "1 hour",
    1800: "30 minutes",
}
"""The leases that the system knows, by seconds."""
NTP, DOMAIN = "42", "15"
"""Codes of the DHCP options that give hours and the domain."""


def routing_intent(owner: Mapping[str, Any]) -> dict[str, Any]:
    """Intent of a site or of the town: `{routed_interfaces, static_routes, models, moved}`.

    `moved` has the interfaces that the core must not keep, `key=address`: another equipment has these gateways.
    """
    core = owner["core"]
    if core is None:
        return {"routed_interfaces": [], "static_routes": [], "models": {}, "moved": []}
    # A switch alone is known by its serial number, a stack by its name.
    place = {"network": core["network"], "carrier": core["stack"] or core["serials"][0]}
    if "gateways" not in owner:
        return {**_of_the_town(core, place), "models": core["limits"], "moved": []}
    gateways = [gateway for gateway in owner["gateways"] if gateway["carrier"] == "core"]
    interfaces = [{**place, **_interface(gateway)} for gateway in gateways]
    others = [gateway for gateway in owner["gateways"] if gateway["carrier"] != "core"]
    at = f"{place['network']}/{place['carrier']}"
    moved = [f"{at}/{gateway['vlan']}={gateway['address']}" for gateway in others]
    return {"routed_interfaces": interfaces, "static_routes": [], "models": core["limits"], "moved": moved}


def _of_the_town(core: CoreRouting, place: Mapping[str, str]) -> dict[str, Any]:
    transit = core["interface"]
    return {
        "routed_interfaces": [
            {
                **place,
                "vlan": transit["vlan"],
                "name": transit["name"],
                "subnet": transit["subnet"],
                "address": transit["address"],
                "default_gateway": core["default_route"],
            }
        ],
        "static_routes": [
            {**place, "subnet": route["subnet"], "name": route["name"], "next_hop": route["next_hop"]}
            for route in core["routes"]
        ],
    }


def _interface(gateway: Gateway) -> dict[str, Any]:
    return {
        "vlan": gateway["vlan"],
        "name": gateway["name"],
        "subnet": gateway["subnet"],
        "address": gateway["address"],
        "dhcp": _dhcp(gateway),
    }


def _dhcp(gateway: Gateway) -> dict[str, Any]:
    if gateway["server"] is not None:
        return _server(gateway["server"])
    if gateway["relay"]:
        return {"mode": "dhcpRelay", "relay_servers": gateway["relay"]}
    return {"mode": "dhcpDisabled"}


def _server(scope: Scope) -> dict[str, Any]:
    """DHCP of a gateway that lends by itself: what is outside the range is reserved."""
    options, subnet = scope["options"], ip_network(scope["subnet"])
    start, end = ip_address(scope["start"]), ip_address(scope["end"])
    kept = [(subnet[1], start - 1), (end + 1, subnet[-2])]
    reserved = [{"start": str(first), "end": str(last)} for first, last in kept if int(first) <= int(last)]
    codes = [{"code": NTP, "type": "ip", "value": ", ".join(options["ntp"])}] if options["ntp"] else []
    codes += [{"code": DOMAIN, "type": "text", "value": options["domain"]}] if options["domain"] else []
    names = {"dns_option": "custom", "dns_servers": options["dns"]} if options["dns"] else {"dns_option": "openDns"}
    boot = {"boot_server": options["boot_server"] or "", "boot_file": options["boot_file"] or ""}
    return {
        "mode": "dhcpServer",
        "lease_time": next((name for seconds, name in LEASES.items() if seconds <= scope["lease"]), "30 minutes"),
        **names,
        "boot_enabled": bool(options["boot_server"]),
        **(boot if options["boot_server"] else {}),
        "options": codes,
        "reserved_ranges": [*reserved, *({"start": gap["start"], "end": gap["end"]} for gap in scope["exclusions"])],
        "fixed_assignments": [
            {"name": lent["name"], "mac": lent["mac"], "ip": lent["address"]}
            for lent in scope["reservations"]
            if not lent["status"]
        ],
    }
