"""The last author of an object of Prism Central, by its audits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.prism.audits import OTHER
from piste.engine.converge.errors import PisteError
from piste.systems.nutanix import authors
from tests.support.hosting import PrismWorld, once


@pytest.fixture
def world(tmp_path: Path) -> PrismWorld:
    made = PrismWorld(tmp_path, "town")
    made.simulator.world.audits.clear()
    return made


def asked(key: str = "hdv-fic1", action: str = "update", fields: tuple[str, ...] = ("memory",)) -> dict[str, Any]:
    return {"kind": "vm", "key": key, "action": action, "fields": [*fields], "before": {}, "after": {}, "within": ""}


def read(world: PrismWorld, *objects: Any, days: int = 90) -> list[list[str]]:
    result = once(world, "prism_authors", objects=[*objects], days=days)
    assert not world.writes
    return [[author["who"] for author in by] for by in result["authors"]]


def machine(world: PrismWorld, name: str = "hdv-fic1") -> dict[str, Any]:
    return world.simulator.world.named("Vm", name)


def audit(world: PrismWorld, entity: dict[str, Any], **more: Any) -> None:
    world.simulator.world.audits.append({
        "sourceEntity": {"type": "vm", **entity}, "operationType": "UPDATE", "status": "SUCCEEDED",
        "userReference": {"name": "a.martin"}, "creationTime": world.simulator.site.moment(), **more,
    })  # fmt: skip


def test_who_changed_a_machine_last_is_named_and_no_other(world: PrismWorld) -> None:
    path = f"vmm/ahv/config/vms/{machine(world)['extId']}/$actions/power-off"
    world.simulator.edit("POST", path)
    assert read(world, asked(fields=("power",)), asked(), asked("hdv-dc1")) == [[OTHER], [], []]
    audit(world, {"extId": machine(world)["extId"]})
    assert read(world, asked(), asked(fields=("power", "memory"))) == [["a.martin"], [OTHER, "a.martin"]]


def test_what_failed_or_changes_no_setting_names_nobody(world: PrismWorld) -> None:
    known = {"extId": machine(world)["extId"]}
    for more in ({"status": "FAILED"}, {"operationType": "MIGRATE"}, {"operationType": "ON"}):
        audit(world, known, **more)
    assert read(world, asked()) == [[]]
    audit(world, {"extId": "x", "name": "hdv-fic1"})
    assert read(world, asked()) == [[]]
    audit(world, {"extId": "x"}, affectedEntities=[known], userReference=None)
    assert read(world, asked()) == [[""]]


def test_what_has_gone_is_known_by_its_name_and_what_came_by_its_creation(world: PrismWorld) -> None:
    audit(world, {"extId": "gone", "name": "hdv-vieux1"}, operationType="DELETE")
    audit(world, {"extId": machine(world)["extId"]}, operationType="CREATE")
    audit(world, {"extId": machine(world)["extId"]}, userReference={"name": "b.durand"})
    gone, came = asked("hdv-vieux1", action="create", fields=()), asked(action="delete", fields=())
    assert read(world, gone, came) == [["a.martin"], ["a.martin"]]


def test_a_name_that_two_deaths_share_names_nobody(world: PrismWorld) -> None:
    for kind in ("vm", "subnet"):
        audit(world, {"extId": kind, "type": kind, "name": "essai"}, operationType="DELETE")
    assert read(world, asked("essai", action="create", fields=())) == [[]]


def test_old_audits_are_left_out_and_pages_are_few(world: PrismWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    audit(world, {"extId": machine(world)["extId"]}, creationTime="2020-01-01T00:00:00Z")
    assert read(world, asked()) == [[]]
    monkeypatch.setattr(authors, "PAGES", 2)
    site = world.simulator.site
    audit(world, {"extId": machine(world)["extId"]}, creationTime=site.moment(site.now() - 60))
    for _ in range(250):
        audit(world, {"extId": "other"})
    world.forget_requests()
    assert read(world, asked()) == [[]]
    assert len([path for path in world.reads if path.endswith("/audits")]) == 2


def test_audits_in_no_order_are_not_read(world: PrismWorld) -> None:
    audit(world, {"extId": machine(world)["extId"]})
    audit(world, {"extId": "later"}, creationTime="2099-01-01T00:00:00Z")
    def reversed_pages(method: str, answer: Any) -> Any:
        if b"serviceability.Audit" not in answer.body:
            return answer
        body = answer.document()
        return replace(answer, body=json.dumps({**body, "data": body["data"][::-1]}).encode())

    world.spoil = reversed_pages
    with pytest.raises(PisteError):
        read(world, asked())
