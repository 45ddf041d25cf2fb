"""Arguments handed to ansible-runner."""

from __future__ import annotations

import inspect
import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ansible_runner
import click
import pytest
from click.testing import CliRunner

from piste.commands.french import Verb
from piste.engine.converge.errors import Misused
from piste.engine.converge.task_log import STEPS
from piste.runs.plans.play import Order, Played, play
from piste.runs.plans.stop import Stopped
from piste.runs.plans.trace import LOST, WAIVED
from piste.runs.records.record import compose
from tests.unit.records.made import chain_of, header, task

LONG_RESULT = """
from ansible_runner.display_callback.callback import awx_display
event = awx_display.EventContext()
event.add_local(event="runner_on_ok", res={"operations": ["x" * 800_000]})
assert event.get_begin_dict()["event_data"]["res"]
"""


def test_ansible_is_found_beside_the_interpreter_and_checks_the_keys_of_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(
        ansible_runner, "run", lambda **options: given.update(options) or SimpleNamespace(rc=0, status="successful")
    )
    monkeypatch.setenv("PATH", "/usr/bin")
    play(Order("playbooks/site.yml"), check=True)
    assert given["envvars"]["PATH"] == f"{Path(sys.executable).parent}:/usr/bin"
    # Runner accepts the key of any machine where nothing says otherwise.
    assert given["envvars"]["ANSIBLE_HOST_KEY_CHECKING"] == "True"


def test_runner_drops_no_long_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the operations of a long result, which the runner drops above a size."""
    given: dict[str, Any] = {}
    monkeypatch.setattr(
        ansible_runner, "run", lambda **options: given.update(options) or SimpleNamespace(rc=0, status="successful")
    )
    play(Order("playbooks/site.yml"), check=True)
    # In a process of its own: the runner's display takes the place of Ansible's where it is imported.
    environment = {**os.environ, "MAX_EVENT_RES": given["envvars"]["MAX_EVENT_RES"]}
    subprocess.run([sys.executable, "-c", LONG_RESULT], env=environment, check=True, timeout=120)


def test_a_loop_says_what_each_item_withheld_and_why_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [{"operations": [{}], "withheld": ["SSID sans secret"]}, {"failed": True, "msg": "muet", "kind": "unknown"}]
    result = {"msg": "One or more items failed", "results": items}
    heard = {"event": "runner_on_failed", "event_data": {"host": "commune", "task": "Redire", "res": result}}

    def run(**options: Any) -> Any:
        options["event_handler"](heard)
        options["event_handler"]({"event": "playbook_on_stats"})
        return SimpleNamespace(rc=2, status="failed")

    monkeypatch.setattr(ansible_runner, "run", run)
    played = play(Order("playbooks/site.yml"), check=True)
    assert (len(played.operations), played.withheld) == (1, ["commune : SSID sans secret"])
    assert [(trouble.kind, trouble.message) for trouble in played.troubles] == [("unknown", "muet")]


@pytest.mark.parametrize(("check", "said"), [(True, False), (False, True)])
def test_a_run_that_somebody_stops_says_what_may_be_half_done(
    check: bool, said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(**options: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return SimpleNamespace(rc=254, status="canceled")

    monkeypatch.setattr(ansible_runner, "run", run)
    with pytest.raises(Stopped, match=r"PISTE-E045 l’exécution a été interrompue\. .*Relancez") as stopped:
        play(Order("playbooks/site.yml"), check=check)
    assert ("fait en partie" in str(stopped.value)) is said


@pytest.mark.parametrize(
    ("tasks", "said"),
    [([task()], "Fait ou commencé : +0 ~1 -0 (piste journal show 20"), ([], "Aucune opération n’était commencée.")],
)
def test_a_run_that_somebody_stops_says_what_its_record_has(
    tasks: list[dict[str, Any]], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path))

    def run(**options: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        head = {**header(1), "started": "2999-01-01T00:00:00Z"}
        chain = chain_of(tmp_path)
        chain.finish(chain.start(head), compose(head, tasks, "d", "2999-01-01T00:00:00Z", "killed"))
        return SimpleNamespace(rc=254, status="canceled")

    monkeypatch.setattr(ansible_runner, "run", run)
    with pytest.raises(Stopped) as stopped:
        play(Order("playbooks/site.yml"), check=False)
    assert said in str(stopped.value)
    assert "fait en partie" not in str(stopped.value)


@pytest.mark.parametrize(
    "said",
    [
        "[ERROR]: Attempting to decrypt but no vault secrets found.",
        "ERROR! Decryption failed (no vault secrets were found that could decrypt) on vault.yml",
    ],
)
def test_a_vault_that_does_not_open_is_no_plan_without_changes(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = SimpleNamespace(rc=4, status="failed", stdout=io.StringIO(said))
    monkeypatch.setattr(ansible_runner, "run", lambda **options: ended)
    with pytest.raises(Misused, match=r"le coffre de « lab » ne s’ouvre pas\. .*ANSIBLE_VAULT_PASSWORD_FILE"):
        play(Order("playbooks/site.yml"), check=True)


def test_runner_leaves_no_environment_on_the_disk_and_what_a_killed_command_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets may come by the environment. Runner notes it in a file before it starts Ansible."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "piste-runner-999999999-a").mkdir()
    (tmp_path / "piste-runner-1-a").mkdir()

    def run(**options: Any) -> Any:
        artifacts = Path(options["private_data_dir"]) / "artifacts"
        artifacts.mkdir()
        config = SimpleNamespace(artifact_dir=str(artifacts))
        options["status_handler"]({"status": "starting"}, runner_config=config)
        (artifacts / "command").write_text("canari", "utf-8")
        options["status_handler"]({"status": "running"}, runner_config=config)
        assert list(artifacts.iterdir()) == []
        options["status_handler"]({"status": "successful"}, runner_config=config)
        return SimpleNamespace(rc=0, status="successful")

    monkeypatch.setattr(ansible_runner, "run", run)
    play(Order("playbooks/site.yml"), check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["piste-runner-1-a"]


def test_runner_still_notes_its_command_where_and_when_it_is_removed() -> None:
    """The file is removed by name between two steps of runner: its source must have both."""
    source = inspect.getsource(ansible_runner.Runner.run)
    steps = ("self.status_callback('starting')", "json.dump(", "self.status_callback('running')", "pexpect.spawn(")
    places = [source.index(step) for step in steps]
    assert (places, "'command')" in source) == (sorted(places), True)


def _without_a_record(**options: Any) -> Any:
    """A run whose recorder notes its loss at the very end, as Ansible closes it."""
    with open(options["envvars"][STEPS], "a", encoding="utf-8") as steps:
        steps.write('{"host": "ccas", "kind": "ssid"}\n{"unrecorded": "/srv/journal : No space left on device."}\n')
    options["event_handler"]({"event": "playbook_on_stats"})
    return SimpleNamespace(rc=1, status="failed")


@pytest.mark.parametrize(("code", "ends"), [(None, 1), (0, 1), (2, 2), (4, 4)])
def test_a_verb_whose_passes_are_not_in_the_journal_says_so_and_does_not_succeed(
    monkeypatch: pytest.MonkeyPatch, code: int | None, ends: int
) -> None:
    monkeypatch.setattr(ansible_runner, "run", _without_a_record)
    seen: list[Played] = []

    @click.command(cls=Verb)
    def verb() -> None:
        seen.append(play(Order("playbooks/verify.yml"), check=False))
        if code is not None:
            sys.exit(code)

    done = CliRunner().invoke(verb)
    said = "Cette exécution n’est pas, ou pas toute, au journal. /srv/journal : No space left on device."
    assert done.exit_code == ends
    assert done.stderr.count(said) == 1
    assert (seen[0].troubles, seen[0].unrecorded) == ([], ["/srv/journal : No space left on device."])
    assert seen[0].warnings[0].startswith(said)
    monkeypatch.setattr(ansible_runner, "run", lambda **options: SimpleNamespace(rc=0, status="successful"))
    assert CliRunner().invoke(verb).exit_code == (code or 0)


@pytest.mark.parametrize(("waived", "rc"), [(True, 1), (True, 250), (False, 250)])
def test_a_run_without_its_record_that_ansible_stopped_is_no_success(
    waived: bool, rc: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk that is full for the journal may be full for Ansible too."""
    if waived:
        monkeypatch.setitem(WAIVED, "piste_without_journal", "Mme Diallo : panne")

    def run(**options: Any) -> Any:
        _without_a_record(**options)
        return SimpleNamespace(rc=rc, status="failed", stdout=io.StringIO("ERROR! No space left on device"))

    monkeypatch.setattr(ansible_runner, "run", run)
    played = play(Order("playbooks/site.yml"), check=False)
    assert (played.outcome, played.troubles[0].message) == ("error", "ERROR! No space left on device")
    LOST.clear()


@pytest.mark.parametrize(("code", "said"), [(2, ""), (137, "Killed"), (None, "Ansible a été tué")])
def test_a_run_that_ansible_left_in_the_middle_says_so_beside_what_a_host_said(
    code: int | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ansible that a signal has killed has no code."""

    def run(**options: Any) -> Any:
        data = {"host": "ccas", "role": "network", "res": {"kind": "unknown", "msg": "muet"}}
        options["event_handler"]({"event": "runner_on_failed", "event_data": data})
        if not said:
            options["event_handler"]({"event": "playbook_on_stats"})
        return SimpleNamespace(rc=code, status="failed", stdout=io.StringIO("Killed"))

    monkeypatch.setattr(ansible_runner, "run", run)
    played = play(Order("playbooks/site.yml"), check=True)
    assert played.failed["network"] == ["muet"]
    assert [said in why for why in played.failed.get("", ())] == ([True] if said else [])
    assert played.outcome == ("error" if said else "unknown")


def test_a_step_that_a_full_disk_has_cut_stops_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(**options: Any) -> Any:
        with open(options["envvars"][STEPS], "a", encoding="utf-8") as steps:
            steps.write('{"host": "cc{"host": "ccas", "kind": "ssid"}\n{"host": "ccas", "kind": "vlan"}\n')
        return SimpleNamespace(rc=0, status="successful")

    monkeypatch.setattr(ansible_runner, "run", run)
    seen: list[str] = []
    play(Order("playbooks/site.yml"), check=False, watch=lambda step: seen.append(step.kind))
    assert seen == ["vlan"]


def test_who_decides_to_write_without_a_record_is_given_to_each_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WAIVED, "piste_without_journal", "Mme Diallo : panne")

    def run(**options: Any) -> Any:
        _without_a_record(**options)
        return SimpleNamespace(rc=0, status="successful")

    monkeypatch.setattr(ansible_runner, "run", run)
    assert '"piste_without_journal": "Mme Diallo : panne"' in " ".join(Order("playbooks/undo.yml").command(check=False))
    play(Order("playbooks/undo.yml"), check=False)
    assert LOST == []
