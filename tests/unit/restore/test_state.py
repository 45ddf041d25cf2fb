"""The state of a killed restore test: only what it proves to be its own is removed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.private import private_folder
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.runs.records.chain import encode, seal, unseal
from piste.trials.restore.results import RESULT, results
from piste.trials.restore.run import Remains, clean, run
from piste.trials.restore.state import left_open
from tests.support.inprocess import Killed
from tests.support.restores import TEST, Folder, given

OTHER = f"{TEST['name']}-autre"


def left(monkeypatch: pytest.MonkeyPatch, test: Any = TEST) -> Path:
    """Kill a test that has made its two files; return its state."""
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "dies_at", "wait")
        with pytest.raises(Killed):
            run(test, given())
    return next(path for path in left_open("lab") if path.parent.name == test["name"])


@pytest.mark.parametrize("line", [0, 1, 2])
@pytest.mark.parametrize("harm", [b'"kind', b'"facts":3'])
def test_a_line_of_the_state_that_was_harmed_is_no_empty_line(
    system: Path, monkeypatch: pytest.MonkeyPatch, line: int, harm: bytes
) -> None:
    """The file stays, and a person looks: the thing that it named may still be there."""
    path = left(monkeypatch)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = b"{" + harm + b"}\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(Remains, match="ne se lit plus"):
        clean(given())
    assert left_open("lab") == [path]


def _unsealed(path: Path) -> None:
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    path.write_bytes(b"".join(encode({**line, "seal": ""}) for line in lines))


def _other(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[-1].replace(b"essai-machine", b"essai-disque") + lines[1])


def _shorter(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:1], *lines[2:]]))


def _moved(path: Path) -> None:
    path.rename(path.with_name("20261128T080000Z-abcdef.open"))


def _added(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(encode({"kind": "file", "id": "disque-de-la-ville", "facts": {}, "seal": "0" * 64}))


@pytest.mark.parametrize("forge", [_unsealed, _other, _shorter, _moved, _added])
def test_a_state_without_the_seal_of_a_test_removes_nothing_and_says_so(
    system: Path, monkeypatch: pytest.MonkeyPatch, forge: Any
) -> None:
    """A file that somebody wrote, or of before the seals, names things and orders nothing."""
    forge(left(monkeypatch))
    [path] = left_open("lab")
    before = sorted(system.iterdir())
    for act in (clean, lambda with_: run(TEST, with_)):
        with pytest.raises(Remains, match="rien ne le prouve : rien n’est retiré") as refused:
            act(given())
        assert "file essai-" in refused.value.why
        assert "supprimez ce fichier" in refused.value.todo
    assert (sorted(system.iterdir()), left_open("lab")) == (before, [path])
    path.unlink()
    assert run(TEST, given())[0].outcome == "proven"


def test_a_state_of_another_environment_removes_nothing(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left(monkeypatch)
    with pytest.raises(Remains, match="rien ne le prouve"):
        clean(replace(given(), secrets={FINGERPRINT_KEY: "clef-d-un-autre-environnement"}))
    assert len([*system.iterdir()]) == 2


def test_what_stays_hides_nothing_of_the_other_tests(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forged = left(monkeypatch)
    _unsealed(forged)
    left(monkeypatch, {**TEST, "name": OTHER})
    with pytest.raises(Remains, match="rien ne le prouve"):
        clean(given())
    assert left_open("lab") == [forged]
    assert sorted(path.name for path in system.iterdir()) == ["essai-disque", "essai-machine"]


def test_a_state_of_before_that_comes_back_removes_nothing(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that ended left nothing: its file, put back, is no order any more."""
    path = left(monkeypatch)
    content = path.read_bytes()
    clean(given())
    (system / "essai-disque").touch()
    path.write_bytes(content)
    with pytest.raises(Remains, match="un essai passe pour fini, et rien ne le prouve : rien n’est retiré"):
        clean(given())
    assert [*system.iterdir()] == [system / "essai-disque"]
    assert left_open("lab") == [path]


@pytest.mark.parametrize("content", [None, b"{}"])
def test_a_result_that_others_wrote_hides_nothing_of_what_a_test_left(
    system: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """Anybody can seal a result: only the state, under the key, proves that nothing is left."""
    ended = run({**TEST, "name": OTHER}, given())[1]
    path = left(monkeypatch)
    place = private_folder(path.with_suffix(""))
    for proof in ended.iterdir():
        (place / proof.name).write_bytes(proof.read_bytes())
    forged = {**unseal((ended / RESULT).read_bytes()), "id": place.name, "test": TEST["name"]}
    forged.pop("hash", None)
    (place / RESULT).write_bytes(content or encode(seal(forged)))
    with pytest.raises(Remains, match="un essai passe pour fini") as refused:
        clean(given())
    assert "essai-disque" in refused.value.why
    assert left_open("lab") == [path]
    assert len([*system.iterdir()]) == 2


def test_a_kill_between_the_last_reading_and_the_result_is_an_interruption(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*given: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("piste.trials.restore.run.keep", die)
        with pytest.raises(Killed):
            run(TEST, given())
    clean(given())
    assert [result.outcome for result, _ in results("lab")] == ["interrupted"]
    assert (left_open("lab"), [*system.iterdir()]) == ([], [])
