"""The consumption of switches, invented: typical watts by model, and the hours of ports."""

from __future__ import annotations

from datetime import timedelta

from lab.meraki.call import Call
from lab.meraki.devices import assigned
from lab.meraki.errors import refused
from lab.meraki.histories import FED_WATTS
from lab.meraki.ports import header, port_ids, shown
from lab.meraki.schedules import on_share
from lab.meraki.world import Json

TYPICAL_WATTS = {"MS120-8": 5.0, "MS120-24": 8.0, "MS120-48": 16.0, "MS210-24": 15.0, "MS210-48": 25.0}
"""Watts without a load on ports (device-type library, from datasheets); other models draw `OTHER_WATTS`."""
OTHER_WATTS = 20.0
PORTS_SHARE = 0.3
"""The share of a switch's own draw that depends on its ports: invented."""
SHORTEST, LONGEST = 25 * 60.0, 186 * 86400.0
MOST = 50


def top_switches(call: Call) -> list[Json]:
    """List the joules of the switches that draw most, ten unless the query gives a number."""
    start, end = _bounds(call, SHORTEST, LONGEST)
    quantity = call.value("quantity") or "10"
    if not quantity.isdecimal() or not 1 <= int(quantity) <= MOST:
        raise refused(f"'quantity' must be between 1 and {MOST}")
    usages = [_usage(call, device, end - start) for device in assigned(call, "switch")]
    return sorted(usages, key=lambda usage: (-usage["usage"]["total"], usage["mac"]))[: int(quantity)]


def _usage(call: Call, device: Json, seconds: float) -> Json:
    watts = next((w for model, w in TYPICAL_WATTS.items() if device["model"].startswith(model)), OTHER_WATTS)
    shares = [_on_share(call, device, port_id) for port_id in port_ids(device)]
    own = watts * (1 - PORTS_SHARE + PORTS_SHARE * sum(shares) / len(shares))
    fed = sum(_fed_share(call, device, port_id) for port_id in port_ids(device)) * FED_WATTS
    known = header(call, device)
    return {
        "network": known["network"],
        "name": known["name"],
        "mac": known["mac"],
        "model": known["model"],
        "usage": {"total": round((own + fed) * seconds, 1)},
    }


def _on_share(call: Call, device: Json, port_id: str) -> float:
    """Return the share of the week during which a port is on."""
    port = shown(device, port_id)
    schedules = call.world.network(device["networkId"])["port_schedules"]
    schedule = schedules.get(port["portScheduleId"])
    return 0.0 if not port["enabled"] else on_share(schedule["portSchedule"]) if schedule else 1.0


def _fed_share(call: Call, device: Json, port_id: str) -> float:
    """Return the share of the week during which a port feeds a device.

    A port with PoE feeds a device where somebody has named it.
    """
    port = shown(device, port_id)
    return _on_share(call, device, port_id) if port["poeEnabled"] and port["name"] else 0.0


def _bounds(call: Call, shortest: float, longest: float) -> tuple[float, float]:
    """Return both ends of the period of a query; the last day by default."""
    t0, t1, span = call.moment("t0"), call.moment("t1"), call.value("timespan")
    end = t1 if t1 is not None else call.clock.now()
    start = t0 if t0 is not None else end - float(span or timedelta(days=1).total_seconds())
    if not shortest <= end - start <= longest:
        raise refused("'t1' is too close to 't0', or too far from it")
    return start, end
