"""The rest of the firewall whole: killed at any write, exported, replayed on an empty SMC."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.text import as_declaration
from tests.support.inprocess import Killed
from tests.support.rules import ELEMENTS, policy, rule
from tests.support.smc import SmcRun, SmcWorld

ENGINE = "fw_cluster/fw-hdv"
CHARTER = rule("ecoles_no", "network/net-jaures", services=["url_category/Games", "url_list_application/fermes"],
               action=["discard"])  # fmt: skip
FILES: dict[str, Any] = {
    "type": "file_filtering_policy", "name": "Fichiers", "scope": "whole", "files": [
        {"id": "archives", "name": "Archives", "sources": ["network/net-jaures"], "destinations": ["any"],
         "situations": ["situation_group_tag/Files"], "action": ["discard"], "archive_content": True},
        {"id": "reste", "name": "Reste", "sources": ["any"], "destinations": ["any"], "situations": ["any"],
         "action": ["allow"]},
    ],
}  # fmt: skip
TASKS: dict[str, list[dict[str, Any]]] = {
    "smc_elements": [
        *ELEMENTS,
        {"type": "url_list_application", "name": "fermes", "urls": ["www.exemple.fr"]},
        {"type": "alias", "name": "$ ecoles", "default_values": ["network/net-jaures"],
         "engine_values": {ENGINE: {"elements": ["network/net-mermoz"]}}},
        {"type": "role", "name": "Lecture", "permissions": ["view_logs"]},
        {"type": "admin_user", "name": "astreinte", "auth_method": "authentication_service/LDAP Authentication",
         "grants": {"role/Lecture > admin_domain/Shared Domain": {"elements": [ENGINE]}}},
    ],
    "smc_engine_gateways": [
        {"engine": ENGINE, "client_mode": "ipsec", "endpoints": {"192.0.2.2": {"enabled": True, "nat_t": False}}},
    ],
    "smc_policies": [
        FILES, policy(CHARTER, rule("reste", file_filtering=True),
                      file_filtering_policy="file_filtering_policy/Fichiers"),
    ],
}  # fmt: skip
WORDS = ["administrators", "vpn"]


def converge(run: SmcRun, tasks: dict[str, list[dict[str, Any]]] = TASKS, **options: Any) -> list[dict[str, Any]]:
    given = {"confirm": WORDS, "secrets": {"smc/astreinte/password": "un-mot-de-passe-long"}, **options}
    return [operation for name, items in tasks.items() for operation in run.module(name, items, **given)["operations"]]


def exported(world: SmcWorld) -> dict[str, list[dict[str, Any]]]:
    return {name: world.gathered(name) for name in TASKS}


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.story)], ids=["some", "each"])
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_run_that_is_killed_at_any_write_is_finished_by_the_next(tmp_path: Path, moment: str, step: int) -> None:
    unharmed = SmcWorld(tmp_path / "whole")
    with unharmed.run() as run:
        converge(run)
    whole = as_declaration(exported(unharmed))
    for number in range(1, len(unharmed.writes) + 1, step):
        world = SmcWorld(tmp_path / f"{number}")
        setattr(world, moment, number)
        with pytest.raises(Killed), world.run() as run:
            converge(run)
        world.kill_before = world.kill_after = 0
        with world.run() as run:
            converge(run)
        with world.run() as run:
            assert converge(run) == []
        assert as_declaration(exported(world)) == whole


def test_an_export_replays_on_an_empty_smc_and_is_exported_the_same(tmp_path: Path) -> None:
    first, other = SmcWorld(tmp_path / "a"), SmcWorld(tmp_path / "b", host="smc.ailleurs.invalid", key="autre-clef")
    with first.run() as run:
        converge(run)
    other.simulator.edit("POST", "/elements/host", {"name": "passager", "address": "192.0.2.9"})
    other.module("smc_elements", [], absent=["host/passager"])
    export = exported(first)
    with other.run() as run:
        converge(run, export, check=True, rehearse=True)
    with other.run() as run:
        converge(run, export)
    assert as_declaration(exported(other)) == as_declaration(export)
    with other.run() as run:
        assert converge(run, exported(other)) == []
