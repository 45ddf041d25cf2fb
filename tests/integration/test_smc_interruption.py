"""Ordered rules on an SMC that is busy or loses answers, in a killed run: the next ends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.inprocess import Killed
from tests.support.rules import DENY, ELEMENTS, TOWN, policy, rule, section
from tests.support.smc import NEVER_RE_RANKS, SmcWorld, order, rules


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", ELEMENTS)
    made.forget_requests()
    return made


BEFORE = [rule(f"r{at}") for at in range(6)]
AFTER = [rule("n1"), rule("r5"), rule("r1", log="stored"), {"section": "S"}, rule("n2"), rule("r0"), rule("r3")]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("version", [NEVER_RE_RANKS, "7.4.2"])
def test_a_run_that_is_killed_at_any_write_is_finished_by_the_next(tmp_path: Path, when: str, version: str) -> None:
    for number in range(1, 50):
        world = SmcWorld(tmp_path / f"{number}")
        world.simulator.behaviour.smc_version = version
        world.module("smc_policies", [policy(*BEFORE)])
        world.forget_requests()
        setattr(world, f"kill_{when}", number)
        try:
            world.module("smc_policies", [policy(*AFTER)], confirm=["rules"])
            killed = False
        except Killed:
            killed = True
        world.kill_before = world.kill_after = 0
        world.module("smc_policies", [policy(*AFTER)], confirm=["rules"])
        assert rules(world) == AFTER
        if not killed:
            break
    assert number > 7 if version == NEVER_RE_RANKS else number > 5


@pytest.mark.parametrize("status", [503, 429])
def test_a_busy_smc_is_waited_for_and_nothing_is_written_twice(world: SmcWorld, status: int) -> None:
    world.simulator.faults.add("status", method="POST", path="fw_ipv4_access_rule", nth=2, times=2, status=status)
    world.simulator.faults.add("status", method="PUT", path="fw_ipv4_access_rule", nth=1, times=2, status=status)
    world.module("smc_policies", [TOWN])
    assert order(world) == ["§Socle", "admin", "§Site jaures", "jaures-web", "jaures-dc", "§Fin", "refus"]
    world.module("smc_policies", [section("Fin", {**DENY, "log": "essential"})])
    assert rules(world)[-1]["log"] == "essential"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_whose_answer_was_lost_is_looked_for(world: SmcWorld, method: str) -> None:
    world.module("smc_policies", [policy(*BEFORE)])
    world.simulator.faults.add("cut", method=method, path="fw_ipv4_access_rule/?", nth=1, when="after")
    world.module("smc_policies", [policy(*AFTER)], confirm=["rules"])
    assert rules(world) == AFTER
