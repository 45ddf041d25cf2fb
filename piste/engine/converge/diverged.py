"""The error for a system that has something else after a write, and who may have changed it."""

from __future__ import annotations

from collections.abc import Sequence

from piste.engine.converge.errors import Diverged
from piste.engine.converge.plan import Operation, Plan, changed_fields
from piste.engine.converge.values import stable


def diverged(planned: Plan, left: Sequence[Operation], owner: str) -> Diverged:
    """Make the error for operations that are still to do after they were written.

    A value that is neither the old nor the written value has another author than this run.
    """
    mine = {operation.key: operation for operation in planned.operations}
    strange = {operation.name: fields for operation in left if (fields := _of_others(mine[operation.key], operation))}
    kept = " ; ".join(f"{operation.name} ({', '.join(changed_fields(operation))})" for operation in left)
    if not strange:
        return Diverged(
            f"écrit et accepté, mais le système a gardé autre chose : {kept}",
            where=owner,
            todo="Relancez avec --check --diff pour voir la différence ; la valeur déclarée n’est sans doute "
            "pas admise telle quelle par ce modèle ou cette version.",
        )
    named = " ; ".join(f"{name} ({', '.join(fields)})" for name, fields in strange.items())
    return Diverged(
        f"écrit et accepté, mais le système a autre chose : {kept}",
        where=owner,
        why=f"De {named}, ce qui s’y lit n’est ni l’ancienne valeur ni celle qui a été écrite : quelqu’un d’autre a "
        "écrit là pendant l’exécution.",
        todo="Voyez qui (console, autre outil), puis relancez. Si la même valeur revient, c’est le système qui "
        "l’écrit ainsi : corrigez la déclaration.",
    )


def _of_others(mine: Operation, left: Operation) -> list[str]:
    """List the fields whose value comes neither from before the write nor from the write."""
    if mine.before is None or mine.after is None:
        return []
    if left.before is None:
        return ["disparu"]
    sides = (mine.before, mine.after)
    now = left.before
    return [name for name in changed_fields(left) if all(stable(now.get(name)) != stable(s.get(name)) for s in sides)]
