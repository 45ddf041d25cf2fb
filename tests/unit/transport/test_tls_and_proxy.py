"""Certificates that are always verified, and the way through a proxy."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from lab.clock import Clock
from piste.engine.converge.errors import Misused, Unreachable
from piste.engine.transport.http import Endpoint, Transport
from tests.support.inprocess import LabTime
from tests.unit.transport.local import Answer, Local, Proxy, proxying, serving

LOGIN = "prénom.nom:mot de passe@1"
CREDENTIALS = "pr%C3%A9nom.nom:mot%20de%20passe%401"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(made)
    return made


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[Local]:
    with serving(Local(), context(authority, "localhost")) as local:
        yield local


def refused(endpoint: Endpoint, method: str = "GET") -> tuple[Unreachable, list[float]]:
    """The error of a request, and the time slept before it was raised."""
    clock = LabTime(Clock())
    with pytest.raises(Unreachable) as caught:
        Transport(endpoint, clock=clock).request(method, "/a")
    return caught.value, clock.slept


def test_the_declared_authority_is_accepted_and_the_connection_kept(server: Local, ca_file: str) -> None:
    transport = Transport(Endpoint(server.url, ca_file=ca_file))
    assert [transport.request(method, "/").status for method in ("GET", "POST", "GET")] == [200, 200, 200]
    assert len({received.port for received in server.received}) == 1
    transport.close()


@pytest.mark.parametrize("size", [2, 300_000])
@pytest.mark.parametrize("close", ["close", "Close"])
def test_the_last_answer_of_a_connection_is_read_whole(server: Local, ca_file: str, size: int, close: str) -> None:
    """The connection lets go of its socket as soon as the headers say that it ends."""
    body = b"[" + b" " * size + b"]"
    server.script = [Answer(body=body, headers={"Connection": close}, leave=True)] * 2
    transport = Transport(Endpoint(server.url, ca_file=ca_file))
    assert [transport.request(method, "/").body for method in ("GET", "POST")] == [body, body]
    transport.close()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_authority_is_refused_at_once(server: Local, method: str) -> None:
    error, slept = refused(Endpoint(server.url), method)
    assert str(error) == (
        "PISTE-E010 localhost/a : présente un certificat que rien n’atteste. "
        "ce poste ne connaît pas l’autorité qui l’a signé. "
        "Donnez la bonne autorité (ca_file) ; la vérification ne se désactive pas."
    )
    assert slept == []
    assert server.received == []


def test_a_certificate_for_another_name_is_refused(authority: trustme.CA, ca_file: str) -> None:
    with serving(Local(), context(authority, "autre.invalid")) as server:
        assert "présente un certificat que rien n’atteste" in str(refused(Endpoint(server.url, ca_file=ca_file))[0])
        assert server.received == []


@pytest.mark.parametrize("content", [None, "pas un certificat"])
def test_an_unreadable_authority_is_said_as_such(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content, "utf-8")
    with pytest.raises(Misused) as caught:
        Transport(Endpoint("https://localhost:1", ca_file=str(path))).request("POST", "/")
    assert str(caught.value).startswith(f"PISTE-E030 {path} : l’autorité de certification est illisible. ")


def test_a_proxy_is_crossed_with_its_credentials_and_the_tunnel_kept(server: Local, ca_file: str) -> None:
    with proxying(Proxy(LOGIN)) as proxy:
        url = f"http://{CREDENTIALS}@127.0.0.1:{proxy.server_port}"
        transport = Transport(Endpoint(server.url, ca_file=ca_file, proxy=url))
        assert [transport.request("GET", "/").status for _ in range(2)] == [200, 200]
        assert proxy.asked == [f"localhost:{server.server_port}"]
        transport.close()
    assert all("proxy-authorization" not in received.headers for received in server.received)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_proxy_that_refuses_has_sent_nothing(server: Local, ca_file: str, method: str) -> None:
    with proxying(Proxy(LOGIN)) as proxy:
        error, _ = refused(Endpoint(server.url, ca_file=ca_file, proxy=f"http://127.0.0.1:{proxy.server_port}"), method)
    assert "407" in str(error)
    assert "ne répond pas" in str(error)
    assert server.received == []


@pytest.mark.parametrize(
    ("host", "no_proxy", "crossed"),
    [
        ("localhost", ("localhost",), False),
        ("localhost", ("*",), False),
        ("nps.bourget.invalid", ("bourget.invalid",), False),
        ("nps.bourget.invalid", (".bourget.invalid",), False),
        ("nps.bourget.invalid", ("get.invalid", "", "ps.bourget.invalid"), True),
        ("localhost", (), True),
    ],
)
def test_hosts_reached_without_the_proxy(
    host: str, no_proxy: tuple[str, ...], crossed: bool, authority: trustme.CA, ca_file: str
) -> None:
    with serving(Local(), context(authority, host)) as server, proxying(Proxy()) as proxy:
        endpoint = Endpoint(
            f"https://{host}:{server.server_port}",
            ca_file=ca_file,
            proxy=f"http://127.0.0.1:{proxy.server_port}",
            no_proxy=no_proxy,
        )
        transport = Transport(endpoint, clock=LabTime(Clock()))
        if crossed or host == "localhost":
            assert transport.request("GET", "/").status == 200
        else:
            with pytest.raises(Unreachable):
                transport.request("GET", "/")
        assert bool(proxy.asked) == crossed
        transport.close()
