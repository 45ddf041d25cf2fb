"""The check of a request body against the table of its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lab.fields import Type
from lab.smc.errors import ApiError, refused

Json = dict[str, Any]


class Checker:
    """The check of a body; `raw` is its text, for the place of a fault."""

    def __init__(self, raw: str, unknown: str) -> None:
        self._raw, self._unknown = raw, unknown

    def body(self, table: Type, body: Mapping[str, Any]) -> Json:
        """Return a body with typed values, without nulls. Raises ApiError at the first fault."""
        if table.fields is None:
            return dict(body)
        kept: Json = {}
        for key, value in body.items():
            field = table.fields.get(key)
            if field is None:
                if self._unknown == "reject":
                    raise self.not_recognized(key)
            elif value is not None:
                made = self._value(field.type, value, key)
                if made is not None:
                    kept[key] = made
        return kept

    def _value(self, kind: Type, value: Any, key: str) -> Any:
        if kind.kind == "object":
            if not isinstance(value, dict):
                raise _ill_typed(key, value)
            return self.body(kind, value)
        if kind.item is not None:
            if not isinstance(value, list):
                raise _ill_typed(key, value)
            return [self._value(kind.item, item, key) for item in value]
        try:
            return _READERS[kind.kind](value)
        except (KeyError, TypeError, ValueError):
            raise _ill_typed(key, value) from None

    def not_recognized(self, key: str) -> ApiError:
        match = re.search(rf'"{re.escape(key)}"\s*:', self._raw)
        before = self._raw[: match.start()] if match else ""
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return refused(
            f"Invalid JSON format: At line {line} and column {column}, {key} is not recognized as JSON attribute."
        )


def _ill_typed(key: str, value: Any) -> ApiError:
    return refused(f"Invalid JSON format: {value!r} is not a valid value for attribute {key}.")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError


def _whole(value: Any) -> int | None:
    # The vendor's library sends ports as text, and an empty text for "no ICMP code".
    if value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError
    return int(value)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[str(value).lower()]


def _real(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


_READERS = {"s": _text, "i": _whole, "b": _flag, "n": _real}
