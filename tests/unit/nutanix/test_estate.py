"""The town's whole hosting on a simulated cluster: made, kept, exported and made again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from piste.engine.converge.as_found import taken
from piste.engine.converge.errors import Guarded, PisteError
from piste.town.town import tables
from tests.support.breadth import breadth
from tests.support.hosting import ROLE, PrismWorld, converge, intent, once, operations
from tests.support.inprocess import Killed

LISTS = {
    "prism/v4.2/config/categories",
    "networking/v4.3/config/subnets",
    "networking/v4.3/config/virtual-switches",
    "clustermgmt/v4.3/config/clusters",
    "clustermgmt/v4.3/config/storage-containers",
    "vmm/v4.2/content/images",
    "vmm/v4.2/ahv/config/vms",
    "vmm/v4.2/ahv/policies/vm-anti-affinity-policies",
    "vmm/v4.2/ahv/policies/vm-host-affinity-policies",
    "datapolicies/v4.2/config/protection-policies",
}


@pytest.fixture
def empty(tmp_path: Path) -> PrismWorld:
    return PrismWorld(tmp_path)


def test_check_mode_predicts_the_whole_estate_and_writes_nothing(empty: PrismWorld) -> None:
    foreseen = operations(converge(empty, check=True))
    assert empty.writes == []
    assert operations(converge(empty)) == foreseen
    kinds = Counter(line.partition("/")[0] for line in foreseen)
    assert kinds == {
        "create category": 17, "create subnet": 3, "create image": 1, "create vm": 22, "create affinity_policy": 3,
        "create protection_policy": 6,
    }  # fmt: skip


def test_every_machine_is_what_the_town_declares(empty: PrismWorld) -> None:
    converge(empty)
    sql = empty.named("Vm", "hdv-sql1")
    assert (sql["numSockets"], sql["memorySizeBytes"], sql["powerState"]) == (4, 10 << 30, "ON")
    assert empty.named("Vm", "hdv-rct1")["powerState"] == "OFF"
    assert [disk["backingInfo"]["diskSizeBytes"] >> 30 for disk in sql["disks"]] == [60]
    assert sql["nics"][0]["networkInfo"]["subnet"]["extId"] == empty.named("Subnet", "serveurs")["extId"]


def test_a_second_run_lists_each_kind_once_and_writes_nothing(empty: PrismWorld) -> None:
    converge(empty)
    assert operations(converge(empty)) == []
    assert empty.writes == []
    assert Counter(empty.reads) == dict.fromkeys(LISTS, 1)


def test_an_export_made_again_elsewhere_exports_the_same(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    source, target = PrismWorld(tmp_path / "one", "town"), PrismWorld(tmp_path / "other")
    exported = {part: once(source, module, state="gathered")["gathered"] for module, part in ROLE}
    assert len(exported["vms"]) == 22
    converge(target, {**intent(), **exported})
    assert {part: once(target, module, state="gathered")["gathered"] for module, part in ROLE} == exported


def test_an_export_counts_what_another_tool_holds_and_leaves_it_out(tmp_path: Path) -> None:
    result = once(PrismWorld(tmp_path, "town"), "prism_vms", state="gathered")
    assert result["apart"] == 50
    assert [vm["name"] for vm in result["gathered"] if vm["name"].startswith("CTX-")] == []
    assert result["warnings"] == ["vm : 50 objets hors de portée (Citrix)"]


def test_many_machines_are_read_in_few_pages(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path)
    converge(world, intent(vms=[], affinity_policies=[]))
    many = [
        {"name": f"m-{rank:04}", "num_sockets": 1, "memory": "1 GiB", "disks": {"SCSI.0": {"size": "1 GiB"}}}
        for rank in range(250)
    ]
    assert len(once(world, "prism_vms", many)["operations"]) == 250
    world.forget_requests()
    assert once(world, "prism_vms", many)["changed"] is False
    assert world.reads.count("vmm/v4.2/ahv/config/vms") == 3
    assert (len(world.machines()), world.writes) == (250, [])


@pytest.mark.parametrize(("moment", "step"), breadth([("kill_before", 4), ("kill_after", 1)], [("kill_before", 4)]))
def test_a_run_that_is_killed_at_any_write_is_finished_by_the_next_without_a_second_machine(
    tmp_path: Path, moment: str, step: int
) -> None:
    """Four machines and their needs: a process dies after each write, and before each fourth.

    What is before a write is what is after the former, once its task is over.
    """
    whole = intent()
    small = {
        **whole,
        "vms": [vm for vm in whole["vms"] if vm["name"] in ("hdv-dc1", "hdv-dc2", "hdv-sh1", "hdv-sh2")],
        "affinity_policies": [policy for policy in whole["affinity_policies"] if policy["name"] == "Séparer annuaire"],
        "protection_policies": whole["protection_policies"][:1],
    }
    (tmp_path / "whole").mkdir()
    reference = PrismWorld(tmp_path / "whole")
    converge(reference, small)
    goal = {part: once(reference, module, state="gathered")["gathered"] for module, part in ROLE}
    writes = 1 - step
    while True:
        writes += step
        folder = tmp_path / f"{moment}-{writes}"
        folder.mkdir()
        world = PrismWorld(folder)
        setattr(world, moment, writes)
        try:
            converge(world, small)
        except Killed:
            pass
        else:
            break
        setattr(world, moment, 0)
        converge(world, small)
        assert world.machines() == ["hdv-dc1", "hdv-dc2", "hdv-sh1", "hdv-sh2"]
        live = {part: once(world, module, state="gathered")["gathered"] for module, part in ROLE}
        assert _without_macs(live) == _without_macs(goal)
        assert operations(converge(world, small)) == []
    assert writes > 25  # fourteen categories, two subnets, an image, four machines that start, a policy


def _without_macs(parts: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    for vm in parts["vms"]:
        for nic in vm["nics"].values():  # type: ignore[attr-defined]
            nic.pop("mac", None)
    return parts


def test_what_somebody_changed_by_hand_is_found_exactly(empty: PrismWorld) -> None:
    converge(empty)
    site = empty.simulator
    sql, rct = empty.named("Vm", "hdv-sql1"), empty.named("Vm", "hdv-rct1")
    site.edit("PUT", f"vmm/ahv/config/vms/{sql['extId']}", _body(sql) | {"memorySizeBytes": 12 << 30})
    site.edit("POST", f"vmm/ahv/config/vms/{rct['extId']}/$actions/power-on")
    subnet = empty.named("Subnet", "surete")
    site.edit("PUT", f"networking/config/subnets/{subnet['extId']}", _body(subnet) | {"networkId": 170})
    drift = converge(empty, check=True)
    assert operations(drift) == ["update subnet/surete", "update vm/hdv-sql1"]
    assert [operation["fields"] for result in drift for operation in result["operations"]] == [["vlan"], ["memory"]]
    assert empty.writes == []


def _body(entity: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in entity.items() if not name.startswith("_")}


def test_all_that_is_wrong_is_said_at_once_before_any_write(empty: PrismWorld) -> None:
    wrong = intent()["vms"][:3]
    wrong[0]["categories"] = {"Environnement": "Recette"}
    wrong[1]["nics"] = {"dmz": {}}
    wrong[2]["name"] = "CTX-POSTE-001"
    converge(empty, intent(vms=[], affinity_policies=[]))
    empty.forget_requests()
    with pytest.raises(PisteError) as caught:
        once(empty, "prism_vms", wrong)
    text = str(caught.value)
    assert "la catégorie « Environnement:Recette » n’existe pas" in text
    assert "le sous-réseau « dmz » n’existe pas" in text
    assert "ce nom est réservé à Citrix, par son nom (CTX-*)" in text
    assert empty.writes == []


def test_what_a_machine_cannot_become_is_said_before_a_category_of_the_same_run_is_written(
    empty: PrismWorld,
) -> None:
    converge(empty)
    desired = intent()
    desired["categories"].append({"key": "Responsable", "value": "Recette"})
    machines = {machine["name"]: machine for machine in desired["vms"]}
    machines["hdv-rct1"] |= {"disks": {"SCSI.0": {"size": "30 GiB"}}, "categories": {"Responsable": "Recette"}}
    machines["hdv-img1"]["disks"] = {"SCSI.0": {"size": "20 GiB"}}
    with pytest.raises(Guarded, match="2 changements impossibles, rien n’a été écrit"):
        converge(empty, desired)
    assert empty.writes == []
    machines["hdv-rct1"]["disks"] = machines["hdv-img1"]["disks"] = {}


def test_a_machine_that_awaits_a_word_holds_back_itself_alone(empty: PrismWorld) -> None:
    converge(empty)
    desired = intent()
    machines = {machine["name"]: machine for machine in desired["vms"]}
    machines["hdv-rct1"] |= {"description": "recette"}
    machines["hdv-sql1"]["memory"] = "4 GiB"
    with pytest.raises(Guarded, match="stop:hdv-sql1") as partial:
        converge(empty, desired)
    assert partial.value.kind == "partial"
    assert [described["key"] for described in partial.value.operations] == ["hdv-rct1"]
    assert [described["key"] for described in partial.value.waiting] == ["hdv-sql1"]
    with pytest.raises(Guarded, match="rien n’a été écrit"):
        converge(empty, desired)
    assert converge(empty, desired, confirm=["stop:hdv-sql1"])


def test_a_hosting_made_by_hand_is_adopted_whole_and_its_plan_is_then_empty(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path, "inherited")
    surveyed = converge(world, check=True, survey=True)
    planned = [operation for result in surveyed for operation in result["operations"]]
    kept = taken(tables(), planned, [result["survey"] for result in surveyed], "commune")
    assert kept["prism"]["vm"]["hdv-dc2"] == {"absent": True}  # made by hand as HDV-DC2
    assert kept["prism"]["vm"]["HDV-DC2"]["undeclared"] is True
    assert kept["prism"]["vm"]["hdv-glpi1"] == {"absent": True}  # two machines: neither is taken for it
    (alike,) = [result["survey"]["alike"] for result in surveyed if result["survey"]["kind"] == "vm"]
    assert [name.partition(" (")[0] for name in alike] == ["hdv-glpi1", "hdv-glpi1"]
    assert operations(converge(world, check=True, as_found=kept)) == []
    assert world.writes == []


def test_orphans_are_named_and_foreign_objects_are_none(tmp_path: Path) -> None:
    world = PrismWorld(tmp_path, "town")
    whole = intent()
    declared = {
        part: [item["name"] for item in whole[part]]
        for part in ("vms", "subnets", "images", "affinity_policies", "protection_policies", "recovery_plans")
    }
    declared["vms"].remove("hdv-img1")
    lone = {"source": "ici", "rpo_seconds": 3_600, "keep": 2}
    policy = {"name": "À la main", "locations": [{"label": "ici", "primary": True}], "schedules": [lone]}
    once(world, "prism_protection_policies", [policy])
    declared["categories"] = [f"{category['key']}/{category['value']}" for category in whole["categories"]]
    orphans = once(world, "prism_orphans", **declared)["orphans"]
    assert [(orphan["kind"], orphan["key"]) for orphan in orphans] == [
        ("vm", "hdv-img1"), ("protection_policy", "À la main"),
    ]  # fmt: skip
