"""Subjects whose readings are files of their own: found, believed, judged as the others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.exports.configurations import reader
from piste.exports.configurations.home import home
from piste.readings import store
from piste.readings.belief import Doubted, Reading
from piste.readings.table import SUBJECTS
from piste.town.model import Town
from piste.town.model.dates import now
from piste.town.model.freshness import ages

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_CONFIGURATIONS_DIR", str(tmp_path / "configurations"))


def last(name: str, town: Town) -> dict[str, Any]:
    return store.last(SUBJECTS[name], "lab", ages(town))


def test_the_last_night_of_each_domain_is_a_reading(town: Town) -> None:
    assert last("configurations", town) == {}
    place = home("lab")
    place.folder.mkdir(parents=True)
    read_at = {"network": now().isoformat(), "names": (now() - 49 * HOUR).isoformat()}
    place.keep({"read_at": read_at, "unread": {}, "sent": {}})
    assert isinstance(last("configurations", town)["network"], Reading)
    assert isinstance(last("configurations", town)["names"], Doubted)
    assert [*reader.last("lab")] == ["network", "names"]
