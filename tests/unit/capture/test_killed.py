"""A capture that SIGKILL stops at any of its writes is taken up again, to the same capture."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from piste.commands.capture import capture
from piste.engine.transport import witness
from piste.exports.capture import make, recording, store
from piste.exports.capture.verify import read
from piste.runs.plans import progress
from piste.runs.plans.play import Order
from piste.town import declared
from tests.support.capture import KEY
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, school, town_world

KILLS = 5
DRAWN = random.Random(20261203)
STEPS = tuple(make.Part(f"étape {rank}", ("meraki",), "playbooks/drift.yml") for rank in range(3))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MerakiWorld:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    made, whole = town_world(tmp_path), school()
    converge(made, whole)

    def play(order: Order, *, check: bool) -> Any:
        for former in tmp_path.glob("run-*"):
            shutil.rmtree(former)  # of a process that is gone
        recording.attend(made.secrets, ())
        try:
            with made.run() as run:
                run.domain(whole, check=check)
        finally:
            witness.dismiss()
        return SimpleNamespace(troubles=[])

    monkeypatch.setattr(make, "PARTS", STEPS)
    monkeypatch.setattr(make, "masks_key", lambda environment: KEY.hex())
    monkeypatch.setattr(make, "names", lambda town: set[str]())
    monkeypatch.setattr(progress, "watched", play)
    declared.sound("lab")  # once, for every process
    return made


def taken(folder: Path, at: int = 0) -> tuple[int, int]:
    """Take a capture in a process of its own; give its status, and how often it wrote.

    It dies at its write of this number: a draft that was about to take its place has half of its bytes.
    """
    heard, said = os.pipe()
    if not (child := os.fork()):
        writes = 0

        def count(event: str, given: tuple[Any, ...]) -> None:
            nonlocal writes
            path = str(given[0]) if given else ""
            if folder.name not in path or not (
                event in ("os.rename", "os.remove", "os.mkdir") or (event == "open" and given[2] & _WRITING)
            ):
                return
            writes += 1
            if writes == at:
                if event == "os.rename" and os.path.isfile(path):
                    os.truncate(path, os.path.getsize(path) // 2)
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        done = CliRunner().invoke(capture, ["take", "--to", str(folder), "--system", "meraki"])
        os.write(said, str(writes).encode())
        if done.exit_code:
            os.write(2, done.output.encode())
        os._exit(done.exit_code)
    os.close(said)
    _, status = os.waitpid(child, 0)
    with open(heard, encoding="ascii") as pipe:
        return status, int(pipe.read() or 0)


def kept(folder: Path) -> tuple[Any, ...]:
    """Give what a capture says, but for its moments."""
    about = store.read_about(folder / "data")
    answers = {name: answer.model_dump(exclude={"at", "seconds"}) for name, answer in store.answers(folder / "data")}
    return answers, about.answers, [(step.name, step.silent) for step in about.steps], bool(about.ended)


def drafts(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob(".*") if path.is_file())
    yield from folder.parent.glob(f".{folder.name}*")


def test_a_capture_killed_at_drawn_moments_is_taken_up_again_to_the_same(world: MerakiWorld, tmp_path: Path) -> None:
    status, writes = taken(tmp_path / "entiere")
    whole = kept(tmp_path / "entiere")
    assert (status, len(whole[2])) == (0, len(STEPS))
    assert len(whole[0]) > 10
    resumed = list[int]()
    moments = sorted(DRAWN.sample(range(1, writes + 1), KILLS))
    for moment in moments:
        folder = tmp_path / f"tuee-{moment}"
        assert os.WTERMSIG(taken(folder, moment)[0]) == signal.SIGKILL
        assert not folder.exists(), "a capture that is not whole has not its name"
        assert taken(folder)[0] == 0
        assert kept(folder) == whole, f"killed at write {moment} of {writes}"
        resumed.append(len(store.read_about(folder / "data").resumed))
        assert {finding.state for finding in read(folder)[0]} == {"ok"}
        assert [*drafts(folder)] == []
    assert {*resumed} <= {0, 1}, "0 where nothing was begun"
    assert 1 in resumed
