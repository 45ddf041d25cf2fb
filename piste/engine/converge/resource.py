"""The table of a kind of object: its fields, as data, from which everything else follows.

From a `Resource` come the argument spec and its documentation, both conversions between the declaration and the wire,
the defaults of `replaced`, the plan, the diff and the export. This module knows no vendor.
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
    """The ways in which objects of a kind come and go."""

    COLLECTION = "collection"  # created and deleted by us
    SLOTS = "slots"  # a fixed number of places; creating is taking a free one, deleting is emptying it
    FIXED = "fixed"  # the system creates them with their parent; deleting is resetting


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of an object: its declared form, its wire form, and how to compare the two.

    - `wire`: the wire name (camelCase of `name` unless given).
    - `of`: the fields of a dict, or of the dicts of a list or map; `elements`: the type of a list's or map's scalars.
    - `type="map"`: entries under free keys, each declared, changed whole and taken away (null) on its own;
      `normalise_key`: a key to its canonical spelling, ValueError for a key that has none; `caseless`: keys that differ
      only by their case are the same, and a live entry keeps its spelling.
    - `default`: what the system holds when nobody has declared anything.
    - `unordered`: a list whose order means nothing.
    - `normalise`: a scalar (each scalar of a list) to its canonical spelling; ValueError for a scalar that has none.
    - `secret`: template of the path under which the value is kept (`{name}`, `{owner}` … filled from the object), so
      that an export writes the same reference as the declaration.
    - `readable=False`: the system never gives it back; `uncertain`: it may or may not. Both are compared with a
      remembered fingerprint.
    - `ref`: the kind of object that the value designates by name; `encode`: the value that the wire wants instead.
    - `identity`: the fields that distinguish the dicts of a list; `element_id`: wire name of the id that the system
      gave them.
    - `create_only`: fixed at creation; `path_only`: says where the object is and stands in no body.
    - `part`: marks a dict that is a wire document of its own (the value says where), read and written only where
      declared.
    - `carries`: name prefixes of sibling fields cleared when this field changes, unless they are declared (a key with
      the kind of admission, an address with the choice of a fixed one).
    - `listing`: a text that is a list, of `values` between commas or of `ranges` of numbers: a plan shows what comes
      and what goes.
    - `exact`: a dict whose undeclared content goes, whatever the state.
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
    listing: str = ""
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
        """True where the silence of the system says nothing about the value."""
        return self.uncertain or not self.readable

    def identity_of(self, element: Any) -> str:
        """Name an element of the list as people would: `10.93.0.10:1812`."""
        return ":".join(str(element.get(name, "")) for name in self.identity) if isinstance(element, Mapping) else ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object of one system.

    - `key`: the fields by which people know an object, never a vendor id.
    - `initial`: what a new object of a collection already contains.
    - `endpoint`: the vendor's own description of where the object lives.
    - `known`: wire names that the system returns and that nobody declares; an export reports any other unknown name.
    - `parents`: the kinds of the object's containers, each with the field that names the container; the container of
      all objects of a task has no field (its name is the task's scope).
    - `nested`: the sign between the levels of a key that names the objects above, `Ville/Écoles`; empty for none.
    - `together`: fields that are always written together.
    - `needs_secret`: fields that make no sense without the object's secret.
    - `off`: content that makes an object harmless while a secret of it is missing (None: such an object is not
      created).
    - `exclusive`: the field that, true in a declared item, makes its declared maps exact whatever the state; it is an
      order, not content.
    - `daily`: fields that people change every day; of an undeclared object, they are not kept as found.
    - `telling`: fields that recognise an object that somebody has renamed; fewer would not be enough.
    - `repairs`: the field, a list, where a driver notes what a live object lacks to be whole; it always becomes empty.
    """

    system: str
    name: str
    doc: str
    fields: tuple[Field, ...]
    shape: Shape = Shape.COLLECTION
    key: tuple[str, ...] = ("name",)
    endpoint: Any = None
    initial: Mapping[str, Any] = MappingProxyType({})
    known: frozenset[str] = frozenset()
    slots: int = 0
    slot_field: str = ""
    parents: Mapping[str, str] = MappingProxyType({})
    nested: str = ""
    together: tuple[str, ...] = ()
    needs_secret: tuple[str, ...] = ()
    off: Mapping[str, Any] | None = None
    exclusive: str = ""
    daily: frozenset[str] = frozenset()
    telling: tuple[str, ...] = ()
    repairs: str = ""

    def key_of(self, item: Mapping[str, Any]) -> str:
        return "/".join(str(item[part]) for part in self.key)

    def named(self, key: str) -> dict[str, str]:
        """Split a key into the fields that it is made of."""
        return dict(zip(self.key, key.split("/", len(self.key) - 1), strict=False))

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    @property
    def sought(self) -> tuple[str, ...]:
        """The lists that say by which names the object is sought, or never taken: no dependency."""
        return tuple(field.name for field in self.fields if field.path_only and field.type == "list")

    @property
    def parts(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.part is not None)

    @property
    def body(self) -> tuple[Field, ...]:
        """The fields of the object's main document."""
        return tuple(field for field in self.fields if field.part is None)


@cache
def camel(name: str) -> str:
    """Convert to camelCase, as most JSON interfaces do: `radius_servers` → `radiusServers`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
