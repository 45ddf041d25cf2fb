"""A restore test from end to end: every refusal, every failure, a kill at every step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Misused, PisteError
from piste.engine.converge.locks import Busy, locked
from piste.runs.plans.keys import NoKey
from piste.trials.restore.method import STEPS, Answer, Refused
from piste.trials.restore.results import RESULT, UnreadableResult, results
from piste.trials.restore.run import Remains, check, clean, run
from piste.trials.restore.state import folder, left_open
from tests.support.inprocess import Killed
from tests.support.restores import COPY, NOW, TEST, Folder, given, silent

OTHER = f"{TEST['name']}-autre"


def kept() -> list[str]:
    return [result.outcome for result, _ in results("lab")]


def test_a_test_restores_probes_removes_and_keeps_its_proof(system: Path) -> None:
    result, place = run(TEST, given())
    assert (result.outcome, result.reason, result.left) == ("proven", "", [])
    assert [step.step for step in result.steps] == list(STEPS)
    assert result.rto_seconds == pytest.approx(sum(step.seconds for step in result.steps[1:-1]))
    assert result.rpo_seconds == 2 * 3600
    assert (result.rehearsal, result.isolation) == ("au laboratoire", "un dossier à part")
    assert result.copied == COPY
    [test] = result.tests
    assert [proof.file for proof in test.evidence] == ["01.json"]
    assert (place / "01.json").is_file()
    assert [*system.iterdir()] == []
    assert left_open("lab") == []
    assert sorted(path.name for path in place.parent.iterdir()) == sorted([result.id, "lock"])


def test_in_production_only_a_stand_in_is_a_rehearsal(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    assert run(TEST, replace(given(), environment="production"))[0].rehearsal == ""
    prepare = Folder.prepare
    monkeypatch.setattr(Folder, "prepare", lambda self, context: replace(prepare(self, context), rehearsal=True))
    assert "simulé" in run(TEST, replace(given(), environment="production"))[0].rehearsal


def test_every_reason_not_to_begin_is_said_at_once_and_nothing_is_made(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {**COPY, "taken_at": "2026-11-26T06:00:00Z", "state": "failed"}
    monkeypatch.setattr(Folder, "copy", old)
    monkeypatch.setattr(Folder, "faults", ("le réseau n’est pas isolé", "il manque 3 Gio de place"))
    for attempt in (check, run):
        with pytest.raises(Refused) as said:
            attempt(TEST, given())
        text = str(said.value)
        assert text.startswith("PISTE-E135")
        assert all(word in text for word in ("isolé", "3 Gio", "la copie a échoué", "50 heures, plus que les 24"))
    assert [*system.iterdir()] == []
    assert left_open("lab") == []
    assert kept() == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"state": "unknown"}, "n’est pas connu"),
        ({"taken_at": "2026-11-29T06:00:00Z"}, "futur"),
        ({"taken_at": "2026-11-27T07:59:00Z"}, "24 heures, plus que"),
    ],
)
def test_a_copy_that_proves_nothing_is_refused(
    system: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], word: str
) -> None:
    monkeypatch.setattr(Folder, "copy", {**COPY, **change})
    with pytest.raises(Refused, match=word):
        run(TEST, given())


def test_a_method_may_have_no_copy(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Folder, "copy", None)
    result, _ = run(TEST, given())
    assert (result.outcome, result.copied, result.rpo_seconds) == ("proven", None, None)


def test_check_makes_nothing(system: Path) -> None:
    assert check(TEST, given()).how == "un dossier à part"
    assert [*system.iterdir()] == []
    assert not folder("lab").exists()


@pytest.mark.parametrize("step", ["restore", "restored", "start", "wait", "probe"])
@pytest.mark.parametrize("error", [Misused("non"), silent(), OSError("plus de place")])
def test_a_step_that_fails_is_the_last_and_what_was_made_goes(
    system: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    monkeypatch.setattr(Folder, "fails", {step: error})
    result, _ = run(TEST, given())
    unknown = isinstance(error, PisteError) and error.kind == "unknown"
    assert result.outcome == ("unknown" if unknown else "failed")
    assert [done.step for done in result.steps][-1] == "teardown"
    assert result.steps[-2].step == step.removesuffix("d")
    assert result.steps[-2].reason == result.reason
    assert result.rto_seconds is None
    assert [*system.iterdir()] == []
    assert left_open("lab") == []


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((Answer("a", "x", "x", "conform"), Answer("b", "x", "y", "wrong")), "failed"),
        ((Answer("a", "x", "", "unknown"),), "unknown"),
        ((), "unknown"),
    ],
)
def test_only_probes_that_answer_as_expected_prove(
    system: Path, monkeypatch: pytest.MonkeyPatch, answers: tuple[Answer, ...], outcome: str
) -> None:
    monkeypatch.setattr(Folder, "answers", answers)
    result, _ = run(TEST, given())
    assert result.outcome == outcome
    assert result.reason


def test_a_return_that_takes_longer_than_its_objective_fails(system: Path) -> None:
    from itertools import count

    slow = count(step=4000)
    result, _ = run(TEST, replace(given(), clock=lambda: next(slow)))
    assert (result.outcome, result.rto_seconds) == ("failed", 16000)
    assert "4 heures" in result.reason


def test_what_resists_its_removal_is_named_and_removed_first_by_the_next(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Folder, "stubborn", True)
    result, _ = run(TEST, given())
    assert result.outcome == "failed"
    assert "essai-disque" in result.left[0]
    with pytest.raises(Remains, match="essai-disque, essai-machine"):
        run(TEST, given())
    assert len(kept()) == 1
    monkeypatch.setattr(Folder, "stubborn", False)
    assert run(TEST, given())[0].outcome == "proven"
    assert kept() == ["failed", "proven"]
    assert [*system.iterdir()] == []


@pytest.mark.parametrize(
    ("error", "outcome"), [(OSError("coupé"), "failed"), (Misused("non"), "failed"), (silent(), "unknown")]
)
def test_a_removal_that_breaks_leaves_its_state_for_the_next(
    system: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, outcome: str
) -> None:
    monkeypatch.setattr(Folder, "fails", {"teardown": error})
    result, _ = run(TEST, given())
    assert result.outcome == outcome
    assert "file essai-machine" in result.left
    assert len(left_open("lab")) == 1
    monkeypatch.setattr(Folder, "fails", {})
    assert len(clean(given())) == 3
    assert left_open("lab") == []
    assert [*system.iterdir()] == []


@pytest.mark.parametrize("step", ["prepare", "restore", "restored", "start", "wait", "probe", "teardown", "left"])
def test_a_kill_at_any_step_leaves_nothing_after_the_next(
    system: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(Folder, "dies_at", step)
    with pytest.raises(Killed):
        run(TEST, given())
    assert len(left_open("lab")) == (step != "prepare")
    monkeypatch.setattr(Folder, "dies_at", "")
    assert run(TEST, given())[0].outcome == "proven"
    assert kept() == (["proven"] if step == "prepare" else ["interrupted", "proven"])
    assert [*system.iterdir()] == []
    assert left_open("lab") == []
    assert not [*folder("lab").glob("*/work-*")]


def test_a_kill_of_the_removal_is_removed_too(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in ("wait", "teardown", "left"):
        monkeypatch.setattr(Folder, "dies_at", step)
        with pytest.raises(Killed):
            run(TEST, given())
    monkeypatch.setattr(Folder, "dies_at", "")
    assert len(clean(given())) == 3
    assert clean(given()) == []
    assert kept() == ["interrupted"]
    assert [*system.iterdir()] == []


def test_a_kill_once_the_proof_is_kept_keeps_it_once(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(state: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("piste.trials.restore.state.State.close", die)
        with pytest.raises(Killed):
            run(TEST, given())
    clean(given())
    assert kept() == ["proven"]
    assert left_open("lab") == []


def test_a_cut_line_of_the_state_says_nothing(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Folder, "dies_at", "wait")
    with pytest.raises(Killed):
        run(TEST, given())
    [path] = left_open("lab")
    path.write_bytes(path.read_bytes() + b'{"kind": "file", "id": "une-au')
    monkeypatch.setattr(Folder, "dies_at", "")
    assert len(clean(given())) == 3
    assert [*system.iterdir()] == []


def test_without_a_key_nothing_is_made(system: Path) -> None:
    with pytest.raises(NoKey, match="piste/fingerprint"):
        run(TEST, replace(given(), secrets={}))
    assert ([*system.iterdir()], left_open("lab")) == ([], [])


def test_a_folder_that_resists_is_named(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("piste.trials.restore.run.shutil.rmtree", lambda *given, **more: None)
        result, _ = run(TEST, given())
    assert result.outcome == "failed"
    assert "le dossier" in result.left[0]
    assert len(left_open("lab")) == 1
    clean(given())
    assert not [*folder("lab").glob("*/work-*")]


def test_a_test_runs_once_at_a_time(system: Path) -> None:
    run(TEST, given())
    with locked(folder("lab") / TEST["name"] / "lock", "essai", 0.0), pytest.raises(Busy):
        run(TEST, given())
    assert run({**TEST, "name": OTHER}, given())[0].outcome == "proven"


def test_proofs_are_sealed_in_a_chain(system: Path) -> None:
    for name in ("a", "b", "a"):
        run({**TEST, "name": name}, given())
    assert [result.test for result, _ in results("lab")] == ["a", "b", "a"]


@pytest.mark.parametrize("harm", ["byte", "evidence", "removed", "last", "nothing"])
def test_a_proof_that_was_changed_or_removed_is_noticed(system: Path, harm: str) -> None:
    places = [run({**TEST, "name": name}, given())[1] for name in ("a", "b", "c")]
    if harm == "byte":
        (places[1] / RESULT).write_bytes((places[1] / RESULT).read_bytes().replace(b"proven", b"failed", 1))
    elif harm == "evidence":
        (places[1] / "01.json").write_text("{}")
    elif harm in ("removed", "last"):
        (places[1 if harm == "removed" else 2] / RESULT).unlink()
    if harm == "nothing":
        assert len(results("lab")) == 3
        return
    with pytest.raises(UnreadableResult, match="PISTE-E137"):
        results("lab")


def test_the_moment_of_the_copy_is_compared_in_utc(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edge = (NOW - timedelta(hours=24)).isoformat()
    monkeypatch.setattr(Folder, "copy", {**COPY, "taken_at": edge})
    assert run(TEST, given())[0].rpo_seconds == 24 * 3600
