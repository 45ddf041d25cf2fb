"""Consequences as computed, beside the differences that a rehearsal has measured.

Pure. Packets say what computers of a twin reach, and by which addresses and names; the rest is computed alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from piste.sites.consequences.computed import Consequences
from piste.sites.consequences.form import Consequence
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.reach import NOWHERE, WIRE
from piste.town.model.flows.traffic import (
    ANY_SERVICE,
    ANYWHERE,
    IPV4,
    IPV6,
    PROTOCOLS,
    addresses,
    icmp,
    ports,
    whole_protocol,
)
from piste.trials.probe.ways import PING, Port
from piste.trials.rehearsal.asked import Computer, Target
from piste.trials.rehearsal.compared import Change, changes
from piste.trials.rehearsal.measured import Measure
from piste.trials.twin.layout import Layout

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

_WAYS = ("reach", "link", "addresses", "admission")
"""Subjects of the lines that say how people get onto the network."""
_ASKED_BY = {"name": Port("udp", 53), "time": Port("udp", 123)}
TURNS = {"stops": "lost", "starts": "gained"}


class Place(NamedTuple):
    """The population of a computer: its segment, and its SSID or the wire; the name of its port."""

    segment: str
    medium: str = WIRE
    port: str = ""


def population(layout: Layout, town: Derived) -> dict[Computer, Place]:
    """Give the population of each computer of a twin."""
    names = {device["serial"]: device["name"] for site in town.sites.values() for device in site["devices"]}
    result = {}
    for place in layout.places:
        serial, _, number = (place.wired_port or "").partition("/")
        port = f"{names.get(serial, serial)}/{number}" if number else ""
        result[place.site, place.name] = Place(place.segment, place.ssid or WIRE, port)
    return result


class Beside(NamedTuple):
    """Differences that no computed line says; computed lines that were tried and not measured."""

    uncomputed: list[Change]
    unmeasured: list[Consequence]


class _Traffic(NamedTuple):
    """Traffic of a population that changes, as computed; without `sure`, at most that."""

    turn: str
    site: str
    place: tuple[str, str]
    destinations: Ranges
    services: Ranges
    sure: bool


def beside(made: Consequences, before: Measure, after: Measure, places: Mapping[Computer, Place]) -> Beside:
    """Set the computed consequences of a plan beside what two measurements show."""
    measured = changes(before, after)
    of_line = [(line, [*_traffic(line)]) for line in made.lines]
    every = [traffic for _, listed in of_line for traffic in listed]
    moved = {change.computer for change in measured if change.what == "réseau"}
    uncomputed = [
        change for change in measured
        if not _said(change, places[change.computer], made.lines)
        and not _passing(change, before, after, places, every, moved)
    ]  # fmt: skip
    turned = {(change.computer, change.target, change.turn) for change in measured}
    turned |= {(change.computer, None, change.turn) for change in measured if change.what == "réseau"}
    unmeasured = []
    for line, listed in of_line:
        tried = [(computer, target, traffic.turn) for traffic in listed if traffic.sure
                 for computer, target in _tried(traffic, before, after, places)]  # fmt: skip
        if tried and not any(each in turned or (each[0], None, each[2]) in turned for each in tried):
            unmeasured.append(line)
    return Beside(uncomputed, unmeasured)


def _said(change: Change, place: Place, lines: Sequence[Consequence]) -> bool:
    """Tell whether a line says a difference that is no traffic: an address, a name, a link."""
    if change.target is None:
        names = [name for name in (place.segment, place.medium, place.port) if name not in ("", WIRE)]
        return any(any(name in line.who for name in names) or _from(line, change.computer[0], place)
                   for line in lines if line.subject in _WAYS)  # fmt: skip
    name = change.target.name
    return bool(name) and any(line.subject == "names" and name in f"{line.who} {line.said}" for line in lines)


def _from(line: Consequence, site: str, place: Place) -> bool:
    sources = line.flow["from"] if line.flow else ()
    return any((source["site"], source["segment"]) == (site, place.segment) for source in sources)


def _passing(
    change: Change, before: Measure, after: Measure, places: Mapping[Computer, Place], every: Sequence[_Traffic],
    moved: set[Computer],
) -> bool:  # fmt: skip
    """Tell whether computed traffic has a difference; where an end has moved, all of it has."""
    target = change.target
    if target is None:
        return False
    if change.computer in moved or target.computer in moved:
        return True
    seen = after if change.turn == "gained" else before
    where = _address(target, seen)
    if not where:
        return True
    wanted, port = addresses(where), _port(target)
    whose = change.turn, change.computer[0], places[change.computer][:2]
    return any(
        (traffic.turn, traffic.site, traffic.place) == whose
        and wanted <= traffic.destinations and port <= traffic.services
        for traffic in every
    )  # fmt: skip


def _tried(
    traffic: _Traffic, before: Measure, after: Measure, places: Mapping[Computer, Place]
) -> Iterator[tuple[Computer, Target]]:
    """Yield what a rehearsal has tried of computed traffic."""
    seen = after if traffic.turn == "gained" else before
    for computer, view in seen.items():
        if (computer[0], places[computer][:2]) != (traffic.site, traffic.place) or not view.network:
            continue
        for target in view.reached:
            where = "" if target.name else _address(target, seen)
            if where and addresses(where) <= traffic.destinations and _port(target) <= traffic.services:
                yield computer, target


def _traffic(line: Consequence) -> Iterator[_Traffic]:
    flow = line.flow
    if flow is None or flow["change"] not in TURNS:
        return
    for source in flow["from"]:
        # The twin plugs a computer in where no port is declared.
        place = source["segment"], WIRE if source["access"] == NOWHERE else source["access"]
        whole = f"{place[0]}@" in line.who or f"{place[0]} de " in line.who
        for entry in source["traffic"]:
            ends = Ranges.union(map(_addresses, entry["addresses"])), Ranges.union(map(_services, entry["ports"]))
            # Another line is about what is plugged in some ports.
            sure = bool(flow["exact"]) and whole and not entry["sources"]
            yield _Traffic(TURNS[flow["change"]], source["site"], place, *ends, sure)


def _addresses(text: str) -> Ranges:
    return {"tout": ANYWHERE, "tout IPv4": IPV4, "tout IPv6": IPV6}.get(text) or addresses(text)


def _services(text: str) -> Ranges:
    if text == "tout":
        return ANY_SERVICE
    name, _, value = text.partition("/")
    if name in ("tcp", "udp"):
        return ports(name, value or "0-65535")
    first, _, last = value.partition("-")
    if name == "ip":
        return Ranges.union(whole_protocol(number) for number in range(int(first), int(last or first) + 1))
    if not value:
        return whole_protocol(PROTOCOLS[name])
    return Ranges.union(icmp(kind, protocol=name) for kind in range(int(first), int(last or first) + 1))


def _port(target: Target) -> Ranges:
    protocol = {"ping": PING}.get(target.kind, target.kind)
    return (_ASKED_BY.get(target.kind) or Port(protocol, target.port)).traffic


def _address(target: Target, seen: Measure) -> str:
    other = seen.get(target.computer) if target.computer else None
    return other.address if other else target.address
