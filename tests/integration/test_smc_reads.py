"""Cost of reading a rule base: few requests and decoded rules, however many others' rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from piste.engine.converge.errors import Conflict, Interrupted
from piste.engine.transport.shared import Shared
from piste.systems.forcepoint import policies
from tests.support.rules import ELEMENTS, policy, rule, section
from tests.support.smc import SmcRun, SmcWorld, order, rules

Rules = list[dict[str, Any]]
OWN = [rule(f"jaures-{at}", "network/net-jaures") for at in range(6)]


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", ELEMENTS)
    return made


@pytest.fixture
def decoded() -> Iterator[list[str]]:
    """Record the ids of the decoded rules."""
    ids: list[str] = []
    decode = policies.decode

    def counted(*given: Any) -> dict[str, Any]:
        ids.append((result := decode(*given)).get("id", ""))
        return result

    with patch.object(policies, "decode", counted):
        yield ids


def town(sites: int) -> dict[str, Any]:
    others = [part for at in range(sites) for part in ({"section": f"Site {at}"}, rule(f"s{at}-1"), rule(f"s{at}-2"))]
    return policy({"section": "Site jaures"}, *OWN, *others)


@pytest.mark.parametrize("sites", [1, 30])
def test_a_task_decodes_the_rules_of_its_own_section_alone(world: SmcWorld, decoded: list[str], sites: int) -> None:
    world.module("smc_policies", [town(sites)])
    own = sorted(rule["id"] for rule in OWN)
    with world.run() as run:
        decoded.clear()
        assert run.module("smc_policies", [section("Site 0", rule("s0-1"), rule("s0-2"))])["operations"] == []
        assert sorted(decoded) == ["s0-1", "s0-2"]
        decoded.clear()
        with loads() as loaded:
            assert run.module("smc_policies", [section("Site jaures", *OWN)])["operations"] == []
        assert sorted(decoded) == own
        assert len(loaded) == 2  # the list's head, and the section
        decoded.clear()
        changed = [{**OWN[0], "log": "stored"}, *OWN[1:]]
        assert run.module("smc_policies", [section("Site jaures", *changed)])["operations"]
        assert set(decoded) == set(own)


class loads:
    """Record what is loaded of the run's memory of rules."""

    def __enter__(self) -> list[str]:
        loaded: list[str] = []
        read = Shared._read

        def counted(shared: Shared, name: str) -> Any:
            loaded.extend([name] if name.startswith("rules-") else [])
            return read(shared, name)

        self.patch = patch.object(Shared, "_read", counted)
        self.patch.start()
        return loaded

    def __exit__(self, *_: object) -> None:
        self.patch.stop()


def test_what_a_task_has_read_is_written_once(world: SmcWorld) -> None:
    world.module("smc_policies", [town(3)])
    with world.run() as run:
        run.module("smc_policies", [section("Site jaures", *OWN)])
        before = stamps(world)
        run.module("smc_policies", [section("Site 1", rule("s1-1"), rule("s1-2"))])
        assert stamps(world) == before
        run.module("smc_policies", [section("Site 1", rule("s1-1", log="stored"), rule("s1-2"))])
        changed = {path for path, stamp in stamps(world).items() if before[path] != stamp}
        assert len(changed) == 2  # the head, and the section
    assert rules(world)[11]["log"] == "stored"


def stamps(world: SmcWorld) -> dict[str, int]:
    """Return the files of the run's memory of rules, each with the time of its last change."""
    return {str(path): path.stat().st_mtime_ns for path in world.folder.glob("run-*/smc-*/rules-*.json")}


def test_a_memory_that_was_not_written_whole_is_read_again(world: SmcWorld) -> None:
    world.module("smc_policies", [town(3)])
    with world.run() as run:
        run.module("smc_policies", [section("Site jaures", *OWN)])
        world.simulator.edit("POST", place(world), {"name": "autre", **anything()})
        with dying_at("put", 2), pytest.raises(RuntimeError):
            run.module("smc_policies", [section("Site jaures", {**OWN[0], "log": "stored"}, *OWN[1:])])
        assert order(world)[0] == "autre"
        listed = gathered(run)
    assert [rule.get("id") for rule in listed[2:8]] == [rule["id"] for rule in OWN]
    assert listed == rules(world)


def place(world: SmcWorld) -> str:
    (record,) = world.simulator.world.of_type("fw_policy")
    return f"{world.simulator.world.path(record)}/fw_ipv4_access_rule"


def anything() -> dict[str, Any]:
    return {cell: {"any": True} for cell in ("sources", "destinations", "services")}


def gathered(run: SmcRun) -> Rules:
    (policy,) = run.module("smc_policies", [], state="gathered")["gathered"]
    result: Rules = policy["ipv4_access"]
    return result


class dying_at:
    """The process dies at a write of the memory of rules."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.left = name, number
        self.write: Callable[..., Any] = getattr(Shared, name)

    def __enter__(self) -> None:
        def die(shared: Shared, name: str, value: Any) -> None:
            if name.startswith("rules-"):
                self.left -= 1
                if not self.left:
                    raise RuntimeError
            self.write(shared, name, value)

        self.patch = patch.object(Shared, self.name, die)
        self.patch.start()

    def __exit__(self, *_: object) -> None:
        self.patch.stop()


def test_ids_are_written_into_the_rules_of_the_entry_alone(world: SmcWorld) -> None:
    world.module("smc_policies", [policy({"section": "A"}, rule("a"), {"section": "B"}, rule("b"))])
    for at in (2, 4):
        tag = rules_of(world)[at - 1]["tag"]
        world.simulator.edit("POST", f"{place(world)}?after={tag}", {"name": "", "comment": f"au {at}", **anything()})
    exported = rules(world)
    world.forget_requests()
    world.module("smc_policies", [section("B", *exported[4:])], adopt=True)
    assert len(world.writes) == 1
    comments = [str(rule.get("comment")) for rule in rules_of(world)]
    assert comments[2] == "au 2"
    assert comments[4].startswith("au 4 [id:")


def rules_of(world: SmcWorld) -> Rules:
    """List the rules as the SMC answers them."""
    listed = world.simulator.look(place(world))["result"]
    return [world.simulator.look(record["href"]) for record in listed]


def test_all_sites_of_a_run_ask_for_a_policy_once_and_anew_before_they_write(world: SmcWorld) -> None:
    world.module("smc_policies", [town(3)])
    document = place(world).rpartition("/")[0]
    with world.run() as run:
        world.forget_requests()
        for at in range(3):
            run.module("smc_policies", [section(f"Site {at}", rule(f"s{at}-1"), rule(f"s{at}-2"))])
        assert asked(world, document) == 1
        world.forget_requests()
        run.module("smc_policies", [section("Site 1", rule("s1-1", log="stored"), rule("s1-2"))])
        assert asked(world, document) == 2  # before it writes, and after
        whole = {"type": "fw_policy", "name": "VLB", "scope": "whole"}
        world.simulator.edit("PUT", document, {**world.simulator.look(document), "comment": "urgence"})
        with pytest.raises(Conflict, match="quelqu’un d’autre"):
            run.module("smc_policies", [{**whole, "comment": "la nôtre"}])
        assert run.module("smc_policies", [{**whole, "comment": "la nôtre"}])["operations"]
        assert run.module("smc_policies", [{**whole, "comment": "la nôtre"}])["operations"] == []


def asked(world: SmcWorld, path: str) -> int:
    return len([asked for method, asked in world.requests if method == "GET" and asked.endswith(path)])


def test_after_a_write_that_failed_nobody_relies_on_what_was_read_before(world: SmcWorld) -> None:
    world.module("smc_policies", [town(3)])
    changed = [{**rule, "log": "stored"} for rule in OWN]
    with world.run() as run:
        run.module("smc_policies", [section("Site jaures", *OWN)])
        writes = iter(range(9))

        def fail(method: str, path: str) -> None:
            if method == "PUT" and next(writes) == 2:
                world.simulator.faults.add("status", method="PUT", status=403)

        world.on_request = fail
        with pytest.raises(Interrupted):
            run.module("smc_policies", [section("Site jaures", *changed)])
        assert gathered(run) == rules(world)
        left = run.module("smc_policies", [section("Site jaures", *changed)])
    assert len(left["operations"]) == 1
    assert rules(world)[1:7] == changed
