"""The hardware of the lab, from the declared sites."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Inventory = Sequence[Mapping[str, Any]]


def inventory_from_sites(
    sites: Iterable[Mapping[str, Any]], hardware: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return an entry for each device.

    An entry is {serial, model, mac, kind, site, ports, copper, uplink_port, neighbours, cabled, clients}. `sites` have
    `id` and `devices` ({name, model, serial, ports: [{port, uplink, far_end}]}, optionally `mac`, `uplink_port`,
    `neighbours`), maybe `stacks`, `premises.links`, `assets` and `segments`; `cabled` gives the serial at the other end
    of each port that is plugged in and hears nobody, empty where the lab has nothing there. `hardware` gives `kind` and
    number of `ports` by model. A switch has an uplink: the declared one that leads to no equipment here (the firewall),
    else the last one declared, else its last port. The uplinks of a site are plugged in where they are declared; else
    they lead to its first switch, which uses its other declared uplinks for them as long as it has
    some. Members of a stack have no cable between them.
    """
    entries, sites = [], list(sites)
    here = _names(sites)
    for site in sites:
        switches: list[tuple[dict[str, Any], str, list[str], dict[str, str]]] = []  # with uplinks, declared ends
        stacks = {member["name"]: stack["name"] for stack in site.get("stacks", ()) for member in stack["members"]}
        for device in site["devices"]:
            model, serial = device["model"], device["serial"]
            kind, ports = hardware[model]["kind"], hardware[model].get("ports") or 0
            entry = {
                "serial": serial,
                "model": model,
                "mac": device.get("mac") or _mac(serial),
                "kind": kind,
                "site": site["id"],
                "ports": ports,
                "copper": _copper(model, ports),
                "uplink_port": None,
                "neighbours": {},
                "cabled": {},
                "clients": [],
            }
            if kind == "switch":
                declared = [port["port"] for port in device.get("ports", ()) if port["uplink"]]
                ends = {port["port"]: str(port["far_end"]) for port in device.get("ports", ()) if port.get("far_end")}
                outside = [port for port in declared if ends.get(port, "") not in here] if ends else []
                uplink = str(device.get("uplink_port") or [ports, *declared, *outside][-1])
                entry |= {"uplink_port": uplink, "neighbours": dict(device.get("neighbours") or {})}
                taken = {port["port"] for port in device.get("ports", ()) if port.get("in_use")}
                spare = [port for port in declared if port not in taken and port not in ends]
                switches.append((entry, device["name"], spare, ends))
            entries.append(entry)
        _link(switches, stacks)
    _plug(sites, {entry["serial"]: entry for entry in entries})
    for site in sites:
        _settle(site, {entry["serial"]: entry for entry in entries})
    return entries


def _names(sites: Sequence[Mapping[str, Any]]) -> set[str]:
    """List what an uplink can lead to here: sites, equipment, stacks; nowhere too."""
    equipment = {part["name"] for site in sites for part in (*site["devices"], *site.get("stacks", ()))}
    return {"", *equipment, *(site["id"] for site in sites)}


def _mac(serial: str) -> str:
    """Return a locally administered address.

    QZZZ-0005-0041 has 02:93:05:00:00:41, as in the sample plan; other serials have an address derived from their text.
    """
    _, site, rank = serial.split("-")
    if site.isdecimal() and rank.isdecimal():
        return f"02:93:{site[-2:]}:00:00:{rank[-2:]}"
    return "02:93:" + hashlib.sha256(serial.encode()).digest()[:4].hex(":")


def _copper(model: str, ports: int) -> int:
    """Return the number of copper ports from the name of a model: MS120-8 has 8, then SFP."""
    digits = "".join(character for character in model.partition("-")[2] if character.isdigit())
    return min(int(digits), ports) if digits else ports


def _link(
    switches: Sequence[tuple[dict[str, Any], str, list[str], dict[str, str]]], stacks: Mapping[str, str]
) -> None:
    """Link the switches of a site as declared, else to its first; neighbours of the seed stay."""
    for root, root_name, links, ends in switches[:1]:
        spare = [port for port in links if port != root["uplink_port"]]
        for entry, name, _, own in switches[1:]:
            if entry["neighbours"] or (name in stacks and stacks.get(root_name) == stacks[name]):
                continue
            if name in ends.values():
                # What is declared is plugged in; nothing is heard there, as before an aggregate is made.
                here = (root_name, stacks.get(root_name))
                entry["cabled"] |= {port: root["serial"] for port, end in own.items() if end in here}
                root["cabled"] |= {port: entry["serial"] for port, end in ends.items() if end == name}
                continue
            port = spare.pop(0) if spare else ""
            entry["neighbours"][entry["uplink_port"]] = _heard(root_name, root, port or "1")
            if port:
                root["neighbours"][port] = _heard(name, entry, entry["uplink_port"])


def _plug(sites: Sequence[Mapping[str, Any]], entries: Mapping[str, dict[str, Any]]) -> None:
    """Plug in the ports in use, the access points of each site, and the far ends of its links."""
    named = {(site["id"], device["name"]): entries[device["serial"]] for site in sites for device in site["devices"]}
    for site in sites:
        points = [device["serial"] for device in site["devices"] if entries[device["serial"]]["kind"] == "access_point"]
        for device in site["devices"]:
            cabled = entries[device["serial"]]["cabled"]
            for port in device.get("ports", ()):
                if port.get("in_use"):
                    cabled.setdefault(port["port"], "")
                elif not port["uplink"] and port.get("mode") == "trunk" and points:
                    cabled[port["port"]] = points.pop(0)
    for site in sites:
        root = next((entries[device["serial"]] for device in site["devices"]), None)
        for link in site.get("premises", {}).get("links", ()):
            device, _, port = (link["far_port"] or "").rpartition("/")
            if root and (link["to"], device) in named:
                named[link["to"], device]["cabled"][port] = root["serial"]


def _settle(site: Mapping[str, Any], entries: Mapping[str, dict[str, Any]]) -> None:
    """Put assets with a MAC address on access ports of their VLAN, an asset a port.

    The declaration says no port: what has a reserved address is in its segment, a phone in a voice VLAN.
    """
    reserved = {
        name: (segment["vlan"], address)
        for segment in site.get("segments", {}).values()
        for name, address in segment.get("reservations", {}).items()
    }
    free = [
        (entries[device["serial"]], port["port"], port["vlan"], port["voice_vlan"])
        for device in site["devices"]
        for port in device.get("ports", ())
        if port.get("mode") == "access" and port.get("enabled")
    ]
    data = [(entry, port, vlan, bool(voice)) for entry, port, vlan, voice in free]
    voices = [(entry, port, voice, False) for entry, port, _, voice in free if voice]
    for asset in site.get("assets", ()):
        if not asset.get("mac"):
            continue
        vlan, address = reserved.get(asset["name"], (None, None))
        places = voices if asset["kind"] == "phone" else data
        fitting = [place for place in places if vlan in (None, place[2])]
        # What has an address has a port of its own; a computer shares that of a phone.
        fitting.sort(key=lambda place: place[3] is bool(vlan))
        if fitting:
            places.remove(fitting[0])
            entry, port, seen_in, _ = fitting[0]
            entry["clients"].append({"mac": asset["mac"].lower(), "ip": address, "port": port, "vlan": seen_in})


def _heard(name: str, device: Mapping[str, Any], port: str) -> dict[str, str]:
    return {"name": name, "mac": device["mac"], "port": port, "capabilities": "S-VLAN Component"}
