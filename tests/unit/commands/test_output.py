"""A plan on a terminal and in a pipe: colours, symbols, messages of several lines."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from piste.runs.plans.play import Trouble
from tests.unit.plans.passes import alone
from tests.unit.plans.plans import operation, plan
from tests.unit.repository.tree import ROOT


@pytest.fixture(autouse=True)
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone(tmp_path, monkeypatch)


MISSING = Trouble("ccas", "t", "error", "il manque\n  - l’un")


def shown(*, terminal: bool, **environment: str) -> str:
    """Return the printed plan, on a terminal or in a pipe."""
    made = json.dumps(plan(operation("a"), operation("b", "create"), troubles=(MISSING,), withheld=["ccas : à revoir"]))
    code = f"import json; from piste.commands.consequences import say_operations; say_operations(json.loads({made!r}))"
    bare = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    ours, theirs = pty.openpty() if terminal else os.pipe()
    environment = {**bare, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment}
    subprocess.run([sys.executable, "-c", code], env=environment, stdout=theirs, stderr=subprocess.DEVNULL, check=True)
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # a terminal whose other end is closed
        while chunk := os.read(ours, 65536):
            said += chunk
    os.close(ours)
    return said.decode().replace("\r\n", "\n")


PLAIN = """ecole-jaures
  réseau
    ~ network a
        notes : avant → après
    + network b
        notes : après
! ccas / t : il manque
  - l’un
! ccas : à revoir
"""


def test_colour_is_for_terminals_that_want_it_and_symbols_are_always_there() -> None:
    assert shown(terminal=False) == PLAIN
    assert shown(terminal=True, NO_COLOR="1") == PLAIN
    coloured = shown(terminal=True)
    assert "\x1b[33m    ~ network a\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == PLAIN
