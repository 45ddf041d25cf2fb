"""Changes that await a word: those that wait with them, the rest that is written, the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from piste.engine.converge.allowed import Allowed
from piste.engine.converge.errors import AnswerLost, Conflict, Guarded, Rejected
from piste.engine.converge.plan import Operation, Plan
from piste.engine.converge.request import Request
from piste.engine.converge.waiting import Holding, Waiting
from piste.engine.converge.walk import Walk, converge
from tests.unit.converge.fake import Fake, System, operations, run
from tests.unit.converge.tables import EMPTY, SLOTS, THINGS, vault

VAULT = vault()
WANTED: list[dict[str, Any]] = [
    {"name": "a", "kind": "petit"},
    {"name": "b", "options": {"level": 2}},
    {"name": "c", "title": "autre"},
]
WORD = {"mode:b": "b est une liaison montante"}


def old() -> System:
    return System(THINGS, [{"name": "b", **EMPTY, "options": {"level": 1}}, {"name": "vieux", **EMPTY}])


def partial(system: System, config: Sequence[Any], **options: Any) -> Guarded:
    with pytest.raises(Guarded) as caught:
        run(system, config, VAULT, **options)
    return caught.value


def waiting(error: Guarded) -> dict[str, str]:
    return {described["key"]: described["waiting"] for described in error.waiting}


def test_what_awaits_a_word_waits_and_the_rest_is_written() -> None:
    system = old()
    error = partial(system, WANTED, words=WORD)
    assert (error.code, error.kind) == ("PISTE-E023", "partial")
    assert system.writes == ["create a", "create c"]
    assert [described["key"] for described in error.operations] == ["a", "c"]
    assert waiting(error) == {"b": "attend mode:b"}
    assert str(error) == (
        "PISTE-E023 ecole-essai : 1 changement à confirmer, le reste est écrit. Si c’est voulu, confirmez-le par "
        "ces mots (confirm de la tâche, <domaine>_confirm du rôle, --confirm de piste plan) : ['mode:b']"
        "\n  - mode:b : b est une liaison montante"
    )


def test_a_second_run_is_still_partial_and_writes_nothing_and_the_word_finishes_it() -> None:
    system = old()
    partial(system, WANTED, words=WORD)
    again = partial(system, WANTED, words=WORD)
    assert (again.kind, again.operations, list(waiting(again))) == ("partial", (), ["b"])
    assert "rien n’a été écrit" in again.what
    assert system.writes == ["create a", "create c"]
    assert operations(run(system, WANTED, VAULT, words=WORD, confirm=["mode:b"])) == ["update b"]
    assert run(system, WANTED, VAULT, words=WORD)["changed"] is False


def test_an_object_to_repair_waits_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live object that is not whole is always to change: the plan without it ends without it."""
    system = System(replace(THINGS, repairs="tags"), [{"name": "b", **EMPTY, "tags": ["défaut"]}])
    plans: list[object] = []
    again = Walk.without

    def counted(walk: Walk, kept: Sequence[Operation]) -> Plan:
        plans.append(kept)
        assert len(plans) < 5, "the same plan comes again and again"
        return again(walk, kept)

    monkeypatch.setattr(Walk, "without", counted)
    error = partial(system, WANTED, words=WORD)
    assert (system.writes, list(waiting(error))) == (["create a", "create c"], ["b"])
    assert system.named("b")["tags"] == ["défaut"]


def test_a_lost_answer_gives_nothing_back_to_what_waits() -> None:
    """Somebody changes the object that waits while the rest is written: it is planned by nobody."""
    system = old()

    def strike(count: int) -> None:
        if count == 1:
            system.named("b")["options"]["level"] = 3
            raise AnswerLost("perdue")

    system.after_write = strike
    partial(system, WANTED, words=WORD)
    assert (system.writes, system.named("b")["options"]["level"]) == (["create a", "create c"], 3)


def test_check_says_what_the_run_does_and_what_it_holds_back() -> None:
    system = old()
    checked = run(system, WANTED, VAULT, words=WORD, check=True)
    assert operations(checked) == ["create a", "update b", "create c"]
    assert checked["withheld"] == ["à confirmer (mode:b) : b est une liaison montante"]
    assert [o.get("words") for o in checked["operations"]] == [None, ["mode:b"], None]
    assert [entry["before_header"] for entry in checked["diff"]] == ["thing a (création)", "thing c (création)"]
    done = partial(system, WANTED, words=WORD)
    assert [o for o in checked["operations"] if "waiting" not in o] == list(done.operations)
    assert [o for o in checked["operations"] if "waiting" in o] == list(done.waiting)


def test_an_owner_that_awaits_a_word_loses_nothing() -> None:
    system = old()
    error = partial(system, WANTED, words=WORD, state="overridden")
    assert system.names() == ["b", "vieux", "a", "c"]
    assert waiting(error)["vieux"].startswith("rien n’est retiré")
    assert "\n  - retenu : - thing vieux, rien n’est retiré" in str(error)
    gone = run(system, WANTED, VAULT, words=WORD, state="overridden", confirm=["mode"])
    assert operations(gone) == ["update b", "delete vieux"]


def test_a_slot_is_not_taken_from_another_while_something_waits() -> None:
    system = System(SLOTS, [{"name": f"v{n}", "number": n, **EMPTY} for n in range(4)])
    config = [{"name": "v0", "title": "x"}, {"name": "v1", "title": "y"}, {"name": "neuf", "number": 2}]
    error = partial(system, config, words={"mode:v0": "v0 porte tout"}, absent=["v2"])
    assert system.writes == ["update v1"]
    assert sorted(waiting(error)) == ["neuf", "v0"]


def test_what_names_an_object_that_waits_does_too_and_so_does_what_names_that() -> None:
    config = [*WANTED, {"name": "d", "title": "b"}, {"name": "e", "tags": ["d"]}]
    error = partial(old(), config, words=WORD)
    assert waiting(error) == {
        "b": "attend mode:b",
        "d": "repose sur thing b, qui attend",
        "e": "repose sur thing d, qui attend",
    }


def test_a_word_that_names_no_object_is_about_all_of_them() -> None:
    class Whole(Fake):
        def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
            return {"mode": "tout dépend de lui"}

    system = old()
    request = Request(config=WANTED, owner="ecole-essai", vault=VAULT)
    assert converge(Whole(system, VAULT), request)["operations"] == []
    assert len(request.holding.waiting) == 3
    assert system.writes == []


def test_operations_that_stand_together_wait_together() -> None:
    class Together(Fake):
        together = True

    system = old()
    request = Request(config=WANTED, owner="ecole-essai", vault=VAULT)
    assert converge(Together(system, VAULT, WORD), request)["operations"] == []
    assert [change.words for change in request.holding.waiting].count(("mode:b",)) == 1
    assert system.writes == []


class Paired(Fake):
    """`c` is not possible without the change of `b`."""

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        keys = {operation.key for operation in operations}
        if "c" in keys and "b" not in keys:
            raise Rejected("c demande b")
        return super().guarded(operations)


def test_where_the_rest_does_not_pass_alone_nothing_is_written() -> None:
    system = old()
    with pytest.raises(Guarded, match=r"mode:b") as caught:
        converge(Paired(system, VAULT, WORD), Request(config=WANTED, owner="ecole-essai", vault=VAULT))
    assert (caught.value.kind, system.writes) == ("refused", [])
    assert "Sans eux, le reste ne passe pas : c demande b." in str(caught.value)
    request = Request(config=WANTED, owner="ecole-essai", vault=VAULT, check=True)
    checked = converge(Paired(system, VAULT, WORD), request)
    assert (len(checked["operations"]), checked["diff"]) == (3, [])
    assert all(described["waiting"] for described in checked["operations"])


def test_a_refusal_of_validity_stops_everything_whatever_waits() -> None:
    class Invalid(Fake):
        def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
            raise Rejected("impossible")

    system = old()
    with pytest.raises(Rejected):
        converge(Invalid(system, VAULT), Request(config=WANTED, owner="ecole-essai", vault=VAULT))
    assert system.writes == []


def test_a_later_kind_of_the_task_waits_for_what_an_earlier_kind_did_not_make() -> None:
    made = {"system": THINGS.system, "owner": "ecole-essai", "kind": "boîte", "key": "q1"}
    request = Request(config=[{"name": "x", "title": "q1"}, {"name": "y"}], owner="ecole-essai", vault=VAULT)
    operation = Operation(**made, action="create", before=None, after={"name": "q1"})
    request.holding.waiting.append(Waiting(operation, "attend"))
    system = old()
    result = converge(Fake(system, VAULT), request)
    assert operations(result) == ["create y"]
    assert result["withheld"] == ["thing x : repose sur boîte q1, qui attend"]


def test_removals_wait_for_what_the_owner_awaits_elsewhere_in_the_run() -> None:
    system = old()
    error = partial(system, WANTED, state="overridden", holding=Holding(awaited=True))
    assert sorted(system.names()) == ["a", "b", "c", "vieux"]
    assert list(waiting(error)) == ["vieux"]
    assert error.what == "1 changement retenu, le reste est écrit"


def test_what_finishes_a_domain_waits_for_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fake, "finishes", True)
    system = old()
    error = partial(system, WANTED, holding=Holding(unfinished=True))
    assert (error.kind, sorted(waiting(error)), system.writes) == ("partial", ["a", "b", "c"], [])
    partial(system, WANTED, words=WORD)
    assert system.writes == []
    monkeypatch.setattr(Fake, "finishes", False)
    assert len(operations(run(system, WANTED, VAULT, holding=Holding(unfinished=True)))) == 3


def test_a_saved_plan_lets_wait_what_it_shows_so() -> None:
    system = old()
    saved = Allowed(run(system, WANTED, VAULT, words=WORD, check=True)["operations"])
    assert saved.kinds_of("ecole-essai") == {"thing"}
    with pytest.raises(Conflict, match=r"ne prévoit pas : b"):
        run(system, WANTED, VAULT, words=WORD, confirm=["mode"], allowed=saved)
    assert system.writes == []
    assert partial(system, WANTED, words=WORD, allowed=saved).kind == "partial"
    assert system.writes == ["create a", "create c"]
    with pytest.raises(Conflict, match=r"ne prévoit pas : a"):
        run(old(), WANTED, VAULT, words={"mode:a": "a aussi", **WORD}, allowed=saved)


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("when", ["before_write", "after_write"])
def test_a_partial_run_that_is_killed_is_finished_by_running_it_again(at: int, when: str) -> None:
    class Killed(BaseException):
        pass

    def kill(count: int) -> None:
        if count == at:
            raise Killed

    system = old()
    setattr(system, when, kill)
    with pytest.raises(Killed):
        run(system, WANTED, VAULT, words=WORD)
    setattr(system, when, lambda count: None)
    assert list(waiting(partial(system, WANTED, words=WORD))) == ["b"]
    assert sorted(system.names()) == ["a", "b", "c", "vieux"]
    assert run(system, WANTED, VAULT, words=WORD, confirm=["mode"])["changed"]
    assert run(system, WANTED, VAULT, words=WORD)["changed"] is False
