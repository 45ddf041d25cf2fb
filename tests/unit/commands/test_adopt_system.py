"""`piste adopt` of a single system, and what it says of the sites that it leaves out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.commands import adopt, audit
from piste.engine.transport.witness import is_read_only
from piste.runs.plans import progress
from piste.sites import adoption

EMPTY: dict[str, Any] = {"sites": {}, "uncompared": {}, "strangers": [], "questions": [], "troubles": []}
REPORT: dict[str, Any] = {"files": {}, "troubles": []}


class Reached(Exception):
    """The order of the survey is known."""


def test_a_single_system_plays_each_of_its_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = []

    def watched(order: Any, **_: Any) -> Any:
        orders.append(order)
        if len(orders) == 2:
            raise Reached
        return SimpleNamespace(troubles=[], places=[])

    monkeypatch.setattr(progress, "watched", watched)
    said = CliRunner().invoke(adopt.adopt, ["ecole-jaures", "--audit", "--system", "meraki"])
    assert isinstance(said.exception, Reached), said.exception
    assert [order.tags for order in orders] == ["", "network,routing"]


def test_an_audit_may_conclude_the_first_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {"reads": 1, "writes": 0}
    played = SimpleNamespace(troubles=[], places=[], calls=calls, outcome="ok")
    read_only: list[bool] = []

    def watched(*_: Any, **__: Any) -> Any:
        read_only.append(is_read_only())
        return played

    monkeypatch.setattr(progress, "watched", watched)
    monkeypatch.setattr(adoption, "report", lambda *_: {**EMPTY, "calls": calls})
    asked: list[Any] = []
    monkeypatch.setattr(audit, "concluded", lambda *given, **named: asked.append((given, named)))
    given = ["adopt", "ecole-jaures", "--to", str(tmp_path)]
    said = CliRunner().invoke(main, [*given, "--audit", "--format", "json"])
    assert [(places, named, survey.limit) for (*places, survey), named in asked] == [
        (["lab", tmp_path], {"quiet": True}, "ecole-jaures")
    ], said.output
    assert read_only == [True, True], "what surveys cannot write"
    assert not is_read_only()
    assert said.exit_code == 0
    assert CliRunner().invoke(main, given).exit_code == 4, "an adoption that writes concludes nothing"


def test_a_site_left_out_is_named_and_no_plan_is_called_empty() -> None:
    trouble = {"host": "cimetiere", "task": "Converger l’annuaire", "message": "muet"}
    said = adopt._conclusion({"files": {}, "troubles": [trouble]})
    assert "cimetiere" in said
    assert "vide" not in said
    assert "Rien de nouveau" not in said
    assert "Rien de nouveau" in adopt._conclusion(REPORT)
    assert "maintenant vide" in adopt._conclusion({**REPORT, "files": {"cimetiere": "written"}})
