"""The client of GLPI: its token, its pages, its refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Misused, Rejected, Unreachable, Unreadable
from piste.systems.glpi.client import Glpi
from tests.support.glpi import GlpiWorld, once


@pytest.fixture
def world(tmp_path: Path) -> GlpiWorld:
    return GlpiWorld(tmp_path)


def filled(world: GlpiWorld, count: int) -> None:
    for number in range(count):
        world.simulator.world.add("Phone", {"name": f"tel-{number}"})


def read(world: GlpiWorld, **changes: Any) -> list[dict[str, Any]]:
    world.connection |= changes
    with world.run():
        return Glpi(world.connection).all("Phone")


def test_a_list_is_read_to_its_end_whatever_the_page(world: GlpiWorld) -> None:
    filled(world, 250)
    world.simulator.behaviour.set(page_limit=100)
    assert len(read(world)) == 250
    assert [path for _, path in world.requests if "Phone" in path] == ["v2.3/Assets/Phone"] * 3


def test_a_total_that_is_that_of_the_page_is_no_total(world: GlpiWorld) -> None:
    filled(world, 5)
    world.simulator.behaviour.set(page_limit=2, wrong_range=True)
    assert len(read(world)) == 2  # nothing in the answer contradicts itself: only another read can
    world.spoil = lambda path, answer: type(answer)(
        206 if "Phone" in path else answer.status, answer.headers, answer.body, answer.url
    )
    with pytest.raises(Unreadable, match="partielle"):
        read(world)


def test_a_list_that_moves_between_two_pages_is_read_again(world: GlpiWorld) -> None:
    filled(world, 30)
    world.simulator.behaviour.set(page_limit=10)
    moved: list[str] = []

    def spoil(path: str, answer: Any) -> Any:
        if "Phone" in path and not moved:
            moved.append(path)
            world.simulator.edit("DELETE", "Assets/Phone/1?force=true")
            world.simulator.world.of("Phone").pop(2)
        return answer

    world.spoil = spoil
    assert {item["name"] for item in read(world)} >= {"tel-29", "tel-10", "tel-3"}


def test_an_expired_token_is_asked_for_again_once(world: GlpiWorld) -> None:
    filled(world, 1)
    with world.run():
        glpi = Glpi(world.connection)
        glpi.all("Phone")
        world.simulator.tokens.expire()
        assert len(glpi.all("Phone", fresh=True)) == 1
    assert [path for method, path in world.requests] == [
        "token", "v2.3/Assets/Phone", "v2.3/Assets/Phone", "token", "v2.3/Assets/Phone",
    ]  # fmt: skip


def test_the_processes_of_a_run_share_a_token_and_a_list(world: GlpiWorld) -> None:
    filled(world, 1)
    with world.run():
        assert Glpi(world.connection).all("Phone") == Glpi(world.connection).all("Phone")
    assert len(world.requests) == 2


@pytest.mark.parametrize("name", ["client_secret", "password", "client_id", "username"])
def test_a_refused_client_or_account_says_what_to_look_at(world: GlpiWorld, name: str) -> None:
    with pytest.raises(Unreachable, match="jeton") as raised:
        read(world, **{name: "autre"})
    assert "client OAuth" in raised.value.todo
    assert "autre" not in str(raised.value)


def test_a_right_that_lacks_says_where_to_give_it(world: GlpiWorld) -> None:
    world.simulator.behaviour.set(forbidden=["Phone"])
    with pytest.raises(Rejected, match="403") as raised:
        read(world)
    assert "profil" in raised.value.todo


def test_a_refused_body_fails_with_the_words_of_glpi(world: GlpiWorld) -> None:
    with world.run(), pytest.raises(Rejected, match="400") as raised:
        Glpi(world.connection).create("Phone", {"name": 5})
    assert "Invalid input parameters" in raised.value.why


def test_another_version_than_ours_is_refused_before_any_request(world: GlpiWorld) -> None:
    with pytest.raises(Misused, match="n’est pas une version connue"):
        read(world, api_version="3.0")
    assert world.requests == []


@pytest.mark.parametrize("name", ['o"brien', "a,b", "x);id==1", "a\\b", "é*", "%"])
def test_a_name_that_a_filter_cannot_say_is_looked_for_in_the_whole_list(world: GlpiWorld, name: str) -> None:
    queries: list[str] = []
    before = world.before
    world.before = lambda method, path, query, body: (queries.append(query), before(method, path, query, body))[1]  # type: ignore[method-assign]
    once(world, "glpi_suppliers", [{"name": name}])
    assert once(world, "glpi_suppliers", [{"name": name}])["operations"] == []
    assert world.count("Supplier") == 1
    assert not [query for query in queries if "filter" in query]


def test_persons_stay_out_of_what_a_run_keeps(world: GlpiWorld) -> None:
    world.simulator.world.add("User", {"name": "amartin"})
    world.simulator.world.add("Phone", {"name": "tel", "user": 1, "contact": "amartin", "comment": "chez A. Martin"})
    assert not {"user", "user_tech", "contact", "contact_num", "comment"} & read(world)[0].keys()


@pytest.mark.parametrize("entity", [None, 0, 3])
def test_the_entities_below_are_read_too(world: GlpiWorld, entity: int | None) -> None:
    with world.run():
        headers = Glpi({**world.connection, "entity": entity}).transport.endpoint.headers
    assert headers["GLPI-Entity-Recursive"] == "true"
    assert headers.get("GLPI-Entity") == (None if entity is None else str(entity))
