"""The last export of a domain that was kept: its age, its damage, its absence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piste.exports.bag.exported import NotAnExport
from piste.exports.bag.reading import Answers
from piste.exports.configurations.exported import of_folder, of_home
from piste.exports.configurations.home import Home
from piste.exports.configurations.keep import collected, keep
from piste.exports.configurations.repository import Altered
from tests.support.bags import exported

FIRST, SECOND = "2026-11-27T02:00:00Z", "2026-11-28T02:00:00Z"


def night(home: Home, folder: Path, read_at: str, answers: Answers | None = None) -> None:
    keep(home, collected(exported(folder), answers or Answers(), read_at, {}))


def test_the_age_is_that_of_the_last_whole_reading_of_the_domain(tmp_path: Path) -> None:
    home = Home(tmp_path / "kept")
    night(home, tmp_path / "export", FIRST)
    night(home, tmp_path / "export", SECOND)
    kept = of_home(home, "directory", "configurations")
    assert (kept.copy["taken_at"], kept.content["gpos"]) == (SECOND, [])
    assert kept.copy["id"] == home.nights()[0].commit.id
    night(home, tmp_path / "export", "2026-11-29T02:00:00Z", Answers(failed={"directory": "muet"}))
    assert of_home(home, "directory", "configurations").copy["taken_at"] == SECOND


def test_what_no_night_has_read_whole_is_refused_with_its_reason(tmp_path: Path) -> None:
    home = Home(tmp_path / "kept")
    with pytest.raises(NotAnExport, match="aucune nuit n’est gardée"):
        of_home(home, "directory", "configurations")
    night(home, tmp_path / "export", FIRST, Answers(failed={"directory": "muet"}))
    with pytest.raises(NotAnExport, match=r"en entier\. muet"):
        of_home(home, "directory", "configurations")


def test_one_byte_of_the_kept_export_is_enough_to_refuse_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "kept")
    night(home, tmp_path / "export", FIRST)
    packs = [*home.years()[0].folder.glob("objects/pack/*.pack")]
    loose = [*home.years()[0].folder.glob("objects/??/*")]
    damaged = next(path for path in (*packs, *loose) if path.is_file())
    raw = bytearray(damaged.read_bytes())
    raw[len(raw) // 2] ^= 1
    damaged.chmod(0o600)
    damaged.write_bytes(raw)
    with pytest.raises(Altered):
        of_home(home, "directory", "configurations")


def test_an_export_in_a_folder_is_as_old_as_its_file(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    os.utime(folder / "directory/gpos.yml", (1_700_000_000, 1_700_000_000))
    kept = of_folder(folder, "directory", "gpos", "configurations")
    assert (kept.copy["taken_at"], kept.copy["store"]) == ("2023-11-14T22:13:20Z", "export")
