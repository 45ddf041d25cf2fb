"""The things of the town that people look for: names, facts, places in the declaration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from piste.sites.estate import with_estate
from piste.sites.thing import Thing
from piste.sites.ways import gateways, links, record_thing, routing, whole_names
from piste.town.model.derived import Derived
from piste.town.model.directory.policy_names import declared_policy

if TYPE_CHECKING:
    from piste.town.model.hosting.derived import TownHosting
    from piste.town.model.paths import KeyPath
    from piste.town.model.site import Commune, Site

OBJECTS: Mapping[str, tuple[str, ...]] = {
    "site": ("network",),
    "switch": ("device", "radius_client"),
    "access_point": ("device", "radio", "radius_client"),
    "port": ("switch_port",),
    "ssid": ("ssid",),
    "queue": ("print_queue",),
    "unit": ("organizational_unit",),
    "group": ("group",),
    "gpo": ("gpo",),
    "wmi_filter": ("wmi_filter",),
    "network_policy": ("network_policy",),
    "access_policy": ("access_policy",),
    "mac": ("connection_request_policy",),
    "element": ("element",),
    "vm": ("vm",),
    "subnet": ("subnet",),
    "image": ("image",),
}
"""The kinds of objects of a thing, as operations name them."""


def things(town: Derived) -> Iterator[Thing]:
    """List the things of the town and its sites, containers before what they contain."""
    yield from with_estate(town, _things(town))


def _things(town: Derived) -> Iterator[Thing]:
    if town.commune:
        yield from (_with_kept(thing, town.commune) for thing in _town(town.commune))
    for site in town.sites.values():
        yield from (_with_kept(thing, site) for thing in _site(site))


def _with_kept(thing: Thing, owner: Site | Commune) -> Thing:
    """Add the names of the fields that an environment keeps as found, in place of the rule."""
    names = {thing.name, *thing.words, *thing.keys}
    kept = [
        field
        for kinds in owner["as_found"].values()
        for kind in OBJECTS.get(thing.kind, ())
        for key, fields in kinds.get(kind, {}).items()
        if key in names
        for field in fields
    ]
    return replace(thing, facts={**thing.facts, "as_found": kept}) if kept else thing


def _site(site: Site) -> Iterator[Thing]:
    owner = site["id"]
    facts: dict[str, Any] = {
        "category": site["category_label"],
        "lifecycle": site["lifecycle"],
        "subnet": site["block"],
        "number": site["number"],
        "address": site["postal_address"],
        "dot1x": site["dot1x"],
    }
    words = (site["name"], site["code"] or "", site["network_name"], site["block"])
    yield Thing("site", owner, owner, words, facts, paths=(("site",),))
    yield from _segments(site)
    yield from gateways(site)
    yield from _devices(site)
    yield from links(site)
    yield from _premises(site)
    for ssid in site["ssids"]:
        facts = {
            "purpose": ssid["purpose"],
            "segment": ssid["segment"],
            "vlan": ssid["vlan"],
            "authentication": ssid["authentication"],
            "enabled": ssid["enabled"],
        }
        name = ssid["name"]
        keys = (f"{site['network_name']}/{name}", f"{site['network_name']}/{ssid['slot']}")
        yield Thing("ssid", name, owner, (), facts, paths=(("ssids", name), ("ssid_catalogue", name)), keys=keys)
    for name in site["retired_ssids"]:
        yield Thing("ssid", name, owner, (), {"enabled": False, "retired": True}, paths=(("retired_ssids",),))
    if printing := site["printing"]:
        for queue in printing["queues"]:
            name, why, until = queue["name"], queue["why"], queue["until"]
            facts = {"server": printing["server"], **queue["settings"], "why": why, "until": until}
            yield Thing("queue", name, owner, (), facts, paths=(("print_queues", name),))
    yield from _directory(site["directory"], owner)
    yield from _access(site)
    yield from _rules(site["firewall"]["section"], owner, site["firewall"]["policy"])


def _segments(site: Site) -> Iterator[Thing]:
    owner, devices, whole = site["id"], site["devices"], whole_names(site)
    lent = (gateway["server"] for gateway in site["gateways"] if gateway["server"])
    macs = {item["name"]: item["mac"] for scope in (*site["scopes"], *lent) for item in scope["reservations"]}
    for key, segment in site["segments"].items():
        vlan, dhcp = segment["vlan"], segment["dhcp"]
        ports = ((device["name"], port) for device in devices for port in device["ports"])
        on_vlan = Counter(name for name, port in ports if vlan in (port["vlan"], port["voice_vlan"]))
        facts: dict[str, Any] = {
            "label": segment["label"],
            "vlan": vlan,
            "subnet": segment["subnet"],
            "gateway": segment["gateway"],
            "gateway_device": {"ngfw": "pare-feu", "core": "cœur"}[segment["gateway_device"]],
            "zone": segment["zone"],
            "dhcp": f"{dhcp['start']} à {dhcp['end']}" if dhcp else None,
            "ports": [f"{name} ({count})" for name, count in on_vlan.items()],
            "ssids": [ssid["name"] for ssid in site["ssids"] if ssid["enabled"] and ssid["segment"] == key],
        }
        words = (key, segment["label"], str(vlan), segment["subnet"], segment["gateway"])
        paths: tuple[KeyPath, ...] = (("segments", key), ("segment_catalogue", key))
        yield Thing("segment", f"{key}@{owner}", owner, words, facts, segment["subnet"], paths)
        for name, address in segment["reservations"].items():
            mac = macs.get(name)
            facts = {"address": address, "mac": mac, "segment": key, "vlan": vlan, "rack": _rack(site, name)}
            paths = (("segments", key, "reservations", name),)
            words = (address, *whole.get(name, ()), *((mac,) if mac else ()))
            yield Thing("server", name, owner, words, facts, address, paths)


def _devices(site: Site) -> Iterator[Thing]:
    owner, whole = site["id"], whole_names(site)
    for device in (*site["devices"], *site["awaited"]):
        name, serial, model = device["name"], device["serial"], device["model"]
        variable = "switches" if device["kind"] == "switch" else "access_points"
        facts: dict[str, Any] = {
            "model": model,
            "serial": serial,
            "address": device["address"],
            "vlan": device["vlan"],
            "rack": _rack(site, name),
            "state": device["state"],
            "warranty_until": device["warranty_until"],
            "end_of_life": device["end_of_life"],
        }
        words = tuple(word for word in (serial, device["address"], *whole.get(name, ())) if word)
        path: KeyPath = (variable, serial) if serial else (variable,)
        yield Thing(device["kind"], name, owner, words, facts, device["address"], (path,))
        for port in device["ports"]:
            number = port["port"]
            facts = {
                "name": port["name"],
                "profile": port["profile"],
                "mode": port["mode"],
                "vlan": port["vlan"],
                "voice_vlan": port["voice_vlan"],
                "allowed_vlans": port["allowed_vlans"],
                "far_end": port["far_end"],
                "access_policy": port["access_policy"],
                "segment": next((key for key, part in site["segments"].items() if part["vlan"] == port["vlan"]), None),
                "rack": _rack(site, name),
                "enabled": port["enabled"],
            }
            paths = tuple(
                (*begin, number)
                for begin in (
                    (variable, serial, "ports"), ("port_layouts", model), ("category_port_layouts", model),
                )
            )  # fmt: skip
            yield Thing("port", f"{name}/{number}", owner, (f"{serial}/{number}", port["name"]), facts, paths=paths)


def _rack(site: Site, name: str) -> str | None:
    for rack in site["premises"]["racks"]:
        if name in rack["equipment"]:
            unit = rack["equipment"][name]
            return rack["name"] + (f", rang {unit}" if unit else "")
    return None


def _premises(site: Site) -> Iterator[Thing]:
    owner, premises = site["id"], site["premises"]
    for rack in premises["racks"]:
        facts: dict[str, Any] = {"room": rack["room"], "units": rack["units"], "equipment": list(rack["equipment"])}
        yield Thing("rack", rack["name"], owner, (), facts, paths=(("premises", "racks", rack["name"]),))
    for ups in premises["ups"]:
        facts = {name: ups[name] for name in ("model", "serial", "address", "rack", "battery_until")}
        words = tuple(word for word in (ups["serial"], ups["address"]) if word)
        yield Thing("ups", ups["name"], owner, words, facts, paths=(("premises", "ups", ups["name"]),))
    for link in premises["links"]:
        facts = {"operator": link["operator"], "medium": link["medium"], "to": link["to"], "mbps": link["rate_mbps"]}
        yield Thing("link", link["name"], owner, (), facts, paths=(("premises", "links", link["name"]),))


def _directory(directory: Any, owner: str) -> Iterator[Thing]:
    """List the units, groups, filters and policies of an owner; a policy with its links."""
    for unit in directory["units"]:
        words = (unit["path"].rpartition("/")[2],)
        facts: dict[str, Any] = {"description": unit["description"]}
        yield Thing("unit", unit["path"], owner, words, facts, paths=(("site",), ("directory",)))
    for group in directory["groups"]:
        facts = {"description": group["description"], "unit": group["ou"], "members": group["members"]}
        yield Thing("group", group["name"], owner, (), facts, paths=(("directory_groups", group["name"]), ("site",)))
    for wmi in directory.get("wmi_filters", ()):
        facts = {"description": wmi["description"]}
        yield Thing("wmi_filter", wmi["name"], owner, (), facts, paths=(("directory_wmi_filters", wmi["name"]),))
    for policy in directory.get("policies", ()):
        links = [link["place"] for link in directory["links"] if policy["name"] in link["policies"]]
        path = ("directory_policies", declared_policy(policy["name"]))
        yield Thing("gpo", policy["name"], owner, (), {"description": policy["comment"], "links": links}, paths=(path,))


def _access(site: Site) -> Iterator[Thing]:
    owner = site["id"]
    for policy in site["access"]["policies"]:
        facts: dict[str, Any] = {"label": policy["label"], "vlan": policy["vlan"], "groups": policy["groups"]}
        path = ("network_policies", policy["key"])
        yield Thing("network_policy", policy["name"], owner, (policy["key"],), facts, paths=(path,))
    for admitted in site["access"]["exceptions"]:
        facts = {"what": admitted["what"], "vlan": admitted["vlan"], "until": admitted["until"]}
        path = ("dot1x_exceptions", admitted["mac"])
        yield Thing("mac", admitted["mac"], owner, (admitted["what"],), facts, paths=(path,), keys=(admitted["name"],))
    for imposed in site["access_policies"]:
        name = imposed["name"]
        facts = {"mode": imposed["kind"], "guest_vlan": imposed["guest_vlan"]}
        yield Thing("access_policy", name, owner, (), facts, paths=(("access_policies", name),))


def _rules(section: Any, owner: str, policy: str) -> Iterator[Thing]:
    for rule in section["rules"]:
        facts = {
            "action": rule["action"],
            "sources": [reference.partition("/")[2] for reference in rule["sources"]],
            "destinations": [reference.partition("/")[2] for reference in rule["destinations"]],
            "services": [reference.partition("/")[2] for reference in rule["services"]],
            "why": rule["comment"],
            "place": f"{policy}, section {section['title']}",
        }
        yield Thing("rule", rule["id"], owner, (rule["flow"],), facts, paths=(("flows", rule["flow"]),))


def _town(town: Commune) -> Iterator[Thing]:
    owner, firewall = town["id"], town["firewall"]
    prefixes = firewall["prefixes"]
    yield Thing("town", owner, owner, tuple(prefixes), {"subnet": ", ".join(prefixes)}, paths=(("town",),))
    for name, subnet in firewall["shared"].items():
        yield Thing("place", name, owner, (subnet,), {"subnet": subnet}, subnet, (("shared_segments", name),))
    yield from _directory(town["directory"], owner)
    for section in firewall["sections"]:
        if section["owner"] == owner:
            yield from _rules(section, owner, firewall["policy"])
    for element in firewall["elements"]:
        facts = {"type": element["kind"], "values": list(element["values"]), "description": element["comment"]}
        named = element["name"].partition("-")[2]
        paths = tuple((variable, named) for variable in ("service_catalogue", "flow_places", "flow_groups"))
        yield Thing("element", element["name"], owner, tuple(element["values"]), facts, paths=paths)
    yield from routing(town)
    for record in town["records"]:
        yield record_thing(record, owner)
    if hosting := town["hosting"]:
        yield from _hosting(hosting, owner)


def _hosting(hosting: TownHosting, owner: str) -> Iterator[Thing]:
    cluster = hosting["cluster"]
    for machine in hosting["machines"]:
        name, address = machine["name"], machine["address"] or ""
        facts: dict[str, Any] = {
            "role": machine["role"],
            "address": address,
            "network": machine["network"],
            "vcpus": machine["vcpus"],
            "memory_gib": machine["memory_gib"],
            "disks_gib": list(machine["disks_gib"]),
            "schedule": machine["schedule"],
            "cluster": cluster,
        }
        yield Thing("vm", name, owner, (address,) if address else (), facts, address, (("hosting_machines", name),))
    for node in hosting["nodes"]:
        serial = node["serial"] or ""
        facts = {"serial": serial, "model": node["model"], "cluster": cluster}
        words = (serial,) if serial else ()
        yield Thing("node", node["name"], owner, words, facts, paths=(("hosting", "nodes", node["name"]),))
    for network in hosting["networks"]:
        vlan = network["vlan"]
        facts = {"vlan": vlan, "cluster": cluster}
        yield Thing("subnet", network["name"], owner, (str(vlan),), facts, paths=(("hosting", "segments"),))
    for image in hosting["images"]:
        name = image["name"]
        yield Thing("image", name, owner, (), {"url": image["url"]}, paths=(("hosting_images", name),))
