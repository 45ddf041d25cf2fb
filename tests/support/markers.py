"""Known facts in which each free text is a marker of its field, for tests of who sees what.

The walk follows the types of the facts, so a new field has its marker by itself. A text that others name stays, and so
does a text of a shape (an address, a day): each is looked for as it is.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import typing
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeAliasType, TypeVar, Union, get_args, get_origin, is_typeddict

from pydantic import BaseModel

type Change = Callable[[str | None, str], str | None]
"""What becomes of a text, None where there is none, by its field."""
SHAPED = re.compile(r"[\d.:/TZ+-]+|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", re.IGNORECASE)
"""Addresses, networks, days, moments, hours: the pages read them."""


class Marked:
    """Facts with their markers; `fields` gives the fields of each text, as `Contact.mail`.

    A field is free where one of its texts has a space, or where one has none. `read` are those that the pages read.
    """

    def __init__(self, facts: Any, read: frozenset[str]) -> None:
        self.fields = defaultdict[str, set[str]](set)
        before, free, shaped = defaultdict[str, set[str]](set), set[str](), set[str]()
        markers: dict[str, str] = {}

        def see(text: str | None, field: str) -> str | None:
            if text is None or " " in text:
                free.add(field)
            if text:
                before[text].add(field)
            if text and SHAPED.fullmatch(text):
                shaped.add(field)
            return text

        def mark(text: str | None, field: str) -> str | None:
            if field in free and text not in named and text != "":
                marker = markers.setdefault(field, f"qz{len(markers)}q")
                text = f"{marker}@exemple.fr" if field.endswith("mail") else marker
            if text:
                self.fields[text].add(field)
            return text

        _walk(facts, type(facts), "", see)
        free -= shaped | read
        whole = "\n".join(before)
        named = {text for text, places in before.items() if len(places) > 1 or whole.count(text) > 1}
        self.facts = _walk(facts, type(facts), "", mark)

    def shown(self, text: str, listed: Collection[str] = ()) -> set[frozenset[str]]:
        """Give the fields whose texts are in a text.

        The texts of `listed` fields are taken out first. A word that any page may have says nothing.
        """
        for value in sorted(self.fields, key=len, reverse=True):
            if not self.fields[value].isdisjoint(listed) and value[1:] in text:
                text = re.sub(_word(value), "\0", text)
        return {
            frozenset(places)
            for value, places in self.fields.items()
            if len(value) > 3 and re.search(r"[\d@_/\\$.-]|. .", value) and not re.fullmatch(r"[\d.:/]{1,6}", value)
            and _is_in(value, text)
        }  # fmt: skip


def _is_in(value: str, text: str) -> bool:
    """Tell whether a text has a value whole: `_word`, quicker in a large text."""
    whole = re.compile(_word(value))
    place = text.find(value[1:], 1)
    while place > 0:
        if whole.match(text, place - 1):
            return True
        place = text.find(value[1:], place + 1)
    return False


def _word(text: str) -> str:
    """Give the pattern of a text that is whole, with a capital perhaps."""
    first, rest = re.escape(text[:1]), re.escape(text[1:])
    return rf"(?<!\w)(?:{first}|{first.upper()}){rest}(?!\w)"


def _walk(value: Any, form: Any, field: str, change: Change) -> Any:
    """Rebuild a value with its texts changed, by its form; an empty list of texts gets one."""
    form, given = _bare(form)
    if form is Literal or (value is None and form is not str):
        return value
    if value is None or isinstance(value, str):
        return change(value, field)
    if isinstance(value, BaseModel):
        hints = {name: info.annotation for name, info in type(value).model_fields.items()}
        return value.model_copy(update=_named(value, {name: getattr(value, name) for name in hints}, hints, change))
    if is_dataclass(value) and not isinstance(value, type):
        own = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        return replace(value, **_named(value, own, _hints(type(value)), change))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return type(value)(**_named(value, value._asdict(), _hints(type(value)), change))
    if is_typeddict(form):
        hints = {name: _given(hint, given) for name, hint in _hints(form).items()}
        return {name: _walk(item, hints[name], f"{form.__name__}.{name}", change) for name, item in value.items()}
    if isinstance(value, Mapping):
        key, of = given if len(given) == 2 else (Literal, Any)
        return {_walk(name, key, f"{field}.*", change): _walk(item, of, field, change) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        of = given[0] if given else Any
        items = value or ([None] if _bare(of)[0] is str else ())
        made = (_walk(item, of, field, change) for item in items)
        return type(value)(item for item in made if value or item is not None)
    return value


def _named(value: Any, own: Mapping[str, Any], hints: Mapping[str, Any], change: Change) -> dict[str, Any]:
    place = type(value).__name__
    return {name: _walk(item, hints[name], f"{place}.{name}", change) for name, item in own.items()}


def _bare(form: Any) -> tuple[Any, tuple[Any, ...]]:
    """Give a form without None, alias and annotation; and its arguments."""
    while True:
        origin, given = get_origin(form), get_args(form)
        if origin in (Union, UnionType):
            form, *others = [each for each in given if each is not NoneType]
            if others:
                return Any, ()
        elif isinstance(alias := origin or form, TypeAliasType):
            form = alias.__value__
        elif origin in (typing.Annotated, typing.Required, typing.NotRequired):
            form = given[0]
        else:
            return origin or form, given


def _given(hint: Any, given: tuple[Any, ...]) -> Any:
    """Put its argument in a hint of a generic form."""
    if isinstance(hint, TypeVar):
        return given[0]
    return hint[given] if given and getattr(hint, "__parameters__", ()) else hint


@cache
def _hints(form: Any) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for module in {form.__module__, *(each.__module__ for each in form.__mro__)}:
        names |= _imported(module) if module.startswith("piste") else {}
    return typing.get_type_hints(form, localns=names, include_extras=True)


@cache
def _imported(module: str) -> dict[str, Any]:
    """Run the imports of a module that are for types alone."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    names: dict[str, Any] = {"__package__": sys.modules[module].__package__, "__name__": module}
    for part in tree.body:
        if isinstance(part, ast.If) and isinstance(part.test, ast.Name) and part.test.id == "TYPE_CHECKING":
            exec(compile(ast.Module(part.body, []), module, "exec"), names)
    return names
