"""What is handed to ansible-runner."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ansible_runner
import pytest

from piste.runs.play import Order, play


def test_ansible_is_found_beside_the_interpreter_where_no_environment_is_activated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(ansible_runner, "run", lambda **options: given.update(options) or SimpleNamespace(rc=0))
    monkeypatch.setenv("PATH", "/usr/bin")
    play(Order("playbooks/site.yml"), check=True)
    assert given["envvars"]["PATH"] == f"{Path(sys.executable).parent}:/usr/bin"
