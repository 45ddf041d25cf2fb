"""A declared item laid over a live item: pure functions on canonical items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.resource import UNSET, Field
from piste.engine.converge.values import stable


def overlay(
    fields: Sequence[Field],
    before: Mapping[str, Any],
    desired: Mapping[str, Any],
    *,
    whole: bool,
    exact: bool = False,
) -> dict[str, Any]:
    """Change `before` into what `desired` asks for.

    Only declared keys change. With `whole`, undeclared keys with a known default go back to it, inside the documents
    that are declared. Lists are values: they are replaced, not merged. Maps are merged, entry by entry; with `whole` or
    `exact`, undeclared entries go. A field fixed at creation stays. Fields that depend on a value that changes go with
    it.
    """
    result: dict[str, Any] = dict(before)
    for field in fields:
        name = field.name
        if field.create_only:
            continue
        if name in desired:
            value = _laid(field, before.get(name), desired[name], whole=whole, exact=exact)
            if name in before or not _says_nothing(field, desired[name], value):
                result[name] = value
        elif whole and field.default is not UNSET and field.part is None and name in before:
            result[name] = field.default
    for field in fields:
        if field.carries and field.name in before and stable(result.get(field.name)) != stable(before[field.name]):
            carried = {name for name in result if name.startswith(field.carries)} - {field.name, *desired}
            result = {name: value for name, value in result.items() if name not in carried}
    return result


def _laid(field: Field, before: Any, value: Any, *, whole: bool, exact: bool) -> Any:
    """Lay a declared value over a live value: maps and documents merge, another replaces."""
    if not isinstance(value, Mapping) or not (field.type == "map" or (field.type == "dict" and field.of)):
        return value
    inner = before if isinstance(before, Mapping) else {}
    if field.type == "map":
        return _entries(field, inner, value, exact=whole or exact)
    return overlay(field.of, inner, value, whole=whole or field.exact, exact=exact)


def _says_nothing(field: Field, declared: Any, laid: Any) -> bool:
    """Check that a value clears what is absent: some systems leave out what is null or empty."""
    if declared is None or (declared == [] and field.default == []):
        return not field.unreliable
    return isinstance(declared, Mapping) and laid is not declared and not laid


def _entries(field: Field, before: Mapping[str, Any], desired: Mapping[str, Any], *, exact: bool) -> dict[str, Any]:
    """Merge the entries of a map: those of `before` in their order, then the new entries."""
    if field.caseless:
        spelling = {key.casefold(): key for key in before}
        desired = {spelling.get(key.casefold(), key): value for key, value in desired.items()}
    merged = {key: value for key, value in before.items() if key in desired or not exact} | dict(desired)
    return {key: value for key, value in merged.items() if value is not None}


def without_removals(fields: Sequence[Field], item: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the map entries that a declared item wants gone: a new object is made of the rest."""
    result: dict[str, Any] = dict(item)
    for field in fields:
        value = item.get(field.name)
        if not isinstance(value, Mapping):
            continue
        if field.type == "map":
            result[field.name] = {key: entry for key, entry in value.items() if entry is not None}
        elif field.type == "dict" and field.of:
            result[field.name] = without_removals(field.of, value)
    return result


def restrict(item: Mapping[str, Any], shape: Mapping[str, Any]) -> dict[str, Any]:
    """Limit `item` to the keys of `shape`, inside dicts too."""
    result: dict[str, Any] = {}
    for name, inner in shape.items():
        if name in item:
            value = item[name]
            nested = isinstance(value, Mapping) and isinstance(inner, Mapping)
            result[name] = restrict(value, inner) if nested else value
    return result


def union(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(left)
    for name, value in right.items():
        mine = result.get(name)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        result[name] = union(mine, value) if both else value  # type: ignore[arg-type]
    return result


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if stable(old) != stable(new) or (name in before) != (name in after):
            both = isinstance(old, Mapping) and isinstance(new, Mapping)
            result[name] = differing(old, new) if both else new  # type: ignore[arg-type]
    return result


def without(item: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Drop from `item` what the operation takes away, inside dicts too."""
    result: dict[str, Any] = {}
    for name, value in item.items():
        old, new = before.get(name), after.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping) and isinstance(new, Mapping):
            result[name] = without(value, old, new)
        elif name not in before or name in after:
            result[name] = value
    return result
