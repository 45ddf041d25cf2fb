"""The inverse of a plan: proof that its operations hold all that an undo needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from piste.engine.converge.plan import Action, Plan

INVERSE: Mapping[Action, Action] = {
    "create": "delete",
    "delete": "create",
    "update": "update",
    "reset": "update",
}


def invert(done: Plan) -> Plan:
    """Make the plan that undoes `done`: the same objects in reverse order, from after to before."""
    return Plan(
        tuple(
            replace(
                operation,
                action=INVERSE[operation.action],
                before=operation.after,
                after=operation.before,
                key=operation.place,
                slot=None if operation.slot is None else operation.key,
            )
            for operation in reversed(done.operations)
        )
    )
