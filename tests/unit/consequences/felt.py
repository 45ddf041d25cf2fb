"""The effect on people of objects that no packet meets: a second, naive computation.

It imports no code under test, and knows no field that it does not name: what is not here is nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Item = Mapping[str, Any]
World = Mapping[str, Iterable[Item]]
"""The objects of a town by kind."""
ALWAYS = ("a deletion",)


def linked(world: World, name: str) -> bool:
    """Tell whether a group policy is linked to a unit, and on."""
    links = [unit["links"].get(name) for unit in world["gpo_links"]]
    return any(link is not None and link.get("enabled", True) for link in links)


def _policy(item: Item, world: World) -> Any:
    given = only("computer", "user", "filtering", "exempt", "wmi_filter")
    return given(item, world) if linked(world, item["name"]) else ()


def _filter(item: Item, world: World) -> Any:
    users = [policy["name"] for policy in world["gpo"] if policy.get("wmi_filter") == item["name"]]
    return item["queries"] if any(linked(world, name) for name in users) else ()


def _ranked(kind: str) -> Callable[[Item, World], Any]:
    """Keep which policies of admission come before a policy, and which after."""

    def given(item: Item, world: World) -> Any:
        ranks = {each["name"]: (item["order"] > each["order"]) - (item["order"] < each["order"])
                 for each in world[kind] if each["name"] != item["name"]}  # fmt: skip
        return (ALWAYS, {name: value for name, value in item.items() if name != "order"}, ranks)

    return given


def _followed(kind: str) -> Callable[[Item, World], Any]:
    """Keep what an object says where a port in service, or a radio, names it."""

    def given(item: Item, world: World) -> Any:
        named = [each for each in world["follower"] if each.get(kind) == item["name"] and each.get("enabled", True)]
        return (ALWAYS, item) if named else ()

    return given


def _machine(item: Item, world: World) -> Any:
    """Keep what a machine is, with the categories alone that a policy names."""
    named = {name for policy in world["following"] for name in policy["categories"]}
    pairs = {f"{name}:{value}" for name, value in item.get("categories", {}).items()}
    hours = item.get("categories", {}).get("Horaires")
    return (all_but("description", "agent", "guest", "stop", "categories")(item, world), pairs & named, hours)


def _device(item: Item, world: World) -> Any:
    """Keep the SSIDs that a device broadcasts by its tags, where it is an access point."""
    radio = any(known["serial"] == item["serial"] for known in world["access_point"])
    heard = {ssid["name"] for ssid in world["ssid"]
             if radio and ssid["enabled"] and {*ssid["availability_tags"]} & {*item["tags"]}}  # fmt: skip
    return (ALWAYS, item.get("management_interface"), item.get("replaces"), heard)


def only(*names: str) -> Callable[[Item, World], Any]:
    """Keep some fields; the object itself is there too, so that its end is felt."""
    return lambda item, world: (ALWAYS, *(item.get(name) for name in names))


def nothing(item: Item, world: World) -> Any:
    return ()


def all_but(*names: str) -> Callable[[Item, World], Any]:
    return lambda item, world: (ALWAYS, {name: value for name, value in item.items() if name not in names})


FELT: Mapping[str, Callable[[Item, World], Any]] = {
    "organizational_unit": only("path"),
    "group": only("members", "scope", "category"),
    "wmi_filter": _filter,
    "gpo": _policy,
    "gpo_links": only("block_inheritance", "links", "order"),
    "ad_site": only("links"),
    "ad_subnet": only("site"),
    "dns_zone": only("updates", "creators"),
    "dns_record": only("values"),
    "dhcp_server": only("options", "audit_log"),
    "dhcp_scope": only("start", "end", "exclusions", "lease", "active", "options", "reservations"),
    "dhcp_relation": all_but(),
    "network_policy": _ranked("network_policy"),
    "connection_request_policy": _ranked("connection_request_policy"),
    "radius_client": only("enabled", "address", "secret", "require_message_authenticator"),
    "print_queue": only("duplexing", "color", "shared", "share_name"),
    "category": only(),
    "subnet": only("vlan", "virtual_switch", "advanced", "ip", "dhcp"),
    "image": only(),
    "vm": _machine,
    "affinity_policy": all_but("description"),
    "protection_policy": all_but("description"),
    "network": only("time_zone"),
    "device": _device,
    "trusted_server": all_but(),
    "access_policy": _followed("access_policy"),
    "port_schedule": _followed("port_schedule"),
    "rf_profile": all_but(),
    "radio": all_but(),
    "switch_stack": all_but(),
    "link_aggregation": all_but(),
    "network_settings": all_but("network", "general", "alternate_management", "access_lists"),
    "host_group": nothing,
    "template": only("content"),
    "media_type": all_but(),
    "user_group": all_but(),
    "user": all_but("surname", "name"),
    "action": all_but(),
    "host": all_but("label", "description", "inventory"),
    "dependency": all_but(),
    "maintenance": all_but("description"),
    "service": nothing,
    "sla": nothing,
    "map": nothing,
    "dashboard": nothing,
    **dict.fromkeys(
        ("list_entry", "location", "supplier", "contract", "asset", "license", "certificate", "appliance"), nothing
    ),
}
"""What each kind is to people."""


def feels(kind: str, before: Item, after: Item | None, world: World) -> bool:
    """Tell whether people notice that an object becomes another, or goes."""
    was = FELT[kind](before, world)
    return bool(was != (FELT[kind](after, world) if after is not None else ()))
