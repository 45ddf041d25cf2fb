"""One side of a GPO as a whole: all its parts, from documents to what people declare and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.converge.errors import Fault
from piste.converge.resource import Field
from piste.windows.gpo.document import copy
from piste.windows.gpo.dot1x import WIRED, WIRELESS, missing_service
from piste.windows.gpo.foreign import FOREIGN
from piste.windows.gpo.part import Content, Pair, Part, Principals, Side
from piste.windows.gpo.preferences import COMPUTER_PREFERENCES, USER_PREFERENCES
from piste.windows.gpo.registry import Registry

PARTS: tuple[Part, ...] = (
    COMPUTER_PREFERENCES,
    USER_PREFERENCES,
    WIRED,
    WIRELESS,
    Registry(),
    FOREIGN,
)
"""In the order in which they take: what knows more of an entry comes before what knows less."""

Value = dict[str, Any]


def fields(side: Side) -> tuple[Field, ...]:
    """The table of a side."""
    enabled = Field("enabled", "Whether the side is processed at all.", type="bool", default=True)
    return (enabled, *(part.field for part in PARTS if side in part.sides))


def _parts(content: Content) -> list[Part]:
    return [part for part in PARTS if content.side in part.sides]


def read(content: Content, principals: Principals) -> Value:
    """What people would declare to get this content, by section; sections that hold nothing are absent."""
    left = copy(content)
    left.pairs = content.pairs - needed(content)
    found = {part.field.name: part.take(left, principals) for part in _parts(content)}
    return {name: value for name, value in found.items() if value is not None}


def changed(content: Content, before: Value, after: Value, principals: Principals) -> Content:
    """The content brought from one value to another, its extension pairs included."""
    result = copy(content)
    for part in _parts(content):
        name = part.field.name
        if before.get(name) != after.get(name):
            part.put(result, before.get(name), after.get(name), principals)
    result.pairs = (result.pairs - needed(content)) | needed(result)
    return result


def needed(content: Content) -> frozenset[Pair]:
    """The extension pairs without which some of the content would not be processed."""
    return frozenset().union(*(part.pairs(content) for part in _parts(content)))


def faults(side: Side, value: Mapping[str, Any], path: str, principals: Principals) -> list[Fault]:
    """All that is wrong in the declared sections of a side and that their table does not see."""
    found = [
        fault
        for part in PARTS
        if side in part.sides and value.get(part.field.name) is not None
        for fault in part.check(value[part.field.name], f"{path}.{part.field.name}", principals)
    ]
    return found + missing_service(value, path)
