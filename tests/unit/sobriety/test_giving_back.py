"""The return of a lever: its runs in their order, and what one that did not end well leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from piste.runs.plans.play import Played, Trouble
from piste.sobriety import moves
from piste.town.model.dates import OTHER_DAY
from tests.unit.plans.passes import Runs, alone, piste
from tests.unit.plans.plans import operation

UNDO, PRINTING = "playbooks/undo.yml", "playbooks/domains/printing.yml"
HOSTING, AWAKE = "playbooks/domains/hosting.yml", "playbooks/power_hours.yml"
NOTHING, BROKEN = Played(), Played(troubles=[Trouble("ccas", "Rendre", "error", "panne")])
QUEUE = operation("imp-ccas-01", owner="ccas", kind="print_queue")


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    alone(tmp_path, monkeypatch)
    monkeypatch.setenv(OTHER_DAY, "2026-12-17")
    return Runs(monkeypatch)


def applied(lever: str, *operations: dict[str, object]) -> None:
    """Keep the changes of the last step of a lever in the laboratory."""
    town = moves.town("lab")
    step = moves.last_applied(town, lever)
    assert step
    move = moves.move(town, town, step, "lab")
    moves.begin(move, {"id": "p1", "commit": "abc", "operations": operations})
    moves.end(move, Played())


def reverts(runs: Runs, lever: str, *targets: str, ends: list[Played]) -> Result:
    """Take a lever back; `ends` are the results of the runs, and every run is asked for."""
    runs.asked, runs.results = [], ends
    said = piste("sobriety", "revert", lever, *(targets or ["--all"]), "--why", "Essai", "--yes")
    assert runs.results == [], said.output
    return said


def returned(lever: str) -> int:
    """Count the inscribed returns of a lever."""
    return sum((step.lever, step.step) == (lever, "reverted") for step in moves.town("lab").sobriety.rollout)


def struck(lever: str) -> list[str]:
    (application,) = moves.kept("lab", lever).applications
    return application.struck


def test_what_the_lever_changed_is_given_back_then_the_rule_is_followed(runs: Runs) -> None:
    applied("impression", QUEUE)
    foreseen, rest = Played(operations=[QUEUE]), Played()
    said = reverts(runs, "impression", "ccas", ends=[foreseen, NOTHING, rest])
    assert runs.asked == [(UNDO, True), (UNDO, False), (PRINTING, True)]
    assert "impression : retour du 2026-12-17, 1 cible, 1 réglage rendu." in said.output
    assert (said.exit_code, returned("impression"), struck("impression")) == (0, 1, ["ccas"])


def test_nothing_is_inscribed_where_the_return_cannot_be_foreseen(runs: Runs) -> None:
    applied("impression", QUEUE)
    said = reverts(runs, "impression", "ccas", ends=[BROKEN])
    assert "Rien n’a été écrit, le retour n’est pas inscrit." in said.output
    assert (said.exit_code, returned("impression"), struck("impression")) == (1, 0, [])


def test_a_return_that_was_cut_is_inscribed_once_and_taken_up_again(runs: Runs) -> None:
    applied("impression", QUEUE)
    foreseen = Played(operations=[QUEUE])
    said = reverts(runs, "impression", "ccas", ends=[foreseen, BROKEN])
    assert "Le retour est inscrit et commencé : corrigez, puis relancez la même commande." in said.output
    assert (said.exit_code, returned("impression"), struck("impression")) == (1, 1, [])
    said = reverts(runs, "impression", "ccas", ends=[foreseen, NOTHING, BROKEN])
    assert "Le retour est inscrit : corrigez, puis relancez la même commande." in said.output
    assert (said.exit_code, returned("impression"), struck("impression")) == (1, 1, [])
    said = reverts(runs, "impression", "ccas", ends=[NOTHING, NOTHING])
    assert runs.asked == [(UNDO, True), (PRINTING, True)]
    assert (said.exit_code, returned("impression"), struck("impression")) == (0, 1, ["ccas"])


def test_machines_wake_before_the_return_is_inscribed(runs: Runs) -> None:
    applied("machines-hors-heures")
    said = reverts(runs, "machines-hors-heures", ends=[BROKEN])
    assert runs.asked == [(AWAKE, False)]
    assert "Rien d’autre n’a été écrit, le retour n’est pas inscrit." in said.output
    assert (said.exit_code, returned("machines-hors-heures")) == (1, 0)
    category = operation("Horaires:nuits", owner="commune", kind="category")
    rest = Played(operations=[category])
    said = reverts(runs, "machines-hors-heures", ends=[NOTHING, rest, rest])
    assert runs.asked == [(AWAKE, False), (HOSTING, True), (HOSTING, False)]
    assert "Rien n’est gardé de ce levier dans cet environnement" in said.output
    assert "1 réglage rendu." in said.output
    assert (said.exit_code, returned("machines-hors-heures")) == (0, 1)


def test_a_change_that_is_not_the_levers_own_is_left(runs: Runs) -> None:
    applied("impression", QUEUE)
    foreign = Played(operations=[operation("Agents", owner="ccas", kind="ssid")])
    said = reverts(runs, "impression", "ccas", ends=[Played(operations=[QUEUE]), NOTHING, foreign])
    assert (said.exit_code, returned("impression"), struck("impression")) == (4, 1, [])


def test_a_step_whose_run_fails_is_inscribed_begun_and_taken_up_again(runs: Runs) -> None:
    reverts(runs, "impression", ends=[NOTHING])
    foreseen = Played(operations=[{**QUEUE, "content": {"before": {"color": True}, "after": {"color": False}}}])
    for ends, code in (([foreseen, BROKEN], 1), ([foreseen, NOTHING, NOTHING], 0)):
        runs.asked, runs.results = [], list(ends)
        said = piste("sobriety", "apply", "impression", "--yes")
        assert said.exit_code == code, said.output
        inscribed = [step for step in moves.town("lab").sobriety.rollout if step.date == "2026-12-17"]
        assert [step.step for step in inscribed] == ["reverted", "pilot"]
        (application,) = moves.kept("lab", "impression").applications
        assert (application.ended is None, application.again) == (bool(code), None if code else "ok")
    assert runs.asked == [(PRINTING, True), (PRINTING, False), (PRINTING, True)]
