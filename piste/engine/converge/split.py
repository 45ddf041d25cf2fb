"""The split of a plan: what awaits a word, and the rest, planned again without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from piste.engine.converge.allowed import LEFT
from piste.engine.converge.errors import Guarded, PisteError
from piste.engine.converge.plan import Operation, Plan
from piste.engine.converge.waiting import (
    REMOVALS,
    UNFINISHED,
    UNREMOVED,
    Waiting,
    awaiting,
    listing,
    relying,
    to_confirm,
)
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.engine.converge.walk import Walk

_TOGETHER = "se fait d’un seul tenant avec ce qui attend"


@dataclass(frozen=True, slots=True)
class Split:
    """A plan in two parts; `lines` say what waits."""

    rest: Plan
    waiting: Sequence[Waiting] = ()
    lines: Sequence[str] = ()

    def to_json(self, whole: Plan) -> list[dict[str, Any]]:
        """List all operations in the order of the whole plan, those that wait with their reason."""
        at = {operation.key: rank for rank, operation in enumerate(whole.operations)}
        described = [operation.to_json() for operation in self.rest.operations]
        described += [waiting.to_json() for waiting in self.waiting]
        return sorted(described, key=lambda operation: at.get(operation["key"], len(at)))


def split(walk: Walk, planned: Plan) -> Split:
    """Let wait what awaits a word, what relies on it and what is removed; plan the rest again.

    The rest goes through the refusals and guards of the kind again. Where it does not pass, nothing is written: this
    raises `Guarded`, and in check mode everything waits.
    """
    holding = walk.request.holding
    if holding.stopped:
        return _whole(walk, planned, {}, {}, holding.stopped)
    kept: dict[str, Waiting] = {}
    words: dict[str, str] = {}
    objects = {(other.system, other.owner, other.kind, other.key) for other in walk.request.left}
    left = [Waiting(o, LEFT) for o in planned.operations if (o.system, o.owner, o.kind, o.key) in objects]
    rest = walk.without([waiting.operation for waiting in left]) if left else planned
    while True:
        try:
            needed = walk.needed(rest)
            more = _waiting(walk, rest.operations, needed, kept)
            if not more:
                break
            kept |= more
            words |= needed
            rest = walk.without([waiting.operation for waiting in kept.values()])
        except PisteError as error:
            if not words:
                raise
            return _stand_still(walk, planned, kept, words, error)
    holding.add([*kept.values()], words)
    return Split(rest, [*left, *kept.values()], _lines(kept, words))


def _waiting(
    walk: Walk, operations: Sequence[Operation], needed: Mapping[str, str], kept: Mapping[str, Waiting]
) -> dict[str, Waiting]:
    """List the operations that must wait, by key."""
    driver, holding = walk.driver, walk.request.holding
    more = awaiting(driver, operations, {word: why for word, why in needed.items() if word != REMOVALS})
    earlier = [waiting.operation for waiting in (*holding.waiting, *kept.values(), *more.values())]
    more = relying(driver, [operation for operation in operations if operation.key not in more], earlier) | more
    gone = [operation for operation in operations if walk.removed(operation)]
    if gone and (more or kept or REMOVALS in needed or holding.awaits_ahead()):
        words = (REMOVALS,) if REMOVALS in needed else ()
        why = f"attend {REMOVALS}" if words else UNREMOVED
        more = {operation.key: Waiting(operation, why, words) for operation in gone} | more
    if driver.finishes and (holding.unfinished or holding.waits or more):
        more = {operation.key: Waiting(operation, UNFINISHED) for operation in operations} | more
    if more and driver.together:
        more = {operation.key: Waiting(operation, _TOGETHER) for operation in operations} | more
    return more


def _stand_still(
    walk: Walk, planned: Plan, kept: Mapping[str, Waiting], words: Mapping[str, str], error: PisteError
) -> Split:
    why = f"Sans eux, le reste ne passe pas : {error.what}"
    if not walk.request.check or walk.request.rehearsal:
        raise Guarded(
            f"{agreed(len(words), 'changement(s)')} à confirmer, rien n’a été écrit",
            where=walk.request.owner,
            why=why,
            todo=listing(words),
        ) from error
    walk.request.holding.stopped = f"rien n’est écrit de ce domaine sans les mots attendus : {error.what}"
    return _whole(walk, planned, kept, words, walk.request.holding.stopped)


def _whole(walk: Walk, planned: Plan, kept: Mapping[str, Waiting], words: Mapping[str, str], why: str) -> Split:
    """Let a whole plan wait."""
    waiting = {operation.key: Waiting(operation, why) for operation in planned.operations} | dict(kept)
    walk.request.holding.add([*waiting.values()], words)
    return Split(Plan(notes=planned.notes), [*waiting.values()], _lines(waiting, words))


def _lines(kept: Mapping[str, Waiting], words: Mapping[str, str]) -> list[str]:
    lines = [f"{to_confirm(word)}{why}" for word, why in sorted(words.items())]
    return lines + [waiting.line() for waiting in kept.values() if not waiting.words]
