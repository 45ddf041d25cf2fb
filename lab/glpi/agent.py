"""The entry of inventory agents: the JSON of `glpi-agent`, the XML of older agents.

The schema of the JSON inventory is of our own, written from the published format (draft-07, closed at its root):
`deviceid` and `content.versionclient` are required, `itemtype` has five values.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as xml
import zlib
from typing import Any

from lab.glpi.behaviour import Behaviour
from lab.glpi.items import Items
from lab.glpi.world import Json
from lab.http import Request, Response, json_response

PATHS = ("/front/inventory.php", "/Inventory", "/marketplace/glpiinventory/")
ITEMTYPES = ("Computer", "NetworkEquipment", "Phone", "Printer", "Unmanaged")
_ROOT = frozenset({"deviceid", "action", "itemtype", "content", "tag", "jobid", "partial", "installed-tasks",
                   "enabled-tasks", "httpd-port", "httpd-plugins", "supported-tasks", "name", "version"})  # fmt: skip
NATIVE = "GLPI Native Inventory"
_LONGEST = 20_000_000


def receive(items: Items, behaviour: Behaviour, request: Request, now: str) -> Response:
    """Answer an agent: a prologue, or an inventory that becomes an item."""
    if request.method != "POST":
        return Response(405)
    try:
        body, packed = _unpacked(request.body)
        read = _json(body) if body[:1] == b"{" else _xml(body)
    except ValueError as fault:
        return json_response(400, {"status": "error", "message": str(fault), "expiration": 24})
    if read is None:
        return _reply(packed)
    if behaviour.agent_adds == "fail":
        return json_response(500, {"status": "error", "message": "Failed to add item", "expiration": 24})
    keep(items, behaviour, read, now)
    return _reply(packed) if body[:1] == b"<" else json_response(200, {"status": "ok", "expiration": 24})


def keep(items: Items, behaviour: Behaviour, inventory: Json, now: str) -> Json:
    """Write what an agent has seen into its item, by serial number, else by name."""
    world, itemtype = items.world, inventory["itemtype"]
    name, serial = inventory["name"], inventory["serial"]
    known = world.of(itemtype).values()
    item = next((entry for entry in known if serial and entry.get("serial") == serial), None)
    item = item or next((entry for entry in known if name and entry.get("name") == name), None)
    if item is None or behaviour.agent_adds == "double":
        item = world.add(itemtype, {"date_creation": now})
    seen: Json = {"name": name, "serial": serial, "is_dynamic": True, "last_inventory_update": now, "date_mod": now}
    for column, value, other in (
        ("manufacturer", inventory["manufacturer"], "Manufacturer"),
        ("model", inventory["model"], f"{itemtype}Model"),
        ("autoupdatesystem", NATIVE, "AutoUpdateSystem"),
    ):
        if value:
            seen[column] = world.named(other, value)["id"]
    item.update({column: value for column, value in seen.items() if value})
    world.agents[inventory["deviceid"]] = {"itemtype": itemtype, "id": item["id"], "at": now}
    return item


def _unpacked(body: bytes) -> tuple[bytes, bool]:
    """Give the body, unpacked where an agent has packed it (zlib)."""
    if body[:1] in (b"{", b"<"):
        return body, False
    try:
        reader = zlib.decompressobj()
        plain = reader.decompress(body, _LONGEST)
    except zlib.error:
        raise ValueError("body of an unknown form") from None
    if reader.unconsumed_tail:
        raise ValueError("body too long")
    return plain, True


def _json(body: bytes) -> Json | None:
    try:
        given = json.loads(body)
    except ValueError:
        raise ValueError("invalid JSON") from None
    if faults := check(given):
        raise ValueError("; ".join(faults))
    if given.get("action", "inventory") != "inventory":
        return None
    content = given["content"]
    machine = {**content.get("hardware", {}), **content.get("bios", {})}
    return {
        "deviceid": given["deviceid"],
        "itemtype": given.get("itemtype", "Computer"),
        "name": str(machine.get("name", "")),
        "serial": str(machine.get("ssn", "")),
        "manufacturer": str(machine.get("smanufacturer", "")),
        "model": str(machine.get("smodel", "")),
    }


def check(given: Any) -> list[str]:
    """List the faults of a JSON inventory."""
    if not isinstance(given, dict):
        return ["an object is expected"]
    faults = [f"{name}: not expected" for name in sorted(given.keys() - _ROOT)]
    if not isinstance(given.get("deviceid"), str) or not given["deviceid"]:
        faults.append("deviceid: required")
    if given.get("itemtype", "Computer") not in ITEMTYPES:
        faults.append(f"itemtype: one of {', '.join(ITEMTYPES)}")
    content = given.get("content")
    if given.get("action", "inventory") == "inventory":
        if not isinstance(content, dict):
            faults.append("content: required")
        elif not isinstance(content.get("versionclient"), str):
            faults.append("content.versionclient: required")
        else:
            faults += [
                f"content.{part}: an object is expected"
                for part in ("hardware", "bios")
                if not isinstance(content.get(part, {}), dict)
            ]
    return faults


def _xml(body: bytes) -> Json | None:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("a document type is not accepted")
    try:
        root = xml.fromstring(body)
    except xml.ParseError:
        raise ValueError("invalid XML") from None
    device = root.findtext("DEVICEID") or ""
    if root.tag != "REQUEST" or not device:
        raise ValueError("REQUEST and DEVICEID are expected")
    if root.findtext("QUERY") != "INVENTORY":
        return None
    bios, hardware = root.find("CONTENT/BIOS"), root.find("CONTENT/HARDWARE")

    def of(part: xml.Element | None, name: str) -> str:
        return "" if part is None else (part.findtext(name) or "").strip()

    return {
        "deviceid": device,
        "itemtype": "Computer",
        "name": of(hardware, "NAME"),
        "serial": of(bios, "SSN"),
        "manufacturer": of(bios, "SMANUFACTURER"),
        "model": of(bios, "SMODEL"),
    }


def _reply(packed: bool) -> Response:
    reply = "<REPLY><PROLOG_FREQ>24</PROLOG_FREQ><RESPONSE>SEND</RESPONSE></REPLY>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{reply}'
    body = zlib.compress(text.encode()) if packed else text.encode()
    return Response(200, {"Content-Type": "application/x-compress-zlib" if packed else "application/xml"}, body)
