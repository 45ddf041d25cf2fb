"""The walk over a system in memory: it predicts, writes once, looks again, reports a stop."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.errors import (
    Conflict,
    Diverged,
    Guarded,
    InvalidConfig,
)
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Resource
from piste.engine.converge.walk import converge
from tests.unit.converge.fake import Fake, System, operations, run
from tests.unit.converge.tables import EMPTY, FIXED, SLOTS, THINGS, vault

VAULT = vault()
WANTED: list[dict[str, Any]] = [
    {"name": "a", "kind": "petit", "tags": ["X", "x", "é"], "limit": 3, "group": "agents"},
    {"name": "b", "options": {"level": 2, "depth": {"cold": True}}, "extra": {"open": True}},
    {"name": "c", "servers": [{"host": "2001:DB8::1"}], "steps": [2, 1]},
]


def old() -> System:
    return System(THINGS, [{"name": "b", **EMPTY, "options": {"level": 1}}, {"name": "vieux", **EMPTY}])


@pytest.mark.parametrize("state", ["merged", "replaced", "overridden", "deleted"])
@pytest.mark.parametrize(
    ("resource", "config"),
    [
        (THINGS, WANTED),
        (SLOTS, WANTED),
        (FIXED, [{"box": "q1", "port_id": "1", "mode": "closed"}]),
    ],
)
def test_check_writes_nothing_and_predicts_the_run_and_the_second_run_is_empty(
    resource: Resource, config: list[dict[str, Any]], state: str
) -> None:
    documents = {
        "thing": [{"name": "b", **EMPTY}, {"name": "vieux", **EMPTY}],
        "place": [{"name": "b", "number": 0, **EMPTY}, {"name": "vieux", "number": 1, **EMPTY, "active": True}],
        "port": [{"box": "Q1", "portId": n, **EMPTY, "title": "t"} for n in ("1", "2")],
    }[resource.name]
    system = System(resource, documents)
    checked = run(system, config, VAULT, state=state, check=True)
    assert system.writes == []
    assert checked["changed"]
    done = run(system, config, VAULT, state=state)
    assert done["operations"] == checked["operations"]
    assert done["diff"] == checked["diff"]
    assert system.writes == operations(checked)
    again = run(system, config, VAULT, state=state)
    assert (again["changed"], again["operations"], again["diff"]) == (False, [], [])
    assert system.writes == operations(checked)


def test_operations_come_in_the_order_of_the_declaration_with_removals_last() -> None:
    system = old()
    result = run(system, WANTED, VAULT, state="overridden")
    assert operations(result) == ["create a", "update b", "create c", "delete vieux"]
    assert result["summary"] == ["+ thing a", "~ thing b : options, extra", "+ thing c", "- thing vieux"]
    assert system.names() == ["b", "a", "c"]


def test_check_announces_what_later_tasks_must_count_with() -> None:
    driver = Fake(old(), VAULT)
    converge(driver, Request(config=WANTED, vault=VAULT, check=True))
    assert driver.announced == ["a", "b", "c"]


def test_a_document_of_its_own_is_read_only_where_declared() -> None:
    system = old()
    run(system, [{"name": "b", "extra": {"open": True}}], VAULT)
    assert system.named("b")["part:extra"] == {"open": True}
    assert operations(run(system, [{"name": "b", "limit": 1}], VAULT, state="replaced")) == ["update b"]
    assert system.named("b")["part:extra"] == {"open": True}


def test_an_edit_between_reading_and_writing_stops_everything() -> None:
    system = old()

    def edit() -> None:
        system.named("b")["options"]["level"] = 7

    system.before_fresh_read = edit
    with pytest.raises(Conflict) as caught:
        run(system, WANTED, VAULT)
    assert str(caught.value) == (
        "PISTE-E022 ecole-essai : modifié par quelqu’un d’autre depuis le calcul du plan : b. Rien n’a été écrit. "
        "Relancez pour planifier sur l’état actuel."
    )
    assert system.writes == []


def test_an_object_that_appears_between_reading_and_writing_is_not_created_twice() -> None:
    system = old()
    system.before_fresh_read = lambda: system.add({"name": "a"}) and None
    with pytest.raises(Conflict, match="a"):
        run(system, WANTED, VAULT)
    assert system.writes == []


def test_an_edit_of_what_nobody_declares_is_no_conflict() -> None:
    system = old()

    def edit() -> None:
        system.named("b")["title"] = "autre"

    system.before_fresh_read = edit
    assert run(system, WANTED, VAULT)["changed"]
    assert system.named("b")["title"] == "autre"


def test_a_rehearsal_refuses_as_the_run_does_and_does_nothing_else() -> None:
    system, words = old(), {"mode:a": "a est une liaison montante"}
    with pytest.raises(InvalidConfig):
        run(system, [{"name": "a", "kind": "inconnu"}], VAULT, rehearsal=True)
    nothing = {"changed": False, "operations": [], "rehearsal": True}
    assert run(system, WANTED, VAULT, words=words, rehearsal=True) == nothing
    reads = system.reads
    assert run(system, WANTED, VAULT, words=words, rehearsal=True, check=True) == nothing
    assert (system.writes, system.reads) == ([], reads)


def test_more_removals_than_allowed_ask_for_the_word() -> None:
    system = System(THINGS, [{"name": f"v{n}", **EMPTY} for n in range(3)])
    with pytest.raises(Guarded, match=r"3 retraits demandés, 2 au plus sans confirmation : v0, v1, v2"):
        run(system, [], VAULT, state="overridden", max_removals=2)
    assert system.writes == []
    run(system, [], VAULT, state="overridden", max_removals=2, confirm=["removals"])
    assert system.names() == []


def test_taking_over_the_place_of_another_counts_as_a_removal() -> None:
    documents = [{"name": f"v{n}", "number": n, **EMPTY} for n in range(4)]
    system = System(SLOTS, documents)
    with pytest.raises(Guarded, match=r"1 retrait demandé, 0 au plus sans confirmation : v2"):
        run(system, [{"name": "neuf", "number": 2}], VAULT, absent=["v2"], max_removals=0)
    assert system.writes == []


def test_a_value_that_the_system_keeps_otherwise_is_an_error() -> None:
    system = old()

    def keeps(document: dict[str, Any]) -> None:
        if document.get("limit"):
            document["limit"] = 1

    system.keeps = keeps
    with pytest.raises(Diverged) as caught:
        run(system, WANTED, VAULT)
    assert "mais le système a gardé autre chose : a (limit)." in str(caught.value)


@pytest.mark.parametrize(("field", "value"), [("limit", 7), ("title", "d’ailleurs")])
def test_a_value_that_is_neither_the_old_nor_the_written_value_is_of_somebody_else(field: str, value: Any) -> None:
    system = System(THINGS, [{"name": "b", **EMPTY, "limit": 1, "title": "t"}])
    system.after_write = lambda count: system.named("b").update({field: value})
    with pytest.raises(Diverged) as caught:
        run(system, [{"name": "b", "limit": 3, "title": "t"}], VAULT)
    assert f"De b ({field}), ce qui s’y lit n’est ni l’ancienne valeur ni celle qui a été écrite" in str(caught.value)
    assert "quelqu’un d’autre a écrit" in str(caught.value)
    system = System(THINGS, [{"name": "b", **EMPTY, "limit": 1}])
    system.after_write = lambda count: system.named("b").update({"limit": 1})
    with pytest.raises(Diverged, match="n’est sans doute pas admise"):
        run(system, [{"name": "b", "limit": 3}], VAULT)


def test_an_object_that_waits_for_another_is_left_alone_and_listed() -> None:
    system = old()
    waits = {"a": "attend son groupe", "b": "attend son groupe"}
    result = run(system, WANTED[:2], VAULT, waits=waits, state="overridden")
    assert operations(result) == ["delete vieux"]
    assert result["withheld"] == ["thing a, b : chacun attend son groupe, laissé tel quel"]


def test_an_object_both_declared_and_absent_is_refused() -> None:
    system = old()
    with pytest.raises(InvalidConfig) as caught:
        run(system, WANTED, VAULT, absent=["b"])
    assert [str(fault) for fault in caught.value.faults] == ["absent[b] : déclaré aussi dans config"]
    assert system.reads == 0


@pytest.mark.parametrize("options", [{"absent": ["q1/2"]}, {"state": "overridden"}])
def test_a_fixed_object_that_only_its_absence_names_is_reset_and_read_again(options: dict[str, Any]) -> None:
    system = System(FIXED, [{"box": "Q1", "portId": n, **EMPTY, "title": "t"} for n in ("1", "2")])
    result = run(system, [{"box": "Q1", "port_id": "1", "title": "t"}], VAULT, **options)
    assert operations(result) == ["reset Q1/2"]
    assert [document["title"] for document in system.documents.values()] == ["t", ""]


def test_gathered_then_replaced_changes_nothing_and_writes_nothing() -> None:
    system = old()
    run(system, WANTED, VAULT)
    before = list(system.writes)
    gathered = run(system, [], VAULT, state="gathered")["gathered"]
    assert sorted(item["name"] for item in gathered) == ["a", "b", "c", "vieux"]
    again = run(system, gathered, VAULT, state="replaced")
    assert (again["changed"], again["warnings"]) == (False, again["withheld"])
    assert system.writes == before


def test_gathered_wiped_and_replayed_gives_the_same_again() -> None:
    system = old()
    run(system, WANTED[:2], VAULT)
    gathered = run(system, [], VAULT, state="gathered")["gathered"]
    empty = System(THINGS)
    run(empty, gathered, VAULT)
    assert run(empty, [], VAULT, state="gathered")["gathered"] == gathered
