"""A small plan, without any run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from piste.engine.converge.plan import Operation
from piste.runs.plans import saved
from piste.runs.plans.play import Order, Played, Trouble

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def operation(
    key: str = "a", action: Any = "update", owner: str = "ecole-jaures", kind: str = "network", **after: Any
) -> dict[str, Any]:
    before = None if action == "create" else {"name": key, "notes": "avant"}
    wanted = None if action == "delete" else {"name": key, "notes": "après", **after}
    return Operation("meraki", owner, kind, key, action, before, wanted).to_json()


def plan(*operations: dict[str, Any], troubles: tuple[Trouble, ...] = (), **played: Any) -> dict[str, Any]:
    done = Played(operations=list(operations), troubles=list(troubles), **played)
    return saved.make(Order("playbooks/site.yml", "lab", "ecole-jaures"), done, NOON)
