"""Records in a chain: sealed, private, whole after a crash, in line after parallel runs."""

from __future__ import annotations

import errno
import fcntl
import json
import multiprocessing
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.task_log import append
from piste.runs.records import chain as chain_module
from piste.runs.records.chain import (
    HEAD,
    ID,
    LOCK,
    NO_LINK,
    Damaged,
    encode,
    fingerprint,
    journal_folder,
    new_id,
    seal,
    unseal,
)
from piste.runs.records.journal import months, verify
from piste.runs.records.record import compose
from tests.unit.records.made import chain_of, header, operation, run, task

HOSTILE = ("ligne\nsuivante", "\ud800 seul", "\u2028", "é 🏫", '"\\', "\r\x00\x1b")


def test_each_record_is_sealed_to_the_one_before(root: Path) -> None:
    first, second, third = (run(root, number) for number in (1, 2, 3))
    assert [record["previous"] for record in (first, second, third)] == [None, first["hash"], second["hash"]]
    assert all(record["hash"] == fingerprint(record) for record in (first, second, third))
    folder = chain_of(root).folder
    assert sorted(path.name for path in folder.iterdir()) == [
        *(f"{r['id']}.json" for r in (first, second, third)),
        HEAD,
        LOCK,
    ]
    assert unseal((folder / f"{second['id']}.json").read_bytes()) == second
    assert verify(root) == []


def test_the_ids_of_runs_of_one_second_sort_by_their_moments() -> None:
    first = datetime(2026, 11, 27, 12, 48, 55, tzinfo=UTC)
    moments = [first + timedelta(microseconds=after) for after in (0, 1, 15, 999_999, 1_000_000)]
    made = [new_id(moment) for moment in moments]
    assert made == sorted(made)
    assert all(ID.fullmatch(name) for name in made)


def test_environments_have_chains_of_their_own(root: Path) -> None:
    run(root, 1)
    assert run(root, 2, environment="production")["previous"] is None


def test_nobody_else_reads_the_journal(root: Path) -> None:
    chain = chain_of(root)
    opened = chain.start(header(1))
    assert opened.path.stat().st_mode & 0o777 == 0o600
    chain.finish(opened, compose(header(1), [], None, "2026-11-24T10:01:00Z"))
    assert {path.stat().st_mode & 0o777 for path in root.rglob("*") if path.is_dir()} | {
        root.stat().st_mode & 0o777
    } == {0o700}
    assert {path.stat().st_mode & 0o777 for path in root.rglob("*") if path.is_file()} == {0o600}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_sealed_and_read_back(text: str, root: Path) -> None:
    record = run(root, 1, task(task=text))
    assert unseal(encode(record)) == record
    assert verify(root) == []


def test_any_writing_of_the_same_content_but_the_sealed_one_is_refused() -> None:
    sealed = seal({"a": 1, "b": "é"})
    raw = encode(sealed)
    assert unseal(raw) == sealed
    for other in (raw.rstrip(), raw.replace(b":1", b": 1"), json.dumps(sealed).encode() + b"\n", raw + b"\n"):
        with pytest.raises(Damaged) as caught:
            unseal(other)
        assert caught.value.content == sealed


def test_the_folder_is_that_of_the_environment_else_of_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_JOURNAL_DIR", "ailleurs")
    assert journal_folder() == Path("ailleurs")
    monkeypatch.delenv("PISTE_JOURNAL_DIR")
    assert journal_folder() == Path(__file__).parents[3] / ".piste" / "journal"


def in_another_process(code: str, root: Path, **given: Any) -> None:
    """Run `code` in a process that dies at once by SIGKILL, as far as it got."""
    lines = [
        "import json, os, signal, sys",
        "from pathlib import Path",
        "from piste.runs.records import chain as chain_module",
        "from tests.unit.records.made import chain_of, header, run, task",
        "root, given = Path(sys.argv[1]), json.loads(sys.argv[2])",
        "die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)",
        *code.strip().splitlines(),
        "die()",
    ]
    command = [sys.executable, "-c", "\n".join(lines), str(root), json.dumps(given)]
    assert subprocess.run(command, cwd=Path(__file__).parents[3], check=False).returncode == -9


STARTED = "opened = chain_of(root).start(header(1) | {'pid': 7})\nopened.add({'task': task(), 'declaration': 'd1'})"


@pytest.mark.parametrize("torn", ["", '{"task":{"host"'])
def test_a_killed_run_is_closed_by_the_next_with_all_it_had_done(torn: str, root: Path) -> None:
    in_another_process(
        f"{STARTED}\nopened.handle.write(given['torn'].encode())\nopened.handle.flush()", root, torn=torn
    )
    (left,) = root.rglob("*.open")
    os.utime(left, (1_800_000_000, 1_800_000_000))
    after = run(root, 2)
    _, killed = next(months(chain_of(root)))
    assert killed["hash"] == after["previous"]
    expected = compose(header(1), [task()], "d1", "2027-01-15T08:00:00Z", "killed")
    assert {name: value for name, value in killed.items() if name not in ("hash", "previous")} == expected
    assert list(root.rglob("*.open")) == []
    assert verify(root) == []


def test_what_follows_a_line_that_the_disk_has_cut_is_not_lost(root: Path) -> None:
    """The disk takes half a line, then has place again: the next line follows it at once."""
    opened = chain_of(root).start(header(1))
    os.write(opened.handle.fileno(), encode({"foreseen": {"host": "ecole-jaures", "operations": [operation()]}})[:90])
    opened.add({"task": task()})
    append(opened.path, {"foreseen": {"host": "ecole-zola", "operations": [operation("autre")]}})
    opened.handle.close()
    chain_of(root).close_killed()
    (path,) = root.rglob("*T*.json")
    done = [described["key"] for task in unseal(path.read_bytes())["tasks"] for described in task["operations"]]
    assert done == ["VLB-Agents", "autre"]


def test_a_journal_on_nfs_closes_killed_runs_and_leaves_those_that_go_on(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS refuses an exclusive lock on a file that is not open for writing (flock(2))."""
    lock = fcntl.flock

    def of_nfs(file: Any, operation: int) -> None:
        descriptor = file if isinstance(file, int) else file.fileno()
        if operation & fcntl.LOCK_EX and fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", of_nfs)
    killed, going = chain_of(root).start(header(1)), chain_of(root).start(header(2))
    killed.handle.close()
    third = chain_of(root).start(header(3))
    assert [path.stem for path in chain_of(root).open_records()] == [header(2)["id"], header(3)["id"]]
    for opened in (going, third):
        opened.remove()


def test_a_draft_of_a_killed_writer_goes_with_the_next_run(root: Path) -> None:
    run(root, 1)
    left = chain_of(root).folder / ".head.json.0a1b2c3d.draft"
    left.touch()
    run(root, 2)
    assert (left.exists(), verify(root)) == (False, [])


def test_a_run_killed_before_it_said_anything_is_closed_too(root: Path) -> None:
    folder = private_folder(chain_of(root).folder)
    (folder / f"{header(1)['id']}.open").write_bytes(b"")
    run(root, 2)
    _, killed = next(months(chain_of(root)))
    assert (killed["id"], killed["outcome"], killed["user"], killed["tasks"]) == (header(1)["id"], "killed", None, [])
    assert verify(root) == []


def test_a_run_that_is_still_going_is_left_alone(root: Path) -> None:
    chain = chain_of(root)
    first = chain.start(header(1))
    second = run(root, 2)
    done = chain.finish(first, compose(header(1), [], None, "2026-11-24T10:02:00Z"))
    assert (second["previous"], done["previous"]) == (None, second["hash"])
    assert verify(root) == []


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("step", ["write_private", "set_head"])
def test_a_crash_while_sealing_loses_nothing_and_doubles_nothing(step: str, first: bool, root: Path) -> None:
    if not first:
        run(root, 1)
    owner = "chain_module" if step == "write_private" else "chain_module.Chain"
    in_another_process(f"chain_of(root)\n{owner}.{step} = die\nrun(root, 2)", root)
    assert verify(root) == []
    third = run(root, 3)
    ids = [record["id"] for _, record in months(chain_of(root))]
    assert ids == [header(number)["id"] for number in ((2, 3) if first else (1, 2, 3))]
    assert third["outcome"] == "changes"
    assert verify(root) == []


@pytest.mark.parametrize("at", ["write_line", "sync_folder"])
def test_a_record_that_cannot_be_opened_leaves_nothing(at: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: Any, **named: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(chain_module, at, full)
    with pytest.raises(OSError, match="No space left"):
        chain_of(root).start(header(1))
    assert [path.name for path in chain_of(root).folder.iterdir()] == ["lock"]
    assert verify(root) == []


@pytest.mark.parametrize("name", [f"{header(2)['id']}.json", "head.json"])
def test_a_record_that_finds_no_place_at_its_end_is_no_tamper_and_is_closed_by_the_next(
    name: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full as the run is sealed: its lines stay in the open file."""
    chain = chain_of(root)
    opened = chain.start(header(2))
    opened.add({"task": task()})

    def full(path: Path, content: bytes) -> None:
        if path.name == name:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_private(path, content)

    monkeypatch.setattr(chain_module, "write_private", full)
    with pytest.raises(OSError, match="No space left"):
        chain.finish(opened, compose(header(2), [task()], "d", "2026-11-24T10:02:00Z"))
    monkeypatch.undo()
    opened.handle.close()
    assert verify(root) == []
    run(root, 3)
    assert [record["counts"]["update"] for _, record in months(chain)] == [1, 1]
    assert verify(root) == []


@pytest.mark.parametrize("loss", ["removed", "damaged"])
def test_after_a_lost_head_runs_are_recorded_still_and_the_loss_is_named_for_ever(loss: str, root: Path) -> None:
    run(root, 1)
    head = chain_of(root).folder / HEAD
    if loss == "removed":
        head.unlink()
    else:
        head.write_bytes(b"{}")
    second, third = run(root, 2), run(root, 3)
    assert (second["previous"], third["previous"]) == (NO_LINK, second["hash"])
    assert [(finding.file, finding.what) for finding in verify(root)] == [(f"lab/poste/{second['id']}.json", "missing")]


def _several(root: str, first: int) -> None:
    for number in range(first, first + 5):
        run(Path(root), number)


def test_runs_at_once_make_one_line(root: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_several, args=(str(root), number * 10)) for number in range(1, 5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert len([record for _, record in months(chain_of(root))]) == 20
    assert verify(root) == []
