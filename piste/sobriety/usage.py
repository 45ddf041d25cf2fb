"""Weeks of use of the network: form, question to the Dashboard, kept weeks.

A week is as `piste.systems.meraki.usage` gives it. It is read once, when it is over, and kept: trends need more than
the month that the Dashboard remembers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, TypedDict

from pydantic import Field, TypeAdapter, with_config

from piste.engine.converge.moments import zoned
from piste.engine.converge.reading import FAULTS
from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.readings import store
from piste.readings.belief import Reading, Tried
from piste.readings.former import Content, Former, of_folder, private_place
from piste.readings.table import READERS, SUBJECTS, Answer
from piste.town.model.dates import now, today
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

if TYPE_CHECKING:
    from piste.town.model import Site

SUBJECT, READER = SUBJECTS["usage"], READERS["usage"]
HOURS = 168
KEPT = 60
"""Weeks that are kept: a year, and the same weeks of the year before it begins."""
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


def parsed(content: Any) -> list[Week]:
    """Check the weeks that a module read. Raises `ValueError`."""
    return TypeAdapter(list[Week]).validate_python(content)


def kept(environment: str) -> list[Week]:
    """Load the kept weeks, oldest first. Raises `UnreadableReading`."""
    known = store.last(SUBJECT, environment)
    return [last.value for _, last in sorted(known.items()) if isinstance(last, Reading)]


def joined(environment: str, before: Sequence[Week], read: Sequence[Week] | None) -> list[Week] | None:
    """Keep the weeks just read, and join them to the others; None where there is none at all.

    A week read again takes the place of its former reading, unless it lacks more. A week without any answer is no week.
    """
    by_name = {week["week"]: week for week in before}
    fresh = [week for week in _answered(read) if _lacking(week) <= _lacking(by_name.get(week["week"], week))]
    by_name |= {week["week"]: week for week in fresh}
    names = sorted(by_name)[-KEPT:]
    if fresh:
        read_now = {week["week"]: Reading(week, now()) for week in fresh if week["week"] in names}
        store.keep(SUBJECT, environment, read_now, only=names)
    return [by_name[name] for name in names] or None


def _answered(read: Sequence[Week] | None) -> list[Week]:
    """List the weeks that have an answer."""
    return [week for week in read or () if any(here["points"] or "radio" in here for here in week["sites"].values())]


def lacking_less(kept: Reading[Week], sent: Reading[Week]) -> Week:
    """Choose between two readings of a week: the newer, unless it lacks more."""
    return max(sent, kept, key=lambda reading: (-_lacking(reading.value), reading.read_at)).value


def _lacking(week: Week) -> int:
    """Count what a week lacks: what did not answer, and the access points in no network then."""
    return len(week["unread"]) + len(week["absent"])


def _measured(week: Week) -> bool:
    """Check that an access point was measured at all: before any network, all are absent."""
    return any(here["points"] for here in week["sites"].values())


def question(town: Derived, before: Sequence[Week], weeks: int) -> dict[str, Any]:
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
    (place / READER.asked_in).write_text(json.dumps(asked, ensure_ascii=False), "utf-8")


def variables(town: Derived, environment: str) -> dict[str, Any]:
    """Ask for the last weeks that the Dashboard remembers, less those that were read whole."""
    # Imported here: who judges what was read asks nothing.
    from piste.systems.meraki.usage import MOST_WEEKS

    return question(town, kept(environment), MOST_WEEKS)


def last_week(town: Derived) -> list[str]:
    """Name the last week that is over."""
    return [f"{today() - timedelta(weeks=1):%G-W%V}"]


def stands(town: Derived, week: str) -> bool:
    """Tell whether a week is asked again each day: of another, nothing is silent any more."""
    return week in last_week(town)


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Tell whether the use of the last week is known; a lab where nothing was read says nothing."""
    known = store.last(SUBJECT, environment, ages(town))
    for name in last_week(town) if known or environment != "lab" else ():
        last, id_ = known.get(name), f"{SUBJECT.name}.{name}"
        if not isinstance(last, Reading):
            yield Finding(id_, "unknown", f"semaine {name} : {last.why if last else 'pas lue'}", SUBJECT.again)
        elif lacking := _lacking(last.value):
            said = f"semaine {name} : lue, sauf {agreed(lacking, 'mesure(s)')}"
            yield Finding(id_, "unknown", said, SUBJECT.again, gravity="minor")
        else:
            yield Finding(id_, "ok", f"semaine {name} : lue en entier")


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep the weeks that the Dashboard gave; tell whether the last is known.

    The last is asked for again the next day, unless it was whole: it may lack something still.
    """
    read, silence = given(answer), store.unanswered(answer, "le Dashboard n’en a rien dit")
    weeks = {week["week"]: week for week in joined(environment, kept(environment), read) or ()}
    answered = {week["week"] for week in _answered(read)}
    if read is not None:
        answered |= {*answer.asked.get("known", ())}
    tried: dict[str, Tried[Week]] = {
        name: Reading(weeks[name], now()) if name in answered and name in weeks else silence for name in last_week(town)
    }
    store.keep(SUBJECT, environment, tried)
    return any(isinstance(outcome, Reading) for outcome in tried.values())


def given(answer: Answer) -> list[Week] | None:
    """Give the weeks of an answer; None where there is none, or it makes no sense."""
    try:
        return parsed(answer.content["weeks"])
    except FAULTS:
        return None


def former(environment: str) -> Mapping[Path, Former]:
    """Give the files in which earlier versions kept the weeks."""
    return of_folder(private_place("usage", environment), "????-W??.json", partial(_former, environment))


def _former(environment: str, kept: Any) -> Content:
    if kept["environment"] != environment:
        return {}
    return {kept["week"]["week"]: Reading(kept["week"], zoned(kept["week"]["end"]))}
