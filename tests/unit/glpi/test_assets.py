"""Assets in GLPI: found again, owned field by field, never deleted, never doubled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from piste.engine.converge.errors import Ambiguous, Conflict, Diverged, InvalidConfig, PisteError, Unreadable
from piste.systems.glpi.client import Glpi
from piste.systems.glpi.names import Names
from piste.systems.kinds import of_domain
from tests.support.breadth import breadth
from tests.support.glpi import GlpiWorld, intents, once, operations
from tests.support.inprocess import Killed


@pytest.fixture
def world(tmp_path: Path) -> GlpiWorld:
    made = GlpiWorld(tmp_path)
    town = made.simulator.world.add("Location", {"name": "Ville"})
    made.simulator.world.add("Location", {"name": "Mairie", "parent": town["id"]})
    for name in ("En service", "En stock"):
        made.simulator.world.named("State", name)
    return made


def pc(name: str = "pc-1", **declared: Any) -> dict[str, Any]:
    return {"itemtype": "Computer", "name": name, "title": name, "inventory_number": name, **declared}


def test_the_whole_town_is_pushed_then_a_second_run_reads_eight_lists_and_writes_nothing(tmp_path: Path) -> None:
    world = GlpiWorld(tmp_path)
    with world.run() as run:
        for owner in intents():
            run.owner(owner)
    declared = sum(len(whole["assets"]) for whole in intents().values())
    live = ("Computer", "NetworkEquipment", "Printer", "Phone", "Peripheral", "Cluster")
    assert sum(map(world.count, live)) == declared > 700
    world.requests.clear()
    with world.run() as run:
        results = [result for owner in intents() for result in run.owner(owner)]
    assert operations(results) == []
    assert [line for result in results for line in result["warnings"]] == []
    assert world.writes == []
    # Beside them, a token: a list for each kind of record that the town declares.
    records = [kind.part for kind in of_domain("inventory") if kind.part not in ("lists", "locations", "assets")]
    declared_records = [part for part in records if any(whole[part] for whole in intents().values())]
    assert len(world.requests) == 1 + 7 + len(declared_records) <= 13


def test_a_site_before_the_town_is_refused_and_sent_to_it(tmp_path: Path) -> None:
    world = GlpiWorld(tmp_path)
    with world.run() as run, pytest.raises(InvalidConfig, match="convergez d’abord la ville \\(-l commune\\)"):
        run.owner("ecole-jaures")
    assert world.writes == []


def test_check_mode_announces_what_the_run_does(tmp_path: Path) -> None:
    world = GlpiWorld(tmp_path)
    with world.run() as run:
        foreseen = operations([*run.owner("commune", check=True), *run.owner("ecole-jaures", check=True)])
    assert world.writes == []
    with world.run() as run:
        assert operations([*run.owner("commune"), *run.owner("ecole-jaures")]) == foreseen


@pytest.mark.parametrize(
    "live",
    [
        {"name": "RENOMME", "serial": " 7xkq2s3 "},
        {"name": "RENOMME", "otherserial": "pc-1"},
        {"name": "pc-1"},
        {"name": "PC-1"},
    ],
    ids=["serial", "inventory number", "name", "name in capitals"],
)
def test_an_asset_is_found_again_by_serial_then_number_then_name(world: GlpiWorld, live: dict[str, Any]) -> None:
    world.simulator.world.add("Computer", live)
    once(world, "glpi_assets", [pc(serial="7XKQ2S3", state="En service", location="Ville > Mairie")])
    assert world.count("Computer") == 1
    kept = world.simulator.world.get("Computer", 1)
    assert kept is not None
    assert (kept["name"], kept["otherserial"], kept["serial"]) == ("pc-1", "pc-1", "7XKQ2S3")


def test_another_machine_of_the_same_name_is_not_taken_for_it(world: GlpiWorld) -> None:
    world.simulator.world.add("Computer", {"name": "pc-1", "serial": "AUTRE"})
    once(world, "glpi_assets", [pc(serial="7XKQ2S3")])
    assert [item["serial"] for item in world.simulator.world.of("Computer").values()] == ["AUTRE", "7XKQ2S3"]


def test_two_items_of_one_asset_stop_the_task_before_any_write(world: GlpiWorld) -> None:
    for _ in range(2):
        world.simulator.world.add("Computer", {"name": "pc-1", "serial": "7XKQ2S3"})
    with pytest.raises(Ambiguous, match="2 fiches pour « Computer/pc-1 »") as raised:
        once(world, "glpi_assets", [pc(serial="7XKQ2S3", state="En service")])
    assert "Computer 1, Computer 2" in raised.value.why
    assert world.writes == []


@pytest.mark.parametrize("aside", ["bin", "out"])
def test_of_two_items_the_item_that_people_put_aside_is_left_as_it_is(world: GlpiWorld, aside: str) -> None:
    out = world.simulator.world.named("State", "Sorti")["id"]
    left = {"is_deleted": True} if aside == "bin" else {"status": out}
    world.simulator.world.add("Computer", {"name": "pc-1", "serial": "7XKQ2S3", **left})
    world.simulator.world.add("Computer", {"name": "pc-1", "serial": "7XKQ2S3"})
    once(world, "glpi_assets", [pc(serial="7XKQ2S3", state="En service", trashed=False)])
    assert {path for _, path in world.writes} == {"v2.3/Assets/Computer/2"}
    assert once(world, "glpi_assets", [pc(serial="7XKQ2S3", state="En service", trashed=False)])["operations"] == []


def test_the_town_s_own_sticker_stays(world: GlpiWorld) -> None:
    world.simulator.world.add("Computer", {"name": "pc-1", "serial": "A1", "otherserial": "VLB-0042"})
    once(world, "glpi_assets", [pc(serial="A1", state="En service")])
    assert world.named("Computer", "pc-1")["otherserial"] == "VLB-0042"
    assert once(world, "glpi_assets", [pc(serial="A1", state="En service")])["operations"] == []


def test_what_the_agent_keeps_is_compared_and_named_never_written(world: GlpiWorld) -> None:
    maker = world.simulator.world.named("Manufacturer", "HP")
    world.simulator.world.named("Manufacturer", "Dell")
    world.simulator.world.add(
        "Computer", {"name": "PC-VRAI", "serial": "A1", "manufacturer": maker["id"], "is_dynamic": True}
    )
    result = once(world, "glpi_assets", [pc(serial="A1", manufacturer="Dell", state="En service")])
    live = world.named("Computer", "PC-VRAI")
    assert live["manufacturer"] == maker["id"]
    assert live["status"] == 1
    (warning,) = result["warnings"]
    assert "nom PC-VRAI selon l’agent d’inventaire, pc-1 dans la déclaration" in warning
    assert "fabricant HP selon l’agent d’inventaire, Dell dans la déclaration" in warning


def test_a_name_of_an_agent_is_quoted_on_one_line_without_escapes(world: GlpiWorld) -> None:
    world.simulator.world.add("Computer", {"name": "PC\x1b[31mX\nOK : rien", "serial": "A1", "is_dynamic": True})
    (warning,) = once(world, "glpi_assets", [pc(serial="A1", state="En service")])["warnings"]
    assert not {"\x1b", "\n"} & set(warning)


def test_an_asset_that_must_not_be_there_goes_out_and_stays(world: GlpiWorld) -> None:
    once(world, "glpi_assets", [pc(serial="A1", state="En service")])
    result = once(world, "glpi_assets", absent=["Computer/pc-1"])
    assert operations([result]) == ["delete asset/Computer/pc-1"]
    assert not [method for method, _ in world.writes if method == "DELETE"]
    out = world.named("State", "Sorti")["id"]
    assert world.named("Computer", "pc-1")["status"] == out
    assert once(world, "glpi_assets", absent=["Computer/pc-1"])["operations"] == []
    # It comes back on its own item, with its history.
    once(world, "glpi_assets", [pc(serial="A1", state="En stock")])
    assert world.count("Computer") == 1
    assert world.named("Computer", "pc-1")["status"] == world.named("State", "En stock")["id"]


def test_an_item_in_the_bin_is_taken_out_of_it(world: GlpiWorld) -> None:
    once(world, "glpi_assets", [pc(state="En service", trashed=False)])
    world.simulator.edit("DELETE", "Assets/Computer/1")
    once(world, "glpi_assets", [pc(state="En service", trashed=False)])
    assert world.named("Computer", "pc-1")["is_deleted"] is False


def test_a_place_or_a_state_that_glpi_lacks_is_refused_before_any_write(world: GlpiWorld) -> None:
    with pytest.raises(InvalidConfig) as raised:
        once(world, "glpi_assets", [pc(state="Inconnu", location="Ville > Nulle part"), pc("pc-2", state="Autre")])
    said = str(raised.value)
    assert all(name in said for name in ("Inconnu", "Nulle part", "Autre"))
    assert world.writes == []


def test_a_field_that_glpi_accepts_and_does_not_keep_fails_the_task(world: GlpiWorld) -> None:
    once(world, "glpi_assets", [pc(state="En service")])
    world.simulator.behaviour.set(silent=["location"])
    with pytest.raises(Diverged, match="location"):
        once(world, "glpi_assets", [pc(state="En service", location="Ville > Mairie")])


def test_a_change_of_somebody_else_since_the_plan_stops_the_task(world: GlpiWorld) -> None:
    once(world, "glpi_assets", [pc(state="En service")])
    seen: list[str] = []

    def spoil(path: str, answer: Any) -> Any:
        if path.endswith("/Assets/Computer") and not seen:
            seen.append(path)
            world.simulator.edit("PATCH", "Assets/Computer/1", {"status": {"id": 2}})
        return answer

    world.spoil = spoil
    with pytest.raises(Conflict):
        once(world, "glpi_assets", [pc(state="En service", location="Ville > Mairie")])


def test_an_older_api_pushes_neither_types_nor_models_and_says_so(world: GlpiWorld) -> None:
    world.connection["api_version"] = "2.2"
    lists = once(world, "glpi_lists", [{"list": "ComputerType", "name": "Portable"}])
    assert lists["operations"] == []
    assert "la version 2.2 de l’API n’a pas cette liste" in lists["warnings"][0]
    result = once(world, "glpi_assets", [pc(type="Portable", model="Latitude", state="En service")])
    assert operations([result]) == ["create asset/Computer/pc-1"]
    again = once(world, "glpi_assets", [pc(type="Portable", model="Latitude", state="En service")])
    assert again["operations"] == []
    assert "type n’est pas poussé" in again["warnings"][0]


@pytest.mark.parametrize("moment", breadth(["kill_after", "kill_before"], 2))
def test_a_run_killed_at_any_write_is_finished_by_the_next(moment: str, tmp_path: Path) -> None:
    whole = GlpiWorld(tmp_path / "whole")
    whole.folder.mkdir()
    jaures = {**intents()["ecole-jaures"]}
    tasks = [
        ("glpi_lists", [{"list": "State", "name": "En service"}, {"list": "Manufacturer", "name": "Cisco Meraki"}]),
        ("glpi_locations", [
            {"way": "Ville"}, {"way": "Ville > École", "code": "ecole"}, {"way": "Ville > École > B1"},
        ]),
        ("glpi_assets", [
            {**asset, "location": "Ville > École > B1", "type": None, "model": None}
            for asset in jaures["assets"][:4]
        ]),
    ]  # fmt: skip
    tasks[2] = (tasks[2][0], [{k: v for k, v in asset.items() if v is not None} for asset in tasks[2][1]])

    def play(world: GlpiWorld) -> None:
        with world.run() as run:
            for module, config in tasks:
                run.module(module, config)

    play(whole)
    count = len(whole.writes)
    assert count == 2 + 3 + 4
    expected = content(whole)
    for number in range(1, count + 1):
        world = GlpiWorld(tmp_path / f"{moment}-{number}")
        world.folder.mkdir()
        setattr(world, moment, number)
        with pytest.raises(Killed):
            play(world)
        setattr(world, moment, 0)
        play(world)
        assert content(world) == expected


def content(world: GlpiWorld) -> dict[str, list[Any]]:
    """The items by type, without what depends on the order or the hour of their creation."""
    return {
        itemtype: sorted(str({name: item[name] for name in item if "date" not in name}) for item in items.values())
        for itemtype, items in world.simulator.world.items.items()
    }


def test_a_lost_answer_to_a_creation_makes_no_double(world: GlpiWorld) -> None:
    world.simulator.faults.add("cut", method="POST", path="/Assets/Computer", when="after")
    result = once(world, "glpi_assets", [pc(state="En service")])
    assert operations([result]) == ["create asset/Computer/pc-1"]
    assert world.count("Computer") == 1


@pytest.mark.parametrize("name", breadth(["id", "name", "serial", "status", "location", "is_deleted"], 3))
def test_a_list_with_a_field_of_another_form_is_unknown(world: GlpiWorld, name: str) -> None:
    once(world, "glpi_assets", [pc(serial="A1", state="En service", location="Ville > Mairie")])
    world.requests.clear()

    def spoil(path: str, answer: Any) -> Any:
        if not path.endswith("/Assets/Computer"):
            return answer
        items = answer.document()
        items[0][name] = ["?"]
        return type(answer)(answer.status, answer.headers, json.dumps(items).encode(), answer.url)

    world.spoil = spoil
    with pytest.raises((Unreadable, PisteError)) as raised:
        once(world, "glpi_assets", [pc(serial="A1", state="En stock", location="Ville > Mairie")])
    assert raised.value.kind == "unknown"
    assert world.writes == []


@pytest.fixture
def asked(world: GlpiWorld, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Each list that is read, with its filter."""
    noted: list[tuple[str, str]] = []
    whole = Glpi._whole

    def read(glpi: Glpi, itemtype: str, query: str, *, persons: bool = False) -> list[dict[str, Any]]:
        noted.append((itemtype, query))
        return whole(glpi, itemtype, query, persons=persons)

    monkeypatch.setattr(Glpi, "_whole", read)
    return noted


def test_tasks_that_write_read_the_whole_list_once(world: GlpiWorld, asked: list[tuple[str, str]]) -> None:
    with world.run() as run:
        for number in range(5):
            run.module("glpi_assets", [pc(f"pc-{number}", state="En service", location="Ville > Mairie")])
        asked_before = len(asked)
        again = run.module("glpi_assets", [pc(f"pc-{number}", state="En service") for number in range(5)])
    assert again["operations"] == []
    assert asked.count(("Computer", "")) == 1
    assert len(asked) == asked_before


def test_what_a_task_wrote_and_did_not_verify_is_read_again(world: GlpiWorld, asked: list[tuple[str, str]]) -> None:
    with world.run() as run:
        run.module("glpi_assets", [pc("pc-1")])
        world.kill_after = len(world.writes) + 1
        with pytest.raises(Killed):
            run.module("glpi_assets", [pc("pc-2")])
        world.kill_after = 0
        assert run.module("glpi_assets", [pc("pc-2")])["operations"] == []
    assert asked.count(("Computer", "")) == 2
    assert world.count("Computer") == 2


def test_names_are_sought_in_a_list_until_they_are_found() -> None:
    def documents() -> Iterator[dict[str, Any]]:
        yield {"status": {"id": 3, "name": "En stock"}, "model": {"id": 9, "name": "M"}}
        yield {"status": {"id": 2, "name": "En service"}, "model": None}
        raise AssertionError("every name is found")

    names = Names(Mock(spec=Glpi))
    wanted = {("State", "En service"), ("ComputerModel", "M"), ("PrinterModel", "P"), ("Location", "Ville")}
    names.seek("Computer", documents(), wanted)
    assert wanted == {("PrinterModel", "P"), ("Location", "Ville")}
    assert (names.id_of("State", "En service"), names.id_of("ComputerModel", "M")) == (2, 9)
