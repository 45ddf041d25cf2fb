"""The last author of an element of the SMC, by its history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.smc.simulator import OTHER
from piste.engine.converge.authors import Author, said
from piste.runs.plans.authors import sentence, since
from piste.systems.forcepoint import authors
from tests.support.smc import SmcWorld

HOST = {"type": "host", "name": "hdv-dc1", "address": "10.93.2.10"}


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", [HOST])
    return made


def asked(key: str = "host/hdv-dc1", kind: str = "element", action: str = "update") -> dict[str, Any]:
    return {"kind": kind, "key": key, "action": action, "fields": ["address"], "before": {}, "after": {}, "within": ""}


def read(world: SmcWorld, *objects: dict[str, Any]) -> list[list[str]]:
    params = {"smc": {**world.connection(), "rate": 0}, "objects": [*objects], "days": 90}
    with world.run():
        module = authors.MODULES["smc_authors"]
        defaults = {field.name: None for field in module.options}
        return [[author["who"] for author in by] for by in module.run({**defaults, **params}, False)["authors"]]


def test_who_modified_an_element_last_is_named(world: SmcWorld) -> None:
    (piste,) = read(world, asked())
    assert piste != [OTHER]
    hosts = world.simulator.look("/elements/host")["result"]
    (path,) = [entry["href"] for entry in hosts if entry["name"] == "hdv-dc1"]
    content = world.simulator.look(path)
    world.simulator.edit("PUT", path, {**content, "address": "192.0.2.77"})
    assert read(world, asked()) == [[OTHER]]


POLICY = {"type": "fw_policy", "name": "Essai", "scope": "whole", "template": "fw_template_policy/Firewall Template"}


def rule(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "sources": ["any"], "destinations": ["host/hdv-dc1"], "services": ["any"],
            "action": ["allow"], **more}  # fmt: skip


def policy(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {**asked("fw_policy/whole/Essai", "policy"), "fields": ["ipv4_access"], "before": before, "after": after}


def test_who_modified_a_rule_last_is_named_and_no_other_rule_is_read(world: SmcWorld) -> None:
    declared = {**POLICY, "ipv4_access": [rule("web"), rule("noms")]}
    world.module("smc_policies", [declared])
    policies = world.simulator.look("/elements/fw_policy")["result"]
    (path,) = [entry["href"] for entry in policies if entry["name"] == "Essai"]
    listed = world.simulator.look(f"{path}/fw_ipv4_access_rule")["result"]
    (place,) = [entry["href"] for entry in listed if entry["name"] == "web"]
    content = world.simulator.look(place)
    world.simulator.edit("PUT", place, {**content, "is_disabled": True})
    live = {**declared, "ipv4_access": [rule("web", disabled=True), rule("noms")]}
    world.forget_requests()
    assert read(world, policy(live, declared)) == [[OTHER]]
    (history,) = [path for _, path in world.requests if path.endswith("/history")]
    assert history.endswith(f"{place}/history")
    assert read(world, policy(declared, declared)) == [[]]
    assert world.writes == []


RENAMED = {**rule("web"), "name": "x"}


@pytest.mark.parametrize(
    ("live", "known"),
    [([rule("noms"), rule("web")], False), ([rule("noms")], False), ([RENAMED, rule("noms")], True)],
    ids=["moved", "gone", "renamed"],
)
def test_a_rule_that_has_gone_or_moved_leaves_the_moment_unknown(
    live: list[dict[str, Any]], known: bool, world: SmcWorld
) -> None:
    declared = {**POLICY, "ipv4_access": [rule("web"), rule("noms")]}
    world.module("smc_policies", [{**POLICY, "ipv4_access": live}])
    assert read(world, policy({**POLICY, "ipv4_access": live}, declared)) == [["piste"] if known else [""]]
    drift = {"system": "smc", "owner": "x", "kind": "policy", "key": "x"}
    changed = Author("A", "2026-11-24T09:12:00+00:00")
    by = said([changed] if known else [changed, authors.GONE])
    assert (since({"operations": [drift], "authors": [{**drift, "by": by}]}, [0]) is not None) is known
    assert sentence(by).startswith("par A, le 24/11/2026" if known else "auteur inconnu (le SMC ne garde rien")


def test_what_is_gone_or_no_element_of_its_own_has_no_author(world: SmcWorld) -> None:
    assert read(world, asked(action="create"), asked("host/inconnu"), asked("Police/2", "rule")) == [[], [], []]


def test_an_element_is_read_once_and_the_reads_are_bounded(world: SmcWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.forget_requests()
    read(world, *[asked()] * 5)
    assert sum(path.endswith("/history") for _, path in world.requests) == 1
    monkeypatch.setattr(authors, "MOST", 0)
    assert read(world, asked()) == [[]]
    assert world.writes == []
