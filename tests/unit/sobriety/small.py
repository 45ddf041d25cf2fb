"""A town of three sites to compute by hand: a school, an administration, the police.

The school has 6 access points, a MS220-24, two MS120-8, a copier and two printers; the CCAS 3 access points, a
MS210-24, a MS120-8, a copier and a printer; the police 2 access points, a MS210-24, a MS120-8, a copier and a printer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from piste.sobriety.figure import Figure
from piste.sobriety.figures import figures
from piste.sobriety.imports import Imports, Incident, Metered, Pc, Printed
from piste.sobriety.readings import Readings
from piste.systems.meraki.intent import meraki_intent
from piste.town.model import Town, load

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 26)
SCHOOL, CCAS, POLICE = "ecole-jaures", "ccas", "police-municipale"


@cache
def whole() -> Town:
    return load(ROOT / "inventories" / "town", today=TODAY).require()


def town(*sites: str, **changes: Any) -> Town:
    """Cut the declared town down to these sites.

    `changes` replace fields of a site, by its name with underscores.
    """
    names = sites or (SCHOOL, CCAS)
    kept = {name: {**whole().sites[name], **changes.get(name.replace("-", "_"), {})} for name in names}
    return replace(whole(), sites=kept)  # type: ignore[arg-type]


def scheduled(site: Mapping[str, Any]) -> dict[str, Any]:
    """Make the ports of the access points of a site follow its hours, half an hour wider."""
    hours = site["opening_hours"]
    windows = [{"day": day, "start": "06:30", "end": "19:00"} for day in hours["days"]]
    devices = [
        {**device, "ports": [
            {**port, "schedule": "Heures du site" if port["profile"] == "borne" else None} for port in device["ports"]
        ]}
        for device in site["devices"]
    ]  # fmt: skip
    levers = {**site["levers"], "bornes-hors-heures": {"state": "pilot", "spared": ""}}
    schedules = [{"name": "Heures du site", "open": windows}]
    return {**site, "port_schedules": schedules, "port_power": "hours", "devices": devices, "levers": levers}


def compute(
    of: Town | None = None, readings: Readings | None = None, imports: Imports | None = None, **others: Any
) -> dict[str, Figure]:
    """Compute the figures of a town, by their ids."""
    computed = figures(of or town(), readings or Readings(), imports or Imports(), TODAY, **others)
    return {figure.id: figure for figure in computed}


def pc(name: str, sleep: int | None, stop: bool | None, site: str = SCHOOL, **more: Any) -> Pc:
    settings = {"kind": "fixed", "status": "in_service", "read_on": "2026-11-20", "service": "École", **more}
    return Pc(
        name, site, sleep_ac_seconds=sleep, shutdown_outside_hours=stop, source="GLPI", model=None,
        in_service_since=None, **settings,
    )  # fmt: skip


def printed(month: str, site: str = SCHOOL, queue: str | None = None, **counts: int) -> Printed:
    counted = {
        "jobs": 100, "duplex_jobs": 0, "mono_jobs": 0, "duplex_mono_jobs": 0, "pages_a4": 0, "pages_a3": 0,
        "color_pages": 0, **counts,
    }  # fmt: skip
    return Printed(month, site, queue, None, source="myQ", **counted)


def metered(equipment: str, kwh: float, count: int, year: int, site: str = SCHOOL) -> Metered:
    """Make a reading of a whole year that ends on the 31st of October."""
    return Metered(equipment, site, f"{year - 1}-11-01", f"{year}-10-31", kwh, count, "Compteur")


def incident(ticket: str, lever: str, day: str = "2026-11-10") -> Incident:
    return Incident(ticket, day, SCHOOL, lever, None, "GLPI")


def network(site: str, of: Town | None = None, **more: Any) -> dict[str, Any]:
    """Give the gathered state of a site whose SSIDs are on during its opening hours."""
    here: Mapping[str, Any] = (of or town(site)).sites[site]
    hours = here["opening_hours"]
    windows = [{"day": day, "start": hours["start"], "end": hours["end"]} for day in hours["days"]]
    ssids = [{**ssid, "schedule": {"open": windows}} for ssid in here["ssids"]]
    return {"ssids": meraki_intent({**here, "ssids": ssids})["ssids"], "switch_ports": [], "devices": [], **more}


def capacity(**totals: Any) -> dict[str, Any]:
    """Give the report of a cluster of three nodes whose power is measured, as the module does."""
    node = {"cpu_used": 0.2, "watts": 250, "low": 250, "high": 250, "origin": "mesuré"}
    return {
        "cluster": "ntnx-hdv",
        "date": "2026-11-25T10:00",
        "nodes": [{"name": f"ntnx-hdv-{letter}", **node} for letter in "abc"],
        "machines": [
            {"name": "hdv-sh1", "running": 1, "cpu_ready_percent": 12.5, "io_latency_ms": 1.8},
            {"name": "hdv-dc1", "running": 1, "cpu_ready_percent": None, "io_latency_ms": 3.0},
            {"name": "hdv-rct1", "running": 0, "cpu_ready_percent": None, "io_latency_ms": None},
        ],
        "totals": {
            "count": 22, "running": 20, "vcpus": 44, "memory_gib": 102, "memory_left_gib": 90,
            "memory_after_the_loss_of_a_node_gib": 192, "holds_the_loss_of_a_node": True,
            "watts": 750, "watts_low": 750, "watts_high": 750, "origin": "mesuré", "watts_per_vcpu_marginal": 3.0,
            **totals,
        },
        "sources": ["Puissance : Boavizta, relevé le 2026-11-24"],
    }  # fmt: skip


def hours_of_machines(*applied: str, eligible: tuple[str, ...] = ("hdv-rct1", "hdv-img1")) -> dict[str, Any]:
    """Give the figure of the hours as `prism_power_hours` does; undeclared machines are unknown."""
    return {
        "id": "F3", "value": 0.3333, "target": 0.8, "numerator": len(applied), "denominator": len(eligible) + 1,
        "source": "Prism Central ntnx", "date": "2026-11-25T22:10", "method": "relevé",
        "eligible": [
            {"name": name, "schedule": "nuits-et-week-ends", "applied": name in applied,
             "why": "" if name in applied else "aucun horaire"}
            for name in eligible
        ],
        "excluded": [{"name": "hdv-dc1", "why": "en production"}], "unknown": ["essai"], "to_confirm": ["hdv-img1"],
    }  # fmt: skip
