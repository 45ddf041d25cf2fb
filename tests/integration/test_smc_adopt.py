"""Adoption of what exists on an SMC, from plans: the next plan is empty, nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

from piste.engine.converge.as_found import misfits, taken
from piste.town.town import tables
from tests.support.rules import ADMIN, DENY, ELEMENTS, JAURES, TOWN, rule, section
from tests.support.smc import SmcWorld


def test_a_firewall_that_was_made_by_hand_is_adopted_and_its_plan_is_empty(tmp_path: Path) -> None:
    world = SmcWorld(tmp_path / "smc")
    by_hand = [{**ELEMENTS[0], "address": "10.93.0.99"}, *ELEMENTS[1:]]
    world.module("smc_elements", by_hand)
    world.module("smc_policies", [TOWN])
    declared = {
        "smc_elements": [*ELEMENTS, {"type": "host", "name": "srv-dc9", "address": "10.93.0.19"}],
        "smc_policies": [
            section("Socle", ADMIN, rule("n")),
            section("Site jaures", JAURES[1], {**JAURES[0], "log": "stored"}),
            section("Site mermoz", rule("m")),
            section("Fin", DENY),
        ],
    }
    world.forget_requests()
    results = [world.module(kind, config, check=True, survey=True) for kind, config in declared.items()]
    operations = json.loads(json.dumps([operation for result in results for operation in result["operations"]]))
    as_found = taken(tables(), operations, [result["survey"] for result in results], "essai")
    assert as_found["smc"]["element"] == {"host/srv-dc1": {"address": "10.93.0.99"}, "host/srv-dc9": {"absent": True}}
    assert as_found["smc"]["policy"]["fw_policy/section:Site mermoz/VLB"] == {"absent": True}
    for kind, keys in as_found["smc"].items():
        for key, entry in keys.items():
            assert misfits(tables()["smc", kind], key, entry, "essai") == []
    for module, config in declared.items():
        assert world.module(module, config, as_found=as_found)["operations"] == []
    assert world.writes == []


def test_an_engine_that_was_made_by_hand_is_adopted_and_its_plan_is_empty(tmp_path: Path) -> None:
    world = SmcWorld(tmp_path / "smc", "inherited")
    engine = "fw_cluster/fw-hdv"
    places = [{"network": "10.93.45.0/24", "cluster": "10.93.45.1", "nodes": {"1": "10.93.45.2", "2": "10.93.45.3"}}]
    declared = {
        "smc_engine_interfaces": [
            {"engine": engine, "interface": "0.155", "comment": "gw-jau-pedagogique", "addresses": places},
            {"engine": engine, "interface": "0.154", "addresses": []},
        ],
        "smc_engine_routes": [{"engine": engine, "routes": {"0.0.0.0/0": {"via": ["192.0.2.3"]}}}],
        "smc_engine_settings": [{"engine": engine, "dns": ["10.93.2.11"]}],
    }
    results = [world.module(kind, config, check=True, survey=True) for kind, config in declared.items()]
    operations = json.loads(json.dumps([operation for result in results for operation in result["operations"]]))
    as_found = taken(tables(), operations, [result["survey"] for result in results], "essai")
    assert as_found["smc"]["engine_interface"]["0.154/fw_cluster/fw-hdv"] == {"absent": True}
    kept = as_found["smc"]["engine_interface"]["0.155/fw_cluster/fw-hdv"]
    assert kept["addresses"][0]["cluster"] == "10.93.45.254"
    assert as_found["smc"]["engine_routes"][engine] == {"routes": {"0.0.0.0/0": {"via": ["192.0.2.1"]}}}
    for kind, keys in as_found["smc"].items():
        for key, entry in keys.items():
            assert misfits(tables()["smc", kind], key, entry, "essai") == []
    for module, config in declared.items():
        assert world.module(module, config, as_found=as_found)["operations"] == []
    assert world.writes == []
