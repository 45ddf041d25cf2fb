"""A copy of the declared town that a test may break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from piste.town.model import Town
from tests.support.checkouts import FEW, open_alone

pytest.register_assert_rewrite("tests.unit.model.broken_town")

from tests.unit.model.broken_town import Case, Copy, on_the_day  # noqa: E402

ROOT = Path(__file__).parents[3]


def _declaration(folder: Path) -> Path:
    shutil.copytree(ROOT / "group_vars", folder / "group_vars")
    shutil.copytree(ROOT / "inventories" / "town", folder / "inventories" / "town", symlinks=True)
    return folder


@pytest.fixture(scope="session")
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The declaration, where most sites are not open yet."""
    folder = _declaration(tmp_path_factory.mktemp("declaration"))
    open_alone(folder, FEW)
    return folder


@pytest.fixture
def copy(smaller: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Copy:
    case = request.node.callspec.params.get("case") if hasattr(request.node, "callspec") else None
    if isinstance(case, Case) and case.whole:
        return Copy(_declaration(tmp_path))
    shutil.copytree(smaller, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Copy(tmp_path)


@pytest.fixture
def whole(tmp_path: Path) -> Copy:
    """A copy where all sites of the town are open."""
    return Copy(_declaration(tmp_path))


@pytest.fixture(scope="session")
def town() -> Town:
    return on_the_day(ROOT / "inventories" / "town")
