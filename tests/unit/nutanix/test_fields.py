"""Every field of every table: written, read back, changed alone, seen if changed by hand."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from lab.prism import World
from piste.runs.domains.hosting import MODULES
from tests.support.hosting import ROLE, PrismWorld, converge, intent, once, operations
from tests.support.rich_hosting import OTHER, estate

MODULE = {part: module for module, part in ROLE}
FIELDS = [(part, field) for part, others in OTHER.items() for field in others]
FIXED = {"key", "value", "name", "kind", "type", "url", "checksum", "virtual_switch", "advanced"}
"""Fields of the identity of the object."""
BESIDE = {"formerly", "stop", "guest", "vm_categories", "host_categories", "clusters", "recovery_cluster"}
"""Fields of the task rather than of the object, and fields that another test covers."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The rich estate, as an image."""
    world = PrismWorld(tmp_path_factory.mktemp("rich"))
    converge(world, intent(**estate()))
    return world.simulator.world.snapshot()


@pytest.fixture
def rich(tmp_path: Path, made: bytes) -> PrismWorld:
    world = PrismWorld(tmp_path)
    world.simulator.reset(World(pickle.loads(made)))
    return world


def test_each_field_of_each_table_is_tried() -> None:
    tables = {part: MODULES[module].resource for module, part in ROLE}
    for part, table in tables.items():
        assert table is not None
        assert {field.name for field in table.fields} - FIXED - BESIDE == set(OTHER[part])


def test_a_rich_estate_is_read_back_as_it_was_declared(rich: PrismWorld) -> None:
    for part, config in estate().items():
        gathered = once(rich, MODULE[part], state="gathered")["gathered"]
        desired = sorted(config, key=lambda item: [item.get("key", ""), item.get("name") or item["value"]])
        for live, declared in zip(gathered, desired, strict=True):
            assert {name: live.get(name) for name in declared} == declared
    assert operations(converge(rich, intent(**estate()))) == []
    assert rich.writes == []


@pytest.mark.parametrize(("part", "field"), FIELDS, ids=lambda value: str(value))
def test_a_field_changes_alone_and_back(rich: PrismWorld, part: str, field: str) -> None:
    item = copy.deepcopy(estate()[part][0])
    names = {name: item[name] for name in MODULES[MODULE[part]].resource.key}  # type: ignore[union-attr]
    confirm = ["stop", "vlan", "protection_policy"]
    for value in (OTHER[part][field], item[field]):
        desired = [{**names, field: value}]
        if field in ("disks", "nics") and value == item[field]:
            continue  # a disk does not become smaller again
        foreseen = once(rich, MODULE[part], desired, check=True)
        assert [operation["fields"] for operation in foreseen["operations"]] == [[field]]
        done = once(rich, MODULE[part], desired, confirm=confirm)
        assert [operation["fields"] for operation in done["operations"]] == [[field]]
        assert once(rich, MODULE[part], desired)["changed"] is False
    if field not in ("disks", "nics"):
        assert operations(converge(rich, intent(**estate()), check=True)) == []


def test_replaced_puts_the_other_fields_back_to_their_defaults(rich: PrismWorld) -> None:
    bare = [{"name": "essai-1", "num_sockets": 3, "memory": "3584 MiB"}]
    (operation,) = once(rich, "prism_vms", bare, state="replaced", check=True)["operations"]
    assert {"description", "machine_type", "cpu_hotplug", "vtpm", "categories"} <= set(operation["fields"])
    assert not {"disks", "nics", "power"} & set(operation["fields"])
