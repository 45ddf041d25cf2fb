"""The verb `piste storage`, on kept readings: figures, where to save, what is lacking."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.declared import declared_town
from piste.cli import main
from piste.readings.storage import kept
from piste.readings.storage.reading import ShareReading, scope_of, silent
from piste.readings.table import Answer
from piste.runs.plans import reading
from piste.runs.plans.play import Played


def said(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["storage", *arguments])


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", "2027-07-05")


@pytest.fixture
def readings() -> ShareReading:
    """Keep two whole readings of each declared share; a folder has a hostile name."""
    commune = declared_town().commune
    assert commune
    storage = commune["storage"]
    whole = {"state": "complete", "why": "", "read_at": "2027-01-04T06:00:00Z", "files": 9, "bytes": 10**12}
    parts = {"files": 9, "bytes": 10**12, "cold_bytes": 5 * 10**9, "duplicate_bytes": 2 * 10**9}
    for share in storage["shares"]:
        folder = {"folder": "Fin\x1b[2Jances", **parts, "waste_bytes": 6 * 10**9}
        made = {**silent(share, storage, ""), **whole, "waste_bytes": 6 * 10**9, "by_folder": [folder]}
        after = {**made, "read_at": "2027-07-04T06:00:00Z", "waste_bytes": 3 * 10**9}
        kept.keep("lab", [made])  # type: ignore[list-item]
        kept.keep("lab", [after])  # type: ignore[list-item]
    return after  # type: ignore[return-value]


def test_f5_is_said_with_its_two_dates_and_what_no_retention_applies(readings: ShareReading) -> None:
    result = said("figures")
    assert result.exit_code == 0
    assert "F5 : −50,0 % (9,0 Go après, 18,0 Go avant), du 04/01/2027 au 04/07/2027." in result.output.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "Rétention non appliquée : services" in result.output
    figure = json.loads(said("figures", "--format", "json").output)["figure"]
    assert (figure["value"], figure["unknown"], figure["retention"]) == (-50.0, [], 0.0)


def test_where_to_save_names_folders_and_no_terminal_runs_them(readings: ShareReading) -> None:
    result = said("candidates", "services")
    assert result.exit_code == 0
    assert "6,0 Go" in result.output
    assert "\x1b" not in result.output
    assert len(json.loads(said("candidates", "--format", "json").output)) == 3


def test_without_a_reading_f5_is_unknown() -> None:
    result = said("figures")
    assert (result.exit_code, "F5 inconnu" in result.output) == (3, True)
    assert "Jamais relevés : services" in said("candidates").output


def test_a_share_that_nobody_targets_is_refused() -> None:
    assert "« service » n’est pas un partage visé" in said("candidates", "service").output
    assert said("scan").exit_code == 1


@pytest.mark.parametrize(("options", "value"), [((), -50.0), (("--reference",), None)])
def test_a_scan_is_kept_beside_the_reference_or_becomes_it(
    readings: ShareReading, options: tuple[str, ...], value: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    commune = declared_town().commune
    assert commune
    rules = commune["storage"]
    made = [{**readings, "share": share["name"], "scope": scope_of(share, rules)} for share in rules["shares"]]
    monkeypatch.setattr(reading, "answer", lambda *given: (Answer(made, {}, {}), Played()))
    result = said("scan", "--all", *options, "--format", "json")
    assert (result.exit_code, json.loads(result.output)["outcome"]) == (0, "ok")
    assert json.loads(said("figures", "--format", "json").output)["figure"]["value"] == value
