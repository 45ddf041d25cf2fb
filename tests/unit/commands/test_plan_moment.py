"""The moments of writes that a plan and its application name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from piste.commands.output import EXIT
from piste.engine.converge.errors import Misused
from piste.runs.plans import saved
from piste.runs.plans.play import Played
from tests.unit.plans.passes import Runs, alone, piste
from tests.unit.plans.plans import operation, plan

OPEN = "Écriture permise maintenant, jusqu’à mardi 24/11 à 23:30 (ccas)."


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    alone(tmp_path, monkeypatch)
    return Runs(monkeypatch)


def apply(made: dict[str, Any], *options: str) -> Result:
    saved.write(made)
    return piste("apply", made["id"], *options)


def test_a_plan_and_its_application_say_when_it_may_be_written(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, list[str]]] = []

    def lines(environment: str, names: list[str]) -> list[str]:
        asked.append((environment, names))
        return [OPEN]

    monkeypatch.setattr("piste.sites.moment.lines", lines)
    made = plan(operation())
    runs.results = [Played(operations=[operation()])] * 4
    assert f"\n{OPEN}\n" in piste("plan").output
    assert OPEN not in piste("plan", "--format", "json").output
    assert OPEN in apply(made, "--check").output
    assert OPEN not in apply(made, "--check", "--outside-window", "A. Diallo : essai").output
    assert OPEN in piste("plan", "show", made["id"]).output
    assert asked == [("lab", [operation()["owner"]])] * 3
    # A plan with nothing to do says nothing of it.
    runs.results = [Played()]
    assert OPEN not in piste("plan").output


def test_a_moment_that_cannot_be_read_is_unknown_and_stops_no_plan(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(environment: str, names: list[str]) -> list[str]:
        raise Misused("le fichier ne se lit pas")

    monkeypatch.setattr("piste.sites.moment.lines", unread)
    runs.results = [Played(operations=[operation()])]
    said = piste("plan")
    assert said.exit_code == EXIT["changes"]
    assert "Gels et fenêtres de changement inconnus : PISTE-E030 le fichier ne se lit pas" in said.output
