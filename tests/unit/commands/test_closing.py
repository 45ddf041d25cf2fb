"""`piste site close`: questions before, the lifecycle after, and only when all went well."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.runs.plans import progress
from piste.runs.plans.play import Order, Played, Trouble
from piste.sites import onboarding
from tests.unit.records.made import operation

SITE = "ecole-jaures"
SILENT = Played(troubles=[Trouble(SITE, "Supprimer le réseau", "unknown", "PISTE-E010 sans réponse")])


class Story:
    """Runs as a verb asks for them, each with the lifecycle written before it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: Played) -> None:
        self.runs: list[tuple[bool, str]] = []
        self.inscribed: list[str] = []
        self.answers = list(answers)
        monkeypatch.setattr(progress, "watched", self.watched)
        monkeypatch.setattr(onboarding, "set_lifecycle", lambda site, word: self.inscribed.append(word))

    def watched(self, order: Order, *, check: bool, **more: Any) -> Played:
        assert (order.playbook, order.limit) == ("playbooks/close_site.yml", f"commune,{SITE}")
        assert order.extra == {"closing": SITE}
        self.runs.append((check, self.inscribed[-1] if self.inscribed else "open"))
        return self.answers.pop(0) if self.answers else Played()

    def close(self, said: str = f"{SITE}\n", site: str = SITE) -> Result:
        return CliRunner().invoke(main, ["site", "close", site], input=said)


def test_the_plan_comes_first_then_the_name_then_both_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(monkeypatch, Played(operations=[operation(action="delete")]))
    result = story.close()
    assert result.exit_code == 0, result.output
    assert "- ssid VLB-Agents" in result.output
    assert story.runs == [(True, "open"), (False, "closing"), (False, "closed")]


def test_another_name_closes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(monkeypatch)
    assert story.close("ecole-mermoz\n").exit_code == 4
    assert (story.runs, story.inscribed) == ([(True, "open")], [])


def test_a_system_that_does_not_answer_is_asked_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(monkeypatch, SILENT)
    assert story.close().exit_code == 3
    assert story.inscribed == []


def test_a_site_that_is_half_removed_stays_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(monkeypatch, Played(), SILENT)
    result = story.close()
    assert (result.exit_code, story.inscribed) == (3, ["closing"])
    assert "relancez" in result.output


def test_a_site_that_was_never_opened_has_nothing_to_close(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(monkeypatch)
    result = story.close(site="nouveau-site")
    assert result.exit_code == 4
    assert "n’est pas ouvert" in result.output
    assert story.runs == []
