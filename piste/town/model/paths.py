"""Paths inside the declaration: keys from a variable to a value, and their text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

type KeyPath = tuple[str | int, ...]
"""Keys and ranks from the root of a document: `("switches", 0, "ports", "7")`."""

_NAMED = {
    "segment_catalogue": 1, "ssid_catalogue": 1, "terms_of_use": 1, "crowd_profiles": 1,
    "port_profiles": 1, "access_policies": 1, "network_policies": 1,
    "hardware": 1, "shared_segments": 1, "segments": 1, "ssids": 1, "reservations": 1, "ports": 1,
    "category_port_layouts": 2, "port_layouts": 2, "racks": 1, "equipment": 1, "ups": 1, "procedures": 1,
    "stacks": 1, "aggregates": 1, "priorities": 1, "populations": 1, "reaches": 1, "unfiltered": 1,
    "third_parties": 1, "contracts": 1, "licences": 1, "applications": 1, "accounts": 1,
    "families": 1, "stores": 1, "sets": 1, "copies": 1,
}  # fmt: skip
"""Mappings whose keys are names, and their depth: they print as `segments[utilisateurs]`, fields as `.vlan`."""
_LABELS = ("serial", "mac")
"""Keys that name an item of a list."""


def dotted(path: KeyPath, data: Any = None) -> str:
    """Write a path by names: `switches[QZZZ-0005-0002].ports[7]`.

    `data` is the tree that the path runs through: it gives the name of an item, else its rank stands, counted from 1.
    """
    text, names = "", 0
    for part in path:
        data = _step(data, part)
        if isinstance(part, int):
            label = next((data[name] for name in _LABELS if name in data), None) if isinstance(data, Mapping) else None
            text += f"[{label if isinstance(label, str) else part + 1}]"
        elif names:
            text, names = f"{text}[{part}]", names - 1
        else:
            text += f".{part}" if text else part
            names = _NAMED.get(part, 0)
    return text


def _step(data: Any, part: str | int) -> Any:
    if isinstance(data, Mapping):
        return data.get(part)
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return data[part]
    return None
