"""Text of a plan for people: YAML before and after, per object, with only what changes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

from piste.engine.converge.plan import SYMBOLS, Operation, Plan, changed_fields
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Secret
from piste.engine.converge.text import as_yaml, on_one_line
from piste.engine.converge.values import stable

TITLES: Mapping[str, str] = {
    "create": "création",
    "update": "modification",
    "delete": "suppression",
    "reset": "remise à zéro",
}
_GONE = object()


def diffs(planned: Plan, fields: Sequence[Field] = ()) -> list[dict[str, str]]:
    """List Ansible's diff entries, one entry per object; `before` and `after` are texts.

    A text that is a list has a line for each of its parts, so that the difference is seen.
    """
    listings = {field.name for field in fields if field.listing and field.type == "str"}
    return [_entry(operation, listings) for operation in planned.operations]


def _entry(operation: Operation, listings: Set[str]) -> dict[str, str]:
    before, after = _narrow(operation.before, operation.after)
    for side in (before, after):
        side |= {name: side[name].split(",") for name in listings & side.keys() if isinstance(side[name], str)}
    title = f"{operation.kind} {on_one_line(operation.name)} ({TITLES[operation.action]})"
    return {
        "before_header": title,
        "after_header": title,
        "before": "" if operation.before is None else as_yaml(_readable(before)),
        "after": "" if operation.after is None else as_yaml(_readable(after)),
    }


def summary(planned: Plan) -> list[str]:
    """Write one line per operation: `~ ssid VLB-Agents : enabled, auth_mode`."""
    lines = []
    for operation in planned.operations:
        changed = f" : {', '.join(changed_fields(operation))}" if operation.action == "update" else ""
        lines.append(f"{SYMBOLS[operation.action]} {operation.kind} {on_one_line(operation.name)}{changed}")
    return lines


def _narrow(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Drop what both sides share, at every depth; keep everything where a side is absent."""
    if before is None or after is None:
        return dict(before or {}), dict(after or {})
    left: dict[str, Any] = {}
    right: dict[str, Any] = {}
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, _GONE), after.get(name, _GONE)
        if old is not _GONE and new is not _GONE and stable(old) == stable(new):
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            old, new = _narrow(old, new)
        if old is not _GONE:
            left[name] = old
        if new is not _GONE:
            right[name] = new
    return left, right


def _readable(value: Any) -> Any:
    if isinstance(value, Secret):
        state = f"empreinte {value.digest[:8]}" if value.digest else "absent" if value.missing else "valeur inconnue"
        return f"secret {value.path} ({state})"
    if isinstance(value, Mapping):
        return {key: _readable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_readable(inner) for inner in value]
    if isinstance(value, str) and _BYTES.fullmatch(value):
        return _summed(value)
    return value


_BYTES = re.compile(r"[A-Za-z0-9+/]{1000,}={0,2}")


def _summed(text: str) -> str:
    """Name the bytes of a file by their number and digest, as `sha256sum` gives it."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return text
    return f"{len(content)} octets, SHA-256 {hashlib.sha256(content).hexdigest()}"
