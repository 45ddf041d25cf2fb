"""Lists of a run: read once, again where a write left a doubt, renewed by its reading."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from piste.engine.transport.lists import Lists
from piste.engine.transport.shared import Shared


class System:
    """A system with two lists, and what was asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[list[str]] = []
        self.content: dict[str, list[dict[str, Any]]] = {"pcs": [{"id": 1}, {"id": 2}], "rooms": [{"id": 3}]}

    def lists(self) -> Lists:
        """Open the lists of the run as another task does."""
        return Lists(Shared(self.folder, "system"))

    def read(self, lists: Lists, name: str = "pcs", *others: str) -> list[int]:
        return [entry["id"] for entry in lists.once(name, [name, *others], self._fetch)]

    def _fetch(self, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        self.asked.append([*names])
        return {name: self.content[name] for name in names}


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_a_list_is_read_once_a_run_with_those_that_go_with_it(system: System) -> None:
    assert system.read(system.lists(), "pcs", "rooms") == [1, 2]
    assert system.read(system.lists(), "rooms", "pcs") == [3]
    assert system.asked == [["pcs", "rooms"]]


def test_a_list_with_an_object_in_doubt_is_read_again_whole(system: System) -> None:
    lists = system.lists()
    system.read(lists, "pcs", "rooms")
    lists.doubt("pcs", ["pc-3"])
    system.content["pcs"] = [{"id": 1}, {"id": 2}, {"id": 4}]
    assert system.read(system.lists(), "pcs", "rooms") == [1, 2, 4]
    assert system.read(lists) == [1, 2, 4]
    assert system.asked == [["pcs", "rooms"], ["pcs"]]


def test_what_was_read_again_is_in_doubt_no_more(system: System) -> None:
    lists = system.lists()
    system.read(lists)
    lists.doubt("pcs", ["pc-2", "pc-4"])
    lists.renew("pcs", ["pc-2"], lambda known: known["id"] == 2, [{"id": 5}])
    lists.renew("pcs", ["pc-4"], lambda known: False, [{"id": 4}])
    assert system.read(system.lists()) == [1, 5, 4]
    assert system.asked == [["pcs"]]


def test_a_read_that_fails_leaves_no_list_that_passes_for_read(system: System) -> None:
    lists = system.lists()
    system.read(lists)
    lists.doubt("pcs", ["pc-2"])
    kept = system.content.pop("pcs")
    with pytest.raises(KeyError):
        system.read(lists)
    system.content["pcs"] = kept[:1]
    assert system.read(lists) == [1]


def test_a_list_is_parsed_once_a_task_and_written_where_it_has_changed(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = system.lists()
    system.read(lists)
    written = next(system.folder.glob("system/pcs.json"))
    before, parsed = written.stat().st_ino, json.loads
    count: list[Any] = []
    monkeypatch.setattr(json, "loads", lambda content: count.append(content) or parsed(content))
    lists.renew("pcs", ["pc-2"], lambda known: known["id"] == 2, [{"id": 2}])
    assert written.stat().st_ino == before
    lists.renew("pcs", ["pc-2"], lambda known: known["id"] == 2, [{"id": 2, "name": "pc-2"}])
    assert system.read(lists) == [1, 2]
    assert written.stat().st_ino != before
    assert not [content for content in count if b'"id"' in content]
