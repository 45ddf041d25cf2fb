"""The script of the checks, with stand-ins for the programs that it calls."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.unit.repository.tree import ROOT

LINTERS = ("ruff", "mypy", "yamllint", "ansible-lint")
LINES = "for n in {1..200}; do echo \"ligne $n\"; done"
FORKED = r"""case "$2 $#" in
    tests.support.spent\ 2) exit 0 ;;
    tests.support.spent*) shift 3; exec "$@" ;;
    tests.support.forked*) shift 2; exec "$@" ;;
esac
"""
"""What Python does of its own command, before what a test has it do."""
PYTEST = '[[ "$*" != *pytest* ]] || printf "tests/unit : 3 passed\\n3 passed, 1 skipped in 2.00s\\n"'


class Stage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "scripts").mkdir()
        for name in ("common.sh", "check.sh"):
            shutil.copy(ROOT / "scripts" / name, folder / "scripts" / name)
        self.program("scripts/bootstrap.sh", "exit 0")
        for linter in (*LINTERS, "molecule"):
            self.program(f".venv/bin/{linter}", LINES)
        self.program(".venv/bin/python", PYTEST)

    def program(self, path: str, body: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        forked = FORKED if file.name == "python" else ""
        file.write_text(f"#!/usr/bin/env bash\n{forked}{body}\n", "utf-8")
        file.chmod(0o755)

    def start(self, scope: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "scripts/check.sh", scope],
            cwd=self.folder,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, scope: str) -> tuple[int, str]:
        process = self.start(scope)
        said, _ = process.communicate(timeout=60)
        return process.returncode, said


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_all_is_checked_and_counted(stage: Stage) -> None:
    code, said = stage.run("all")
    assert (code, said.splitlines()[-1]) == (0, "3 passed, 0 failed, 1 skipped")
    assert [name for name in (*LINTERS, "molecule") if f"\n  {name} : " not in said] == []
    assert "ligne" not in said
    assert "\n    tests/unit : 3 passed\n" in said


@pytest.mark.parametrize("failing", [*LINTERS, "molecule"])
def test_what_fails_beside_the_tests_fails_the_run_and_is_shown_whole(stage: Stage, failing: str) -> None:
    stage.program(f".venv/bin/{failing}", f"{LINES}\nexit 7")
    code, said = stage.run("all")
    assert code == 1
    assert f" : {failing}. Journaux : " in said.splitlines()[-2]
    assert [number for number in range(1, 201) if f"    ligne {number}\n" not in said] == []


def test_tests_that_fail_leave_the_others_to_their_end(stage: Stage) -> None:
    stage.program(".venv/bin/python", '[[ "$*" != *pytest* ]] || { echo "2 failed, 3 passed in 2.00s"; exit 1; }')
    code, said = stage.run("all")
    assert (code, said.splitlines()[-1]) == (1, "3 passed, 2 failed, 0 skipped")
    assert " : pytest. Journaux : " in said
    assert "\n  molecule : " in said


def test_the_linters_alone(stage: Stage) -> None:
    stage.program(".venv/bin/python", "exit 1")
    stage.program(".venv/bin/mypy", "exit 1")
    code, said = stage.run("lint")
    assert (code, "molecule" in said, " : mypy. Journaux" in said) == (1, False, True)


def test_what_goes_beside_ends_with_a_run_that_is_stopped(stage: Stage) -> None:
    stage.program(".venv/bin/molecule", "sleep 300 &\necho $! >sleeping\nwait")
    stage.program(".venv/bin/python", "touch begun\nsleep 300 &\necho $! >testing\nwait")
    process = stage.start("all")
    pids = [stage.folder / name for name in ("sleeping", "testing")]
    deadline = time.monotonic() + 30
    while not all(path.exists() and path.read_text() for path in pids):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(int(pids[1].read_text()), signal.SIGKILL)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    sleeping = Path("/proc", pids[0].read_text().strip())
    while sleeping.exists() and sleeping.joinpath("stat").read_text().split()[2] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.01)
