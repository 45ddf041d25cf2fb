"""Reports of ports and access points: links, speed, power, SSIDs on the air, clients."""

from __future__ import annotations

from typing import Any

from lab.meraki import ssids
from lab.meraki.call import Call
from lab.meraki.devices import assigned, online
from lab.meraki.world import Json

SPEED = "1 Gbps"
SPEED_OF_CORE = "10 Gbps"
"""Speed of the ports of a model with SFP+ ports only."""
_BANDS: Json = {"2.4": {"channelWidth": 20, "use": 30}, "5": {"channelWidth": 40, "use": 15}}
"""Width and use in percent of the radios of every access point of the lab: invented."""
_CHANNELS = {"2.4": (1, 6, 11), "5": (36, 44, 52, 60, 100, 108, 116, 124)}
"""Channels that the access points of a network take in turn."""


def linked(call: Call, device: Json, port_id: str) -> bool:
    """True where a port has a link: on, plugged in, with something powered at the other end.

    A switch without power shows its ports without a link [inferred].
    """
    enabled = device["port"].get(port_id, {}).get("enabled", True)
    if not enabled or not online(call, device) or f"{device['serial']}/{port_id}" in call.behaviour.unplugged:
        return False
    neighbour, cabled = device["neighbours"].get(port_id), device.get("cabled", {})
    if neighbour is not None:
        other = [serial for serial, known in call.world.devices.items() if known["mac"] == neighbour["mac"]]
    else:
        other = [cabled[port_id]] if cabled.get(port_id) else []
    plugged = neighbour is not None or port_id in cabled or port_id == device["uplink_port"]
    return plugged and not set(other) & set(call.behaviour.offline)


def link(call: Call, device: Json, port_id: str, *, up: bool) -> dict[str, Any]:
    """Return what a port reports of its link; `port_reports` has the last word where it has any."""
    speed = SPEED_OF_CORE if device["model"].startswith("MS425") else SPEED
    # A port that feeds an access point has its serial as the other end.
    other = call.world.devices.get(device.get("cabled", {}).get(port_id, ""))
    fed = up and other is not None and other["kind"] == "access_point"
    seen = {"speed": speed if up else "", "duplex": "full" if up else "", "poe": {"isAllocated": fed}}
    return {**seen, **(call.behaviour.port_reports.get(f"{device['serial']}/{port_id}", {}) if up else {})}


def ssids_by_device(call: Call) -> list[Json]:
    """List what each powered access point broadcasts: the enabled SSIDs that its tags admit."""
    return [_broadcast(call, device) for device in assigned(call, "access_point") if online(call, device)]


def _broadcast(call: Call, device: Json) -> Json:
    network = call.world.network(device["networkId"])
    tags = set(device["config"].get("tags", ()))
    slots = [ssids.slot(network, number) for number in range(ssids.SLOTS)]
    enabled = [slot for slot in slots if slot["enabled"]]
    here = [slot for slot in enabled if slot["availableOnAllAps"] or tags & {*slot["availabilityTags"]}]
    return {
        "serial": device["serial"],
        "name": device["config"].get("name") or device["mac"],
        "network": {"id": network["id"], "name": network["name"]},
        "basicServiceSets": [
            {
                "bssid": f"{device['mac'][:-2]}{slot['number']:x}{index}",
                "ssid": {
                    "name": slot["name"],
                    "number": slot["number"],
                    "enabled": True,
                    "advertised": slot["visible"],
                },
                "radio": {
                    "band": band,
                    "channel": radio["channel"],
                    "channelWidth": radio["channelWidth"],
                    "power": 17,
                    "isBroadcasting": True,
                    "index": str(index),
                },
            }
            for slot in here
            for index, (band, radio) in enumerate(radios(call, device).items())
        ],
    }


def radios(call: Call, device: Json) -> Json:
    """Return the radios of an access point by band; `Behaviour.air` has the last word."""
    said, turn = call.behaviour.air.get(device["serial"], {}), int(device["serial"][-2:])
    return {
        band: {**radio, "channel": _CHANNELS[band][turn % len(_CHANNELS[band])], **said.get(band, {})}
        for band, radio in _BANDS.items()
    }


def clients_by_device(call: Call) -> list[Json]:
    """List how many clients each access point has: nobody is in the lab."""
    return [
        {
            "network": {"id": device["networkId"]},
            "serial": device["serial"],
            "counts": {"byStatus": {"online": 0}},
        }
        for device in assigned(call, "access_point")
    ]
