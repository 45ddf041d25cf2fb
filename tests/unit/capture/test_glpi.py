"""A capture of GLPI: what it keeps, and a GLPI with the same drift."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.glpi.captured import world_of
from piste.engine.converge.errors import PisteError
from piste.engine.transport.response import Response
from piste.exports.capture import store
from piste.systems.glpi.administrators import MODULES as MODULES_OF_ACCOUNTS
from piste.systems.kinds import of_domain
from tests.support.capture import capturing
from tests.support.glpi import SECRETS, GlpiWorld, once

MODULES = [kind.module for kind in of_domain("inventory")]


def gathered(world: GlpiWorld) -> dict[str, Any]:
    return {name: once(world, name, state="gathered")["gathered"] for name in MODULES}


@pytest.fixture
def kept_by_hand(tmp_path: Path) -> GlpiWorld:
    """A GLPI of people, where the town has converged, then somebody has changed a record."""
    world = GlpiWorld(tmp_path, "brownfield", legacy=True)
    with world.run() as run:
        run.owner("commune")
        run.owner("ecole-jaures")
    computer = world.named("Computer", "PC-INCONNU")
    computer |= {"contact": "Jeanne Durand", "comment": "appeler Mme Durand", "serial": "CHANGE"}
    return world


def test_a_glpi_from_a_capture_gathers_and_plans_as_the_captured_did(kept_by_hand: GlpiWorld, tmp_path: Path) -> None:
    with capturing(tmp_path / "data"):
        before = gathered(kept_by_hand)
        with kept_by_hand.run() as run:
            drift = [result["summary"] for result in run.owner("ecole-jaures", check=True)]
    answers = [answer for _, answer in store.answers(tmp_path / "data")]
    assert [(answer.path, odd) for answer in answers for odd in answer.odd] == []
    raw = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*.json"))
    assert [name for name, value in SECRETS.items() if value.encode() in raw and name != "user_token"] == []
    assert [answer.path for answer in answers if "token" in answer.path or "Session" in answer.path] == []
    (tmp_path / "other").mkdir()
    other = GlpiWorld(tmp_path / "other", legacy=True)
    world, left = world_of(answers)
    other.simulator.reset(world)
    assert left == []
    assert any(before.values())
    assert gathered(other) == before
    with other.run() as run:
        assert [result["summary"] for result in run.owner("ecole-jaures", check=True)] == drift


def administrators(world: GlpiWorld) -> Any:
    module = MODULES_OF_ACCOUNTS["glpi_administrators"]
    with world.run():
        return module.run({**module.defaults, "glpi": world.connection}, False)["administrators"]


def test_the_accounts_of_a_captured_glpi_are_there_and_masked_name_nobody(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    world, other = GlpiWorld(tmp_path), GlpiWorld(tmp_path / "other")
    for folder, keep_names in (("whole", True), ("masked", False)):
        with capturing(tmp_path / folder, keep_names=keep_names):
            known = administrators(world)
    answers = [answer for _, answer in store.answers(tmp_path / "whole")]
    assert [odd for answer in answers for odd in answer.odd] == []
    made, left = world_of(answers)
    other.simulator.reset(made)
    assert (administrators(other), left) == (known, [])
    raw = "".join(path.read_text("utf-8") for path in (tmp_path / "masked").rglob("*.json"))
    assert "prestataire" not in raw
    assert "Technician" in raw


def test_fields_of_no_form_are_served_and_stay_through_a_write(kept_by_hand: GlpiWorld, tmp_path: Path) -> None:
    made = {"brandNew": "un mot que personne ne connaît", "weight": 12, "deep": {"on": True}}

    def spoil(path: str, answer: Response) -> Response:
        if not path.lower().endswith("/assets/computer"):
            return answer
        documents = [{**document, **made} for document in json.loads(answer.body)]
        return replace(answer, body=json.dumps(documents).encode())

    kept_by_hand.spoil = spoil
    with capturing(tmp_path / "data"):
        before = gathered(kept_by_hand)
    (tmp_path / "other").mkdir()
    other = GlpiWorld(tmp_path / "other", legacy=True)
    world, left = world_of([answer for _, answer in store.answers(tmp_path / "data")])
    other.simulator.reset(world)
    assert left == []
    assert gathered(other) == before
    number = other.named("Computer", "PC-INCONNU")["id"]
    kept = {"brandNew": "x" * len(made["brandNew"]), "weight": 12, "deep": {"on": True}}
    assert other.simulator.edit("GET", f"Assets/Computer/{number}").items() >= kept.items()
    changed = other.simulator.edit("PATCH", f"Assets/Computer/{number}", {"comment": "changé"})
    assert changed.items() >= {**kept, "comment": "changé"}.items()


def test_no_person_is_in_a_capture(kept_by_hand: GlpiWorld, tmp_path: Path) -> None:
    with capturing(tmp_path / "data", keep_names=False):
        gathered(kept_by_hand)
    assert b"Durand" not in b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*.json"))


def test_a_write_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    world = GlpiWorld(tmp_path)
    with capturing(tmp_path / "data"), pytest.raises(PisteError, match="Rien n’a été envoyé"):
        once(world, "glpi_locations", [{"way": "Essai"}])
    assert world.writes == []
