"""Subjects whose readings are files of their own: found, believed, judged as the others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.exports.configurations import reader
from piste.exports.configurations.home import home
from piste.readings import store
from piste.readings.belief import Doubted, Reading, Unread
from piste.readings.computers import findings as of_computers
from piste.readings.computers import kept as computers
from piste.readings.computers.kept import Collection, Kept
from piste.readings.table import SUBJECTS
from piste.town import declared
from piste.town.model import Town
from piste.town.model.dates import now
from piste.town.model.freshness import ages

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_CONFIGURATIONS_DIR", str(tmp_path / "configurations"))


@pytest.fixture(scope="module")
def town() -> Town:
    return declared.town("lab")


def last(name: str, town: Town) -> dict[str, Any]:
    return store.last(SUBJECTS[name], "lab", ages(town))


@pytest.mark.parametrize(
    ("hours", "state", "form"), [(1, "complete", Reading), (49, "complete", Doubted), (1, "silent", Unread)]
)
def test_a_collection_of_computers_is_believed_for_a_time(hours: int, state: Any, form: type, town: Town) -> None:
    assert last("computers", town) == {}
    collection = Collection(
        taken_at=now() - hours * HOUR,
        state=state,
        why="muet",
        files=0,
        read=0,
        refused=[],
        more=0,
        owners="",
        rights=[],
    )
    computers.keep(computers.folder("lab"), Kept(collection, {}))
    assert isinstance(last("computers", town)["partage"], form)
    said = [finding.what for finding in of_computers.each(town, "lab")]
    assert any("trop ancien" in what for what in said) == (form is Doubted)
    assert any("n’a pas répondu" in what for what in said) == (form is Unread)


def test_the_last_night_of_each_domain_is_a_reading(town: Town) -> None:
    assert last("configurations", town) == {}
    place = home("lab")
    place.folder.mkdir(parents=True)
    read_at = {"network": now().isoformat(), "names": (now() - 49 * HOUR).isoformat()}
    place.keep({"read_at": read_at, "unread": {}, "sent": {}})
    assert isinstance(last("configurations", town)["network"], Reading)
    assert isinstance(last("configurations", town)["names"], Doubted)
    assert [*reader.last("lab")] == ["network", "names"]
