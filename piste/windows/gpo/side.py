"""One side of a GPO as a whole: all its parts, from documents to what people declare and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from piste.converge.errors import Fault, InvalidConfig
from piste.converge.resource import UNSET, Field
from piste.windows.gpo.audit import Audit
from piste.windows.gpo.certificates import AUTO_ENROLMENT, TRUSTED_ROOTS
from piste.windows.gpo.document import copy, documents, illegible
from piste.windows.gpo.dot1x import WIRED, WIRELESS
from piste.windows.gpo.firewall import Firewall
from piste.windows.gpo.foreign import FOREIGN, OBJECT
from piste.windows.gpo.part import Content, Pair, Part, Principals, Side
from piste.windows.gpo.policies import Names, Policies
from piste.windows.gpo.preferences import COMPUTER_PREFERENCES, USER_PREFERENCES
from piste.windows.gpo.registry import Registry
from piste.windows.gpo.scripts import COMPUTER_SCRIPTS, USER_SCRIPTS
from piste.windows.gpo.security import Security

Value = dict[str, Any]


class Parts:
    """The parts of a side, in the order in which they take: what knows more of an entry goes first."""

    def __init__(self, names: Names) -> None:
        named: tuple[Part, ...] = (Firewall(), AUTO_ENROLMENT, TRUSTED_ROOTS, Policies(names))
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
        """The table of a side. A section that is not declared is emptied by `replaced`, except what is foreign."""
        enabled = Field("enabled", "Whether the side is processed at all.", type="bool", default=True)
        sections = (part.field if part is FOREIGN else _emptied(part.field) for part in self.of(side))
        return (enabled, *sections)

    def read(self, content: Content, principals: Principals) -> Value:
        """What people would declare to get this content, by section; sections that hold nothing are absent."""
        left, needed = copy(content), self.needed(content)
        told = {pair.extension for pair in needed}
        # Some tools announce an extension without a tool: beside one that has a tool, nothing is left to say.
        left.pairs = frozenset(pair for pair in content.pairs - needed if pair.tool or pair.extension not in told)
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

    @staticmethod
    def illegible(content: Content) -> list[str]:
        """Documents and objects of the directory that are not what they are called."""
        objects = (dn for part in (WIRED, WIRELESS) for dn in part.illegible(content))
        return [*illegible(content), *(OBJECT + dn for dn in objects)]

    def written(self, value: Value, principals: Principals, content: Content) -> list[str]:
        """The documents and objects that hold a value; none where it cannot be written."""
        bare = Content(content.side, content.gpo)
        bare.objects = {dn: one for dn, one in content.objects.items() if OBJECT + dn in self.illegible(content)}
        try:
            made = self.changed(bare, {}, value, principals)
        except (InvalidConfig, KeyError, ValueError):  # a name that is unknown, say: told elsewhere
            return []
        return [*documents(made), *(OBJECT + dn for dn, one in bare.objects.items() if made.objects.get(dn) != one)]

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

    def unwritable(self, content: Content, before: Value, after: Value, principals: Principals) -> tuple[Fault, ...]:
        """What `changed` would refuse: documents that would break their schema, or already do."""
        try:
            self.changed(content, before, after, principals)
        except InvalidConfig as error:
            return error.faults
        return ()


_EMPTY: Mapping[str, Any] = {"dict": {}, "map": {}, "list": []}


def _emptied(field: Field) -> Field:
    """The field with what it holds where nobody has declared anything. A section that is one object is null then."""
    if field.type == "dict":
        if any(inner.required for inner in field.of):
            return replace(field, nullable=True, default=None)
        field = replace(field, of=tuple(map(_emptied, field.of)))
    if field.type in _EMPTY and field.default is UNSET:
        return replace(field, default=_EMPTY[field.type])
    return field


def filled(value: Mapping[str, Any], fields: Iterable[Field]) -> Value:
    """The sections of a side that hold something, without what holds nothing in them."""
    result: Value = {}
    for field in fields:
        section = value.get(field.name)
        if field.type == "dict" and isinstance(section, Mapping) and not field.nullable:
            section = {name: inner for name, inner in section.items() if inner not in ({}, [], None)}
        if section not in ({}, None) and field.name != "enabled":
            result[field.name] = section
    return result
