"""From the events of a YAML text to plain data and the line of each key.

The text is read once, without anchors or tags: neither a loop of anchors nor a bomb of them costs anything.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator
from typing import Any, Protocol

import yaml
from yaml import events as on
from yaml.nodes import ScalarNode

from piste.engine.converge.text import hidden, is_template

from . import secrets
from .paths import KeyPath

DEEPEST = 40
MOST = 200_000
"""Levels and values that a file may have; a larger file is no declaration."""
_TYPOGRAPHIC = re.compile("[“”„].*[“”]|[‘‚].*[‘’]", re.DOTALL)
"""A text between the quotes of a word processor, which YAML keeps as a part of it."""
_LONGEST_NUMBER = 40
_LARGEST = 2**63
_UNREAD, _ROOT = "Le fichier ne peut pas être lu", "La racine du fichier n’est pas un objet (clés et valeurs)"

_PREFIX = "tag:yaml.org,2002:"
# A day without quotes stays as written, even an impossible day.
_TEXTS = {_PREFIX + "str", _PREFIX + "timestamp"}
_SCALARS = {_PREFIX + name for name in ("int", "float", "bool", "null")}
_MERGE = _PREFIX + "merge"
_CLOSING = (on.MappingEndEvent, on.SequenceEndEvent)
_OPENING = (on.MappingStartEvent, on.SequenceStartEvent)


class Notes(Protocol):
    """Store of the line of each place of a document, and of its faults."""

    def line(self, path: KeyPath, line: int) -> None: ...
    def line_of(self, path: KeyPath) -> int: ...
    def fault(self, rule: str, path: KeyPath, message: str, line: int | None = None) -> None: ...


class Unreadable(Exception):
    """The text goes past the limits of a declaration: reading stops."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.line = line


class Composer:
    """Turn the events of one document into data.

    Where `visible`, a text with an invisible character is a fault, except on the lines `known` to have such a
    character.
    """

    def __init__(
        self, text: str, notes: Notes, jinja_under: frozenset[str], *, visible: bool, known: Container[int] = ()
    ) -> None:
        self.events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self.notes = notes
        self.jinja_under = jinja_under
        self.visible = visible
        self.known = known
        self.resolver: Any = yaml.resolver.Resolver()
        self.numbers = yaml.constructor.SafeConstructor()
        self.anchors: dict[str, Any] = {}
        self.repeated: set[str] = set()
        self.count = 0

    def root(self, into: dict[str, Any]) -> None:
        """Read the whole text into `into`, which then has the keys that could be read."""
        seen = False
        for event in self.events:
            if isinstance(event, on.DocumentStartEvent) and seen:
                raise Unreadable(f"{_UNREAD} : il tient plusieurs documents (« --- »)", _line(event))
            if isinstance(event, on.MappingStartEvent):
                self._untagged(event, ())
                self._mapping(into, (), 1)
                seen = True
            elif isinstance(event, on.ScalarEvent):
                if event.value:
                    more = " suivi d’une espace" if ":" in event.value else ""
                    raise Unreadable(f"{_ROOT} : il manque un « : »{more}", _line(event))
                seen = True
            elif isinstance(event, (on.SequenceStartEvent, on.AliasEvent)):
                raise Unreadable(_ROOT, _line(event))

    def _mapping(self, into: dict[str, Any], path: KeyPath, depth: int) -> int:
        """Read a mapping up to its end; return the number of its keys."""
        first_secrets: list[tuple[str, KeyPath]] = []
        keys = 0
        while not isinstance(event := self._next(), on.MappingEndEvent):
            keys += 1
            key = self._key(event, path)
            if key is None:
                self._skip(self._next())
                continue
            here = (*path, key)
            if key in into:
                message = f"« {key} » est déjà déclaré à la ligne {self.notes.line_of(here)}"
                self.notes.fault("PISTE-M002", here, message, _line(event))
                self._skip(self._next())
                continue
            self.notes.line(here, _line(event))
            value_event = self._next()
            into[key] = None
            into[key] = self._value(value_event, here, depth)
            if isinstance(value_event, on.ScalarEvent):
                first_secrets.append((key, here))
        for key, here in first_secrets:
            if secrets.is_literal(key, into[key], keys):
                self.notes.fault("PISTE-M004", here, f"« {key} » porte un secret en clair")
        return keys

    def _key(self, event: Any, path: KeyPath) -> str | None:
        """Read a key; None, and a fault, where it is no text."""
        if not isinstance(event, on.ScalarEvent) or self._resolved(event) == _MERGE:
            self.notes.fault("PISTE-M003", path, "La clé n’est pas un texte", _line(event))
            self._skip(event)
            return None
        key = str(event.value)
        if character := self._hidden(event):
            self.notes.fault("PISTE-M018", path, f"Une clé contient un caractère invisible ({character})", _line(event))
        return key

    def _value(self, event: Any, path: KeyPath, depth: int) -> Any:
        if isinstance(event, on.AliasEvent):
            name = str(event.anchor)
            if name not in self.repeated:
                self.repeated.add(name)
                self.notes.fault("PISTE-M003", path, f"« {_named(path)} » reprend une ancre")
            return self.anchors.get(name)
        if isinstance(event, on.ScalarEvent):
            value = self._scalar(event, path)
            if event.anchor:
                self.anchors[event.anchor] = value
            return value
        if depth >= DEEPEST:
            raise Unreadable(f"{_UNREAD} : il s’imbrique sur plus de {DEEPEST} niveaux", _line(event))
        self._untagged(event, path)
        if isinstance(event, on.MappingStartEvent):
            data: dict[str, Any] = {}
            self._mapping(data, path, depth + 1)
            return data
        items: list[Any] = []
        while not isinstance(item := self._next(), on.SequenceEndEvent):
            here = (*path, len(items))
            self.notes.line(here, _line(item))
            items.append(self._value(item, here, depth + 1))
        return items

    def _scalar(self, event: on.ScalarEvent, path: KeyPath) -> Any:
        text = str(event.value)
        if character := self._hidden(event):
            self.notes.fault("PISTE-M018", path, f"« {_named(path)} » contient un caractère invisible ({character})")
        if event.tag == "!unsafe":
            return text
        if event.tag not in (None, "!"):
            self.notes.fault("PISTE-M003", path, f"« {_named(path)} » porte l’étiquette {event.tag}")
            return text
        if not event.style and _TYPOGRAPHIC.fullmatch(text):
            self.notes.fault("PISTE-M007", path, f"{text} : pour YAML, un guillemet est droit (\" ou ')")
            return None
        tag = self._resolved(event)
        if tag in _SCALARS:
            return self._number(tag, text, event, path)
        if tag not in _TEXTS:
            self.notes.fault("PISTE-M003", path, f"« {_named(path)} » porte l’étiquette {tag}")
        elif is_template(text) and not self.jinja_under.intersection(map(str, path)):
            self.notes.fault("PISTE-M003", path, f"« {_named(path)} » contient une expression Jinja")
        return text

    def _number(self, tag: str, text: str, event: on.ScalarEvent, path: KeyPath) -> Any:
        """Read a number, true, false or nothing; a number that is too large is a fault."""
        if len(text) <= _LONGEST_NUMBER:
            try:
                value = self.numbers.yaml_constructors[tag](self.numbers, ScalarNode(tag, text))
            except (ValueError, ArithmeticError, LookupError):
                value = math.nan
            if not isinstance(value, (int, float)) or (math.isfinite(value) and abs(value) < _LARGEST):
                return value
        shown = text if len(text) <= _LONGEST_NUMBER else f"{text[:12]}…"
        self.notes.fault("PISTE-M007", path, f"« {shown} » n’est pas un nombre que l’on puisse tenir")
        return None

    def _hidden(self, event: on.ScalarEvent) -> str | None:
        end: Any = event.end_mark
        known = any(line in self.known for line in range(_line(event), end.line + 2))
        return hidden(str(event.value)) if self.visible and not known else None

    def _resolved(self, event: on.ScalarEvent) -> str:
        return str(event.tag or self.resolver.resolve(ScalarNode, event.value, event.implicit))

    def _untagged(self, event: Any, path: KeyPath) -> None:
        if event.tag not in (None, "!"):
            named = f"« {_named(path)} »" if path else "La racine"
            self.notes.fault("PISTE-M003", path, f"{named} porte l’étiquette {event.tag}", _line(event))

    def _next(self) -> Any:
        self.count += 1
        event = next(self.events)
        if self.count > MOST:
            raise Unreadable(f"{_UNREAD} : il tient plus de {MOST} valeurs", _line(event))
        return event

    def _skip(self, event: Any) -> None:
        """Skip a value and all that it contains."""
        depth = int(isinstance(event, _OPENING))
        while depth:
            inner = self._next()
            depth += isinstance(inner, _OPENING) - isinstance(inner, _CLOSING)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _named(path: KeyPath) -> str:
    """Name a place by its nearest key."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")
