"""The last runs that are kept: no record is read twice, nor believed once it changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from piste.readings import store
from piste.runs.records import journal
from piste.sites import passages, status
from piste.town import declared
from piste.town.model.derived import Derived
from tests.unit.records.made import chain_of, header, run, task

SITE = "ecole-jaures"
RUNS = 30


@pytest.fixture(scope="module")
def town() -> Derived:
    return declared.rule()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of runs of a school, without any drift."""
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    for number in range(1, RUNS + 1):
        recorded(tmp_path / "journal", number)
    return tmp_path / "journal"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The records that are opened."""
    names: list[str] = []
    read = journal.read_sealed
    monkeypatch.setattr(journal, "read_sealed", lambda path, shape: names.append(path.stem) or read(path, shape))
    return names  # type: ignore[return-value]


def recorded(root: Path, number: int, site: str = SITE, status: str = "ok") -> None:
    run(root, number, task(status, host=site, module="piste_network"))


def last(town: Derived, site: str = SITE) -> str:
    (state,) = [entry for entry in status.sites(town, "lab") if entry.site == site]
    assert state.last
    return state.last.run


def name(number: int) -> str:
    return str(header(number)["id"])


def test_a_record_is_opened_once_whatever_their_number(town: Derived, root: Path, opened: list[str]) -> None:
    assert last(town) == name(RUNS)
    assert len(opened) == RUNS
    opened.clear()
    assert last(town) == name(RUNS)
    assert opened == []
    recorded(root, RUNS + 1, "ccas")
    opened.clear()
    assert (last(town), last(town, "ccas")) == (name(RUNS), name(RUNS + 1))
    assert opened == [name(RUNS + 1)]


def test_a_run_that_ends_after_a_later_one_is_not_lost(town: Derived, root: Path, opened: list[str]) -> None:
    (chain_of(root).folder / f"{name(7)}.json").rename(root.parent / "later")
    assert last(town) == name(RUNS)
    (root.parent / "later").rename(chain_of(root).folder / f"{name(7)}.json")
    opened.clear()
    assert last(town) == name(RUNS)
    assert len(opened) == RUNS


def test_a_record_that_changes_is_read_again(town: Derived, root: Path) -> None:
    assert last(town) == name(RUNS)
    file = chain_of(root).folder / f"{name(RUNS)}.json"
    file.write_bytes(file.read_bytes().replace(SITE.encode(), b"ccas"))
    assert (last(town), last(town, "ccas")) == (name(RUNS - 1), name(RUNS))


def test_a_record_that_does_not_read_is_not_taken_for_read(town: Derived, root: Path, opened: list[str]) -> None:
    (chain_of(root).folder / f"{name(5)}.json").write_bytes(b"{")
    for _ in range(2):
        opened.clear()
        assert last(town) == name(RUNS)
        assert len(opened) == RUNS


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"until": "99999999T999999Z-000000", "key": ""}'])
def test_what_is_kept_and_makes_no_sense_says_nothing(town: Derived, root: Path, content: bytes) -> None:
    assert last(town) == name(RUNS)
    store.place("lab").with_name(passages.FILE).write_bytes(content)
    assert last(town) == name(RUNS)


def test_what_is_older_than_the_newest_records_is_not_believed(
    town: Derived, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert last(town) == name(RUNS)
    monkeypatch.setattr(status, "RECORDS", 2)
    for number in range(RUNS + 1, RUNS + 4):
        recorded(root, number, "ccas")
    states = {state.site: state for state in status.sites(town, "lab")}
    assert (states[SITE].last, bool(states["ccas"].last)) == (None, True)
