"""Operations as the planner makes them, from what the twin reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from piste.engine.converge.plan import plan
from piste.systems import kinds
from piste.trials.twin.readings import Readings, holdings


def operations(
    read: Readings, kind: str, *desired: dict[str, Any], holder: str = "", owner: str = "", absent: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Plan some desired objects of a kind on what a holder has."""
    table = kinds.of_object(kind).table
    live = {table.key_of(item): dict(item) for item in holdings(read)[kind][holder]}
    planned = plan(table, list(desired), live, owner=owner or holder or "commune", absent=absent)
    return [operation.to_json() for operation in planned.operations]


def object_of(read: Readings, kind: str, holder: str = "", **wanted: Any) -> dict[str, Any]:
    """Copy the object of some values."""
    (item,) = [item for item in holdings(read)[kind][holder] if wanted.items() <= item.items()]
    return dict(item)


def inverse(described: dict[str, Any]) -> dict[str, Any]:
    """Give the operation that takes another back."""
    content = described["content"]
    action = {"create": "delete", "delete": "create"}.get(described["action"], described["action"])
    return {
        **described,
        "action": action,
        "before": described["after"],
        "after": described["before"],
        "content": {"before": content["after"], "after": content["before"]},
    }
