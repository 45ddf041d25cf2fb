"""CPU time of a check: what outlives its parent counts, each kind of cost is said."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support import spent

LEFT = """import os, time
if os.fork() == 0 and os.setsid() is None and os.fork() == 0:
    while time.process_time() < 0.4:
        pass
"""


def measured(noted: Path, program: str) -> int:
    command = [sys.executable, "-m", "tests.support.spent", "molecule", sys.executable, "-c", program]
    return subprocess.run(command, env={**os.environ, spent.NOTED: str(noted)}, check=False).returncode


def test_a_server_that_outlives_its_parent_counts(tmp_path: Path) -> None:
    assert measured(tmp_path / "spent", LEFT) == 0
    assert spent.read(tmp_path / "spent")["molecule"] >= 0.4


@pytest.mark.parametrize(("program", "code"), [("exit(3)", 3), ("import os; os.kill(os.getpid(), 15)", 143)])
def test_a_command_ends_as_it_would_alone(program: str, code: int, tmp_path: Path) -> None:
    assert measured(tmp_path / "spent", program) == code


def test_the_minutes_are_said_by_kind_with_the_dearest_first() -> None:
    noted = Counter({"pytest": 600.0, "tests": 300.0, "ansible": 120.0, "mypy": 90.0})
    assert spent.report(noted) == (
        "Processeur, en minutes : 11,5 ; tests, dans leur processus 5,0 ; serveurs et autres programmes 3,0 ; "
        "Ansible 2,0 ; mypy 1,5 ; commandes de Piste 0,0"
    )
    assert spent.report(Counter()) == ""
