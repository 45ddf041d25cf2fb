"""A reading of what lives, alone: the parts that it gave, and why not the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.readings.belief import Last, Reading
from piste.readings.table import READERS
from piste.runs.plans.play import Order, Played
from piste.runs.plans.reading import answer
from piste.sites.living import kept
from piste.sites.living.seen import SYSTEMS

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

_COUNTS: Mapping[str, Callable[[Mapping[str, Any]], int]] = {
    "ports": lambda values: sum(map(len, values.values())),
    "problems": lambda values: sum(map(len, values.values())),
    "clients": lambda values: sum(values.values()),
}
"""How to count the parts whose names are not what counts."""


class PartRead(NamedTuple):
    """A part as it is kept now; `why` it was not read this time, empty where it was."""

    part: str
    label: str
    read_at: str | None
    number: int | None
    why: str


def read(town: Derived, environment: str, said: Callable[[Order], None]) -> tuple[list[PartRead], list[str], Played]:
    """Read and keep; `said` hears of the order first.

    Return the parts, the words of the systems that this environment does not have, and the run.
    """
    made, played = answer(READERS["living"], environment, said, kept.variables(town, environment))
    unread = kept.keep(town, environment, made, whole=True)
    every = kept.known(town, environment)
    absent = [SYSTEMS[system] for system, by_thing in every.items() if not by_thing and kept.things(system, town)]
    return [*_parts(every, unread)], absent, played


def _parts(every: Mapping[str, Mapping[str, Last[Any]]], unread: Mapping[str, str]) -> Iterator[PartRead]:
    for system, by_thing in every.items():
        for thing, last in by_thing.items():
            name = kept.name(system, thing)
            if not isinstance(last, Reading):
                yield PartRead(name, kept.label(name), None, None, unread.get(name, last.why))
                continue
            part = name.partition("/")[0]
            number = _COUNTS.get(part, len)(last.value[part])
            yield PartRead(name, kept.label(name), last.read_at.isoformat(), number, unread.get(name, ""))
