"""Undo of a change of NPS servers from its record; adoption of manual settings."""

from pathlib import Path
from typing import Any

import pytest

from lab.winrm import nps_documents
from piste.engine.converge.as_found import taken
from piste.engine.converge.errors import Guarded, Interrupted
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from piste.town.town import tables
from tests.support.nps import SERVERS, World, torn
from tests.support.rich_nps import OTHERWISE, RICH

EACH = pytest.mark.parametrize("module", list(RICH))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, nps_documents.inherited())


def flat(world: World) -> Any:
    return [world.document(server).flat() for server in SERVERS]


def take_back(world: World, operations: list[dict[str, Any]]) -> list[str]:
    tasks, lost = inverse(operations)
    for phase in (RESTORED, RETURNED):
        for module, task in tasks.get("hdv", {}).get(phase, {}).items():
            world.once(module, task["config"], absent=task["absent"], max_removals=50)
    return lost


@EACH
def test_a_creation_is_undone(module: str, world: World) -> None:
    before = flat(world)
    done = world.once(module, [RICH[module]])["operations"]
    assert take_back(world, done) == []
    assert flat(world) == before


@EACH
def test_a_change_is_undone_but_for_a_secret_which_the_vault_decides(module: str, world: World) -> None:
    world.once(module, [RICH[module]])
    before = flat(world)
    changed = {name: value for name, value in OTHERWISE[module].items() if name not in ("secret", "server_group")}
    done = world.once(module, [{"name": RICH[module]["name"], **changed}])["operations"]
    assert flat(world) != before
    assert take_back(world, done) == []
    assert flat(world) == before


@EACH
def test_a_removal_is_undone(module: str, world: World) -> None:
    world.once(module, [RICH[module]])
    before = flat(world)
    done = world.once(module, [], absent=[RICH[module]["name"]])["operations"]
    lost = take_back(world, done)
    assert flat(world) == before
    assert len(lost) >= len(SERVERS)
    assert "refai" in lost[0] or "secret" in lost[0]


def test_a_change_of_a_single_server_is_undone_after_the_other_failed(world: World) -> None:
    before = flat(world)
    config = [{"name": "Pare-feu", "enabled": False}]
    world.at[8, "before"] = torn
    with pytest.raises(Interrupted) as stop:
        world.once("nps_radius_clients", config)
    assert [operation["key"] for operation in stop.value.operations] == [f"{SERVERS[0]}/Pare-feu"]
    take_back(world, list(stop.value.operations))
    assert flat(world) == before


@EACH
def test_an_adopted_item_leaves_nothing_to_do(module: str, world: World) -> None:
    rule = [{**RICH[module], **({"address": "10.93.0.99"} if "address" in RICH[module] else {})}]
    world.once(module, [{**RICH[module], "server": SERVERS[1], "enabled": not RICH[module]["enabled"]}])
    options = {"check": True, "state": "replaced"}
    plan = world.once(module, rule, survey=True, **options)
    assert plan["changed"]
    as_found = taken(tables(), plan["operations"], [plan["survey"]], "hdv")
    again = world.once(module, rule, as_found=as_found, **options)
    assert again["operations"] == []
    assert "S-1-5-21-1-2-3-513" in str(as_found) or module != "nps_network_policies"


def test_an_audit_names_what_a_run_would_refuse_and_tells_the_rest(world: World) -> None:
    """An undeclared client has the address of a declared one."""
    client = {"name": "sw-hdv-01", "address": "10.93.0.12", "secret": {"secret": "radius/hdv"}, "enabled": True}
    world.once("nps_radius_clients", [client])
    declared = [{**client, "name": "sw-hdv-02"}, {**client, "name": "sw-hdv-03", "address": "10.93.0.14"}]
    refused = "« sw-hdv-01 », qui n’est pas déclaré, a déjà l’adresse"
    with pytest.raises(Guarded, match=refused):
        world.once("nps_radius_clients", declared, check=True)
    audit = world.once("nps_radius_clients", declared, check=True, survey=True)
    names = {operation["key"].partition("/")[2] for operation in audit["operations"]}
    assert names == {"sw-hdv-02", "sw-hdv-03"}
    assert [refused in line for line in audit["refused"]] == [True, True]
