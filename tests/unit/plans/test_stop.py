"""Signals stop a command in a pass, between passes, in our code; handlers are put back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import ansible_runner
import pytest

from piste.commands import sobriety as commands_sobriety
from piste.commands.output import EXIT
from piste.runs.plans import play, saved, stop
from piste.runs.plans.gate import GATE
from piste.runs.plans.play import Order, Played
from piste.runs.plans.stop import SIGNALS, Stopped, stoppable
from piste.sobriety.driven import DRIVEN
from tests.unit.plans.passes import alone, piste
from tests.unit.plans.plans import operation, plan
from tests.unit.repository.tree import ROOT

SITE = Order("playbooks/site.yml")


@pytest.fixture(autouse=True)
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the test its own station; check at the end that the handlers are back."""
    alone(tmp_path, monkeypatch)
    former = [signal.getsignal(number) for number in SIGNALS]
    yield
    assert [signal.getsignal(number) for number in SIGNALS] == former


class Runner:
    """Play ansible-runner: act during each pass in turn, and note what is sent to Ansible."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.during: list[Any] = []
        self.passes: list[bool] = []
        self.sent: list[tuple[int, int]] = []
        self.operations: list[dict[str, Any]] = []
        monkeypatch.setattr(ansible_runner, "run", self.run)
        monkeypatch.setattr(stop.os, "kill", self._kill)
        self._real = os.kill

    def _kill(self, pid: int, number: int) -> None:
        if pid == os.getpid():
            signal.raise_signal(number)
        else:
            self.sent.append((pid, number))

    def run(self, **given: Any) -> Any:
        gate = given["envvars"].get(GATE)
        self.passes.append(bool(gate) or "--check" in given["cmdline"])
        result = {"operations": self.operations}
        event = {"event": "runner_on_ok", "pid": 4242, "event_data": {"host": "ecole-jaures", "res": result}}
        if self.during:
            self.during.pop(0)(given, event)
        else:
            given["event_handler"](event)
        if gate:
            given["event_handler"]({"event": "playbook_on_stats", "pid": 4242})
            self.passes += [False] if Path(gate).read_bytes() else []
        return SimpleNamespace(rc=0, status="successful")


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(monkeypatch)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("early", [True, False])
def test_a_signal_of_a_pass_is_handed_to_ansible_once_and_the_pass_ends_as_stopped(
    number: int, early: bool, runner: Runner
) -> None:
    def during(given: Any, event: Any) -> None:
        if not early:
            given["event_handler"](event)
        signal.raise_signal(number)
        assert runner.sent == ([] if early else [(4242, signal.SIGINT)])
        for _ in range(3):
            given["event_handler"](event)
        assert given["cancel_callback"]() is False
        signal.raise_signal(number)
        assert given["cancel_callback"]() is True

    runner.during = [during]
    with pytest.raises(Stopped, match=r"PISTE-E045 l’exécution a été interrompue\. Relancez"):
        play.play(SITE, check=True)
    assert runner.sent == [(4242, signal.SIGINT)]


def test_a_pass_that_does_not_end_is_killed(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop, "GRACE", -1.0)

    def during(given: Any, event: Any) -> None:
        assert given["cancel_callback"]() is False
        signal.raise_signal(signal.SIGTERM)
        assert given["cancel_callback"]() is True

    runner.during = [during]
    with pytest.raises(Stopped):
        play.play(SITE, check=True)


def test_a_pass_that_nobody_stops_leaves_the_handlers_as_they_were(runner: Runner) -> None:
    with stoppable():
        inside = [signal.getsignal(number) for number in SIGNALS]
        play.play(SITE, check=True)
        assert [signal.getsignal(number) for number in SIGNALS] == inside
        assert inside == [signal.default_int_handler] * 2


def test_a_signal_that_is_ignored_stays_ignored_and_a_thread_changes_none() -> None:
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stoppable():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, former)
    seen: list[Any] = []

    def inside() -> None:
        with stoppable():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]


# each verb of several passes: a signal after the first, nothing begins to be written


def interrupts(number: int) -> Any:
    """Replace a function that a verb calls between two passes."""

    def interrupted(*given: Any, **named: Any) -> Any:
        signal.raise_signal(number)

    return interrupted


def said(result: Any) -> None:
    assert result.exit_code == EXIT["error"]
    assert result.stderr.splitlines()[-1].startswith("PISTE-E045 l’exécution a été interrompue.")


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("where", ["in the pass", "between the passes"])
def test_apply_is_stopped_before_it_writes(
    where: str, number: int, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(operation("a"))
    saved.write(made)
    runner.operations = made["operations"]
    if where == "in the pass":
        runner.during = [lambda given, event: (given["event_handler"](event), signal.raise_signal(number))]
    else:
        monkeypatch.setattr(saved, "differences", interrupts(number))
    said(piste("apply", made["id"], "--yes"))
    assert runner.passes == [True]


@pytest.mark.parametrize("number", SIGNALS)
def test_export_is_stopped_and_leaves_nothing(number: int, runner: Runner, tmp_path: Path) -> None:
    runner.during = [lambda given, event: signal.raise_signal(number)]
    said(piste("export", "--to", str(tmp_path / "sac")))
    assert (len(runner.passes), [path.name for path in tmp_path.glob("*sac*")]) == (1, [])


@pytest.mark.parametrize("number", SIGNALS)
def test_export_is_stopped_while_it_puts_the_bag_together(
    number: int, runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piste.exports.bag.contents.read", interrupts(number))
    said(piste("export", "--to", str(tmp_path / "sac")))
    assert [path.name for path in tmp_path.glob("*sac*")] == []


def test_adopt_undo_close_and_doctor_are_stopped_between_their_passes(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(operation("a"))
    saved.write(made)
    for place, command in (
        ("piste.sites.matching.match", ["adopt", "all"]),
        ("piste.runs.plans.undo.inverse", ["undo", made["id"]]),
        ("piste.runs.plans.saved.make", ["site", "close", "piscine", "--confirm", "piscine"]),
        ("piste.commands.doctor_checks.declaration", ["doctor"]),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(place, interrupts(signal.SIGTERM))
            said(piste(*command))
    assert runner.passes == [True, True]


@pytest.mark.parametrize("place", ["piste.sobriety.moves.refuse_foreign", "piste.runs.plans.saved.write"])
def test_a_step_of_sobriety_is_stopped_before_it_is_inscribed(
    place: str, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = SimpleNamespace(lever="impression", step="pilot", date="2026-11-27")
    move = SimpleNamespace(order=SITE, driven=DRIVEN["print_defaults"], targets=["ccas"], done=None)
    foreseen = Played(operations=[operation("a")])
    monkeypatch.setattr("piste.sobriety.moves.foresee", lambda *given, **named: (move, foreseen))
    monkeypatch.setattr(commands_sobriety, "by_proof", lambda *given: False)
    monkeypatch.setattr("piste.sobriety.moves.refuse_foreign", lambda *given: None)
    monkeypatch.setattr("piste.sobriety.rollout.inscribe", None)
    monkeypatch.setattr(place, interrupts(signal.SIGTERM))
    with pytest.raises(Stopped), stoppable():
        commands_sobriety._carry_out(cast(Any, None), cast(Any, step), "lab", new=True, confirm=(), yes=True)
    assert runner.passes == []


# a worker, which has its own session


WORKER = """
import multiprocessing, os, time
from piste.runs.dispatch import _end_with_parent

def work():
    os.setsid()
    _end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(60)

multiprocessing.get_context("fork").Process(target=work).start()
time.sleep(60)
"""


def test_a_worker_ends_with_the_run_that_started_it_however_that_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        worker = int(run.stdout.readline())
        run.kill()
        assert run.stdout.read() == ""  # The end of the pipe shows that the worker ended: both had its other end.
    assert not Path(f"/proc/{worker}/cmdline").exists() or Path(f"/proc/{worker}/cmdline").read_bytes() == b""
