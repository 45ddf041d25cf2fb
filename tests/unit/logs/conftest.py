"""Seals, journal and checks of a test lie in its own folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from piste.readings.logs.seals import seal_days
from tests.unit.logs.trees import NOW, tree, write_days


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_LOG_SEALS_DIR", str(tmp_path / "seals"))
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    return tmp_path


@pytest.fixture(scope="session")
def sealed_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year and a bit of a stream, and its seals, made once: each seal waits for the disk."""
    folder = tmp_path_factory.mktemp("year")
    write_days(folder / "tree", "nps", 380)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PISTE_LOG_SEALS_DIR", str(folder / "seals"))
        seal_days("lab", tree(folder / "tree"), NOW)
    return folder


@pytest.fixture
def year(sealed_year: Path, tmp_path: Path) -> Path:
    """The tree of a sealed year, which a test may spoil."""
    shutil.copytree(sealed_year, tmp_path, dirs_exist_ok=True)
    return tmp_path / "tree"
