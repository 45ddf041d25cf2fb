"""Records of other machines in this journal: taken as sealed, in line, all or nothing."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piste.runs.records import imported
from piste.runs.records.chain import HEAD, LOCK, Chain, encode, fingerprint
from piste.runs.records.imported import Imported, NotImported, bring
from piste.runs.records.journal import latest, verify
from piste.runs.records.record import compose
from tests.unit.records.made import chain_of, header, run, task


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != LOCK
    }


@pytest.fixture
def worker(root: Path) -> Path:
    return root.parent / "ouvrier"


def test_a_chain_enters_as_it_was_sealed_and_again_what_follows(root: Path, worker: Path) -> None:
    first, second = run(worker, 1), run(worker, 2)
    assert bring(root, worker, "ici") == [Imported("lab/poste", (first["id"], second["id"]), ())]
    assert files(root) == files(worker)
    assert bring(root, worker, "ici") == [Imported("lab/poste", (), ())]
    third = run(worker, 3)
    assert bring(root, worker, "ici") == [Imported("lab/poste", (third["id"],), ())]
    assert files(root) == files(worker)
    assert verify(root) == []


def test_an_older_copy_brings_nothing_and_takes_nothing(root: Path, worker: Path, tmp_path: Path) -> None:
    run(worker, 1)
    shutil.copytree(worker, tmp_path / "copie")
    run(worker, 2)
    bring(root, worker, "ici")
    assert bring(root, tmp_path / "copie", "ici") == [Imported("lab/poste", (), ())]
    assert files(root) == files(worker)


def test_a_journal_that_lost_its_beginning_is_refused(root: Path, worker: Path) -> None:
    first = run(worker, 1)
    run(worker, 2)
    (chain_of(worker).folder / f"{first['id']}.json").unlink()
    with pytest.raises(NotImported, match="maillon manquant"):
        bring(root, worker, "ici")
    assert not root.exists()


def test_a_chain_that_went_another_way_is_refused(root: Path, worker: Path) -> None:
    run(worker, 1)
    bring(root, worker, "ici")
    run(worker, 2)
    kept = run(root, 3)
    before = files(root)
    with pytest.raises(NotImported, match="a pris une autre suite") as caught:
        bring(root, worker, "ici")
    assert [finding.what for finding in caught.value.findings] == ["foreign"]
    assert files(root) == before
    assert latest(root)[-1] == kept


def test_a_machine_that_begins_again_is_refused(root: Path, worker: Path) -> None:
    run(worker, 1)
    bring(root, worker, "ici")
    shutil.rmtree(worker)
    run(worker, 2)
    with pytest.raises(NotImported, match="a pris une autre suite"):
        bring(root, worker, "ici")


def test_a_refused_chain_keeps_the_others_out_and_makes_no_folder(root: Path, worker: Path) -> None:
    run(worker, 1)
    run(worker, 2, environment="production")
    (path,) = (worker / "production").rglob("2026*.json")
    path.write_bytes(path.read_bytes().replace(b"marie", b"paul!"))
    with pytest.raises(NotImported, match="altéré"):
        bring(root, worker, "ici")
    assert not root.exists()


STRANGERS: dict[str, Callable[[Path], None]] = {
    "lien": lambda folder: (folder / f"{header(9)['id']}.json").symlink_to("/etc/passwd"),
    "tube": lambda folder: os.mkfifo(folder / f"{header(9)['id']}.open"),
    "étranger": lambda folder: (folder / "notes.txt").write_text("x"),
    "tête": lambda folder: (folder / HEAD).unlink(),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_is_no_record_is_refused_without_a_wait(stranger: str, root: Path, worker: Path) -> None:
    run(worker, 1)
    STRANGERS[stranger](chain_of(worker).folder)
    with pytest.raises(NotImported):
        bring(root, worker, "ici")
    assert not root.exists()


def test_nobody_else_writes_the_chain_of_this_machine(root: Path, worker: Path) -> None:
    run(worker, 1)
    with pytest.raises(NotImported, match="celle de ce poste"):
        bring(root, worker, "poste")
    assert not root.exists()


def test_a_killed_run_enters_where_its_machine_is_gone(root: Path, worker: Path) -> None:
    opened = chain_of(worker).start(header(1))
    opened.add({"task": task(), "declaration": "d1"})
    assert bring(root, worker, "ici", close=True) == [Imported("lab/poste", (), (header(1)["id"],))]  # it goes on
    opened.handle.close()
    assert bring(root, worker, "ici") == [Imported("lab/poste", (), (header(1)["id"],))]
    assert bring(root, worker, "ici", close=True) == [Imported("lab/poste", (header(1)["id"],), ())]
    (record,) = latest(root)
    assert (record["outcome"], len(record["tasks"])) == ("killed", 1)
    assert verify(root) == []
    assert list(worker.rglob("*.open")), "the other journal stays as it is"


@pytest.mark.parametrize(
    ("place", "step", "nth"),
    [(Chain, "set_head", 1), (Chain, "set_head", 2), (imported, "write_private", 5)],  # after the copies of three files
)
def test_an_import_that_died_is_finished_by_the_next(
    place: Any, step: str, nth: int, root: Path, worker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(worker, 1)
    run(worker, 2)
    genuine, calls = getattr(place, step), itertools.count(1)

    def dies(*given: Any) -> None:
        if next(calls) == nth:
            raise KeyboardInterrupt
        genuine(*given)

    monkeypatch.setattr(place, step, dies)
    with pytest.raises(KeyboardInterrupt):
        bring(root, worker, "ici")
    assert files(root) != files(worker)
    monkeypatch.setattr(place, step, genuine)
    bring(root, worker, "ici")
    assert files(root) == files(worker)
    assert verify(root) == []


def test_a_record_of_another_name_or_forged_is_refused(root: Path, worker: Path) -> None:
    record = run(worker, 1)
    chain = chain_of(worker)
    forged = {**record, "node": "autre"}
    forged["hash"] = fingerprint(forged)
    (chain.folder / f"{record['id']}.json").write_bytes(encode(forged))
    chain.set_head(forged)
    with pytest.raises(NotImported, match="autre chaîne"):
        bring(root, worker, "ici")


def test_two_machines_write_one_chain_of_a_shared_journal(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its folder of locks: the lock of the chain lies beside it."""
    monkeypatch.setenv("PISTE_LOCK_DIR", str(root.parent / "verrous-1"))
    opened = chain_of(root).start(header(1))
    monkeypatch.setenv("PISTE_LOCK_DIR", str(root.parent / "verrous-2"))
    monkeypatch.setattr("piste.runs.records.chain.PATIENCE", 0.0)
    with chain_of(root).lock(), pytest.raises(Exception, match="journal lab/poste"):
        run(root, 2)
    second = run(root, 2)
    first = chain_of(root).finish(opened, compose(header(1), [], None, "2026-11-24T10:02:00Z"))
    assert first["previous"] == second["hash"]
    assert verify(root) == []
