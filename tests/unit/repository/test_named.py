"""What nobody declares is named, whatever its kind: each has a module that does it, and that a drift runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from piste.kinds import ADMINISTRATORS, CONVERGING, NAMED_BY
from tests.unit.repository.tree import ROOT


def tasks(entries: list[dict[str, Any]]) -> Iterator[str]:
    """The modules that a list of tasks calls, its blocks included."""
    for entry in entries:
        yield from entry
        yield from tasks(entry.get("block", []))


def test_each_kind_is_named_by_some_module() -> None:
    assert set(NAMED_BY) == set(CONVERGING)


def test_a_drift_runs_each_of_these_modules() -> None:
    *_, last, _ = plays = yaml.safe_load((ROOT / "playbooks" / "drift.yml").read_text("utf-8"))
    (network,) = [role for play in plays for role in play.get("roles", ()) if role["role"] == "network"]
    assert network["vars"] == {"piste_survey": True}
    role = yaml.safe_load((ROOT / "roles" / "network" / "tasks" / "main.yml").read_text("utf-8"))
    alone = {module for kind, module in NAMED_BY.items() if kind == module}
    assert alone <= set(tasks(role))
    assert {*NAMED_BY.values(), *ADMINISTRATORS} - alone <= set(tasks(last["tasks"]))


def test_accounts_that_do_not_answer_stop_the_comparison_of_no_other() -> None:
    *_, last, _ = yaml.safe_load((ROOT / "playbooks" / "drift.yml").read_text("utf-8"))
    rescued = [task for task in last["tasks"] if "rescue" in task]
    assert set(ADMINISTRATORS) <= set(tasks(rescued))
