"""Documents of Prism Central: what the system adds to them, references, moments. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from piste.converge.reading import text
from piste.converge.resource import Field
from piste.converge.values import coerce
from piste.nutanix.prism import Collection

READ_ONLY = frozenset({"extId", "links", "tenantId", "createdBy", "creationTime", "lastModifiedTime", "$objectType"})
"""What the system adds to any object and a write does not send back."""


@dataclass(frozen=True, slots=True)
class At:
    """Where a kind lives, and what the system adds to its objects that a write does not send back."""

    collection: Collection
    read_only: frozenset[str] = frozenset()


def unwrapped(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without the system's marks, references as the bare id that they hold."""
    result = {}
    for name, value in document.items():
        if not name.startswith("$"):
            result[name] = _unwrapped(value)
    return result


def _unwrapped(value: Any) -> Any:
    if isinstance(value, Mapping):
        inner = unwrapped(value)
        return inner["extId"] if set(inner) == {"extId"} else inner
    return [_unwrapped(one) for one in value] if isinstance(value, list) else value


def runs(machine: Mapping[str, Any]) -> bool:
    """True for a machine that is on, or not known to be off."""
    return text(machine["powerState"]) != "OFF"


def memory(document: Mapping[str, Any]) -> int:
    """Bytes of memory of a machine or of a node: without it, no room is known."""
    return int(coerce("int", document["memorySizeBytes"]))


def reference(ext_id: str) -> dict[str, str]:
    """What the system takes for a reference."""
    return {"extId": ext_id}


def references(ext_ids: Sequence[str]) -> list[dict[str, str]]:
    return list(map(reference, ext_ids))


def seconds(moment: str, otherwise: float) -> float:
    """A moment as the system writes it, in seconds since 1970; ``otherwise`` where it is none."""
    try:
        return datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return otherwise


def without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def references_in(fields: Sequence[Field], item: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    """Where an item refers to objects by name, what they are, their names."""
    for entry in fields:
        value, where = item.get(entry.name), f"{path}{entry.name}"
        if value is None:
            continue
        if entry.ref:
            for name in value if isinstance(value, list) else [value]:
                yield where, entry.ref, str(name)
        elif entry.type == "dict" and entry.of and isinstance(value, Mapping):
            yield from references_in(entry.of, value, f"{where}.")
        elif entry.type == "map" and entry.of and isinstance(value, Mapping):
            for key, inner in value.items():
                yield from references_in(entry.of, inner or {}, f"{where}[{key}].")
