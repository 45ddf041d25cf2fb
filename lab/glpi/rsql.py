"""The filters of a list (RSQL), as GLPI reads them.

Source: `src/Glpi/Api/HL/RSQL/{Lexer,Parser}.php`.

A value between quotes ends at the next quote of the same kind: a backslash escapes nothing there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Test = Callable[[Mapping[str, Any]], bool]
_OPERATOR = re.compile(r"([\w.]+)(==|!=|=[a-z]+=)")
_ALONE = ("=isnull=", "=notnull=", "=empty=", "=notempty=")
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "=lt=": lambda left, right: left < right,
    "=le=": lambda left, right: left <= right,
    "=gt=": lambda left, right: left > right,
    "=ge=": lambda left, right: left >= right,
}


class BadFilter(ValueError):
    """A filter that GLPI refuses."""


def parse(query: str, properties: frozenset[str]) -> Test:
    """Turn a filter into a test of a document. Raises BadFilter."""
    reader = _Reader(query, properties)
    test = reader.expression()
    if reader.rest:
        raise BadFilter("RSQL query has one or more unclosed groups")
    return test


class _Reader:
    def __init__(self, query: str, properties: frozenset[str]) -> None:
        self.rest, self._properties = query, properties

    def expression(self) -> Test:
        """Read comparisons joined by `,` (or) and `;` (and); `;` binds closer."""
        either = [self._all()]
        while self._take(","):
            either.append(self._all())
        return lambda document: any(test(document) for test in either)

    def _all(self) -> Test:
        every = [self._comparison()]
        while self._take(";"):
            every.append(self._comparison())
        return lambda document: all(test(document) for test in every)

    def _comparison(self) -> Test:
        if self._take("("):
            test = self.expression()
            if not self._take(")"):
                raise BadFilter("RSQL query has one or more unclosed groups")
            return test
        match = _OPERATOR.match(self.rest)
        if match is None:
            raise BadFilter("RSQL query is missing an operator in filter for property")
        name, operator = match.groups()
        self.rest = self.rest[match.end() :]
        if name not in self._properties:
            raise BadFilter(f"Invalid RSQL filters: {name} (unknown property)")
        value = "" if operator in _ALONE else self._value()
        return lambda document: compare(_at(document, name), operator, value)

    def _take(self, sign: str) -> bool:
        if not self.rest.startswith(sign):
            return False
        self.rest = self.rest[len(sign) :]
        return True

    def _value(self) -> str:
        if self.rest[:1] in ("(", '"', "'"):
            end = self.rest.find(")" if self.rest[0] == "(" else self.rest[0], 1)
            if end < 0:
                raise BadFilter("RSQL query is missing a value in filter")
            value, self.rest = self.rest[: end + 1], self.rest[end + 1 :]
            return value if value[0] == "(" else value[1:-1]
        match = re.match(r"[^;,)]*", self.rest)
        value = match[0] if match else ""
        if not value:
            raise BadFilter("RSQL query is missing a value in filter")
        self.rest = self.rest[len(value) :]
        return value


def compare(value: Any, operator: str, given: str) -> bool:
    """Compare a value of a document, as MySQL does: text has no case."""
    shown = _shown(value)
    match operator:
        case "==":
            return shown is not None and shown == given.casefold()
        case "!=":
            return shown is not None and shown != given.casefold()
        case "=in=":
            return shown in [entry.casefold() for entry in _group(given)]
        case "=out=":
            return shown is not None and shown not in [entry.casefold() for entry in _group(given)]
        case "=isnull=":
            return value is None
        case "=notnull=":
            return value is not None
        case "=empty=":
            return value in (None, "")
        case "=notempty=":
            return value not in (None, "")
        case "=like=" | "=ilike=" | "=notlike=" | "=notilike=":
            pattern = re.escape(given).replace("\\*", ".*").replace("%", ".")
            alike = re.fullmatch(pattern, str(value or ""), re.IGNORECASE if "i" in operator[1:-1][-5:] else 0)
            return (alike is not None) != operator.startswith("=not")
    if operator in _ORDER:
        return shown is not None and _ORDER[operator](shown, given.casefold())
    raise BadFilter(f"Invalid RSQL filters: {operator} (unknown operator)")


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    return str(int(value)) if isinstance(value, bool) else str(value).casefold()


def _group(given: str) -> list[str]:
    if not given.startswith("("):
        raise BadFilter(f"Invalid RSQL array: {given}")
    entries = next(csv.reader([given[1:-1]], escapechar=None), [])
    return [re.sub(r"^\s*(['\"])(.*)\1\s*$", r"\2", entry) for entry in entries]


def _at(document: Mapping[str, Any], name: str) -> Any:
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def properties(columns: Mapping[str, Any]) -> Iterator[str]:
    """List the names that a filter may use."""
    for name, column in columns.items():
        yield from ((f"{name}.id", f"{name}.name") if column.link or column.kind == "status" else (name,))
