"""A restore method that makes files in a folder, in the place of each method."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.trials.restore import method as methods
from tests.support.restores import COPY, Folder


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the method makes files in; every method is that of the folder."""
    monkeypatch.setenv("PISTE_RESTORES_DIR", str(tmp_path / "restores"))
    place = tmp_path / "system"
    place.mkdir()
    defaults = {"system": place, "dies_at": "", "fails": {}, "faults": (), "copy": COPY, "stubborn": False,
                "answers": Folder.answers}  # fmt: skip
    for name, value in defaults.items():
        monkeypatch.setattr(Folder, name, value, raising=False)
    monkeypatch.setitem(methods.METHODS, "share", "tests.support.restores:Folder")
    return place
