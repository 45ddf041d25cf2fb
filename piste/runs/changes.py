"""The values that an operation changes, in words: a line for each field, element or rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import is_described
from piste.systems.kinds import KINDS
from piste.systems.kinds.labels import in_words, label, measured

IDENTITIES = ("id", "name", "section", "insert_point", "host", "address", "serial")
"""Fields that identify an element of a list, the most telling first."""
INSIDE = " › "
"""Between a field and a field that it contains."""
RECOGNITION = {"network": ("formerly", "devices", "others")}
"""Values by which a kind recognises an object, and which are no content of it."""
_NOWHERE = re.compile(rf"^(- )?(?: : |{INSIDE})")
"""The beginning of the change of a field without path, ` › port : 1`; of a value, ` : a → b`."""
_RANGE = re.compile(r"\d{1,9}(-\d{1,9})?")
_MOST = 1_000_000
"""Greatest number of a range that is spelt out."""
_ABSENT: Any = object()
_EMPTY: tuple[Any, ...] = (None, "", [], {}, _ABSENT)


def changes(operation: Mapping[str, Any], *, removed: bool = False) -> list[str]:
    """List the changes of an operation, `vlan : 1 → 151`, or the values of a new object.

    A list or a map shows its elements: `+` comes, `-` goes, `↕` moves, `~` changes. A secret shows no value. A deletion
    has no line, unless `removed` asks for the values that go. The caller makes the texts harmless.
    """
    before, after = operation["content"]["before"] or {}, operation["content"]["after"] or {}
    if operation["action"] == "delete":
        before, after = {}, before if removed else {}
    named = (
        operation["fields"]
        if before
        else [n for n, value in after.items() if not _goes_without_saying(operation, value)]
    )
    kind, fields = str(operation["kind"]), _fields(operation)
    before, after = (_marked(kind, fields, content) for content in (before, after))
    names = [_label(kind, fields, name) for name in named if name not in RECOGNITION.get(kind, ())]
    changed = (line for name in names for line in _changed(name, before.get(name, _ABSENT), after.get(name, _ABSENT)))
    return list(changed)


def labels(operation: Mapping[str, Any]) -> list[str]:
    """List the labels of the fields that an operation changes."""
    fields = _fields(operation)
    return [_label(str(operation["kind"]), fields, name) for name in operation["fields"]]


def _label(kind: str, fields: Sequence[Field], name: str) -> str:
    return label(kind, name) if any(field.name == name for field in fields) else name


class _Listing(str):
    """A text that is a list; `form` says of what."""

    __slots__ = ("form",)
    form: str


def waiting(operation: Mapping[str, Any]) -> str:
    """Write why an operation waits, behind its name; empty for an operation to do."""
    return f" (retenu : {operation['waiting']})" if operation.get("waiting") else ""


def _goes_without_saying(operation: Mapping[str, Any], value: Any) -> bool:
    """Tell whether a value of a new object is empty, or already in its name."""
    label = operation["label"]
    return value in _EMPTY or value == label or (isinstance(value, str) and len(value) > 2 and value in label)


def _changed(path: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    if is_described(old) or is_described(new):
        yield f"{path} : secret {'retiré' if new in _EMPTY else 'posé' if old in _EMPTY else 'changé'}"
    elif _either(old, new, Mapping):
        yield from _entries(path, _content(old), _content(new))
    elif _either(old, new, list) and any(isinstance(element, Mapping) for element in (*_list(old), *_list(new))):
        yield from _elements(path, _list(old), _list(new))
    elif _either(old, new, list):
        yield from _texts(path, _list(old), _list(new))
    elif isinstance(old, _Listing) and isinstance(new, _Listing) and (said := _comes_and_goes(old, new)):
        yield f"{path} : {said}"
    elif old is _ABSENT:
        yield f"{path} : {_value(new)}"
    else:
        yield f"{path} : {_value(old)} → {_value(new)}"


def _entries(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Compare two maps, entry by entry; a group policy has its label and its unit."""
    for name in dict.fromkeys((*old, *new)):
        where, unit = f"{path}{INSIDE}{name}", ""
        if path.rpartition(INSIDE)[2] == "policies":
            where, unit = _policy(name)
        former, coming = old.get(name, _ABSENT), new.get(name, _ABSENT)
        if coming is _ABSENT:
            yield f"- {where} : {_measure(former, unit)}"
        elif unit and former != coming and not (is_described(former) or is_described(coming)):
            before = "" if former is _ABSENT else f"{_measure(former, unit)} → "
            yield f"{where} : {before}{_measure(coming, unit)}"
        else:
            yield from _changed(where, former, coming)


def _measure(value: Any, unit: str) -> str:
    """Write a number with its unit; nothing and words have none."""
    return _value(measured(value, unit) if isinstance(value, int | float) and not isinstance(value, bool) else value)


def _elements(path: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    """Compare two lists of objects: those that come and go, those that change, those that move."""
    former, coming = _named(old), _named(new)
    for name in former:
        if name not in coming:
            yield f"- {path} {name}"
    for name, element in coming.items():
        if name not in former:
            yield f"+ {path} {name}{_summary(element)}"
        elif element != former[name]:
            inner = _changed("", former[name], element)
            yield f"~ {path} {name} : {' ; '.join(_NOWHERE.sub(r'\1', line) for line in inner)}"
    yield from (f"↕ {path} {name}" for name in _moved(list(former), list(coming)))


def _texts(path: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    """Compare two lists of values: those that come, those that go, else the order."""
    former, coming = list(map(_value, old)), list(map(_value, new))
    signs = [f"+ {text}" for text in (Counter(coming) - Counter(former)).elements()]
    signs += [f"- {text}" for text in (Counter(former) - Counter(coming)).elements()]
    signs += [f"↕ {text}" for text in _moved(former, coming)] if not signs else []
    yield f"{path} : {', '.join(signs) or f'{_value(old)} → {_value(new)}'}"


def _comes_and_goes(old: _Listing, new: _Listing) -> str:
    """Say what comes to a text that is a list, and what leaves it; empty for another text."""
    former, coming = _parts(old), _parts(new)
    if former is None or coming is None:
        return ""
    write = _spans if new.form == "ranges" else _sorted
    signs = (("+", coming - former), ("-", former - coming))
    return " ; ".join(f"{sign} {write(parts)}" for sign, parts in signs if parts)


def _parts(text: _Listing) -> set[Any] | None:
    """Split a text that is a list; None for a word that stands for another list, `all`."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if text.form != "ranges":
        return set(parts)
    if not parts or not all(_RANGE.fullmatch(part) for part in parts):
        return None
    edges = [[int(end) for end in part.split("-")] for part in parts]
    return {number for ends in edges for number in range(ends[0], min(ends[-1], _MOST) + 1)}


def _spans(numbers: set[int]) -> str:
    """Write numbers by their ranges: `350, 352, 354-355`."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _sorted(parts: set[str]) -> str:
    return ", ".join(sorted(parts))


def _fields(operation: Mapping[str, Any]) -> Sequence[Field]:
    """Give the fields of the object of an operation; none for a kind that is not known here."""
    return _table(str(operation.get("system", "")), str(operation["kind"]))


@cache
def _table(system: str, name: str) -> Sequence[Field]:
    """Give the fields of a kind of a system.

    A table comes with its driver, and that with the client of its vendor: the likeliest module is imported first.
    """
    prefix = "win_" if system == "print" else f"{system}_"
    mine = [kind for kind in KINDS if kind.module.startswith(prefix)]
    likely = sorted(mine, key=lambda kind: SequenceMatcher(None, kind.module, name).ratio(), reverse=True)
    return next((kind.table.fields for kind in likely if kind.table.name == name), ())


def _marked(within: str, fields: Sequence[Field], content: Mapping[str, Any]) -> dict[str, Any]:
    """Name fields by their labels and mark the texts that are lists, at any depth."""
    by_name = {field.name: field for field in fields}
    return {
        label(within, name) if name in by_name else name: _mark(within, by_name[name], value)
        if name in by_name
        else value
        for name, value in content.items()
    }


def _mark(within: str, field: Field, value: Any) -> Any:
    if isinstance(value, str) and field.listing:
        marked = _Listing(value)
        marked.form = field.listing
        return marked
    if is_described(value):
        return value
    if isinstance(value, Mapping) and field.choices == (True,):
        return sorted(value)  # a set, as a map
    if isinstance(value, Mapping) and field.type == "map":
        return {key: _mark(within, replace(field, type="dict"), entry) for key, entry in value.items()}
    if isinstance(value, Mapping):
        return _marked(field.name, field.of, value)
    if isinstance(value, list) and field.of:
        return [_marked(field.name, field.of, entry) if isinstance(entry, Mapping) else entry for entry in value]
    return in_words(within, field.name, value)


def _moved(old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    """List the fewest values that move between two orders of the values common to both."""
    former, coming = [value for value in old if value in new], [value for value in new if value in old]
    if any(former.count(value) > 1 for value in former):
        return []
    kept = {
        former[first + step]
        for first, _, length in SequenceMatcher(None, former, coming, autojunk=False).get_matching_blocks()
        for step in range(length)
    }
    return [value for value in coming if value not in kept]


def _policy(name: str) -> tuple[str, str]:
    """Give the label and the unit of a group policy; its name where it has no label."""
    label, unit = _labels().get(name, ("", ""))
    return label or name, unit


@cache
def _labels() -> dict[str, tuple[str, str]]:
    # Imported here: the table costs 25 ms, which a plan without group policies need not pay.
    from piste.systems.windows.gpo.policy_table import TABLE

    return {policy.name: (policy.label, policy.unit) for policy in TABLE}


def _named(elements: Sequence[Any]) -> dict[str, Any]:
    """Map elements to the name that people give them; alike names are numbered."""
    named: dict[str, Any] = {}
    for element in elements:
        base = _identity(element) or _value(element)
        name, rank = base, 2
        while name in named:
            name, rank = f"{base} ({rank})", rank + 1
        named[name] = element
    return named


def _identity(element: Any) -> str:
    if not isinstance(element, Mapping):
        return ""
    named = (element.get(label("", field), element.get(field)) for field in IDENTITIES)
    return next((str(value) for value in named if value not in _EMPTY), "")


def _summary(element: Any) -> str:
    """Give the other values of a new element; without identity, its name has them already."""
    if not _identity(element):
        return ""
    known = {*IDENTITIES, *(label("", field) for field in IDENTITIES)}
    shown = [
        f"{name} {_value(value)}"
        for name, value in element.items()
        if name not in known and value not in _EMPTY and not is_described(value)
    ]
    return f" : {', '.join(shown)}" if shown else ""


def _value(value: Any) -> str:
    if value in (None, _ABSENT):
        return "aucun"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if is_described(value):
        return f"secret {value['secret']}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(inner)}" for name, inner in value.items()) or "vide"
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "aucun"
    return str(value) if value != "" else "vide"


def _either(old: Any, new: Any, kind: type | tuple[type, ...]) -> bool:
    return all(isinstance(value, kind) or value in (None, _ABSENT) for value in (old, new))


def _content(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
