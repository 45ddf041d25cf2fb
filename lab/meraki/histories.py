"""Histories of access points and of ports by interval, from the life of the simulated town."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from lab.meraki import activity
from lab.meraki.call import Call
from lab.meraki.devices import assigned, online
from lab.meraki.errors import not_found, refused
from lab.meraki.health import radios
from lab.meraki.ports import header, port_ids, shown
from lab.meraki.world import Json

FED_WATTS = 6.0
"""Watts that a port with PoE delivers to the access point behind it: invented."""
LONGEST = LOOKBACK = timedelta(days=31).total_seconds()
INTERVALS = (300, 1200, 14400, 86400)
RESOLUTIONS = (300, 600, 1200, 3600, 14400, 86400)
USE_LOOKBACK = timedelta(days=90).total_seconds()
USE_INTERVALS = (300, 600, 3600, 7200, 14400, 21600)
NOISE = 5
"""Share of a channel that other things than Wi-Fi take, in percent: invented."""
SIGNAL = {"snr": 35, "rssi": -60}
SLACK = 60.0
"""Seconds that a question may take to come: a period of exactly 31 days is accepted."""


def client_counts(call: Call) -> list[Json]:
    """List the clients of a network, or of an access point; null where nothing was measured."""
    resolution = int(call.value("resolution") or "86400")
    if resolution not in RESOLUTIONS:
        raise refused(f"'resolution' must be one of: {', '.join(map(str, RESOLUTIONS))}")
    start, end = bounds(call, timedelta(days=7).total_seconds())
    points = [device for device in call.world.devices_of(call.network["id"]) if device["kind"] == "access_point"]
    if (serial := call.value("deviceSerial")) is not None:
        points = [device for device in points if device["serial"] == serial]
        if not points:
            raise not_found("Device")
    return [
        {"startTs": iso(first), "endTs": iso(last), "clientCount": _count(call, points, first, last)}
        for first, last in _intervals(start, end, resolution)
    ]


def _count(call: Call, points: list[Json], first: float, last: float) -> Any:
    """Return the clients of an interval, its busiest hour where it lasts longer."""
    given = [call.behaviour.measured_as[device["serial"]] for device in points if _spoken(call, device)]
    if given:
        return given[0]
    if first > call.clock.now():
        return None
    seen = [
        [_clients(call, device, at) for device in points] for at in range(int(first), int(last), 3600) or [int(first)]
    ]
    counts = [sum(hour) for hour in seen if None not in hour]  # type: ignore[arg-type]
    return max(counts, default=None)


def _spoken(call: Call, device: Json) -> bool:
    return device["serial"] in call.behaviour.measured_as


def _clients(call: Call, device: Json, at: float) -> int | None:
    feeder = activity.feeder(call, device)
    if not activity.measured(call, device, at) or (feeder and not activity.on(call, *feeder, at)):
        return None
    zone = call.world.network(device["networkId"])["timeZone"]
    return activity.clients(activity.use_of(call, device), device, activity.local(at, zone)[:2])


def use_by_device(call: Call) -> list[Json]:
    """List the use of the channels of each powered access point, an average by band."""
    interval = int(call.value("interval") or "3600")
    if interval not in USE_INTERVALS:
        raise refused(f"'interval' must be one of: {', '.join(map(str, USE_INTERVALS))}")
    if not 0 < float(call.value("timespan") or "1") <= USE_LOOKBACK:
        raise refused("'timespan' must be at most 90 days")
    return [
        {
            "serial": device["serial"],
            "mac": device["mac"],
            "network": {"id": device["networkId"]},
            "byBand": [
                {
                    "band": band,
                    "wifi": {"percentage": max(0, radio["use"] - NOISE)},
                    "nonWifi": {"percentage": min(NOISE, radio["use"])},
                    "total": {"percentage": radio["use"]},
                }
                for band, radio in radios(call, device).items()
            ],
        }
        for device in assigned(call, "access_point")
        if online(call, device)
    ]


def signal(call: Call) -> list[Json]:
    """List the signal of the clients of an access point; null where it has none."""
    serial = call.value("deviceSerial")
    if serial is None and call.value("clientId") is None:
        raise refused("'deviceSerial' or 'clientId' must be given")
    points = [device for device in call.world.devices_of(call.network["id"]) if device["serial"] == serial]
    if not points or points[0]["kind"] != "access_point":
        raise not_found("Device")
    start, end = bounds(call, timedelta(days=7).total_seconds())
    said = SIGNAL | {name: value for name, value in call.behaviour.air.get(str(serial), {}).items() if name in SIGNAL}
    heard = said if online(call, points[0]) else dict.fromkeys(SIGNAL)
    return [{"startTs": iso(start), "endTs": iso(end), **heard}]


def by_interval(call: Call) -> list[Json]:
    """List what each port carried and delivered, by interval."""
    interval = int(call.value("interval") or "1200")
    if interval not in INTERVALS:
        raise refused(f"'interval' must be one of: {', '.join(map(str, INTERVALS))}")
    start, end = bounds(call, timedelta(days=1).total_seconds())
    if call.value("t0") and not call.behaviour.interval_kept:
        interval = max(interval, 14400)
    spans = list(_intervals(start, end, interval))
    made: dict[Any, Json] = {}
    return [
        {**header(call, device), "ports": partial(_ports, call, device, spans, made)}
        for device in assigned(call, "switch")
    ]


def _ports(call: Call, device: Json, spans: list[tuple[float, float]], made: dict[Any, Json]) -> list[Json]:
    """List the ports of a switch; `made` are the intervals that ports share."""
    return [
        {"portId": port_id, "intervals": _of_port(call, device, port_id, spans, made)} for port_id in port_ids(device)
    ]


def _of_port(
    call: Call, device: Json, port_id: str, spans: list[tuple[float, float]], made: dict[Any, Json]
) -> list[Json]:
    """List the intervals of a port."""
    name, network = f"{device['serial']}/{port_id}", call.world.network(device["networkId"])
    port, traffic = shown(device, port_id), call.behaviour.port_traffic
    fed, zone = port["poeEnabled"] and port["name"], network["timeZone"]
    by_moment: dict[Any, float | None] = {}
    lines = []
    for start, end in spans:
        if not activity.measured(call, device, start):
            continue
        kbps, seconds = 0.0, 0.0
        for at in _steps(start, end):
            moment = activity.local(at, zone)
            if moment not in by_moment:
                powered = activity.on(call, device, port, at)
                by_moment[moment] = activity.kbps_of_a_port(call, device, port, moment[:2]) if powered else None
            if (carried := by_moment[moment]) is not None:
                lasts = min(end, (at // _STEP + 1) * _STEP) - at
                kbps, seconds = kbps + carried * lasts / (end - start), seconds + lasts
        rate = traffic.get(name, kbps)
        key = (seconds if fed else 0.0, rate, start)
        if key not in made:
            made[key] = _interval(FED_WATTS * key[0] / 3600, rate, start, end)
        lines.append(made[key])
    return lines


_STEP = 1800
"""Seconds: the grid of schedules."""


def _steps(start: float, end: float) -> Iterator[float]:
    at = start
    while at < end:
        yield at
        at = min(end, (at // _STEP + 1) * _STEP)


def _interval(watt_hours: float, kbps: float | None, start: float, end: float) -> Json:
    return {
        "startTs": iso(start),
        "endTs": iso(end),
        "data": {"usage": _halves(None if kbps is None else kbps * (end - start) / 8)},
        "bandwidth": {"usage": _halves(kbps)},
        "energy": {"usage": {"total": round(watt_hours, 3)}},
    }


def _halves(total: float | None) -> Json:
    """Return traffic as much sent as received; null where nothing was measured [inferred]."""
    half = None if total is None else round(total / 2, 3)
    return {"total": None if total is None else round(total, 3), "upstream": half, "downstream": half}


def _intervals(start: float, end: float, interval: int) -> Iterator[tuple[float, float]]:
    """Cut a period in intervals from its start; the last takes what is left."""
    edges = [start + interval * n for n in range(int((end - start) // interval))] or [start]
    yield from zip(edges, [*edges[1:], end], strict=True)


def bounds(call: Call, usual: float) -> tuple[float, float]:
    """Return both ends of the period of a query; `usual` seconds by default. Raises ApiError."""
    t0, t1, span = call.moment("t0"), call.moment("t1"), call.value("timespan")
    if span is not None and (t0 is not None or t1 is not None):
        raise refused("'timespan' cannot be given with 't0' or 't1'")
    end = t1 if t1 is not None else call.clock.now()
    start = t0 if t0 is not None else end - float(span or usual)
    if start < call.clock.now() - LOOKBACK - SLACK:
        raise refused("'t0' must be within the last 31 days")
    if not 0 <= end - start <= LONGEST:
        raise refused("'t1' is too close to 't0', or too far from it")
    return start, end


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
