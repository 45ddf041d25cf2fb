"""A repository with the declared town, whose assets a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from piste.engine.repository import ROOT
from piste.sites import declaring
from piste.sites.declaring import SHARED, TOWN
from piste.town.model import Town, load
from tests.support.checkouts import FEW, open_alone


def model_alone(inventory: Path, as_found: Path | None = None) -> Town:
    """Load a town by the model: the tables of the vendors know no asset."""
    return load(inventory, as_found)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(declaring, "load_town", model_alone)
    shutil.copytree(ROOT / TOWN, tmp_path / TOWN, symlinks=True)
    shutil.copytree(ROOT / SHARED, tmp_path / SHARED)
    open_alone(tmp_path, FEW)
    return tmp_path
