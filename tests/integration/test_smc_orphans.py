"""What an SMC holds and nobody declares; what doctor says of the access to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.forcepoint import checks, orphans, smc
from tests.support.rules import ADMIN, DENY, ELEMENTS, JAURES, policy, rule, section
from tests.support.smc import SmcWorld


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", ELEMENTS)
    return made


def undeclared(world: SmcWorld, **declared: Any) -> dict[str, str]:
    with world.run():
        run = orphans.MODULES["smc_orphans"].run
        told = run({"smc": world.connection(), "elements": [], "policies": [], **declared}, True)
    return {entry["key"]: entry["why"] for entry in told["orphans"]}


def test_elements_that_nobody_declares_are_told_with_their_use(world: SmcWorld) -> None:
    declared = [f"{one['type']}/{one['name']}" for one in ELEMENTS]
    assert undeclared(world, elements=declared) == {}
    assert undeclared(world, elements=declared[1:]) == {"host/srv-dc1": "personne ne le déclare, et rien ne s'en sert"}
    world.module("smc_policies", [policy(rule("dc", to="host/srv-dc1"))])
    told = undeclared(world, elements=declared[1:], policies=[policy(rule("dc"))])
    assert told == {"host/srv-dc1": "personne ne le déclare"}


def test_rules_and_policies_that_nobody_declares_are_told(world: SmcWorld) -> None:
    whole = policy({"section": "Socle"}, ADMIN, rule("a-part"), {"section": "Site"}, *JAURES, DENY)
    world.module("smc_policies", [whole, {**policy(), "name": "ESSAI"}])
    declared = [f"{one['type']}/{one['name']}" for one in ELEMENTS]
    told = undeclared(world, elements=declared, policies=[section("Socle", ADMIN), section("Site", *JAURES)])
    assert set(told) == {"fw_policy/ESSAI", "VLB/ipv4_access/a-part", "VLB/ipv4_access/refus"}


def findings(world: SmcWorld, **changes: Any) -> dict[str, str]:
    with world.run():
        told = checks.MODULES["smc_checks"].run({"smc": {**world.connection(), **changes}}, True)["findings"]
    assert all(one["todo"] for one in told if one["state"] != "ok")
    assert world.key not in str(told)
    return {one["id"].removeprefix("smc."): one["state"] for one in told if one["id"] not in NETWORK}


NETWORK = ("smc.certificate", "smc.clock")
"""What only a socket can tell."""


@pytest.fixture(autouse=True)
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smc.Transport, "certificate_end", lambda self: None)


def test_a_good_access_is_conform(world: SmcWorld) -> None:
    assert findings(world) == {"reachable": "ok", "version": "ok", "key": "ok", "engines": "ok"}


def test_a_version_that_is_not_offered_is_wrong_and_stops_there(world: SmcWorld) -> None:
    for version in ("7.2", "la dernière"):
        assert findings(world, api_version=version) == {"reachable": "ok", "version": "wrong"}


def test_a_refused_key_is_wrong(world: SmcWorld) -> None:
    assert findings(world, api_key="une-autre-clef") == {"reachable": "ok", "key": "wrong"}


def test_silence_is_unknown(world: SmcWorld) -> None:
    world.simulator.faults.add("cut", times=None)
    assert findings(world) == {"reachable": "unknown"}
    assert findings(world, url="") == {"reachable": "unknown"}
