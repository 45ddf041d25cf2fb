"""The finding on the last kept figures of sobriety: what got worse, and their age."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from piste.engine.finding import Finding
from piste.readings.belief import Reading, Tried
from piste.sobriety import moves
from piste.town.model.derived import Derived


def last(environment: str) -> dict[str, Tried[str]]:
    """Give the day of the last figures. Raises `BadReading`."""
    if not _some(environment):
        return {}
    from piste.sobriety import history

    every = history.read_all(moves.folder(environment) / "readings", environment)
    made = every[-1]
    return {"figures": Reading(made.day, datetime.fromisoformat(made.moment))}


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Say what got worse, without loading anything where no figure is kept."""
    if _some(environment):
        from piste.sobriety import report

        yield from report.findings(environment)


def _some(environment: str) -> bool:
    return any((moves.folder(environment) / "readings").glob("????-??-??.json"))
