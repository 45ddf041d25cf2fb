"""Things that the processes of a run share: facts read once, a pace, places; clean folders."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from piste.engine.transport.shared import Limiter, Shared
from tests.unit.transport.local import python

SETUP = """
import os, sys, time
from pathlib import Path
from piste.engine.transport.shared import Limiter, Shared
shared = Shared(Path(sys.argv[1]), "essai")
"""
ONCE = (
    SETUP
    + """
def fetch():
    with open(Path(sys.argv[1]) / "fetches", "a") as trace:
        trace.write("x")
    time.sleep(0.2)
    return ["élève", os.getpid()]
print(shared.once("liste", fetch))
"""
)
COUNT = (
    SETUP
    + """
for _ in range(50):
    shared.update("compte", lambda known: (known or 0) + 1)
"""
)
PACE = (
    SETUP
    + """
limiter = Limiter(shared, 20.0, 2.0)
print(time.monotonic())
for _ in range(6):
    limiter.wait()
    print(time.monotonic())
"""
)
PLACE = (
    SETUP
    + """
with shared.place("lot", 1):
    print("tenu", flush=True)
    time.sleep(60)
"""
)


def outputs(code: str, folder: Path, count: int) -> list[str]:
    processes = [python(code, str(folder)) for _ in range(count)]
    printed = [process.communicate(timeout=30)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * count
    return printed


def test_a_list_is_fetched_by_one_process_and_read_by_all(tmp_path: Path) -> None:
    printed = outputs(ONCE, tmp_path, 4)
    assert (tmp_path / "fetches").read_text() == "x"
    assert len(set(printed)) == 1
    assert printed[0].startswith("['élève', ")


def test_a_fetch_that_fails_leaves_the_next_one_to_try(tmp_path: Path) -> None:
    shared = Shared(tmp_path, "essai")
    with pytest.raises(ZeroDivisionError):
        shared.once("liste", lambda: 1 / 0)
    assert shared.once("liste", lambda: [1]) == [1]
    assert shared.once("liste", lambda: [2]) == [1]
    shared.forget("liste")
    assert shared.once("liste", lambda: [2]) == [2]


def test_changes_by_several_processes_are_all_kept(tmp_path: Path) -> None:
    outputs(COUNT, tmp_path, 3)
    assert Shared(tmp_path, "essai").get("compte") == 150


def test_values_are_put_read_and_forgotten_by_system(tmp_path: Path) -> None:
    first, other = Shared(tmp_path, "un"), Shared(tmp_path, "deux")
    first.put("x", {"é": [1]})
    assert (first.get("x"), other.get("x")) == ({"é": [1]}, None)
    first.forget("x")
    first.forget("x")
    assert first.get("x") is None


def test_a_value_is_written_only_where_it_changed_and_by_the_fast_encoder(tmp_path: Path, monkeypatch: Any) -> None:
    shared = Shared(tmp_path, "essai")
    shared.put("x", {"é": [1]})
    (path,) = tmp_path.glob("essai/x.json")
    before = path.stat().st_ino
    shared.put("x", {"é": [1]})
    shared.update("x", dict)
    assert path.stat().st_ino == before
    monkeypatch.setattr(json, "dump", None)  # the encoder that streams is pure Python
    shared.update("x", lambda known: known["é"].append(2) or known)
    assert shared.get("x") == {"é": [1, 2]}


def test_processes_together_keep_the_rate(tmp_path: Path) -> None:
    moments = [[float(line) for line in text.split()] for text in outputs(PACE, tmp_path, 3)]
    started, last = min(times[0] for times in moments), max(times[-1] for times in moments)
    assert sum(len(times) - 1 for times in moments) == 18
    assert last - started >= (18 - 2) / 20


def test_too_many_requests_holds_everybody_even_with_tokens_left(tmp_path: Path) -> None:
    shared = Shared(tmp_path, "essai")
    Limiter(shared, 100.0, 50.0).pause(0.3)
    started = time.monotonic()
    Limiter(shared, 100.0, 50.0).wait()
    assert time.monotonic() - started >= 0.29


def test_several_answers_asking_for_one_pause_are_waited_for_once(tmp_path: Path) -> None:
    limiter = Limiter(Shared(tmp_path, "essai"), 100.0, 1.0)
    for _ in range(100):
        limiter.pause(0.2)
    started = time.monotonic()
    limiter.wait()
    assert 0.19 <= time.monotonic() - started < 10  # in turn, they would take 20 s


def test_no_limit_still_obeys_a_pause(tmp_path: Path) -> None:
    limiter = Limiter(Shared(tmp_path, "essai"), 0.0, 1.0)
    started = time.monotonic()
    for _ in range(1000):
        limiter.wait()
    limiter.pause(0.2)
    assert time.monotonic() - started >= 0.2


def test_only_so_many_hold_a_place_at_once(tmp_path: Path) -> None:
    shared = Shared(tmp_path, "essai")
    lock, inside, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal inside, most
        with shared.place("lot", 2):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.05)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (2, 0)


def test_a_killed_process_frees_its_place(tmp_path: Path) -> None:
    holder = python(PLACE, str(tmp_path))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "tenu\n"
    taken = threading.Event()

    def take() -> None:
        with Shared(tmp_path, "essai").place("lot", 1):
            taken.set()

    waiter = threading.Thread(target=take)
    waiter.start()
    assert not taken.wait(0.2)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert taken.wait(10)
    waiter.join()


RUN = """
import os, stat, subprocess, sys
from piste.engine.transport.shared import Shared, run_folder
folder = run_folder()
Shared(folder, "essai").put("x", 1)
child = "from piste.engine.transport.shared import run_folder; print(run_folder())"
inherited = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout.strip()
forked = os.fork()
if forked == 0:
    sys.exit(0)
os.waitpid(forked, 0)
print(folder, oct(stat.S_IMODE(folder.stat().st_mode)), inherited == str(folder) == str(run_folder()), folder.is_dir())
"""


def test_the_folder_of_a_run_is_private_inherited_and_removed_at_the_end(tmp_path: Path) -> None:
    process = python(RUN, XDG_RUNTIME_DIR=str(tmp_path), PISTE_RUN_DIR="")
    path, *rest = process.communicate(timeout=30)[0].split()
    assert Path(path).parent == tmp_path
    assert rest == ["0o700", "True", "True"]
    assert list(tmp_path.iterdir()) == []


def test_folders_of_dead_runs_are_swept_and_no_others(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    gone = tmp_path / f"piste-run-{dead.pid}-a"
    kept = [tmp_path / name for name in (f"piste-run-{os.getpid()}-b", "piste-run-mienne", "autre")]
    for folder in (gone, *kept):
        folder.mkdir()
    (gone / "x.json").write_text("1")
    outputs_of_run = python(RUN, XDG_RUNTIME_DIR=str(tmp_path), PISTE_RUN_DIR="").communicate(timeout=30)[0]
    assert outputs_of_run
    assert sorted(tmp_path.iterdir()) == sorted(kept)


ENDING = """
from pathlib import Path
from piste.engine.transport.shared import at_end, run_folder
at_end(lambda folder: Path(folder.parent, "ended").open("a").write(folder.name + chr(10)))
at_end(lambda folder: 1 / 0)
print(run_folder().name)
"""


def test_what_a_run_has_opened_is_ended_before_its_folder_goes_that_of_a_dead_run_too(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    (tmp_path / f"piste-run-{dead.pid}-a").mkdir()
    own = python(ENDING, XDG_RUNTIME_DIR=str(tmp_path), PISTE_RUN_DIR="").communicate(timeout=30)[0].strip()
    assert (tmp_path / "ended").read_text().splitlines() == [f"piste-run-{dead.pid}-a", own]
    assert sorted(tmp_path.iterdir()) == [tmp_path / "ended"]


def test_what_a_run_shares_is_its_owner_s_alone(tmp_path: Path) -> None:
    Shared(tmp_path, "smc").put("session", "un jeton")
    assert (tmp_path / "smc" / "session.json").stat().st_mode & 0o777 == 0o600
