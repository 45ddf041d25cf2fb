"""A capture of the SMC: the questions that pass, the answers kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.converge.errors import Misused, PisteError
from piste.engine.transport.witness import Question
from piste.exports.capture import questions, store
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording
from piste.systems.forcepoint.administrators import MODULES as ADMINISTRATORS
from piste.systems.forcepoint.living import MODULES as LIVING
from tests.support.capture import capturing
from tests.support.smc import API_KEY, SmcWorld

GATHERED = ("smc_elements", "smc_policies", "smc_engine_interfaces", "smc_engine_routes", "smc_engine_settings")


def read(world: SmcWorld) -> None:
    for name in GATHERED:
        world.gathered(name)
    with world.run():
        LIVING["smc_living"].run({"smc": world.connection()}, False)
        ADMINISTRATORS["smc_administrators"].run({"smc": world.connection(), "known": ["x"], "mode": "report"}, False)


@pytest.mark.parametrize("seed", ["inherited", "demo", "empty"])
def test_what_the_lab_answers_has_a_form_and_no_key(seed: str, tmp_path: Path) -> None:
    world = SmcWorld(tmp_path, seed)
    with capturing(tmp_path / "data"):
        read(world)
    answers = [answer for _, answer in store.answers(tmp_path / "data")]
    assert [(answer.path, odd) for answer in answers for odd in answer.odd] == []
    assert {answer.method for answer in answers} == {"GET", "POST"}
    assert [answer.path for answer in answers if answer.path.endswith(("/login", "/logout"))] == []
    assert API_KEY.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*.json"))


def test_a_write_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    world = SmcWorld(tmp_path, "demo")
    with capturing(tmp_path / "data"), pytest.raises(PisteError, match="Rien n’a été envoyé"):
        world.module("smc_elements", [{"type": "host", "name": "essai", "address": "192.0.2.1"}])
    assert world.writes == []


ELEMENT = {"value": "https://smc/7.4/elements/host/1"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/7.4/elements/host", {"name": "a"}),
        ("PUT", "/7.4/elements/host/1", {"name": "a"}),
        ("DELETE", "/7.4/elements/host/1", None),
        ("POST", "/7.4/elements/fw_policy/1/upload", None),
        ("POST", "/7.4/system/references_by_element", {**ELEMENT, "delete": True}),
        ("POST", "/7.4/system/references_by_element/1", ELEMENT),
        ("GET", "/7.4/elements/host", {"name": "a"}),
    ],
)
def test_a_question_that_could_write_is_no_read(method: str, path: str, body: object) -> None:
    asked = Question("smc", method, path, (), body)
    assert questions.sort(asked) is None
    with pytest.raises(Misused):
        Recording(Path("/nowhere"), Masks(b"clef")).allow(asked)
