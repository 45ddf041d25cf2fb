"""Inventory files of agents: JSON of the GLPI agent, XML of FusionInventory.

Source: `glpi-project/inventory_format` (draft-07 schema) and the XML of FusionInventory 2.6. Nothing about people is
read: neither accounts, nor sessions, nor software.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from piste.engine.converge.text import hidden
from piste.engine.converge.untrusted import parse_json
from piste.sites.imports.item import LONGEST, ImportFault, Item, Items
from piste.town.model.assets.titles import mac_of
from piste.town.model.placeholder import is_placeholder

_DEEPEST, _WIDEST = 20, 500_000
"""Levels and elements of an XML file."""
_KINDS: Mapping[str, str] = {
    "Computer": "computer", "Phone": "phone", "Printer": "printer", "NetworkEquipment": "switch",
    "COMPUTER": "computer", "PHONE": "phone", "PRINTER": "printer", "NETWORKING": "switch",
}  # fmt: skip
"""Our class by the type of an item, then by the type of a device of the network."""
_PORTABLE = ("laptop", "notebook", "portable", "convertible", "detachable", "tablet", "sub notebook", "hand held")
_SERVERS = ("rack mount", "main server", "blade", "multi-system")
_PHYSICAL = ("", "physical")
_TYPES = ("ethernet", "wifi", "")


class _Refused(ValueError):
    """The file is not what an agent writes; `line` is the place."""

    def __init__(self, why: str, line: int = 1) -> None:
        super().__init__(why)
        self.line = line


def read(raw: bytes, file: str) -> Items:
    """Read the inventory of a machine."""
    read_items = Items()
    try:
        inventory = _xml(raw) if raw.lstrip()[:1] == b"<" else _json(raw)
        read_items.items.append(_item(inventory, file))
    except _Refused as refused:
        read_items.faults.append(ImportFault(file, refused.line, str(refused)))
    return read_items


def _json(raw: bytes) -> Mapping[str, Any]:
    try:
        inventory = parse_json(raw)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise _Refused(f"ce n’est pas du JSON ({error})", line) from None
    if not isinstance(inventory, dict) or not isinstance(inventory.get("content"), dict):
        raise _Refused("ce n’est pas un inventaire d’agent : « content » manque")
    if not isinstance(inventory.get("deviceid"), str):
        raise _Refused("ce n’est pas un inventaire d’agent : « deviceid » manque")
    return inventory


def _xml(raw: bytes) -> Mapping[str, Any]:
    """Read XML without a document type, hence without entities, into the form of the JSON."""
    parser = expat.ParserCreate()
    root: dict[str, Any] = {}
    stack: list[dict[str, Any]] = [root]
    texts: list[list[str]] = [[]]
    names: list[str] = []
    count = 0

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > _DEEPEST or count > _WIDEST:
            raise _Refused("trop d’éléments, ou trop imbriqués", parser.CurrentLineNumber)
        stack.append({})
        texts.append([])
        names.append(name.casefold())

    def end(name: str) -> None:
        inner, text, key = stack.pop(), "".join(texts.pop()).strip(), names.pop()
        stack[-1].setdefault(key, []).append(inner or text)

    def doctype(*given: object) -> None:
        raise _Refused("une définition de type (DTD) est refusée", parser.CurrentLineNumber)

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = doctype
    parser.CharacterDataHandler = lambda data: texts[-1].append(data)
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise _Refused(f"ce n’est pas du XML ({expat.ErrorString(error.code)})", error.lineno) from None
    except _Refused:
        raise
    except (LookupError, ValueError) as error:  # an encoding that expat asks of Python
        raise _Refused(f"son codage ne se lit pas ({error})", parser.CurrentLineNumber) from None
    request = (root.get("request") or [None])[0]
    content = (request.get("content") or [None])[0] if isinstance(request, dict) else None
    if not isinstance(request, dict) or not isinstance(content, dict):
        raise _Refused("ce n’est pas un inventaire d’agent : REQUEST ou CONTENT manque")
    return {"content": _as_json(content), "deviceid": _first(request, "deviceid")}


def _as_json(content: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parts of an XML inventory that are read, as the JSON has them."""
    flat: dict[str, Any] = {}
    for part in ("hardware", "bios"):
        section = (content.get(part) or [{}])[0]
        flat[part] = {key: values[0] for key, values in section.items()} if isinstance(section, dict) else {}
    flat["networks"] = [
        {key: values[0] for key, values in port.items()}
        for port in content.get("networks", ())
        if isinstance(port, dict)
    ]
    for port in flat["networks"]:
        port["mac"] = port.get("mac") or port.get("macaddr")
    devices = content.get("device") or content.get("network_device")
    if devices and isinstance(devices[0], dict) and isinstance(info := (devices[0].get("info") or [{}])[0], dict):
        flat["network_device"] = {key: values[0] for key, values in info.items()}
    return flat


def _first(element: Mapping[str, Any], key: str) -> Any:
    return (element.get(key) or [None])[0]


def _item(inventory: Mapping[str, Any], file: str) -> Item:
    content = inventory["content"]
    device, hardware, bios = (_part(content, name) for name in ("network_device", "hardware", "bios"))
    kind = _KINDS.get(str(inventory.get("itemtype") or "Computer"), "")
    if device:
        kind = _KINDS.get(_text(device, "type").upper(), kind)
    chassis, system = _text(hardware, "chassis_type").casefold(), _text(hardware, "vmsystem").casefold()
    cells = {
        "name": _text(device, "name") or _text(hardware, "name"),
        "serial": _serial(device.get("serial"), bios.get("ssn"), bios.get("enclosureserial"), bios.get("msn")),
        "maker": _text(device, "manufacturer") or _text(bios, "smanufacturer") or _text(bios, "mmanufacturer"),
        "model": _text(device, "model") or _text(bios, "smodel") or _text(bios, "mmodel"),
    }
    if kind == "computer" and any(word in chassis for word in _SERVERS):
        kind = "server"
    if kind == "computer":
        portable = any(word in chassis for word in _PORTABLE)
        cells["variant"] = "mac" if cells["maker"].startswith("Apple") else "laptop" if portable else "desktop"
    macs, addresses = _ports(content, device)
    if macs:
        cells["mac"] = macs[0]
    for column, value in cells.items():
        if len(value) > LONGEST or hidden(value):
            raise _Refused(f"« {column} » n’est pas un texte simple de {LONGEST} signes au plus")
    return Item(
        file=file, line=1, kind=kind, cells={column: value for column, value in cells.items() if value},
        addresses=addresses, macs=macs, virtual=system not in _PHYSICAL, seen=True,
    )  # fmt: skip


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = content.get(name) or {}
    if not isinstance(part, dict):
        raise _Refused(f"« {name} » n’est pas un objet")
    return part


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _serial(*values: object) -> str:
    """Give the first true serial number."""
    texts = (" ".join(value.split()) for value in values if isinstance(value, str))
    real = (text for text in texts if text and not is_placeholder(text))
    return next(real, "")


def _ports(content: Mapping[str, Any], device: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the MAC addresses of physical ports, wired first, and the IPv4 addresses."""
    networks = content.get("networks") or ()
    if not isinstance(networks, (list, tuple)):
        raise _Refused("« networks » n’est pas une liste")
    ports = [port for port in networks if isinstance(port, dict) and not _is_virtual(port)]
    ports.sort(key=lambda port: str(port.get("type", "")).casefold() != "ethernet")
    macs = [mac_of(str(port.get("mac") or "")) for port in ports] + [mac_of(str(device.get("mac") or ""))]
    given = [port.get("ipaddress") for port in networks if isinstance(port, dict)]
    ips = device.get("ips")
    if isinstance(ips, list):
        given += ips
    addresses = [text for text in given if isinstance(text, str) and re.fullmatch(r"[0-9.]{7,15}", text)]
    kept = [mac for mac in macs if re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", mac) and set(mac) - {"0", ":"}]
    return tuple(dict.fromkeys(kept)), tuple(dict.fromkeys(addresses))


def _is_virtual(port: Mapping[str, Any]) -> bool:
    virtual = str(port.get("virtualdev", "")).casefold() in ("true", "1", "yes")
    return virtual or str(port.get("type", "")).casefold() not in _TYPES
