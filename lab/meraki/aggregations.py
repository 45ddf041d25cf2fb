"""Link aggregations of switch ports."""

from __future__ import annotations

import base64
from typing import Any

from lab.meraki.call import Call
from lab.meraki.errors import not_found, refused
from lab.meraki.stacks import stacks_of
from lab.meraki.world import Json

LEAST, MOST = 2, 8


def _aggregations_of(call: Call) -> dict[str, list[Json]]:
    """Return the aggregations of a network; those of a device that left it went with it."""
    there = {device["serial"] for device in call.world.devices_of(call.network["id"])}
    known: dict[str, list[Json]] = call.network.setdefault("aggregations", {})
    for aggregation_id, ports in list(known.items()):
        if not {port["serial"] for port in ports} <= there:
            del known[aggregation_id]
    return known


def aggregations(call: Call) -> list[Json]:
    return [{"id": known, "switchPorts": ports} for known, ports in _aggregations_of(call).items()]


def create(call: Call) -> Json:
    ports = _ports(call, None)
    # Ids look like base64 [documented example].
    aggregation_id = base64.b64encode(call.world.new_id().encode()).decode().rstrip("=")
    _aggregations_of(call)[aggregation_id] = ports
    return {"id": aggregation_id, "switchPorts": ports}


def update(call: Call) -> Json:
    known = _known(call)
    if "switchPorts" in call.body:
        _aggregations_of(call)[known] = _ports(call, known)
    return {"id": known, "switchPorts": _aggregations_of(call)[known]}


def delete(call: Call) -> None:
    del _aggregations_of(call)[_known(call)]


def _known(call: Call) -> str:
    if call.ids["linkAggregationId"] not in _aggregations_of(call):
        raise not_found("Link aggregation")
    return call.ids["linkAggregationId"]


def _ports(call: Call, known: str | None) -> list[Json]:
    """Return the ports of a body, of one switch or stack. Raises ApiError 400."""
    given: list[Any] = call.body.get("switchPorts", [])
    names = [(port["serial"], port["portId"]) for port in given]
    errors = [] if LEAST <= len(set(names)) <= MOST else ["'switchPorts' must hold between 2 and 8 ports"]
    there = {device["serial"]: device for device in call.world.devices_of(call.network["id"])}
    for serial, port in names:
        ports = range(1, there[serial].get("ports", 0) + 1) if serial in there else ()
        if port not in map(str, ports):
            errors.append(f"{serial} has no port {port} in this network")
    serials = {serial for serial, _ in names}
    stacked = any(serials <= {*stack["serials"]} for stack in stacks_of(call, call.network).values())
    if len(serials) > 1 and not stacked:
        errors.append("The ports of an aggregation must be on one switch or on one stack")
    others = [port for other, ports in _aggregations_of(call).items() if other != known for port in ports]
    taken = {(port["serial"], port["portId"]) for port in others}
    twice = [(serial, port) for serial, port in names if (serial, port) in taken]
    errors += [f"{serial} port {port} is already in an aggregation" for serial, port in twice]
    if errors:
        raise refused(*errors)
    return [{"serial": serial, "portId": port} for serial, port in names]
