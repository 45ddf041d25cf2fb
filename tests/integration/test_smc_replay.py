"""A foreign SMC, read into YAML and replayed on an empty SMC: byte for byte the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import InvalidConfig
from piste.engine.converge.text import as_declaration
from tests.support.inprocess import Killed
from tests.support.smc import SmcWorld

KINDS = (
    "smc_elements", "smc_engine_interfaces", "smc_engine_routes", "smc_engine_settings", "smc_engine_gateways",
    "smc_log_servers", "smc_policies",
)  # fmt: skip


def exported(world: SmcWorld) -> dict[str, list[dict[str, Any]]]:
    return {kind: world.gathered(kind) for kind in KINDS}


def written(world: SmcWorld) -> str:
    return as_declaration(exported(world))


def replay(world: SmcWorld, export: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    with world.run() as run:
        for kind in KINDS:
            run.module(kind, export[kind], rehearse=True)
        return [operation for kind in KINDS for operation in run.module(kind, export[kind])["operations"]]


@pytest.mark.parametrize(("source", "target"), [
    ("6.10", "7.5"), *(pytest.param(*pair, marks=pytest.mark.story) for pair in (("7.1", "7.4"), ("7.5", "7.3"))),
    ("7.4", "7.0"),
])
def test_an_export_replayed_elsewhere_is_exported_the_same(tmp_path: Path, source: str, target: str) -> None:
    inherited = SmcWorld(tmp_path / "a", "inherited", host="smc.prestataire.invalid", version=source)
    ours = SmcWorld(tmp_path / "b", host="smc.bourget.invalid", version=target, key="une-tout-autre-clef")
    # Other keys: the two systems number their objects differently.
    for at in range(5):
        ours.simulator.edit("POST", "/elements/host", {"name": f"passager-{at}", "address": f"192.0.2.{at}"})
    for at in range(5):
        (path,) = [
            ours.simulator.world.path(record)
            for record in ours.simulator.world.of_type("host")
            if record["data"]["name"] == f"passager-{at}"
        ]
        ours.simulator.edit("DELETE", path, **{"If-Match": "*"})
    export = exported(inherited)
    assert inherited.writes == []
    # The order in which routes were made is not kept: the export has an order of its own.
    assert [*export["smc_engine_routes"][0]["routes"]] == ["0.0.0.0/0", "10.93.0.0/16", "172.30.0.0/16"]
    export["smc_engine_routes"][0]["routes"] = dict(reversed(export["smc_engine_routes"][0]["routes"].items()))
    replay(ours, export)
    export = exported(inherited)
    assert written(ours) == as_declaration(export)
    ours.forget_requests()
    assert replay(ours, export) == []
    assert ours.writes == []


def test_an_export_contains_no_key_and_no_place(tmp_path: Path) -> None:
    inherited = SmcWorld(tmp_path / "a", "inherited")
    text = written(inherited)
    for hidden in (inherited.origin, "/elements/", inherited.key, "etag", "system_key"):
        assert hidden not in text


def test_a_rule_that_names_what_the_new_system_lacks_is_said_before_an_element_is_written(tmp_path: Path) -> None:
    export = exported(SmcWorld(tmp_path / "a", "inherited"))
    ours = SmcWorld(tmp_path / "b", host="smc.bourget.invalid")
    policy = next(candidate for candidate in export["smc_policies"] if candidate.get("ipv4_access"))
    rule = next(candidate for candidate in policy["ipv4_access"] if "sources" in candidate)
    rule["sources"] = ["alias/$$ Interface ID 9.ip"]
    with pytest.raises(InvalidConfig, match=r"alias/\$\$ Interface ID 9\.ip"):
        replay(ours, export)
    assert ours.writes == []


def test_replaying_an_export_where_it_came_from_does_nothing(tmp_path: Path) -> None:
    inherited = SmcWorld(tmp_path / "a", "inherited")
    export = exported(inherited)
    assert replay(inherited, export) == []
    assert inherited.writes == []


@pytest.mark.parametrize(
    "number", [120, *(pytest.param(number, marks=pytest.mark.story) for number in (1, 60, 150, 190, 210))]
)
def test_a_replay_that_is_killed_is_finished_by_the_next(tmp_path: Path, number: int) -> None:
    export = exported(SmcWorld(tmp_path / "a", "inherited"))
    ours = SmcWorld(tmp_path / "b", host="smc.bourget.invalid")
    ours.kill_after = number
    with pytest.raises(Killed):
        replay(ours, export)
    ours.kill_after = 0
    replay(ours, export)
    assert written(ours) == as_declaration(export)
