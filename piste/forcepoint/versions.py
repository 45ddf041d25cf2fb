"""What differs between the versions of the SMC API, 6.10 to 7.5: nowhere else is a version looked at.

Source: the sheets of changes quoted by the vendor's library 1.0.34 (``smc.compat``, ``rule.py``, ``rule_elements.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

OLDEST = (6, 10)
_BLOCK_LIST = (7, 0)
"""From here on ``blacklist`` is called ``block_list``."""
_LATENCY_AS_TEXT = (7, 1)
_COLOURS, _COLOURS_SMC = (7, 1), (7, 1, 7)
_SINCE: Mapping[str, tuple[int, int]] = {"entries": (6, 11)}
"""Fields of elements that an older SMC has not got, whatever the version of its API."""
_RE_RANK = {(7, 1): 11, (7, 3): 5, (7, 4): 2, (7, 5): 1}
"""Patch level of the SMC from which a whole list can be put in order at once; every later series has it."""

Version = tuple[int, ...]


def parsed(text: str) -> Version:
    """``7.4.1 [11512]`` → (7, 4, 1). ValueError where there is no version."""
    found = re.match(r"\s*(\d+(?:\.\d+)*)", text)
    if not found:
        raise ValueError(text)
    return tuple(int(part) for part in found[1].split("."))


def has_colours(api: Version, smc: Version) -> bool:
    """True where the header of a section has a colour."""
    return api >= _COLOURS and smc >= _COLOURS_SMC


def unknown_fields(item: Mapping[str, Any], smc: Version) -> list[str]:
    """Declared fields of an element that this SMC has not got."""
    return [name for name, since in _SINCE.items() if item.get(name) and smc < since]


def has_re_rank(smc: Version) -> bool:
    """True for an SMC that puts a whole list in order in one request; its API alone does not say so."""
    series, patch = (smc[0], smc[1] if len(smc) > 1 else 0), smc[2] if len(smc) > 2 else 0
    return series > max(_RE_RANK) or patch >= _RE_RANK.get(series, 1 << 16)


def rule_from(document: Mapping[str, Any], api: Version) -> dict[str, Any]:
    """A rule as every version would say it: actions are a list, ``block_list`` has that name, the monitoring of
    latency is a text."""
    result = dict(document)
    if isinstance(result.get("action"), dict):
        result["action"] = action = dict(result["action"])
        actions = action.get("action")
        told = [actions] if isinstance(actions, str) else list(actions or [])
        action["action"] = ["block_list" if one == "blacklist" else one for one in told]
        if "valid_blacklister" in action:
            action["valid_block_lister"] = action.pop("valid_blacklister")
        if isinstance(latency := action.get(_LATENCY), bool):
            action[_LATENCY] = "true" if latency else "false"
    return result


def rule_for(document: Mapping[str, Any], api: Version) -> dict[str, Any]:
    """The reverse: a rule as this version takes it."""
    result = dict(document)
    if isinstance(result.get("action"), dict):
        result["action"] = action = dict(result["action"])
        if api < _BLOCK_LIST:
            action["action"] = ["blacklist" if one == "block_list" else one for one in action.get("action") or []]
            if "valid_block_lister" in action:
                action["valid_blacklister"] = action.pop("valid_block_lister")
        if api < _LATENCY_AS_TEXT and action.get(_LATENCY) in ("true", "false"):
            action[_LATENCY] = action[_LATENCY] == "true"
    return result


_LATENCY = "network_application_latency_monitoring"
