"""The anchors of the months of the journal, and the clause that falls with it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings import findings as every
from piste.sites import anchors, status
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


def sign_all(tmp_path: Path, *left: str) -> None:
    """Sign every month from the first that has a run to 2026-11, but those that are left."""
    private, _ = made_key(tmp_path, "ED25519")
    for month in (MONTH, "2025-12", *(f"2026-{number:02}" for number in range(1, 12))):
        if month not in left:
            assert export(tmp_path, "--key", str(private), month=month) == 0


def export(tmp_path: Path, *options: str, month: str = MONTH) -> int:
    arguments = ["journal", "export", "--month", month, "--to", str(tmp_path / "exports"), *options]
    return CliRunner().invoke(main, arguments).exit_code


def test_a_signed_month_of_a_whole_journal_holds_its_clause(journal: Path, tmp_path: Path, town: Town) -> None:
    assert said(town) == ("", "", "unknown"), "nothing was ever anchored"
    sign_all(tmp_path)
    assert said(town) == ("ok", "journal : intact et signé, depuis le 24/11/2025", "kept")


def test_a_month_without_a_signed_anchor_breaks_it(journal: Path, tmp_path: Path, town: Town) -> None:
    sign_all(tmp_path, "2026-02", "2026-03")
    lacking = "journal : intact, mais 2 mois sans ancre signée (2026-02, 2026-03)"
    assert said(town) == ("wrong", lacking, "broken")


def test_the_month_that_has_just_ended_is_unknown_until_its_export(journal: Path, tmp_path: Path, town: Town) -> None:
    sign_all(tmp_path, "2026-11")
    lacking = "journal : intact, mais 1 mois sans ancre signée (2026-11)"
    assert said(town) == ("unknown", lacking, "unknown")
    assert export(tmp_path, month="2026-11") == 0
    sign_all(tmp_path, "2026-11")
    assert said(town)[0] == "unknown", "a month that is exported without a key is not signed"


def test_a_journal_that_breaks_after_its_export_breaks_it(journal: Path, tmp_path: Path, town: Town) -> None:
    sign_all(tmp_path)
    (record,) = chain_of(journal).folder.glob("2025*.json")
    record.write_bytes(record.read_bytes().replace(b"marie", b"maria"))
    state, what, verdict = said(town)
    assert (state, verdict) == ("wrong", "broken")
    assert "pas intact" in what


def test_the_chain_of_another_environment_accuses_nobody(journal: Path, tmp_path: Path, town: Town) -> None:
    run(journal, 2, environment="production", day="2025-11-24")
    (other,) = chain_of(journal, "production").folder.glob("2025*.json")
    other.write_bytes(other.read_bytes().replace(b"marie", b"maria"))
    private, _ = made_key(tmp_path, "ED25519")
    assert export(tmp_path, "--key", str(private)) == 1
    assert said(town)[1].startswith("journal : intact, mais"), "its own chain is whole"


def test_an_unsigned_month_does_not(journal: Path, tmp_path: Path, town: Town) -> None:
    assert export(tmp_path) == 0
    state, what, verdict = said(town)
    assert (state, verdict) == ("wrong", "broken")
    assert "n’est pas signée" in what


def test_a_byte_that_changes_breaks_it(
    journal: Path, tmp_path: Path, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "VERIFIED", 0)  # too long to be verified here: the export has verified it
    private, _ = made_key(tmp_path, "ED25519")
    (record,) = chain_of(journal).folder.glob("2025*.json")
    record.write_bytes(record.read_bytes().replace(b"marie", b"maria"))
    assert export(tmp_path, "--key", str(private)) == 1
    assert said(town) == ("wrong", "journal : il n’est pas intact", "broken")


def test_a_journal_younger_than_a_year_proves_no_year(
    journal: Path, tmp_path: Path, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors, "today", lambda: date(2026, 11, 23))
    sign_all(tmp_path, "2026-11")
    state, what, verdict = said(town)
    assert (state, verdict) == ("unknown", "unknown")
    assert "depuis le 24/11/2025 seulement" in what


def test_a_month_that_is_not_over_proves_nothing(journal: Path, tmp_path: Path, town: Town) -> None:
    assert export(tmp_path, month=f"{datetime.now(UTC):%Y-%m}") == 0
    assert said(town) == ("", "", "unknown")


def test_a_real_town_without_an_anchor_is_unknown(journal: Path, town: Town) -> None:
    (finding,) = anchors.findings(town, "production")
    assert (finding.state, finding.id) == ("unknown", "anchors.journal")
