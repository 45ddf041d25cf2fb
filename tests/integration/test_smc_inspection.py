"""Inspection by a firewall: categories of sites, file filtering policies, decrypted TLS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from piste.systems.forcepoint.checks import checks
from piste.systems.forcepoint.smc import Smc
from tests.support.rules import ELEMENTS, policy, rule
from tests.support.smc import SmcWorld

ENGINE = "fw_cluster/fw-hdv"
CHARTER = rule("ecoles_no", "network/net-jaures", services=["url_category/Games", "url_category_group/Security"],
               action=["discard"])  # fmt: skip
FILES: dict[str, Any] = {
    "type": "file_filtering_policy",
    "name": "Fichiers de la ville",
    "scope": "whole",
    "files": [
        {"id": "archives", "name": "Archives", "sources": ["network/net-jaures"], "destinations": ["any"],
         "situations": ["situation_group_tag/Files"], "action": ["discard"], "archive_content": True},
        {"id": "reste", "name": "Reste", "sources": ["any"], "destinations": ["any"], "situations": ["any"],
         "action": ["allow_after"], "antivirus": True, "sandbox": True},
    ],
}  # fmt: skip
SIGNS = "tls_signing_certificate_authority/Autorité du pare-feu"


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    authority = {"name": "Autorité du pare-feu"}
    made.simulator.edit("POST", "/elements/tls_signing_certificate_authority", authority, "piste")
    made.module("smc_elements", ELEMENTS)
    made.forget_requests()
    return made


def take_back(world: SmcWorld) -> None:
    tasks, lost = inverse(json.loads(json.dumps(world.operations)))
    assert lost == []
    for phase in (RESTORED, RETURNED):
        for module, asked in tasks["essai"].get(phase, {}).items():
            world.module(module, asked["config"], absent=asked["absent"], confirm=["rules", "policy", "decryption"])


def test_a_rule_refuses_categories_and_the_second_run_changes_nothing(world: SmcWorld) -> None:
    world.module("smc_policies", [policy(CHARTER)])
    world.forget_requests()
    assert world.module("smc_policies", [policy(CHARTER)])["operations"] == []
    assert world.writes == []
    assert world.module("smc_policies", world.gathered("smc_policies"), state="replaced")["operations"] == []


def test_a_category_that_the_smc_lacks_is_refused_before_any_write(world: SmcWorld) -> None:
    absent = {**CHARTER, "services": ["url_category/Jeux"]}
    with pytest.raises(InvalidConfig, match="url_category/Jeux"):
        world.module("smc_policies", [policy(absent)])
    assert world.writes == []


@pytest.mark.parametrize(
    ("named", "engine", "state", "said"),
    [
        (["url_category/Games"], True, "ok", "le moteur les cherche"),
        (["url_category/Jeux"], True, "wrong", "Jeux"),
        (["url_category/Games"], False, "wrong", "ne cherche pas"),
        (["url_category/Games"], None, "unknown", "rien ne dit"),
    ],
)
def test_doctor_says_whether_categories_are_known_and_looked_for(
    world: SmcWorld, named: list[str], engine: bool | None, state: str, said: str
) -> None:
    (record,) = world.simulator.world.of_type("fw_cluster")
    record["data"]["ts_settings"] = {} if engine is None else {"ts_enabled": engine}
    with world.run():
        carrier = {"engine": "fw-hdv", "interface": 0}
        findings = {finding.id: finding for finding in checks(Smc(world.connection()), carrier, "", named)}
    assert findings["smc.web"].state == state
    assert said in findings["smc.web"].what


def test_a_file_filtering_policy_is_made_changed_and_taken_back_with_its_rules(world: SmcWorld) -> None:
    foreseen = world.module("smc_policies", [FILES], check=True)
    assert world.writes == []
    done = world.module("smc_policies", [FILES])
    assert done["operations"] == foreseen["operations"]
    world.forget_requests()
    assert world.module("smc_policies", [FILES])["operations"] == []
    assert world.writes == []
    (live,) = [item for item in world.gathered("smc_policies") if item["type"] == "file_filtering_policy"]
    assert live["files"] == FILES["files"]
    world.operations.clear()
    world.module("smc_policies", [{**FILES, "files": [*reversed(FILES["files"])]}])
    assert [method for method, _ in world.writes] in (["POST"], ["PUT"])
    take_back(world)
    assert world.module("smc_policies", [FILES])["operations"] == []
    world.module("smc_policies", [], absent=["file_filtering_policy/whole/Fichiers de la ville"], confirm=["policy"])
    assert [item for item in world.gathered("smc_policies") if item["type"] == "file_filtering_policy"] == []


def test_a_file_rule_without_files_is_refused_since_the_smc_would_ignore_it(world: SmcWorld) -> None:
    bare = {name: value for name, value in FILES["files"][0].items() if name != "situations"}
    with pytest.raises(InvalidConfig, match="situations"):
        world.module("smc_policies", [{**FILES, "files": [bare]}])
    with pytest.raises(InvalidConfig, match="template"):
        world.module("smc_policies", [{**FILES, "template": "fw_template_policy/Firewall Template"}])
    assert world.writes == []


def test_decrypting_tls_asks_for_a_word_and_keeps_all_else_of_the_engine(world: SmcWorld) -> None:
    declared = [{"engine": ENGINE, "client_protection": SIGNS}]
    with pytest.raises(Guarded, match="decryption:fw-hdv"):
        world.module("smc_engine_settings", declared)
    assert world.writes == []
    before = world.gathered("smc_engine_settings")
    world.operations.clear()
    world.module("smc_engine_settings", declared, confirm=["decryption"])
    (record,) = world.simulator.world.of_type("fw_cluster")
    assert record["data"]["tls_client_protection"]["proxy_usage"] == "tls_inspection"
    assert world.module("smc_engine_settings", declared)["operations"] == []
    take_back(world)
    assert world.gathered("smc_engine_settings") == before


def test_an_engine_stops_decrypting_after_a_word_and_only_what_comes_back_is_taken(world: SmcWorld) -> None:
    declared, without = ([{"engine": ENGINE, "client_protection": signs}] for signs in (SIGNS, None))
    world.module("smc_engine_settings", declared, confirm=["decryption"])
    (record,) = world.simulator.world.of_type("fw_cluster")
    before = {**record["data"]["tls_client_protection"]}
    with pytest.raises(Guarded, match=r"decryption:fw-hdv.*ne déchiffrerait plus"):
        world.module("smc_engine_settings", without)
    world.operations.clear()
    world.module("smc_engine_settings", without, confirm=["decryption"])
    assert not record["data"].get("tls_client_protection")
    take_back(world)
    assert record["data"]["tls_client_protection"] == before
    record["data"]["tls_client_protection"] = {**before, "tls_trusted_ca_tag_ref": []}
    with pytest.raises(Guarded, match=r"autorités admises.*firewall\.inspection\.tls"):
        world.module("smc_engine_settings", without, confirm=["decryption"])
    assert record["data"]["tls_client_protection"]["tls_trusted_ca_tag_ref"] == []
