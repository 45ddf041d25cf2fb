"""The measure of a generated town, in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import towns
from tests.bench.measure import RunFailed
from tests.bench.report import town_costs


def test_a_town_is_measured_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(towns, "_cost", lambda folder, seed: towns.TownCost("ville", seed, 1.25, 0.5, 3.0, 7))
    cost = towns._alone(tmp_path, 12)
    assert (cost.label, cost.cpu) == ("ville, 12 sites", 1.75)
    assert town_costs([cost, cost]).splitlines()[-1].split() == [
        "2", "villes,", "24", "sites", "2,5", "s", "1,0", "s", "3", "Mo", "14",
    ]  # fmt: skip


def test_a_town_that_is_refused_stops_the_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refused(folder: Path, seed: int) -> towns.TownCost:
        raise AssertionError("PISTE-M010")

    monkeypatch.setattr(towns, "_cost", refused)
    with pytest.raises(RunFailed, match="ville 12"):
        towns._alone(tmp_path, 12)
    assert "PISTE-M010" in capfd.readouterr().err
