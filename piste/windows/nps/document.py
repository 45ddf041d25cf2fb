"""The document in which NPS exports its whole configuration and from which it imports it.

An item stands under the `Children` of a place, bears its name as an attribute and as the name of its element, and
holds its `Properties`. What is not changed stays as it was read; a changed item keeps the properties that nobody has
asked for. Shape and rules are those of recorded exports.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lxml import etree

from piste.windows.gpo.xml import elements, local, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

DATATYPES = "urn:schemas-microsoft-com:datatypes"
_TYPE = f"{{{DATATYPES}}}dt"
VERSION = "257"
"""Version of the documents of Windows Server 2008 and all later ones; another one is not ours to write."""

_IAS = ("Microsoft_Internet_Authentication_Service",)
CLIENTS = (*_IAS, "Protocols", "Microsoft_Radius_Protocol", "Clients")
REQUEST_POLICIES = (*_IAS, "Proxy_Policies")
REQUEST_PROFILES = (*_IAS, "Proxy_Profiles")
NETWORK_POLICIES = (*_IAS, "NetworkPolicy")
NETWORK_PROFILES = (*_IAS, "RadiusProfiles")
SERVER_GROUPS = (*_IAS, "RADIUS_Server_Groups")
Place = Sequence[str]

_VOLATILE = frozenset({"TemplatesTimestamp"})
"""[inferred] A moment that NPS notes for its own console: an import may change it."""
_MARKS = frozenset({"_loc", "_locAttrData"})
"""[inferred] Marks of the set-up's translators on the items that NPS is installed with; they mean nothing to it."""

Property = tuple[str, str, str]
"""Element name, data type, text."""
Value = tuple[str, Sequence[str]]
"""Data type of a property, and its values."""


def tag(name: str) -> str:
    """Name of the element of an item, as NPS makes it from what people call the item."""
    bare = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"_{bare[1:]}" if bare[:1].isdigit() else bare


class Document:
    """One exported configuration. Raises ValueError for what is no such document."""

    def __init__(self, content: bytes, *, is_sealed: bool = False) -> None:
        self.is_sealed = is_sealed
        """True where a fingerprint stands in the place of each secret."""
        self.root = parse(content)
        if local(self.root) != "Root" or self._find(_IAS) is None:
            raise ValueError("ce n'est pas une configuration de NPS")
        version = self.root.findtext("Children/Version")
        if version != VERSION:
            raise ValueError(f"version {version or 'absente'} du document, {VERSION} attendue")

    def copy(self) -> Document:
        other = object.__new__(Document)
        other.is_sealed = self.is_sealed
        other.root = copy.deepcopy(self.root)
        return other

    def to_bytes(self) -> bytes:
        for element in self.root.iter("*"):
            if len(element) == 0 and element.text is None:
                element.text = ""  # written with an end tag, as NPS writes what is empty
        text: bytes = etree.tostring(self.root, encoding="utf-8", xml_declaration=False)
        return b'<?xml version="1.0"?>\r\n' + text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"

    # items

    def names(self, place: Place) -> list[str]:
        return [name for item in self._items(place) if (name := item.get("name")) is not None]

    def properties(self, place: Place, name: str) -> list[Property]:
        """Properties of an item, in their order; none where the item is not there."""
        item = self._item(place, name)
        return [] if item is None else _properties(item)

    def values(self, place: Place, name: str, property_: str) -> list[str]:
        return [text for one, _, text in self.properties(place, name) if one == property_]

    def write(self, place: Place, name: str, changes: Mapping[str, Value]) -> None:
        """Give properties of an item their values, none to take one away; the item is made where it is not there."""
        item = self._item(place, name)
        if item is None:
            item = etree.SubElement(self._holder(place), tag(name), name=name)
            etree.SubElement(item, "Properties")
        held = item.find("Properties")
        if held is None:
            held = etree.Element("Properties")
            item.insert(0, held)
        for one, (kind, texts) in changes.items():
            before = [child for child in held if local(child) == one]
            if [child.text or "" for child in before] == list(texts):
                continue
            for child in before:
                _take_out(held, child)
            later = (at for at, child in enumerate(held) if isinstance(child.tag, str) and local(child) > one)
            at = next(later, len(held))
            for text in reversed(texts):
                held.insert(at, _property(one, kind, text))

    def remove(self, place: Place, name: str) -> None:
        item = self._item(place, name)
        if item is not None:
            parent = item.getparent()
            assert parent is not None
            _take_out(parent, item)

    # secrets

    def sealed(self, seal: Callable[[str], str]) -> Document:
        """A copy in which each secret is what `seal` makes of it."""
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
        """Names, by their place, of what is not the same in both, to the last sign: never a value."""
        one, two = self.flat(), other.flat()
        return sorted({path for path in (*one, *two) if one.get(path) != two.get(path)})

    def strange_to(self, *others: Document) -> list[str]:
        """Names, by their place, of what holds something that no other document has there."""
        known = [other.flat() for other in others]
        return sorted(
            path
            for path, lines in self.flat().items()
            if not any(path in flat and set(lines) <= set(flat[path]) for flat in known)
        )

    def flat(self) -> dict[str, tuple[str, ...]]:
        """What each item holds, line by line in canonical form, by its path: the order of items and of properties means
        nothing, that of the values of one property does."""
        found: dict[str, tuple[str, ...]] = {}
        for path, lines in _flat(self.root, ""):
            at, number = path, 2
            while at in found:
                at, number = f"{path} ({number})", number + 1
            found[at] = lines
        return found

    def _find(self, place: Place) -> _Element | None:
        found: _Element | None = self.root
        for step in place:
            found = found.find(f"Children/{step}") if found is not None else None
        return found

    def _items(self, place: Place) -> list[_Element]:
        held = self._find(place)
        children = held.find("Children") if held is not None else None
        return [] if children is None else list(elements(children))

    def _item(self, place: Place, name: str) -> _Element | None:
        folded = name.casefold()
        return next((item for item in self._items(place) if (item.get("name") or "").casefold() == folded), None)

    def _holder(self, place: Place) -> _Element:
        held = self.root
        for step in place:
            children = _children(held)
            found = children.find(step)
            held = etree.SubElement(children, step, name=step.replace("_", " ")) if found is None else found
        return _children(held)


def _children(parent: _Element) -> _Element:
    found = parent.find("Children")
    return etree.SubElement(parent, "Children") if found is None else found


def _take_out(parent: _Element, child: _Element) -> None:
    """Remove an element; what follows it is nothing but line ends."""
    child.tail = None
    parent.remove(child)


def _property(name: str, kind: str, text: str) -> _Element:
    element = etree.Element(name, nsmap={"dt": DATATYPES})
    element.set(_TYPE, kind)
    element.text = text
    return element


def _properties(item: _Element) -> list[Property]:
    held = item.find("Properties")
    return [] if held is None else [(local(one), one.get(_TYPE, "string"), one.text or "") for one in elements(held)]


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
            for one in elements(child):
                lines.append(f"{local(one)}[{seen[local(one)]}] {_canonical(one)}")
                seen[local(one)] += 1
        else:
            lines.append(_canonical(child))
    yield path, tuple(sorted(lines))


def _canonical(element: _Element) -> str:
    """One text of an element for one content: attributes in order, no namespace declarations, nothing that indents."""
    inner = list(elements(element))
    marked = [f' {name}="{value}"' for name, value in sorted(element.attrib.items()) if name not in _MARKS]
    text = (element.text or "").strip() if inner else element.text or ""
    return f"<{element.tag!s}{''.join(marked)}>{text}{''.join(map(_canonical, inner))}</>"
