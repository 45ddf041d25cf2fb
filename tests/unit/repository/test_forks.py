"""Tests on forked processes: each runs once, and a test whose process dies is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.unit.repository.tree import ROOT

SHARED = """
import pytest

@pytest.fixture(scope="session")
def made(tmp_path_factory):
    yield tmp_path_factory.mktemp("made")
    (tmp_path_factory.getbasetemp() / "ended").touch()
"""
PASSING = """
import os

def test_passes(made):
    print("said here")
    with open({ran!r}, "a") as file:
        file.write(f"{{os.getpid()}} {{__name__}} {{made}}\\n")

def test_of_the_same_file_passes(made):
    test_passes(made)
"""
OTHERS = """
import os, pytest

def test_fails():
    print("said before")
    assert 1 == 2

@pytest.mark.skip(reason="pas ici")
def test_skipped():
    pass

def test_dies():
    os._exit(3)

def test_left():
    pass
"""


def test_each_test_runs_once_and_the_process_that_dies_is_named(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for number in range(6):
        (tmp_path / f"test_{number}.py").write_text(PASSING.format(ran=str(ran)), "utf-8")
    (tmp_path / "conftest.py").write_text(SHARED, "utf-8")
    (tmp_path / "test_others.py").write_text(OTHERS, "utf-8")
    asked = ["-p", "tests.support.forks", "-p", "no:cacheprovider", "--forks", "2", "-q", "-ra"]
    command = [sys.executable, "-m", "pytest", *asked, f"--basetemp={tmp_path / 'base'}", "-c", os.devnull, "."]
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "3 failed, 12 passed, 1 skipped" in done.stdout
    assert "said before" in done.stdout
    assert "said here" not in done.stdout
    assert "pas ici" in done.stdout
    assert "FAILED test_others.py::test_dies - le processus s’est arrêté pendant ce test" in done.stdout
    assert "FAILED test_others.py::test_left - le processus s’est arrêté avant ce test" in done.stdout
    lines = [line.split() for line in ran.read_text("utf-8").splitlines()]
    assert len(lines) == 12
    processes = {file: {pid for pid, name, _ in lines if name == file} for _, file, _ in lines}
    assert all(len(of) == 1 for of in processes.values()), "a file stays on one process"
    assert len({(pid, made) for pid, _, made in lines}) == len({pid for pid, _, _ in lines}), "made once a process"
    assert [*tmp_path.glob("base/fork?/ended")], "what is shared is ended with its process"
