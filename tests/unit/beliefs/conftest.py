"""A store of its own for each test of the beliefs, and a process that knows no environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.converge import belief


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(belief, "_known", [*belief._known])
