"""Real Ansible runs on a lab over HTTPS: one record each, chained, true, without secrets."""

from __future__ import annotations

import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from lab.declared import declared_town, write_secrets
from lab.instance import Lab
from piste.runs.records.journal import latest, verify
from piste.runs.records.record import MASK, Record
from piste.town.model import load
from tests.support import forkclient, forkserver
from tests.support.playbooks import NETWORK_ALONE

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SCHOOL = ["playbooks/site.yml", "-l", "ecole-jaures"]


@dataclass
class Station:
    """Workstation: its lab, its journal, and the commands that an engineer types there."""

    lab: Lab
    folder: Path
    secrets: dict[str, str]

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PISTE_"))}
        return {
            **kept,
            # Settings of the servers of other files (tests/support/playbooks.py): theirs are used again.
            "ANSIBLE_HOME": str(forkserver.home() / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "PISTE_DERIVED_DIR": str(forkserver.home() / "derived"),
            "PATH": f"{BIN}:{kept['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PISTE_LAB_DIR": str(self.lab.folder),
            "PISTE_JOURNAL_DIR": str(self.journal),
            "PISTE_LOCK_DIR": str(self.folder / "locks"),
            "PISTE_RATE": "0",
            **NETWORK_ALONE,
        }

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**self.environment, **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def start_forked(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command; Ansible is forked with its imports done."""
        servers, path = forkserver.home(), self.environment["PATH"]
        asked = {forkclient.FOLDER: str(servers), "PATH": f"{servers / 'venv/bin'}:{path}"}
        return self.start(*command, **environment, **asked)

    def run(self, *command: str, **environment: str) -> tuple[int, str]:
        process = self.start_forked(*command, **environment)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def records(self) -> list[Record]:
        assert verify(self.journal) == []
        return latest(self.journal)


@pytest.fixture
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Station]:
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path / "locks"))
    with Lab("empty", tls=True, folder=tmp_path / "lab") as lab:
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
        yield Station(lab, tmp_path, write_secrets(lab.folder, declared_town().secret_paths()))


def test_a_check_a_run_and_a_second_run_leave_three_true_records(station: Station) -> None:
    extra = "network_confirm=removals jeton=valeur-tres-secrete"
    for options in (["--check"], ["-e", extra], []):
        assert station.run("ansible-playbook", *SCHOOL, *options)[0] == 0
    predicted, done, again = station.records()
    assert [record["previous"] for record in (predicted, done, again)] == [None, predicted["hash"], done["hash"]]
    assert (predicted["check"], done["check"]) == (True, False)
    assert [record["outcome"] for record in (predicted, done, again)] == ["changes", "changes", "ok"]
    assert operations(predicted) == operations(done)
    assert len(operations(done)) == done["counts"]["create"] + done["counts"]["update"] > 0
    assert operations(again) == []
    assert (predicted["counts"]["writes"], again["counts"]["writes"]) == (0, 0)
    calls = station.lab.calls.counts()["meraki"]
    assert sum(record["counts"]["reads"] for record in (predicted, done, again)) == calls["reads"]
    assert done["counts"]["writes"] == calls["writes"] > 0
    assert done["command"] == ["ansible-playbook", *SCHOOL, "-e", f"network_confirm=removals jeton={MASK}"]
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {name: done[name] for name in ("environment", "limit", "tags", "plan", "commit", "user", "declaration")} == {
        "environment": "lab",
        "limit": "ecole-jaures",
        "tags": ["all"],
        "plan": None,
        "commit": commit.stdout.strip(),
        "user": pwd.getpwuid(os.getuid()).pw_name,
        "declaration": load(ROOT / "inventories/town").digest,
    }
    assert [(task["module"], task["status"]) for task in done["tasks"]] == [
        ("piste_site", "ok"),
        ("piste_network", "changed"),
        ("piste_supervision", "skipped"),  # this lab has no Zabbix
        ("piste_routing", "ok"),  # its core is not there: the gateways wait
    ]
    written = "".join(path.read_text("utf-8") for path in station.journal.rglob("*") if path.is_file())
    assert "meraki/ssid/VLB-Agents/psk" in written
    values = {**station.secrets, "api_key": station.lab.meraki.api_key, "jeton": "valeur-tres-secrete"}
    assert [path for path, value in values.items() if value in written] == []


def operations(record: Record) -> list[dict[str, Any]]:
    return [operation for task in record["tasks"] for operation in task["operations"]]


@pytest.mark.parametrize("kill", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.story)])
def test_a_killed_run_is_closed_by_the_next_with_what_it_had_done(kill: signal.Signals, station: Station) -> None:
    killed = station.start("ansible-playbook", *SCHOOL)
    deadline = time.monotonic() + 60
    while not any('"kind": "access_policy"' in path.read_text() for path in station.journal.rglob("*.open")):
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.01)
    os.killpg(killed.pid, kill)
    killed.communicate()
    assert station.run("ansible-playbook", *SCHOOL, "--check", "--tags", "none")[0] == 0
    first, second = station.records()
    assert (first["outcome"], second["previous"]) == ("killed", first["hash"])
    assert [task["module"] for task in first["tasks"]][:3] == ["piste_site", "piste_network", "piste_network"]
    assert {task["status"] for task in first["tasks"][1:]} == {"killed"}
    assert first["limit"] == "ecole-jaures"
    assert first["declaration"] == second["declaration"]
    assert first["counts"]["create"] > 0
    assert list(station.journal.rglob("*.open")) == []


def test_a_run_interrupted_from_the_keyboard_closes_its_own_record(station: Station) -> None:
    # Python loses a signal that comes while a process is being made; none is made while a request waits.
    reached, released = Event(), Event()
    station.lab.meraki.faults.add(kind="edit", edit=lambda: reached.set() or released.wait(60))
    stopped = station.start("ansible-playbook", *SCHOOL)
    assert reached.wait(60)
    os.killpg(stopped.pid, signal.SIGINT)
    stopped.communicate(timeout=60)
    released.set()
    (record,) = station.records()
    assert (record["outcome"], record["tasks"][0]["module"]) == ("killed", "piste_site")
    assert list(station.journal.rglob("*.open")) == []


def test_runs_at_once_make_one_chain(station: Station) -> None:
    check = ["ansible-playbook", *SCHOOL, "--check", "--tags", "none"]
    runs = [station.start_forked(*check) for _ in range(3)]
    assert [(run.communicate()[0][-200:], run.returncode)[1] for run in runs] == [0, 0, 0]
    assert len(station.records()) == 3


def test_a_system_that_does_not_answer_is_recorded_as_unknown(station: Station) -> None:
    info = station.lab.folder / "info.json"
    described = json.loads(info.read_text())
    described["meraki"]["url"] = "https://127.0.0.1:9/api/v1"
    info.write_text(json.dumps(described))
    code, _ = station.run("ansible-playbook", *SCHOOL)
    (record,) = station.records()
    assert (code, record["outcome"], record["counts"]["failed"]) == (2, "unknown", 2)
    first, conclusion = [task for task in record["tasks"] if task["status"] == "failed"]
    assert (first["module"], first["code"], first["kind"]) == ("piste_network", "PISTE-E010", "unknown")
    assert (conclusion["module"], conclusion["code"]) == ("assert", None)
    assert conclusion["message"].startswith("ecole-jaures n’a pas abouti (réseau : sans réponse).")


def test_two_environments_at_once_are_recorded_as_refused(station: Station) -> None:
    inventories = [option for name in ("town", "lab", "production") for option in ("-i", f"inventories/{name}")]
    assert station.run("ansible-playbook", *SCHOOL, *inventories, "--check")[0] != 0
    (record,) = station.records()
    assert (record["environment"], record["outcome"]) == ("unknown", "refused")


def test_what_runs_no_module_of_ours_leaves_nothing(station: Station, tmp_path: Path) -> None:
    playbook = tmp_path / "sans.yml"
    task = {"ansible.builtin.command": "false"}
    playbook.write_text(
        json.dumps([{"hosts": "ecole-jaures", "connection": "local", "gather_facts": False, "tasks": [task]}])
    )
    for command, code in (
        (["ansible-playbook", *SCHOOL, "--list-tasks"], 0),
        (["ansible-playbook", *SCHOOL, "--syntax-check"], 0),
        (["ansible-doc", "-t", "module", "-M", "library", "meraki_ssids"], 0),
        (["ansible-playbook", str(playbook)], 2),
    ):
        assert station.run(*command)[0] == code
    assert not station.journal.exists()


def test_a_single_task_on_the_command_line_is_recorded_too(station: Station) -> None:
    arguments = "site=ecole-jaures inventory=inventories/town"
    command = ["ansible", "ecole-jaures", "-c", "local", "-m", "piste_site", "-a", arguments]
    assert station.run(*command)[0] == 0
    (record,) = station.records()
    assert record["command"] == [*command[:-1], MASK]
    assert [task["module"] for task in record["tasks"]] == ["piste_site"]


def test_ansible_runner_leaves_the_same_record(station: Station) -> None:
    code = f"""if True:
        import ansible_runner, sys
        done = ansible_runner.run(
            private_data_dir={str(station.folder / "runner")!r}, project_dir={str(ROOT)!r},
            playbook="playbooks/site.yml", limit="ecole-jaures", cmdline="--check --tags none", quiet=True,
            inventory=[{str(ROOT / "inventories/town")!r}, {str(ROOT / "inventories/lab")!r}],
            envvars={{"ANSIBLE_CALLBACK_PLUGINS": {str(ROOT / "callback_plugins")!r}}},
        )
        sys.exit(done.rc)
    """
    (station.folder / "runner").mkdir()
    assert station.run(sys.executable, "-c", code)[0] == 0
    (record,) = station.records()
    assert (record["command"][0], record["check"], record["limit"]) == ("ansible-playbook", True, "ecole-jaures")
    assert record["outcome"] == "ok"


@pytest.mark.story
def test_a_run_that_no_callback_records_says_so(station: Station) -> None:
    """A service may name its own callbacks: those of `ansible.cfg` then count for nothing."""
    command = ["ansible-playbook", *SCHOOL, "--check", "--tags", "none"]
    code, output = station.run(*command, ANSIBLE_CALLBACK_PLUGINS=str(station.folder))
    assert code == 1, "a timer reads the code"
    assert len(re.findall("Cette exécution n’est pas, ou pas toute, au journal", output)) == 1
    assert not station.journal.exists()


@pytest.mark.story
def test_a_journal_that_cannot_be_written_is_a_warning_and_the_run_that_reads_goes_on(station: Station) -> None:
    station.journal.write_text("un fichier là où il faut un dossier")
    code, output = station.run("ansible-playbook", *SCHOOL, "--check", "--tags", "none")
    assert code == 1, "a timer reads the code"
    assert "failed=0" in output
    warned = re.findall(r"\[WARNING\]: Cette exécution n", output)
    assert len(warned) == 1
