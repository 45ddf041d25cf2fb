"""Inventory, membership of networks, devices, management interface, availability."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.meraki.call import Call
from lab.meraki.errors import ApiError, refused
from lab.meraki.firmware import running
from lab.meraki.world import Json

DEFAULTS: Json = {
    "name": None,
    "tags": [],
    "lat": 0.0,
    "lng": 0.0,
    "address": "",
    "notes": None,
    "floorPlanId": None,
}
PRODUCT_TYPES = {"switch": "switch", "access_point": "wireless"}
LOST_AFTER = 3600.0
"""Seconds since the last report of a device that no longer answers, where the switch `silence` gives none."""
_NEVER_RETURNED = ("moveMapMarker", "switchProfileId")


def unassign(device: Json) -> None:
    """Take a device out of its network; it loses its configuration."""
    device.update({"networkId": None, "config": {}, "wan": {}, "port": {}, "radio": {}})
    device.pop("routing", None)


def matching(call: Call) -> Callable[[Json], bool]:
    """Return the filter of a query with the usual parameters for devices."""
    networks, types, tags = call.many("networkIds"), call.many("productTypes"), call.many("tags")
    serials, models = call.many("serials") + call.many("serial"), call.many("models") + call.many("model")
    macs = {mac.lower() for mac in call.many("macs") + call.many("mac")}
    name, after = call.value("name"), call.moment("configurationUpdatedAfter")
    every = call.value("tagsFilterType") == "withAllTags"

    def fits(device: Json) -> bool:
        config = {**DEFAULTS, **device["config"]}
        return (
            (not networks or device["networkId"] in networks)
            and (not types or PRODUCT_TYPES[device["kind"]] in types)
            and (not serials or device["serial"] in serials)
            and (not models or device["model"] in models)
            and (not macs or device["mac"].lower() in macs)
            and (not name or name in (config["name"] or ""))
            and (not tags or (all if every else any)(tag in config["tags"] for tag in tags))
            and (after is None or device["touched"] > after)
        )

    return fits


def online(call: Call, device: Json) -> bool:
    return device["serial"] not in call.behaviour.offline


def status_of(call: Call, device: Json) -> str:
    return "online" if online(call, device) else "offline"


def reported(call: Call, device: Json) -> str:
    """Return when a device last reported, by the clock of the lab."""
    lost = 0.0 if online(call, device) else LOST_AFTER
    return call.clock.iso(call.clock.now() - call.behaviour.silence.get(device["serial"], lost))


def assigned(call: Call, kind: str | None = None) -> list[Json]:
    """Return the devices in networks that pass the filter of the query, of a kind where given."""
    fits = matching(call)
    devices = [d for d in call.world.devices.values() if d["networkId"] is not None and fits(d)]
    return [device for device in devices if kind in (None, device["kind"])]


def inventory(call: Call) -> list[Json]:
    fits, state, search = matching(call), call.value("usedState"), call.value("search")
    devices = [device for device in call.world.devices.values() if fits(device)]
    if state:
        devices = [device for device in devices if (device["networkId"] is not None) == (state == "used")]
    if search:
        devices = [d for d in devices if search in (d["serial"], d["mac"], d["model"], d["config"].get("name"))]
    return [_inventory_view(device) for device in devices]


def inventory_device(call: Call) -> Json:
    return _inventory_view(_in_inventory(call, call.ids["serial"]))


def claim_into_inventory(call: Call) -> Json:
    """Accept only serials that a release has put aside: the lab has no other hardware."""
    _count_claim(call)
    shelf: dict[str, Json] = call.world.data.setdefault("released", {})
    serials = call.body.get("serials", [])
    unknown = [serial for serial in serials if serial not in shelf and serial not in call.world.devices]
    taken = [serial for serial in serials if serial in call.world.devices]
    if unknown or taken:
        raise refused(
            *(f"Device with serial {serial} not found" for serial in unknown),
            *(f"Device with serial {serial} is already claimed" for serial in taken),
        )
    for serial in serials:
        call.world.devices[serial] = {**shelf.pop(serial), "claimedAt": call.clock.iso()}
    return {
        "orders": call.body.get("orders", []),
        "serials": serials,
        "licenses": call.body.get("licenses", []),
    }


def release(call: Call) -> Json:
    serials = call.body.get("serials", [])
    for serial in serials:
        if _in_inventory(call, serial)["networkId"] is not None:
            raise refused(f"Device with serial {serial} is in a network")
    for serial in serials:
        call.world.data.setdefault("released", {})[serial] = call.world.devices.pop(serial)
    return {"serials": serials}


def claim(call: Call) -> Json:
    """Assign devices of the inventory; all or none unless `addAtomically=false`."""
    network = call.network
    _count_claim(call)
    errors: list[Json] = []
    for serial in call.body["serials"]:
        device = call.world.devices.get(serial)
        if device is None:
            errors.append({"serial": serial, "errors": [f"Device with serial {serial} not found"]})
        elif device["networkId"] is not None:
            errors.append(
                {"serial": serial, "errors": [f"Device with serial {serial} is already in a network"]}
            )
        elif PRODUCT_TYPES[device["kind"]] not in network["productTypes"]:
            errors.append(
                {"serial": serial, "errors": [f"Device with serial {serial} does not fit this network"]}
            )
    failed = {error["serial"] for error in errors}
    if failed and call.value("addAtomically") != "false":
        raise refused(*(text for error in errors for text in error["errors"]))
    done = [serial for serial in dict.fromkeys(call.body["serials"]) if serial not in failed]
    for serial in done:
        device = call.world.devices[serial]
        unassign(device)
        now = call.clock.now()
        device.update(
            {"networkId": network["id"], "ready_at": now + call.behaviour.claim_delay, "touched": now}
        )
    return {"serials": done, "errors": errors}


def remove(call: Call) -> None:
    device = call.world.device(call.body["serial"])
    if device["networkId"] != call.network["id"]:
        raise refused(f"Device with serial {device['serial']} is not in this network")
    unassign(device)


def devices(call: Call) -> list[Json]:
    return [
        {
            **_common_view(call, device),
            "imei": None,
            "productType": PRODUCT_TYPES[device["kind"]],
        }
        for device in assigned(call)
    ]


def device(call: Call) -> Json:
    return view(call, call.device)


def update(call: Call) -> Json:
    device = call.device
    changed = call.updated(device["config"], {})
    device["config"] = {key: value for key, value in changed.items() if key not in _NEVER_RETURNED}
    return view(call, device)


def management_interface(call: Call) -> Json:
    return {"wan1": {"usingStaticIp": False, "vlan": None, **call.device["wan"]}}


def update_management_interface(call: Call) -> Json:
    body, errors = call.body, []
    if "wan2" in body:
        errors.append("'wan2' is not supported on this device")
    if "wanEnabled" in body.get("wan1", {}):
        errors.append("'wan1.wanEnabled' is not supported on this device")
    wan: Json = call.updated({"wan1": call.device["wan"]}, {"wan1": {}})["wan1"]
    if wan.get("usingStaticIp"):
        needed = ("staticIp", "staticSubnetMask", "staticGatewayIp")
        errors.extend(f"'wan1.{key}' is required with a static IP" for key in needed if not wan.get(key))
    else:
        wan = {key: value for key, value in wan.items() if not key.startswith("static")}
    if errors:
        raise refused(*errors)
    call.device["wan"] = wan
    return {"wan1": {"usingStaticIp": False, "vlan": None, **wan}}


def availabilities(call: Call) -> list[Json]:
    wanted = call.many("statuses")
    return [
        {
            "mac": device["mac"],
            "name": device["config"].get("name"),
            "network": {"id": device["networkId"]},
            "productType": PRODUCT_TYPES[device["kind"]],
            "serial": device["serial"],
            "status": status_of(call, device),
            "tags": device["config"].get("tags", []),
        }
        for device in assigned(call)
        if not wanted or status_of(call, device) in wanted
    ]


def _count_claim(call: Call) -> None:
    # The answer above the limit is not documented: it takes the form of that of the request limit.
    wait = call.limits.claim_wait()
    if wait:
        raise ApiError(429, "API rate limit exceeded for organization", retry_after=wait)


def _in_inventory(call: Call, serial: str) -> Json:
    if serial not in call.world.devices:
        raise ApiError(404, f"Device with serial {serial} not found")
    return call.world.devices[serial]


def _inventory_view(device: Json) -> Json:
    return {
        "mac": device["mac"],
        "serial": device["serial"],
        "name": device["config"].get("name"),
        "model": device["model"],
        "sku": f"{device['model']}-HW",
        "networkId": device["networkId"],
        "orderNumber": None,
        "claimedAt": device["claimedAt"],
        "licenseExpirationDate": None,
        "tags": device["config"].get("tags", []),
        "productType": PRODUCT_TYPES[device["kind"]],
        "countryCode": "FR",
        "details": [],
    }


def _common_view(call: Call, device: Json) -> dict[str, Any]:
    config = {**DEFAULTS, **device["config"]}
    del config["floorPlanId"]
    return {
        **config,
        "networkId": device["networkId"],
        "serial": device["serial"],
        "model": device["model"],
        "mac": device["mac"],
        "lanIp": device.get("lanIp"),
        "firmware": call.behaviour.firmware.get(device["serial"])
        or device.get("firmware")
        or running(call, device["networkId"], PRODUCT_TYPES[device["kind"]]),
        "details": [],
    }


def view(call: Call, device: Json) -> Json:
    shown = {
        **_common_view(call, device),
        "floorPlanId": device["config"].get("floorPlanId"),
        "url": f"https://lab.invalid/{device['networkId']}/manage/nodes/{device['serial']}",
    }
    if device["kind"] == "access_point":
        shown["beaconIdParams"] = {"uuid": None, "major": None, "minor": None}
    return shown
