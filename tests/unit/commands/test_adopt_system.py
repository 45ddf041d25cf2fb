"""`piste adopt` of a single system, and what it says of the sites that it leaves out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from piste.commands import adopt
from piste.runs.plans import progress

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


def test_a_site_left_out_is_named_and_no_plan_is_called_empty() -> None:
    trouble = {"host": "cimetiere", "task": "Converger l’annuaire", "message": "muet"}
    said = adopt._conclusion({"files": {}, "troubles": [trouble]})
    assert "cimetiere" in said
    assert "vide" not in said
    assert "Rien de nouveau" not in said
    assert "Rien de nouveau" in adopt._conclusion(REPORT)
    assert "maintenant vide" in adopt._conclusion({**REPORT, "files": {"cimetiere": "written"}})
