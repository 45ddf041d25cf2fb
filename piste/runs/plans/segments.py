"""Ties between operations by VLAN and subnet: what joins a segment, what carries it.

A VLAN and a subnet have a single segment in the town, so that owners play no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.plan import Operation
from piste.systems.meraki.filtering import client_vlan
from piste.systems.meraki.vlans import ALL, passes

_CARRIERS = {"switch_port": "VLAN", "routed_interface": "VLAN", "engine_interface": "VLAN", "dhcp_scope": "sous-réseau"}
_NAMES = {"name", "comment", "description"}
Item = Mapping[str, Any]


def tie(this: Operation, that: Operation) -> str:
    """Say why an operation needs another by a segment; empty where it does not."""
    if that.kind in _CARRIERS:
        for wanted in sorted(_served(this, this.after) - _served(this, this.before)):
            carried = _carried(that, that.after, wanted)
            if carried and carried != _carried(that, that.before, wanted):
                return f"a besoin du {_CARRIERS[that.kind]} {wanted}"
    if this.kind in _CARRIERS:
        for left in _served(that, that.before) - _served(that, that.after):
            if _carried(this, this.before, left) and not _carried(this, this.after, left):
                return "part, et il s’en sert" if this.action == "delete" else f"retire {left}, et il s’en sert"
    return ""


def _served(operation: Operation, side: Item | None) -> set[str]:
    """Give the VLANs, or the subnet, that an object uses on a side."""
    if not side or side.get("enabled") is False:
        return set()
    if operation.kind == "ssid":
        vlan = client_vlan(side)
    elif operation.kind == "switch_port":
        access = side.get("type") == "access"
        return {str(side[name]) for name in ("vlan", "voice_vlan") if access and side.get(name)}
    else:
        vlan = side.get("subnet") if operation.kind == "routed_interface" else None
    return {str(vlan)} if vlan else set()


def _carried(operation: Operation, side: Item | None, wanted: str) -> Any:
    """Give what an object makes of a VLAN or a subnet on a side; false where it has none."""
    if not side or side.get("enabled") is False or side.get("active") is False:
        return None
    if operation.kind == "switch_port":
        trunk = wanted.isdecimal() and side.get("type") != "access"
        return trunk and passes(str(side.get("allowed_vlans") or ALL), int(wanted))
    at = {
        "routed_interface": side.get("vlan"),
        "engine_interface": str(side.get("interface")).partition(".")[2],
        "dhcp_scope": side.get("subnet"),
    }.get(operation.kind)
    return str(at) == wanted and {name: value for name, value in side.items() if name not in _NAMES}
