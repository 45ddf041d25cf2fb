"""Clients: what the declared town plugs into its ports, and what a test adds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab.meraki import networks
from lab.meraki.call import Call
from lab.meraki.devices import LOST_AFTER, online
from lab.meraki.errors import not_found, refused
from lab.meraki.histories import LONGEST, SLACK
from lab.meraki.ports import shown
from lab.meraki.world import Json

DEFAULT_SPAN = 86400.0
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)


def of_network(call: Call) -> list[Json]:
    """List the clients of a network in a period; the filters match parts [documented]."""
    since, network = _since(call), call.network
    mac, address = (call.value("mac") or "").lower(), call.value("ip") or ""
    return [
        _view(call, seen)
        for seen in _seen(call)
        if seen["network"]["id"] == network["id"]
        and seen["seen"] >= since
        and mac in seen["mac"]
        and (not address or address in (seen["ip"] or ""))
    ]


def search(call: Call) -> Json:
    """Find the networks that know a MAC address.

    Raises ApiError 400 without a whole address, and for an unknown one what `unknown_client` says.
    """
    mac = (call.value("mac") or "").lower()
    if not _MAC.fullmatch(mac):
        raise refused("'mac' must be a MAC address")
    newest: dict[str, Json] = {}
    for seen in _seen(call):
        known = newest.get(seen["network"]["id"])
        if seen["mac"] == mac and (known is None or seen["seen"] > known["seen"]):
            newest[seen["network"]["id"]] = seen
    if not newest and call.behaviour.unknown_client == "not_found":
        raise not_found("Client")
    records = [_record(seen) for seen in newest.values()]
    return {"clientId": f"k{mac.replace(':', '')}", "mac": mac, "manufacturer": None, "records": records}


def _since(call: Call) -> float:
    t0, span, now = call.moment("t0"), call.value("timespan"), call.clock.now()
    if t0 is not None and span is not None:
        raise refused("'t0' and 'timespan' cannot be given together")
    start = t0 if t0 is not None else now - float(span or DEFAULT_SPAN)
    if start < now - LONGEST - SLACK:
        raise refused("the period cannot begin more than 31 days ago")
    return start


def _seen(call: Call) -> Iterator[Json]:
    """Give each client with its device; a client of a test replaces the plugged one."""
    given = {client["mac"].lower() for client in call.behaviour.clients}
    for device in call.world.devices.values():
        if device["networkId"] is None:
            continue
        plugged = [client for client in device.get("clients", ()) if client["mac"] not in given]
        added = [client for client in call.behaviour.clients if client["serial"] == device["serial"]]
        for client in (*plugged, *added):
            port = client.get("port")
            here = online(call, device) and (not port or shown(device, port)["enabled"])
            yield {
                "ip": None,
                "seen": call.clock.now() - (0.0 if here else LOST_AFTER),
                "online": here,
                **client,
                "mac": client["mac"].lower(),
                "device": device,
                "network": call.world.network(device["networkId"]),
            }


def _common(seen: Json) -> Json:
    return {
        "description": "Poste de Madame Exemple",
        "ip": seen["ip"],
        "ip6": None,
        "user": "m.exemple",
        "os": None,
        "vlan": str(seen["vlan"]) if seen.get("vlan") else "",
        "ssid": seen.get("ssid"),
        "switchport": seen.get("port"),
        "status": "Online" if seen["online"] else "Offline",
        "wirelessCapabilities": None,
        "smInstalled": False,
        "recentDeviceMac": seen["device"]["mac"],
    }


def _view(call: Call, seen: Json) -> Json:
    device, moment = seen["device"], call.clock.iso(seen["seen"])
    shown_as: Json = {
        **_common(seen),
        "id": f"k{seen['mac'].replace(':', '')}{device['serial'][-4:]}",
        "mac": seen["mac"],
        "ip6Local": None,
        "manufacturer": None,
        "deviceTypePrediction": None,
        "recentDeviceSerial": device["serial"],
        "recentDeviceName": device["config"].get("name") or device["mac"],
        "recentDeviceConnection": "Wireless" if seen.get("ssid") else "Wired",
        "firstSeen": moment,
        "lastSeen": moment,
        "usage": {"sent": 0, "recv": 0, "total": 0},
        "namedVlan": None,
        "notes": None,
        "groupPolicy8021x": None,
        "adaptivePolicyGroup": None,
        "pskGroup": None,
    }
    return {**shown_as, **seen.get("said", {})}


def _record(seen: Json) -> Json:
    """Return a record of the search, whose moments are seconds since 1970."""
    moment = int(seen["seen"])
    return {
        **_common(seen),
        "network": networks.view(seen["network"]),
        "firstSeen": moment,
        "lastSeen": moment,
        "clientVpnConnections": None,
        "lldp": None,
        "cdp": None,
    }
