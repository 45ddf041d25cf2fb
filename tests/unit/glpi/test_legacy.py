"""The legacy API: off by default; where the town allows it, warranties and links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_town
from piste.engine.converge.errors import Interrupted, Misused, PisteError, Unreachable
from piste.engine.transport.response import Response
from piste.systems.glpi.intent import glpi_intent
from piste.town.model.glpi import links_of
from tests.support.glpi import GlpiWorld, intents, once, operations


@pytest.fixture
def world(tmp_path: Path) -> GlpiWorld:
    made = GlpiWorld(tmp_path, legacy=True)
    for name in ("pc-1", "pc-2"):
        made.simulator.world.add("Computer", {"name": name})
    made.simulator.world.add("Appliance", {"name": "Paie"})
    made.simulator.world.add("Contract", {"name": "Matériel"})
    return made


def dated(name: str = "pc-1", **dates: Any) -> dict[str, Any]:
    return {"itemtype": "Computer", "name": name, **dates}


def test_the_town_that_does_not_allow_it_pushes_neither_warranty_nor_link() -> None:
    assert all(not whole["warranties"] and not whole["links"] for whole in intents().values())


def test_the_town_that_allows_it_pushes_dates_and_links_between_items_it_also_pushes() -> None:
    town = declared_town()
    part = {**town.commune["glpi"], "legacy": True, "links": links_of(town)}
    whole = glpi_intent({**town.commune, "glpi": part})
    assert whole["warranties"]
    ends = {end for link in whole["links"] for end in link["link"].split(" → ")}
    every = [item for owner in intents().values() for item in owner["assets"]]
    pushed = {f"{item['itemtype']} {item['name']}" for item in every}
    for itemtype, kind in (("Appliance", "appliances"), ("Certificate", "certificates"), ("Contract", "contracts")):
        pushed |= {f"{itemtype} {item['name']}" for item in whole[kind]}
    assert whole["links"]
    assert ends <= pushed


def test_a_warranty_is_written_then_changed_then_left(world: GlpiWorld) -> None:
    once(world, "glpi_warranties", [dated(warranty_until="2028-12-31", end_of_life="2030-06-30")])
    (row,) = world.simulator.world.of("Infocom").values()
    assert (row["itemtype"], row["items_id"], row["warranty_date"], row["warranty_duration"]) == (
        "Computer", 1, "2028-12-31", 0,
    )  # fmt: skip
    changed = once(world, "glpi_warranties", [dated(warranty_until="2029-12-31")])
    assert operations([changed]) == ["update warranty/Computer/pc-1"]
    assert (row["warranty_date"], row["decommission_date"]) == ("2029-12-31", "2030-06-30")
    assert once(world, "glpi_warranties", [dated(warranty_until="2029-12-31")])["operations"] == []
    # The High-Level API reads what the legacy API has written.
    shown = world.simulator.edit("GET", "Assets/Computer/1/Infocom")
    assert shown["date_warranty"] == "2029-12-31"


def test_links_are_made_once_and_a_link_by_hand_stays(world: GlpiWorld) -> None:
    world.simulator.world.add(
        "ImpactRelation",
        {"itemtype_source": "Computer", "items_id_source": 2, "itemtype_impacted": "Appliance", "items_id_impacted": 1},
    )
    asked = [{"link": "Computer pc-1 → Appliance Paie"}, {"link": "Contract Matériel → Computer pc-1"}]
    assert len(once(world, "glpi_links", asked)["operations"]) == 2
    assert once(world, "glpi_links", asked)["operations"] == []
    assert (world.count("ImpactRelation"), world.count("Contract_Item")) == (2, 1)


def test_a_link_goes_to_the_item_of_piste_and_not_to_another_of_its_name(world: GlpiWorld) -> None:
    for item in (
        {"name": "Pc-9", "is_deleted": True},
        {"name": "PC-9"},
        {"name": "x", "otherserial": "pc-8"},
        {"name": "pc-8"},
    ):
        world.simulator.world.add("Computer", item)
    asked = [{"link": "Computer pc-9 → Appliance Paie"}, {"link": "Computer pc-8 → Appliance Paie"}]
    once(world, "glpi_links", asked)
    rows = world.simulator.world.of("ImpactRelation").values()
    assert sorted(row["items_id_source"] for row in rows) == [4, 5]
    assert once(world, "glpi_links", asked)["operations"] == []


def test_an_api_that_is_off_says_where_to_turn_it_on(world: GlpiWorld) -> None:
    world.simulator.behaviour.set(legacy=False)
    with pytest.raises(Unreachable) as raised:
        once(world, "glpi_warranties", [dated(warranty_until="2028-12-31")])
    assert "Configuration > Générale > API" in raised.value.todo


@pytest.mark.parametrize("name", ["user_token", "app_token"])
def test_a_missing_token_is_refused_before_any_request_to_it(world: GlpiWorld, name: str) -> None:
    world.connection[name] = ""
    with pytest.raises(Misused, match="jetons"):
        once(world, "glpi_warranties", [dated(warranty_until="2028-12-31")])
    assert not [path for _, path in world.requests if path.startswith("v1")]


def test_a_page_that_does_not_say_how_many_there_are_is_unknown(world: GlpiWorld) -> None:
    once(world, "glpi_warranties", [dated(warranty_until="2028-12-31")])
    world.requests.clear()

    def cut(path: str, answer: Response) -> Response:
        if path.endswith("/Infocom"):
            return Response(200, {"content-type": "application/json"}, answer.body, answer.url)
        return answer

    world.spoil = cut
    with pytest.raises(PisteError, match="Content-Range") as raised:
        once(world, "glpi_warranties", [dated(warranty_until="2029-12-31")])
    assert (raised.value.kind, world.writes[1:]) == ("unknown", [])


def test_a_warranty_of_what_glpi_lacks_says_so(world: GlpiWorld) -> None:
    with pytest.raises(PisteError, match="Computer/pc-9 » n’est pas dans GLPI"):
        once(world, "glpi_warranties", [dated("pc-9", warranty_until="2028-12-31")])


def test_a_refused_write_fails_with_the_words_of_glpi(world: GlpiWorld) -> None:
    world.simulator.behaviour.set(read_only=True)
    with pytest.raises(Interrupted, match=r"403.*ERROR_RIGHT_MISSING"):
        once(world, "glpi_links", [{"link": "Computer pc-1 → Appliance Paie"}])
