"""Orphans of each kind are named, by the task of its only owner or at the end of a drift."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from piste.runs.domains.domain import Domain
from piste.runs.modules import READ
from piste.systems.kinds import ADMINISTRATORS, DOMAINS, KINDS
from tests.unit.repository.tree import ROOT


def tasks(entries: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """List the modules that a list of tasks calls, its blocks included, each with its options."""
    for entry in entries:
        yield from entry.items()
        yield from tasks(entry.get("block", []))


def plays() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = yaml.safe_load((ROOT / "playbooks" / "drift.yml").read_text("utf-8"))
    return listed


def test_a_task_names_what_it_alone_declares() -> None:
    assert {kind.module for kind in KINDS if kind.undeclared == "task"} == {
        kind.module for kind in KINDS if kind.driver_class.sees_all and kind.module != "meraki_devices"
    }
    assert {kind.undeclared for kind in KINDS} == {"task", "drift"}


def test_a_drift_surveys_the_sites_and_ends_with_what_nobody_declares_of_any_domain() -> None:
    (network,) = [role for play in plays() for role in play.get("roles", ()) if role["role"] == "network"]
    assert network["vars"] == {"piste_survey": True}
    last = dict(tasks(plays()[-2]["tasks"]))
    named = {name for name in last if last[name] and name.startswith("piste_")}
    assert named - {READ} == {f"piste_{it}" for it in DOMAINS}
    assert {last[f"piste_{domain}"]["state"] for domain in DOMAINS} == {"undeclared"}
    assert set(ADMINISTRATORS) <= set(last)


def test_every_domain_knows_how_to_name_it() -> None:
    assert {type_.name for type_ in Domain.__subclasses__() if type_.undeclared is Domain.undeclared} == set()


def test_accounts_that_do_not_answer_stop_the_comparison_of_no_other() -> None:
    rescued = [task for task in plays()[-2]["tasks"] if "rescue" in task]
    assert set(ADMINISTRATORS) <= set(dict(tasks(rescued)))
