"""The causes that keep computers awake, and the programs that start by themselves. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from piste.readings.computers.judge import Computer

UNNAMED = "sans nom"
UNSEEN = "cause non vue"
Origin = Literal["setting", "unseen", "request", "wake", "armed"]


class Cause(NamedTuple):
    """A cause by its name: what asks to stay awake, what woke, what may wake.

    `setting`: the computer is set so; `unseen`: it was awake, and nothing says why. Windows says in a translated text
    alone what asks to stay awake, so its computers are often among these.
    `hours` are those of a week that its computers are on while nobody is expected: an hour may have several causes.
    None: no night of these computers was seen.
    """

    origin: Origin
    kind: str
    owner: str
    computers: list[str]
    sites: list[str]
    times: int
    hours: float | None


class Program(NamedTuple):
    """A program that starts by itself, by its name, on `computers` of those that answered.

    `enabled` counts those where it is on, `unknown` those where that was not read.
    """

    name: str
    places: list[str]
    scopes: list[str]
    computers: list[str]
    enabled: int
    unknown: int


def causes(rows: Iterable[Computer]) -> list[Cause]:
    """List the causes by the hours that they may cost, the dearest first."""
    groups: dict[tuple[Origin, str, str], dict[str, tuple[Computer, int]]] = defaultdict(dict)
    for row in rows:
        for origin, kind, owner, times in _of(row):
            _, before = groups[origin, kind, owner].get(row.name, (row, 0))
            groups[origin, kind, owner][row.name] = (row, before + times)
    made = []
    for (origin, kind, owner), members in groups.items():
        computers = [row for row, _ in members.values()]
        hours = [row.awake_hours for row in computers if row.awake_hours is not None]
        made.append(
            Cause(
                origin, kind, owner, sorted(row.name for row in computers), sorted({row.site for row in computers}),
                sum(times for _, times in members.values()), sum(hours) if hours else None,
            )
        )  # fmt: skip
    return sorted(made, key=lambda cause: (-(cause.hours or 0), -len(cause.computers), cause.owner.casefold()))


def _of(row: Computer) -> Iterator[tuple[Origin, str, str, int]]:
    report = row.report
    if report is None:
        return
    if row.slept is False and row.behaviour:
        nights = row.behaviour.nights - row.behaviour.slept
        if row.sleeps is False:
            yield "setting", "sleep", "veille réglée à 15 minutes ou plus, ou jamais", nights
        elif not report.requests and not report.wakes:
            yield "unseen", "sleep", UNSEEN, nights
    for request in report.requests or ():
        yield "request", request.kind, request.owner or UNNAMED, request.times
    for wake in report.wakes or ():
        yield "wake", wake.source, wake.owner or UNNAMED, wake.times
    for armed in report.armed or ():
        yield "armed", armed.kind, armed.owner, 1


def main_cause(row: Computer) -> str:
    """Name what most likely keeps a computer awake; empty where nothing was seen."""
    seen = [(owner, times) for origin, _, owner, times in _of(row) if origin in ("request", "wake")]
    return max(seen, key=lambda pair: pair[1])[0] if seen else ""


def programs(rows: Iterable[Computer]) -> list[Program]:
    """List the programs that start by themselves, the most frequent first."""
    groups: dict[str, dict[str, list[bool | None]]] = defaultdict(lambda: defaultdict(list))
    names: dict[str, str] = {}
    places: dict[str, set[str]] = defaultdict(set)
    scopes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for program in (row.report.startup if row.report else None) or ():
            key = program.name.casefold()
            names.setdefault(key, program.name)
            groups[key][row.name].append(program.enabled)
            places[key].add(program.place)
            scopes[key].add(program.scope)
    made = [
        Program(
            names[key], sorted(places[key]), sorted(scopes[key]), sorted(computers),
            sum(True in states for states in computers.values()),
            sum(None in states and True not in states for states in computers.values()),
        )
        for key, computers in groups.items()
    ]  # fmt: skip
    return sorted(made, key=lambda program: (-program.enabled, -len(program.computers), program.name.casefold()))


def starting(row: Computer) -> int | None:
    """Count the programs that start by themselves on a computer; None where that was not read."""
    if row.report is None or row.report.startup is None:
        return None
    return len({program.name.casefold() for program in row.report.startup if program.enabled})
