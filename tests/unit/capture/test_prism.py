"""A capture of Prism Central: what it keeps, and a Prism Central with the same drift."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.http import Request
from lab.prism import answers
from lab.prism.answers import Call
from lab.prism.captured import world_of
from lab.prism.kinds import route
from piste.engine.converge.errors import Interrupted
from piste.engine.transport.response import Response
from piste.exports.capture import store
from tests.support.capture import capturing
from tests.support.hosting import ROLE, PrismWorld, once


def gathered(world: PrismWorld) -> dict[str, Any]:
    return {name: once(world, name, state="gathered")["gathered"] for name, _ in ROLE}


def replayed(data: Path, folder: Path) -> tuple[PrismWorld, list[str]]:
    folder.mkdir()
    other = PrismWorld(folder)
    world, left = world_of([answer for _, answer in store.answers(data)], other.simulator.clock)
    other.simulator.reset(world)
    return other, left


@pytest.mark.parametrize("seed", ["inherited", "town", "empty"])
def test_a_prism_central_from_a_capture_gathers_as_the_captured_did(seed: str, tmp_path: Path) -> None:
    world = PrismWorld(tmp_path, seed)
    with capturing(tmp_path / "data"):
        before = gathered(world)
        before["living"] = once(world, "prism_living")["living"]
        before["accounts"] = once(world, "prism_administrators", known=["admin"])["orphans"]
        before["checks"] = [finding["state"] for finding in once(world, "prism_checks")["findings"]]
    assert [(a.path, odd) for _, a in store.answers(tmp_path / "data") for odd in a.odd] == []
    other, left = replayed(tmp_path / "data", tmp_path / "other")
    assert left == []
    after = gathered(other)
    after["living"] = once(other, "prism_living")["living"]
    after["accounts"] = once(other, "prism_administrators", known=["admin"])["orphans"]
    after["checks"] = [finding["state"] for finding in once(other, "prism_checks")["findings"]]
    assert after == before


def test_fields_of_no_form_are_served_and_stay_through_a_write(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path, "inherited")
    made = {"brandNew": "un mot que personne ne connaît", "weight": 12}

    def spoil(method: str, answer: Response) -> Response:
        content = json.loads(answer.body) if answer.body else {}
        for vm in content.get("data", []) if answer.url.partition("?")[0].endswith("/vms") else ():
            vm |= made
            for disk in vm.get("disks", []):
                disk["weight"] = 3
        return replace(answer, body=json.dumps(content).encode()) if answer.body else answer

    world.spoil = spoil
    with capturing(tmp_path / "data"):
        before = gathered(world)
    other, left = replayed(tmp_path / "data", tmp_path / "other")
    assert left == []
    assert gathered(other) == before
    (name, *_) = (vm["name"] for vm in before["prism_vms"] if vm.get("disks"))

    def shown() -> dict[str, Any]:
        entity = other.named("Vm", name)
        operation, ids = route("GET", f"vmm/ahv/config/vms/{entity['extId']}") or pytest.fail("no such route")
        return answers.shown(other.simulator.site, Call(operation, ids, 2, Request("GET", "/api")), entity)

    kept = {"brandNew": "x" * len(made["brandNew"]), "weight": 12}
    assert shown().items() >= kept.items()
    assert {disk["weight"] for disk in shown()["disks"]} == {3}
    assert once(other, "prism_vms", [{"name": name, "description": "changée"}], state="merged")["changed"]
    assert shown().items() >= {**kept, "description": "changée"}.items()


def test_no_account_is_in_a_capture_by_its_name(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path, "inherited")
    with capturing(tmp_path / "data", keep_names=False):
        gathered(world)
        once(world, "prism_administrators", known=["admin"])
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*.json"))
    assert b"authn/users" in kept
    assert [word for word in (b"j.martin", b"Martin", b"exploitation@prestataire") if word in kept] == []


def test_a_write_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path, "inherited")
    with capturing(tmp_path / "data"), pytest.raises(Interrupted, match="Rien n’a été envoyé"):
        once(world, "prism_categories", [{"key": "Essai", "value": "1"}])
    assert world.writes == []
