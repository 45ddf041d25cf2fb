"""An administrator of the SMC who leaves is disabled, never deleted, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.runs.dispatch import MODULES
from piste.runs.plans.undo import inverse
from tests.support.smc import SmcWorld


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.simulator.edit("POST", "/elements/admin_user", {"name": "dsi-ville", "superuser": True})
    made.simulator.edit("POST", "/elements/admin_user", {"name": "sortant", "superuser": True})
    made.simulator.edit("POST", "/elements/api_client", {"name": "sortant-api"})
    return made


def withdraw(world: SmcWorld, *outgoing: str) -> dict[str, Any]:
    with world.run():
        params = {"smc": world.connection(), "outgoing": [*outgoing], "remove": True}
        return MODULES["smc_administrators"].run(params, False)


def active(world: SmcWorld) -> dict[str, bool]:
    with world.run():
        listed = MODULES["smc_administrators"].run({"smc": world.connection(), "outgoing": []}, False)
    return {account["name"]: account["active"] for account in listed["administrators"]}


def test_who_leaves_is_disabled_and_stays_there_and_a_second_time_enables_nobody(world: SmcWorld) -> None:
    result = withdraw(world, "sortant*")
    assert sorted(result["removed"]) == ["sortant", "sortant-api"]
    assert result["findings"][0]["state"] == "ok"
    assert {method for method, _ in world.writes} == {"PUT"}
    before = active(world)
    assert (before["sortant"], before["sortant-api"], before["dsi-ville"]) == (False, False, True)
    again = withdraw(world, "sortant*")
    assert (again["changed"], again["operations"], active(world)) == (False, [], before)


def test_an_undo_enables_whom_the_withdrawal_disabled_and_nobody_else(world: SmcWorld) -> None:
    world.simulator.edit("POST", "/elements/admin_user", {"name": "sortant-ancien", "enabled": False})
    tasks, _ = inverse(withdraw(world, "sortant*")["operations"])
    config = tasks["commune"]["returned"]["smc_administrators"]["config"]
    assert sorted(entry["name"] for entry in config) == ["sortant", "sortant-api"]
    with world.run():
        params = {"smc": world.connection(), "outgoing": [], "accounts": config}
        assert MODULES["smc_administrators"].run(params, False)["findings"][0]["state"] == "ok"
    states = active(world)
    assert (states["sortant"], states["sortant-api"], states["sortant-ancien"]) == (True, True, False)
