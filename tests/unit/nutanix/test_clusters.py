"""Clusters as facts: nodes, machines, room left after the loss of a node, power."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.converge.errors import Missing
from piste.systems.nutanix.room import GIB, room
from tests.support.hosting import PrismWorld, once


def test_the_facts_of_a_cluster_count_foreign_machines(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path, "town")
    (cluster,) = once(world, "prism_clusters", cvm_memory="32 GiB", power=True)["gathered"]
    assert (cluster["name"], cluster["redundancy_factor"]) == ("ntnx-hdv", 2)
    assert [node["name"] for node in cluster["nodes"]] == ["ntnx-hdv-a", "ntnx-hdv-b", "ntnx-hdv-c"]
    assert {node["memory_for_machines_gib"] for node in cluster["nodes"]} == {96}
    assert sum(node["machines"]["count"] for node in cluster["nodes"]) == cluster["machines"]["running"] == 52
    assert cluster["machines"]["count"] == 72
    assert cluster["after_the_loss_of_a_node"] == {"memory_gib": 192, "free_gib": 30}
    assert all(100 < node["watts"] < 500 for node in cluster["nodes"])
    assert world.writes == []


@pytest.mark.parametrize("why", ["an older version", "nodes that measure nothing", "nobody asks"])
def test_power_that_nobody_measures_is_not_a_number(tmp_path: Path, why: str) -> None:
    world = PrismWorld(tmp_path)
    if why == "an older version":
        world.simulator.behaviour.set(versions={"clustermgmt": "v4.0"})
    if why == "nodes that measure nothing":
        world.simulator.behaviour.set(power_readings=False)
    (cluster,) = once(world, "prism_clusters", power=why != "nobody asks")["gathered"]
    assert {node["watts"] for node in cluster["nodes"]} == {None}


def test_a_cluster_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"« ntnx-ailleurs » n’existe pas.*Grappes visibles : ntnx-hdv"):
        once(PrismWorld(tmp_path), "prism_clusters", cluster="ntnx-ailleurs")


def test_the_largest_node_is_the_one_that_is_lost() -> None:
    nodes = [64 * GIB, 128 * GIB, 96 * GIB]
    machines = [{"memorySizeBytes": 10 * GIB, "powerState": "ON"}, {"memorySizeBytes": 5 * GIB, "powerState": "OFF"}]
    assert room(machines, nodes, 32 * GIB) == {"memory_gib": 96, "free_gib": 86}


def test_what_lives_says_the_node_of_each_machine_that_runs_without_a_list_more(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path, "town")
    life = once(world, "prism_living")["living"]
    assert life["unread"] == {}
    on = {name for name, states in life["machines"].items() if states == ["ON"]}
    placed = {name: here[0] for name, here in life["places"].items() if here != [None]}
    assert on == {*placed}
    assert {*placed.values()} == {"ntnx-hdv-a", "ntnx-hdv-b", "ntnx-hdv-c"}
    assert len({path.partition("?")[0] for path in world.reads}) == 3
