"""The course of a plan in a twin: readings and layout before and after each step.

Pure. An operation on an object that was not read is named, and is no step; nor is an operation that changes no layout.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from piste.engine.converge.allowed import named
from piste.engine.words import agreed, some
from piste.runs.plans.projected import projected
from piste.runs.plans.show import acts_later
from piste.trials.twin.build import build
from piste.trials.twin.layout import NOWHERE, Layout, Vlans, access
from piste.trials.twin.readings import Readings, holding, holdings
from piste.trials.twin.switching import Key, vlans_of

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

INSTALLATION = "installation de la politique du pare-feu"
SOCKETS = 12
"""Most ports that get a computer of their own."""
_PLUGGED = {"enabled", "type", "vlan", "voice_vlan", "access_policy", "access_policy_type", "isolation_enabled"}
"""Fields of a port that its computer feels."""
_LINKED = {"enabled", "type", "vlan", "allowed_vlans"}
"""Fields of a trunk that those beyond it feel."""
_NOTHING = access(NOWHERE)
Described = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """A state of the network: the operations that lead to it, its readings, its layout."""

    done: tuple[Described, ...]
    title: str
    readings: Readings
    layout: Layout


@dataclass(slots=True)
class Course:
    """The states of a rehearsal, the first as read; `remarks` is what a reader should know."""

    stages: list[Stage]
    remarks: list[str] = field(default_factory=list)
    touched: list[Described] = field(default_factory=list)
    """Operations that change the twin."""
    outside: list[Described] = field(default_factory=list)
    """Operations on objects that the twin has not."""
    bare: list[str] = field(default_factory=list)
    """Ports that operations change, and that no computer of the twin feels; of a trunk, with its VLANs."""


def course(
    readings: Readings, town: Derived, sites: Sequence[str], operations: Sequence[Described], *, by_step: bool
) -> Course:
    """Lay out the twin as read, then as operations leave it, at once or step by step.

    What acts later than it is written (the firewall's policy) does so at the end, in a step of its own.
    """
    every = _sockets(readings, operations)
    sockets = every[:SOCKETS]
    known = holdings(readings)
    first = Stage((), "lu", readings, build(readings, town, sites, sockets=sockets))
    made = Course([first])
    for group, title in _groups(operations, by_step=by_step):
        step = projected(known, group)
        made.remarks += [noted.line for noted in step.moved]
        made.outside += (left := [noted.operation for noted in step.unread])
        known = step.holdings
        done = tuple(described for described in group if described not in left)
        then = holding(made.stages[-1].readings, known)
        layout = build(then, town, sites, plugs=first.layout.plugs, sockets=sockets)
        if layout != made.stages[-1].layout or not by_step:
            made.stages.append(Stage(done, title or named(group[0]), then, layout))
            made.touched += done
    plugs = [plug for stage in made.stages for plug in stage.layout.plugs.values()]
    tried = {(plug.serial, plug.port) for plug in plugs if not plug.tagged}
    labels = {str(described["key"]): str(described["label"]) for described in operations}
    made.bare += [labels["/".join(key)] for key in every if key not in tried]
    people = {int(segment["vlan"]) for name in sites for segment in town.sites[name]["segments"].values()}
    made.bare += _untried_trunks(made.stages, operations, people)
    if made.bare:
        ports = agreed(len(made.bare), "port(s) changé(s)")
        made.remarks.append(f"{ports} sans ordinateur au jumeau : {some(made.bare, 6)}")
    made.remarks += _said_outside(made.outside)
    return made


def _groups(operations: Sequence[Described], *, by_step: bool) -> Iterable[tuple[list[Described], str]]:
    """Yield what is done together, with its title where that is no operation."""
    later = [described for described in operations if acts_later(described)]
    now = [described for described in operations if not acts_later(described)]
    if not by_step:
        yield [*now, *later], "le plan"
        return
    yield from (([described], "") for described in now)
    if later:
        yield later, INSTALLATION


def _sockets(readings: Readings, operations: Iterable[Described]) -> list[Key]:
    """List the access ports that operations change: a computer there sees it."""
    live = _ports(readings)

    def at_a_socket(described: Described) -> bool:
        felt = described["kind"] == "switch_port" and _PLUGGED & {*described["fields"]}
        return bool(felt) and _is_access(live, described)

    keys = [str(described["key"]).partition("/") for described in operations if at_a_socket(described)]
    return [(serial, port) for serial, _, port in keys]


def _ports(readings: Readings) -> dict[str, Described]:
    """Give the ports that were read, by `serial/number`."""
    ports = (port for network in readings.networks.values() for port in network.get("switch_ports", ()))
    return {f"{port['serial']}/{port['port_id']}": port for port in ports}


def _is_access(live: Mapping[str, Described], described: Described) -> bool:
    """Tell whether a port is one of access, before an operation or after."""
    becomes = described["content"]["after"] or {}
    return "access" in (live.get(str(described["key"]), {}).get("type"), becomes.get("type"))


def _untried_trunks(stages: Sequence[Stage], operations: Iterable[Described], people: Collection[int]) -> Iterator[str]:
    """Yield the changed trunks, each with its changed VLANs that no computer tries."""
    crossed = {(label, way["vlan"]) for stage in stages for ways in stage.layout.ways.values()
               for way in ways.values() for label in way["through"]}  # fmt: skip
    before, after = (_ports(stages[at].readings) for at in (0, -1))
    for described in operations:
        key = str(described["key"])
        if described["kind"] != "switch_port" or not _LINKED & {*described["fields"]} or key not in before:
            continue
        if not _is_access(before, described):
            labels = {stage.layout.labels.get(key) for stage in stages}
            vlans = sorted(_changed(vlans_of(before[key]), vlans_of(after[key]), people))
            untried = [str(vlan) for vlan in vlans if not any((label, vlan) in crossed for label in labels)]
            if untried:
                yield f"{described['label']} (VLAN {', '.join(untried)})"


def _changed(was: Vlans | None, becomes: Vlans | None, people: Collection[int]) -> set[int]:
    """List the VLANs of people that a trunk takes or leaves, or carries otherwise."""
    sides = (was or _NOTHING, becomes or _NOTHING)
    natives = {side.tag for side in sides} if sides[0].tag != sides[1].tag else set()
    return {vlan for vlan in people if sides[0].carries(vlan) != sides[1].carries(vlan) or vlan in natives}


def _said_outside(outside: Sequence[Described]) -> Iterable[str]:
    if outside:
        kinds = list(dict.fromkeys(str(described["kind"]) for described in outside))
        yield f"{agreed(len(outside), 'opération(s)')} sur ce que le jumeau ne tient pas : {some(kinds, 6)}"
