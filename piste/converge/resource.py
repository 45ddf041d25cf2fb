"""What a vendor's object is made of, as data: the one table from which everything else follows.

From a `Resource` come the argument spec and its documentation, both conversions between the declaration
and the wire, the defaults of `replaced`, the plan, the diff and the export. This module knows no vendor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any, Final


class _Unset(Enum):
    UNSET = "unset"


UNSET: Final = _Unset.UNSET
"""No value is known, which is not the same as null."""


class Shape(Enum):
    """How objects of a kind come and go."""

    COLLECTION = "collection"  # created and deleted by us
    SLOTS = "slots"  # a fixed number of places; creating is taking a free one, deleting is emptying it
    FIXED = "fixed"  # the system creates them with their parent; deleting is resetting


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of an object: what people write, what the wire carries, and how to compare the two.

    - `wire`: the wire name (camelCase of `name` unless given).
    - `of`: the fields of a dict, or of those of a list or map; `elements`: the type of a list's or map's scalars.
    - `type="map"`: entries under free keys, each declared, changed whole and taken away (null) on its own;
      `normalise_key`: a key to its canonical spelling, ValueError for one that has none; `caseless`: keys that
      differ only by their case are one, and an entry that is there keeps its spelling.
    - `default`: what the system holds when nobody has declared anything.
    - `unordered`: a list whose order means nothing.
    - `normalise`: one scalar (each one of a list) to its canonical spelling; ValueError for one that has none.
    - `secret`: template of the path under which the value is kept (`{name}`, `{owner}` … filled from the
      object), so that an export writes the reference that the declaration has.
    - `readable=False`: the system never gives it back; `uncertain`: it may or may not. Both are compared with a
      remembered fingerprint.
    - `ref`: the kind of object that the value designates by name; `encode`: what the wire wants instead.
    - `identity`: the fields that tell the dicts of a list apart; `element_id`: wire name of the id that the
      system gave them.
    - `create_only`: fixed at creation; `path_only`: says where the object is and stands in no body.
    - `part`: marks a dict that is a wire document of its own (the value says where), read and written only where
      declared.
    - `carries`: beginnings of the names of its neighbours that come and go with its value (a key with the kind of
      admission, an address with the choice of a fixed one): a change of it takes away those that are not declared.
    - `exact`: a dict of which what is not declared goes, whatever the state.
    - `guard`: the word to confirm before a live value is changed.
    - `no_log`: an option of a task, not of an object, whose value is never shown.
    """

    name: str
    doc: str
    type: str = "str"
    wire: str = ""
    of: tuple[Field, ...] = ()
    elements: str = "str"
    choices: tuple[Any, ...] = ()
    default: Any = UNSET
    required: bool = False
    nullable: bool = False
    unordered: bool = False
    create_only: bool = False
    path_only: bool = False
    normalise: Callable[[Any], Any] | None = None
    normalise_key: Callable[[str], str] | None = None
    caseless: bool = False
    exact: bool = False
    minimum: float | None = None
    maximum: float | None = None
    secret: str = ""
    readable: bool = True
    uncertain: bool = False
    ref: str = ""
    encode: Callable[[Any], Any] | None = None
    identity: tuple[str, ...] = ()
    element_id: str = ""
    part: Any = None
    carries: tuple[str, ...] = ()
    guard: str = ""
    no_log: bool = False

    @property
    def wire_name(self) -> str:
        return self.wire or camel(self.name)

    @property
    def is_list_of_dicts(self) -> bool:
        return self.type == "list" and bool(self.of)

    @property
    def unreliable(self) -> bool:
        """True where silence of the system says nothing about the value."""
        return self.uncertain or not self.readable

    def identity_of(self, element: Any) -> str:
        """What tells an element of the list apart, as people would say it: `10.93.0.10:1812`."""
        return ":".join(str(element.get(name, "")) for name in self.identity) if isinstance(element, Mapping) else ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object of one system.

    `key` names the fields by which people know an object, never a vendor id. `initial` is what a new object of
    a collection already contains. `endpoint` is the vendor's own description of where the object lives. `known`
    lists wire names that the system returns and that nobody declares; any other unknown name is reported by an export.
    `parents` names the kinds of what an object is in, each with the field that says in which one; the one that
    holds all the objects of a task has no field (its name is the task's scope).
    `together` names the fields of which none is written without the others. `needs_secret` names the fields that
    make no sense without the object's secret, `off` what makes an object of which
    a secret is missing harmless (None: such an object is not created at all). `exclusive` names the field that, true
    in a declared item, makes its declared maps exact whatever the state; it is an order, not content. `daily` names
    the fields that people change every day: of an object that no rule declares, they are not kept as found.
    `telling` names the fields by which an object is recognised that somebody has renamed: less would be too little.
    `repairs` names what a driver notes of a live object that is less than whole, a list: whatever is declared of
    it, it goes.
    """

    system: str
    name: str
    doc: str
    shape: Shape
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    endpoint: Any = None
    initial: Mapping[str, Any] = MappingProxyType({})
    known: frozenset[str] = frozenset()
    slots: int = 0
    slot_field: str = ""
    parents: Mapping[str, str] = MappingProxyType({})
    together: tuple[str, ...] = ()
    needs_secret: tuple[str, ...] = ()
    off: Mapping[str, Any] | None = None
    exclusive: str = ""
    daily: frozenset[str] = frozenset()
    telling: tuple[str, ...] = ()
    repairs: str = ""

    def key_of(self, item: Mapping[str, Any]) -> str:
        return "/".join(str(item[part]) for part in self.key)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    @property
    def parts(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.part is not None)

    @property
    def body(self) -> tuple[Field, ...]:
        """The fields of the object's main document."""
        return tuple(field for field in self.fields if field.part is None)


@cache
def camel(name: str) -> str:
    """`radius_servers` → `radiusServers`, the convention of most JSON interfaces."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
