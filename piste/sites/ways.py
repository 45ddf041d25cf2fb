"""Gateways, scopes, names and links between switches, as things that people look for.

Believed: [belief smc.computed_ways].
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from piste.sites.thing import Thing

if TYPE_CHECKING:
    from piste.town.model.names.derived import Record
    from piste.town.model.paths import KeyPath
    from piste.town.model.routing.derived import Interface
    from piste.town.model.site import Commune, Site


def gateways(site: Site) -> Iterator[Thing]:
    """List the gateways of a site, the scopes of its segments, the names that no machine has."""
    owner, whole = site["id"], whole_names(site)
    for gateway in site["gateways"]:
        key, name, lent = gateway["segment"], gateway["name"], gateway["server"]
        facts: dict[str, Any] = {
            "segment": key,
            "address": gateway["address"],
            "vlan": gateway["vlan"],
            "gateway_device": _carrier(site, gateway["carrier"]),
            "interface": gateway["interface"],
            "nodes": gateway["nodes"],
            "relay": gateway["relay"],
            "dhcp": f"{lent['start']} à {lent['end']}" if lent else None,
        }
        words = (gateway["address"], *whole.get(name, ()))
        paths: tuple[KeyPath, ...] = (("segments", key), ("segment_catalogue", key))
        yield Thing("gateway", name, owner, words, facts, gateway["address"], paths)
    for scope in site["scopes"]:
        key, options = scope["segment"], scope["options"]
        facts = {
            "segment": key,
            "subnet": scope["subnet"],
            "dhcp": f"{scope['start']} à {scope['end']}",
            "lease": scope["lease"],
            "dns": options["dns"],
            "ntp": options["ntp"],
            "reserved": [item["name"] for item in scope["reservations"]],
        }
        paths = (("segments", key, "dhcp"), ("segment_catalogue", key, "plan", "dhcp"))
        yield Thing("scope", scope["name"], owner, (), facts, paths=paths, keys=(scope["subnet"],))
    for record in site["records"]:
        if record["type"] == "CNAME":
            yield record_thing(record, owner)


def _carrier(site: Site, carrier: str) -> str:
    core, engine = site["core"], site["engine"]
    if carrier == "core":
        return f"cœur, {core['stack'] or core['serials'][0]} ({core['site']})" if core else "cœur"
    return f"pare-feu, {engine['name']}" if engine else "pare-feu"


def whole_names(site: Site) -> dict[str, tuple[str]]:
    """Give the whole name of each machine of a site, by its name."""
    return {
        values[0].partition(".")[0]: (values[0].rstrip("."),)
        for values in (record["values"] for record in site["records"] if record["type"] == "PTR")
    }


def record_thing(record: Record, owner: str) -> Thing:
    name = record["name"] if record["name"] != "@" else record["zone"]
    facts = {"type": record["type"], "zone": record["zone"], "values": record["values"], "ttl": record["ttl"]}
    paths: tuple[KeyPath, ...] = (("dns", "records", record["name"]), ("segments",))
    return Thing("record", name, owner, (f"{record['name']}.{record['zone']}",), facts, paths=paths)


def links(site: Site) -> Iterator[Thing]:
    """List the stacks and the aggregates of a site."""
    owner = site["id"]
    for stack in site["stacks"]:
        name, members = stack["name"], stack["members"]
        facts: dict[str, Any] = {"members": [member["name"] for member in members]}
        yield Thing("stack", name, owner, (), facts, paths=(("stacks", name),))
    for aggregate in site["aggregates"]:
        name, ports = aggregate["name"], aggregate["ports"]
        facts = {"ports": [f"{port['device']}/{port['port']}" for port in ports], "to": aggregate["to"]}
        keys = (",".join(sorted(f"{port['serial']}/{port['port']}" for port in ports)),)
        yield Thing("aggregate", name, owner, (), facts, paths=(("aggregates", name),), keys=keys)


def routing(town: Commune) -> Iterator[Thing]:
    """List the interfaces of the core and of the firewall that are no gateway of a segment."""
    core, engine = town["core"], town["firewall_engine"]
    ends: list[tuple[str, Interface, str | None]] = []
    if core:
        ends.append(("cœur", core["interface"], core["default_route"]))
    if engine:
        ends += [("pare-feu", interface, engine["default_route"]) for interface in engine["interfaces"]]
    for carrier, interface, default in ends:
        facts: dict[str, Any] = {
            "address": interface["address"],
            "subnet": interface["subnet"],
            "vlan": interface["vlan"],
            "gateway_device": carrier,
            "interface": interface["interface"],
            "nodes": interface["nodes"],
            "default_route": default,
        }
        path: KeyPath = ("routing", "transit" if interface["vlan"] else "outside")
        name, address = f"{interface['name']}, {carrier}", interface["address"]
        yield Thing("gateway", name, town["id"], (address,), facts, address, (path,))
