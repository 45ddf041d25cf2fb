"""The promises of recovery, level by level: kept, too short for their way, never proven."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from piste.engine.finding import Finding
from piste.engine.words import agreed, safe, some
from piste.exports.runbooks.critical import Promise, lasting, promises
from piste.exports.runbooks.recovery import steps
from piste.exports.runbooks.sources import Sources
from piste.readings.table import DIRECTION
from piste.trials.restore.results import results

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

PREFIX = "crisis.promise."
_DECIDE = "Allongez-la (rto_hours, group_vars/all/protection.yml), ou raccourcissez le chemin : piste runbook pra"
_TIME = "Faites de vrais essais de restauration : piste restore list"


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge each length of promise by the ways to its steps. Raises `UnreadableResult`."""
    if town.commune is None or town.errors:
        return
    sources = Sources(town, environment, {}, [result for result, _ in results(environment)])
    made = sorted(promises(steps(sources)), key=attrgetter("promised"))
    for hours, group in groupby(made, attrgetter("promised")):
        yield _of_level(hours, [*group])


def _of_level(hours: int, made: list[Promise]) -> Finding:
    """Judge the steps that are promised in so many hours, those furthest from it first."""
    late = sorted((promise for promise in made if promise.late), key=lambda promise: -promise.hours)
    what, count = f"reprise promise en {hours} h", agreed(len(made), "étape(s)")
    if late:
        said = some([f"{safe(promise.title)}, {lasting(promise.hours)}" for promise in late], 3, " ; ")
        what += f", trop courte pour {len(late)} sur {count} ({said})"
        return Finding(f"{PREFIX}{hours}h", "wrong", what, _DECIDE, who=DIRECTION)
    if never := {name for promise in made for name in promise.never}:
        said = f"jamais prouvée, {agreed(len(never), 'étape(s)')} du chemin sans restauration chronométrée"
        return Finding(f"{PREFIX}{hours}h", "unknown", f"{what} : {said}", _TIME)
    return Finding(f"{PREFIX}{hours}h", "ok", f"{what} : tenue par {count}, chaque chemin est chronométré")
