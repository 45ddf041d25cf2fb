"""The hardware of the lab, drawn from the declared sites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Inventory = Sequence[Mapping[str, Any]]


def inventory_from_sites(
    sites: Iterable[Mapping[str, Any]], hardware: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return one entry a device: {serial, model, mac, kind, site, ports, copper, uplink_port, neighbours}.

    `sites` hold `id` and `devices` ({name, model, serial, mac}, and where they differ from the model `ports`,
    `uplink_port`, `neighbours`); `hardware` gives `kind` and `ports` by model. A switch without more has one
    uplink, its last port; that of every switch but the site's first faces the first one.
    """
    entries = []
    for site in sites:
        root: dict[str, Any] | None = None
        for device in site["devices"]:
            kind = hardware[device["model"]]["kind"]
            entry = {key: device[key] for key in ("serial", "model", "mac")} | {
                "kind": kind,
                "site": site["id"],
            }
            entries.append(entry)
            if kind != "switch":
                entry |= {"ports": 0, "copper": 0, "uplink_port": None, "neighbours": {}}
                continue
            ports = device.get("ports") or hardware[device["model"]]["ports"]
            uplink = str(device.get("uplink_port") or ports)
            entry |= {"ports": ports, "copper": _copper(device["model"], ports), "uplink_port": uplink}
            entry["neighbours"] = device.get("neighbours") or ({uplink: _facing(root)} if root else {})
            root = root or dict(device)
    return entries


def _copper(model: str, ports: int) -> int:
    """The number in a model's name counts its copper ports (MS120-8 has 8, then SFP ones)."""
    digits = "".join(character for character in model.partition("-")[2] if character.isdigit())
    return min(int(digits), ports) if digits else ports


def _facing(device: Mapping[str, Any]) -> dict[str, str]:
    return {"name": device["name"], "mac": device["mac"], "port": "1", "capabilities": "S-VLAN Component"}
