"""What a site turns off or lowers outside its opening hours. The one place that reads how it is declared.

Ports and SSIDs follow hours by themselves, once told. Power does not: what transmits knows no hours for it, so that a
reduced power holds day and night.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import schema as form
from .schema import PortProfile
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
    """``ssids``: they go off the air; ``ports``: those whose profile says so are off, what they feed with them;
    ``low_power``: access points transmit at the town's reduced power, or, False, at their own; None leaves it alone."""

    ssids: bool
    ports: bool
    low_power: bool | None


def outside_hours(variables: SiteVariables) -> OutsideHours:
    """Read what a site does outside its hours."""
    declared = variables.wifi_outside_hours
    return OutsideHours(
        ssids=declared.state == "off",
        ports=declared.ports == "off",
        low_power=None if declared.power is None else declared.power == "reduced",
    )


def port_schedules(variables: SiteVariables) -> list[PortSchedule]:
    """The schedules that the ports of a site follow: one at most, its opening hours with a margin."""
    hours = variables.opening_hours
    if not outside_hours(variables).ports or hours is None:
        return []
    start, end = _earlier(hours.start), _later(hours.end)
    return [{"name": SCHEDULE, "open": [Window(day=day, start=start, end=end) for day in hours.days]}]


def schedule_of(variables: SiteVariables, profile: PortProfile) -> str | None:
    """The schedule of a port of this profile; a port that links switches never has one."""
    off = profile.outside_hours and not profile.uplink
    return next((schedule["name"] for schedule in port_schedules(variables) if off), None)


def rf_profiles(variables: SiteVariables) -> list[RfProfile]:
    """The radio profiles of a site, beside those that each network has: the reduced one, where it is in use."""
    reduced = variables.reduced_power
    if not outside_hours(variables).low_power or reduced is None:
        return []
    return [RfProfile(name=reduced.name, two_four_ghz=_range(reduced.two_four_ghz), five_ghz=_range(reduced.five_ghz))]


def _range(declared: form.PowerRange) -> PowerRange:
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
