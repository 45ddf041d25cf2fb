"""Readings of copies: kept and read again, never trusted."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.readings import store
from piste.readings.due import due
from piste.readings.protection import figures, kept
from piste.readings.protection.copies import stamp
from piste.readings.protection.kept import SUBJECT, keep, last, take
from piste.readings.table import READERS, Answer
from piste.town.model import Town
from piste.town.model.freshness import ages
from tests.support.backups_read import NOW, copy, keep_all, read, whole


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", f"{NOW:%Y-%m-%d}")
    monkeypatch.setattr(kept, "ROOT", tmp_path)


def test_a_reading_is_kept_by_store_and_environment() -> None:
    keep_all("lab", [read("prism", [copy("hdv-dc1", "prism")])])
    keep_all("production", [read("prism", ())])
    assert last("lab") == {"prism": read("prism", [copy("hdv-dc1", "prism")])}
    assert last("production")["prism"]["copies"] == []
    assert last("recette") == {}


@pytest.mark.parametrize(
    "change",
    [
        {"read_at": "2026-11-27T12:00:00"},
        {"read_at": "hier"},
        {"copies": [{**copy("hdv-dc1", "prism"), "state": "done"}]},
        {"copies": [{**copy("hdv-dc1", "prism"), "taken_at": "2026-11-27"}]},
        {"copies": [{**copy("hdv-dc1", "prism"), "immutable_until": "toujours"}]},
        {"copies": [{**copy("hdv-dc1", "prism"), "size_bytes": "1"}]},
        {"copies": [{**copy("hdv-dc1", "prism"), "more": 1}]},
        {"copies": [copy("hdv-dc1", "hors-site")]},
        {"copies": None},
    ],
)
def test_what_is_no_reading_leaves_its_store_unknown(change: dict[str, Any]) -> None:
    keep("lab", [{**read("prism", ()), **change}])  # type: ignore[list-item]
    assert "ne se comprend pas" in str(last("lab")["prism"]["unknown"])


def test_a_run_keeps_what_was_read_and_says_what_was_not(town: Town) -> None:
    """A store that is imported keeps its report; a module's nonsense is unknown."""
    keep_all("lab", [read("hors-site", [copy("hdv-dc1", "hors-site")])])
    made = [
        [read("prism", [copy("hdv-dc1", "prism")])],
        [{**read("sauvegarde", ()), "copies": 3}, read("ailleurs", ())],
        "rien", [], [None],
    ]  # fmt: skip
    assert take(town, "lab", Answer(made, {}, {}))
    known = last("lab")
    assert "ailleurs" not in known
    assert "configurations" not in known
    assert len(known["prism"]["copies"]) == len(known["hors-site"]["copies"]) == 1
    assert "ne se comprend pas" in str(known["sauvegarde"]["unknown"])
    assert not take(town, "lab", Answer(None, {}, {}))
    assert last("lab")["prism"] == known["prism"]
    silences = store.silences(SUBJECT, town, "lab")
    assert (silences.keys(), "n’a pas répondu" in silences["prism"].why) == ({"prism"}, True)


def test_a_store_that_is_fed_less_often_may_be_read_less_often(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = ages(town)
    assert limits["readings_hours"]["copies/prism"] == 26
    wider = {**limits, "readings_hours": {**limits["readings_hours"], "copies/hors-site": 720}}
    keep_all("lab", [read("prism", (), hours=27), read("hors-site", (), hours=27), read("sauvegarde", (), hours=26)])
    known = last("lab", wider)  # type: ignore[arg-type]
    assert (known["sauvegarde"]["unknown"], known["hors-site"]["unknown"]) == (None, None)
    assert "trop ancien" in str(known["prism"]["unknown"])
    monkeypatch.setenv("PISTE_TODAY", f"{NOW - timedelta(days=3):%Y-%m-%d}")
    assert "dans l’avenir" in str(last("lab", limits)["prism"]["unknown"])


def test_an_import_does_not_put_off_the_stores_that_a_playbook_reads(town: Town) -> None:
    stores = kept.own(town)
    keep_all("lab", [*(read(name, (), hours=25) for name in stores), read("hors-site", ())])
    assert due(READERS["copies"], town, "lab")
    keep_all("lab", [read(name, (), hours=1) for name in stores])
    assert not due(READERS["copies"], town, "lab")


def test_the_files_of_before_give_the_same_verdicts(town: Town, tmp_path: Path) -> None:
    readings = {**whole(town, without=["configurations"]), "sauvegarde": read("sauvegarde", (), hours=2)}
    readings["prism"] = {**read("prism", ()), "unknown": "ne répond pas"}
    keep_all("production", readings.values())
    folder = tmp_path / ".piste/protection/lab"
    folder.mkdir(parents=True)
    for name, reading in readings.items():
        (folder / f"{name}.json").write_text(json.dumps(reading), "utf-8")
    (folder / "autre.json").write_text("[", "utf-8")
    assert figures.last(town, "lab") == figures.last(town, "production")
    assert len(last("lab")) == len(readings)


def test_a_set_has_a_finding_of_the_site_of_its_original(town: Town) -> None:
    keep_all("lab", whole(town, without=["configurations"]).values())
    keep_all("lab", [read("sauvegarde", [])])
    known = {finding.id: finding for finding in figures.findings(town, "lab")}
    assert len(known) == len(town.protection)
    sql = known["copies.hdv-sql1"]
    assert (sql.state, sql.site, sql.gravity) == ("wrong", "hotel-de-ville", "major")
    assert sql.what.startswith("hdv-sql1 : 2 exemplaires sur 3")
    unknown = known["copies.configurations"]
    assert (unknown.state, unknown.todo) == ("unknown", "piste backups read")
    keep_all("lab", [read(name, ()) for name in ("prism", "hors-site")])
    (worst, *_) = (finding for finding in figures.findings(town, "lab") if finding.gravity == "critical")
    assert "RPO" in worst.what


def test_moments_are_written_in_utc() -> None:
    assert stamp(NOW + timedelta(seconds=1.7)) == "2026-11-27T12:00:01Z"


def test_a_store_that_is_declared_no_more_is_forgotten_at_the_next_run(town: Town) -> None:
    keep("lab", [read("ancien-depot", ())])
    assert "ancien-depot" in last("lab")
    take(town, "lab", Answer(None, {}, {}))
    assert "ancien-depot" not in last("lab")
