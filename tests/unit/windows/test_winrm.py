"""Snippets over WinRM: retries, lost answers, errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
import urllib3
from winrm.protocol import Protocol

from lab import Lab
from lab.winrm import WinrmSimulator
from piste.engine.converge.errors import AnswerLost, Misused, Rejected, Unreachable
from piste.systems.windows import winrm
from piste.systems.windows.refusals import RefusedAccount
from piste.systems.windows.winrm import Session, pack, unpack
from piste.systems.windows.winrm_access import Access
from tests.support.breadth import breadth

ASKED: dict[str, Any] = {"services": ["IAS", "Absent"], "commands": ["Export-NpsConfiguration"]}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def simulator(lab: Lab) -> Iterator[WinrmSimulator]:
    simulated = lab.systems["winrm"].simulator
    assert isinstance(simulated, WinrmSimulator)
    yield simulated
    simulated.behaviour.set(max_shells=30, silence=60.0)
    lab.reset("empty")


@pytest.fixture
def access(lab: Lab) -> Access:
    info = lab.info["winrm"]
    return Access(
        info["username"], info["password"], urls=info["hosts"], authentication="basic", ca_file=lab.info["ca_file"]
    )


@pytest.fixture
def session(access: Access, simulator: WinrmSimulator) -> Iterator[Session]:
    with Session(access, "hdv-nps1", sleep=lambda seconds: None) as opened:
        yield opened


def document(session: Session) -> bytes:
    return unpack(session.run("nps_export")["document"])


@pytest.mark.parametrize("way", ["ntlm", "basic"])
def test_a_session_keeps_a_single_shell_and_closes_it(access: Access, simulator: WinrmSimulator, way: str) -> None:
    with Session(replace(access, authentication=way), "hdv-nps1") as session:
        answer = session.run("host", **ASKED)
        assert answer["services"] == [{"name": "IAS", "running": True, "sid_type": 1}]
        assert answer["commands"] == ["Export-NpsConfiguration"]
        before = document(session)
        session.run("nps_import", document=pack(before), restart=False)
        assert session.calls == {"reads": 2, "writes": 1}
        assert simulator.calls.of("winrm") == {"reads": 2, "writes": 1, "sessions": 1}
    assert simulator.shells["hdv-nps1"].open == {}


def test_arguments_are_in_no_command_line(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = []
    real = Protocol.run_command

    def run_command(self: Protocol, shell: str, command: str, arguments: Any = (), **options: Any) -> str:
        lines.append((command, *arguments))
        return real(self, shell, command, arguments, **options)

    monkeypatch.setattr(Protocol, "run_command", run_command)
    content = document(session)
    for secret in ("MotDePasse-1", "MotDePasse-2"):
        changed = content.replace(b"<Description>NPS", f"<Description>{secret}".encode())
        session.run("nps_import", document=pack(changed), restart=False)
    assert lines[1] == lines[2]
    assert b"MotDePasse-2" in document(session)


def test_a_long_input_goes_in_pieces(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winrm, "CHUNK", 1000)
    content = document(session)
    session.run("nps_import", document=pack(content), restart=False)
    assert document(session) == content


@pytest.mark.parametrize("method", ["Create", "Command", "Send"])
@pytest.mark.parametrize("kind", ["cut", "status"])
def test_a_write_is_tried_again_while_its_input_is_not_whole(
    session: Session, simulator: WinrmSimulator, method: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = document(session)
    monkeypatch.setattr(winrm, "CHUNK", 1000)
    session.close()
    simulator.faults.add(kind, method=method)
    session.run("nps_import", document=pack(content), restart=False)
    assert simulator.calls.writes() == [("run", "/hdv-nps1/nps_import", 200)]


def test_a_write_whose_answer_is_lost_is_not_repeated(session: Session, simulator: WinrmSimulator) -> None:
    content = document(session)
    simulator.faults.add("cut", method="Receive", path="nps_import")
    with pytest.raises(AnswerLost, match="PISTE-E012 hdv-nps1 : la réponse à « nps_import » s’est perdue"):
        session.run("nps_import", document=pack(content), restart=False)
    assert len(simulator.calls.writes()) == 1
    assert document(session) == content


@pytest.mark.parametrize(("when", "runs"), [("before", 0), ("after", 1)])
def test_a_write_whose_last_input_is_lost_may_have_been_done(
    session: Session, simulator: WinrmSimulator, when: str, runs: int
) -> None:
    content = document(session)
    simulator.faults.add("cut", method="Send", when=when)
    with pytest.raises(AnswerLost):
        session.run("nps_import", document=pack(content), restart=False)
    assert len(simulator.calls.writes()) == runs


def test_the_lab_can_make_a_host_lack_its_certificates(session: Session, simulator: WinrmSimulator) -> None:
    simulator.faults.add("answer", method="certificates", body='{"certificates": []}')
    assert [len(session.run("certificates")["certificates"]) for _ in range(2)] == [0, 4]


def test_a_read_whose_answer_is_lost_is_done_again(access: Access, simulator: WinrmSimulator) -> None:
    waits: list[float] = []
    simulator.faults.add("cut", method="Receive", times=2)
    with Session(access, "hdv-nps1", sleep=waits.append) as session:
        assert document(session)
    assert waits == [1.0, 2.0]


def test_a_read_that_stays_without_an_answer_is_unknown(session: Session, simulator: WinrmSimulator) -> None:
    simulator.faults.add("cut", method="Receive", times=None)
    with pytest.raises(Unreachable, match=r"hdv-nps1 : ne répond pas.*Vérifiez le réseau, le nom et le service WinRM"):
        document(session)


def test_a_shell_that_the_host_has_ended_is_replaced(session: Session, simulator: WinrmSimulator) -> None:
    before = document(session)
    simulator.shells["hdv-nps1"].open.clear()
    assert document(session) == before


def test_too_many_sessions_are_waited_for(access: Access, simulator: WinrmSimulator) -> None:
    simulator.behaviour.set(max_shells=1)
    other = Session(access, "hdv-nps1")
    other.run("host", **ASKED)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            other.close()

    with Session(access, "hdv-nps1", sleep=wait) as session:
        assert document(session)
    assert waits == [2.0, 2.0]


def test_too_many_sessions_for_too_long_are_reported(
    session: Session, simulator: WinrmSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winrm, "PATIENCE", 0.0)
    simulator.behaviour.set(max_shells=0)
    with pytest.raises(Unreachable, match=r"n’accepte plus de session. The WS-Management.*relevez MaxShellsPerUser"):
        document(session)


def test_a_refused_account_has_its_own_error(access: Access, simulator: WinrmSimulator) -> None:
    session = Session(replace(access, password="un autre mot de passe"), "hdv-nps1")
    with pytest.raises(RefusedAccount, match=r"hdv-nps1 : refuse le compte « LEBOURGET\\svc-piste »"):
        document(session)
    assert "un autre mot de passe" not in repr(session.access)


def test_a_silent_host_is_unknown(access: Access, simulator: WinrmSimulator) -> None:
    simulator.behaviour.set(silence=5.0)
    simulator.faults.add("silent", path="/hdv-nps2/")
    with pytest.raises(Unreachable, match="hdv-nps2 : ne répond pas"):
        document(Session(replace(access, timeout=1), "hdv-nps2"))


def test_a_snippet_that_does_not_end_is_left(access: Access, simulator: WinrmSimulator) -> None:
    session = Session(replace(access, timeout=1), "hdv-nps1")
    content = document(session)
    simulator.faults.add("silent", method="Receive", path="nps_import")
    simulator.behaviour.set(silence=3.0)
    with pytest.raises(AnswerLost):
        session.run("nps_import", document=pack(content), restart=False)


def test_a_refusal_has_the_host_s_own_words(session: Session, simulator: WinrmSimulator) -> None:
    simulator.faults.add("refuse", method="nps_export", path="hdv-nps1", body="Accès refusé : é")
    with pytest.raises(Rejected, match=r"hdv-nps1 : « nps_export » : refusé. Accès refusé : é"):
        document(session)
    assert simulator.shells["hdv-nps1"].open != {}, "a refusal is an answer: the shell serves again"
    assert document(session)


def test_an_unknown_authority_is_not_trusted(access: Access, simulator: WinrmSimulator) -> None:
    session = Session(replace(access, ca_file=""), "hdv-nps1")
    with pytest.raises(Unreachable, match="présente un certificat que rien n’atteste"):
        document(session)
    with pytest.raises(Unreachable, match="présente un certificat que rien n’atteste"):
        session.certificate_end()
    assert Session(access, "hdv-nps1").certificate_end() > 0


def test_an_authority_that_is_no_file_is_refused(access: Access, simulator: WinrmSimulator) -> None:
    with pytest.raises(Misused, match=r"/absent.pem : l’autorité de certification est illisible"):
        document(Session(replace(access, ca_file="/absent.pem"), "hdv-nps1"))


@pytest.mark.parametrize(
    "there", breadth(["http://ailleurs.example/", "https://ailleurs.example:5986/wsman", "/ailleurs"], 3)
)
def test_a_redirect_is_followed_nowhere(session: Session, monkeypatch: pytest.MonkeyPatch, there: str) -> None:
    asked: list[str] = []

    def send(self: Any, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        asked.append(str(request.url))
        answer = requests.Response()
        answer.request, answer.url, answer.status_code = request, str(request.url), 302
        answer.headers["Location"] = there
        answer.raw = urllib3.HTTPResponse(body=b"", status=302, preload_content=False)
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with pytest.raises(Unreachable, match="renvoie vers une autre adresse"):
        session.run("host")
    assert set(asked) == {session.access.url("hdv-nps1")}


def test_a_host_is_found_by_its_name_and_only_over_tls() -> None:
    access = Access("u", "p", domain="ad.lebourget.example", urls={"vieux": "http://10.0.0.1:5985/wsman"})
    assert access.url("hdv-nps1") == "https://hdv-nps1.ad.lebourget.example:5986/wsman"
    assert access.url("nps.autre.example") == "https://nps.autre.example:5986/wsman"
    with pytest.raises(Misused, match="vieux : WinRM n’est joint qu’en HTTPS"):
        access.url("vieux")
