"""The notation of the tables of fields for the checks of bodies, and its parser.

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

from collections.abc import Mapping
from dataclasses import dataclass

_END = ",}]<"


@dataclass(frozen=True, slots=True)
class Type:
    """A type: `kind` is s, i, n, b, x, object, list or enum."""

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
        fields: dict[str, Field] = {}
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
            fields[name] = Field(self.type(), required, nullable)
            self.skip(",")
        return Type("object", fields=fields or None)

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
