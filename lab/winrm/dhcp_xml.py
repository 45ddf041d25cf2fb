"""The file that `Export-DhcpServer` writes.

No page gives its schema: the names of the elements are those of the properties of the cmdlets' objects, their order and
the root are from [memory] of such files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from lxml.etree import _Element

Json = dict[str, Any]


def export(state: Json, *, leases: bool) -> bytes:
    """Write a server over its state."""
    root = etree.Element("DHCPServer")
    _texts(root, {"MajorVersion": 10, "MinorVersion": 0})
    ipv4 = etree.SubElement(root, "IPv4")
    settings = state["settings"]
    _texts(ipv4, {"ConflictDetectionAttempts": settings["conflicts"], "ActivatePolicies": "true"})
    classes = etree.SubElement(ipv4, "Classes")
    for name in settings["classes"]:
        _texts(etree.SubElement(classes, "Class"), {"Name": name, "Type": "Vendor", "Data": "0x4D534654"})
    _options(ipv4, [(it["option"], it["values"], it["vendor"]) for it in settings["options"] if not it["policy"]])
    scopes = etree.SubElement(ipv4, "Scopes")
    for subnet, it in state["scopes"].items():
        _scope(etree.SubElement(scopes, "Scope"), subnet, it, leases=leases)
    etree.SubElement(root, "IPv6")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _scope(scope: _Element, subnet: str, it: Json, *, leases: bool) -> None:
    hours, seconds = divmod(it["lease"], 3600)
    span = f"{hours // 24}.{hours % 24:02}:{seconds // 60:02}:{seconds % 60:02}"
    _texts(scope, {
        "ScopeId": subnet, "Name": it["name"], "SubnetMask": it["mask"], "StartRange": it["start"],
        "EndRange": it["end"], "LeaseDuration": span, "State": "Active" if it["active"] else "InActive",
        "Type": "Dhcp", "Description": it["description"],
    })  # fmt: skip
    ranges = etree.SubElement(scope, "ExclusionRanges")
    for gap in it["exclusions"]:
        _texts(etree.SubElement(ranges, "IPRange"), {"StartRange": gap["start"], "EndRange": gap["end"]})
    _options(scope, [(int(number), values, "") for number, values in it["options"].items()])
    reservations = etree.SubElement(scope, "Reservations")
    for at, entry in it["reservations"].items():
        content = {"Name": entry["name"], "IPAddress": at, "ClientId": entry["client"], "Type": "Both"}
        _texts(etree.SubElement(reservations, "Reservation"), {**content, "Description": entry["description"]})
    if leases:
        given = etree.SubElement(scope, "Leases")
        for at, client in it["leases"].items():
            content = {"IPAddress": at, "ScopeId": subnet, "ClientId": client, "AddressState": "Active"}
            _texts(etree.SubElement(given, "Lease"), content)


def _options(parent: _Element, options: list[tuple[int, list[str], str]]) -> None:
    values = etree.SubElement(parent, "OptionValues")
    for number, texts, vendor in options:
        entry = etree.SubElement(values, "OptionValue")
        _texts(entry, {"OptionId": number, "VendorClass": vendor, "UserClass": ""})
        for text in texts:
            etree.SubElement(entry, "Value").text = text


def _texts(parent: _Element, texts: Mapping[str, Any]) -> None:
    for name, text in texts.items():
        etree.SubElement(parent, name).text = str(text)
