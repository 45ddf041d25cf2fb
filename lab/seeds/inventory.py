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

    An entry is {serial, model, mac, kind, site, ports, copper, uplink_port, neighbours}. `sites` have `id` and
    `devices` ({name, model, serial, ports: [{port, uplink}]}, optionally `mac`, `uplink_port`, `neighbours`);
    `hardware` gives `kind` and number of `ports` by model. A switch has an uplink: its last declared uplink, else its
    last port. The uplinks of a site lead to its first switch, which uses its other declared uplinks for them as long as
    it has some.
    """
    entries = []
    for site in sites:
        switches: list[tuple[dict[str, Any], str, list[str]]] = []
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
            }
            if kind == "switch":
                declared = [port["port"] for port in device.get("ports", ()) if port["uplink"]]
                uplink = str(device.get("uplink_port") or (declared[-1] if declared else ports))
                entry |= {"uplink_port": uplink, "neighbours": dict(device.get("neighbours") or {})}
                switches.append((entry, device["name"], declared))
            entries.append(entry)
        _link(switches)
    return entries


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


def _link(switches: Sequence[tuple[dict[str, Any], str, list[str]]]) -> None:
    """Link the switches of a site to its first switch; neighbours given by the seed stay."""
    for root, root_name, links in switches[:1]:
        spare = [port for port in links if port != root["uplink_port"]]
        for entry, name, _ in switches[1:]:
            if entry["neighbours"]:
                continue
            port = spare.pop(0) if spare else ""
            entry["neighbours"][entry["uplink_port"]] = _heard(root_name, root, port or "1")
            if port:
                root["neighbours"][port] = _heard(name, entry, entry["uplink_port"])


def _heard(name: str, device: Mapping[str, Any], port: str) -> dict[str, str]:
    return {"name": name, "mac": device["mac"], "port": port, "capabilities": "S-VLAN Component"}
