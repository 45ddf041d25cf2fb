"""Guards of a plan of rules: administration shut out, too much removed, locked rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from tests.support.rules import ADMIN, DENY, ELEMENTS, TOWN, policy, rule
from tests.support.smc import SmcWorld, order


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", ELEMENTS)
    made.forget_requests()
    return made


def test_more_removals_than_allowed_ask_for_a_word(world: SmcWorld) -> None:
    world.module("smc_policies", [policy(*(rule(f"r{at}") for at in range(9)))])
    world.forget_requests()
    with pytest.raises(Guarded, match="rules:VLB/ipv4_access") as refused:
        world.module("smc_policies", [policy(rule("r0"))])
    assert "r8" in str(refused.value)
    assert world.writes == []
    assert world.module("smc_policies", [policy(rule("r0"))], check=True)["withheld"]
    world.module("smc_policies", [policy(rule("r0"))], confirm=["rules:VLB/ipv4_access"])
    assert order(world) == ["r0"]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ([DENY], "disparaîtrait"),
        ([{**ADMIN, "disabled": True}, DENY], "désactivée"),
        ([{**ADMIN, "sources": ["host/srv-dc1"]}, DENY], "sources"),
        ([{**ADMIN, "action": ["discard"]}, DENY], "action"),
        ([DENY, ADMIN], "après un refus"),
        ([rule("n", action=["refuse"]), ADMIN, DENY], "après un refus"),
        ([rule("n", action=["jump"], sub_policy="sub_ipv4_fw_policy/ecoles"), ADMIN, DENY], "un saut"),
    ],
)
def test_administration_is_never_shut_out_unasked(world: SmcWorld, wanted: list[dict[str, Any]], why: str) -> None:
    world.module("smc_policies", [{"type": "sub_ipv4_fw_policy", "name": "ecoles", "scope": "whole"}])
    world.module("smc_policies", [policy(ADMIN, DENY)])
    world.forget_requests()
    with pytest.raises(Guarded, match=why):
        world.module("smc_policies", [policy(*wanted)], keep=["admin"])
    assert world.writes == []
    world.module("smc_policies", [policy(*wanted)], keep=["admin"], confirm=["administration:admin"])


def test_another_template_asks_for_a_word(world: SmcWorld) -> None:
    world.module("smc_policies", [policy(ADMIN, DENY)])
    other = {**policy(ADMIN, DENY), "template": "fw_template_policy/Firewall Template"}
    world.forget_requests()
    with pytest.raises(Guarded, match=r"template:VLB.*toutes les règles qui en viennent"):
        world.module("smc_policies", [other])
    assert world.writes == []
    world.module("smc_policies", [other], confirm=["template:VLB"])
    assert world.gathered("smc_policies")[0]["template"] == other["template"]


def test_administration_may_be_let_in_wider(world: SmcWorld) -> None:
    world.module("smc_policies", [policy(rule("x", action=["discard"]), ADMIN, DENY)])
    wider = {**ADMIN, "sources": ["host/poste-admin", "host/srv-dc1"]}
    world.module("smc_policies", [policy(rule("x", action=["discard"]), rule("n"), wider, DENY)], keep=["admin"])


def test_a_locked_policy_is_refused_before_any_write(world: SmcWorld) -> None:
    world.module("smc_policies", [TOWN])
    (record,) = world.simulator.world.of_type("fw_policy")
    world.simulator.edit("PUT", world.simulator.world.path(record) + "/lock")
    world.forget_requests()
    with pytest.raises(Guarded, match="verrouillé"):
        world.module("smc_policies", [policy(ADMIN, DENY)], confirm=["rules"])
    assert world.writes == []
