"""The authors of what a drift shows: asked once, kept in its plan, in every form, escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from piste.commands.plan import make_plan
from piste.engine.converge.errors import Unreachable
from piste.readings.table import Answer
from piste.runs.plans import authors, progress, reading, saved, show
from piste.runs.plans.form import faults
from piste.runs.plans.play import Order, Played
from tests.unit.plans.plans import NOON, operation

TOWN: Any = SimpleNamespace(sites={"ecole-jaures": {"network_name": "VLB ecole-jaures"}})
WHO = {"who": "A. Martin <a@ville.fr>", "when": "2026-11-24T09:12:00+00:00", "how": "via API : PUT /networks/N_1"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Have the playbook give an answer for the question that it gets."""
    heard: dict[str, Any] = {"answer": {"meraki": [[WHO]]}, "orders": 0}

    def answer(reader: Any, environment: str, said: Any, question: Mapping[str, Any]) -> tuple[Answer, Played]:
        heard["orders"] += 1
        heard["question"] = question
        if isinstance(heard["answer"], Exception):
            raise heard["answer"]
        return Answer(heard["answer"], question, {}), Played()

    monkeypatch.setattr(reading, "answer", answer)
    return heard


def drift(*operations: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = authors.read(TOWN, "lab", operations, reading.unsaid)
    return saved.make(Order(show.DRIFT, "lab"), Played(operations=list(operations)), NOON, given, **more)


def test_a_drift_names_who_and_when_in_text_json_and_markdown(asked: dict[str, Any]) -> None:
    plan = drift(operation("VLB"))
    said = "par A. Martin <a@ville.fr>, le 24/11/2026 à 10:12 (via API : PUT /networks/N_1)"
    (line,) = [text for _, text in show.lines(plan) if "VLB" in text]
    assert line.endswith(f" · {said}")
    assert f"`{said}`" in show.markdown(plan)
    assert json.loads(json.dumps(plan))["authors"] == [
        {"system": "meraki", "owner": "ecole-jaures", "kind": "network", "key": "VLB", "by": [WHO]}
    ]
    (question,) = asked["question"]["meraki"]
    assert (question["key"], question["fields"], question["within"]) == ("VLB", ["notes"], "VLB ecole-jaures")


def test_two_candidates_are_both_named_and_none_is_unknown(asked: dict[str, Any]) -> None:
    other = {"who": "", "when": "2026-11-24T08:00:00+00:00", "how": ""}
    asked["answer"] = {"meraki": [[WHO, other], []]}
    first, second = [text for _, text in show.lines(drift(operation("VLB-1"), operation("VLB-2"))) if "VLB" in text]
    assert "par A. Martin" in first
    assert first.endswith(" ; auteur inconnu, le 24/11/2026 à 09:00")
    assert second.endswith(" · auteur inconnu")


@pytest.mark.parametrize("answer", [Unreachable("ne répond pas"), None, {}, {"meraki": []}, {"meraki": "rien"}])
def test_a_log_that_is_not_read_says_so_and_leaves_the_drift_whole(asked: dict[str, Any], answer: Any) -> None:
    asked["answer"] = answer
    plan = drift(operation("VLB"))
    assert [authored["by"] for authored in plan["authors"]] == [None]
    assert faults(saved.sealed(plan)) == []
    assert any(text.endswith(" · journal non lu") for _, text in show.lines(plan))


def test_nothing_is_asked_where_nothing_differs_or_no_system_has_a_log(asked: dict[str, Any]) -> None:
    assert drift()["authors"] == []
    untold = drift({**operation("a"), "system": "glpi"})
    assert untold["authors"][0]["by"] == []
    assert any(text.endswith(" · ce système ne dit pas à Piste qui, ni quand") for _, text in show.lines(untold))
    assert asked["orders"] == 0


def test_a_name_of_an_author_commands_nothing(asked: dict[str, Any]) -> None:
    hostile = {**WHO, "who": "\x1b[2J`<script>`\nAdmin", "how": "{{ lookup('pipe', 'id') }}\r"}
    asked["answer"] = {"meraki": [[hostile]]}
    plan = drift(operation("VLB"))
    text = "".join(text for _, text in show.lines(plan))
    assert not {"\x1b", "\n", "\r"} & set(text)
    assert "\x1b" not in show.markdown(plan)
    assert "<script>" not in show.markdown(plan).replace("``", "").partition("<details>")[0]


def test_the_authors_are_under_the_seal_and_no_difference_of_a_plan(asked: dict[str, Any]) -> None:
    plan = drift(operation("VLB"))
    assert faults(saved.sealed(plan)) == []
    assert saved.differences(plan, [operation("VLB")]) == []


def test_who_does_not_wait_for_the_logs_keeps_the_drift(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*args: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "answer", interrupted)
    monkeypatch.setattr(progress, "watched", lambda order, check: Played(operations=[operation("VLB")]))
    with pytest.raises(SystemExit):
        make_plan(Order(show.DRIFT, "lab"), tmp_path / "drift.json", "json", drift=True)
    kept = saved.read(str(tmp_path / "drift.json"))
    assert [authored["by"] for authored in kept["authors"]] == [None]
