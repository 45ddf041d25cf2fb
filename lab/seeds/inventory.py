"""The hardware of the lab, drawn from the declared sites."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Inventory = Sequence[Mapping[str, Any]]


def inventory_from_sites(
    sites: Iterable[Mapping[str, Any]], hardware: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return one entry a device: {serial, model, mac, kind, site, ports, copper, uplink_port, neighbours}.

    `sites` hold `id` and `devices` ({name, model, serial, ports: [{port, uplink}]}, and where the seed says
    so `mac`, `uplink_port`, `neighbours`); `hardware` gives `kind` and number of `ports` by model. A switch
    has one uplink: the last port declared as one, else its last port; that of every switch but the site's
    first faces the first one, which faces it from one of its other declared uplinks, as long as it has some.
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
    """Return a locally administered address: that of the sample plan, for its visibly false serials.

    QZZZ-0005-0041 has 02:93:05:00:00:41; other serials get one drawn from their text.
    """
    _, site, rank = serial.split("-")
    if site.isdecimal() and rank.isdecimal():
        return f"02:93:{site[-2:]}:00:00:{rank[-2:]}"
    return "02:93:" + hashlib.sha256(serial.encode()).digest()[:4].hex(":")


def _copper(model: str, ports: int) -> int:
    """The number in a model's name counts its copper ports (MS120-8 has 8, then SFP ones)."""
    digits = "".join(character for character in model.partition("-")[2] if character.isdigit())
    return min(int(digits), ports) if digits else ports


def _link(switches: Sequence[tuple[dict[str, Any], str, list[str]]]) -> None:
    """Make each switch of a site and the first one hear each other; a switch whose seed gives neighbours keeps them."""
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
