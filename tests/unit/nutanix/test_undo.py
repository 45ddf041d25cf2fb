"""Undo on the hosting: changes go back, creations go if confirmed, removals return empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from tests.support.hosting import ROLE, PrismWorld, converge, intent, once
from tests.support.rich_hosting import OTHER, estate

KINDS = [module for module, _ in ROLE]


@pytest.fixture
def rich(tmp_path: Path) -> PrismWorld:
    world = PrismWorld(tmp_path)
    converge(world, intent(**estate()))
    world.operations.clear()
    return world


def take_back(world: PrismWorld, *confirm: str) -> list[str]:
    """Play the inverse as the playbook does; return the losses, a line each."""
    tasks, lost = inverse(world.operations)
    world.operations.clear()
    for phase, modules in ((RESTORED, KINDS), (RETURNED, KINDS[::-1])):
        for module in modules:
            if asked := tasks.get("commune", {}).get(phase, {}).get(module):
                once(world, module, asked["config"], absent=asked["absent"], confirm=list(confirm))
    return lost


def exported(world: PrismWorld) -> dict[str, Any]:
    return {part: once(world, module, state="gathered")["gathered"] for module, part in ROLE}


def test_every_field_that_changed_goes_back(rich: PrismWorld) -> None:
    before = exported(rich)
    for module, part in ROLE:
        item = estate()[part][0]
        key = {name: item[name] for name in ("key", "value", "name") if name in item}
        change = {name: value for name, value in OTHER[part].items() if name not in ("disks",)}
        once(rich, module, [{**key, **change}], confirm=["stop", "vlan", "protection_policy"])
    assert exported(rich) != before
    assert take_back(rich, "stop", "vlan", "protection_policy") == []
    assert exported(rich) == before


def test_what_a_run_made_goes_by_a_word(rich: PrismWorld) -> None:
    before = exported(rich)
    once(rich, "prism_categories", [{"key": "Horaires", "value": "soir"}])
    new = {"name": "essai-2", "num_sockets": 1, "memory": "1 GiB", "categories": {"Horaires": "soir"}}
    once(rich, "prism_vms", [new])
    made = list(rich.operations)
    with pytest.raises(Guarded, match="vm:essai-2"):
        take_back(rich)
    rich.operations[:] = made
    take_back(rich, "vm", "unprotected", "category")
    assert exported(rich) == before


def test_a_removed_machine_comes_back_with_its_description_and_it_is_said_that_it_is_empty(rich: PrismWorld) -> None:
    before = exported(rich)
    once(rich, "prism_vms", absent=["essai-1"], confirm=["vm", "unprotected"])
    lost = take_back(rich)
    assert lost == [
        "commune / vm essai-1 : refaite vide, sous un autre identifiant : ses disques se rendent depuis une sauvegarde"
    ]
    assert exported(rich) == before
