"""A capture of Microsoft 365: masked, read again the same in the lab, refusals included."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lab.microsoft import simulator as tenant
from lab.microsoft.captured import tenant_of
from lab.microsoft.simulator import MicrosoftSimulator
from piste.engine.transport.witness import Question
from piste.exports.capture import store
from piste.systems import questions
from piste.systems.microsoft.tenant import PARTS
from tests.support.capture import capturing
from tests.support.inprocess import LabTime
from tests.support.microsoft import run, simulator

PERSONS = re.compile(r"(?i)martin|dsi\.admin|secours|agent ?[12]|invité|autre\.example|pc-trouve|hdv-vieux")


def said(simulated: MicrosoftSimulator) -> list[Any]:
    read, machines = run("microsoft_tenant", simulated), run("microsoft_machines", simulated)
    return [read["parts"], read["unread"], machines["agents"]]


def again(folder: Path, **switches: Any) -> tuple[MicrosoftSimulator, list[str]]:
    other = simulator(**switches)
    other.taken, left = tenant_of([answer for _, answer in store.answers(folder)])
    return other, left


@pytest.mark.parametrize("licence", ["none", "P1", "P2"])
def test_a_tenant_from_a_capture_is_read_as_the_captured_was(licence: str, tmp_path: Path) -> None:
    with capturing(tmp_path):
        before = said(simulator(licence=licence, page_limit=2, defaults=True))
    answers = [answer for _, answer in store.answers(tmp_path)]
    assert [(answer.path, odd) for answer in answers for odd in answer.odd] == []
    assert not any("oauth2" in answer.path for answer in answers)
    other, left = again(tmp_path, page_limit=3)
    assert left == []
    assert said(other) == before
    assert len(before[0]) > 10
    assert bool(before[1]) is (licence != "P2")


@pytest.mark.parametrize("ahead", [90, 30 * 86_400])
def test_a_tenant_at_the_hour_of_a_capture_takes_the_application(ahead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = said(simulator())
    monkeypatch.setattr(LabTime, "time", lambda self: self._clock.now() + ahead)
    assert said(simulator()) == before


def test_a_masked_tenant_names_nobody_and_counts_the_same(tmp_path: Path) -> None:
    with capturing(tmp_path, keep_names=False):
        before = said(simulator(page_limit=2))
    raw = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*.json"))
    assert PERSONS.findall(raw) == []
    after = said(again(tmp_path)[0])
    assert {name: len(rows) for name, rows in after[0].items()} == {name: len(rows) for name, rows in before[0].items()}
    roles = {row["role"]: row["name"] for row in after[0]["roles"]}
    assert roles == {row["role"]: row["name"] for row in before[0]["roles"]}
    lacking = [why.split(" ")[:5] for why in after[1].values()]
    assert lacking == [why.split(" ")[:5] for why in before[1].values()]
    assert not PERSONS.search(json.dumps(after, ensure_ascii=False))


def test_a_list_that_was_captured_in_part_is_said_and_what_was_not_is_not_there(tmp_path: Path) -> None:
    with capturing(tmp_path):
        said(simulator(page_limit=4))
    answers = [answer for _, answer in store.answers(tmp_path)]
    last = next(answer for answer in answers if answer.path == "/v1.0/users" and "$skiptoken" in dict(answer.query))
    _, left = tenant_of([answer for answer in answers if answer is not last])
    assert [line.partition("?")[0] for line in left] == ["/v1.0/users"]
    other = simulator()
    other.taken = {}
    read = run("microsoft_tenant", other)
    assert (read["parts"], read["unread"].keys()) == ({}, PARTS.keys())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_write_is_no_question(method: str) -> None:
    for path in ("/v1.0/users", "/v1.0/invitations", "/api/machines", "/api/machines/1/isolate", tenant.DISCOVERY):
        assert questions.sort(Question("microsoft", method, path, (), {})) is None
