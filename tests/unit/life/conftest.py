"""A repository with the declared town, whose assets a test may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.sites import declaring
from piste.town.model import Town, load
from tests.support.checkouts import few


def model_alone(inventory: Path, as_found: Path | None = None) -> Town:
    """Load a town by the model: the tables of the vendors know no asset."""
    return load(inventory, as_found)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(declaring, "load_town", model_alone)
    return few(tmp_path)
