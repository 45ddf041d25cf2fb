"""The reads that the runs make of each system, and the verdict on a spoilt read."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from piste.engine.converge.moments import written
from piste.engine.transport import probe
from piste.engine.transport.http import Transport
from piste.systems.zabbix import link_measures, living
from tests.support.answers import ABSENT, Outcome, Place, Scenario, edited, is_legal, is_unknown, on, play, recorded
from tests.support.answers_scenarios import VENDORS

_clock = probe.clock
Line = tuple[str, int]
"""A file and a number."""


@cache
def _now() -> float:
    """Give the moment of the first call, at each call."""
    return time.time()


def _dated(said: str) -> datetime:
    """Give the moment of the first call, for a date."""
    return parsedate_to_datetime(said) and datetime.fromtimestamp(_now(), UTC)


def stop_time(patch: pytest.MonkeyPatch) -> None:
    """Hold what a check says of clocks and certificates: the outcomes of two runs are compared."""
    patch.setattr(Transport, "certificate_end", lambda self: 4e9)
    patch.setattr(probe, "time", SimpleNamespace(time=_now))
    # The date of an answer goes on with the machine's clock: a long set of draws would drift from its first moment.
    patch.setattr(probe, "parsedate_to_datetime", _dated)
    patch.setattr(probe, "clock", lambda system, response, now=None: _clock(system, response))
    for module in (link_measures, living):
        patch.setattr(module, "written", lambda seconds: written(_now()))


def reads_of(vendor: str) -> tuple[dict[str, tuple[Scenario, Outcome, Any]], frozenset[Line]]:
    """Each read of a system, and the product's lines that make reads.

    With each read: the first scenario that makes it, how that ends by itself, and an answer.
    """
    needed, lines, _ = _recorded(vendor)
    return needed, lines


def places_of(vendor: str) -> Mapping[str, Place]:
    """The lines of the product that make each read of a system, in its scenario."""
    return _recorded(vendor)[2]


@cache
def _recorded(vendor: str) -> tuple[dict[str, tuple[Scenario, Outcome, Any]], frozenset[Line], dict[str, Place]]:
    make, scenarios = VENDORS[vendor]
    world, needed, lines, known = make(), {}, set[Line](), dict[str, Place]()

    def note(method: str, path: str) -> None:
        frame = inspect.currentframe()
        while frame:
            lines.add((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back

    for scenario in scenarios():
        outcome, reads, places = recorded(world, scenario, note)
        assert outcome.kind in ("result", "write", "refused"), (scenario.name, outcome)
        for read, content in reads.items():
            needed.setdefault(read, (scenario, outcome, content))
            known.setdefault(read, places[read])
    return needed, frozenset((Path(file).name, line) for file, line in lines), known


OMITTED = {("vlanInterfaces", "missing"), ("vlanInterfaces", "null"), ("inventory", "false")}
"""Objects that may be left out, or written as an empty list [read in vendor code]: a write sees them, and stops."""
UNTYPED = (
    ("l7FirewallRules", ("rules", "*", "value")),
    *(
        (f"selectMedias+selectUsrgrps@zabbix_{module}", ("result", "*", "medias", "*", "sendto"))
        for module in ("users", "handover")
    ),
)
"""Fields of several types, by the vendor's description: the end of their read, and the beginning of their path."""


def fault(vendor: str, read: str, path: tuple[str, ...], name: str, change: Any) -> str:
    """Say what is wrong with a run whose read has a spoilt field; empty where nothing is."""
    if (path[-1], name) in OMITTED:
        return ""
    if any(read.endswith(end) and path[: len(of)] == of for end, of in UNTYPED):
        return ""
    scenario, base, _ = reads_of(vendor)[0][read]
    world, spoil = VENDORS[vendor][0](), on(read, edited(path, change))
    outcome = play(world, scenario, spoil)
    if outcome == base or is_unknown(outcome) or (name in ABSENT and is_legal(world, scenario, spoil)):
        return ""
    return f"{read} {'.'.join(path)} {name}, {scenario.name}: {outcome.kind} {outcome.said[:100]}"
