"""F8: sites whose live Wi-Fi goes off outside their hours, and incidents of it (CCTP 4.4.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.words import agreed
from piste.sobriety.counting import Counted, Known, because
from piste.sobriety.figure import Excluded, Figure
from piste.sobriety.imports import Incident
from piste.sobriety.readings import Item
from piste.systems.meraki.intent import meraki_intent
from piste.town.model import Site
from piste.town.model.outside_hours import Window
from piste.town.model.sobriety.form import Drives
from piste.town.model.wifi.derived import Schedule, Ssid

PLAN: tuple[Drives, ...] = ("ssid_hours", "port_hours", "radio_power")
"""The levers of the plan outside the hours."""
_F8 = "Sites éligibles dont le plan hors des heures d’ouverture est appliqué"
_INCIDENTS = "Incidents de service liés au plan hors des heures"
_LIVE, _GLPI = "Dashboard Meraki, horaires des SSID et des ports", "Import incidents.csv"
NO_WIFI = "aucune borne déclarée"


def network_figures(known: Known) -> Iterator[Figure]:
    yield _plan(known)
    yield _incidents(known)


def eligible(known: Known, drives: Drives) -> tuple[list[str], list[Excluded]]:
    """List the sites of a lever, with access points and hours; and the excluded sites."""
    sites, excluded = [], []
    for name, site in known.sites.items():
        wireless = any(device["kind"] == "access_point" for device in site["devices"])
        why = known.spared(name, drives) or ("" if wireless else NO_WIFI)
        if why:
            excluded.append(Excluded(name, why))
        else:
            sites.append(name)
    return sites, excluded


def open_windows(site: Site) -> list[Window]:
    """List the opening hours of a site, a window a day of opening."""
    hours = site["opening_hours"]
    return [Window(day=day, start=hours["start"], end=hours["end"]) for day in hours["days"]] if hours else []


def faults(known: Known, name: str) -> list[str] | None:
    """List the live faults of the plan at a site; None if it was not read."""
    read = known.readings.networks.get(name)
    if read is None or "ssids" not in read:
        return None
    problems = list(ssid_faults(known.town.sites[name], read))
    if known.applied(name, "port_hours"):
        ports = port_faults(known.town.sites[name], read)
        if ports is None:
            return problems or None
        problems += ports
    return problems


def ssid_faults(site: Site, read: Item) -> Iterator[str]:
    """List the live SSIDs that ignore the opening hours, and the missing declared SSIDs."""
    hours = Schedule(open=open_windows(site))
    ssids: list[Ssid] = [{**ssid, "schedule": hours} for ssid in site["ssids"]]
    wanted = {ssid["name"]: ssid["schedule"] for ssid in meraki_intent({**site, "ssids": ssids})["ssids"]}
    outages = next((_ranges(schedule) for schedule in wanted.values()), set())
    live = {str(ssid["name"]): ssid for ssid in read["ssids"]}
    for name, ssid in live.items():
        schedule = ssid.get("schedule") or {}
        if not ssid.get("enabled"):
            continue
        if not schedule.get("enabled"):
            yield f"{name} émet à toute heure"
        elif _ranges(schedule) != outages:
            yield f"{name} suit d’autres heures"
    wanted_on = [ssid["name"] for ssid in site["ssids"] if ssid["enabled"]]
    yield from (f"{name} n’est pas là" for name in wanted_on if name not in live)


def port_faults(site: Site, read: Item) -> list[str] | None:
    """List the faults of the ports that follow hours; None if schedules were not read."""
    if "port_schedules" not in read or "switch_ports" not in read:
        return None
    intent = meraki_intent(site)
    weeks = {item["name"]: _week(item) for item in intent["port_schedules"]}
    live_weeks = {item["name"]: _week(item) for item in read["port_schedules"]}
    live = {(port["serial"], str(port["port_id"])): port.get("port_schedule") for port in read["switch_ports"]}
    wanted = {
        (port["serial"], str(port["port_id"])): port["port_schedule"]
        for port in intent["switch_ports"]
        if port.get("port_schedule")
    }
    if not wanted:
        return ["aucun port de borne n’est déclaré avec un horaire"]
    problems = [f"l’horaire {name} a d’autres heures" for name, week in weeks.items() if live_weeks.get(name) != week]
    awake = sum(live.get(place) != name for place, name in wanted.items())
    return [*problems, *([f"{agreed(awake, 'port(s)')} de borne sans horaire"] if awake else [])]


def _ranges(schedule: Mapping[str, Any]) -> set[tuple[str, ...]]:
    names = ("start_day", "start_time", "end_day", "end_time")
    return {tuple(str(span[name]).lower() for name in names) for span in schedule.get("ranges") or ()}


def _week(item: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Give the hours of each day; the default of the system is on, from 00:00 to 24:00."""
    return {
        day: (hours.get("active", True), hours.get("start", "00:00"), hours.get("end", "24:00"))
        for day, hours in (item.get("week") or {}).items()
    }


def _plan(known: Known) -> Figure:
    sites, excluded = eligible(known, "ssid_hours")
    by_site = {name: faults(known, name) for name in sites}
    counted = Counted(
        [name for name, problems in by_site.items() if problems == []],
        [because([name], ", ".join(problems)) for name, problems in by_site.items() if problems],
        [name for name, problems in by_site.items() if problems is None],
        excluded,
    )
    why = "" if known.readings.networks else next(iter(_reasons(known)), "")
    return known.share("F8", _F8, counted, _LIVE, why=why)


def _reasons(known: Known) -> Iterator[str]:
    yield from (why for name, why in known.readings.unread.items() if name.startswith("network/"))


def _named(incident: Incident) -> str:
    return because([incident.ticket], f"{incident.site}, {incident.lever}, {incident.opened_on}")


def _incidents(known: Known) -> Figure:
    """Count all incidents ever linked to a lever of the plan, open or closed."""
    if known.imports.incidents is None:
        return known.unknown("F8.incidents", _INCIDENTS, "incidents", _GLPI, known.imports.why("incidents"))
    levers = {declared[0] for drives in PLAN if (declared := known.lever(drives))}
    opened = [incident for incident in known.imports.incidents if incident.opened_on <= known.day]
    linked = [incident for incident in opened if incident.lever in levers]
    return known.figure(
        "F8.incidents", _INCIDENTS, "incidents", len(linked), _GLPI,
        on=max((incident.opened_on for incident in linked), default=""),
        failing=[_named(incident) for incident in linked],
    )  # fmt: skip
