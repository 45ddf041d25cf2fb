"""`piste adopt` of a single system, and what it says of the sites that it leaves out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.commands import adopt, audit
from piste.runs.plans import progress
from piste.sites import adoption

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
    monkeypatch.setattr(progress, "watched", lambda *_, **__: played)
    monkeypatch.setattr(adoption, "report", lambda *_: {"sites": {}, "strangers": [], "calls": calls})
    asked: list[Any] = []
    monkeypatch.setattr(audit, "concluded", lambda *given, **named: asked.append((given, named)))
    given = ["adopt", "ecole-jaures", "--to", str(tmp_path)]
    said = CliRunner().invoke(main, [*given, "--audit", "--format", "json"])
    assert asked == [(("lab", tmp_path), {"quiet": True})], said.output
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
