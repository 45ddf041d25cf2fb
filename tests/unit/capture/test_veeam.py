"""A capture of Veeam: its answers have a form, its tokens and its password are in none."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.transport import witness
from piste.engine.transport.witness import Question
from piste.exports.capture import questions, store
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording
from tests.support.veeam import PASSWORD, run, simulator


def test_what_the_lab_answers_has_a_form_and_no_token(tmp_path: Path) -> None:
    witness.call(Recording(tmp_path, Masks(b"clef", keep_names=True)))
    try:
        run("veeam_copies", simulator())
        run("veeam_checks", simulator())
    finally:
        witness.dismiss()
    answers = [answer for _, answer in store.answers(tmp_path)]
    assert len(answers) > 5
    assert [(answer.path, odd) for answer in answers for odd in answer.odd] == []
    assert [answer.path for answer in answers if "oauth2" in answer.path] == []
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))
    assert [word for word in (PASSWORD.encode(), b"access_token") if word in raw] == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_write_is_no_question(method: str) -> None:
    for path in ("/api/v1/jobs", "/api/v1/jobs/1/start", "/api/v1/restore/vmRestore"):
        assert questions.sort(Question("veeam", method, path, (), {})) is None
