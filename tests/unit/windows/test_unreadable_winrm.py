"""Nonsense from Windows hosts: a reading is unknown, a write lost, nothing crashes."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from lab import Lab
from lab.winrm import WinrmSimulator
from piste.engine.converge.errors import AnswerLost, PisteError, Unreachable
from piste.systems.windows import winrm
from piste.systems.windows.patience import within
from piste.systems.windows.snippets import SNIPPETS
from piste.systems.windows.snippets.answers import ANSWERS, Shape
from piste.systems.windows.winrm import Session, unpack
from piste.systems.windows.winrm_access import Access
from tests.support.winrm import example, said

NOTHING = (b"", b"\r\n", b"null", b"[]", b"3", b'"x"', b"{}", b'{"result"', b"<html>portail</html>", b"\xff\xfe\x00")
ODD = (b'{"result": null}', b'{"error": null}', b'{"error": "x"}', b"[" * 100_000)
WAYS = {"host": {"services": [], "commands": []}, "nps_import": {"document": "", "restart": False}}


def misfits(shape: Shape) -> Iterator[Any]:
    """Yield answers in which a part is missing or of another kind."""
    yield from (other for other in (None, 3, [3], {"x": 3}) if not isinstance(other, type(example(shape))))
    if isinstance(shape, dict):
        for name, inner in shape.items():
            whole, bare = example(shape), name.removesuffix("?")
            if bare == name:
                yield {key: value for key, value in whole.items() if key != bare}
            yield from ({**whole, bare: wrong} for wrong in misfits(inner) if bare == name or wrong is not None)
    elif isinstance(shape, list):
        yield from ([wrong] for wrong in misfits(shape[0]))


def expected(snippet: str) -> type[PisteError]:
    return AnswerLost if SNIPPETS[snippet].writes else Unreachable


def test_every_snippet_has_its_answer() -> None:
    assert ANSWERS.keys() == SNIPPETS.keys()


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_an_answer_of_another_shape_is_unknown(snippet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = example(ANSWERS[snippet])
    assert said(snippet, json.dumps({"result": whole}).encode(), monkeypatch) == whole
    shapes = [json.dumps({"result": wrong}).encode() for wrong in misfits(ANSWERS[snippet])]
    for out in (*NOTHING, *ODD, *shapes):
        with pytest.raises(expected(snippet)) as met:
            said(snippet, out, monkeypatch)
        assert (met.value.kind, met.value.where) == ("unknown", "hdv-nps1.ville.example"), out


def test_half_a_character_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"result": example(ANSWERS["host"]) | {"name": "\ud800"}}
    with pytest.raises(Unreachable):
        said("host", json.dumps(answer).encode(), monkeypatch)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_messages_of_powershell_before_the_answer_are_ignored(snippet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = example(ANSWERS[snippet])
    noise = "AVERTISSEMENT : Attente du démarrage du service...\r\n".encode("cp850")
    assert said(snippet, noise + json.dumps({"result": whole}).encode(), monkeypatch) == whole


def test_a_file_out_of_proportion_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = winrm.pack(b"0" * 1000)
    monkeypatch.setattr(winrm, "OUTPUT", 999)
    with pytest.raises(ValueError, match="999 octets"):
        unpack(packed)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def simulator(lab: Lab) -> Iterator[WinrmSimulator]:
    simulated = lab.systems["winrm"].simulator
    yield simulated
    simulated.behaviour.set(noisy=False)
    lab.reset("empty")


@pytest.fixture
def session(lab: Lab) -> Iterator[Session]:
    info = lab.info["winrm"]
    access = Access(
        info["username"], info["password"], urls=info["hosts"], authentication="basic", ca_file=lab.info["ca_file"]
    )
    with Session(access, "hdv-nps1", sleep=lambda seconds: None) as opened:
        yield opened


@pytest.mark.parametrize("body", ["<html>portail</html>", "", "{}", "<s:Envelope xmlns:s='x'><s:Body>", "<a/>"])
@pytest.mark.parametrize("method", ["Create", "Command", "Receive"])
@pytest.mark.parametrize("snippet", WAYS)
def test_an_answer_that_is_not_winrm_is_unknown(
    session: Session, simulator: WinrmSimulator, snippet: str, method: str, body: str
) -> None:
    simulator.faults.add("status", method=method, status=200, body=body, times=None)
    with pytest.raises(expected(snippet) if method == "Receive" else Unreachable) as met:
        session.run(snippet, **WAYS[snippet])
    assert met.value.kind == "unknown"


def test_a_host_that_ends_a_command_badly_has_still_answered(session: Session, simulator: WinrmSimulator) -> None:
    simulator.faults.add("status", method="Signal", status=200, body="<html>")
    assert session.run("host", **WAYS["host"])["commands"] == []
    assert session.run("host", **WAYS["host"])["commands"] == []


def test_a_refusal_after_the_last_input_of_a_write_leaves_a_doubt(session: Session, simulator: WinrmSimulator) -> None:
    simulator.faults.add("status", method="Receive", status=401)
    with pytest.raises(AnswerLost):
        session.run("nps_import", **WAYS["nps_import"])


@pytest.mark.parametrize(
    ("limit", "value", "why"), [("LARGEST", 10, "10 octets"), ("OUTPUT", 10, "10 octets"), ("LONGEST", 0.0, "E010")]
)
def test_an_answer_has_an_end(
    session: Session, simulator: WinrmSimulator, limit: str, value: float, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winrm, limit, value)
    with pytest.raises(Unreachable, match=why):
        session.run("nps_export")


def test_a_connection_is_cut_when_its_time_is_over() -> None:
    """A host that sends a byte now and then is not waited for."""
    ours, theirs = socket.socketpair()
    with ours, theirs, within(0.01, ours):
        assert ours.recv(1) == b""


def test_a_redirect_is_no_answer_and_is_not_followed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def send(adapter: Any, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        asked.append(request.url)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 307, str(request.url), request
        answer.headers["location"] = "https://ailleurs.invalid/wsman"
        answer._content, answer.raw = b"", SimpleNamespace(stream=iter)
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with pytest.raises(Unreachable):
        session.run("nps_export")
    assert set(asked) == {session.access.url("hdv-nps1")}


def test_a_noisy_host_is_understood(session: Session, simulator: WinrmSimulator) -> None:
    simulator.behaviour.set(noisy=True)
    document = session.run("nps_export")["document"]
    session.run("nps_import", document=document, restart=True)
    assert session.run("nps_export")["document"] == document
