"""The consumption and traffic of switches, invented.

The consumption is from typical watts by model and the hours of ports.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lab.meraki.call import Call
from lab.meraki.devices import assigned
from lab.meraki.errors import refused
from lab.meraki.ports import header, port_ids, shown
from lab.meraki.schedules import on_share
from lab.meraki.world import Json

TYPICAL_WATTS = {"MS120-8": 5.0, "MS120-24": 8.0, "MS120-48": 16.0, "MS210-24": 15.0, "MS210-48": 25.0}
"""Watts without a load on ports (device-type library, from datasheets); other models draw `OTHER_WATTS`."""
OTHER_WATTS = 20.0
PORTS_SHARE = 0.3
"""The share of a switch's own draw that depends on its ports: invented."""
FED_WATTS = 6.0
"""Watts that a port with PoE delivers to the access point behind it: invented."""
SHORTEST, LONGEST, LONGEST_BY_PORT = 25 * 60.0, 186 * 86400.0, 31 * 86400.0
MOST = 50
INTERVALS = (300, 1200, 14400, 86400)


def top_switches(call: Call) -> list[Json]:
    """List the joules of the switches that draw most, ten unless the query gives a number."""
    start, end = _bounds(call, SHORTEST, LONGEST)
    quantity = call.value("quantity") or "10"
    if not quantity.isdecimal() or not 1 <= int(quantity) <= MOST:
        raise refused(f"'quantity' must be between 1 and {MOST}")
    usages = [_usage(call, device, end - start) for device in assigned(call, "switch")]
    return sorted(usages, key=lambda usage: (-usage["usage"]["total"], usage["mac"]))[: int(quantity)]


def by_interval(call: Call) -> list[Json]:
    """List the watt-hours that each port has delivered, by interval."""
    start, end = _bounds(call, 0.0, LONGEST_BY_PORT)
    interval = int(call.value("interval") or "1200")
    if interval not in INTERVALS:
        raise refused(f"'interval' must be one of: {', '.join(map(str, INTERVALS))}")
    edges = [start + interval * n for n in range(int((end - start) // interval))] or [start]
    spans = list(zip(edges, [*edges[1:], end], strict=True))
    return [
        {
            **header(call, device),
            "ports": [
                {
                    "portId": port_id,
                    "intervals": [_interval(share * FED_WATTS, carried, *span) for span in spans],
                }
                for port_id in port_ids(device)
                for share in [_fed_share(call, device, port_id)]
                for carried in [call.behaviour.port_traffic.get(f"{device['serial']}/{port_id}", 0.0)]
            ],
        }
        for device in assigned(call, "switch")
    ]


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


def _interval(watts: float, kbps: float | None, start: float, end: float) -> Json:
    return {
        "startTs": _iso(start),
        "endTs": _iso(end),
        "data": {"usage": _halves(None if kbps is None else kbps * (end - start) / 8)},
        "bandwidth": {"usage": _halves(kbps)},
        "energy": {"usage": {"total": round(watts * (end - start) / 3600, 3)}},
    }


def _halves(total: float | None) -> Json:
    """Return traffic as much sent as received; null where nothing was measured [inferred]."""
    half = None if total is None else round(total / 2, 3)
    return {"total": None if total is None else round(total, 3), "upstream": half, "downstream": half}


def _bounds(call: Call, shortest: float, longest: float) -> tuple[float, float]:
    """Return both ends of the period of a query; the last day by default."""
    t0, t1, span = call.moment("t0"), call.moment("t1"), call.value("timespan")
    end = t1 if t1 is not None else call.clock.now()
    start = t0 if t0 is not None else end - float(span or timedelta(days=1).total_seconds())
    if not shortest <= end - start <= longest:
        raise refused("'t1' is too close to 't0', or too far from it")
    return start, end


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
