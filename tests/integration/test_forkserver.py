"""A forked run is like a run of the program: own exit code, streams, folder, environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.declared import write_secrets
from tests.support import forkclient, forkserver
from tests.support.playbooks import REPOSITORY

TELL = """import json, os, sys
print(json.dumps([sys.argv, os.getcwd(), os.environ["SAID"], os.getsid(0) == os.getpid(), sys.stdin.read()]))
print("à part", file=sys.stderr)
sys.exit(3)
"""
STARTED = """import json, sys
from piste.runs.plans import hosts, keys
print(json.dumps([sys.executable, keys.seal("lab", "essai", b"contenu"), hosts.variables("lab")]))
"""
SLEEP = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(300)"


def asked(folder: Path, code: str, *arguments: str, timeout: float = 60, **environment: str) -> tuple[int, str, str]:
    given = {**os.environ, forkclient.FOLDER: str(forkserver.home()), "PYTHONPATH": str(REPOSITORY), **environment}
    out, err = folder / "out", folder / "err"
    with open(os.devnull, "rb") as nothing, out.open("wb") as said, err.open("wb") as aside:
        streams = (nothing.fileno(), said.fileno(), aside.fileno())
        ended = forkclient.ask("python", ["python", "-c", code, *arguments], given, str(REPOSITORY), streams, timeout)
    return ended, out.read_text("utf-8"), err.read_text("utf-8")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_each_run_has_its_own_streams_environment_and_exit_code(tmp_path: Path) -> None:
    for said in ("un", "deux"):
        code, out, err = asked(tmp_path, TELL, "a", SAID=said)
        assert (code, err) == (3, "à part\n")
        assert json.loads(out) == [["-c", "a"], str(REPOSITORY), said, True, ""]
    assert asked(tmp_path, "raise ValueError('exprès')")[0] == 250
    assert "ValueError: exprès" in (tmp_path / "err").read_text("utf-8")


def test_what_one_run_changes_of_its_process_is_not_there_in_the_next(tmp_path: Path) -> None:
    change = "import os, piste; piste.changed = True; os.environ['CHANGED'] = '1'; os.chdir('/')"
    look = "import os, piste; print(hasattr(piste, 'changed'), 'CHANGED' in os.environ, os.getcwd())"
    assert asked(tmp_path, change)[0] == 0
    assert asked(tmp_path, look)[1].split() == ["False", "False", str(REPOSITORY)]


def test_a_run_that_lasts_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        asked(tmp_path, SLEEP, str(tmp_path / "pid"), timeout=5)
    pid = Path("/proc", (tmp_path / "pid").read_text())
    until(lambda: not pid.exists())


def test_ansible_is_asked_for_on_the_path_and_ends_with_who_asked(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{forkserver.home() / 'venv/bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "ANSIBLE_HOME": str(forkserver.home() / "ansible"),
        "PISTE_JOURNAL_DIR": str(tmp_path / "journal"),
        forkclient.FOLDER: str(forkserver.home()),
    }
    parent = "{{ lookup('pipe', \"sed -n 's/^PPid:[^0-9]*//p' /proc/$PPID/status\") }}"
    write = {"ansible.builtin.copy": {"content": parent, "dest": str(tmp_path / "begun")}, "connection": "local"}
    task = {"ansible.builtin.wait_for": {"timeout": 300}, "connection": "local"}
    play = tmp_path / "play.yml"
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [write, task]}]), "utf-8")

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["ansible-playbook", *arguments], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
        )

    checked = start("--syntax-check", str(play))
    out, _ = checked.communicate(timeout=60)
    assert (checked.returncode, "playbook: " in out) == (0, True)

    waiting = start("-i", "localhost,", str(play))
    until((tmp_path / "begun").exists)
    assert Path("/proc", (tmp_path / "begun").read_text("utf-8")).exists()
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait(30) == -signal.SIGTERM
    run = Path("/proc", (tmp_path / "begun").read_text("utf-8"))
    until(lambda: not run.exists())


def test_a_server_that_cannot_start_says_why_at_once(tmp_path: Path) -> None:
    given = {**os.environ, forkclient.FOLDER: str(forkserver.home())}
    with pytest.raises(TimeoutError, match="No such file"):
        forkclient.ask("python", ["python", "-c", "pass"], given, str(tmp_path), (0, 1, 2))


def test_what_a_verb_starts_says_what_it_says_for_a_person(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    write_secrets(tmp_path / "lab", [])
    given = {"PISTE_LAB_DIR": str(tmp_path / "lab"), "ANSIBLE_HOME": str(forkserver.home() / "ansible")}
    code, out, err = asked(tmp_path, STARTED, **given)
    assert code == 0, err
    program, *forked = json.loads(out)
    by_hand = subprocess.run(
        [sys.executable, "-c", STARTED], env={**os.environ, **given}, cwd=REPOSITORY, capture_output=True, check=True
    )
    assert Path(program).name == forkclient.PYTHON
    assert forked == json.loads(by_hand.stdout)[1:]
    assert subprocess.run([program, "-c", "import sys; sys.exit(3)"], check=False).returncode == 3
