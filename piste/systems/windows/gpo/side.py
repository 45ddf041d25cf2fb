"""One side of a GPO: all its parts, between documents and what people declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.resource import UNSET, Field
from piste.systems.windows.gpo.audit import Audit
from piste.systems.windows.gpo.certificates import AUTO_ENROLMENT, TRUSTED_PUBLISHERS, TRUSTED_ROOTS
from piste.systems.windows.gpo.document import copy, documents, illegible
from piste.systems.windows.gpo.dot1x import WIRED, WIRELESS
from piste.systems.windows.gpo.firewall import Firewall
from piste.systems.windows.gpo.foreign import FOREIGN, OBJECT
from piste.systems.windows.gpo.part import Content, Pair, Part, Principals, Side
from piste.systems.windows.gpo.policies import Names, Policies
from piste.systems.windows.gpo.preferences import COMPUTER_PREFERENCES, USER_PREFERENCES
from piste.systems.windows.gpo.registry import Registry
from piste.systems.windows.gpo.scripts import COMPUTER_SCRIPTS, USER_SCRIPTS
from piste.systems.windows.gpo.security import Security

Value = dict[str, Any]


class Parts:
    """Parts of a side, in the order in which they take: the more specific first."""

    def __init__(self, names: Names) -> None:
        trusted = (TRUSTED_ROOTS, TRUSTED_PUBLISHERS)
        named: tuple[Part, ...] = (Firewall(), AUTO_ENROLMENT, *trusted, Policies(names))
        self.all: tuple[Part, ...] = (
            *named,
            Security(),
            Audit(),
            COMPUTER_SCRIPTS,
            USER_SCRIPTS,
            COMPUTER_PREFERENCES,
            USER_PREFERENCES,
            WIRED,
            WIRELESS,
            Registry(named, ["computer"]),
            Registry(named, ["user"]),
            FOREIGN,
        )

    def of(self, side: Side) -> tuple[Part, ...]:
        return tuple(part for part in self.all if side in part.sides)

    def fields(self, side: Side) -> tuple[Field, ...]:
        """Table of a side. `replaced` empties an undeclared section, except foreign content."""
        enabled = Field("enabled", "Whether the side is processed at all.", type="bool", default=True)
        sections = (part.field if part is FOREIGN else _emptied(part.field) for part in self.of(side))
        return (enabled, *sections)

    def read(self, content: Content, principals: Principals) -> Value:
        """Declared form of a content, by section, without empty sections."""
        left, needed = copy(content), self.needed(content)
        announced = {pair.extension for pair in needed}
        # Some tools announce an extension without a tool: a pair with a tool says it already.
        left.pairs = frozenset(pair for pair in content.pairs - needed if pair.tool or pair.extension not in announced)
        values = {part.field.name: part.take(left, principals) for part in self.of(content.side)}
        return {name: value for name, value in values.items() if value is not None}

    def changed(self, content: Content, before: Value, after: Value, principals: Principals) -> Content:
        """Bring a content from one value to another, extension pairs included."""
        result = copy(content)
        for part in self.of(content.side):
            name = part.field.name
            if before.get(name) != after.get(name):
                part.put(result, before.get(name), after.get(name), principals)
        result.pairs = (result.pairs - self.needed(content)) | self.needed(result)
        return result

    @staticmethod
    def illegible(content: Content) -> list[str]:
        """Documents and objects of the directory that do not parse as their names promise."""
        objects = (dn for part in (WIRED, WIRELESS) for dn in part.illegible(content))
        return [*illegible(content), *(OBJECT + dn for dn in objects)]

    def written(self, value: Value, principals: Principals, content: Content) -> list[str]:
        """Documents and objects that hold a value; none where it cannot be written."""
        bare = Content(content.side, content.gpo)
        bare.objects = {dn: live for dn, live in content.objects.items() if OBJECT + dn in self.illegible(content)}
        try:
            made = self.changed(bare, {}, value, principals)
        except (InvalidConfig, KeyError, ValueError):  # an unknown name, say: `check` has its fault
            return []
        return [*documents(made), *(OBJECT + dn for dn, live in bare.objects.items() if made.objects.get(dn) != live)]

    def needed(self, content: Content) -> frozenset[Pair]:
        """Extension pairs that the content needs to be processed."""
        return frozenset().union(*(part.pairs(content) for part in self.of(content.side)))

    def faults(self, side: Side, value: Mapping[str, Any], path: str, principals: Principals) -> list[Fault]:
        """Faults of the declared sections of a side that their table does not see."""
        return [
            fault
            for part in self.of(side)
            if value.get(part.field.name) is not None
            for fault in part.check(value[part.field.name], f"{path}.{part.field.name}", principals)
        ]

    def unwritable(self, content: Content, before: Value, after: Value, principals: Principals) -> tuple[Fault, ...]:
        """Faults that `changed` would raise: documents that break their schema, before or after."""
        try:
            self.changed(content, before, after, principals)
        except InvalidConfig as error:
            return error.faults
        return ()


_EMPTY: Mapping[str, Any] = {"dict": {}, "map": {}, "list": []}


def _emptied(field: Field) -> Field:
    """Give a field its undeclared value: empty, or null for a section that is one object."""
    if field.type == "dict":
        if any(inner.required for inner in field.of):
            return replace(field, nullable=True, default=None)
        field = replace(field, of=tuple(map(_emptied, field.of)))
    if field.type in _EMPTY and field.default is UNSET:
        return replace(field, default=_EMPTY[field.type])
    return field


def filled(value: Mapping[str, Any], fields: Iterable[Field]) -> Value:
    """Keep the sections of a side that are not empty, without their empty entries."""
    result: Value = {}
    for field in fields:
        section = value.get(field.name)
        if field.type == "dict" and isinstance(section, Mapping) and not field.nullable:
            section = {name: inner for name, inner in section.items() if inner not in ({}, [], None)}
        if section not in ({}, None) and field.name != "enabled":
            result[field.name] = section
    return result
