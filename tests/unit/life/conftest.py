"""A repository with the declared town, whose assets a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from piste.repository import ROOT
from piste.sites.declaring import SHARED, TOWN


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / TOWN, tmp_path / TOWN, symlinks=True)
    shutil.copytree(ROOT / SHARED, tmp_path / SHARED)
    return tmp_path
