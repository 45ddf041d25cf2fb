"""A capture of Veeam: its answers have a form, its tokens and its password are in none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.veeam.captured import world_of
from lab.veeam.simulator import VeeamSimulator
from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question
from piste.exports.capture import store
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording
from piste.systems import questions
from tests.support.capture import capturing
from tests.support.veeam import PASSWORD, run, simulator


def test_what_the_lab_answers_has_a_form_and_no_token(tmp_path: Path) -> None:
    with capturing(tmp_path):
        run("veeam_copies", simulator())
        run("veeam_checks", simulator())
    answers = [answer for _, answer in store.answers(tmp_path)]
    assert len(answers) > 5
    assert [(answer.path, odd) for answer in answers for odd in answer.odd] == []
    assert [answer.path for answer in answers if "oauth2" in answer.path] == []
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))
    assert [word for word in (PASSWORD.encode(), b"access_token") if word in raw] == []


def said(simulated: VeeamSimulator) -> list[Any]:
    copies, checks = run("veeam_copies", simulated), run("veeam_checks", simulated)
    return [copies["readings"], copies["warnings"], checks["findings"]]


def test_a_veeam_from_a_capture_is_read_as_the_captured_was(tmp_path: Path) -> None:
    first = simulator(disabled_jobs=["Nuit durci"], failed=["srv-bdd1"], page_limit=7, offline=["durci"])
    with capturing(tmp_path):
        before = said(first)
    other = simulator()
    world, left = world_of([answer for _, answer in store.answers(tmp_path)], {})
    other.reset(world)
    assert left == []
    assert said(other) == before
    assert before[0]
    other.behaviour.disabled_jobs = []
    jobs = other.world.lists(0, other.behaviour)
    assert [job["status"] for job in jobs["/api/v1/jobs/states"]()] == ["inactive"] * 2
    assert [job["isDisabled"] for job in jobs["/api/v1/jobs"]()] == [False] * 2


def test_a_list_that_was_captured_in_part_is_said(tmp_path: Path) -> None:
    part = {"data": [{"id": "1", "name": "a"}], "pagination": {"total": 3, "count": 1, "skip": 0, "limit": 1}}
    question = Question("veeam", "GET", "/api/v1/backups", (("limit", "1"),), None)
    Recording(tmp_path, Masks(b"clef")).heard(question, Response(200, {}, json.dumps(part).encode()), 0.1)
    _, left = world_of([answer for _, answer in store.answers(tmp_path)], {})
    assert left == ["/api/v1/backups : 1 éléments capturés, sur 3"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_write_is_no_question(method: str) -> None:
    for path in ("/api/v1/jobs", "/api/v1/jobs/1/start", "/api/v1/restore/vmRestore"):
        assert questions.sort(Question("veeam", method, path, (), {})) is None
