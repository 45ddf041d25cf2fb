"""A copy of the declared town that a test may break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from piste.town.model import Town

pytest.register_assert_rewrite("tests.unit.model.broken_town")

from tests.unit.model.broken_town import Copy, on_the_day  # noqa: E402

ROOT = Path(__file__).parents[3]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    shutil.copytree(ROOT / "group_vars", tmp_path / "group_vars")
    shutil.copytree(ROOT / "inventories" / "town", tmp_path / "inventories" / "town", symlinks=True)
    return Copy(tmp_path)


@pytest.fixture(scope="session")
def town() -> Town:
    return on_the_day(ROOT / "inventories" / "town")
