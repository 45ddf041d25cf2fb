"""The check of a request body against its table, with the texts of the Dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from lab.fields import Field, Type

UnknownKeys = Literal["reject", "ignore", "store"]


def check(table: Type, body: Mapping[str, Any], unknown: UnknownKeys = "reject") -> tuple[dict[str, Any], list[str]]:
    """Return the accepted body and all its faults, as texts of error answers."""
    errors: list[str] = []
    accepted = _object(table, body, "", unknown, errors)
    return accepted, errors


def _object(table: Type, body: Mapping[str, Any], path: str, unknown: UnknownKeys, errors: list[str]) -> dict[str, Any]:
    if table.fields is None:
        return dict(body)
    accepted: dict[str, Any] = {}
    for key, value in body.items():
        where, field = f"{path}{key}", table.fields.get(key)
        if field is not None:
            accepted[key] = _value(field, value, where, unknown, errors)
        elif unknown == "reject":
            errors.append(f"'{where}' is not a known parameter")
        elif unknown == "store":
            accepted[key] = value
    errors.extend(
        f"'{path}{key}' is required" for key, field in table.fields.items() if field.required and key not in body
    )
    return accepted


def _value(field: Field, value: Any, where: str, unknown: UnknownKeys, errors: list[str]) -> Any:
    if value is None:
        if not field.nullable:
            errors.append(f"'{where}' must not be null")
        return None
    return _typed(field.type, value, where, unknown, errors)


def _typed(kind: Type, value: Any, where: str, unknown: UnknownKeys, errors: list[str]) -> Any:
    if kind.kind == "enum":
        if value not in kind.values or isinstance(value, bool):
            errors.append(f"'{where}' must be one of: {', '.join(repr(v) for v in kind.values)}")
        return value
    accepts, wanted = _KINDS[kind.kind]
    if not accepts(value):
        errors.append(f"'{where}' must be {wanted}")
        return value
    _check_range(kind, value, where, errors)
    if kind.kind == "object":
        return _object(kind, value, f"{where}.", unknown, errors)
    if kind.item is not None:
        return [_typed(kind.item, v, f"{where}[{n}]", unknown, errors) for n, v in enumerate(value)]
    return value


def _check_range(kind: Type, value: Any, where: str, errors: list[str]) -> None:
    if kind.low is None and kind.high is None:
        return
    size = value if kind.kind in "in" else len(value)
    if (kind.low is not None and size < kind.low) or (kind.high is not None and size > kind.high):
        what = {"s": " characters", "list": " items"}.get(kind.kind, "")
        low, high = ("" if limit is None else f"{limit:g}" for limit in (kind.low, kind.high))
        errors.append(f"'{where}' must be between {low or 'any'} and {high or 'any'}{what}")


_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "s": (lambda v: isinstance(v, str), "a string"),
    "i": (lambda v: isinstance(v, int) and not isinstance(v, bool), "an integer"),
    "n": (lambda v: isinstance(v, int | float) and not isinstance(v, bool), "a number"),
    "b": (lambda v: isinstance(v, bool), "a boolean"),
    "x": (lambda v: isinstance(v, str | dict), "a string or an object"),
    "object": (lambda v: isinstance(v, dict), "an object"),
    "list": (lambda v: isinstance(v, list), "an array"),
}
