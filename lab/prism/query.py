"""The queries of lists in use: `$page`, `$limit`, `$filter`, `$orderby`, `$select`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from lab.prism.errors import SchemaError

Json = dict[str, Any]
Test = Callable[[Any], bool]
DEFAULT_LIMIT, MOST = 50, 100
_TOKEN = re.compile(
    r"\s*(?:(?P<text>(?:[A-Za-z][\w.]*)?'(?:[^']|'')*')|(?P<word>[A-Za-z_$][\w/.]*)"
    r"|(?P<number>-?\d+)|(?P<mark>[(),:]))"
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le,
}  # fmt: skip
_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith, "endswith": str.endswith, "contains": lambda text, part: part in text,
}  # fmt: skip
_WORDS = {"true": True, "false": False, "null": None}


def parameter(query: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(query.get(name, ())), "")


def page(query: Mapping[str, Sequence[str]], total: int, url: str) -> tuple[slice, list[Json]]:
    """Return the items of a page as a slice, and its links. Raises SchemaError."""
    limit = _whole(query, "$limit", DEFAULT_LIMIT, 1, MOST)
    number = _whole(query, "$page", 0, 0, 1_000_000)
    last = max(0, (total - 1) // limit)
    wanted = {"first": 0, "self": number, "prev": number - 1, "next": number + 1, "last": last}
    kept = [(name, value) for name, values in query.items() if name not in ("$page", "$limit") for value in values]
    links = [
        {"rel": rel, "href": f"{url}?{urlencode([*kept, ('$page', at), ('$limit', limit)])}"}
        for rel, at in wanted.items()
        if rel in ("first", "self", "last") or 0 <= at <= last
    ]
    return slice(number * limit, (number + 1) * limit), links


def _whole(query: Mapping[str, Sequence[str]], name: str, default: int, low: int, high: int) -> int:
    text = parameter(query, name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise SchemaError([(f"/{name}", f"numeric instance is outside its limits (minimum: {low}, maximum: {high})")])
    return int(text)


def narrowed(items: Iterable[Json], query: Mapping[str, Sequence[str]], known: Sequence[str]) -> list[Json]:
    """Apply `$filter` and `$orderby`. Raises SchemaError for a faulty text or field."""
    text = parameter(query, "$filter")
    matches = list(items)
    if text:
        test = _Reader(text, known).whole()
        matches = [item for item in matches if test(item)]
    for part in reversed([part for part in parameter(query, "$orderby").split(",") if part.strip()]):
        field, _, way = part.strip().partition(" ")
        if field not in known:
            raise _unreadable("$orderby", part)
        matches.sort(key=lambda item, field=field: _key(values(item, field)), reverse=way.strip() == "desc")  # type: ignore[misc]
    return matches


def selected(shown: Json, query: Mapping[str, Sequence[str]]) -> Json:
    """Keep the selected fields; the id and the type always stay."""
    wanted = {field.strip().partition("/")[0] for field in parameter(query, "$select").split(",") if field.strip()}
    if not wanted or "*" in wanted:
        return shown
    return {key: value for key, value in shown.items() if key in wanted or key == "extId" or key.startswith("$")}


def values(item: Any, path: str) -> list[Any]:
    """Return the values at a path such as `categories/extId`, those of all items of lists."""
    reached = [item]
    for name in path.split("/"):
        deeper = [entry.get(name) for entry in reached if isinstance(entry, dict)]
        reached = [part for value in deeper for part in (value if isinstance(value, list) else [value])]
    return [value for value in reached if value is not None]


def _key(reached: list[Any]) -> tuple[bool, Any]:
    return (bool(reached), reached[0] if reached else "")


def _unreadable(name: str, text: str) -> SchemaError:
    return SchemaError([(f"/{name}", f"Failed to parse the {name} expression: {text}")])


class _Reader:
    """Translates a `$filter` into a test of an item."""

    def __init__(self, text: str, known: Sequence[str]) -> None:
        self._text, self._known = text, known
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise _unreadable("$filter", text)
            self._tokens.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
            at = match.end()
        self._under: dict[str, str] = {}

    def whole(self) -> Test:
        test = self._either()
        if self._tokens:
            raise _unreadable("$filter", self._text)
        return test

    def _take(self, expected: str = "") -> tuple[str, str]:
        if not self._tokens or (expected and self._tokens[0][1] != expected):
            raise _unreadable("$filter", self._text)
        return self._tokens.pop(0)

    def _next(self) -> str:
        return self._tokens[0][1] if self._tokens else ""

    def _either(self) -> Test:
        tests = [self._all()]
        while self._next() == "or":
            self._take()
            tests.append(self._all())
        return lambda item: any(test(item) for test in tests)

    def _all(self) -> Test:
        tests = [self._single()]
        while self._next() == "and":
            self._take()
            tests.append(self._single())
        return lambda item: all(test(item) for test in tests)

    def _single(self) -> Test:
        kind, word = self._take()
        if word == "not":
            inner = self._single()
            return lambda item: not inner(item)
        if word == "(":
            inner = self._either()
            self._take(")")
            return inner
        if kind != "word":
            raise _unreadable("$filter", self._text)
        if word in _TEXTS:
            return self._text_test(_TEXTS[word])
        if word.endswith("/any"):
            return self._any(word.removesuffix("/any"))
        return self._comparison(self._field(word))

    def _text_test(self, compare: Callable[[str, str], bool]) -> Test:
        self._take("(")
        field = self._field(self._take()[1])
        self._take(",")
        wanted = self._literal()
        self._take(")")
        return lambda item: any(compare(str(value), str(wanted)) for value in values(item, field))

    def _any(self, path: str) -> Test:
        """Read `(c:c/extId eq '…')`: inside, `c` is an item of the list."""
        self._take("(")
        name = self._take()[1]
        self._take(":")
        self._under[name] = path
        inner = self._either()
        self._take(")")
        del self._under[name]
        return inner

    def _comparison(self, field: str) -> Test:
        word = self._take()[1]
        if word == "in":
            self._take("(")
            wanted = [self._literal()]
            while self._next() == ",":
                self._take()
                wanted.append(self._literal())
            self._take(")")
            return lambda item: any(value in wanted for value in values(item, field))
        if word not in _COMPARE:
            raise _unreadable("$filter", self._text)
        compare, literal = _COMPARE[word], self._literal()
        if word == "ne":
            return lambda item: all(value != literal for value in values(item, field))
        return lambda item: any(
            type(value) is type(literal) and compare(value, literal) for value in values(item, field)
        )

    def _field(self, word: str) -> str:
        name, _, rest = word.partition("/")
        path = f"{self._under[name]}/{rest}" if name in self._under else word
        if path not in self._known:
            raise SchemaError([("/$filter", f"Field {path} cannot be filtered by.")])
        return path

    def _literal(self) -> Any:
        kind, word = self._take()
        if kind == "text":
            # An enumeration is written with its type: Vmm.Ahv.Config.PowerState'ON'.
            return word[word.index("'") + 1 : -1].replace("''", "'")
        if kind == "number":
            return int(word)
        if word in _WORDS:
            return _WORDS[word]
        raise _unreadable("$filter", self._text)
