"""A verb without any playbook: the test gives the result of each pass beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.runs.plans import authors, hosts, play, saved
from piste.runs.plans.play import Played


def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test a station: folders, a commit, a declaration, an inventory without variables."""
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path / "plans"))
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path / "locks"))
    monkeypatch.setattr(saved, "commit", lambda: ("c0ffee", True))
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: "d")
    monkeypatch.setattr(hosts, "variables", lambda environment, names: {})


class Runs:
    """Results of the playbook, pass after pass, and the passes that a verb asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.results: list[Played] = []
        self.asked: list[tuple[str, bool]] = []
        self.orders: list[Any] = []
        monkeypatch.setattr(play, "play", self.play)
        monkeypatch.setattr(authors, "read", lambda *given: [])

    def play(self, order: Any, *, check: bool, watch: Any = None, judge: Any = None, **more: Any) -> Played:
        if judge:
            judge(self._next(order, check=True))
        return self._next(order, check=check)

    def _next(self, order: Any, *, check: bool) -> Played:
        self.asked.append((order.playbook, check))
        self.orders.append(order)
        return self.results.pop(0)


def piste(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=answer)
