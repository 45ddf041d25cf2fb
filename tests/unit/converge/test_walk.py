"""The walk over a system in memory: it predicts, writes once, looks again, and says what it did when it is stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.converge.errors import (
    AnswerLost,
    Conflict,
    Diverged,
    Guarded,
    Interrupted,
    InvalidConfig,
    PisteError,
    Rejected,
    Unreachable,
)
from piste.converge.request import Request
from piste.converge.resource import Resource
from piste.converge.walk import converge
from tests.unit.converge.fake import Fake, System, operations, run
from tests.unit.converge.tables import EMPTY, FIXED, OWNER, SLOTS, THINGS, vault

VAULT = vault()
WANTED: list[dict[str, Any]] = [
    {"name": "a", "kind": "petit", "tags": ["X", "x", "é"], "limit": 3, "group": "agents"},
    {"name": "b", "options": {"level": 2, "depth": {"cold": True}}, "extra": {"open": True}},
    {"name": "c", "servers": [{"host": "2001:DB8::1"}], "steps": [2, 1]},
]


def old() -> System:
    return System(THINGS, [{"name": "b", **EMPTY, "options": {"level": 1}}, {"name": "vieux", **EMPTY}])


def stop_at(count: int, error: Exception) -> Any:
    def strike(now: int) -> None:
        if now == count:
            raise error

    return strike


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
        "PISTE-E022 ecole-essai : modifié par quelqu'un d'autre depuis le calcul du plan : b. Rien n'a été écrit. "
        "Relancez pour planifier sur l'état actuel."
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


@pytest.mark.parametrize("error", [Rejected("refusé"), Unreachable("ne répond pas"), KeyError("imprévu")])
def test_a_failure_in_the_middle_says_what_is_done_and_the_next_run_finishes(error: Exception) -> None:
    system = old()
    system.before_write = stop_at(2, error)
    with pytest.raises(Interrupted) as caught:
        run(system, WANTED, VAULT, state="overridden")
    stopped = caught.value
    assert (stopped.applied, stopped.failed, stopped.pending) == (("a",), ("b",), ("c", "vieux"))
    assert stopped.kind == getattr(error, "kind", "error")
    assert "appliqué (1) : a\n  en échec (1) : b\n  non tenté (2) : c, vieux" in str(stopped)
    system.before_write = lambda count: None
    assert operations(run(system, WANTED, VAULT, state="overridden")) == ["update b", "create c", "delete vieux"]
    assert not run(system, WANTED, VAULT, state="overridden")["changed"]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_neither_doubles_nor_loses(count: int, done: bool) -> None:
    system = old()
    if done:
        system.after_write = stop_at(count, AnswerLost("perdue"))
    else:
        struck: list[int] = []

        def strike(now: int) -> None:
            if now == count and not struck:
                struck.append(now)
                raise AnswerLost("perdue")

        system.before_write = strike
    result = run(system, WANTED, VAULT, state="overridden")
    assert operations(result) == ["create a", "update b", "create c", "delete vieux"]
    assert system.writes == operations(result)
    assert sorted(system.names()) == ["a", "b", "c"]
    assert not run(system, WANTED, VAULT, state="overridden")["changed"]


def test_answers_that_are_always_lost_end_in_unknown() -> None:
    system = old()

    def strike(count: int) -> None:
        raise AnswerLost("perdue")

    system.before_write = strike
    with pytest.raises(Interrupted, match="le système ne répond plus de façon fiable") as caught:
        run(system, WANTED, VAULT)
    assert (caught.value.kind, caught.value.applied, caught.value.failed) == ("unknown", (), ("a",))


def test_what_a_lost_answer_did_counts_as_applied_when_the_rest_fails() -> None:
    system = old()

    def strike(count: int) -> None:
        if count == 1:
            raise AnswerLost("perdue")

    system.after_write = strike
    system.before_write = stop_at(3, Rejected("refusé"))
    with pytest.raises(Interrupted) as caught:
        run(system, WANTED, VAULT)
    assert (caught.value.applied, caught.value.failed, caught.value.pending) == (("a", "b"), ("c",), ())


def told(error: PisteError) -> list[str]:
    """What an error tells the record of a run."""
    return operations({"operations": error.to_json().get("operations", [])})


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Rejected("refusé"), ["create a"]),
        (Unreachable("muet"), ["create a", "update b"]),
        (RuntimeError("bogue"), ["create a", "update b"]),
    ],
)
def test_an_application_that_stops_tells_what_it_did_and_what_it_may_have_done(
    error: Exception, expected: list[str]
) -> None:
    system = old()
    predicted = run(system, WANTED, VAULT, state="overridden", check=True)["operations"]
    system.before_write = stop_at(2, error)
    with pytest.raises(Interrupted) as caught:
        run(system, WANTED, VAULT, state="overridden")
    assert told(caught.value) == expected
    assert list(caught.value.operations) == predicted[: len(expected)]


def test_what_a_lost_answer_had_half_done_is_told_as_it_was_planned() -> None:
    """Looked at again, the object has less to do; what it was before is what an undo needs."""
    system = old()
    system.after_write = stop_at(1, AnswerLost("perdue"))
    system.before_write = stop_at(2, Rejected("refusé"))
    with pytest.raises(Interrupted) as caught:
        run(system, WANTED, VAULT)
    assert told(caught.value) == ["create a"]


def test_writes_that_cannot_be_verified_are_told_all_the_same() -> None:
    system = old()
    reads: list[int] = []

    def strike() -> None:
        reads.append(1)
        if len(reads) == 2:
            raise Unreachable("muet")

    system.before_fresh_read = strike
    with pytest.raises(Unreachable) as caught:
        run(system, WANTED, VAULT)
    assert told(caught.value) == ["create a", "update b", "create c"]


def test_a_refusal_before_any_write_tells_no_operation() -> None:
    system = old()
    with pytest.raises(Guarded) as caught:
        run(system, WANTED, VAULT, words={"mode:a": "x"})
    assert caught.value.to_json().keys() == {"failed", "msg", "code", "kind"}


def holding() -> Fake:
    driver = Fake(old(), VAULT)
    driver.holds = {"vieux": {"module": {"config": [{"name": "dedans"}]}}, "b": {"module": {"config": []}}}
    return driver


HELD = [{"owner": OWNER, "kind": "thing", "key": "vieux", "holds": {"module": {"config": [{"name": "dedans"}]}}}]


def test_what_a_removed_object_held_is_noted_when_it_is_removed() -> None:
    request = Request(config=WANTED[:1], owner=OWNER, vault=VAULT, absent=["vieux"])
    assert converge(holding(), replace(request, check=True))["contents"] == []
    assert converge(holding(), request)["contents"] == HELD
    stopped = holding()
    stopped.system.after_write = stop_at(2, Unreachable("muet"))
    with pytest.raises(Interrupted) as caught:
        converge(stopped, request)
    assert caught.value.to_json()["contents"] == HELD


def test_what_is_about_to_be_written_is_noted_in_the_open_record_before_the_first_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "run.open"
    record.write_text("{}\n")
    monkeypatch.setenv("PISTE_OPEN_RECORD", str(record))
    monkeypatch.setenv("PISTE_TASK", json.dumps({"host": "h", "task": "t", "module": "m"}))
    system = old()
    run(system, WANTED, VAULT, check=True)
    assert record.read_text() == "{}\n"
    lines: list[str] = []
    system.before_write = lambda count: lines.append(record.read_text().splitlines()[-1])
    done = run(system, WANTED, VAULT)["operations"]
    foreseen = {"host": "h", "task": "t", "module": "m", "operations": done, "contents": []}
    assert [json.loads(line) for line in lines] == [{"foreseen": foreseen}] * 3
    run(system, WANTED, VAULT)
    assert len(record.read_text().splitlines()) == 2


def test_a_guard_stops_the_run_before_any_write_and_its_word_opens_it() -> None:
    system = old()
    words = {"mode:b": "b est une liaison montante", "mode:a": "a aussi"}
    with pytest.raises(Guarded) as caught:
        run(system, WANTED, VAULT, words=words)
    assert str(caught.value) == (
        "PISTE-E023 ecole-essai : 2 changement(s) à confirmer, rien n'a été écrit. Si c'est voulu, confirmez-le par "
        "ces mots (confirm de la tâche, <domaine>_confirm du rôle, --confirm de piste plan) : ['mode:a', 'mode:b']"
        "\n  - mode:a : a aussi\n  - mode:b : b est une liaison montante"
    )
    assert system.writes == []
    with pytest.raises(Guarded, match=r"1 changement.*mode:b"):
        run(system, WANTED, VAULT, words=words, confirm=["mode:a"])
    checked = run(system, WANTED, VAULT, words=words, check=True)
    assert checked["withheld"] == [
        "à confirmer (mode:a) : a aussi",
        "à confirmer (mode:b) : b est une liaison montante",
    ]
    assert run(system, WANTED, VAULT, words=words, confirm=["mode"])["changed"]


def test_more_removals_than_allowed_ask_for_the_word() -> None:
    system = System(THINGS, [{"name": f"v{n}", **EMPTY} for n in range(3)])
    with pytest.raises(Guarded, match=r"3 retrait\(s\) demandé\(s\), 2 au plus sans confirmation : v0, v1, v2"):
        run(system, [], VAULT, state="overridden", max_removals=2)
    assert system.writes == []
    run(system, [], VAULT, state="overridden", max_removals=2, confirm=["removals"])
    assert system.names() == []


def test_taking_over_the_place_of_another_counts_as_a_removal() -> None:
    documents = [{"name": f"v{n}", "number": n, **EMPTY} for n in range(4)]
    system = System(SLOTS, documents)
    with pytest.raises(Guarded, match=r"1 retrait\(s\) demandé\(s\), 0 au plus sans confirmation : v2"):
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
