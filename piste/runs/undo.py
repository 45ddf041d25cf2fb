"""The inverse of what a run did, as ``config`` and ``absent`` for the same modules, in reverse order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MODULES: Mapping[str, str] = {
    "network": "meraki_networks",
    "device": "meraki_devices",
    "network_settings": "meraki_network_settings",
    "access_policy": "meraki_access_policies",
    "switch_port": "meraki_switch_ports",
    "ssid": "meraki_ssids",
}
"""The module that converges each kind."""


def inverse(operations: Sequence[Mapping[str, Any]]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """``{owner: {module: {config, absent}}}`` and, a line each, what cannot be taken back.

    A secret that was changed has no previous value anywhere, a device that was removed has lost its own
    configuration. What a new network contains goes with the network.
    """
    result: dict[str, dict[str, Any]] = {}
    lost: list[str] = []
    created = {o["owner"] for o in operations if o["kind"] == "network" and o["action"] == "create"}
    for described in reversed(operations):
        owner, kind, name = described["owner"], described["kind"], f"{described['kind']} {described['label']}"
        if owner in created and kind not in ("network", "device"):
            continue
        before, after = described["content"]["before"], described["content"]["after"]
        entry = result.setdefault(owner, {}).setdefault(MODULES[kind], {"config": [], "absent": []})
        if described["action"] == "create":
            entry["absent"].append(described["key"])
            continue
        if _rotated(before, after):
            lost.append(f"{owner} / {name} : l'ancien secret n'est connu de personne")
        if kind == "device" and described["action"] == "delete":
            lost.append(f"{owner} / {name} : sa configuration propre a été effacée avec le retrait")
        item = _item(before)
        if "slot" in described:
            entry["absent"].append(described["key"])
            if not str(before.get("name", "")).startswith("Unconfigured SSID"):
                entry["config"].append(item)
        elif kind == "network" and before.get("name") != described["key"]:
            entry["config"].append({**item, "formerly": [described["key"]]})
        else:
            entry["config"].append(item)
    return result, lost


def _rotated(before: Any, after: Any) -> bool:
    """True where a known secret took the place of another one."""
    if _is_secret(before) and _is_secret(after):
        return bool(before["fingerprint"] != after["fingerprint"])
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return any(_rotated(before[name], after[name]) for name in before if name in after)
    if isinstance(before, list) and isinstance(after, list):
        return any(_rotated(old, new) for old, new in zip(before, after, strict=False))
    return False


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secret", "fingerprint"}


def _item(value: Any) -> Any:
    """Content as a declaration has it: secrets by path alone."""
    if _is_secret(value):
        return {"secret": value["secret"]}
    if isinstance(value, Mapping):
        return {name: _item(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_item(inner) for inner in value]
    return value
