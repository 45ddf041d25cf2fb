"""Doctor's checks of a system reached by HTTP: certificate, clock, reason of its silence."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme

from lab.clock import Clock
from piste.engine.converge.errors import Misused, PisteError
from piste.engine.transport import probe
from piste.engine.transport.http import Endpoint, Transport
from piste.engine.transport.response import Response
from tests.support.inprocess import LabTime
from tests.unit.transport.local import Local, serving

DAY = 86400.0


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(made)
    with serving(Local(), made) as server:
        yield Endpoint(server.url, ca_file=str(tmp_path / "ca.pem"))


def test_a_certificate_is_wrong_under_thirty_days_before_its_end(endpoint: Endpoint) -> None:
    transport = Transport(endpoint)
    end = transport.certificate_end()
    assert end is not None
    in_time = probe.certificate("essai", transport, end - 31 * DAY)
    assert (in_time.id, in_time.state) == ("essai.certificate", "ok")
    late = probe.certificate("essai", transport, end - 29.5 * DAY)
    assert (late.state, "(29 jours)" in late.what) == ("wrong", True)
    assert "renouveler" in late.todo


def test_an_address_without_tls_is_wrong_and_nothing_is_sent_to_it() -> None:
    with serving(Local()) as server:
        finding = probe.silence("essai", silence(Endpoint(server.url)))
    assert (finding.state, "localhost/ : n’est pas joint en HTTPS" in finding.what) == ("wrong", True)
    assert server.received == []


@pytest.mark.parametrize(
    ("late", "state", "said"),
    [
        (0, "ok", "ont la même heure, à 30 s près"),
        (30, "ok", "ont la même heure, à 30 s près"),
        (31, "wrong", "en avance de 31 s sur le système (essai)"),
        (-31, "wrong", "en retard de 31 s sur le système (essai)"),
    ],
)
def test_a_clock_is_compared_with_the_system_s(late: int, state: str, said: str) -> None:
    now = 1_790_000_000.0
    finding = probe.clock("essai", Response(200, {"date": formatdate(now - late, usegmt=True)}, b""), now)
    assert (finding.state, said in finding.what) == (state, True)
    assert ("NTP" in finding.todo) == (state == "wrong")


@pytest.mark.parametrize("headers", [{}, {"date": "hier"}])
def test_a_system_that_does_not_say_the_time_is_unknown(headers: dict[str, str]) -> None:
    assert probe.clock("essai", Response(200, headers, b"")).state == "unknown"


def silence(endpoint: Endpoint) -> PisteError:
    transport = Transport(endpoint, clock=LabTime(Clock()))
    probe.hurry(transport)
    with pytest.raises(PisteError) as caught:
        transport.request("GET", "/")
    return caught.value


def test_a_silence_is_unknown_and_a_certificate_that_nothing_attests_is_wrong(endpoint: Endpoint) -> None:
    untrusted = probe.silence("essai", silence(Endpoint(endpoint.url)))
    assert (untrusted.id, untrusted.state) == ("essai.reachable", "wrong")
    assert "présente un certificat que rien n’atteste" in untrusted.what
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        silent = probe.silence("essai", silence(Endpoint(f"https://127.0.0.1:{closed.getsockname()[1]}")))
    assert (silent.state, "ne répond pas" in silent.what) == ("unknown", True)
    assert silent.todo


def test_an_unreadable_authority_is_wrong() -> None:
    assert probe.silence("essai", Misused("l’autorité est illisible", where="ca.pem")).state == "wrong"


def test_a_system_that_goes_away_after_its_answer_has_an_unknown_certificate(endpoint: Endpoint) -> None:
    transport = Transport(Endpoint("https://127.0.0.1:9"))
    assert probe.certificate("essai", transport, time.time()).state == "unknown"
