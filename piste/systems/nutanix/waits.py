"""Waits for processors and disks, at the busiest hour of the last opening hours.

Source: vmm v4 `ahv/stats/vms` (the list needs both moments, the interval and `$select`), clustermgmt v4 `stats` of
hosts. A value below zero is a measure that was not made; the unit of CPU ready is a belief [belief prism.ready].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from piste.engine.converge.errors import Rejected
from piste.engine.converge.reading import listed, mapped, number, reading, text
from piste.systems.nutanix.prism import Collection, Prism
from piste.town.model.hours import DAYS

MACHINES = Collection("machine_stats", "vmm", "ahv/stats/vms")
NODES = Collection("stats", "clustermgmt", "stats/clusters")
_HOUR = 3600
OF_MACHINES = {"cpu_ready_percent": ("hypervisorCpuReadyTimePpm", 10_000),
                "io_latency_ms": ("controllerAvgIoLatencyMicros", 1_000)}  # fmt: skip
_OF_NODES = {"io_latency_ms": ("controllerAvgIoLatencyUsecs", 1_000), "iops": ("controllerNumIops", 1)}
"""Our name of a measure, theirs, and what divides it: parts per million of the time, microseconds."""
Waits = Mapping[str, float]


class Hours(NamedTuple):
    """The last opening hours that are over."""

    start: datetime
    end: datetime


def last_hours(hours: Sequence[Mapping[str, Any]], moment: datetime, timezone: str) -> Hours | None:
    """Give the last declared hours that ended before a moment; None where a week has none."""
    zone = ZoneInfo(timezone)
    for back in range(8):
        day = moment.date() - timedelta(days=back)
        here = [
            Hours(*(datetime.combine(day, time.fromisoformat(entry[end]), zone) for end in Hours._fields))
            for entry in hours
            if DAYS[day.weekday()] in entry["days"]
        ]
        if over := [each for each in here if each.end <= moment.replace(tzinfo=zone)]:
            return max(over)
    return None


def asked(start: datetime, end: datetime, names: Iterable[str], step: int, kind: str) -> dict[str, Any]:
    """Query of a series: a value each `step` seconds."""
    moments = (moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (start, end))
    query = dict(zip(("startTime", "endTime"), moments, strict=True))
    return {**query, "samplingInterval": step, "statType": kind, "select": ",".join(names)}


def of_machines(prism: Prism, hours: Hours) -> dict[str, Waits]:
    """Waits of each machine by its id; empty where the account may not read them."""
    names = [f"stats/{wire}" for wire, _ in OF_MACHINES.values()]
    waits: dict[str, Waits] = {}
    try:
        with reading(f"{prism.host} {MACHINES.path}"):
            for _, machines in prism.pages(MACHINES, **asked(*hours, names, _HOUR, "AVG")):
                for machine in machines:
                    points = [mapped(point) for point in listed(machine.get("stats"))]
                    series = {wire: [point.get(wire) for point in points] for wire, _ in OF_MACHINES.values()}
                    waits[text(machine["extId"])] = _worst(OF_MACHINES, series)
    except Rejected:
        return {}
    return waits


def of_node(prism: Prism, cluster: str, host: str, hours: Hours) -> Waits:
    """Waits of a node, in one call."""
    data = measured(prism, cluster, host, asked(*hours, (wire for wire, _ in _OF_NODES.values()), _HOUR, "AVG"))
    points = {wire: listed(data.get(wire)) for wire, _ in _OF_NODES.values()}
    return _worst(_OF_NODES, {wire: [mapped(point).get("value") for point in some] for wire, some in points.items()})


def measured(prism: Prism, cluster: str, host: str, query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Series of the measures of a node; empty where the account may not read them."""
    query = {f"${name}": value for name, value in query.items()}
    try:
        answer = prism.request("GET", prism.url(NODES, cluster, "hosts", host), query=query).mapping("data")
    except Rejected:
        return {}
    return mapped(answer["data"])


def longest(waits: Iterable[Waits], name: str) -> float | None:
    """Longest wait of some machines; None where none was measured."""
    return max((each[name] for each in waits if name in each), default=None)


def _worst(measures: Mapping[str, tuple[str, int]], series: Mapping[str, Iterable[Any]]) -> Waits:
    worst: dict[str, float] = {}
    for name, (wire, divisor) in measures.items():
        if made := [value for given in series[wire] if given is not None and (value := number(given)) >= 0]:
            worst[name] = round(max(made) / divisor, 1)
    return worst
