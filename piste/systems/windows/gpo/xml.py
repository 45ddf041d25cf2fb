"""XML of Group Policy: safe reading, canonical comparison, the editor's line ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from lxml.etree import _Element

DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\r\n'


def parse(data: bytes | str) -> _Element:
    """Root of a document. Raises ValueError, with line and reason.

    A document type is refused: no document of a GPO has any, and entities could read files.
    """
    content = data.encode() if isinstance(data, str) else data
    reader = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=False, remove_pis=False)
    try:
        root = etree.fromstring(content, reader)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"ligne {error.lineno or 1} : {error.msg}") from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("ligne 1 : une déclaration DOCTYPE n’est pas admise")
    return root


def serialise(root: _Element) -> bytes:
    """Bytes of a document: UTF-8 with CRLF, attributes in their order."""
    text: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=False)
    return DECLARATION + text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"


def fragment(element: _Element) -> str:
    """Text of an element alone, which `parse` reads back, without indentation."""
    copy = parse(etree.tostring(element, encoding="utf-8", with_tail=False))
    _strip(copy)
    return etree.tostring(copy, encoding="unicode")


def canonical(element: _Element) -> bytes:
    """C14N of an element without indentation: equal content gives equal bytes."""
    return etree.tostring(parse(fragment(element)), method="c14n")


def elements(parent: _Element) -> Iterator[_Element]:
    """Child elements, without comments and processing instructions."""
    yield from parent.iterchildren("*")


def local(element: _Element) -> str:
    """Name of an element without its namespace."""
    return etree.QName(element).localname


def lay_out(root: _Element) -> None:
    """Put each child on its line as the editor does, whatever stood between them."""
    root.text = None
    for item in root:
        item.tail = "\n" if item.getnext() is None else "\n\t"


def append(root: _Element, item: _Element) -> None:
    """Append an item, on its line as the editor does."""
    children = list(root)
    if children:
        children[-1].tail = "\n\t"
    item.tail = "\n"
    root.append(item)


def remove(root: _Element, item: _Element) -> None:
    """Remove an item and the line end that follows it."""
    previous = item.getprevious()
    if item.getnext() is None and previous is not None:
        previous.tail = item.tail
    root.remove(item)


def _strip(element: _Element) -> None:
    for part in element.iter("*"):
        if len(part) and not (part.text or "").strip():
            part.text = None
        if part is not element and not (part.tail or "").strip():
            part.tail = None
