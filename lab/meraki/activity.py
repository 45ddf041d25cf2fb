"""The life of a simulated town, invented: use of the network by local hour.

A network has the hours of the words in its name, an access point those of the rank that ends its serial;
`Behaviour.activity` gives a network or a device others.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lab.meraki.call import Call
from lab.meraki.devices import online
from lab.meraki.ports import shown
from lab.meraki.schedules import is_on
from lab.meraki.world import Json


class Use(NamedTuple):
    """Hours of use: days (Monday is 0), the first hour, the hour after the last."""

    days: tuple[int, ...]
    first: int
    end: int


WEEKDAYS, EVERY_DAY = (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5, 6)
USES: Mapping[str, Use | None] = {
    "office": Use(WEEKDAYS, 8, 18),
    "school": Use((0, 1, 3, 4), 8, 17),
    "library": Use((1, 2, 3, 4, 5), 10, 18),
    "sport": Use(EVERY_DAY, 9, 22),
    "continuous": Use(EVERY_DAY, 0, 24),
    "night": Use(EVERY_DAY, 1, 4),
    "nobody": None,
}
WORDS: Mapping[str, str] = {
    "ecole": "school", "mediatheque": "library", "piscine": "sport", "stade": "sport", "police": "continuous",
}  # fmt: skip
"""The use of a network, by a word in its name; `office` without any."""
RANKS: Mapping[str, str] = {"45": "nobody", "46": "night"}
"""The use of an access point, by the end of its serial."""
CLIENTS, PEAK_HOURS = 4, (10, 14)
KBPS_OF_A_CLIENT, KBPS_OF_A_PORT = 120.0, 40.0


def use_of(call: Call, device: Json) -> Use | None:
    """Return the hours in which a device is used; None for a device that nobody uses."""
    network = call.world.network(device["networkId"])["name"]
    given = call.behaviour.activity
    named = given.get(device["serial"]) or given.get(network)
    if named is None and device["kind"] == "access_point":
        named = RANKS.get(device["serial"][-2:])
    if named is None:
        named = next((use for word, use in WORDS.items() if word in network.casefold()), "office")
    return USES[named]


def clients(use: Use | None, device: Json, hour: tuple[int, int]) -> int:
    """Count the clients of an access point in an hour of the week."""
    if use is None or hour[0] not in use.days or not use.first <= hour[1] < use.end:
        return 0
    if use == USES["night"]:
        return 1
    return CLIENTS + int(device["serial"][-2:]) % 5 + (3 if hour[1] in PEAK_HOURS else 0)


def kbps_of_a_port(call: Call, device: Json, port: Json, hour: tuple[int, int]) -> float:
    """Return the traffic of a port, as `shown` gives it; a port without a name carries none."""
    if not port["enabled"] or not port["name"] or port["portId"] == device["uplink_port"]:
        return 0.0
    fed = call.world.devices.get(device.get("cabled", {}).get(port["portId"], ""))
    if fed is not None and fed["kind"] == "access_point" and fed["networkId"]:
        return clients(use_of(call, fed), fed, hour) * KBPS_OF_A_CLIENT
    use = use_of(call, device)
    busy = use is not None and hour[0] in use.days and use.first <= hour[1] < use.end
    return KBPS_OF_A_PORT if busy else 0.0


def measured(call: Call, device: Json, start: float) -> bool:
    """Tell whether the Dashboard measured a device at a moment."""
    behaviour = call.behaviour
    gap = any(first <= start < end for first, end in behaviour.measure_gaps)
    return online(call, device) and not gap and start >= behaviour.measured_since.get(device["serial"], 0.0)


def feeder(call: Call, device: Json) -> tuple[Json, Json] | None:
    """Return the switch and the port of an access point; None where the lab does not know."""
    for switch in call.world.devices_of(device["networkId"]):
        for port_id, serial in switch.get("cabled", {}).items():
            if serial == device["serial"]:
                return switch, shown(switch, port_id)
    return None


def on(call: Call, device: Json, port: Json, start: float) -> bool:
    """Tell whether a port, as `shown` gives it, is on at a moment, by its schedule."""
    network = call.world.network(device["networkId"])
    schedule = network["port_schedules"].get(port["portScheduleId"])
    if not port["enabled"]:
        return False
    return schedule is None or is_on(schedule["portSchedule"], *local(start, network["timeZone"]))


@lru_cache(maxsize=65_536)
def local(at: float, zone: str) -> tuple[int, int, int]:
    """Return a moment as a day of the week (Monday is 0), an hour and a minute of a time zone."""
    moment = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone))
    return moment.weekday(), moment.hour, moment.minute
