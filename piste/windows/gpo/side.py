"""One side of a GPO as a whole: all its parts, from documents to what people declare and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from piste.converge.errors import Fault
from piste.converge.resource import UNSET, Field
from piste.windows.gpo.document import copy
from piste.windows.gpo.foreign import FOREIGN
from piste.windows.gpo.part import Content, Pair, Part, Principals, Side
from piste.windows.gpo.policies import Policies
from piste.windows.gpo.preferences import COMPUTER_PREFERENCES, USER_PREFERENCES
from piste.windows.gpo.registry import Registry

Value = dict[str, Any]


class Parts:
    """The parts of a side, in the order in which they take: what knows more of an entry goes first."""

    def __init__(self, policies: Policies | None = None) -> None:
        named: tuple[Part, ...] = (policies or Policies(),)
        self.all: tuple[Part, ...] = (*named, COMPUTER_PREFERENCES, USER_PREFERENCES, Registry(named), FOREIGN)

    def of(self, side: Side) -> tuple[Part, ...]:
        return tuple(part for part in self.all if side in part.sides)

    def fields(self, side: Side) -> tuple[Field, ...]:
        """The table of a side. A section that is not declared is emptied by ``replaced``, except what is foreign."""
        enabled = Field("enabled", "Whether the side is processed at all.", type="bool", default=True)
        return (enabled, *(_emptied(part.field) for part in self.of(side)))

    def read(self, content: Content, principals: Principals) -> Value:
        """What people would declare to get this content, by section; sections that hold nothing are absent."""
        left = copy(content)
        left.pairs = content.pairs - self.needed(content)
        found = {part.field.name: part.take(left, principals) for part in self.of(content.side)}
        return {name: value for name, value in found.items() if value is not None}

    def changed(self, content: Content, before: Value, after: Value, principals: Principals) -> Content:
        """The content brought from one value to another, its extension pairs included."""
        result = copy(content)
        for part in self.of(content.side):
            name = part.field.name
            if before.get(name) != after.get(name):
                part.put(result, before.get(name), after.get(name), principals)
        result.pairs = (result.pairs - self.needed(content)) | self.needed(result)
        return result

    def needed(self, content: Content) -> frozenset[Pair]:
        """The extension pairs without which some of the content would not be processed."""
        return frozenset().union(*(part.pairs(content) for part in self.of(content.side)))

    def faults(self, side: Side, value: Mapping[str, Any], path: str, principals: Principals) -> list[Fault]:
        """All that is wrong in the declared sections of a side and that their table does not see."""
        return [
            fault
            for part in self.of(side)
            if value.get(part.field.name) is not None
            for fault in part.check(value[part.field.name], f"{path}.{part.field.name}", principals)
        ]


def _emptied(field: Field) -> Field:
    empties = field.type == "map" and field.default is UNSET and field.name != FOREIGN.field.name
    return replace(field, default={}) if empties else field
