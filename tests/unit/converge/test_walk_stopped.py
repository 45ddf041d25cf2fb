"""A walk that is stopped: what is recorded, and what the next run does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import (
    AnswerLost,
    Conflict,
    Interrupted,
    PisteError,
    Rejected,
    Unreachable,
    Unreadable,
)
from piste.engine.converge.request import Request
from piste.engine.converge.task_log import TaskLog
from piste.engine.converge.walk import converge
from tests.unit.converge.fake import Fake, operations, run
from tests.unit.converge.tables import OWNER
from tests.unit.converge.test_walk import VAULT, WANTED, old


def stop_at(count: int, error: Exception) -> Any:
    def strike(now: int) -> None:
        if now == count:
            raise error

    return strike


@pytest.mark.parametrize("error", [Rejected("refusé"), Unreachable("ne répond pas"), RuntimeError("imprévu")])
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
@pytest.mark.parametrize("error", [AnswerLost("perdue"), Unreadable("illisible"), KeyError("id"), TypeError("null")])
def test_an_answer_that_is_lost_or_does_not_read_neither_doubles_nor_loses(
    count: int, done: bool, error: Exception
) -> None:
    system = old()
    if done:
        system.after_write = stop_at(count, error)
    else:
        struck: list[int] = []

        def strike(now: int) -> None:
            if now == count and not struck:
                struck.append(now)
                raise error

        system.before_write = strike
    if not done and count in (1, 3) and not isinstance(error, AnswerLost):
        # A creation that was answered and does not show may still come.
        with pytest.raises(Interrupted) as caught:
            run(system, WANTED, VAULT, state="overridden")
        assert caught.value.kind == "unknown"
    run(system, WANTED, VAULT, state="overridden")
    assert system.writes == ["create a", "update b", "create c", "delete vieux"]
    assert sorted(system.names()) == ["a", "b", "c"]
    assert not run(system, WANTED, VAULT, state="overridden")["changed"]


@pytest.mark.parametrize(
    "error", [AnswerLost("perdue", why="perdue"), Unreadable("illisible", why="perdue"), TypeError("perdue")]
)
def test_answers_that_are_always_lost_end_in_unknown(error: Exception) -> None:
    system = old()

    def strike(count: int) -> None:
        raise error

    system.before_write = strike
    with pytest.raises(Interrupted, match="perdue") as caught:
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


def recorded(error: PisteError) -> list[str]:
    """The operations that an error gives to the record of a run."""
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
    assert recorded(caught.value) == expected
    assert list(caught.value.operations) == predicted[: len(expected)]


def test_what_a_lost_answer_had_half_done_is_recorded_as_it_was_planned() -> None:
    """Looked at again, the object has less to do; an undo needs what it was before."""
    system = old()
    system.after_write = stop_at(1, AnswerLost("perdue"))
    system.before_write = stop_at(2, Rejected("refusé"))
    with pytest.raises(Interrupted) as caught:
        run(system, WANTED, VAULT)
    assert recorded(caught.value) == ["create a"]


def test_writes_that_cannot_be_verified_are_recorded_all_the_same() -> None:
    system = old()
    reads: list[int] = []

    def strike() -> None:
        reads.append(1)
        if len(reads) == 2:
            raise Unreachable("muet")

    system.before_fresh_read = strike
    with pytest.raises(Unreachable) as caught:
        run(system, WANTED, VAULT)
    assert recorded(caught.value) == ["create a", "update b", "create c"]


def test_a_refusal_before_any_write_tells_no_operation() -> None:
    system = old()
    system.before_fresh_read = lambda: system.add({"name": "a"}) and None
    with pytest.raises(Conflict) as caught:
        run(system, WANTED, VAULT)
    assert caught.value.to_json().keys() == {"failed", "msg", "code", "kind"}


def holding() -> Fake:
    driver = Fake(old(), VAULT)
    driver.holds = {"vieux": {"module": {"config": [{"name": "dedans"}]}}, "b": {"module": {"config": []}}}
    return driver


CONTENTS = [{"owner": OWNER, "kind": "thing", "key": "vieux", "holds": {"module": {"config": [{"name": "dedans"}]}}}]


def test_the_contents_of_an_object_are_noted_when_it_is_removed() -> None:
    request = Request(config=WANTED[:1], owner=OWNER, vault=VAULT, absent=["vieux"])
    assert converge(holding(), replace(request, check=True))["contents"] == []
    assert converge(holding(), request)["contents"] == CONTENTS
    stopped = holding()
    stopped.system.after_write = stop_at(2, Unreachable("muet"))
    with pytest.raises(Interrupted) as caught:
        converge(stopped, request)
    assert caught.value.to_json()["contents"] == CONTENTS


def test_what_is_about_to_be_written_is_noted_in_the_open_record_before_the_first_write(tmp_path: Path) -> None:
    record = tmp_path / "run.open"
    record.write_text("{}\n")
    log = TaskLog(record=record, task={"host": "h", "task": "t", "module": "m"})
    system = old()
    run(system, WANTED, VAULT, check=True, log=log)
    assert record.read_text() == "{}\n"
    lines: list[str] = []
    system.before_write = lambda count: lines.append(record.read_text().splitlines()[-1])
    done = run(system, WANTED, VAULT, log=log)["operations"]
    foreseen = {"host": "h", "task": "t", "module": "m", "operations": done, "contents": []}
    assert [json.loads(line) for line in lines] == [{"foreseen": foreseen}] * 3
    run(system, WANTED, VAULT, log=log)
    assert len(record.read_text().splitlines()) == 2
