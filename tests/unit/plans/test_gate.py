"""The gate of a run: the first playbook verifies, an open gate lets the second begin."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ansible_runner
import click
import pytest
from ansible import context
from click.testing import CliRunner

from piste.commands.french import Verb
from piste.engine.converge.errors import Misused, Untraced
from piste.engine.converge.task_log import RECORD, RECORDER, STEPS, UNRECORDED
from piste.runs.plans.gate import GATE, Gate, passes, refuse_shut
from piste.runs.plans.play import Order, Played, Step, play
from piste.runs.plans.saved import StalePlan
from piste.runs.records.recorder import Options
from tests.unit.plans.plans import operation
from tests.unit.repository.tree import ROOT

ORDER = Order("playbooks/site.yml")
HOLDS = """
import sys, time
from pathlib import Path
from piste.runs.plans.gate import Gate
gate = Gate(Path(sys.argv[1]), None)
print("held", flush=True)
time.sleep(60)
"""
PLAY = """
- hosts: localhost
  gather_facts: false
  serial: "{{ waves }}"
  vars: {waves: [1]}
  roles: [essai]
  tasks:
    - name: Write beside the role
      block: [{ansible.builtin.copy: {content: "", dest: "{{ folder }}/task"}}]
"""
ROLE = """
- name: Write in a role
  ansible.builtin.copy: {content: "", dest: "{{ folder }}/role"}
"""


def test_a_gate_is_shut_until_its_judge_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GATE, str(tmp_path / "gate"))
    gate = Gate(tmp_path / "gate", lambda seen: f"vu {seen}")
    with pytest.raises(Misused, match="n’est pas encore vérifié"):
        refuse_shut()
    assert gate.undecided
    assert gate.decide("cela") == "vu cela"
    refuse_shut()
    assert (gate.undecided, passes(gate.path)) == (False, True)
    gate.path.unlink()
    assert not passes(gate.path)
    with pytest.raises(Misused):
        refuse_shut()
    monkeypatch.delenv(GATE)
    refuse_shut()


@pytest.mark.parametrize("end", [StalePlan("autre chose"), SystemExit(3), ValueError("une faute")])
def test_a_gate_whose_judge_refuses_stays_shut_and_keeps_why(end: BaseException, tmp_path: Path) -> None:
    def judge(verification: Any) -> None:
        raise end

    gate = Gate(tmp_path / "gate", judge)
    assert gate.decide(Played()) is None
    assert (gate.refusal, passes(gate.path)) == (end, False)


def test_a_command_that_is_killed_leaves_the_gate_shut(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDS, str(tmp_path / "gate")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        os.kill(holder.pid, signal.SIGKILL)
        assert not passes(tmp_path / "gate")


@pytest.mark.parametrize(("said", "code", "written"), [(b"open", 0, ["role", "task"]), (b"", 1, [])])
def test_ansible_writes_nothing_in_its_first_playbook_and_has_a_second_where_the_gate_is_open(
    said: bytes, code: int, written: list[str], tmp_path: Path
) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "gate").write_bytes(said)
    (tmp_path / "play.yml").write_text(PLAY, "utf-8")
    (tmp_path / "roles/essai/tasks").mkdir(parents=True)
    (tmp_path / "roles/essai/tasks/main.yml").write_text(ROLE, "utf-8")
    environment = {
        **os.environ,
        GATE: str(tmp_path / "gate"),
        "PISTE_JOURNAL_DIR": str(tmp_path / "journal"),
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "piste_record",
    }
    program = Path(sys.executable).with_name("ansible-playbook")
    command = [str(program), "-c", "local", "-e", f"folder={tmp_path / 'made'}", "play.yml", "play.yml"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == written
    assert done.stdout.count("PLAY RECAP") == 1 + len(written) // 2


def heard(*passed: list[dict[str, Any]], rc: int = 0) -> Any:
    """Play ansible-runner: a pass is the operations of its only task; each ends with statistics."""

    def run(**given: Any) -> Any:
        gate = Path(given["envvars"][GATE])
        assert given["cmdline"].endswith(f" {ORDER.played}")
        for number, operations in enumerate(passed):
            if number and not gate.read_bytes():
                break
            result = {"operations": operations, "calls": {"reads": 1, "writes": number}}
            data = {"host": "ecole-jaures", "task": "Converger", "res": result}
            given["event_handler"]({"event": "runner_on_ok", "pid": 4242, "event_data": data})
            given["event_handler"]({"event": "playbook_on_stats", "pid": 4242})
        return SimpleNamespace(rc=rc, status="successful", stdout=SimpleNamespace(read=lambda: "Ansible est mort"))

    return run


def test_the_judge_hears_the_verification_and_the_result_is_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ansible_runner, "run", heard([operation("a"), operation("b")], [operation("a")]))
    seen: list[Any] = []
    steps: dict[str, list[Step]] = {"verified": [], "applied": []}

    def judge(verification: Played) -> Any:
        seen.extend((len(verification.operations), verification.calls))
        return steps["applied"].append

    played = play(ORDER, check=False, watch=steps["verified"].append, judge=judge)
    assert seen == [2, {"reads": 1, "writes": 0}]
    assert (len(played.operations), played.calls, played.hosts) == (1, {"reads": 1, "writes": 1}, ["ecole-jaures"])
    assert [len(known) for known in steps.values()] == [2, 2]


def test_what_the_judge_refuses_is_raised_and_nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ansible_runner, "run", heard([operation("a")], [operation("a")], rc=1))

    def judge(verification: Played) -> Any:
        raise StalePlan("la situation a changé")

    with pytest.raises(StalePlan, match="la situation a changé"):
        play(ORDER, check=False, judge=judge)


def test_ansible_that_ends_before_it_has_verified_is_a_trouble_for_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ansible_runner, "run", heard(rc=0))
    seen: list[Played] = []

    def judge(verification: Played) -> Any:
        seen.append(verification)
        raise StalePlan("rien n’a été écrit")

    with pytest.raises(StalePlan):
        play(ORDER, check=False, judge=judge)
    assert [trouble.message for trouble in seen[0].troubles] == ["Ansible est mort"]


def unrecorded(steps: str) -> None:
    with open(steps, "a", encoding="utf-8") as file:
        file.write('{"unrecorded": "Plus de place."}\n')


@pytest.mark.parametrize("late", [False, True])
def test_a_verb_whose_verification_left_no_record_is_no_success(late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its judge found nothing to do.

    A record may be lost as it is closed, after the judge was asked.
    """

    def run(**given: Any) -> Any:
        if not late:
            unrecorded(given["envvars"][STEPS])
        given["event_handler"]({"event": "playbook_on_stats", "pid": 4242})
        if late:
            unrecorded(given["envvars"][STEPS])
        return SimpleNamespace(rc=1, status="failed")

    monkeypatch.setattr(ansible_runner, "run", run)

    @click.command(cls=Verb)
    def verb() -> None:
        play(ORDER, check=False, judge=lambda foreseen: sys.exit(0))

    done = CliRunner().invoke(verb)
    assert (done.exit_code, done.stderr.count("n’est pas, ou pas toute, au journal. Plus de place.")) == (1, 1)


def test_what_was_accepted_as_the_record_was_lost_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(**given: Any) -> Any:
        given["event_handler"]({"event": "playbook_on_stats", "pid": 4242})
        assert passes(Path(given["envvars"][GATE]))
        unrecorded(given["envvars"][STEPS])
        return SimpleNamespace(rc=1, status="failed")

    monkeypatch.setattr(ansible_runner, "run", run)
    with pytest.raises(Untraced, match=r"Plus de place\. Rien de plus n’a été écrit"):
        play(ORDER, check=False, judge=lambda foreseen: lambda step: None)


@pytest.mark.parametrize("waived", [False, True])
def test_nothing_follows_a_verification_whose_record_is_lost_as_it_is_closed(
    waived: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command decides as soon as it hears the statistics, which may be before."""
    for variable in (RECORD, RECORDER, UNRECORDED):
        monkeypatch.setenv(variable, "")
    (tmp_path / "gate").write_bytes(b"open")
    monkeypatch.setenv(GATE, str(tmp_path / "gate"))
    monkeypatch.setattr(context, "CLIARGS", {"args": ("site.yml", "site.yml")})
    monkeypatch.setattr("piste.engine.transport.shared.renew", lambda: None)
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / "callback_plugins")])
    callback = import_module("piste_record").CallbackModule()
    monkeypatch.setattr(callback.recorder, "close", lambda: (_ for _ in ()).throw(OSError("disque plein")))
    callback.recorder.waived = waived
    if waived:
        callback.v2_playbook_on_stats(None)
        return
    with pytest.raises(SystemExit) as left:
        callback.v2_playbook_on_stats(None)
    assert left.value.code == 1


@pytest.mark.parametrize(
    ("check", "given"), [(True, ["-e", "{}", "site.yml", "--check", "--diff"]), (False, ["-e", "{}", "site.yml"])]
)
def test_the_command_of_a_record_does_what_the_record_has(
    check: bool, given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["ansible-playbook", "-e", "{}", "site.yml", "site.yml"])
    assert Options(check=check, gated=True).argv() == ["ansible-playbook", *given]
    assert Options(check=check).argv() == sys.argv
