"""Form of a kind of Group Policy Preference, as data (MS-GPPREF 2.2.1).

A kind has the document of its items, their names, and the YAML form of each attribute of `Properties`. The attributes
that all items share are in `gpo.preferences`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import UNSET, Field
from piste.systems.windows.gpo.part import Pair, Principals, Side

if TYPE_CHECKING:
    from lxml.etree import _Element

BOTH: frozenset[Side] = frozenset({"computer", "user"})
COMPUTER: frozenset[Side] = frozenset({"computer"})
USER: frozenset[Side] = frozenset({"user"})
BITS = {True: "1", False: "0"}
NO_EXTENSION = "00000000-0000-0000-0000-000000000000"


class Document(NamedTuple):
    """One file of preferences.

    It has a path under `Preferences/`, a root element, and the GUIDs that announce it (MS-GPPREF 1.9 and 2.2.1.1.2).
    """

    path: str
    root: str
    clsid: str
    extension: str
    tool: str

    @property
    def pairs(self) -> frozenset[Pair]:
        """Pairs that announce the file. The editor looks the tool up in the block without extension."""
        return frozenset({Pair(self.extension, self.tool), Pair(NO_EXTENSION, self.tool)})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of `Properties`: its field, and the wire word of each value.

    Without words the wire has the text itself. `unit` is the size of the wire's unit in the unit of the field.
    """

    field: Field
    words: Mapping[Any, str] = MappingProxyType({})
    unit: int = 1

    def read(self, text: str | None) -> Any:
        """Value of a wire text; the default (or UNSET) where there is none. Raises ValueError."""
        if text is None or (not text and "" not in self.words.values() and (self.words or self.field.type == "int")):
            return self.field.default
        if self.words:
            for value, word in self.words.items():
                if word.casefold() == text.casefold():
                    return value
            raise ValueError(text)
        if self.field.type == "int":
            return int(text) * self.unit
        return text

    def write(self, value: Any) -> str:
        if self.words:
            return self.words[value]
        return str(value // self.unit) if self.field.type == "int" else str(value)


class Body(Protocol):
    """Content of `Properties` that is no single attribute: members of a group, a task.

    `wires` are the attributes that belong to it.
    """

    @property
    def fields(self) -> tuple[Field, ...]: ...

    @property
    def wires(self) -> tuple[str, ...]: ...

    def take(self, properties: _Element, principals: Principals) -> dict[str, Any]:
        """Value of the children. Raises ValueError where the fields cannot express them."""

    def put(self, properties: _Element, value: Mapping[str, Any], principals: Principals) -> None:
        """Replace the children."""

    def check(self, value: Mapping[str, Any], path: str, principals: Principals) -> list[Fault]:
        """Faults that the types of the fields cannot see."""


class Identity(Protocol):
    """Name of an item, and the attributes of `Properties` that it stands for."""

    @property
    def wires(self) -> tuple[str, ...]: ...

    def key(self, attributes: Mapping[str, str], principals: Principals) -> str:
        """Name of an item. Raises ValueError where the attributes make none."""

    def parts(self, key: str, principals: Principals) -> dict[str, str]:
        """Wire attributes of a name.

        Raises ValueError for another form, KeyError where the directory does not know the name.
        """


class Template:
    """Identity by a pattern of wire attributes (`{letter}:`); `fixed` are implied attributes."""

    def __init__(self, pattern: str, fixed: Mapping[str, str] = MappingProxyType({})) -> None:
        names = re.findall(r"\{(\w+)\}", pattern)
        self.pattern, self.fixed, self.wires = pattern, dict(fixed), (*names, *fixed)
        escaped = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(pattern))
        self._form = re.compile(escaped, re.DOTALL)

    def key(self, attributes: Mapping[str, str], principals: Principals) -> str:
        for name, value in self.fixed.items():
            if attributes.get(name, value) != value:
                raise ValueError(name)
        key = self.pattern.format_map({name: attributes.get(name, "") for name in self.wires})
        if not self._form.fullmatch(key):
            raise ValueError(key)
        return key

    def parts(self, key: str, principals: Principals) -> dict[str, str]:
        match = self._form.fullmatch(key)
        if not match:
            raise ValueError(key)
        return {**match.groupdict(), **self.fixed}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of item, an element of a document.

    `order` lists the wire attributes as the editor writes them: clients ignore it, comparisons do not. `label` and
    `status` are the first and the second label of the editor, from the wire attributes.
    """

    name: str
    doc: str
    document: Document
    element: str
    clsid: str
    identity: Identity
    attributes: tuple[Attribute, ...] = ()
    order: tuple[str, ...] = ()
    sides: frozenset[Side] = BOTH
    label: Callable[[Mapping[str, str]], str] = lambda attributes: attributes.get("name", "")
    status: Callable[[Mapping[str, str]], str] | None = None
    image: Callable[[Mapping[str, str]], str] | None = None
    has_action: bool = True
    body: Body | None = None
    values: Callable[[Mapping[str, Any]], str] | None = None
    """Contradiction between the values of an item, in French; empty without any."""
    normalise_key: Callable[[str], str] | None = None


def text(name: str, doc: str, wire: str = "", *, default: Any = UNSET, required: bool = False) -> Attribute:
    return Attribute(Field(name, doc, wire=wire or name, default=default, required=required))


def flag(name: str, doc: str, wire: str = "", *, default: Any = False, on: str = "1", off: str = "0") -> Attribute:
    return Attribute(Field(name, doc, type="bool", wire=wire or name, default=default), {True: on, False: off})


def number(
    name: str, doc: str, wire: str = "", *, default: Any = UNSET, maximum: int | None = None, unit: int = 1
) -> Attribute:
    top = None if maximum is None else maximum * unit
    field = Field(name, doc, type="int", wire=wire or name, default=default, minimum=0, maximum=top)
    return Attribute(field, unit=unit)


def word(name: str, doc: str, words: Mapping[str, str], wire: str = "", *, default: Any = UNSET) -> Attribute:
    return Attribute(Field(name, doc, wire=wire or name, choices=tuple(words), default=default), words)


def last(path: str) -> str:
    """Last component of a Windows path or URL, as the editor shows it."""
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1] or path
