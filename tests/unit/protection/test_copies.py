"""Readings of copies: kept and read again, never trusted."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.model import Town
from piste.protection.copies import UnreadableCopies, folder, keep, parsed, reading, readings, stamp
from piste.protection.gathering import keep_read
from tests.support.backups_read import NOW, copy, read


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_PROTECTION_DIR", str(tmp_path))


def test_a_reading_is_kept_by_store_and_environment_for_its_owner_alone() -> None:
    path = keep("lab", read("prism", [copy("hdv-dc1", "prism")]))
    keep("production", read("prism", ()))
    assert path.stat().st_mode & 0o777 == 0o600
    assert readings("lab") == {"prism": read("prism", [copy("hdv-dc1", "prism")])}
    assert readings("production")["prism"]["copies"] == []
    assert readings("recette") == {}


@pytest.mark.parametrize(
    "change",
    [
        {"store": "../../etc"},
        {"store": ""},
        {"read_at": "2026-11-27T12:00:00"},
        {"read_at": "hier"},
        {"more": 1},
        {"copies": [{**copy("hdv-dc1", "prism"), "state": "done"}]},
        {"copies": [{**copy("hdv-dc1", "prism"), "taken_at": "2026-11-27"}]},
        {"copies": [{**copy("hdv-dc1", "prism"), "immutable_until": "toujours"}]},
        {"copies": [{**copy("hdv-dc1", "prism"), "size_bytes": "1"}]},
        {"copies": [copy("hdv-dc1", "hors-site")]},
        {"copies": None},
    ],
)
def test_what_is_no_reading_is_refused_before_it_is_kept(change: dict[str, Any]) -> None:
    broken = {**read("prism", ()), **change}
    with pytest.raises(UnreadableCopies, match="PISTE-E130"):
        keep("lab", broken)  # type: ignore[arg-type]
    assert not readings("lab")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"null", json.dumps(read("prism", ())).encode()])
def test_a_file_that_is_no_reading_leaves_its_store_unknown(content: bytes) -> None:
    keep("lab", read("prism", ()))
    (folder("lab") / "hors-site.json").write_bytes(content)
    assert readings("lab")["hors-site"]["unknown"]
    assert readings("lab")["prism"]["unknown"] is None


def test_a_reading_is_of_its_own_store() -> None:
    with pytest.raises(UnreadableCopies, match="est d’un autre endroit"):
        parsed(json.dumps(reading("prism", [copy("x", "hors-site")])).encode(), "prism")


def test_a_run_keeps_what_was_read_and_says_what_was_not(town: Town) -> None:
    """A store that is imported keeps its report; a module's nonsense is unknown."""
    assert town.commune
    protection = town.commune["protection"]
    keep("lab", read("hors-site", [copy("hdv-dc1", "hors-site")]))
    made = [
        [read("prism", [copy("hdv-dc1", "prism")])],
        [{**read("sauvegarde", ()), "copies": 3}, read("ailleurs", ())],
        "rien", [],
    ]  # fmt: skip
    keep_read(protection, "lab", json.dumps(made).encode())
    known = readings("lab")
    assert "ailleurs" not in known
    assert "configurations" not in known
    assert len(known["prism"]["copies"]) == len(known["hors-site"]["copies"]) == 1
    assert "ne se comprend pas" in str(known["sauvegarde"]["unknown"])
    keep_read(protection, "lab", b"[]")
    assert "n’a pas répondu" in str(readings("lab")["prism"]["unknown"])


def test_moments_are_written_in_utc() -> None:
    assert stamp(NOW + timedelta(seconds=1.7)) == "2026-11-27T12:00:01Z"
