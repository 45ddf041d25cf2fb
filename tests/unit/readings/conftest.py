"""A store of its own for each test of the readings, and the town."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.town import declared
from piste.town.model import Town


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def town() -> Town:
    return declared.town("lab")
