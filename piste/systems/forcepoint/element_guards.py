"""Guards of elements: the changes that may take something away, or give rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.values import stable
from piste.systems.forcepoint import references
from piste.systems.forcepoint.access_table import CUTS
from piste.systems.forcepoint.admin_table import ADMINISTRATION
from piste.systems.forcepoint.children import secrets_of

_MEANINGLESS = ("comment", "location", "tools_profile", "monitored")
"""Fields that change nothing of the meaning of an element in a rule."""


def narrowed(before: Item, after: Item) -> list[str]:
    """Changed fields by which an element no longer covers all that it covered."""
    return [name for name in _changed(before, after) if before.get(name) and not _grows(before[name], after[name])]


def _changed(before: Item, after: Item) -> list[str]:
    """Changed fields that mean something."""
    return [name for name in after if name not in _MEANINGLESS and stable(after[name]) != stable(before.get(name))]


def _grows(before: Any, after: Any) -> bool:
    if isinstance(before, Mapping):
        return all(stable((after or {}).get(name)) == stable(entry) for name, entry in before.items())
    return isinstance(before, list) and set(before) <= set(after or ())


def keyless(operation: Operation) -> Iterator[str]:
    """Yield the live tunnels with an external gateway that change without their shared key."""
    before, after = ((content or {}).get("tunnels") or {} for content in (operation.before, operation.after))
    for name, entry in before.items():
        changes = name in after and stable(after[name]) != stable(entry)
        if changes and "external_gateway/" in name and not secrets_of(after[name]):
            yield f"tunnels[{name}].preshared_key"


def loses_rights(operation: Operation) -> bool:
    """True for a role that is removed, or that no longer gives all that it gave."""
    if references.split(operation.key)[0] != "role" or operation.action == "create":
        return False
    return operation.after is None or bool(narrowed(operation.before or {}, operation.after))


def cutting(operations: Sequence[Operation]) -> Iterator[tuple[str, str]]:
    """Yield the words for changes that keep people or tunnels out, or give rights, and why."""
    for operation in operations:
        kind = references.split(operation.key)[0]
        word, why = CUTS.get(kind, ("", ""))
        fields = narrowed(operation.before or {}, operation.after or {}) if operation.action == "update" else []
        if word and (fields or operation.action == "delete"):
            yield f"{word}:{operation.key}", f"{why} ({', '.join(fields) or 'retrait'})"
        elif kind in ADMINISTRATION and _changed(operation.before or {}, operation.after or {}):
            yield f"{word}:{operation.key}", "des administrateurs gagneraient des droits"
