"""Changes of declared objects, as the operations of a plan."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from piste.engine.converge.plan import Operation
from piste.runs.plans import saved
from piste.runs.plans.play import Order, Played, Trouble
from piste.systems.kinds import BY_MODULE
from piste.town import declared
from piste.town.derived import compute
from piste.town.model.derived import Derived

Item = dict[str, Any]
SCHOOL, CORE = "ecole-jaures", "hotel-de-ville"


@cache
def town() -> Derived:
    return declared.derived("lab")


def items(module: str, owner: str) -> list[Item]:
    """List the declared objects of an owner, to be changed."""
    kind = BY_MODULE[module]
    return copy.deepcopy([*compute(kind.domain, town().owners[owner])[kind.part]])


def item(module: str, owner: str, key: str) -> Item:
    """Give a declared object, the first of its owner without a key."""
    table = BY_MODULE[module].table
    return next(known for known in items(module, owner) if key in ("", table.key_of(known)))


def operation(
    module: str, owner: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, label: str = ""
) -> dict[str, Any]:
    """Describe a change as the engine does; None: nothing there."""
    table = BY_MODULE[module].table
    key = table.key_of(before or after or {})
    action: Any = "create" if before is None else "delete" if after is None else "update"
    made = Operation(
        table.system, owner, table.name, key, action, dict(before) if before else None, dict(after) if after else None,
        label,
    )  # fmt: skip
    return made.to_json()


def changed(module: str, owner: str, key: str, change: Callable[[Item], Any], holder: str = "") -> dict[str, Any]:
    """Change a declared object; `holder` declares it where the owner of the operation does not."""
    before = item(module, holder or owner, key)
    after = copy.deepcopy(before)
    change(after)
    return operation(module, owner, before, after)


def plan(*operations: Mapping[str, Any], limit: str = SCHOOL, playbook: str = "playbooks/site.yml", tags: str = "",
         troubles: tuple[Trouble, ...] = (), orphans: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:  # fmt: skip
    played = Played(operations=[*map(dict, operations)], troubles=[*troubles], orphans=[*orphans])
    return saved.make(Order(playbook, "lab", limit, tags=tags), played)
