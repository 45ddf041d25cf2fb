"""The readings of links, kept by environment and month beside the records of runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from piste.converge.errors import PisteError
from piste.converge.private import private_folder, write_private
from piste.links.period import MONTH
from piste.meraki.port_traffic import Traffic
from piste.repository import ROOT
from piste.zabbix.link_measures import Measure


class Readings(TypedDict):
    """Readings of a month: measures by link, traffic by port and day.

    `measured_at` and `traffic_at` are empty where that system was never read.
    """

    month: str
    measured_at: str
    measures: dict[str, Measure]
    traffic_at: str
    traffic: dict[str, dict[str, Traffic]]


class UnreadableLinks(PisteError):
    """The file of the readings of a month is not what was written there."""

    code = "PISTE-E125"


def file(environment: str, month: str) -> Path:
    """Locate the readings of a month."""
    given = os.environ.get("PISTE_LINKS_DIR")
    return (Path(given) if given else ROOT / ".piste" / "links") / environment / f"{month}.json"


def months(environment: str) -> list[str]:
    """List the months that were read, oldest first."""
    return sorted(path.stem for path in file(environment, "").parent.glob("*.json") if MONTH.fullmatch(path.stem))


def last(environment: str, month: str) -> Readings:
    """Return the readings of a month, empty where there are none. Raises `UnreadableLinks`."""
    from pydantic import TypeAdapter, ValidationError

    path = file(environment, month)
    if not path.is_file():
        return Readings(month=month, measured_at="", measures={}, traffic_at="", traffic={})
    try:
        return {**TypeAdapter(Readings).validate_json(path.read_bytes()), "month": month}
    except ValidationError as error:
        raise UnreadableLinks(
            "la lecture des liaisons est illisible",
            where=str(path),
            why=str(error.errors(include_url=False)[0]["msg"]),
            todo="Supprimez-la, puis refaites-la : piste links.",
        ) from error


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


def keep(environment: str, readings: Readings) -> Path:
    """Replace the readings of a month whole, for their owner alone."""
    import json

    path = file(environment, readings["month"])
    private_folder(path.parent)
    write_private(path, json.dumps(readings, ensure_ascii=False, indent=1).encode())
    return path
