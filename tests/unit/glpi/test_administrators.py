"""Accounts of GLPI: listed with what the API shows of them, made inactive where they leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from piste.runs.plans.undo import inverse
from piste.systems.glpi.administrators import MODULES
from tests.support.glpi import GlpiWorld


def run(world: GlpiWorld, **given: Any) -> dict[str, Any]:
    module = MODULES["glpi_administrators"]
    with world.run():
        return module.run({**module.defaults, "glpi": world.connection, **given}, False)


def states(world: GlpiWorld) -> dict[str, bool]:
    return {user["username"]: user["is_active"] for user in world.simulator.world.of("User").values()}


def test_an_account_shows_its_profile_and_its_last_use_and_nothing_more(tmp_path: Path) -> None:
    world = GlpiWorld(tmp_path)
    listed = run(world)["administrators"]
    said = {account["name"]: (account["whole"], account["active"], account["roles"]) for account in listed}
    assert said == {
        "glpi": (True, True, ["Super-Admin"]),
        "lecture-dsi@lebourget.example": (None, True, ["Observer"]),
        "prestataire": (None, True, ["Technician"]),
        "tech": (None, False, ["Technician"]),
    }
    assert {account["mfa"] for account in listed} == {None}
    assert {account["used_at"] for account in listed} == {"2026-11-20T07:00:00+00:00"}
    assert world.writes == []


def test_those_who_leave_are_made_inactive_once_and_never_the_last_in_charge(tmp_path: Path) -> None:
    world = GlpiWorld(tmp_path)
    assert run(world, outgoing=["prestataire"], remove=True)["removed"] == ["prestataire"]
    assert states(world) == {
        "glpi": True, "lecture-dsi@lebourget.example": True, "prestataire": False, "tech": False,
    }  # fmt: skip
    again = run(world, outgoing=["prestataire"], remove=True)
    assert (again["changed"], again["removed"], len(world.writes)) == (False, [], 1)
    with pytest.raises(Guarded, match="ne laisserait personne"):
        run(world, outgoing=["glpi"], remove=True)


def test_an_undo_makes_active_again_who_was_made_inactive(tmp_path: Path) -> None:
    world = GlpiWorld(tmp_path)
    before = states(world)
    done = run(world, outgoing=["prestataire"], remove=True)["operations"]
    config = inverse(done)[0]["commune"]["returned"]["glpi_administrators"]["config"]
    assert run(world, accounts=config)["findings"][0]["state"] == "ok"
    assert states(world) == before
    assert run(world, accounts=config)["changed"] is False
