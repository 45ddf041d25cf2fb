"""Runs without a record: refusals, decisions of a person, notes for the next record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import syslog
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Untraced
from piste.engine.converge.plan import Plan
from piste.engine.converge.task_log import RECORD, RECORDER, STEPS, UNRECORDED, WAIVED, TaskLog, trace_lost
from piste.runs.dispatch import MODULES
from piste.runs.plans.conditions import check_trace
from piste.runs.records import unrecorded
from piste.runs.records.chain import unseal
from piste.runs.records.readable import text
from piste.runs.records.recorder import Options, Recorder
from tests.unit.repository.tree import ROOT

VARIABLES = {"piste_environment_essai": True}
REASON = "Mme Diallo : disque plein"
HERE = "this process"
"""Its number is not known yet where tests are collected, before they are forked."""


@pytest.fixture
def recorder(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Have a recorder in the process above, as a worker of Ansible has it."""
    for variable in (RECORD, RECORDER, UNRECORDED, WAIVED, STEPS):
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path / "locks"))
    monkeypatch.setattr(os, "getppid", os.getpid)
    monkeypatch.setattr(syslog, "syslog", lambda *given: None)
    return Recorder(Options())


def begin(recorder: Recorder, **variables: Any) -> None:
    recorder.task_starts("prism_vms", lambda: {**VARIABLES, **variables})


def record(root: Path) -> dict[str, Any]:
    (path,) = root.rglob("*T*.json")
    return unseal(path.read_bytes())


def test_a_task_whose_record_is_open_may_write(recorder: Recorder) -> None:
    begin(recorder)
    assert check_trace({}) == ""
    recorder.close()


@pytest.mark.parametrize(
    ("left", "why"),
    [
        ({}, "n’a pas chargé le greffon piste_record"),
        ({RECORDER: "1", RECORD: "/dev/null"}, "n’a pas chargé le greffon piste_record"),
        ({RECORDER: HERE}, "Sa trace n’est pas ouverte"),
        ({RECORDER: HERE, UNRECORDED: "Plus de place.", RECORD: "/dev/null"}, "Plus de place"),
        ({RECORDER: HERE, RECORD: "/nulle/part.open"}, "/nulle/part.open : No such file"),
        ({RECORDER: HERE, RECORD: "/dev/full"}, "/dev/full : No space left"),
    ],
)
def test_a_task_without_a_record_that_takes_a_line_is_refused(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, left: dict[str, str], why: str
) -> None:
    monkeypatch.delenv(RECORDER)
    for name, value in left.items():
        monkeypatch.setenv(name, str(os.getpid()) if value == HERE else value)
    with pytest.raises(Untraced, match=why) as refused:
        check_trace({})
    assert refused.value.code == "PISTE-E037"
    assert why in check_trace({"piste_without_journal": REASON})
    for lacking in ("", "panne", ": panne", "Mme Diallo :"):
        with pytest.raises(Untraced, match="doit dire qui en décide et pourquoi"):
            check_trace({"piste_without_journal": lacking})


@pytest.mark.parametrize(
    ("name", "given", "writes"),
    [
        ("prism_power_hours", {"mode": "follow"}, True),
        ("prism_power_hours", {"mode": "report"}, False),
        ("piste_network", {"state": "declared"}, True),
        ("piste_network", {"state": "gathered"}, False),
        ("meraki_ssids", {"state": "merged"}, True),
        ("glpi_changes", {}, True),
        ("zabbix_push", {}, True),
        ("piste_restore_tests", {}, True),
        ("win_administrators", {}, False),
        ("win_administrators", {"remove": True}, True),
        ("piste_files", {}, False),
        ("piste_read", {"subject": "meraki_living"}, False),
    ],
)
def test_whatever_writes_on_a_system_wants_a_record(name: str, given: dict[str, Any], writes: bool) -> None:
    assert MODULES[name].writes_now(given, False) is writes
    assert not MODULES[name].writes_now(given, True)


def test_a_module_in_a_process_of_its_own_writes_nothing_without_a_record(recorder: Recorder, tmp_path: Path) -> None:
    """As Ansible runs it where it has not found the action plugin of the same name."""
    dashboard = {"base_url": "https://127.0.0.1:1/api/v1", "api_key": "k", "organization": "o"}
    given = {"dashboard": dashboard, "network": "n", "owner": "o", "config": [{"serial": "s", "port_id": "1"}]}
    path = tmp_path / "given.json"
    path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), "utf-8")
    environment = {name: value for name, value in os.environ.items() if name != RECORDER}
    command = [sys.executable, "library/meraki_switch_ports.py", str(path)]
    ran = subprocess.run(
        command, cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    result = json.loads(ran.stdout)
    assert (result["failed"], result["code"]) == (True, "PISTE-E037")


def test_what_cannot_be_foreseen_on_the_disk_is_not_written(tmp_path: Path) -> None:
    log = TaskLog(record=Path("/dev/full"))
    with pytest.raises(Untraced, match="No space left"):
        log.foresee(Plan(), [])
    TaskLog(record=Path("/dev/full"), waived=True).foresee(Plan(), [])
    assert TaskLog.of({RECORD: "x", WAIVED: "1"}).waived


def test_a_record_that_is_lost_stops_the_tasks_that_follow_and_is_noted_for_those_who_watch(
    recorder: Recorder, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = tmp_path / "steps"
    steps.touch()
    monkeypatch.setenv(STEPS, str(steps))
    begin(recorder)
    warning = recorder.lose(OSError(28, "No space left on device"))
    (opened,) = root.rglob("*.open")
    said = f"{opened} : No space left on device. Vérifiez la place et les droits de ce dossier."
    assert warning.startswith(f"Cette exécution n’est pas, ou pas toute, au journal. {said}")
    assert "refusé" in warning
    assert json.loads(steps.read_text("utf-8")) == {"unrecorded": said}
    assert trace_lost(os.environ, str(os.getpid())) == said
    recorder.close()


def test_a_run_takes_no_record_from_the_run_that_started_it(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RECORD, "/dev/null")
    monkeypatch.setenv(UNRECORDED, "autre")
    monkeypatch.setenv(WAIVED, "1")
    Recorder(Options())
    assert [name for name in (RECORD, UNRECORDED, WAIVED) if name in os.environ] == []


def test_what_was_written_without_a_record_is_in_the_next_once(recorder: Recorder, root: Path, tmp_path: Path) -> None:
    said = unrecorded.note("essai", f"2026-11-30T20:00:00Z root\n: {REASON}")
    assert said == f"2026-11-30T20:00:00Z root\\u000A: {REASON}"
    begin(recorder, piste_without_journal=REASON)
    recorder.close()
    made = record(root)
    assert (made["unrecorded"], made["without_journal"]) == ([said], REASON)
    shown = "\n".join(text(made))
    assert REASON in shown
    assert "root" in shown
    assert unrecorded.noted("essai") == []


def test_the_record_of_another_environment_takes_no_note(recorder: Recorder, root: Path) -> None:
    """The journal of production says what was written in production."""
    unrecorded.note("production", "écrit sans trace")
    begin(recorder)
    recorder.close()
    assert "unrecorded" not in record(root)
    assert unrecorded.noted("production") == ["écrit sans trace"]


def test_a_reason_without_its_name_waives_nothing(recorder: Recorder, root: Path) -> None:
    begin(recorder, piste_without_journal="disque plein")
    assert not recorder.waived
    recorder.close()
    assert "without_journal" not in record(root)


def test_no_note_is_lost_where_there_are_more_than_a_record_takes(recorder: Recorder) -> None:
    lines = [unrecorded.note("essai", f"note {number}") for number in range(unrecorded.MOST + 2)]
    begin(recorder)
    recorder.close()
    assert unrecorded.noted("essai") == lines[unrecorded.MOST :]
    begin(recorder)
    recorder.close()
    assert unrecorded.noted("essai") == []


def test_a_note_that_nobody_can_write_stops_nothing(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LOCK_DIR", "/dev/null/locks")
    assert unrecorded.note("essai", "x") == "x"
    assert unrecorded.noted("essai") == []
