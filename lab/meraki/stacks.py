"""Stacks of switches."""

from __future__ import annotations

from lab.meraki import devices
from lab.meraki.call import Call
from lab.meraki.errors import not_found, refused
from lab.meraki.world import Json

LEAST, MOST = 2, 8


def stacks_of(call: Call, network: Json) -> dict[str, Json]:
    """Return the stacks of a network; a device that left the network is in none."""
    there = {device["serial"] for device in call.world.devices_of(network["id"])}
    known: dict[str, Json] = network.setdefault("stacks", {})
    for stack_id, stack in list(known.items()):
        stack["serials"] = [serial for serial in stack["serials"] if serial in there]
        if len(stack["serials"]) < LEAST:
            del known[stack_id]
    return known


def stack_of(call: Call) -> Json:
    stack = stacks_of(call, call.network).get(call.ids["switchStackId"])
    if stack is None:
        raise not_found("Switch stack")
    return stack


def stacks(call: Call) -> list[Json]:
    return [_view(call, stack) for stack in stacks_of(call, call.network).values()]


def stack(call: Call) -> Json:
    return _view(call, stack_of(call))


def create(call: Call) -> Json:
    serials = call.body["serials"]
    _check(call, serials, call.body["name"], None)
    stack_id = call.world.new_id()
    made: Json = {"id": stack_id, "name": call.body["name"], "serials": serials}
    stacks_of(call, call.network)[stack_id] = made
    _lose_routing(call, serials)
    return {key: made[key] for key in ("id", "name", "serials")}


def update(call: Call) -> Json:
    known = stack_of(call)
    members = call.body.get("members") if call.behaviour.stack_members else None
    serials = known["serials"] if members is None else [member["serial"] for member in members]
    _check(call, serials, call.body.get("name", known["name"]), known)
    _lose_routing(call, [serial for serial in serials if serial not in known["serials"]])
    known.update({"name": call.body.get("name", known["name"]), "serials": serials})
    return _view(call, known)


def delete(call: Call) -> None:
    del stacks_of(call, call.network)[stack_of(call)["id"]]


def add(call: Call) -> Json:
    known = stack_of(call)
    serials = [*known["serials"], call.body["serial"]]
    _check(call, serials, known["name"], known)
    known["serials"] = serials
    return _view(call, known)


def remove(call: Call) -> Json:
    known = stack_of(call)
    if call.body["serial"] not in known["serials"]:
        raise refused(f"Switch {call.body['serial']} is not in the stack")
    known["serials"] = [serial for serial in known["serials"] if serial != call.body["serial"]]
    return _view(call, known)


def _lose_routing(call: Call, serials: list[str]) -> None:
    """Erase the layer 3 of a switch that enters a stack [inferred]: the stack has its own."""
    for serial in serials:
        call.world.devices[serial].pop("routing", None)


def _check(call: Call, serials: list[str], name: str, known: Json | None) -> None:
    errors = [] if LEAST <= len(set(serials)) <= MOST else ["'serials' must hold between 2 and 8 switches"]
    there = {device["serial"]: device for device in call.world.devices_of(call.network["id"])}
    for serial in serials:
        if serial not in there or there[serial]["kind"] != "switch":
            errors.append(f"{serial} is not a switch of this network")
    others = [stack for stack in stacks_of(call, call.network).values() if stack is not known]
    stacked = {serial for stack in others for serial in stack["serials"]}
    errors += [f"{serial} is already in a stack" for serial in serials if serial in stacked]
    if not name:
        errors.append("'name' must not be empty")
    if any(stack["name"] == name for stack in others):
        errors.append("Name has already been taken")
    if errors:
        raise refused(*errors)


def _view(call: Call, stack: Json) -> Json:
    roles = ("active", "standby")
    members = [call.world.devices[serial] for serial in stack["serials"]]
    return {
        "id": stack["id"],
        "name": stack["name"],
        "serials": stack["serials"],
        "isMonitorOnly": False,
        "virtualMac": "02:93:ff:00:00:01",
        "members": [
            {
                "serial": device["serial"],
                "name": {**devices.DEFAULTS, **device["config"]}["name"],
                "model": device["model"],
                "mac": device["mac"],
                "role": roles[rank] if rank < len(roles) else "member",
            }
            for rank, device in enumerate(members)
        ],
    }
