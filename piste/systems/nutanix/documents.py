"""Documents of Prism Central: attributes that the system adds, references, moments. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from piste.engine.converge.reading import text
from piste.engine.converge.resource import Field
from piste.engine.converge.values import coerce
from piste.systems.nutanix.prism import Collection

READ_ONLY = frozenset({"extId", "links", "tenantId", "createdBy", "creationTime", "lastModifiedTime", "$objectType"})
"""Attributes that the system adds to any object, and that a write does not send back."""


@dataclass(frozen=True, slots=True)
class At:
    """Collection of a kind, and the attributes that a write does not send back."""

    collection: Collection
    read_only: frozenset[str] = frozenset()


def unwrapped(document: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce a document: no marks of the system (`$…`), a reference is its bare id."""
    result = {}
    for name, value in document.items():
        if not name.startswith("$"):
            result[name] = _unwrapped(value)
    return result


def _unwrapped(value: Any) -> Any:
    if isinstance(value, Mapping):
        inner = unwrapped(value)
        return inner["extId"] if set(inner) == {"extId"} else inner
    return [_unwrapped(inner) for inner in value] if isinstance(value, list) else value


def runs(machine: Mapping[str, Any]) -> bool:
    """True for a machine that is not known to be off."""
    return text(machine["powerState"]) != "OFF"


def memory(document: Mapping[str, Any]) -> int:
    """Memory of a machine or of a node, in bytes; a document without it is a bad answer."""
    return int(coerce("int", document["memorySizeBytes"]))


def reference(ext_id: str) -> dict[str, str]:
    """Reference to an object on the wire."""
    return {"extId": ext_id}


def references(ext_ids: Sequence[str]) -> list[dict[str, str]]:
    return list(map(reference, ext_ids))


def seconds(moment: str, otherwise: float) -> float:
    """Convert a moment of the system to seconds since 1970; `otherwise` if it is not a moment."""
    try:
        return datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return otherwise


def without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def references_in(fields: Sequence[Field], item: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    """Yield the references of an item by name: path in the item, kind, name."""
    for entry in fields:
        value, where = item.get(entry.name), f"{path}{entry.name}"
        if value is None:
            continue
        if entry.ref:
            for name in value if isinstance(value, list) else [value]:
                yield where, entry.ref, str(name)
        elif entry.is_list_of_dicts and isinstance(value, list):
            for rank, inner in enumerate(value):
                yield from references_in(entry.of, inner, f"{where}[{entry.identity_of(inner) or rank}].")
        elif entry.type == "dict" and entry.of and isinstance(value, Mapping):
            yield from references_in(entry.of, value, f"{where}.")
        elif entry.type == "map" and entry.of and isinstance(value, Mapping):
            for key, inner in value.items():
                yield from references_in(entry.of, inner or {}, f"{where}[{key}].")
