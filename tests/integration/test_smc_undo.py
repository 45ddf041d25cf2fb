"""Undo of a run on the firewall: the export is that of before, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from piste.engine.converge.errors import Interrupted
from piste.engine.converge.text import as_declaration
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from tests.support.rules import ADMIN, DENY, ELEMENTS, JAURES, TOWN, policy, rule, section
from tests.support.smc import SmcWorld

ORDER = (
    "smc_elements", "smc_engine_interfaces", "smc_engine_routes", "smc_engine_settings", "smc_engine_gateways",
    "smc_log_servers", "smc_policies",
)  # fmt: skip

WORDS = ["rules", "removals", "policy", "gateway", "routes", "transit", "log_server"]


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", ELEMENTS)
    made.module("smc_policies", [TOWN])
    made.operations.clear()
    return made


def state(world: SmcWorld) -> str:
    return as_declaration({kind: world.gathered(kind) for kind in ORDER})


def take_back(world: SmcWorld) -> list[str]:
    done = json.loads(json.dumps(world.operations))
    tasks, lost = inverse(done)
    phases = tasks.get("essai", {})
    for phase, order in ((RESTORED, ORDER), (RETURNED, tuple(reversed(ORDER)))):
        for module in order:
            if asked := phases.get(phase, {}).get(module):
                world.module(module, asked["config"], absent=asked["absent"], confirm=WORDS)
    return lost


def test_a_run_that_changed_everything_is_taken_back(world: SmcWorld) -> None:
    before = state(world)
    new = [
        {"type": "host", "name": "srv-dc2", "address": "10.93.0.11"},
        {"type": "group", "name": "grp-ecoles", "members": ["host/srv-dc2"]},
    ]
    world.module("smc_elements", new, absent=["network/net-mermoz"])
    world.module("smc_policies", [section("Site jaures", rule("n", to="host/srv-dc2"), {**JAURES[1], "log": "stored"})])
    world.module("smc_policies", [section("Site mermoz", rule("m", "host/srv-dc2"), before="Fin")])
    world.module("smc_policies", [{**policy(rule("x")), "name": "ESSAI"}])
    assert state(world) != before
    assert take_back(world) == []
    assert state(world) == before


def test_a_run_on_an_engine_is_taken_back(world: SmcWorld) -> None:
    engine = "fw_cluster/fw-hdv"
    vlan = {"engine": engine, "interface": "0.44", "comment": "invités", "addresses": [
        {"network": "10.93.44.0/24", "cluster": "10.93.44.254", "nodes": {"1": "10.93.44.252", "2": "10.93.44.253"}}
    ]}  # fmt: skip
    world.module("smc_engine_interfaces", [vlan])
    world.module("smc_engine_routes", [{"engine": engine, "routes": {"10.94.0.0/16": {"via": ["10.93.240.1"]}}}])
    world.operations.clear()
    before = state(world)
    world.module("smc_elements", [{"type": "dhcp_server", "name": "dhcp", "address": "10.93.2.11"}])
    changed = {**vlan, "comment": None, "relay": ["dhcp_server/dhcp"]}
    server = {"range": "10.93.45.50-10.93.45.99", "gateway": "10.93.45.1"}
    places = [{"network": "10.93.45.0/24", "cluster": "10.93.45.1"}]
    new = {**vlan, "interface": "0.45", "addresses": places, "dhcp_server": server}
    world.module("smc_engine_interfaces", [changed, new])
    routes = {"10.94.0.0/16": None, "10.95.0.0/16": {"via": ["10.93.44.9"]}}
    world.module("smc_engine_routes", [{"engine": engine, "routes": routes}], confirm=WORDS)
    world.module("smc_engine_settings", [{"engine": engine, "dns": ["10.93.2.11"]}])
    world.module("smc_elements", [{"type": "host", "name": "journaux", "address": "10.93.2.24"}])
    logs = {"host/journaux:514/udp": {"format": "cef", "data": "data_context/All Log Data"}}
    world.module("smc_log_servers", [{"server": "log_server/LogServer 192.0.2.10", "forwards": logs}])
    assert take_back(world) == []
    assert state(world) == before


def test_a_policy_that_was_removed_is_made_again_with_its_rules(world: SmcWorld) -> None:
    before = state(world)
    world.module("smc_policies", [], absent=["fw_policy/whole/VLB"], confirm=["policy"])
    assert take_back(world) == [
        "essai / policy VLB : refaite avec ses règles ; leurs compteurs et leur historique sont perdus"
    ]
    assert state(world) == before


def test_what_was_half_done_is_taken_back(world: SmcWorld) -> None:
    before = state(world)
    world.simulator.faults.add("status", method="POST", path="fw_ipv4_access_rule", nth=2, status=400)
    with pytest.raises(Interrupted):
        world.module("smc_policies", [policy(ADMIN, rule("a"), rule("b"), *JAURES, DENY)], confirm=["rules"])
    assert state(world) != before
    take_back(world)
    assert state(world) == before
