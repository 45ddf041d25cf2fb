"""Undo, export and replay of the inventory: nothing is deleted, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from piste.systems.glpi.orphans import undeclared
from piste.systems.kinds import of_domain
from tests.support.glpi import GlpiWorld, intents, once, operations

KINDS = [kind.module for kind in of_domain("inventory")]


@pytest.fixture
def world(tmp_path: Path) -> GlpiWorld:
    made = GlpiWorld(tmp_path)
    with made.run() as run:
        run.owner("commune")
        run.owner("ecole-jaures")
    made.operations.clear()
    return made


def take_back(world: GlpiWorld) -> list[str]:
    """Play the inverse as the playbook does; return the losses, a line each."""
    tasks, lost = inverse(world.operations)
    world.operations.clear()
    for phase, modules in ((RESTORED, KINDS), (RETURNED, KINDS[::-1])):
        for module in modules:
            for owner, parts in tasks.items():
                if asked := parts.get(phase, {}).get(module):
                    once(world, module, asked["config"], absent=asked["absent"], owner=owner)
    return lost


def test_a_field_that_changed_goes_back_and_what_was_made_goes_out(world: GlpiWorld) -> None:
    asset = intents()["ecole-jaures"]["assets"][0]
    before = world.named("NetworkEquipment", asset["name"])["status"]
    new = {**asset, "name": "sw-neuf", "title": "sw-neuf", "inventory_number": "sw-neuf"}
    once(world, "glpi_lists", [{"list": "State", "name": "En stock"}])
    once(world, "glpi_assets", [{**asset, "state": "En stock"}, new], owner="ecole-jaures")
    assert world.named("NetworkEquipment", asset["name"])["status"] != before
    lost = take_back(world)
    assert world.named("NetworkEquipment", asset["name"])["status"] == before
    assert world.named("NetworkEquipment", "sw-neuf")["status"] == world.named("State", "Sorti")["id"]
    assert lost == ["commune / list_entry State/En stock : GLPI le garde : Piste n’y supprime rien"]
    assert not [method for method, _ in world.requests if method == "DELETE"]


@pytest.mark.parametrize("module", ["glpi_contracts", "glpi_licenses", "glpi_certificates"])
def test_a_record_without_a_state_comes_back_on_its_own_item(world: GlpiWorld, module: str) -> None:
    once(world, module, [{"name": "Essai", "trashed": False}])
    take_back(world)
    back = once(world, module, [{"name": "Essai", "trashed": False}])
    assert len(operations([back])) == 1
    assert operations([once(world, module, [{"name": "Essai", "trashed": False}])]) == []
    itemtype = {"glpi_contracts": "Contract", "glpi_licenses": "License", "glpi_certificates": "Certificate"}[module]
    assert not world.named(itemtype, "Essai")["status"]


def test_what_is_exported_and_replayed_changes_nothing_here_and_makes_all_elsewhere(
    world: GlpiWorld, tmp_path: Path
) -> None:
    read = {module: once(world, module, state="gathered")["gathered"] for module in KINDS[:-2]}
    again = [once(world, module, config, state="replaced") for module, config in read.items()]
    assert operations(again) == []
    (tmp_path / "other").mkdir()
    other = GlpiWorld(tmp_path / "other")
    for module, config in read.items():
        once(other, module, config)
    assert {module: once(other, module, state="gathered")["gathered"] for module in KINDS[:-2]} == read


def test_what_nobody_declares_is_named_and_what_is_out_is_not(world: GlpiWorld) -> None:
    world.simulator.world.add("Computer", {"name": "pc-inconnu", "serial": "Z9"})
    out = world.simulator.world.named("State", "Sorti")["id"]
    world.simulator.world.add("Computer", {"name": "pc-sorti", "status": out})
    declared = {"items": [], **{kind.name: [] for kind in of_domain("inventory")}}
    for owner in ("commune", "ecole-jaures"):
        declared["items"] += intents()[owner]["assets"]
        for kind in of_domain("inventory"):
            keys = ["/".join(str(item[name]) for name in kind.table.key) for item in intents()[owner][kind.part]]
            declared[kind.name] += keys
    from piste.systems.glpi.client import Glpi

    with world.run():
        orphans = list(undeclared(Glpi(world.connection), declared))
    assert [(orphan["kind"], orphan["key"]) for orphan in orphans] == [("asset", "Computer/pc-inconnu")]
