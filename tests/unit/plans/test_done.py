"""Work done by a plan or a run, from the journal: altered is refused, doubtful is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Missing
from piste.runs.plans import saved
from piste.runs.plans.done import NotTakenBack, what_was_done
from piste.runs.records import journal as records
from piste.runs.records.chain import OpenRun, encode, read_sealed, seal, unseal
from piste.runs.records.record import compose
from tests.unit.plans.plans import operation as planned
from tests.unit.plans.plans import plan
from tests.unit.records.made import chain_of, header, operation, run, task

FIRST, SECOND, THIRD = (f"20261124T{number:06}Z-{number:06x}" for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path / "plans"))
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path / "locks"))
    monkeypatch.setattr(saved, "commit", lambda: ("c0ffee", True))
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: "d")
    return tmp_path / "journal"


def keys(operations: list[dict[str, Any]]) -> list[str]:
    return [described["key"] for described in operations]


def named(key: str) -> dict[str, Any]:
    return task(operations=[operation(key)])


def test_a_run_has_done_what_its_tasks_wrote_and_not_what_they_only_tried(journal: Path) -> None:
    holds = [{"owner": "ecole-jaures", "kind": "network", "key": "VLB", "holds": {}}]
    tried = {**named("essai"), "check": True}
    run(journal, 1, {**named("un"), "contents": holds}, tried, named("deux"), environment="production")
    done = what_was_done(FIRST[:16])
    assert (done.name, done.environment, keys(done.operations)) == (FIRST, "production", ["un", "deux"])
    assert (done.contents, done.remarks) == (holds, [])


def test_a_trial_has_done_nothing_and_that_is_said(journal: Path) -> None:
    run(journal, 1, {**task(), "check": True})
    done = what_was_done(FIRST)
    assert (done.operations, done.remarks) == ([], ["cette exécution était un essai (--check) : elle n’a rien écrit"])


def test_an_access_that_was_withdrawn_is_taken_back_as_any_other_change(journal: Path) -> None:
    gone = {**operation("prestataire"), "kind": "administrator", "system": "smc"}
    run(journal, 1, task(operations=[operation("un"), gone]))
    done = what_was_done(FIRST)
    assert (keys(done.operations), done.remarks) == (["un", "prestataire"], [])


STOPPED = "ecole-jaures / meraki_ssids : tâche {}, 1 opération reprise, faite en tout ou en partie"


def test_a_task_that_stopped_is_taken_back_for_what_it_had_done_and_that_is_said(journal: Path) -> None:
    run(journal, 1, task("failed", operations=[operation("un")], code="PISTE-E025", kind="unknown"), task("failed"))
    done = what_was_done(FIRST)
    assert (keys(done.operations), done.remarks) == (["un"], [STOPPED.format("arrêtée en route")])


@pytest.fixture
def opened(journal: Path) -> Iterator[OpenRun]:
    """Open the record of a run that goes on: a task has ended, another is writing."""
    going = chain_of(journal).start(header(3))
    foreseen = {"host": "ecole-jaures", "task": "t", "module": "meraki_ssids", "operations": [operation("en cours")]}
    going.add({"task": named("fini")})
    going.add({"foreseen": foreseen})
    yield going
    going.handle.close()


def test_a_run_that_is_going_on_is_not_taken_back(opened: OpenRun) -> None:
    with pytest.raises(NotTakenBack, match=f"{THIRD} : cette exécution n’est pas finie") as refusal:
        what_was_done(THIRD)
    assert refusal.value.kind == "refused"


def test_a_plan_that_is_being_applied_is_not_taken_back(journal: Path) -> None:
    made = plan(planned("a"))
    saved.write(made)
    going = chain_of(journal).start({**header(1), "plan": made["id"]})
    with pytest.raises(NotTakenBack, match="n’est pas finie"):
        what_was_done(made["id"])
    going.handle.close()
    assert keys(what_was_done(made["id"]).operations) == ["a"]


def test_the_records_are_read_as_often_for_a_plan_of_many_runs_as_for_a_plan_of_one(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(planned("a"))
    saved.write(made)
    read: list[str] = []

    def counted(path: Path, shape: Any) -> Any:
        read.append(path.stem)
        return read_sealed(path, shape)

    monkeypatch.setattr(records, "read_sealed", counted)
    counts = []
    for number in (1, 2, 3):
        applied(journal, number, made, task(operations=[planned("a")]))
        read.clear()
        assert keys(what_was_done(made["id"]).operations) == ["a"]
        counts.append(read.count(FIRST))
    assert counts == [2, 2, 2], "once to find the runs of the plan, once to follow the chain"


def test_a_run_that_was_killed_is_closed_and_what_it_was_at_counts_as_done(opened: OpenRun) -> None:
    opened.handle.close()
    done = what_was_done(THIRD)
    assert keys(done.operations) == ["fini", "en cours"]
    assert done.remarks == [
        "cette exécution a été interrompue : ce qu’elle avait fait ou commencé est repris",
        STOPPED.format("tuée en pleine écriture"),
    ]


@pytest.mark.parametrize(("altered", "refused"), [(FIRST, False), (SECOND, True), (THIRD, True), ("head", True)])
def test_a_record_that_the_journal_no_longer_vouches_for_is_refused(altered: str, refused: bool, journal: Path) -> None:
    """Earlier records of the chain do not matter; later records and the head do."""
    for number in (1, 2, 3):
        run(journal, number)
    path = chain_of(journal).folder / f"{altered}.json"
    content = path.read_bytes()
    at = content.index(b"Z-") + 2
    path.write_bytes(content[:at] + b"f" + content[at + 1 :])
    if not refused:
        assert keys(what_was_done(SECOND).operations) == ["VLB-Agents"]
        return
    with pytest.raises(NotTakenBack, match="a été altérée : rien n’est repris d’elle") as refusal:
        what_was_done(SECOND)
    assert f"lab/poste/{altered}.json : altéré" in refusal.value.todo


def test_a_record_that_was_rewritten_whole_with_a_right_hash_is_refused(journal: Path) -> None:
    run(journal, 1)
    run(journal, 2)
    path = chain_of(journal).folder / f"{FIRST}.json"
    path.write_bytes(encode(seal({**unseal(path.read_bytes()), "user": "personne"})))
    with pytest.raises(NotTakenBack, match="altérée"):
        what_was_done(FIRST)


def test_what_is_neither_a_plan_nor_a_run_is_an_error() -> None:
    made = plan()
    saved.write(made)
    with pytest.raises(Missing, match=rf"aucune exécution de ce nom.*Les derniers plans : {made['id']}"):
        what_was_done("rien")


def applied(journal: Path, number: int, made: dict[str, Any], *tasks: dict[str, Any]) -> None:
    head = {**header(number), "plan": made["id"]}
    chain = chain_of(journal)
    chain.finish(chain.start(head), compose(head, tasks, "d", "2026-11-24T10:01:00Z"))


def test_of_a_plan_what_its_applications_did_is_taken_back(journal: Path) -> None:
    made = plan(planned("a"), planned("b"), planned("c"))
    saved.write(made)
    for number, key in ((1, "a"), (2, "c")):
        applied(journal, number, made, task(operations=[planned(key)]))
    run(journal, 3, task(operations=[planned("b")]))
    done = what_was_done(made["id"])
    assert (keys(done.operations), done.remarks) == (["a", "c"], [])


def test_of_a_plan_that_was_not_applied_no_account_is_given_back(journal: Path) -> None:
    gone = {**planned("prestataire"), "kind": "administrator", "system": "smc"}
    made = plan(planned("a"), gone)
    saved.write(made)
    done = what_was_done(made["id"])
    assert keys(done.operations) == ["a"]
    assert "aucun n’est rendu ni repris" in done.remarks[-1]


def test_a_plan_that_the_journal_does_not_know_or_knows_falsely_is_taken_back_whole_and_that_is_said(
    journal: Path,
) -> None:
    made = plan(planned("a"), planned("b"))
    saved.write(made)
    done = what_was_done(made["id"])
    whole = "l’inverse est celui du plan entier"
    assert (keys(done.operations), done.remarks) == (["a", "b"], [f"aucune application n’est au journal : {whole}"])
    applied(journal, 1, made, task(operations=[planned("a")]))
    path = chain_of(journal).folder / f"{FIRST}.json"
    path.write_text(path.read_text("utf-8").replace("marie", "jeanne"), "utf-8")
    done = what_was_done(made["id"])
    assert (keys(done.operations), done.remarks) == (["a", "b"], [f"la trace {FIRST} a été altérée : {whole}"])


def test_a_plan_that_was_altered_is_refused() -> None:
    made = plan(planned("a"))
    path = saved.write(made)
    saved.write_json({**saved.sealed(made), "environment": "production"}, path)
    with pytest.raises(saved.StalePlan, match="a été modifié depuis"):
        what_was_done(made["id"])


@pytest.mark.parametrize(
    "changes",
    [
        {"operations": [operation(kind="inconnu")]},
        {"operations": [operation(owner="@/etc/passwd")]},
        {"operations": [operation(owner="all:!mairie")]},
        {"contents": [{"owner": "a", "kind": "network", "key": "a", "holds": {"../x": {"config": []}}}]},
        {"contents": [{"owner": "a", "kind": "network", "key": "a", "holds": {"meraki_ssids": {"config": ["x"]}}}]},
    ],
)
def test_a_record_of_what_nobody_knows_is_not_taken_back(changes: dict[str, Any], journal: Path) -> None:
    run(journal, 1, {**task(), **changes})
    with pytest.raises(NotTakenBack, match="la trace parle de ce que Piste ne connaît pas") as refusal:
        what_was_done(FIRST)
    assert refusal.value.kind == "refused"


def test_a_record_of_no_environment_of_ours_is_not_taken_back(journal: Path) -> None:
    run(journal, 1, environment="inventaire-à-moi")
    with pytest.raises(NotTakenBack, match="ne connaît pas : inventaire-à-moi"):
        what_was_done(FIRST)
