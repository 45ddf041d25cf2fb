"""Options that a task of a domain leaves out and variables of the environment give."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from piste.runs.dispatch import _Action
from piste.runs.domains.network import MODULES

ENVIRONMENT = {"piste_meraki": {"api_key": "x"}, "piste_secrets": {"a": "b"}, "piste_plan": "", "piste_survey": True}


def taken(**given: Any) -> dict[str, Any]:
    task = object.__new__(_Action)
    task.module = MODULES["piste_network"]
    task._task = SimpleNamespace(args=given)
    task._templar = SimpleNamespace(template=lambda value: value)
    task._take_variables(ENVIRONMENT)
    return dict(task._task.args)


def test_a_task_is_given_what_the_environment_says_and_keeps_what_it_says_itself() -> None:
    assert taken(site="ccas") == {
        "site": "ccas",
        "dashboard": {"api_key": "x"},
        "secrets": {"a": "b"},
        "survey": True,
    }
    assert taken(dashboard={"api_key": "y"}, survey=False) == {
        "dashboard": {"api_key": "y"},
        "survey": False,
        "secrets": {"a": "b"},
    }


def test_what_only_reads_is_given_no_secret_so_that_an_export_is_not_masked() -> None:
    assert "secrets" not in taken(state="gathered")
    assert taken(state="gathered", secrets={"c": "d"})["secrets"] == {"c": "d"}
