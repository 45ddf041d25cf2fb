"""The services of a month, by the trials of its probes alone: what none tried is unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from piste.town import declared
from piste.town.model import Town
from piste.trials.probe.results import Probed, Probing, Result, write
from piste.trials.probe.services import tried as services_of
from tests.unit.month.test_month import report, rows, town, value, why


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "JOURNAL", "RESTORES"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name.lower()))


@pytest.fixture(scope="module")
def whole() -> Town:
    return declared.town("lab")


def tried(monkeypatch: pytest.MonkeyPatch, folder: Path, *trials: tuple[str, str, str], carrier: Any = "here") -> None:
    monkeypatch.setenv("PISTE_PROBES_DIR", str(folder))
    for number, (moment, service, verdict) in enumerate(trials):
        said: Any = {"id": f"service.{service}", "kind": "service", "title": "t", "expected": "", "observed": "",
                     "verdict": verdict}  # fmt: skip
        place = Probed(segment="utilisateurs", started=moment, ended=moment, results=[Result.model_validate(said)])
        at = datetime.fromisoformat(moment).astimezone(UTC)
        write(Probing(id=f"{at:%Y%m%dT%H%M%S}Z-{number:06x}", site="ecole-jaures", environment="lab", carrier=carrier,
                      operator="c", commit="", clean=True, declaration="", places=[place]))  # fmt: skip


def test_services_are_available_by_their_trials_of_the_month_alone(
    whole: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (each["id"] for each in services_of(whole.commune["applications"] if whole.commune else [])[:2])
    tried(
        monkeypatch, tmp_path,
        ("2026-10-31T23:59:00+01:00", first, "wrong"), ("2026-11-01T00:10:00+01:00", first, "conform"),
        ("2026-11-03T09:00:00+01:00", first, "wrong"), ("2026-11-04T09:00:00+01:00", first, "conform"),
        ("2026-11-05T09:00:00+01:00", first, "conform"), ("2026-11-06T09:00:00+01:00", second, "unknown"),
        ("2026-12-01T00:10:00+01:00", first, "wrong"),
    )  # fmt: skip
    made = report(town(whole))
    assert value(made, "services.worked") == 75
    assert "3 sur 4 essais" in why(made, "services.worked")
    seen = rows(made, "services", "share", "tries", "last", "failed")[:2]
    assert seen == [(75, "4, 1", "2026-11-05T09:00:00+01:00", "2026-11-03T09:00:00+01:00"), (None, "0, 0", None, None)]
    before = report(town(whole), "2026-09")
    assert value(before, "services.worked") is None
    assert "aucune sonde" in why(before, "services.worked")


def test_a_probe_that_does_not_read_leaves_services_unknown(
    whole: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (service,) = (each["id"] for each in services_of(whole.commune["applications"] if whole.commune else [])[:1])
    tried(monkeypatch, tmp_path, ("2026-11-03T09:00:00+01:00", service, "conform"))
    (tmp_path / "lab/ecole-jaures/20261104T090000Z-0000ff.json").write_text("{}")
    made = report(town(whole))
    assert (value(made, "services.worked"), made.lists["services"].known) == (None, False)
