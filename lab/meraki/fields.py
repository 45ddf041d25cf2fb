"""The notation of request bodies, its parser, and the check of a body against it.

A table reads `name*:s<1..255>, tags:[s], type:(access|trunk), vlan?:i<1..4094>`:

mark        meaning
`*`         required                      `?`       nullable
s i n b     string, integer, number, boolean
`{…}`       object of a table             `{}`      free object
`[t]`       list of t                     `(a|b)`   enumeration; `(30|60)i` of integers
x           string or free object         `@Name`   a named fragment
`<a..b>`    range of a number, length of a string or list (either end may be missing)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

UnknownKeys = Literal["reject", "ignore", "store"]
_END = ",}]<"


@dataclass(frozen=True, slots=True)
class Type:
    """One type: `kind` is s, i, n, b, x, object, list or enum."""

    kind: str
    fields: Mapping[str, Field] | None = None
    item: Type | None = None
    values: tuple[str | int, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Field:
    type: Type
    required: bool
    nullable: bool


def parse(text: str, named: Mapping[str, str] | None = None) -> Type:
    """Parse a table into an object type. Raises ValueError on a fault of notation."""
    reader = _Reader(text, named or {})
    table = reader.table("")
    if reader.at != len(text):
        raise ValueError(f"unexpected {text[reader.at :]!r} in {text!r}")
    return table


class _Reader:
    def __init__(self, text: str, named: Mapping[str, str]) -> None:
        self.text, self.named, self.at = text, named, 0

    def skip(self, *expected: str) -> str:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        for mark in expected:
            if mark and self.text.startswith(mark, self.at):
                self.at += len(mark)
                return mark
        return ""

    def until(self, stops: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in stops:
            self.at += 1
        return self.text[start : self.at].strip()

    def table(self, end: str) -> Type:
        found: dict[str, Field] = {}
        while True:
            self.skip()
            if end and self.skip(end):
                break
            if self.at >= len(self.text):
                if end:
                    raise ValueError(f"missing {end!r} in {self.text!r}")
                break
            name = self.until("*?:")
            required, nullable = bool(self.skip("*")), bool(self.skip("?"))
            if not self.skip(":"):
                raise ValueError(f"missing type after {name!r} in {self.text!r}")
            found[name] = Field(self.type(), required, nullable)
            self.skip(",")
        return Type("object", fields=found or None)

    def type(self) -> Type:
        if self.skip("{"):
            base = self.table("}")
        elif self.skip("["):
            item = self.type()
            if not self.skip("]"):
                raise ValueError(f"missing ']' in {self.text!r}")
            base = Type("list", item=item)
        elif self.skip("("):
            values = self.until(")").split("|")
            self.skip(")")
            whole = bool(self.skip("i"))
            base = Type("enum", values=tuple(int(v) for v in values) if whole else tuple(values))
        elif self.skip("@"):
            name = self.until(_END)
            base = _Reader(self.named[name], self.named).type()
        else:
            kind = self.until(_END)
            if kind not in ("s", "i", "n", "b", "x"):
                raise ValueError(f"unknown type {kind!r} in {self.text!r}")
            base = Type(kind)
        if self.skip("<"):
            low, _, high = self.until(">").partition("..")
            self.skip(">")
            limits = (float(low) if low else None, float(high) if high else None)
            base = Type(base.kind, base.fields, base.item, base.values, *limits)
        return base


def check(
    table: Type, body: Mapping[str, Any], unknown: UnknownKeys = "reject"
) -> tuple[dict[str, Any], list[str]]:
    """Return the accepted body and every fault found in it, as the texts of error answers."""
    errors: list[str] = []
    accepted = _object(table, body, "", unknown, errors)
    return accepted, errors


def _object(
    table: Type, body: Mapping[str, Any], path: str, unknown: UnknownKeys, errors: list[str]
) -> dict[str, Any]:
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
        f"'{path}{key}' is required"
        for key, field in table.fields.items()
        if field.required and key not in body
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
