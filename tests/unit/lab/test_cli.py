"""The command line of the lab, and the signals of its process."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lab import cli, daemon


def test_a_reset_removes_the_adoption_of_the_former_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    monkeypatch.setattr(cli, "_refresh", lambda folder, required: None)
    monkeypatch.setattr(daemon, "ask", lambda folder, verb, **given: asked.append((folder, verb, given)))
    kept = tmp_path / "as_found" / "ccas.yml"
    kept.parent.mkdir()
    kept.touch()
    secrets = tmp_path / "secrets.json"
    secrets.touch()
    result = CliRunner().invoke(cli.main, ["reset", "--seed", "brownfield"])
    assert (result.exit_code, asked) == (0, [(tmp_path, "reset", {"seed": "brownfield"})]), result.output
    assert [path.name for path in tmp_path.iterdir()] == [secrets.name]


def test_a_child_of_the_lab_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []

    @contextmanager
    def lab(*_: Any, **__: Any) -> Iterator[None]:
        child = subprocess.Popen(["sleep", "60"])
        child.terminate()
        try:
            ended.append(child.wait(10))
        finally:
            child.kill()
        os.kill(os.getpid(), signal.SIGTERM)
        yield

    former = {ending: signal.getsignal(ending) for ending in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(daemon, "Lab", lab)
    try:
        daemon.serve(tmp_path, "empty")
    finally:
        for ending, handler in former.items():
            signal.signal(ending, handler)
    assert ended == [-signal.SIGTERM]
