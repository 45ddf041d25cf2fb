"""Shape of the answer of each snippet; an answer of another shape is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Shape = Any
"""Shape of JSON: `str`, `bool`, a list of a single shape, a dict of shapes by name.

The value of `name?` may be null or missing. Unknown names are ignored.
"""

_SERVICE = {"name": str, "running": bool, "sid_type?": int}
_QUEUE = {
    "name": str, "location": str, "comment": str, "shared": bool, "share_name": str,
    "duplexing?": str, "color?": bool, "error?": str, "later?": bool,
}
_DAY = {"queue": str, "day": str, "jobs": int, "pages": int, "copied": int, "mono": int, "color": int}
_SCOPE = {
    "subnet": str, "mask": str, "name": str, "description": str, "start": str, "end": str, "lease": int, "active": bool,
}
_RANGE = {"subnet": str, "start": str, "end": str}
_USE = {"subnet": str, "free": int, "in_use": int}
_RELATION = {
    "name": str, "partner": str, "subnets": [str],
    "state": str, "mode": str, "balance": int, "reserve": int, "lead": int,
    "switch_after?": int, "authenticated": bool,
}
_OPTION = {"option": int, "vendor": str, "user": str, "policy": str, "values": [str]}
_AUDIT = {"enabled": bool, "path": str, "max_mb": int, "min_free_mb": int, "check_every": int}
_BINDING = {"interface": str, "address": str, "bound": bool}
_ENTRY = {
    "subnet": str, "option?": int, "values?": [str], "address?": str, "client?": str, "name?": str, "description?": str,
    "error?": str,
}
_REFUSED = {"failed": [{"subnet": str, "error": str}]}
ANSWERS: Mapping[str, Shape] = {
    "certificates": {"certificates": [{"content": str, "has_private_key": bool}]},
    "dhcp_export": {"document": str},
    "dhcp_leases_read": {"leases": [{"subnet": str, "address": str}]},
    "dhcp_relation_add": {},
    "dhcp_relation_set": {},
    "dhcp_replicate": {},
    "dhcp_scopes_read": {"entries": [_ENTRY]},
    "dhcp_scopes_remove": _REFUSED,
    "dhcp_scopes_write": _REFUSED,
    "dhcp_server_read": {"scopes": [_SCOPE], "exclusions": [_RANGE], "uses": [_USE], "relations": [_RELATION]},
    "dhcp_settings_read": {
        "options": [_OPTION], "classes": [str], "audit": _AUDIT, "conflicts": int,
        "account": {"domain": str, "name": str}, "bindings": [_BINDING],
    },
    "dhcp_settings_write": {},
    "dns_server_read": {"forwarders": [str], "root_hints": bool, "scavenging_h": int},
    "host": {"name": str, "time": str, "administrator": bool, "services": [_SERVICE], "commands": [str]},
    "language": {"language": str},
    "local_administrators_read": {"members": [{"name": str, "sid": str, "error?": str}]},
    "local_administrators_remove": {},
    "nps_export": {"document": str},
    "nps_import": {},
    "print_log_read": {
        "enabled": bool, "mode": str, "size": int, "oldest_at?": str, "anchor_at?": str,
        "last": int, "last_at?": str, "more": bool, "days": [_DAY],
    },
    "print_queues_read": {"queues": [_QUEUE]},
    "print_queues_write": {"failed": [{"name": str, "error": str}]},
}


def fitting(snippet: str, value: Any) -> dict[str, Any]:
    """Return an answer that has the shape of its snippet. Raises ValueError for another shape."""
    _fit(snippet, value, ANSWERS[snippet])
    answer: dict[str, Any] = value
    return answer


def _fit(where: str, value: Any, shape: Shape) -> None:
    kind: type = type(shape) if isinstance(shape, (dict, list)) else shape
    if not isinstance(value, kind):
        raise ValueError(f"{where} : {type(value).__name__} au lieu de {kind.__name__}")
    if isinstance(shape, dict) and isinstance(value, dict):
        for name, inner in shape.items():
            bare = name.removesuffix("?")
            if bare == name or value.get(bare) is not None:
                _fit(f"{where}.{bare}", value.get(bare), inner)
    elif isinstance(shape, list) and isinstance(value, list):
        for at, element in enumerate(value):
            _fit(f"{where}[{at}]", element, shape[0])
