"""Use of access points and access ports by hour of the week, as the Dashboard measures it.

Source: Dashboard API, `getOrganizationSwitchPortsUsageHistoryByDeviceByInterval` (organization-wide, paged, 31 days
back; 300, 1200, 14400 or 86400 s: 20 minutes here, three to an hour), `getNetworkWirelessClientCountHistory` (a network
and an access point a question, 31 days at most; an hour here). Nothing gives the clients of all access points by hour
at once. A value that was not measured, is absurd, or lasts over an edge of an hour is unknown, never zero.
Believed: [belief meraki.port_usage_interval], [belief meraki.whole_hours], [belief meraki.dark_access_point].
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from piste.engine.converge.errors import Fault, InvalidConfig, Rejected, Unreadable
from piste.engine.converge.module import Module
from piste.engine.converge.moments import written
from piste.engine.converge.reading import listed, mapped, reading, text
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.converge.values import Misfit, kind_of
from piste.engine.transport.subjects import subject
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.usage_weeks import HOUR, Week, days, hours, last_weeks, profile

PORTS = "/switch/ports/usage/history/byDevice/byInterval"
CLIENTS = "/networks/{network}/wireless/clientCountHistory"
LOOKBACK = 31 * 86_400
"""Seconds: the furthest moment that the Dashboard gives [documented]."""
MOST_WEEKS = 4
INTERVAL = 1200
SWITCHES = 20
"""Switches a page: a day of 20 switches of 54 ports is 20 MB at most, and an answer may have 64."""
KINDS = ("radio", "access")
"""Ports that feed access points, and other ports that end at a device."""
MOST_CLIENTS, MOST_WATTS, MOST_KBPS = 10_000, 100.0, 1e9
"""Values beyond which an answer is absurd: clients of an access point, watts (PoE gives 90) and traffic of a port."""

Places = Mapping[str, Mapping[str, Sequence[str]]]
"""By site: `access_points` (serials), `radio` and `access` (ports, `serial/port`)."""


def usage(dashboard: Dashboard, places: Places, zone: ZoneInfo, wanted: Sequence[Week]) -> list[dict[str, Any]]:
    """Read whole weeks.

    A week is `{week, start, end, sites, unread, absent}`. A site has `points` (clients by serial) and, by kind of port,
    `{ports, kbps, peak, wh, seen, fed}`: 168 values each, the sums of the `seen` ports, and of these the
    number that gave energy in the week, `fed`; `quiet` lists the ports that carried nothing in a week that was measured
    whole. `unread` gives the reason for each access point, and for `ports`;
    `absent` are the access points in no network. Raises `Unreachable`.
    """
    if not wanted:
        return []
    places_of = {week: list(hours(week, zone)) for week in wanted}
    networks = {device["serial"]: device["networkId"] for device in dashboard.devices()}
    serials = [serial for here in places.values() for serial in here["access_points"]]
    there = {serial: networks[serial] for serial in serials if serial in networks}
    counts, unread = _all_clients(dashboard, there, wanted)
    weeks = []
    for week in wanted:
        slots = [place for _, place in places_of[week]]
        points = {
            serial: profile(slots, [by_hour.get(start) for start, _ in places_of[week]])
            for serial, by_hour in counts.items()
        }
        ports, reasons = _ports(dashboard, places, week, zone)
        sites = {
            site: {
                "points": {serial: points[serial] for serial in here["access_points"] if serial in points},
                **({} if ports is None else _of_site(ports, here, week, zone)),
            }
            for site, here in places.items()
        }
        weeks.append({
            "week": week.name, "start": _moment(week.start), "end": _moment(week.end), "sites": sites,
            "unread": {**unread, **reasons}, "absent": sorted({*serials} - {*there}),
        })  # fmt: skip
    return weeks


def _all_clients(
    dashboard: Dashboard, networks: Mapping[str, str], wanted: Sequence[Week]
) -> tuple[dict[str, dict[int, float]], dict[str, str]]:
    """Read the clients of each access point by hour; give the reason for each that was not read."""
    counts, unread = {}, {}
    bounds = {"t0": _moment(wanted[0].start), "t1": _moment(wanted[-1].end), "resolution": HOUR}
    for serial, network in networks.items():
        query = {**bounds, "deviceSerial": serial}
        path = fill(CLIENTS, {"network": network})
        try:
            with reading(dashboard.host):
                counts[serial] = _clients(dashboard.items(path, query))
        except (Rejected, Unreadable) as error:
            unread[serial] = _why(error)
    return counts, unread


def _clients(intervals: Sequence[Any]) -> dict[int, float]:
    """Read clients by the beginning of the hour; an interval that is no whole hour is left out."""
    counts: dict[int, float] = {}
    for interval in intervals:
        start, end = _instant(mapped(interval)["startTs"]), _instant(interval["endTs"])
        count = _quantity(interval.get("clientCount"), MOST_CLIENTS)
        if count is not None and start % HOUR == 0 and end - start == HOUR:
            counts[start] = count
    return counts


class _Port:
    """Traffic and energy of a port in the hours of a week."""

    __slots__ = ("covered", "joules", "kilobits", "peaks")

    def __init__(self, count: int) -> None:
        self.covered = [0] * count
        self.kilobits = [0.0] * count
        self.joules = [0.0] * count
        self.peaks: dict[int, float] = {}

    @property
    def feeds(self) -> bool:
        """True for a port that gave energy in the week: an empty port gives none."""
        return any(joules > 0 for joules in self.joules)


def _ports(
    dashboard: Dashboard, places: Places, week: Week, zone: ZoneInfo
) -> tuple[dict[str, _Port] | None, dict[str, str]]:
    """Read the ports of a week, a question a local day."""
    count = (week.end - week.start) // HOUR
    ports = {name: _Port(count) for here in places.values() for kind in KINDS for name in here[kind]}
    serials = {name.partition("/")[0] for name in ports}
    path = f"/organizations/{dashboard.organization}{PORTS}"
    try:
        for start, end in days(week, zone) if ports else ():
            query = {"t0": _moment(start), "t1": _moment(end), "interval": INTERVAL}
            with reading(dashboard.host):
                for switch in dashboard.pages(path, SWITCHES, query):
                    serial = text(switch["serial"])
                    if serial in serials:
                        _add_switch(ports, serial, switch, week)
    except (Rejected, Unreadable) as error:
        return None, {"ports": _why(error)}
    return ports, {}


def _add_switch(ports: Mapping[str, _Port], serial: str, switch: Mapping[str, Any], week: Week) -> None:
    for listed_port in listed(switch["ports"]):
        port = ports.get(f"{serial}/{text(mapped(listed_port)['portId'])}")
        if port is not None:
            for interval in listed(listed_port.get("intervals")):
                _add(port, interval, week)


def _add(port: _Port, interval: Mapping[str, Any], week: Week) -> None:
    """Add an interval that lies in an hour of the week, and was measured."""
    start, end = _instant(interval["startTs"]), _instant(interval["endTs"])
    lasts, hour = end - start, (start - week.start) // HOUR
    if not 0 < lasts <= HOUR or start < week.start or end > week.end or (end - 1 - week.start) // HOUR != hour:
        return
    kilobytes = _quantity(mapped(mapped(interval.get("data")).get("usage")).get("total"), MOST_KBPS * lasts / 8)
    if kilobytes is None:
        return
    energy = mapped(mapped(interval.get("energy")).get("usage")).get("total")
    watt_hours = _quantity(energy, MOST_WATTS * lasts / 3600)
    port.covered[hour] += lasts
    port.kilobits[hour] += kilobytes * 8
    port.joules[hour] = math.nan if watt_hours is None else port.joules[hour] + watt_hours * 3600
    port.peaks[start] = port.peaks.get(start, 0.0) + kilobytes * 8 / lasts


def _of_site(
    ports: Mapping[str, _Port], here: Mapping[str, Sequence[str]], week: Week, zone: ZoneInfo
) -> dict[str, Any]:
    """Sum the ports of a site by kind, and list those that carried nothing."""
    by_kind = {kind: [ports[name] for name in here[kind]] for kind in KINDS}
    quiet = [
        name
        for kind in KINDS
        for name in here[kind]
        if all(seconds == HOUR for seconds in ports[name].covered) and not any(ports[name].kilobits)
    ]
    return {**{kind: _summed(of, week, zone) for kind, of in by_kind.items()}, "quiet": quiet}


def _summed(ports: Sequence[_Port], week: Week, zone: ZoneInfo) -> dict[str, Any]:
    slots = [place for _, place in hours(week, zone)]
    measured = [[port for port in ports if port.covered[hour] == HOUR] for hour in range(len(slots))]

    def sums(of: Callable[[_Port, int], float]) -> list[float | None]:
        totals = [sum(of(port, hour) for port in here) if here else None for hour, here in enumerate(measured)]
        return profile(slots, [None if total is None or math.isnan(total) else total for total in totals])

    return {
        "ports": len(ports),
        "kbps": sums(lambda port, hour: port.kilobits[hour] / HOUR),
        "peak": profile(slots, _peaks(ports, len(slots), week)),
        "wh": sums(lambda port, hour: port.joules[hour] / 3600),
        "seen": profile(slots, [len(here) for here in measured]),
        "fed": profile(slots, [sum(port.feeds for port in here) for here in measured]),
    }


def _peaks(ports: Sequence[_Port], count: int, week: Week) -> list[float | None]:
    """List the busiest moment of each hour, all its ports together."""
    totals: dict[int, float] = {}
    for port in ports:
        for start, kbps in port.peaks.items():
            if port.covered[(start - week.start) // HOUR] == HOUR:
                totals[start] = totals.get(start, 0.0) + kbps
    peaks: list[float | None] = [None] * count
    for start, kbps in totals.items():
        hour = (start - week.start) // HOUR
        peaks[hour] = max(kbps, peaks[hour] or 0.0)
    return peaks


def _quantity(value: Any, most: float) -> float | None:
    """Check a quantity; None where it was not measured, or is absurd. Raises `Misfit`."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Misfit(f"un nombre est attendu, reçu {kind_of(value)}")
    return float(value) if 0 <= value <= most else None


@cache
def _instant(value: str) -> int:
    """Read a moment in seconds since 1970; UTC without a zone. Raises `Misfit`, `ValueError`."""
    moment = datetime.fromisoformat(text(value))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _why(error: Rejected | Unreadable) -> str:
    return " : ".join(part for part in (error.what, error.why) if part)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidConfig([Fault("timezone", f"« {name} » n’est pas un fuseau, par exemple Europe/Paris")]) from None


PLACE = (
    Field("site", "Name of the site.", required=True),
    Field("access_points", "Serial numbers of its access points.", type="list", required=True),
    Field("radio", "Ports that feed them, C(serial/port).", type="list", required=True),
    Field("access", "Its other ports that end at a device.", type="list", required=True),
)


def _usage(dashboard: Dashboard, params: Params) -> dict[str, Any]:
    zone = _zone(params["timezone"])
    if not 1 <= params["weeks"] <= MOST_WEEKS:
        raise InvalidConfig([Fault("weeks", f"de 1 à {MOST_WEEKS} semaines : le Dashboard garde 31 jours")])
    now = dashboard.moment()
    wanted = last_weeks(now, zone, params["weeks"], now - LOOKBACK)
    lacking = [week for week in wanted if week.name not in params["known"]]
    weeks = usage(dashboard, {place["site"]: place for place in params["places"]}, zone, lacking)
    return {"weeks": weeks, "timezone": params["timezone"], "read_at": written(dashboard.transport.now())}


MODULES: Mapping[str, Module] = subject(
    "meraki_usage",
    MERAKI,
    _usage,
    Field("places", "Access points and ports of each site.", type="list", of=PLACE, required=True),
    Field("timezone", "Time zone of the town.", required=True),
    Field("weeks", "Whole weeks to read, the last ones; four at most.", type="int", default=1),
    Field("known", "Weeks not to read again, C(2026-W47).", type="list", default=[]),
)
