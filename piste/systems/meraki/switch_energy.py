"""Energy of switches as the Dashboard measures it, and the share fed through their ports.

Source: Dashboard API, `getOrganizationSummaryTopSwitchesByEnergyUsage` (joules; the fifty that draw most),
`getOrganizationSwitchPortsUsageHistoryByDeviceByInterval` (watt-hours delivered by each port; 31 days at most).
Believed: [belief meraki.port_without_poe].
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.module import Module
from piste.engine.converge.reading import amount, listed, mapped, optional, text
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.transport.subjects import subject
from piste.engine.words import agreed
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard

MOST = 50
"""Switches that the Dashboard measures, at most [documented]."""
SHORTEST, LONGEST = timedelta(minutes=25), timedelta(days=186)
"""Shortest and longest period of a question [documented]."""
LONGEST_BY_PORT = timedelta(days=31)
JOULES_IN_A_KWH = 3_600_000
_DAY = 86_400


def energy(dashboard: Dashboard, start: datetime, end: datetime) -> dict[str, Any]:
    """Kilowatt-hours of each measured switch over a period, the greatest first.

    The result is `{switches, period, coverage}`. Nothing is extrapolated to the switches that the Dashboard does not
    measure: `coverage` counts them. `poe_kwh` is None where the period is too long for the measure of ports.
    """
    bounds = {"t0": _written(start), "t1": _written(end)}
    path = f"/organizations/{dashboard.organization}/summary/top/switches/byEnergyUsage"
    measured = dashboard.items(path, {**bounds, "quantity": MOST})
    serials = {
        text(device["mac"]).lower(): text(device["serial"])
        for device in dashboard.devices()
        if device.get("productType") == "switch"
    }
    fed = _fed(dashboard, bounds) if end - start <= LONGEST_BY_PORT else None
    switches = [_switch(switch, serials.get(text(switch["mac"]).lower(), ""), fed) for switch in measured]
    return {
        "switches": sorted(switches, key=lambda switch: (-switch["kwh"], switch["mac"])),
        "period": {
            "start": bounds["t0"],
            "end": bounds["t1"],
            "hours": round((end - start).total_seconds() / 3600, 2),
        },
        "coverage": {
            "measured": len(switches),
            "switches": len(serials),
            "most": MOST,
            "complete": {switch["serial"] for switch in switches} >= set(serials.values()),
        },
    }


def _switch(switch: Mapping[str, Any], serial: str, fed: Mapping[str, float] | None) -> dict[str, Any]:
    """Entry of one switch in the result."""
    return {
        "name": optional(text, switch.get("name")),
        "serial": serial or None,
        "mac": text(switch["mac"]).lower(),
        "network": optional(text, mapped(switch.get("network")).get("name")),
        "model": optional(text, switch.get("model")),
        "kwh": round(amount(switch["usage"]["total"]) / JOULES_IN_A_KWH, 3),
        "poe_kwh": round(fed[serial] / 1000, 3) if fed and serial in fed else None,
    }


def _fed(dashboard: Dashboard, bounds: Mapping[str, str]) -> dict[str, float]:
    """Watt-hours delivered by the ports of each switch, by serial number."""
    path = f"/organizations/{dashboard.organization}/switch/ports/usage/history/byDevice/byInterval"
    return {
        text(switch["serial"]): sum(
            amount(mapped(mapped(interval.get("energy")).get("usage")).get("total"))
            for port in listed(switch["ports"])
            for interval in listed(port.get("intervals"))
        )
        for switch in dashboard.pages(path, MOST, {**bounds, "interval": _DAY})
    }


def report(measured: Mapping[str, Any]) -> list[str]:
    """Sentences of the measure, for people."""
    coverage, period = measured["coverage"], measured["period"]
    total = sum(switch["kwh"] for switch in measured["switches"])
    lines = [
        f"Du {period['start']} au {period['end']} : {total:.3f} kWh mesurés par le Dashboard sur "
        f"{agreed(coverage['measured'], 'commutateur(s)')} de {coverage['switches']}"
    ]
    if not coverage["complete"]:
        lines.append(
            f"Le Dashboard ne dit que les {MOST} qui consomment le plus : les autres ne sont ni dits, ni extrapolés"
        )
    return lines


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        why = f"« {text} » n’est pas un moment, par exemple 2026-11-01T00:00:00Z"
        raise InvalidConfig([Fault(where, why)]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _period(params: Mapping[str, Any], dashboard: Dashboard) -> tuple[datetime, datetime]:
    """Period of a task: between two moments, or the last hours by the clock of the Dashboard."""
    if params.get("start") and params.get("end"):
        start, end = _moment(params["start"], "start"), _moment(params["end"], "end")
    elif params.get("start") or params.get("end"):
        raise InvalidConfig([Fault("start", "start et end vont ensemble ; sans eux, donnez hours")])
    else:
        end = datetime.fromtimestamp(dashboard.moment(), UTC)
        start = end - timedelta(hours=float(params["hours"]))
    if not SHORTEST <= end - start <= LONGEST:
        raise InvalidConfig([Fault("start", "la période va de 25 minutes à 186 jours")])
    return start, end


def _energy(dashboard: Dashboard, params: Params) -> dict[str, Any]:
    measured = energy(dashboard, *_period(params, dashboard))
    return {**measured, "report": report(measured)}


MODULES: Mapping[str, Module] = subject(
    "meraki_energy",
    MERAKI,
    _energy,
    Field("start", "When the period begins, C(2026-11-01T00:00:00Z); with I(end)."),
    Field("end", "When it ends, 186 days later at most."),
    Field("hours", "How many hours before now, where no period is given.", type="float", default=24),
)
