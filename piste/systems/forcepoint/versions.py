"""Differences between versions 6.10 to 7.5 of the SMC API; no other file looks at a version.

Source: the sheets of changes quoted by the vendor's library 1.0.34 (`smc.compat`, `rule.py`, `rule_elements.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

OLDEST = (6, 10)
_BLOCK_LIST = (7, 0)
"""First version in which `blacklist` is called `block_list`."""
_LATENCY_AS_TEXT = (7, 1)
_COLOURS, _COLOURS_SMC = (7, 1), (7, 1, 7)
_SINCE: Mapping[str, tuple[tuple[int, int], Any]] = {
    "entries": ((6, 11), []),
    "browsed": ((7, 3), True),
    "resolved_by_engines": ((7, 4), True),
    "suffixes": ((7, 4), []),
}
"""Fields of elements that an older SMC lacks, whatever the version of its API; their value that says nothing."""
_NEWER_VPN, _NEW_CAPABILITY = (7, 3), "aes_gcm_256_for_ike"
"""First version in which the servers of an authentication method have a rank, and with that capability."""
_RE_RANK = {(7, 1): 11, (7, 3): 5, (7, 4): 2, (7, 5): 1}
"""Patch level, by series, from which an SMC orders a whole list at once; every later series does."""

Version = tuple[int, ...]


def parsed(text: str) -> Version:
    """Parse a version: `7.4.1 [11512]` → (7, 4, 1). Raises `ValueError`."""
    match = re.match(r"\s*(\d+(?:\.\d+)*)", text)
    if not match:
        raise ValueError(text)
    return tuple(int(part) for part in match[1].split("."))


def has_colours(api: Version, smc: Version) -> bool:
    """True for an SMC where the header of a section has a colour."""
    return api >= _COLOURS and smc >= _COLOURS_SMC


def unknown_fields(item: Mapping[str, Any], smc: Version) -> list[str]:
    """Declared fields of an element that this SMC lacks."""
    given = {name: item[name] for name in _SINCE if item.get(name) is not None and smc < _SINCE[name][0]}
    return [name for name, value in given.items() if value != _SINCE[name][1]]


def known_fields(item: Mapping[str, Any], smc: Version) -> dict[str, Any]:
    """Drop the fields of an element that this SMC lacks."""
    return {name: value for name, value in item.items() if name not in _SINCE or smc >= _SINCE[name][0]}


def element_for(document: dict[str, Any], api: Version) -> dict[str, Any]:
    """Convert an element to the form of this version."""
    if api >= _NEWER_VPN:
        return document
    result = dict(document)
    if servers := document.get("authentication_server"):
        result["authentication_server"] = [server["auth_server_ref"] for server in servers]
    if (capabilities := document.get("capabilities")) and not capabilities.get(_NEW_CAPABILITY):
        result["capabilities"] = {name: on for name, on in capabilities.items() if name != _NEW_CAPABILITY}
    return result


def client_protection(engine: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give how an engine decrypts the TLS of clients; empty where it does not."""
    said = engine.get(CLIENT_PROTECTION) or {}
    return next(iter(said), {}) if isinstance(said, list) else said


def with_client_protection(said: dict[str, Any], api: Version) -> dict[str, Any]:
    """Build that attribute in the form of this version: a list before 7.0."""
    return {CLIENT_PROTECTION: said if api >= _BLOCK_LIST else [said]}


CLIENT_PROTECTION = "tls_client_protection"


def has_re_rank(smc: Version) -> bool:
    """True for an SMC that orders a whole list in one request; its API does not show it."""
    series, patch = (smc[0], smc[1] if len(smc) > 1 else 0), smc[2] if len(smc) > 2 else 0
    return series > max(_RE_RANK) or patch >= _RE_RANK.get(series, 1 << 16)


def rule_from(document: Mapping[str, Any], api: Version) -> dict[str, Any]:
    """Convert a rule to the form common to all versions.

    Actions are a list, `block_list` has that name, the monitoring of latency is a text.
    """
    result = dict(document)
    if isinstance(result.get("action"), dict):
        result["action"] = action = dict(result["action"])
        actions = action.get("action")
        names = [actions] if isinstance(actions, str) else list(actions or [])
        action["action"] = ["block_list" if name == "blacklist" else name for name in names]
        if "valid_blacklister" in action:
            action["valid_block_lister"] = action.pop("valid_blacklister")
        if isinstance(latency := action.get(_LATENCY), bool):
            action[_LATENCY] = "true" if latency else "false"
    return result


def rule_for(document: Mapping[str, Any], api: Version) -> dict[str, Any]:
    """Convert a rule to the form of this version; the reverse of `rule_from`."""
    result = dict(document)
    if isinstance(result.get("action"), dict):
        result["action"] = action = dict(result["action"])
        if api < _BLOCK_LIST:
            action["action"] = ["blacklist" if name == "block_list" else name for name in action.get("action") or []]
            if "valid_block_lister" in action:
                action["valid_blacklister"] = action.pop("valid_block_lister")
        if api < _LATENCY_AS_TEXT and action.get(_LATENCY) in ("true", "false"):
            action[_LATENCY] = action[_LATENCY] == "true"
    return result


_LATENCY = "network_application_latency_monitoring"
