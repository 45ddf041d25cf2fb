"""The finding on the last kept figures of sobriety: what got worse, and their age."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from piste.engine.figure import Figure
from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.readings.belief import Reading, Tried
from piste.sobriety.folders import folder
from piste.town.model.dates import today
from piste.town.model.derived import Derived


def last(environment: str) -> dict[str, Tried[str]]:
    """Give the day of the last figures. Raises `BadReading`."""
    if not _some(environment):
        return {}
    from piste.sobriety import history

    every = history.read_all(folder(environment) / "readings", environment)
    made = every[-1]
    return {"figures": Reading(made.day, datetime.fromisoformat(made.moment))}


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Say what got worse, without loading anything where no figure is kept."""
    if not _some(environment):
        return
    from piste.sobriety import moves, report

    made, declared = report.latest(environment), moves.town(environment)
    count = sum(alert.confirmed for alert in report.regressed(declared, made))
    age = (today() - date.fromisoformat(made.day)).days
    said = f"relevé du {made.day}, {agreed(count, 'régression(s)')}"
    if age > declared.sobriety.alerts.data_age_days:
        yield Finding("sobriety", "unknown", f"{said} ; il a {agreed(age, 'jour(s)')}", "piste sobriety report.")
    else:
        todo = "piste sobriety report dit lesquelles, et quoi faire." if count else ""
        yield Finding("sobriety", "wrong" if count else "ok", said, todo)


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield the figures of the last diagnosis, of its day."""
    if not _some(environment):
        return
    from piste.sobriety import report

    made = report.latest(environment)
    for known in made.figures:
        counts = known.numerator, known.denominator, len(known.unknown)
        yield Figure(known.id, known.value, known.unit, *counts, known.method, made.day)


def _some(environment: str) -> bool:
    return any((folder(environment) / "readings").glob("????-??-??.json"))
