"""The services of a month, by the trials of its probes alone: what none tried is unknown."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.engine.words import NO_BREAK
from piste.sites.month.services import TIMER
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


def test_a_state_holds_until_the_next_trial_in_opening_hours_and_not_too_long(
    whole: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: 210 h open in twenty-one days of ten hours; 24 h known, 5.25 h lost among them."""
    first, second = (each["id"] for each in services_of(whole.commune["applications"] if whole.commune else [])[:2])
    tried(
        monkeypatch, tmp_path,
        ("2026-10-31T12:45:00+01:00", first, "wrong"),  # A Saturday; too long before the next, while closed.
        ("2026-11-02T07:00:00+01:00", first, "conform"), ("2026-11-02T12:45:00+01:00", first, "wrong"),  # 5.25 h lost.
        ("2026-11-03T07:00:00+01:00", first, "conform"),  # The next comes 48 h later: 20 h unknown.
        ("2026-11-05T07:00:00+01:00", first, "conform"), ("2026-11-06T12:00:00+01:00", first, "unknown"),  # 6 h so.
        ("2026-11-07T07:00:00+01:00", first, "conform"),  # Then none: 160 h unknown.
        ("2026-11-06T09:00:00+01:00", second, "unknown"), ("2026-12-03T00:10:00+01:00", first, "wrong"),
    )  # fmt: skip
    made = report(town(whole))
    assert value(made, "services.available") == 78.12
    said = why(made, "services.available").replace(NO_BREAK, " ")
    assert "5,25 h perdues sur 24 h connues, 186 h inconnues" in said
    seen = rows(made, "services", "share", "lost", "unknown", "tries", "failed")[:2]
    assert seen == [(78.12, 5.25, 186, "5, 1", "2026-11-02T12:45:00+01:00"), (None, None, None, "0, 0", None)]
    (line,) = (each for each in made.lines if each.id == "services.available")
    assert line.unknown > 0, "no bonus, no malus"
    before = report(town(whole), "2026-09")
    assert value(before, "services.available") is None
    assert "aucune sonde" in why(before, "services.available")


def test_a_month_tried_by_its_timer_is_wholly_known(
    whole: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (service,) = (each["id"] for each in services_of(whole.commune["applications"] if whole.commune else [])[:1])
    days = (date(2026, 10, 31) + timedelta(days=count) for count in range(32))
    moments = [f"{day}T{hour}:00+01:00" for day in days for hour in ("07:00", "12:45")]
    verdicts = {"2026-11-10T07:00:00+01:00": "wrong"}
    tried(monkeypatch, tmp_path, *((at, service, verdicts.get(at, "conform")) for at in moments))
    made = report(town(whole))
    # By hand: 4.75 h of 210.
    assert rows(made, "services", "share", "lost", "unknown")[0] == (97.74, 4.75, 0)


def test_the_longest_interval_is_that_of_the_timer() -> None:
    said = Path("contrib/systemd/piste-probe.timer").read_text()
    hours = sorted(datetime.strptime(at, "%H:%M") for at in re.findall(r"OnCalendar=\*-\*-\* (\d\d:\d\d)", said))
    gaps = [after - at for at, after in zip(hours, [*hours[1:], hours[0] + timedelta(days=1)], strict=True)]
    assert max(gaps) == TIMER


def test_a_probe_that_does_not_read_leaves_services_unknown(
    whole: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (service,) = (each["id"] for each in services_of(whole.commune["applications"] if whole.commune else [])[:1])
    tried(monkeypatch, tmp_path, ("2026-11-03T09:00:00+01:00", service, "conform"))
    (tmp_path / "lab/ecole-jaures/20261104T090000Z-0000ff.json").write_text("{}")
    made = report(town(whole))
    assert (value(made, "services.available"), made.lists["services"].known) == (None, False)
