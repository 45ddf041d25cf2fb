"""Preferences that stop a program at start-up, and those that give its start back."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from piste.systems.windows.startup import preferences_of

KEY = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Explorer\\StartupApproved\\"


def made(place: str, entry: str, *, given_back: bool = False, **more: Any) -> dict[str, Any]:
    usual = {"id": "a", "label": "A", "x86": False, "computers": [], "why": "w"}
    program = {**usual, "place": place, "entry": entry, **more}
    return preferences_of({"given_back": given_back, "programs": [program]})  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("place", "x86", "key"), [("run", False, "Run"), ("run", True, "Run32"), ("folder", False, "StartupFolder")]
)
def test_an_entry_is_disabled_by_a_value_that_goes_with_the_policy(place: str, x86: bool, key: str) -> None:
    (value,) = made(place, "Teams", x86=x86)["registry"].items()
    assert value[0] == f"{KEY}{key}!Teams"
    # As the Task Manager writes it: an odd first byte, twelve bytes in all.
    assert b64decode(value[1]["base64"]) == bytes([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    assert (value[1]["action"], value[1]["remove_when_unapplied"]) == ("replace", True)


def test_a_service_waits_to_be_asked_and_comes_back_by_itself() -> None:
    assert made("service", "Sv")["services"]["Sv"]["startup"] == "manual"
    assert made("service", "Sv", given_back=True)["services"]["Sv"]["startup"] == "automatic"


def test_a_task_is_switched_by_a_task_of_ours() -> None:
    for given_back, how in ((False, "DISABLE"), (True, "ENABLE")):
        task = made("task", "\\Vendor\\Its task", given_back=given_back)["scheduled_tasks"]["Piste - Démarrage - a"]
        (action,) = task["actions"]
        assert action["arguments"] == f'/Change /TN "\\Vendor\\Its task" /{how}'
        assert [trigger["type"] for trigger in task["triggers"]] == ["registration", "startup"]


def test_a_program_of_some_computers_is_for_these_groups_alone() -> None:
    targeting = made("run", "Teams", computers=["GP-A", "GP-B"])["registry"][f"{KEY}Run!Teams"]["targeting"]
    assert [(condition["group"], condition["of"], condition["or"]) for condition in targeting] == [
        ("GP-A", "computer", False),
        ("GP-B", "computer", True),
    ]
