"""The masks of XML: exports of NPS and of DHCP, preferences, profiles of 802.1X.

`forms/xml.json` has the sort of each attribute and element, by document. A number, a truth, a moment or a GUID stays
whatever its name; any other text of no sort keeps its size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from lxml import etree

from piste.engine.transport.contents import BASE64, content_of, written
from piste.exports.bag.passwords import names
from piste.exports.capture import directory
from piste.exports.capture.masks import SECRET, Masks
from piste.exports.capture.vocabulary import names_community, written_by_programs
from piste.systems.windows.gpo.xml import local, parse
from piste.systems.windows.nps.document import tag

Note = Callable[[str, str, Any], None]
Mask = Callable[[Masks, str], str]

_PLAIN = re.compile(
    r"(?i)\s*|true|false|yes|no|-?\d+(?:\.\d+)*|0x[0-9a-f]{1,8}|\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?|[a-z]"
    r"|\d{4}-\d\d-\d\d[T ]?[\d:.Z+-]*|(?:\d+\.)?\d\d:\d\d:\d\d|x+"
)
"""A value that names nobody: a number, a truth, a GUID, a letter of an action, a moment, a size that is kept."""
_NO_SECRET = re.compile(r"(?i)\s*|true|false|yes|no|\d|\{[0-9a-f-]{36}\}")
"""What is no secret, whatever its name: a choice, the identifier of a template."""
_NAMING = ("name", "property", "key", "valueName")
"""The attributes that name the setting of a preference."""
_VALUES = frozenset({"value", "valueData", "defaultValue", "status"})
"""The attributes that have its value; the state of a variable repeats it."""
_OF_COMMUNITIES = frozenset({"name", "key", "status"})
"""The attributes that may have a community of SNMP."""
_HOLDERS = frozenset(
    {"Root", "Microsoft_Internet_Authentication_Service", "Protocols", "Microsoft_Radius_Protocol", "Vendors",
     "RequestHandlers", "Auditors", "SDO_Schema", "SDO_Schema_Classes"}
)  # fmt: skip
"""The items of NPS whose items it names by itself."""
_CONDITION = re.compile(r'"([^"=]*=)?([^"]*)"')


def _condition(masks: Masks, value: str) -> str:
    """Mask a condition of NPS: what its quotation marks hold, but for identifiers and hours."""
    if value.startswith(("TIMEOFDAY(", "NTGROUPS(", "USERNTGROUPS(", "MACHINENTGROUPS(")):
        return masks.text(value)
    return _CONDITION.sub(lambda match: f'"{match[1] or ""}{_name(masks, match[2])}"', value)


def _name(masks: Masks, value: str) -> str:
    return value if _PLAIN.fullmatch(value) else masks.name(value)


def _word(masks: Masks, value: str) -> str:
    """Keep a word that Windows gives; any other is a name."""
    return masks.text(value) if written_by_programs(value) else _name(masks, value)


_MASKS: Mapping[str, Mask] = {
    "text": Masks.text, "name": _name, "free": Masks.free, "person": Masks.person, "secret": Masks.secret,
    "id": Masks.identity, "condition": _condition, "host": directory.host, "server": directory.host, "word": _word,
    "principal": directory.principal,
}  # fmt: skip


@cache
def _sorts(document: str) -> Mapping[str, str]:
    every: Mapping[str, Mapping[str, str]] = json.loads((Path(__file__).parent / "forms" / "xml.json").read_bytes())
    return {name: sort for sort, names in every[document].items() for name in names.split()}


def masked(raw: bytes, masks: Masks, note: Note, document: str) -> bytes:
    """Mask a document. Raises ValueError for what is no XML."""
    root = parse(raw)
    sorts, said = _sorts(document), _communities(root)
    for element in root.iter():
        if not isinstance(element.tag, str):
            element.text = masks.sized(element.text or "")
            _end(element, masks)
            continue
        kind = local(element)
        former, hidden = element.get("name"), _of_a_secret(element)
        for name, value in element.attrib.items():
            plain = str(name).rpartition("}")[2]
            if document == "nps" and plain == "name" and _holder(element) in _HOLDERS:
                continue
            if hidden and plain in _VALUES:
                element.set(name, masks.secret(str(value)))
                continue
            shown = str(value)
            if plain in _OF_COMMUNITIES:
                shown = "\\".join(masks.secret(step) if step in said else step for step in shown.split("\\"))
            element.set(name, _shown(masks, note, sorts, plain, shown, f"{kind}@{plain}"))
        if document == "nps" and former is not None and element.tag == tag(former):
            element.tag = tag(element.get("name") or "")
        if element.text and element.text.strip():
            element.text = _shown(masks, note, sorts, kind, element.text, kind)
        _end(element, masks)
    encoding = root.getroottree().docinfo.encoding or "utf-8"
    declared = raw.lstrip(b"\xef\xbb\xbf").startswith((b"<?xml", b"\xff\xfe"))
    content: bytes = etree.tostring(root, encoding=encoding, xml_declaration=declared)
    return content


def _end(element: Any, masks: Masks) -> None:
    """Keep of the text behind an element its size."""
    if element.tail and element.tail.strip():
        element.tail = masks.sized(element.tail)


def _of_a_secret(element: Any) -> bool:
    """Tell whether an element names the setting of a password, whose value it has."""
    return any(names(str(element.get(name, "")).rpartition("\\")[2]) for name in _NAMING)


def _communities(root: Any) -> frozenset[str]:
    """List the communities of SNMP that the keys of a preference name, or the values in them."""
    keys = ([*str(element.get("key", "")).split("\\"), str(element.get("name", ""))] for element in root.iter())
    return frozenset(step for key in keys for above, step in pairwise(key) if names_community(above, step))


def _holder(element: Any) -> str:
    """Name the item of NPS that an item lies in, behind its `Children`."""
    above = element.getparent()
    above = None if above is None else above.getparent()
    return "" if above is None else local(above)


def _shown(masks: Masks, note: Note, sorts: Mapping[str, str], name: str, value: str, at: str) -> str:
    sort = sorts.get(name)
    if sort is not None:
        return _MASKS[sort](masks, value)
    hidden = names(name) and not _NO_SECRET.fullmatch(value)
    if _PLAIN.fullmatch(value) and not hidden:
        return masks.text(value)
    if not (hidden and value.startswith(SECRET)):
        note(f".{at}", "unseen", value)
    return masks.secret(value) if hidden else masks.sized(value)


def packed(document: str) -> Callable[[Any, Masks, Note], str]:
    """Make the mask of a document that a snippet packs: it is kept as a text."""

    def mask(value: Any, masks: Masks, note: Note) -> str:
        from piste.systems.windows.winrm import unpack

        text = str(value)
        try:
            raw = content_of(text) if text.startswith(("<", "utf-", BASE64)) else unpack(text)
            return written(masked(raw, masks, note, document))
        except ValueError:
            note("", "form", text)
            return masks.sized(text)

    return mask


def plain(document: str) -> Callable[[Any, Masks, Note], str]:
    """Make the mask of a document that is an answer, or a value of the directory."""

    def mask(value: Any, masks: Masks, note: Note) -> str:
        try:
            return written(masked(content_of(str(value)), masks, note, document))
        except ValueError:
            note("", "form", value)
            return masks.sized(str(value))

    return mask


preferences, profile, nps, dhcp = plain("gpp"), plain("dot1x"), packed("nps"), packed("dhcp")
