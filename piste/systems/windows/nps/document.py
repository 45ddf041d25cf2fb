"""The document in which NPS exports its whole configuration and from which it imports it.

An item is under the `Children` of a place; it has its name as an attribute and as the name of its element, and its
`Properties`. An unchanged item stays as it was read; a changed item keeps the properties that no change names. Shape
and rules come from recorded exports.
Believed: [belief windows.nps_whole], [belief windows.nps_nothing_else].
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lxml import etree

from piste.systems.windows.gpo.xml import elements, local, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

DATATYPES = "urn:schemas-microsoft-com:datatypes"
_TYPE = f"{{{DATATYPES}}}dt"
WRITTEN = "257"
"""Version of the documents that are written: that of the recorded exports."""
READ = ("256", WRITTEN)
"""Versions of the documents that are read.

A recorded export of 256 has the same shape, but nothing proves that its server takes back what was changed."""

_IAS = ("Microsoft_Internet_Authentication_Service",)
CLIENTS = (*_IAS, "Protocols", "Microsoft_Radius_Protocol", "Clients")
REQUEST_POLICIES = (*_IAS, "Proxy_Policies")
REQUEST_PROFILES = (*_IAS, "Proxy_Profiles")
NETWORK_POLICIES = (*_IAS, "NetworkPolicy")
NETWORK_PROFILES = (*_IAS, "RadiusProfiles")
SERVER_GROUPS = (*_IAS, "RADIUS_Server_Groups")
Place = Sequence[str]

_VOLATILE = frozenset({"TemplatesTimestamp"})
"""[belief windows.nps_import] A time that NPS notes for its own console: an import may change it."""
_MARKS = frozenset({"_loc", "_locAttrData"})
"""[belief windows.nps_import] Marks of translation on the items that NPS is installed with; NPS ignores them."""

Property = tuple[str, str, str]
"""Element name, data type, text."""
Value = tuple[str, Sequence[str]]
"""Data type of a property, and its values."""


def tag(name: str) -> str:
    """Return the name of an item's element, as NPS derives it from the item's name."""
    bare = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"_{bare[1:]}" if bare[:1].isdigit() else bare


class Document:
    """An exported configuration. Raises ValueError for another document."""

    def __init__(self, content: bytes, *, is_sealed: bool = False) -> None:
        self.is_sealed = is_sealed
        """True where a fingerprint replaces each secret."""
        self.root = parse(content)
        if local(self.root) != "Root" or self._find(_IAS) is None:
            raise ValueError("ce n’est pas une configuration de NPS")
        version = self.root.findtext("Children/Version")
        if version not in READ:
            raise ValueError(f"version {version or 'absente'} du document, {' ou '.join(READ)} attendue")

    @property
    def refusal(self) -> str:
        """The reason why a changed document would not be written; empty where it is."""
        version = self.root.findtext("Children/Version")
        if version == WRITTEN:
            return ""
        return f"document de version {version} : lu et exporté, jamais écrit ({WRITTEN} seule l’est)"

    def copy(self) -> Document:
        other = object.__new__(Document)
        other.is_sealed = self.is_sealed
        other.root = copy.deepcopy(self.root)
        return other

    def to_bytes(self) -> bytes:
        for element in self.root.iter("*"):
            if len(element) == 0 and element.text is None:
                element.text = ""  # written with an end tag, as NPS writes an empty element
        text: bytes = etree.tostring(self.root, encoding="utf-8", xml_declaration=False)
        return b'<?xml version="1.0"?>\r\n' + text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"

    # items

    def names(self, place: Place) -> list[str]:
        return [name for item in self._items(place) if (name := item.get("name")) is not None]

    def properties(self, place: Place, name: str) -> list[Property]:
        """Return the properties of an item, in their order; empty where there is no such item."""
        item = self._item(place, name)
        return [] if item is None else _properties(item)

    def values(self, place: Place, name: str, property_: str) -> list[str]:
        return [text for each, _, text in self.properties(place, name) if each == property_]

    def write(self, place: Place, name: str, changes: Mapping[str, Value]) -> None:
        """Set properties of an item, which is created if need be.

        A property without values is removed.
        """
        item = self._item(place, name)
        if item is None:
            item = etree.SubElement(self._holder(place), tag(name), name=name)
            etree.SubElement(item, "Properties")
        properties = item.find("Properties")
        if properties is None:
            properties = etree.Element("Properties")
            item.insert(0, properties)
        for property_, (kind, texts) in changes.items():
            before = [child for child in properties if local(child) == property_]
            if [child.text or "" for child in before] == list(texts):
                continue
            for child in before:
                _take_out(properties, child)
            tags = ((at, local(child)) for at, child in enumerate(properties) if isinstance(child.tag, str))
            at = next((at for at, child_tag in tags if child_tag > property_), len(properties))
            for text in reversed(texts):
                properties.insert(at, _property(property_, kind, text))

    def remove(self, place: Place, name: str) -> None:
        item = self._item(place, name)
        if item is not None:
            parent = item.getparent()
            assert parent is not None
            _take_out(parent, item)

    # secrets

    def sealed(self, seal: Callable[[str], str]) -> Document:
        """Return a copy in which `seal` has replaced each secret."""
        other = self.copy()
        other.is_sealed = True
        for element in other.root.iter("*"):
            if element.text and re.search(r"(secret|password)$", local(element), re.IGNORECASE):
                element.text = seal(element.text)
        return other

    # comparison

    def same(self, other: Document) -> bool:
        return not self.differences(other)

    def differences(self, other: Document) -> list[str]:
        """Return the paths of the items that differ in any way: never a value."""
        mine, theirs = self.flat(), other.flat()
        return sorted({path for path in (*mine, *theirs) if mine.get(path) != theirs.get(path)})

    def strange_to(self, *others: Document) -> list[str]:
        """Return the paths of the items that have a content that no other document has there."""
        known = [other.flat() for other in others]
        return sorted(
            path
            for path, lines in self.flat().items()
            if not any(path in flat and set(lines) <= set(flat[path]) for flat in known)
        )

    def flat(self) -> dict[str, tuple[str, ...]]:
        """Return the content of each item by path, as lines in canonical form.

        The order of items and of properties means nothing; the order of a property's values counts.
        """
        items: dict[str, tuple[str, ...]] = {}
        for path, lines in _flat(self.root, ""):
            at, number = path, 2
            while at in items:
                at, number = f"{path} ({number})", number + 1
            items[at] = lines
        return items

    def _find(self, place: Place) -> _Element | None:
        element: _Element | None = self.root
        for step in place:
            element = element.find(f"Children/{step}") if element is not None else None
        return element

    def _items(self, place: Place) -> list[_Element]:
        holder = self._find(place)
        children = holder.find("Children") if holder is not None else None
        return [] if children is None else list(elements(children))

    def _item(self, place: Place, name: str) -> _Element | None:
        folded = name.casefold()
        return next((item for item in self._items(place) if (item.get("name") or "").casefold() == folded), None)

    def _holder(self, place: Place) -> _Element:
        element = self.root
        for step in place:
            children = _children(element)
            child = children.find(step)
            element = etree.SubElement(children, step, name=step.replace("_", " ")) if child is None else child
        return _children(element)


def _children(parent: _Element) -> _Element:
    children = parent.find("Children")
    return etree.SubElement(parent, "Children") if children is None else children


def _take_out(parent: _Element, child: _Element) -> None:
    """Remove an element, with the line ends that follow it."""
    child.tail = None
    parent.remove(child)


def _property(name: str, kind: str, text: str) -> _Element:
    element = etree.Element(name, nsmap={"dt": DATATYPES})
    element.set(_TYPE, kind)
    element.text = text
    return element


def _properties(item: _Element) -> list[Property]:
    properties = item.find("Properties")
    children = [] if properties is None else elements(properties)
    return [(local(child), child.get(_TYPE, "string"), child.text or "") for child in children]


def _flat(item: _Element, above: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if local(item) in _VOLATILE:
        return
    path = f"{above}/{item.get('name') or local(item)}" if above else local(item)
    lines = [f"{name}={value}" for name, value in sorted(item.attrib.items()) if name not in _MARKS]
    lines += [(item.text or "").strip()]
    seen: Counter[str] = Counter()
    for child in elements(item):
        if local(child) == "Children":
            for inner in elements(child):
                yield from _flat(inner, path)
        elif local(child) == "Properties":
            for entry in elements(child):
                lines.append(f"{local(entry)}[{seen[local(entry)]}] {_canonical(entry)}")
                seen[local(entry)] += 1
        else:
            lines.append(_canonical(child))
    yield path, tuple(sorted(lines))


def _canonical(element: _Element) -> str:
    """Return a canonical text of an element.

    Attributes are sorted; namespace declarations and indentation are left out.
    """
    inner = list(elements(element))
    marked = [f' {name}="{value}"' for name, value in sorted(element.attrib.items()) if name not in _MARKS]
    text = (element.text or "").strip() if inner else element.text or ""
    return f"<{element.tag!s}{''.join(marked)}>{text}{''.join(map(_canonical, inner))}</>"
