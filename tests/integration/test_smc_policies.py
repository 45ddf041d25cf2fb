"""Ordered rules on an SMC: exact order, fewest writes, nothing of other owners."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Conflict, Guarded, Interrupted, InvalidConfig
from tests.support.fuzz import WIDE
from tests.support.rules import ADMIN, DENY, ELEMENTS, JAURES, TOWN, policy, rule, section
from tests.support.smc import NEVER_RE_RANKS, SmcWorld, order, rules


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    made = SmcWorld(tmp_path / "smc")
    made.module("smc_elements", ELEMENTS)
    made.forget_requests()
    return made


def href(world: SmcWorld, identity: str) -> str:
    """Return the path of a rule below the version, by the id in its comment."""
    kinds = world.simulator.world.of_type("fw_ipv4_access_rule")
    (record,) = [rule for rule in kinds if f"[id:{identity}]" in str(rule["data"].get("comment", ""))]
    return world.simulator.world.path(record)


def test_a_policy_is_made_in_its_order_and_the_second_run_changes_nothing(world: SmcWorld) -> None:
    foreseen = world.module("smc_policies", [TOWN], check=True)
    assert world.writes == []
    done = world.module("smc_policies", [TOWN])
    assert done["operations"] == foreseen["operations"]
    assert order(world) == ["§Socle", "admin", "§Site jaures", "jaures-web", "jaures-dc", "§Fin", "refus"]
    assert len(world.writes) == 1 + 7
    world.forget_requests()
    assert world.module("smc_policies", [TOWN])["operations"] == []
    assert world.writes == []


def test_colours_are_written_where_they_are_known_and_left_out_with_a_word_elsewhere(world: SmcWorld) -> None:
    coloured = policy({"section": "Socle", "color": "#5EF527"}, ADMIN)
    world.module("smc_policies", [coloured])
    assert rules(world)[0] == {"section": "Socle", "color": "#5EF527"}
    world.version = "7.0"
    result = world.module("smc_policies", [coloured])
    assert result["operations"] == []
    assert any("couleurs" in warning for warning in result["warnings"])


def test_what_was_gathered_replays_as_nothing(world: SmcWorld) -> None:
    world.module("smc_policies", [TOWN])
    assert world.module("smc_policies", world.gathered("smc_policies"), state="replaced")["operations"] == []


def test_a_network_or_a_range_may_be_translated(world: SmcWorld) -> None:
    cells = {"sources": ["network/net-jaures"], "destinations": ["any"], "services": ["any"]}
    whole = {"original": {"element": "network/net-jaures"}, "translated": {"address": "192.0.2.0/24"}}
    pool = {"to": [{"address": "192.0.2.4-192.0.2.7", "ports": "1024-65535"}]}
    nat = [{"id": "un", **cells, "static_src_nat": whole}, {"id": "deux", **cells, "dynamic_src_nat": pool}]
    declared = {**policy(ADMIN), "ipv4_nat": nat}
    world.module("smc_policies", [declared])
    assert world.gathered("smc_policies")[0]["ipv4_nat"] == nat
    assert world.module("smc_policies", [declared])["operations"] == []


def shuffled(listed: list[dict[str, Any]], moves: int) -> list[dict[str, Any]]:
    draw, result = random.Random(7), list(listed)
    for moved in draw.sample(listed, moves):
        result.remove(moved)
        result.insert(draw.randrange(len(result)), moved)
    return result


@pytest.mark.parametrize(("version", "writes"), [(NEVER_RE_RANKS, 5), ("7.4.2", 1)])
def test_five_moves_among_500_rules_are_five_writes_or_one(world: SmcWorld, version: str, writes: int) -> None:
    world.simulator.behaviour.smc_version = version
    many = [rule(f"r{at:03}") for at in range(500)]
    world.module("smc_policies", [policy(*many)])
    wanted = shuffled(many, 5)
    world.forget_requests()
    world.module("smc_policies", [policy(*wanted)])
    assert len(world.writes) == writes
    assert order(world) == [rule["id"] for rule in wanted]


@pytest.mark.drawn
@pytest.mark.parametrize("version", [NEVER_RE_RANKS, "7.4.2"])
@pytest.mark.parametrize("tie", ["before", "after"])
def test_any_list_becomes_any_other_with_the_fewest_writes(world: SmcWorld, version: str, tie: str) -> None:
    world.simulator.behaviour.set(smc_version=version, rank_tie=tie, renumber_changes_etags=tie == "after")
    draw = random.Random(f"{version} {tie}")
    before: list[dict[str, Any]] = []
    for _ in range(100 if WIDE else 8):
        wanted = [
            rule(f"r{at}", log=draw.choice(["stored", "none"])) for at in draw.sample(range(14), draw.randrange(12))
        ]
        world.simulator.calls.clear()
        world.module("smc_policies", [policy(*wanted)], confirm=["rules"])
        assert rules(world) == wanted
        known = {rule["id"]: rule for rule in before}
        kept = [rule["id"] for rule in wanted if rule["id"] in known]
        changed = sum(known[rule["id"]] != rule for rule in wanted if rule["id"] in known)
        moves = len(kept) - longest([list(known).index(identity) for identity in kept])
        others = len(wanted) + len(before) - 2 * len(kept) + changed
        ordered = min(moves, 1) if version != NEVER_RE_RANKS else moves
        assert len(rule_writes(world)) == others + ordered
        before = wanted


def longest(places: list[int]) -> int:
    """Return the length of the longest increasing subsequence, by the textbook."""
    best = [1] * len(places)
    for at in range(len(places)):
        best[at] = 1 + max((best[earlier] for earlier in range(at) if places[earlier] < places[at]), default=0)
    return max(best, default=0)


def rule_writes(world: SmcWorld) -> list[str]:
    """List the accepted writes of rules; a write that met a new rank is sent twice."""
    taken = [path for _, path, status in world.simulator.calls.writes() if status < 300]
    return [path for path in taken if "fw_ipv4_access_rule" in path]


def test_a_mixed_change_leads_to_the_exact_order(world: SmcWorld) -> None:
    world.module("smc_policies", [policy(*(rule(f"r{at}") for at in range(12)))])
    world.simulator.behaviour.renumber_changes_etags = True
    wanted = [
        *(rule("n1"), rule("r7", log="stored"), rule("r0"), rule("n2"), rule("n3"), rule("r11")),
        *(rule("r4", disabled=True), rule("r3"), {"section": "Fin"}, rule("r9"), rule("n4")),
    ]
    world.module("smc_policies", [policy(*wanted)], confirm=["rules"])
    assert rules(world) == wanted


def test_sites_share_a_policy_without_touching_each_other(world: SmcWorld) -> None:
    frame = [policy(), section("Socle", ADMIN), section("Fin", DENY)]
    del frame[0]["ipv4_access"]
    jaures = section("Site jaures", *JAURES, before="Fin")
    mermoz = section("Site mermoz", rule("mermoz-web", "network/net-mermoz"), before="Fin")
    for config in (frame, [jaures], [mermoz]):
        world.module("smc_policies", config)
    assert order(world) == [
        "§Socle",
        "admin",
        "§Site jaures",
        "jaures-web",
        "jaures-dc",
        "§Site mermoz",
        "mermoz-web",
        "§Fin",
        "refus",
    ]
    world.module("smc_policies", [{**jaures, "ipv4_access": [JAURES[1]]}])
    assert order(world) == [
        "§Socle",
        "admin",
        "§Site jaures",
        "jaures-dc",
        "§Site mermoz",
        "mermoz-web",
        "§Fin",
        "refus",
    ]
    for config in (frame, [mermoz]):
        assert world.module("smc_policies", config)["operations"] == []
    world.module("smc_policies", [], absent=["fw_policy/section:Site jaures/VLB"], confirm=["rules"])
    assert order(world) == ["§Socle", "admin", "§Site mermoz", "mermoz-web", "§Fin", "refus"]


def read(world: SmcWorld) -> int:
    """Count the rules that were read."""
    return len([path for method, path in world.requests if method == "GET" and "fw_ipv4_access_rule/" in path])


def test_a_run_reads_each_rule_once_and_again_only_what_it_writes(world: SmcWorld) -> None:
    many = [rule(f"r{at:02}") for at in range(40)]
    world.module("smc_policies", [policy({"section": "Socle"}, *many, {"section": "Site jaures"}, *JAURES)])
    with world.run() as run:
        world.forget_requests()
        run.module("smc_policies", [section("Site jaures", *JAURES)])
        assert read(world) == 44
        world.forget_requests()
        run.module("smc_policies", [section("Socle", *many)])
        assert read(world) == 0
        run.module("smc_policies", [section("Site jaures", JAURES[0], {**JAURES[1], "log": "stored"})])
        assert read(world) == 2  # before, and after
        run.module("smc_policies", [section("Site mermoz", rule("m"), before="Site jaures")])
    assert order(world)[-5:] == ["§Site mermoz", "m", "§Site jaures", "jaures-web", "jaures-dc"]
    world.forget_requests()
    world.module("smc_policies", [section("Socle", many[5], *many[:5], *many[6:])])
    assert (read(world), len(world.writes)) == (46 + 1 + 3 + 1, 1)  # all once; each moved rule, its place, its content


def test_what_another_has_changed_since_the_plan_is_seen_though_the_run_had_read_it(world: SmcWorld) -> None:
    world.module("smc_policies", [TOWN])
    place = href(world, "jaures-dc")
    any_cells = {cell: {"any": True} for cell in ("sources", "destinations", "services")}
    with world.run() as run:
        run.module("smc_policies", [section("Site jaures", *JAURES)])
        world.simulator.edit("PUT", place, {"comment": "[id:jaures-dc]", **any_cells}, **{"If-Match": "*"})
        changed = [JAURES[0], {**JAURES[1], "log": "stored"}]
        with pytest.raises(Conflict, match="quelqu’un d’autre"):
            run.module("smc_policies", [section("Site jaures", *changed)])
    assert world.module("smc_policies", [section("Site jaures", *changed)])["operations"]
    assert rules(world)[4] == changed[1]


def test_a_rule_that_goes_from_one_section_to_another_moves(world: SmcWorld) -> None:
    world.module("smc_policies", [policy({"section": "A"}, rule("a"), rule("b"), {"section": "B"}, rule("c"))])
    world.forget_requests()
    world.module("smc_policies", [section("A", rule("a")), section("B", rule("c"), rule("b"))])
    assert order(world) == ["§A", "a", "§B", "c", "b"]
    assert [method for method, _ in world.writes] == ["PUT"]


def test_an_identity_of_another_section_is_refused_before_any_write(world: SmcWorld) -> None:
    world.module("smc_policies", [policy({"section": "A"}, rule("a"), {"section": "B"}, rule("b"))])
    world.forget_requests()
    with pytest.raises(Guarded, match="ailleurs : a"):
        world.module("smc_policies", [section("B", rule("b"), rule("a"))])
    with pytest.raises(InvalidConfig, match="entière déclare déjà"):
        world.module("smc_policies", [policy(rule("a")), section("B", rule("b"))])
    assert world.writes == []


def test_check_mode_plans_a_section_of_a_policy_that_is_only_planned(world: SmcWorld) -> None:
    town, jaures = policy(ADMIN), section("Site jaures", *JAURES)
    with world.run() as run:
        run.module("smc_policies", [town], check=True)
        foreseen = run.module("smc_policies", [jaures], check=True)
    assert world.writes == []
    with world.run() as run:
        run.module("smc_policies", [town])
        assert run.module("smc_policies", [jaures])["operations"] == foreseen["operations"]


def test_owned_rules_stand_among_those_of_others(world: SmcWorld) -> None:
    world.module("smc_policies", [TOWN])
    mine = policy(rule("csu-1"), rule("csu-2"), scope="rules:csu-", before="Fin")
    world.module("smc_policies", [mine])
    assert order(world) == [
        "§Socle",
        "admin",
        "§Site jaures",
        "jaures-web",
        "jaures-dc",
        "csu-1",
        "csu-2",
        "§Fin",
        "refus",
    ]
    world.module("smc_policies", [{**mine, "ipv4_access": [rule("csu-2")]}])
    assert order(world)[-3:] == ["csu-2", "§Fin", "refus"]


def test_somebody_else_in_between_stops_the_task(world: SmcWorld) -> None:
    world.module("smc_policies", [TOWN])
    place = href(world, "jaures-web")
    edits = iter([True])

    def edit(method: str, path: str) -> None:
        if method == "PUT" and path.endswith(place) and next(edits, False):
            body = {"comment": "[id:jaures-web] urgence", "sources": {"any": True}, "services": {"any": True}}
            world.simulator.edit("PUT", place, body, **{"If-Match": "*"})

    world.on_request = edit
    changed = [{**JAURES[0], "log": "stored"}, JAURES[1]]
    with pytest.raises(Interrupted, match="quelqu’un d’autre") as stopped:
        world.module("smc_policies", [section("Site jaures", *changed)])
    assert stopped.value.kind == Conflict.kind
    assert rules(world)[3]["comment"] == "urgence"


def test_a_rule_that_others_have_shifted_meanwhile_is_changed_where_it_now_stands(world: SmcWorld) -> None:
    world.simulator.behaviour.renumber_changes_etags = True
    world.module("smc_policies", [TOWN])
    before, place, edits = order(world), href(world, "jaures-dc"), iter([True])
    anything = {cell: {"any": True} for cell in ("sources", "destinations", "services")}

    def edit(method: str, path: str) -> None:
        if method == "PUT" and path.endswith(place) and next(edits, False):
            for at in range(3):
                (policy,) = world.simulator.world.of_type("fw_policy")
                where = world.simulator.world.path(policy) + "/fw_ipv4_access_rule"
                world.simulator.edit("POST", where, {"name": f"urgence {at}", **anything})

    world.on_request = edit
    world.module("smc_policies", [section("Site jaures", JAURES[0], {**JAURES[1], "log": "stored"})])
    assert order(world) == ["urgence 2", "urgence 1", "urgence 0", *before]


def test_a_rule_that_moves_is_still_the_rule_that_was_read(world: SmcWorld) -> None:
    world.module("smc_policies", [policy(*(rule(f"r{at}") for at in range(5)))])
    place, seen = href(world, "r0"), []

    def edit(method: str, path: str) -> None:
        seen.append(path) if method == "GET" and path.endswith(place) else None
        if len(seen) == 3:  # read for the plan, before the first write, and for its place
            seen.append("")
            body = {"comment": "[id:r0] urgence", **{cell: {"any": True} for cell in ("sources", "destinations")}}
            world.simulator.edit("PUT", place, body, **{"If-Match": "*"})

    world.on_request = edit
    with pytest.raises(Interrupted, match="r0 a été modifiée par quelqu’un d’autre"):
        world.module("smc_policies", [policy(*(rule(f"r{at}") for at in (1, 2, 3, 4, 0)))])
    assert rules(world)[0]["comment"] == "urgence"


def test_unnamed_rules_get_their_ids_by_an_explicit_step(world: SmcWorld) -> None:
    world.module("smc_policies", [policy(ADMIN)])
    (record,) = world.simulator.world.of_type("fw_policy")
    place = world.simulator.world.path(record) + "/fw_ipv4_access_rule"
    anything = {"sources": {"any": True}, "destinations": {"any": True}, "services": {"any": True}}
    for _ in range(2):
        world.simulator.edit("POST", place, {**anything, "action": {"action": ["allow"]}})
    exported = world.gathered("smc_policies")
    first, second, _ = order(world)
    assert second == f"{first}-2"
    world.forget_requests()
    assert world.module("smc_policies", exported)["operations"] == []
    assert world.writes == []
    world.module("smc_policies", exported, adopt=True)
    assert len(world.writes) == 2
    comments = {str(record["data"].get("comment")) for record in world.simulator.world.of_type("fw_ipv4_access_rule")}
    assert {f"[id:{first}]", f"[id:{second}]"} < comments
    assert world.module("smc_policies", exported, adopt=True)["operations"] == []
    assert world.gathered("smc_policies") == exported


def test_faults_are_said_all_at_once_before_any_request_that_writes(world: SmcWorld) -> None:
    bad = policy(
        {"section": "A", "sources": ["any"]},
        {"sources": ["any"], "destinations": ["any"], "services": ["any"], "action": ["allow"]},
        rule("a", "host/inconnu"),
        rule("b", action=["jump"]),
        {**rule("c"), "sources": ["any", "host/srv-dc1"]},
        rule("a"),
    )
    with pytest.raises(InvalidConfig) as refused:
        world.module("smc_policies", [bad])
    message = str(refused.value)
    for word in ("n’y a pas de sens", "identité", "host/inconnu", "sub_policy", "ne se mêlent", "deux fois"):
        assert word in message
    assert world.writes == []
