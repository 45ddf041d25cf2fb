"""The notation of the models of the API: parser, check of a body, form of an answer.

A model reads `name*:s<1..80>, categories:[CategoryReference], bootConfig:LegacyBoot|UefiBoot, createTime!:t`:

mark        meaning
`*`         required                         `!`       read only: in answers alone
`#`         write only: in no answer         `@2`      since minor version 2 of the API
s i b t u   string, integer, boolean, moment, UUID
v           a plain value of several types: here a string
`[T]`       list of T                        `(A|B)`   enumeration
`Name`      a model of the same package, else the only one of that name
`A|B`       one of several models, by the `$objectType` of the value (`A|`: only A is known here)
`<a..b>`    range of a number, length of a string (either end may be missing)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_FIELD = re.compile(r"\s*([\w$]+)([*!#]?)(?:@(\d))?:")
_UUID = re.compile(r"[a-fA-F0-9]{8}(-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Type:
    """A type: `kind` is s, i, b, t, u, v, enum, list, model or oneof."""

    kind: str
    names: tuple[str, ...] = ()
    item: Type | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    type: Type
    mark: str = ""
    since: int = 0


class Models:
    """All models by full name, such as `vmm.v4.ahv.config.Vm`."""

    def __init__(self, packages: Mapping[str, Mapping[str, str]]) -> None:
        self.fields: dict[str, dict[str, Field]] = {}
        names = [f"{package}.{name}" for package, models in packages.items() for name in models]
        for package, models in packages.items():
            for name, text in models.items():
                self.fields[f"{package}.{name}"] = _parse(text, package, names)

    def check(self, name: str, body: Any, minor: int = 9) -> tuple[Json, list[tuple[str, str]]]:
        """Return the writable part of a body, and its faults as (location, message).

        A field since a later version than v4.`minor` is unknown.
        """
        faults: list[tuple[str, str]] = []
        return self._object(name, body, "", faults, minor), faults

    def _object(self, name: str, body: Any, where: str, faults: list[tuple[str, str]], minor: int) -> Json:
        if not isinstance(body, dict):
            faults.append((where, f"instance type ({_kind(body)}) does not match any allowed primitive type (object)"))
            return {}
        fields, accepted = self.fields[name], {}
        given = body.get("$objectType", name)
        if given.rpartition(".")[2] != name.rpartition(".")[2]:
            faults.append((where, f"$objectType {given} is not {name}"))
        for key, value in body.items():
            field = fields.get(key)
            if key.startswith("$") or value is None:
                continue
            if field is None or field.since > minor:
                faults.append((f"{where}/{key}", f"object instance has properties which are not allowed: {key}"))
            elif field.mark != "!":
                accepted[key] = self._value(field.type, value, f"{where}/{key}", faults, minor)
        faults.extend(
            (where, f"object has missing required properties: {key}")
            for key, field in fields.items()
            if field.mark == "*" and key not in accepted
        )
        return accepted

    def _value(self, kind: Type, value: Any, where: str, faults: list[tuple[str, str]], minor: int) -> Any:
        if kind.kind == "list" and isinstance(value, list):
            assert kind.item is not None
            return [self._value(kind.item, item, f"{where}/{rank}", faults, minor) for rank, item in enumerate(value)]
        if kind.kind == "model":
            return self._object(kind.names[0], value, where, faults, minor)
        if kind.kind == "oneof":
            chosen = value.get("$objectType") if isinstance(value, dict) else None
            if chosen not in kind.names:
                faults.append((where, f"instance failed to match exactly one schema: $objectType is {chosen}"))
                return value
            return {"$objectType": chosen, **self._object(chosen, value, where, faults, minor)}
        reason = _wrong(kind, value)
        if reason:
            faults.append((where, reason))
        return value

    def answer(self, name: str, value: Json, minor: int, typed: bool = True) -> Json:
        """Copy an entity as an answer of v4.`minor` shows it.

        In a nested list only the first item has `$objectType` and `$reserved`; a value of one of several models always
        has them. No answer shows a key that starts with `_`.
        """
        shown: Json = {}
        for key, field in self.fields[name].items():
            if key in value and field.mark != "#" and field.since <= minor:
                shown[key] = self._shown(field.type, value[key], minor, True)
                if field.type.kind == "oneof":
                    shown[f"${key}ItemDiscriminator"] = value[key]["$objectType"]
        if typed:
            shown |= {"$reserved": {"$fv": f"v4.r{minor}"}, "$objectType": name}
        return shown

    def _shown(self, kind: Type, value: Any, minor: int, typed: bool) -> Any:
        if kind.kind == "list":
            assert kind.item is not None
            return [self._shown(kind.item, item, minor, rank == 0) for rank, item in enumerate(value)]
        if kind.kind == "model":
            return self.answer(kind.names[0], value, minor, typed)
        return self.answer(value["$objectType"], value, minor) if kind.kind == "oneof" else value


def _kind(value: Any) -> str:
    names = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _wrong(kind: Type, value: Any) -> str:
    """Return the fault of a plain value, empty where it has its type."""
    expected = {"i": "integer", "b": "boolean", "list": "array"}.get(kind.kind, "string")
    if _kind(value) != expected:
        return f"instance type ({_kind(value)}) does not match any allowed primitive type ({expected})"
    if kind.kind == "enum" and value not in kind.names:
        return f"instance value ({value}) not found in enum (possible values: {', '.join(kind.names)})"
    if kind.kind in ("u", "t") and not (_UUID if kind.kind == "u" else _MOMENT).fullmatch(value):
        return f"instance value ({value}) does not match the expected format"
    size = value if kind.kind == "i" else len(value) if kind.kind == "s" else None
    low, high = kind.low, kind.high
    if size is not None and ((low is not None and size < low) or (high is not None and size > high)):
        return f"instance value is outside its limits ({kind.low}..{kind.high})"
    return ""


def _parse(text: str, package: str, known: list[str]) -> dict[str, Field]:
    """Parse one model. Raises ValueError on a fault of notation."""
    fields: dict[str, Field] = {}
    for part in _parts(text, ","):
        match = _FIELD.match(part)
        if match is None:
            raise ValueError(f"unreadable field {part!r} of {package}")
        name, mark, since = match.groups()
        fields[name] = Field(_type(part[match.end() :].strip(), package, known), mark, int(since or 0))
    return fields


def _type(text: str, package: str, known: list[str]) -> Type:
    if text.startswith("["):
        return Type("list", item=_type(text[1:-1], package, known))
    if text.startswith("("):
        return Type("enum", tuple(text[1:-1].split("|")))
    if "|" in text:
        return Type("oneof", tuple(_full(name, package, known) for name in text.split("|") if name))
    base, _, limits = text.partition("<")
    if base not in ("s", "i", "b", "t", "u", "v"):
        return Type("model", (_full(base, package, known),))
    low, _, high = limits.rstrip(">").partition("..")
    return Type(base, low=int(low) if low else None, high=int(high) if high else None)


def _full(name: str, package: str, known: list[str]) -> str:
    if f"{package}.{name}" in known:
        return f"{package}.{name}"
    if name in known:
        return name
    (match,) = [full for full in known if full.rpartition(".")[2] == name]
    return match


def _parts(text: str, mark: str) -> list[str]:
    """Split at the marks outside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "[(<") - (character in "])>")
        if character == mark and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part.strip()]
