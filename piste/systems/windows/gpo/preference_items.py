"""Name and value of an item of preferences (MS-GPPREF 2.2.1.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from lxml import etree

from piste.engine.converge.resource import UNSET
from piste.systems.windows.gpo import targeting
from piste.systems.windows.gpo.part import Principals
from piste.systems.windows.gpo.preference_kind import Kind
from piste.systems.windows.gpo.xml import elements

if TYPE_CHECKING:
    from lxml.etree import _Element

ACTIONS = {"create": "C", "replace": "R", "update": "U", "delete": "D"}
LABEL = " #"
"""Mark between the object of an item and the label that distinguishes namesakes."""

_COMMON = frozenset({"clsid", "name", "status", "image", "changed", "uid", "desc", "bypassErrors", "userContext",
                     "removePolicy", "disabled"})  # fmt: skip


def attributes_of(item: _Element) -> Iterator[tuple[str, str]]:
    for properties in item.iterchildren("Properties"):
        for name, value in properties.attrib.items():
            yield str(name), str(value)


def name_of(item: _Element) -> str:
    return next((name for element in (item, *item.iterancestors()) if (name := element.get("name", ""))), "")


def password_in(element: _Element) -> bool:
    return any(str(name).casefold() == "cpassword" and value for name, value in element.attrib.items())


def named(root: _Element, kind: Kind, principals: Principals) -> dict[str, tuple[_Element, dict[str, Any]]]:
    """Items of a kind that have a value, by unique name, in order."""
    readable = []
    for item in elements(root):
        if item.tag == kind.element and item.get("clsid", "").casefold() == kind.clsid.casefold():
            try:
                natural = kind.identity.key(dict(attributes_of(item)), principals)
                readable.append((natural, item, _value(item, kind, principals)))
            except (KeyError, ValueError):
                continue  # no form in YAML: the item stays in the document
    keys = [_labelled(natural, item, kind) for natural, item, _ in readable]
    counts = Counter(key.casefold() for key in keys)
    result: dict[str, tuple[_Element, dict[str, Any]]] = {}
    for key, (natural, item, value) in zip(keys, readable, strict=True):
        # Namesakes without a label: the GUID distinguishes them, whatever their order.
        alone = key if counts[key.casefold()] == 1 else joined(natural, item.get("uid", "").strip("{}")[:8].lower())
        if alone not in result:
            result[alone] = (item, value)
    return result


def _labelled(natural: str, item: _Element, kind: Kind) -> str:
    start, name = kind.label(dict(attributes_of(item))) + LABEL, item.get("name", "")
    return joined(natural, name.removeprefix(start) if name.startswith(start) else "")


def joined(natural: str, label: str) -> str:
    return f"{natural}{LABEL}{label}" if label or LABEL in natural else natural


def parted(key: str) -> tuple[str, str]:
    natural, mark, label = key.rpartition(LABEL)
    return (natural, label) if mark else (key, "")


def shown_name(kind: Kind, key: str, attributes: Mapping[str, str]) -> str:
    label = parted(key)[1]
    shown = kind.label(attributes)
    return f"{shown}{LABEL}{label}" if label else shown


def _value(item: _Element, kind: Kind, principals: Principals) -> dict[str, Any]:
    """Value of an item. Raises ValueError or KeyError where the fields cannot express it."""
    parts = list(elements(item))
    if sorted(str(part.tag) for part in parts) not in (["Properties"], ["Filters", "Properties"]):
        raise ValueError(item.tag)
    if set(map(str, item.attrib)) - _COMMON or any(map(password_in, item.iter("*"))):
        raise ValueError(item.tag)
    properties, filters = item.find("Properties"), item.find("Filters")
    assert properties is not None
    left = {name: text for name, text in attributes_of(item) if name not in kind.identity.wires}
    value: dict[str, Any] = {}
    if kind.has_action:
        letter = left.pop("action", "U")
        value["action"] = next(name for name, known in (*ACTIONS.items(), ("", letter)) if known == letter)
        if not value["action"]:
            raise ValueError(letter)
    for attribute in kind.attributes:
        setting = attribute.read(left.pop(attribute.field.wire_name, None))
        if setting is not UNSET:
            value[attribute.field.name] = setting
    if kind.body:
        for wire in kind.body.wires:
            left.pop(wire, None)
        defaults = {field.name: field.default for field in kind.body.fields if field.default is not UNSET}
        value |= defaults | kind.body.take(properties, principals)
    root = item.getparent()
    disabled = item.get("disabled") == "1" or (root is not None and root.get("disabled") == "1")
    value |= {
        "enabled": not disabled,
        "description": item.get("desc", ""),
        "stop_on_error": item.get("bypassErrors", "0") != "1",
        "user_context": item.get("userContext") == "1",
        "remove_when_unapplied": item.get("removePolicy") == "1",
        "apply_once": filters is not None and filters.find("FilterRunOnce") is not None,
    }
    conditions = targeting.take(without_once(filters), principals)
    others = {name: text for name, text in left.items() if text}
    return value | ({"targeting": conditions} if conditions else {}) | ({"attributes": others} if others else {})


def without_once(filters: _Element | None) -> _Element | None:
    if filters is None:
        return None
    rest = etree.Element("Filters")
    rest.extend(deepcopy(element) for element in elements(filters) if element.tag != "FilterRunOnce")
    return rest
