"""Output of the verb that undoes a plan, before any run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from piste.commands.output import EXIT
from piste.runs.plans import saved
from piste.runs.plans.play import Played
from tests.unit.plans.passes import Runs, alone, piste
from tests.unit.plans.plans import operation, plan


@pytest.fixture(autouse=True)
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone(tmp_path, monkeypatch)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    made = Runs(monkeypatch)
    yield made
    assert made.results == []


def test_the_undo_of_nothing_runs_nothing(runs: Runs) -> None:
    made = plan()
    saved.write(made)
    result = piste("undo", made["id"])
    assert (result.exit_code, result.stdout, runs.asked) == (0, "Rien à rendre.\n", [])


def test_an_undo_is_a_plan_on_the_sites_that_the_run_changed(runs: Runs) -> None:
    made = plan(operation("a"), operation("b", owner="ccas"))
    saved.write(made)
    runs.results = [Played(operations=[operation("a")])]
    result = piste("undo", made["id"], "--out", str(saved.folder() / "retour.json"))
    assert result.exit_code == EXIT["changes"]
    back = saved.read(str(saved.folder() / "retour.json"))
    assert (back["playbook"], back["limit"]) == ("playbooks/undo.yml", "ccas:ecole-jaures")
    assert (back["extra"], sorted(back["undo"])) == ({}, ["ccas", "ecole-jaures"])
    assert f"piste apply {saved.folder() / 'retour.json'}" in result.output


def test_an_undo_confirms_only_what_it_is_asked(runs: Runs) -> None:
    made = plan(operation("a"))
    saved.write(made)
    runs.results = [Played(operations=[operation("a")])]
    piste("undo", made["id"], "--confirm", "uplink:Q/1", "--confirm", "stp")
    assert runs.orders[0].extra["undo_confirm"] == ["uplink:Q/1", "stp"]
