"""Accounts of Prism Central itself: leavers are made inactive; directories keep theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.converge.errors import Guarded
from piste.runs.plans.undo import inverse
from tests.support.hosting import PrismWorld, once


@pytest.fixture
def world(tmp_path: Path) -> PrismWorld:
    return PrismWorld(tmp_path)


def states(world: PrismWorld) -> dict[str, str]:
    return {user["username"]: user["status"] for user in world.simulator.world.of("User").values()}


def test_people_and_service_accounts_that_leave_are_listed_then_made_inactive_and_counted_again(
    world: PrismWorld,
) -> None:
    listed = once(world, "prism_administrators", outgoing=["*prestataire*"])
    assert [(administrator["name"], administrator["outgoing"]) for administrator in listed["administrators"]] == [
        ("admin", False), ("svc-piste", False), ("prestataire", True), ("svc-prestataire-sauvegarde", True),
    ]  # fmt: skip
    assert (listed["findings"][0]["state"], world.writes) == ("wrong", [])
    done = once(world, "prism_administrators", outgoing=["*prestataire*"], remove=True)
    assert done["removed"] == ["prestataire", "svc-prestataire-sauvegarde"]
    assert done["findings"][0]["state"] == "ok"
    assert states(world) == {
        "admin": "ACTIVE",
        "svc-piste": "ACTIVE",
        "prestataire": "INACTIVE",
        "svc-prestataire-sauvegarde": "INACTIVE",
        "j.martin@ad.lebourget.example": "ACTIVE",
    }
    again = once(world, "prism_administrators", outgoing=["*prestataire*"], remove=True)
    assert (again["changed"], len(world.writes)) == (False, 2)
    config = inverse(done["operations"])[0]["commune"]["returned"]["prism_administrators"]["config"]
    assert once(world, "prism_administrators", outgoing=[], accounts=config)["findings"][0]["state"] == "ok"
    assert {*states(world).values()} == {"ACTIVE"}
    assert once(world, "prism_administrators", outgoing=[], accounts=config)["changed"] is False


def test_an_account_is_known_by_its_mail_too(world: PrismWorld) -> None:
    done = once(world, "prism_administrators", outgoing=["*@prestataire.invalid"], remove=True)
    assert done["removed"] == ["prestataire"]


def test_the_built_in_administrator_stays(world: PrismWorld) -> None:
    with pytest.raises(Guarded, match="ne laisserait personne de la Ville"):
        once(world, "prism_administrators", outgoing=["admin"], remove=True)
    assert world.writes == []
