"""The readings of links by month; a month that is over does not grow old."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from piste.readings import store
from piste.readings.belief import Last, Reading, value
from piste.readings.links.period import MONTH
from piste.readings.table import SUBJECTS
from piste.systems.meraki.port_traffic import Traffic
from piste.systems.zabbix.link_measures import Measure

LINKS = SUBJECTS["links"]


class Readings(TypedDict):
    """Readings of a month: measures by link, traffic by port and day.

    `measured_at` and `traffic_at` are empty where that system was never read.
    """

    month: str
    measured_at: str
    measures: dict[str, Measure]
    traffic_at: str
    traffic: dict[str, dict[str, Traffic]]


def known(environment: str) -> dict[str, Last[Readings]]:
    """Give the months that were read, oldest first. Raises `UnreadableReading`."""
    read = store.last(LINKS, environment)
    return {month: read[month] for month in sorted(read) if MONTH.fullmatch(month)}


def last(environment: str, month: str) -> Readings:
    """Return the readings of a month, empty where there are none. Raises `UnreadableReading`."""
    read = known(environment).get(month)
    return value(read) if read else nothing(month)


def nothing(month: str) -> Readings:
    """Make the readings of a month that was never read."""
    return Readings(month=month, measured_at="", measures={}, traffic_at="", traffic={})


def added(readings: Readings, measures: Mapping[str, Any] | None, traffic: Mapping[str, Any] | None) -> Readings:
    """Add the results of the modules to readings; None for a system that did not answer.

    The Dashboard goes back 31 days and no further: the days that an earlier reading gave stay.
    """
    made = Readings(**readings)
    if measures:
        made["measured_at"], made["measures"] = measures["read_at"], dict(measures["links"])
    if traffic:
        made["traffic_at"] = traffic["read_at"]
        ports = {*made["traffic"], *traffic["traffic"]}
        made["traffic"] = {
            port: {**made["traffic"].get(port, {}), **traffic["traffic"].get(port, {})} for port in sorted(ports)
        }
    return made


def joined(kept: Reading[Readings], sent: Reading[Readings]) -> Readings:
    """Join the days that another machine read to the kept; of a day, the newer reading."""
    older, newer = sorted((kept.value, sent.value), key=lambda readings: readings["traffic_at"])
    traffic = {"read_at": newer["traffic_at"], "traffic": newer["traffic"]}
    measured = max(newer, older, key=lambda readings: readings["measured_at"])
    return added(older, {"read_at": measured["measured_at"], "links": measured["measures"]}, traffic)


def keep(environment: str, readings: Readings) -> None:
    """Replace the readings of a month whole. Raises `UnreadableReading`, `NotWritten`."""
    moment = max(datetime.fromisoformat(at) for at in (readings["measured_at"], readings["traffic_at"]) if at)
    store.keep(LINKS, environment, {readings["month"]: Reading(readings, moment)})
