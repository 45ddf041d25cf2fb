"""A finding for each point of the directory, and the level of the agency, as a bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from piste.engine.clock import in_town
from piste.engine.figure import Figure
from piste.engine.finding import Finding, Gravity, State
from piste.engine.words import agreed, safe
from piste.readings import store
from piste.readings.belief import Last, Reading
from piste.readings.directory.kept import SUBJECT, Judged
from piste.systems.windows.points.table import BEST, Point, points, readable
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

NEVER = f"jamais lu : {SUBJECT.again}"
GRAVITIES: Mapping[int, Gravity] = {1: "critical", 2: "major", 3: "minor", 4: "minor", 0: "major"}
"""By level of the agency; 0 is what has none."""
LOWEST = 3
"""Level that a directory has when it is installed (*non affaibli depuis son installation*)."""
AUDIT = "Demandez à l’agence son audit ADS (club.ssi.gouv.fr) : il lit les points que Piste ne peut pas lire."


class Level(NamedTuple):
    """The level of a directory: at best, and surely; points that were not read, points in all."""

    best: int
    sure: int
    unread: int
    of: int

    @property
    def said(self) -> str:
        """Write the level, never as reached while a point of it is unread."""
        if self.unread == self.of:
            return "niveau inconnu : aucun point n’est lu"
        level = f"niveau {self.best}" if self.best == self.sure else f"au mieux {self.best}"
        return f"{level} ; {agreed(self.unread, 'point(s)')} sur {self.of} non lu{'s' if self.unread > 1 else ''}"


def level(states: Mapping[str, State]) -> Level:
    """Bound the level by the states of the points that were read, by id.

    A level is that of the lowest point that is not passed. What is read in part may fail a point, never pass it.
    """
    best = sure = BEST
    unread = of = 0
    for id_, point in points().items():
        if not point.of_agency:
            continue
        of += 1
        state = states.get(id_, "unknown")
        if state == "wrong":
            best = min(best, point.level)
        elif state == "unknown" or point.entry.partial:
            unread, sure = unread + 1, min(sure, point.level)
    return Level(best, min(best, sure), unread, of)


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield the best level that the directory may have, with the points that are not read."""
    known = store.last(SUBJECT, environment, ages(town))
    if environment == "lab" and not known:
        return
    reached = level({id_: _of_point(point, known.get(id_)).state for id_, point in readable().items()})
    value = None if reached.unread == reached.of else reached.best
    yield Figure("ANSSI", value, "/5", unknown=reached.unread, said=reached.said)


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield the level, then a finding for each point that is read.

    A town whose directory was never read has the level alone, unknown; a laboratory says nothing.
    """
    known = store.last(SUBJECT, environment, ages(town))
    if environment == "lab" and not known:
        return
    if not known:
        yield _of_level(level({}))
        return
    made = {id_: _of_point(point, known.get(id_)) for id_, point in readable().items()}
    yield _of_level(level({id_: finding.state for id_, finding in made.items()}))
    yield from made.values()


def _of_level(reached: Level) -> Finding:
    what = f"niveau de sécurité de l’annuaire, selon l’agence : {reached.said}"
    id_ = f"{SUBJECT.name}.level"
    if reached.unread < reached.of and reached.best < LOWEST:
        todo = f"Corrigez d’abord les points de niveau {reached.best} (docs/points-annuaire.md)."
        return Finding(id_, "wrong", what, todo, gravity=GRAVITIES[reached.best])
    if reached.unread:
        return Finding(id_, "unknown", what, AUDIT if reached.unread < reached.of else SUBJECT.again, gravity="minor")
    return Finding(id_, "ok", what)


def _of_point(point: Point, last: Last[Judged] | None) -> Finding:
    id_, named = f"{SUBJECT.name}.{point.id}", f"{point.id} : {point.entry.says}"
    gravity = GRAVITIES[point.level]
    if not isinstance(last, Reading):
        return Finding(
            id_, "unknown", f"{point.id} : {last.why if last else NEVER}", SUBJECT.again, gravity=gravity, code=point.id
        )
    value, evidence = last.value, f"annuaire, lu le {in_town(last.read_at)}"
    if value["wrong"]:
        what = f"{named} : {value['faults']} sur {value['of']}. {point.entry.means}"
        names = (*map(safe, value["names"]),)
        return Finding(
            id_, "wrong", what, point.entry.cure, gravity=gravity, evidence=evidence, names=names, code=point.id
        )
    faults = f"non, {value['faults']}" if value["faults"] else "aucun"
    what = f"{named} : {faults} sur {agreed(value['of'], 'objet(s) lu(s)')}."
    if point.entry.partial:
        what = f"{what} Lu en partie : {point.entry.blind}"
        return Finding(id_, "unknown", what, AUDIT, gravity="minor", evidence=evidence, code=point.id)
    return Finding(id_, "ok", what, gravity=gravity, evidence=evidence, code=point.id)
