"""RADIUS attributes of an admission, in the profile of a policy: VLAN, vendor attributes.

Sources: RFC 3580 3.31 (VLAN of a port by tunnel attributes), RFC 2865 5.26 (attributes of a vendor); Microsoft,
Connection Request Policies (attributes of both kinds of policies go into one answer); recorded exports (Cisco's AV
pairs in a property of their own).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.systems.windows.nps.document import Value

_VLAN = {"msRADIUSTunnelType": "13", "msRADIUSTunnelMediumType": "6"}
"""Virtual LANs, over IEEE 802."""
_GROUP = "msRADIUSTunnelPrivateGroupId"
VENDOR = "msRADIUSAnyVSA"
_VENDOR_TEXT = re.compile(r"01([0-9A-Fa-f]{8})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})(.*)", re.DOTALL)
"""An attribute with text: vendor, type, length of the rest with these two, text."""
_CISCO = "msCiscoAV"
_AV_PAIR = (9, 1)
"""Manufacturer and type of Cisco's AV pairs: NPS keeps only their text."""
EXPRESSED = frozenset({_GROUP, VENDOR, _CISCO, *_VLAN})

Texts = Mapping[str, Sequence[str]]
"""Texts of a profile by property."""


def read(texts_of: Texts) -> dict[str, Any]:
    """Return the fields that the properties of a profile express."""
    vendor, kind = _AV_PAIR
    pairs = [{"vendor": vendor, "type": kind, "value": text} for text in texts_of.get(_CISCO, ())]
    item: dict[str, Any] = {
        "vendor_attributes": [*pairs, *filter(None, map(_vendor_attribute, texts_of.get(VENDOR, ())))],
    }
    if not _is_other(texts_of) and _GROUP in texts_of:
        item["vlan"] = int(texts_of[_GROUP][0])
    return item


def unexpressed(texts_of: Texts) -> Iterator[str]:
    """Yield the properties that no field expresses: a tunnel without VLAN, a non-text attribute."""
    if any(name in texts_of for name in (*_VLAN, _GROUP)) and _is_other(texts_of):
        yield _GROUP
    if any(_vendor_attribute(text) is None for text in texts_of.get(VENDOR, ())):
        yield VENDOR


def written(changed: Mapping[str, Any], vendors_before: Sequence[str]) -> dict[str, Value]:
    """Return the properties that changed fields set."""
    changes: dict[str, Value] = {}
    if "vlan" in changed:
        vlan = changed["vlan"]
        changes |= {name: ("int", [text] if vlan else []) for name, text in _VLAN.items()}
        changes[_GROUP] = ("string", [str(vlan)] if vlan else [])
    if "vendor_attributes" in changed:
        kept = [text for text in vendors_before if _vendor_attribute(text) is None]
        desired = changed["vendor_attributes"]
        pairs = [attribute for attribute in desired if (attribute["vendor"], attribute["type"]) == _AV_PAIR]
        others = [attribute for attribute in desired if attribute not in pairs]
        changes[_CISCO] = ("string", [attribute["value"] for attribute in pairs])
        changes[VENDOR] = ("string", [*map(_vendor_text, others), *kept])
    return changes


def _is_other(texts_of: Texts) -> bool:
    first = {name: texts[0] for name, texts in texts_of.items() if texts}
    vlan = re.fullmatch(r"[0-9]{1,5}", first.get(_GROUP, ""))
    return any(first.get(name) != text for name, text in _VLAN.items()) or not vlan


def _vendor_attribute(text: str) -> dict[str, Any] | None:
    if (match := _VENDOR_TEXT.fullmatch(text)) and int(match[3], 16) == len(match[4]) + 2:
        return {"vendor": int(match[1], 16), "type": int(match[2], 16), "value": match[4]}
    return None


def _vendor_text(attribute: Mapping[str, Any]) -> str:
    value = attribute["value"]
    return f"01{attribute['vendor']:08X}{attribute['type']:02X}{len(value) + 2:02X}{value}"
