"""Content of a kept plan, and the operations to which its application is limited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.commands.output import EXIT
from piste.runs.plans import keys, saved
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


def test_without_a_key_a_plan_is_shown_and_not_kept_and_that_is_said(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*given: Any) -> str:
        raise keys.NoKey("la clé manque", todo="Mettez-la.")

    monkeypatch.setattr(keys, "seal", none)
    runs.results = [Played(operations=[operation()])]
    result = piste("plan")
    assert result.exit_code == EXIT["changes"]
    assert "notes : avant → après" in result.stdout
    assert "piste apply" not in result.output
    said = "Ce plan n’est pas enregistré, il ne pourra pas être appliqué. PISTE-E049 la clé manque. Mettez-la.\n"
    assert result.stderr.endswith(said)
    assert not saved.folder().exists()
    saved.write_json({**plan(operation()), "seal": "0" * 64}, saved.folder() / "x.json")
    refused = piste("apply", str(saved.folder() / "x.json"), "--yes")
    assert (refused.exit_code, refused.stderr) == (EXIT["refused"], "PISTE-E049 la clé manque. Mettez-la.\n")


def test_a_plan_of_nothing_is_not_kept_unless_a_file_is_asked_for(runs: Runs, tmp_path: Path) -> None:
    runs.results = [Played(), Played()]
    assert piste("plan").exit_code == 0
    assert not saved.folder().exists()
    assert piste("plan", "--out", str(tmp_path / "rien.json")).exit_code == 0
    assert piste("apply", str(tmp_path / "rien.json")).output == "Ce plan ne change rien.\n"


def test_the_tasks_keep_to_what_was_read_and_not_to_a_file_that_may_change(runs: Runs, tmp_path: Path) -> None:
    made = plan(operation("a"))
    elsewhere = saved.write(made, tmp_path / "ailleurs.json")
    runs.results = [Played(operations=made["operations"])] * 2
    result = piste("apply", str(elsewhere), "--yes")
    assert result.exit_code == 0
    kept = saved.folder() / f"{made['id']}.json"
    assert f'"piste_plan": "{kept}"' in result.stderr.splitlines()[0]
    assert kept.read_bytes() == elsewhere.read_bytes()
