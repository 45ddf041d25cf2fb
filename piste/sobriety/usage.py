"""Weeks of use of the network: form, question to the Dashboard, weeks kept by environment.

A week is as `piste.systems.meraki.usage` gives it. It is read once, when it is over, and kept: trends need more than
the month that the Dashboard remembers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict

from pydantic import Field, TypeAdapter, ValidationError, with_config

from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import write_private
from piste.engine.converge.untrusted import read_plain
from piste.engine.repository import private_place
from piste.town.model import Site, Town

HOURS = 168
KEPT = 60
"""Weeks that are kept: a year, and the same weeks of the year before it begins."""
LARGEST = 8_000_000
"""Bytes of a kept week: thirty times that of a town of 24 sites."""
QUESTION = "usage-question.json"
"""The file, in the folder of a reading, of what the playbook asks of the Dashboard."""
Value = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Values = Annotated[list[Value | None], Field(min_length=HOURS, max_length=HOURS)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


@with_config({"extra": "forbid"})
class Ports(TypedDict):
    """Sums of ports by hour: kilobits a second, the busiest moment, watt-hours, ports measured.

    `fed` counts the measured ports that gave energy in the week; an older kept week does not have it.
    """

    ports: Annotated[int, Field(ge=0, le=100_000)]
    kbps: Values
    peak: Values
    wh: Values
    seen: Values
    fed: NotRequired[Values]


@with_config({"extra": "forbid"})
class SiteWeek(TypedDict):
    """Clients of access points by hour; traffic of the ports that feed them, and of the others."""

    points: Annotated[dict[Name, Values], Field(max_length=1000)]
    radio: NotRequired[Ports]
    access: NotRequired[Ports]
    quiet: NotRequired[Annotated[list[Name], Field(max_length=20_000)]]


@with_config({"extra": "forbid"})
class Week(TypedDict):
    """A week of the town; `unread` gives the reason for each access point, and for `ports`.

    `absent` are the declared access points that are in no network.
    """

    week: Annotated[str, Field(pattern=r"^\d{4}-W\d{2}$")]
    start: Name
    end: Name
    sites: Annotated[dict[Name, SiteWeek], Field(max_length=1000)]
    unread: Annotated[dict[Name, Annotated[str, Field(max_length=5000)]], Field(max_length=5000)]
    absent: Annotated[list[Name], Field(max_length=5000)]


class KeptWeek(TypedDict):
    """A week as it is kept, with its environment."""

    format: Annotated[int, Field(ge=1, le=1)]
    environment: Name
    week: Week


_WEEKS, _KEPT = TypeAdapter(list[Week]), TypeAdapter(KeptWeek)


class UnreadableUsage(PisteError):
    """The file of a kept week is not what was written there."""

    code = "PISTE-E153"


def folder(environment: str) -> Path:
    """Locate the weeks of an environment, out of the repository of the declaration.

    The hours of a small office are nearly those of a person.
    """
    return private_place("usage", environment)


def parsed(content: Any) -> list[Week]:
    """Check the weeks that a module read. Raises `ValueError`."""
    return _WEEKS.validate_python(content)


def kept(environment: str) -> list[Week]:
    """Load the kept weeks, oldest first. Raises `UnreadableUsage`."""
    return [_load(path, environment) for path in sorted(folder(environment).glob("????-W??.json"))]


def _load(path: Path, environment: str) -> Week:
    try:
        content = _KEPT.validate_json(read_plain(path, LARGEST))
    except (OSError, ValidationError) as error:
        why = str(error.errors(include_url=False)[0]["msg"]) if isinstance(error, ValidationError) else str(error)
    else:
        if (content["environment"], content["week"]["week"]) == (environment, path.stem):
            return content["week"]
        why = f"elle est de {content['environment']}, {content['week']['week']}"
    raise UnreadableUsage(
        "une semaine gardée de l’usage du réseau est illisible", where=str(path), why=why,
        todo="Effacez le fichier : elle sera relue si le Dashboard l’a encore.",
    )  # fmt: skip


def keep(environment: str, weeks: Sequence[Week]) -> None:
    """Write weeks, each file whole; the oldest leave."""
    place = folder(environment)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for week in weeks:
        content = KeptWeek(format=1, environment=environment, week=_short(week))
        write_private(place / f"{week['week']}.json", json.dumps(content, ensure_ascii=False).encode() + b"\n")
    for old in sorted(place.glob("????-W??.json"))[:-KEPT]:
        old.unlink()


def _short(value: Any) -> Any:
    """Write whole numbers without a fraction: most hours of a week are zero."""
    if isinstance(value, Mapping):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def joined(environment: str, before: Sequence[Week], read: Sequence[Week] | None) -> list[Week] | None:
    """Keep the weeks just read, and join them to the others; None where there is none at all.

    A week read again takes the place of its former reading, unless it lacks more. A week without any answer is no week.
    """
    by_name = {week["week"]: week for week in before}
    fresh = [
        week
        for week in read or ()
        if any(here["points"] or "radio" in here for here in week["sites"].values())
        and _lacking(week) <= _lacking(by_name.get(week["week"], week))
    ]
    if fresh:
        keep(environment, fresh)
    by_name |= {week["week"]: week for week in fresh}
    return [by_name[name] for name in sorted(by_name)][-KEPT:] or None


def _lacking(week: Week) -> int:
    """Count what a week lacks: what did not answer, and the access points in no network then."""
    return len(week["unread"]) + len(week["absent"])


def _measured(week: Week) -> bool:
    """Check that an access point was measured at all: before any network, all are absent."""
    return any(here["points"] for here in week["sites"].values())


def question(town: Town, before: Sequence[Week], weeks: int) -> dict[str, Any]:
    """Make the question to the Dashboard: the last whole weeks, less those that were read whole."""
    known = [week["week"] for week in before if not week["unread"] and (_measured(week) or not week["absent"])]
    sites = {name: site for name, site in town.sites.items() if site["lifecycle"] in ("open", "closing")}
    zones = [site["timezone"] for site in sites.values()]
    return {
        "places": [{"site": name, **places(site)} for name, site in sites.items()],
        "timezone": zones[0] if zones else "Europe/Paris",
        "weeks": weeks,
        "known": known,
    }


def places(site: Site) -> dict[str, list[str]]:
    """List the access points of a site, the ports that feed them, its other ports of devices.

    A port that feeds an access point is a trunk that is no uplink, as the profiles of ports declare it.
    """
    ports = [
        (f"{device['serial']}/{port['port']}", port["mode"])
        for device in site["devices"]
        if device["kind"] == "switch"
        for port in device["ports"]
        if port["enabled"] and not port["uplink"]
    ]
    return {
        "access_points": [device["serial"] for device in site["devices"] if device["kind"] == "access_point"],
        "radio": [name for name, mode in ports if mode == "trunk"],
        "access": [name for name, mode in ports if mode == "access"],
    }


def write_question(place: Path, asked: Mapping[str, Any]) -> None:
    """Leave the question where the playbook reads it: it is too long for a command line."""
    (place / QUESTION).write_text(json.dumps(asked, ensure_ascii=False), "utf-8")
