"""Traffic of ports by day, as the Dashboard measures it.

Source: Dashboard API, `getOrganizationSwitchPortsUsageHistoryByDeviceByInterval`: kilobytes sent and received by each
port, over 31 days at most, and no further back than 31 days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.module import Module
from piste.engine.converge.moments import stamped, written
from piste.engine.converge.reading import amount, listed, mapped, text
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.transport.subjects import subject
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard

DAY = 86_400
FURTHEST = timedelta(days=31)


class Traffic(TypedDict):
    """Kilobytes, sent and received, over so many seconds."""

    kilobytes: float
    seconds: float


def port_traffic(dashboard: Dashboard, ports: Iterable[str], start: int, end: int) -> dict[str, dict[str, Traffic]]:
    """Read the traffic of ports (`serial/port`) by the beginning of each day, in one read.

    The period, in seconds since 1970, is of whole days (UTC), so that two reads cut the same days. A port or a day that
    the Dashboard does not give is absent.
    """
    wanted, now = set(ports), dashboard.transport.now()
    first = -(-(now - FURTHEST.total_seconds()) // DAY) * DAY
    start, end = max(start, int(first)), min(end, int(now // DAY * DAY))
    if not wanted or end <= start:
        return {}
    bounds = {name: _moment(at) for name, at in (("t0", start), ("t1", end))}
    path = f"/organizations/{dashboard.organization}/switch/ports/usage/history/byDevice/byInterval"
    return {
        name: dict(_day(interval) for interval in listed(port.get("intervals")) if _usage(interval) is not None)
        for switch in dashboard.pages(path, 50, {**bounds, "interval": DAY})
        for port in listed(switch["ports"])
        if (name := f"{text(switch['serial'])}/{text(port['portId'])}") in wanted
    }


def _usage(interval: Mapping[str, Any]) -> Any:
    return mapped(mapped(interval.get("data")).get("usage")).get("total")


def _day(interval: Mapping[str, Any]) -> tuple[str, Traffic]:
    begins, ends = (stamped(interval[name]) for name in ("startTs", "endTs"))
    lasts = (datetime.fromisoformat(ends) - datetime.fromisoformat(begins)).total_seconds()
    return begins, Traffic(kilobytes=amount(_usage(interval)), seconds=lasts)


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _traffic(dashboard: Dashboard, params: Params) -> dict[str, Any]:
    if params["end"] <= params["start"]:
        raise InvalidConfig([Fault("end", "la fin de la période est après son début")])
    traffic = port_traffic(dashboard, params["ports"], params["start"], params["end"])
    return {"traffic": traffic, "read_at": written(dashboard.transport.now())}


MODULES: Mapping[str, Module] = subject(
    "meraki_port_traffic",
    MERAKI,
    _traffic,
    Field("ports", "Ports, C(serial/port).", type="list", required=True),
    Field("start", "Midnight (UTC) when the period begins, seconds since 1970.", type="int", required=True),
    Field("end", "When it ends.", type="int", required=True),
)
