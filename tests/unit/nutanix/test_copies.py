"""Recovery points read as copies of the protected sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.readings.protection.kept import SUBJECT
from tests.support.hosting import PrismWorld, once

STORE = {"name": "prism", "reader": "prism", "carrier": "ntnx-hdv"}
OTHER = {"name": "depot", "reader": "veeam", "carrier": None}


def entry(name: str, server: str, *stores: str) -> dict[str, Any]:
    return {"name": name, "server": server, "stores": list(stores)}


SETS = [
    entry("hdv-sql1", "hdv-sql1", "prism", "depot"),
    entry("hdv-fic1", "hdv-fic1", "prism"),
    entry("partages", "hdv-fic1", "prism"),
    entry("hdv-log1", "hdv-log1", "depot"),
]
DECLARED = {"stores": [STORE, OTHER], "sets": SETS}


@pytest.fixture
def world(tmp_path: Path) -> PrismWorld:
    return PrismWorld(tmp_path, "town").keep("hdv-fic1", "hdv-log1", "hdv-sql1")


def read(world: PrismWorld) -> dict[str, Any]:
    world.forget_requests()
    (reading,) = once(world, "prism_recovery_points", declared=DECLARED)["readings"]
    assert SUBJECT.parsed(json.dumps(reading["copies"]).encode()) == reading["copies"]
    return dict(reading)


def test_a_copy_of_a_machine_is_a_copy_of_what_it_serves(world: PrismWorld) -> None:
    made = read(world)
    assert (made["store"], made["unknown"]) == ("prism", None)
    assert sorted(copy["set"] for copy in made["copies"]) == ["hdv-fic1", "hdv-sql1", "partages"]
    (sql,) = (copy for copy in made["copies"] if copy["set"] == "hdv-sql1")
    assert (sql["taken_at"], sql["state"], sql["size_bytes"]) == ("2026-09-21T14:13:20Z", "complete", 6 << 30)
    assert world.writes == []


def test_copies_are_read_in_bulk_by_pages(world: PrismWorld) -> None:
    live = world.named("Vm", "hdv-sql1")["extId"]
    body = {"name": "x", "expirationTime": "2027-01-01T00:00:00Z", "vmRecoveryPoints": [{"vmExtId": live}]}
    for _ in range(190):
        world.simulator.edit("POST", "dataprotection/config/recovery-points", body)
    assert len(read(world)["copies"]) == 193
    assert sum(path.endswith("recovery-points") for path in world.reads) == 3


def test_an_expired_copy_is_no_copy(world: PrismWorld) -> None:
    world.simulator.clock.advance(8 * 86_400)
    assert read(world)["copies"] == []


def test_a_copy_that_lies_elsewhere_is_not_of_this_store(world: PrismWorld) -> None:
    for point in world.simulator.world.of("RecoveryPoint").values():
        point["locationReferences"] = [{"locationExtId": "11111111-0000-0000-0000-000000000001"}]
    assert read(world)["copies"] == []


def test_a_copy_without_a_place_is_known_to_be_on_no_cluster(world: PrismWorld) -> None:
    for point in world.simulator.world.of("RecoveryPoint").values():
        del point["locationReferences"]
    assert {copy["state"] for copy in read(world)["copies"]} == {"unknown"}


def test_of_two_machines_of_one_name_no_copy_is_known_to_be_good(world: PrismWorld) -> None:
    world.named("Vm", "hdv-log1")["name"] = "hdv-sql1"
    states = {copy["set"]: copy["state"] for copy in read(world)["copies"]}
    assert (states["hdv-sql1"], states["partages"]) == ("unknown", "complete")


def test_a_system_that_refuses_leaves_its_store_unknown(world: PrismWorld) -> None:
    world.simulator.behaviour.set(forbidden=["dataprotection"])
    made = read(world)
    assert made["copies"] == []
    assert "403" in made["unknown"]
