"""What goes with an admission, as the profiles of both kinds of policies hold it: a VLAN, attributes of a vendor.

Sources: RFC 3580 3.31 (VLAN of a port by tunnel attributes), RFC 2865 5.26 (attributes of a vendor); Microsoft,
Connection Request Policies (attributes of both kinds of policies go into one answer); recorded exports (Cisco's AV
pairs in a property of their own).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.windows.nps.document import Value

_VLAN = {"msRADIUSTunnelType": "13", "msRADIUSTunnelMediumType": "6"}
"""Virtual LANs, over IEEE 802."""
_GROUP = "msRADIUSTunnelPrivateGroupId"
VENDOR = "msRADIUSAnyVSA"
_VENDOR_TEXT = re.compile(r"01([0-9A-Fa-f]{8})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})(.*)", re.DOTALL)
"""One attribute that holds text: vendor, type, length with these two, text."""
_CISCO = "msCiscoAV"
_AV_PAIR = (9, 1)
"""Manufacturer and type of Cisco's AV pairs: NPS keeps their text alone."""
SAID = frozenset({_GROUP, VENDOR, _CISCO, *_VLAN})

Readings = Mapping[str, Sequence[str]]
"""Texts of a profile by property."""


def read(held: Readings) -> dict[str, Any]:
    """The fields that a profile's properties are."""
    vendor, kind = _AV_PAIR
    pairs = [{"vendor": vendor, "type": kind, "value": text} for text in held.get(_CISCO, ())]
    item: dict[str, Any] = {
        "vendor_attributes": [*pairs, *filter(None, map(_vendor_attribute, held.get(VENDOR, ())))],
    }
    if not _is_other(held) and _GROUP in held:
        item["vlan"] = int(held[_GROUP][0])
    return item


def unexpressed(held: Readings) -> Iterator[str]:
    """Properties that no field says: a tunnel that is no VLAN, an attribute that is no text."""
    if any(one in held for one in (*_VLAN, _GROUP)) and _is_other(held):
        yield _GROUP
    if any(_vendor_attribute(text) is None for text in held.get(VENDOR, ())):
        yield VENDOR


def written(changed: Mapping[str, Any], vendors_before: Sequence[str]) -> dict[str, Value]:
    """The properties that changed fields give."""
    changes: dict[str, Value] = {}
    if "vlan" in changed:
        vlan = changed["vlan"]
        changes |= {one: ("int", [text] if vlan else []) for one, text in _VLAN.items()}
        changes[_GROUP] = ("string", [str(vlan)] if vlan else [])
    if "vendor_attributes" in changed:
        kept = [text for text in vendors_before if _vendor_attribute(text) is None]
        pairs = [one for one in changed["vendor_attributes"] if (one["vendor"], one["type"]) == _AV_PAIR]
        others = [one for one in changed["vendor_attributes"] if one not in pairs]
        changes[_CISCO] = ("string", [one["value"] for one in pairs])
        changes[VENDOR] = ("string", [*map(_vendor_text, others), *kept])
    return changes


def _is_other(held: Readings) -> bool:
    first = {one: texts[0] for one, texts in held.items() if texts}
    vlan = re.fullmatch(r"[0-9]{1,5}", first.get(_GROUP, ""))
    return any(first.get(one) != text for one, text in _VLAN.items()) or not vlan


def _vendor_attribute(text: str) -> dict[str, Any] | None:
    if (match := _VENDOR_TEXT.fullmatch(text)) and int(match[3], 16) == len(match[4]) + 2:
        return {"vendor": int(match[1], 16), "type": int(match[2], 16), "value": match[4]}
    return None


def _vendor_text(attribute: Mapping[str, Any]) -> str:
    value = attribute["value"]
    return f"01{attribute['vendor']:08X}{attribute['type']:02X}{len(value) + 2:02X}{value}"
