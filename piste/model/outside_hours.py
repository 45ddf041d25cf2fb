"""What a site turns off or lowers outside its opening hours. The one place that reads how it is declared.

Ports and SSIDs follow hours by themselves, once told. Power does not: what transmits knows no hours for it, so that a
reduced power holds day and night.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from . import schema_radio as radio_form
from .declaration import DeclaredSite
from .levers import at_site
from .schema import PortProfile
from .schema_sobriety import Drives
from .site import PortSchedule, PowerRange, RfProfile, Window
from .variables import SiteVariables

SCHEDULE = "Heures du site"
"""What the schedule of ports is called at every site."""
MARGIN = timedelta(minutes=30)
"""How long before opening and after closing ports are on: an access point takes minutes to start, and people stay late.
Hours are declared on the half-hour grid that the switches know, and stay on it."""
_DAY_START, _DAY_END = "00:00", "24:00"


@dataclass(frozen=True, slots=True)
class OutsideHours:
    """What is turned off or lowered (True), given back for a time (False) or left alone (None).

    ``ssids`` go off the air; ``ports`` whose profile says so go off, and what they feed with them; ``low_power`` is the
    town's reduced power of access points.
    """

    ssids: bool | None
    ports: bool | None
    low_power: bool | None


def outside_hours(declared: DeclaredSite, today: date) -> OutsideHours:
    """Read what a site does outside its hours on a day: the levers that are rolled out there."""

    def does(drives: Drives) -> bool | None:
        here = at_site(declared.variables, declared.id, drives, today.isoformat())
        return False if here.spared else True if here.state != "off" else None

    return OutsideHours(ssids=does("ssid_hours"), ports=does("port_hours"), low_power=does("radio_power"))


def port_schedules(variables: SiteVariables, here: OutsideHours) -> list[PortSchedule]:
    """The schedules that the ports of a site follow: one at most, its opening hours with a margin."""
    hours = variables.opening_hours
    if not here.ports or hours is None:
        return []
    start, end = _earlier(hours.start), _later(hours.end)
    return [{"name": SCHEDULE, "open": [Window(day=day, start=start, end=end) for day in hours.days]}]


def rf_profiles(variables: SiteVariables, here: OutsideHours) -> list[RfProfile]:
    """The radio profiles of a site, beside those that each network has: the reduced one, where it is in use."""
    reduced = variables.reduced_power
    if not here.low_power or reduced is None:
        return []
    return [RfProfile(name=reduced.name, two_four_ghz=_range(reduced.two_four_ghz), five_ghz=_range(reduced.five_ghz))]


def _range(declared: radio_form.PowerRange) -> PowerRange:
    return PowerRange(lowest=declared.lowest, highest=declared.highest)


def carries_phones(profile: PortProfile, profiles: dict[str, PortProfile]) -> bool:
    """Whether phones are behind access ports of a profile: it has a voice VLAN, or is in the one of another."""
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
