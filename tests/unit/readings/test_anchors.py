"""The anchor of a month of the journal, and the clause that falls with it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings import findings as every
from piste.sites import anchors
from piste.sites.conformity import Facts, judge
from piste.town.model import Town
from tests.unit.records.made import chain_of, run
from tests.unit.records.test_archive import made_key

MONTH = "2025-11"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a run of the lab in a month that is over."""
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(anchors, "today", lambda: date(2026, 12, 1))
    run(tmp_path / "journal", 1, day="2025-11-24")
    return tmp_path / "journal"


def said(town: Town) -> tuple[str, str, str]:
    """Give the state and the words of the finding, and the verdict of the clause."""
    listed = [finding for finding in every.findings(town, "lab") if finding.id == "anchors.journal"]
    verdict = judge(Facts(findings=listed), ["R166"])["R166"].verdict
    return (listed[0].state, listed[0].what, verdict) if listed else ("", "", verdict)


def export(tmp_path: Path, *options: str, month: str = MONTH) -> int:
    arguments = ["journal", "export", "--month", month, "--to", str(tmp_path / "exports"), *options]
    return CliRunner().invoke(main, arguments).exit_code


def test_a_signed_month_of_a_whole_journal_holds_its_clause(journal: Path, tmp_path: Path, town: Town) -> None:
    assert said(town) == ("", "", "unknown"), "nothing was ever anchored"
    private, _ = made_key(tmp_path, "ED25519")
    assert export(tmp_path, "--key", str(private)) == 0
    assert said(town) == ("ok", "journal : intact et signé, depuis le 24/11/2025", "kept")


def test_an_unsigned_month_does_not(journal: Path, tmp_path: Path, town: Town) -> None:
    assert export(tmp_path) == 0
    state, what, verdict = said(town)
    assert (state, verdict) == ("wrong", "broken")
    assert "n’est pas signée" in what


def test_a_byte_that_changes_breaks_it(journal: Path, tmp_path: Path, town: Town) -> None:
    private, _ = made_key(tmp_path, "ED25519")
    (record,) = chain_of(journal).folder.glob("2025*.json")
    record.write_bytes(record.read_bytes().replace(b"marie", b"maria"))
    assert export(tmp_path, "--key", str(private)) == 1
    assert said(town) == ("wrong", "journal : il n’est pas intact", "broken")


def test_a_journal_younger_than_a_year_proves_no_year(
    journal: Path, tmp_path: Path, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, _ = made_key(tmp_path, "ED25519")
    monkeypatch.setattr(anchors, "today", lambda: date(2026, 11, 23))
    assert export(tmp_path, "--key", str(private)) == 0
    state, what, verdict = said(town)
    assert (state, verdict) == ("unknown", "unknown")
    assert "depuis le 24/11/2025 seulement" in what


def test_a_month_that_is_not_over_proves_nothing(journal: Path, tmp_path: Path, town: Town) -> None:
    assert export(tmp_path, month=f"{datetime.now(UTC):%Y-%m}") == 0
    assert said(town) == ("", "", "unknown")


def test_a_real_town_without_an_anchor_is_unknown(journal: Path, town: Town) -> None:
    (finding,) = anchors.findings(town, "production")
    assert (finding.state, finding.id) == ("unknown", "anchors.journal")
