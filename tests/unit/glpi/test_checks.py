"""Checks of `piste doctor` on GLPI: each is made to fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.systems.glpi.checks import MODULES
from tests.support.glpi import GlpiWorld


@pytest.fixture
def world(tmp_path: Path) -> GlpiWorld:
    return GlpiWorld(tmp_path)


def seen(world: GlpiWorld, **options: Any) -> dict[str, dict[str, Any]]:
    with world.run():
        result = MODULES["glpi_checks"].run({"glpi": world.connection, "legacy": False, **options}, True)
    assert world.writes == []
    return {finding["id"]: finding for finding in result["findings"]}


def states(findings: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: finding["state"] for name, finding in findings.items() if name != "glpi.certificate"}


def test_a_sound_glpi_says_what_it_cannot_push(world: GlpiWorld) -> None:
    findings = seen(world)
    assert set(states(findings).values()) == {"ok"}
    assert "garantie" in findings["glpi.unpushed"]["what"]
    assert "ancienne API" in seen(world, legacy=True)["glpi.unpushed"]["what"]


def test_another_system_at_the_address_is_no_glpi(world: GlpiWorld) -> None:
    world.simulator.faults.add("status", status=404, body="rien ici", times=None)
    assert states(seen(world)) == {"glpi.reachable": "wrong"}


def test_silence_is_unknown(world: GlpiWorld) -> None:
    world.simulator.faults.add("status", status=503, times=None)
    assert states(seen(world)) == {"glpi.reachable": "unknown"}


@pytest.mark.parametrize("name", ["client_secret", "password"])
def test_a_refused_account_stops_the_checks(world: GlpiWorld, name: str) -> None:
    world.connection[name] = "autre"
    findings = seen(world)
    assert findings["glpi.account"]["state"] == "wrong"
    assert "glpi.rights" not in findings
    assert "autre" not in str(findings)


def test_the_lists_that_refuse_the_account_are_named(world: GlpiWorld) -> None:
    world.simulator.behaviour.set(forbidden=["Contract", "Change"])
    finding = seen(world)["glpi.rights"]
    assert finding["state"] == "wrong"
    assert "Contract, Change" in finding["what"]


def test_a_version_that_glpi_does_not_serve_is_seen(world: GlpiWorld) -> None:
    world.simulator.behaviour.set(version="2.2")
    assert seen(world)["glpi.version"]["state"] == "wrong"


def test_an_older_version_than_the_latest_is_said(world: GlpiWorld) -> None:
    world.connection["api_version"] = "2.1"
    assert "ni types, ni modèles" in seen(world)["glpi.version"]["what"]
