"""Ports, SSIDs and radio power outside the opening hours of a site: derivation, rules.

Ports and SSIDs follow hours by themselves, once set. Radio power does not: access points have no hours for it, so a
reduced power holds day and night.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from .sobriety.levers import at_site, lever_of

if TYPE_CHECKING:
    from .declaration import DeclaredSite
    from .faults import Mark
    from .ports import PortProfile
    from .sobriety.form import Drives
    from .variables import SiteVariables
    from .view import View


class Window(TypedDict):
    """Hours of one day during which an SSID is on the air, or a port on, as HH:MM."""

    day: str
    start: str
    end: str


class PortSchedule(TypedDict):
    """Hours outside which its ports are off; a day without a window is off altogether."""

    name: str
    open: list[Window]


SCHEDULE = "Heures du site"
"""Name of the schedule of ports at every site."""
MARGIN = timedelta(minutes=30)
"""Time that ports are on before opening and after closing: an access point takes minutes to start, and people stay
late. Hours are declared on the half-hour grid of the switches, and stay on it."""
_DAY_START, _DAY_END = "00:00", "24:00"


@dataclass(frozen=True, slots=True)
class OutsideHours:
    """Parts turned off or lowered (True), given back for a time (False), left alone (None).

    `ssids` go off the air; `ports` whose profile allows it go off, and so does what they feed; `low_power` is the
    town's reduced power of access points.
    """

    ssids: bool | None
    ports: bool | None
    low_power: bool | None


def outside_hours(declared: DeclaredSite, today: date) -> OutsideHours:
    """Read the levers rolled out at a site on a day."""

    def does(drives: Drives) -> bool | None:
        here = at_site(declared.variables, declared.id, drives, today.isoformat())
        return False if here.spared else True if here.state != "off" else None

    return OutsideHours(ssids=does("ssid_hours"), ports=does("port_hours"), low_power=does("radio_power"))


def port_schedules(variables: SiteVariables, here: OutsideHours) -> list[PortSchedule]:
    """Derive the port schedules of a site: at most its opening hours with a margin."""
    hours = variables.opening_hours
    if not here.ports or hours is None:
        return []
    start, end = _earlier(hours.start), _later(hours.end)
    return [{"name": SCHEDULE, "open": [Window(day=day, start=start, end=end) for day in hours.days]}]


def carries_phones(profile: PortProfile, profiles: dict[str, PortProfile]) -> bool:
    """Tell whether a profile has phones: on its voice VLAN, or on another profile's."""
    voice = set(_voice(profiles))
    return profile.mode == "access" and (profile.voice_segment is not None or profile.segment in voice)


def _voice(profiles: dict[str, PortProfile]) -> Iterator[str]:
    for profile in profiles.values():
        if profile.voice_segment is not None:
            yield profile.voice_segment


def _earlier(time: str) -> str:
    moved = datetime.strptime(time, "%H:%M") - MARGIN
    return f"{moved:%H:%M}" if moved.day == 1 and moved.year == 1900 else _DAY_START


def _later(time: str) -> str:
    moved = datetime.strptime(time, "%H:%M") + MARGIN
    return f"{moved:%H:%M}" if moved.day == 1 else _DAY_END


def check_profiles(view: View) -> None:
    """M044: the ports of a profile that may be off lead to no switch, and to phones by reason."""
    town = view.declared.town
    known = town.variables.port_profiles
    for name, profile in known.items():
        if not profile.outside_hours:
            continue
        if profile.uplink:
            reason = "ses ports relient des commutateurs"
        elif carries_phones(profile, known) and not profile.outside_hours_why:
            reason = "il porte des téléphones, et rien ne dit pourquoi ils peuvent se taire (outside_hours_why)"
        else:
            continue
        mark = town.where(("port_profiles", name, "outside_hours"), ("port_profiles", name))
        message = f"Profil de port {name} : {reason}"
        view.faults.add("PISTE-M044", f"port_profiles[{name}].outside_hours", mark, message)


def check_sites(view: View) -> None:
    """M045, M046: the reduced power is declared; a port that is off turns its device off."""
    hardware, reduced = view.declared.town.variables.hardware, view.declared.town.variables.reduced_power
    for name, site in view.sites.items():
        if site["radio_power"] == "reduced" and reduced is None:
            message = f"{name} : la puissance réduite (reduced_power) n’est pas déclarée"
            view.faults.add("PISTE-M045", f"sites[{name}].rf_profiles", _lever(view, "radio_power"), message)
        models = {
            device["model"]: hardware[device["model"]].poe
            for device in site["devices"]
            if any(port["schedule"] for port in device["ports"])
        }
        for model, poe in models.items():
            if not poe:
                what = "ne les alimente pas" if poe is False else "les alimente peut-être, ce n’est pas relevé"
                message = f"{name} : des ports de {model} s’éteignent, qui {what}"
                path = f"sites[{name}].port_schedules[{model}]"
                view.faults.add("PISTE-M046", path, _lever(view, "port_hours"), message)


def _lever(view: View, drives: Drives) -> Mark:
    town = view.declared.town
    lever = lever_of(town.variables, drives)
    return town.where(("sobriety_levers", lever[0])) if lever else town.where(("sobriety_levers",))
