"""The course of a plan in a twin: readings and layout before and after each step.

Pure. An operation on an object that was not read is named, and is no step; nor is an operation that changes no layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from piste.engine.converge.allowed import named
from piste.engine.words import agreed, some
from piste.runs.plans.projected import projected
from piste.runs.plans.show import acts_later
from piste.trials.twin.build import build
from piste.trials.twin.layout import Layout
from piste.trials.twin.readings import Readings, holding, holdings
from piste.trials.twin.switching import Key

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

INSTALLATION = "installation de la politique du pare-feu"
SOCKETS = 12
"""Most ports that get a computer of their own."""
_PLUGGED = {"enabled", "type", "vlan", "voice_vlan", "access_policy", "access_policy_type", "isolation_enabled"}
"""Fields of a port that its computer feels."""
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
    """Ports that operations change, and where no computer of the twin is plugged in."""


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
    made.bare += ["/".join(key) for key in every if key not in tried]
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
    modes = {
        f"{port['serial']}/{port['port_id']}": port.get("type")
        for network in readings.networks.values()
        for port in network.get("switch_ports", ())
    }

    def at_a_socket(described: Described) -> bool:
        becomes = (described["content"]["after"] or {}).get("type")
        felt = described["kind"] == "switch_port" and _PLUGGED & {*described["fields"]}
        return bool(felt) and "access" in (modes.get(str(described["key"])), becomes)

    keys = [str(described["key"]).partition("/") for described in operations if at_a_socket(described)]
    return [(serial, port) for serial, _, port in keys]


def _said_outside(outside: Sequence[Described]) -> Iterable[str]:
    if outside:
        kinds = list(dict.fromkeys(str(described["kind"]) for described in outside))
        yield f"{agreed(len(outside), 'opération(s)')} sur ce que le jumeau ne tient pas : {some(kinds, 6)}"
