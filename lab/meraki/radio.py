"""RF profiles of a network, and the radio of its access points."""

from __future__ import annotations

from typing import Any

from lab.meraki.call import Call
from lab.meraki.devices import assigned
from lab.meraki.errors import not_found, refused
from lab.meraki.ssids import SLOTS
from lab.meraki.world import Json, merge

BUILT_IN = {"indoor": "Basic Indoor Profile", "outdoor": "Basic Outdoor Profile"}
"""The profiles of every network, which nobody can change, by id."""
_5_GHZ = [36, 40, 44, 48, 52, 56, 60, 64, 100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140]
_6_GHZ = [*range(1, 94, 4)]
_BANDS: Json = {"bandOperationMode": "dual", "bands": {"enabled": ["2.4", "5"]}, "bandSteeringEnabled": True}
DEFAULTS: Json = {
    "clientBalancingEnabled": True,
    "minBitrateType": "band",
    "bandSelectionType": "ap",
    "apBandSettings": _BANDS,
    "twoFourGhzSettings": {
        "maxPower": 30,
        "minPower": 5,
        "minBitrate": 11.0,
        "validAutoChannels": [1, 6, 11],
        "axEnabled": True,
        "rxsop": None,
    },
    "fiveGhzSettings": {
        "maxPower": 30,
        "minPower": 8,
        "minBitrate": 12,
        "validAutoChannels": _5_GHZ,
        "channelWidth": "auto",
        "rxsop": None,
    },
    "sixGhzSettings": {
        "maxPower": 30,
        "minPower": 8,
        "minBitrate": 12,
        "validAutoChannels": _6_GHZ,
        "channelWidth": "auto",
        "rxsop": None,
    },
    "transmission": {"enabled": True},
    "perSsidSettings": {str(slot): {"minBitrate": 11, **_BANDS} for slot in range(SLOTS)},
    "isIndoorDefault": False,
    "isOutdoorDefault": False,
}
_RADIO: Json = {
    "rfProfileId": None,
    "twoFourGhzSettings": {"channel": None, "targetPower": None},
    "fiveGhzSettings": {"channel": None, "channelWidth": None, "targetPower": None},
}


def profiles(call: Call) -> list[Json]:
    return [_view(call, profile_id) for profile_id in [*BUILT_IN, *call.network["rf_profiles"]]]


def profile(call: Call) -> Json:
    return _view(call, _known(call))


def create(call: Call) -> Json:
    profile_id = call.world.new_id()
    call.network["rf_profiles"][profile_id] = _completed(call, "", DEFAULTS)
    return _view(call, profile_id)


def update(call: Call) -> Json:
    profile_id = _known(call)
    if profile_id in BUILT_IN:
        raise refused("Built-in RF profiles are immutable")
    call.network["rf_profiles"][profile_id] = _completed(call, profile_id, call.network["rf_profiles"][profile_id])
    return _view(call, profile_id)


def delete(call: Call) -> None:
    profile_id = _known(call)
    if profile_id in BUILT_IN:
        raise refused("Built-in RF profiles cannot be deleted")
    for device in call.world.devices_of(call.network["id"]):
        if device.get("radio", {}).get("rfProfileId") == profile_id:
            device["radio"]["rfProfileId"] = None
    del call.network["rf_profiles"][profile_id]


def radio(call: Call) -> Json:
    device = _access_point(call)
    return {"serial": device["serial"], **merge(_RADIO, device.get("radio", {}))}


def update_radio(call: Call) -> Json:
    device, body = _access_point(call), dict(call.body)
    current = merge(_RADIO, device.get("radio", {}))
    wanted = body.get("rfProfileId")
    if wanted in BUILT_IN:
        body["rfProfileId"] = None
    elif wanted is not None and wanted not in call.world.network(device["networkId"])["rf_profiles"]:
        raise refused("'rfProfileId' is not the id of an RF profile of this network")
    errors = [
        f"'{band}.targetPower' must be between {low} and 30"
        for band, low in (("twoFourGhzSettings", 5), ("fiveGhzSettings", 8))
        if (power := body.get(band, {}).get("targetPower")) is not None and not low <= power <= 30
    ]
    if errors:
        raise refused(*errors)
    # The assignment of a profile clears every manual override, those of the same request too.
    device["radio"] = {**_RADIO, "rfProfileId": body["rfProfileId"]} if "rfProfileId" in body else merge(current, body)
    return radio(call)


def assignments(call: Call) -> list[Json]:
    """List the profile of each access point: the built-in profile unless another is assigned."""
    return [_assignment(call, device) for device in assigned(call, "access_point")]


def _assignment(call: Call, device: Json) -> Json:
    network = call.world.network(device["networkId"])
    profile_id = device.get("radio", {}).get("rfProfileId") or "indoor"
    known = network["rf_profiles"].get(profile_id, {"name": BUILT_IN.get(profile_id)})
    return {
        "network": {"id": network["id"]},
        "serial": device["serial"],
        "name": device["config"].get("name"),
        "model": device["model"],
        "rfProfile": {
            "id": profile_id,
            "name": known["name"],
            "isIndoorDefault": known.get("isIndoorDefault", profile_id == "indoor"),
            "isOutdoorDefault": known.get("isOutdoorDefault", profile_id == "outdoor"),
        },
    }


def _completed(call: Call, profile_id: str, current: Json) -> Json:
    changed = call.updated(current, {**DEFAULTS, "name": current.get("name")})
    # A body may write it; no answer shows it.
    changed.pop("flexRadios", None)
    errors = []
    names = {**{key: {"name": name} for key, name in BUILT_IN.items()}, **call.network["rf_profiles"]}
    if any(other["name"] == changed["name"] for key, other in names.items() if key != profile_id):
        errors.append("Name has already been taken")
    for band in ("twoFourGhzSettings", "fiveGhzSettings", "sixGhzSettings"):
        if changed[band]["minPower"] > changed[band]["maxPower"]:
            errors.append(f"'{band}.minPower' must not be above maxPower")
    if errors:
        raise refused(*errors)
    return changed


def _known(call: Call) -> str:
    profile_id = call.ids["rfProfileId"]
    if profile_id not in BUILT_IN and profile_id not in call.network["rf_profiles"]:
        raise not_found("RF profile")
    return profile_id


def _view(call: Call, profile_id: str) -> Json:
    built_in = {
        **DEFAULTS,
        "name": BUILT_IN.get(profile_id),
        "isIndoorDefault": profile_id == "indoor",
        "isOutdoorDefault": profile_id == "outdoor",
    }
    kept: dict[str, Any] = call.network["rf_profiles"].get(profile_id, built_in)
    return {"id": profile_id, "networkId": call.network["id"], **kept}


def _access_point(call: Call) -> Json:
    if call.device["kind"] != "access_point":
        raise refused("This endpoint only supports access points")
    return call.device
