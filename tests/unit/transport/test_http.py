"""The HTTP frame against a real socket: requests that are repeated or not, words of errors."""

from __future__ import annotations

import json
import socket
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import formatdate
from typing import Any

import pytest

from lab.clock import Clock
from piste.engine.converge.errors import AnswerLost, Misused, Rejected, Unreachable, Unreadable
from piste.engine.transport import bounds
from piste.engine.transport.http import Endpoint, Transport, segment
from piste.engine.transport.response import Response, rejected
from tests.support.inprocess import LabTime
from tests.unit.transport.local import Answer, Local, serving


class Pace:
    def __init__(self) -> None:
        self.waits = 0
        self.pauses: list[float] = []

    def wait(self) -> None:
        self.waits += 1

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@contextmanager
def dripping(part: str) -> Iterator[str]:
    """An address that answers a byte at a time, without end."""
    head = b"HTTP/1.1 200 OK\r\n"
    heads = {"headers": head + b"X-A: ", "body": head + b"Content-Length: 999999\r\n\r\n"}
    start = heads.get(part, head + b"Transfer-Encoding: chunked\r\n\r\n9999\r\n")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(start)
                while True:
                    connection.sendall(b"x")
                    time.sleep(0.02)

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            thread.join()


class Client(Transport):
    """The transport with sleeps noted instead of slept, over a bare socket."""

    schemes = ("http",)

    def __init__(self, url: str, **endpoint: Any) -> None:
        clock = LabTime(Clock())
        self.slept = clock.slept
        self.paced = Pace()
        self.script: list[Answer] = []
        """Answers in place of a socket, where there are any."""
        self.asked: list[tuple[str, str, Any]] = []
        super().__init__(Endpoint(url, timeout=5, **endpoint), self.paced, clock)

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        self.asked.append((method, url, body))
        if not self.script:
            return super()._send(method, url, body, headers)
        answer = self.script.pop(0)
        return Response(answer.status, answer.headers, answer.body, url)


@pytest.fixture
def server() -> Iterator[Local]:
    with serving(Local()) as local:
        yield local


@pytest.fixture
def client(server: Local) -> Iterator[Client]:
    transport = Client(server.url, headers={"Authorization": "Bearer x"})
    yield transport
    transport.close()


def test_a_request_carries_its_query_its_body_and_the_headers_of_the_endpoint(server: Local, client: Client) -> None:
    server.script = [Answer(201, b'{"id": "\xc3\xa9"}', {"X-Y": "z"})]
    answer = client.request("POST", "/a", query={"ids[]": ["é", "b c"], "n": 1}, body={"nom": "été 🏫 \ud800"})
    (received,) = server.received
    assert received.path == "/a?ids[]=%C3%A9&ids[]=b+c&n=1"
    assert json.loads(received.body) == {"nom": "été 🏫 \ud800"}
    assert (received.headers["authorization"], received.headers["content-type"]) == ("Bearer x", "application/json")
    assert (answer.status, answer.document(), answer.headers["x-y"]) == (201, {"id": "é"}, "z")
    assert answer.url == server.url + received.path


def test_a_body_of_bytes_goes_as_it_is_under_its_own_type(server: Local, client: Client) -> None:
    client.request("POST", "/jeton", body=b"grant_type=password", headers={"Content-Type": "application/x-www-form"})
    (received,) = server.received
    assert (received.body, received.headers["content-type"]) == (b"grant_type=password", "application/x-www-form")


def test_requests_are_counted_by_what_they_do(client: Client) -> None:
    for method in ("GET", "PUT", "DELETE", "POST"):
        client.request(method, "/")
    assert client.calls == {"reads": 1, "writes": 3}
    assert client.paced.waits == 4


def test_one_connection_serves_successive_requests(server: Local, client: Client) -> None:
    for _ in range(3):
        client.request("GET", "/")
    assert len({received.port for received in server.received}) == 1


def test_connections_outlive_the_threads_that_opened_them(server: Local, client: Client) -> None:
    for _ in range(3):
        assert client.map(lambda n: client.request("GET", f"/{n}").status, range(8), workers=2) == [200] * 8
    assert len({received.port for received in server.received}) <= 2


def test_work_done_on_threads_comes_back_in_order(client: Client) -> None:
    assert client.map(lambda n: n * n, range(10), workers=3) == [n * n for n in range(10)]
    assert client.map(lambda n: n, []) == []


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_a_kept_connection_that_the_system_has_closed_is_opened_again(
    server: Local, client: Client, method: str
) -> None:
    server.script = [Answer(leave=True)]
    client.request("GET", "/")
    time.sleep(0.05)
    assert client.request(method, "/").status == 200
    assert server.done == ["GET", method]
    assert client.slept == []


def test_an_announced_close_is_respected(server: Local, client: Client) -> None:
    server.script = [Answer(headers={"Connection": "close"}, leave=True)]
    client.request("GET", "/")
    client.request("GET", "/")
    assert len({received.port for received in server.received}) == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("trouble", [Answer(502), Answer(503), Answer(504), Answer(cut="before"), Answer(cut="after")])
def test_what_may_be_repeated_is_repeated(server: Local, client: Client, method: str, trouble: Answer) -> None:
    server.script = [trouble, trouble]
    assert client.request(method, "/").status == 200
    assert [received.method for received in server.received] == [method] * 3
    assert len(client.slept) == 2
    assert all(0.25 <= pause <= 1.0 for pause in client.slept)


@pytest.mark.parametrize(("cut", "done"), [("before", []), ("after", ["POST"])])
def test_a_post_whose_answer_is_lost_is_not_repeated(server: Local, client: Client, cut: str, done: list[str]) -> None:
    server.script = [Answer(cut=cut)]
    with pytest.raises(AnswerLost) as caught:
        client.request("POST", "/a")
    assert str(caught.value).startswith("PISTE-E012 POST localhost/a : la réponse à une écriture s’est perdue.")
    assert (server.done, len(server.received), client.slept) == (done, 1, [])


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_post_answered_by_a_failure_may_be_done(server: Local, client: Client, status: int) -> None:
    server.script = [Answer(status)]
    with pytest.raises(AnswerLost, match=f"le système a répondu {status} à une écriture, sans dire si elle est faite"):
        client.request("POST", "/a")
    assert len(server.received) == 1


def test_a_system_that_keeps_failing_is_unknown_after_five_tries(server: Local, client: Client) -> None:
    server.script = [Answer(503)] * 9
    with pytest.raises(Unreachable) as caught:
        client.request("GET", "/a")
    assert str(caught.value) == (
        "PISTE-E010 localhost/a : a répondu 503 (5 essais). Attendez que le service soit rétabli, puis relancez."
    )
    assert (len(server.received), caught.value.kind) == (5, "unknown")


def test_an_internal_error_is_not_repeated(server: Local, client: Client) -> None:
    server.script = [Answer(500)]
    with pytest.raises(Unreachable, match=r"a répondu 500 \(1 essai"):
        client.request("GET", "/a")
    assert client.slept == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(("after", "paused"), [("2", 2.0), ("0.5", 0.5), ("0", 1.0), ("", 1.0), ("bientôt", 1.0)])
def test_too_many_requests_is_waited_for_whatever_the_verb(
    server: Local, client: Client, method: str, after: str, paused: float
) -> None:
    server.script = [Answer(429, headers={"Retry-After": after.encode().decode("latin-1")} if after else {})] * 2
    assert client.request(method, "/").status == 200
    assert client.paced.pauses == [paused, paused]
    assert (client.paced.waits, client.slept) == (3, [])


def test_a_date_says_how_long_to_wait(server: Local, client: Client) -> None:
    server.script = [Answer(429, headers={"Retry-After": formatdate(time.time() + 5, usegmt=True)})]
    client.request("GET", "/")
    assert len(client.paced.pauses) == 1
    assert 3 < client.paced.pauses[0] <= 5


def test_a_long_wait_concerns_this_request_alone(server: Local, client: Client) -> None:
    server.script = [Answer(429, headers={"Retry-After": "60"}), Answer(503, headers={"Retry-After": "7"})]
    client.request("GET", "/")
    assert (client.slept, client.paced.pauses) == ([60.0, 7.0], [])


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("after", ["86400", "inf"])
def test_a_wait_beyond_patience_is_an_answer(server: Local, client: Client, status: int, after: str) -> None:
    server.script = [Answer(status, headers={"Retry-After": after})]
    with pytest.raises(Unreachable, match=rf"a répondu {status} \(1 essai"):
        client.request("GET", "/a")
    assert (client.slept, client.paced.pauses) == ([], [])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_there_is_unknown_and_never_a_lost_answer(method: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = Client(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(Unreachable) as caught:
            client.request(method, "/a")
    assert str(caught.value) == (
        "PISTE-E010 127.0.0.1/a : ne répond pas. la connexion est refusée : rien n’écoute à ce port, ou un pare-feu la "
        "refuse. Vérifiez le réseau, puis relancez."
    )
    assert len(client.slept) == 4
    assert client.calls == {"reads": 0, "writes": 0}


def test_a_refusal_is_an_answer(server: Local, client: Client) -> None:
    server.script = [Answer(404, b"<html>rien</html>")]
    answer = client.request("POST", "/a")
    assert (answer.status, answer.words()) == (404, None)
    error = rejected(answer, "POST /a", "rien")
    assert isinstance(error, Rejected)
    assert (str(error), error.status) == ("PISTE-E011 localhost : POST /a : refusé (404). rien.", 404)


@pytest.mark.parametrize("location", ["/b", "{url}/b", "https://n1.editeur.example/b"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_vendor_s_domains_is_followed_with_its_method_and_body(
    server: Local, status: int, location: str
) -> None:
    client = Client(server.url, domains=("editeur.example",))
    client.script = [Answer(status, headers={"location": location.format(url=server.url)}), Answer()]
    assert client.request("PUT", "/a", body={"n": 1}).status == 200
    there = location if location.startswith("https") else f"{server.url}/b"
    assert client.asked == [("PUT", f"{server.url}/a", {"n": 1}), ("PUT", there, {"n": 1})]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
@pytest.mark.parametrize(
    "location",
    [
        "https://n1.editeur.example.voleur.example/x",
        "http://n1.editeur.example/x",
        "https://voleur.example/editeur.example",
        "//voleur.example/",
        "",
    ],
)
def test_a_redirect_elsewhere_is_never_followed(server: Local, method: str, location: str) -> None:
    client = Client(server.url, domains=("editeur.example",))
    client.script = [Answer(302, headers={"location": location})] * 9
    with pytest.raises(Unreadable if method == "GET" else AnswerLost, match="renvoie"):
        client.request(method, "/a")
    assert len(client.asked) == (4 if location == "" else 1)


@pytest.mark.parametrize(("method", "error"), [("GET", Unreadable), ("PUT", AnswerLost), ("POST", AnswerLost)])
@pytest.mark.parametrize("location", ["//[bad/b", "/é", "https://n1.editeur.example:99999/b"])
def test_a_redirect_to_what_is_no_address_is_never_followed(
    client: Client, method: str, error: type[Exception], location: str
) -> None:
    client.script = [Answer(302, headers={"location": location})]
    with pytest.raises(error, match="adresse qui n’en est pas une"):
        client.request(method, "/a")
    assert len(client.asked) == 1


@pytest.mark.parametrize(("method", "error"), [("GET", Unreachable), ("POST", AnswerLost)])
def test_a_chunk_of_a_size_below_zero_is_no_answer(
    server: Local, client: Client, method: str, error: type[Exception]
) -> None:
    server.script = [Answer(body=b"-5\r\n{}", headers={"Transfer-Encoding": "chunked"})] * 5
    with pytest.raises(error):
        client.request(method, "/a")


@pytest.mark.parametrize("key", ["le-secret\n", "le-secret\r\nX: y", "le-secret\u2019", "le-secret\0"])
def test_a_header_that_http_has_not_is_refused_without_its_value(server: Local, key: str) -> None:
    client = Client(server.url, headers={"X-Key": f"Bearer {key}"})
    with pytest.raises(Misused) as refused:
        client.request("GET", "/a")
    assert "X-Key" in str(refused.value)
    assert "le-secret" not in "".join(traceback.format_exception(refused.value))
    assert server.received == []


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("part", ["headers", "body", "chunks"])
def test_an_answer_that_drips_ends(method: str, part: str) -> None:
    with dripping(part) as url:
        client = Client(url)
        client.entire = 0.5
        with pytest.raises(Unreadable if method == "GET" else AnswerLost, match=r"inachevée après 0\.5 s"):
            client.request(method, "/a")
        assert sum(client.calls.values()) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("announced", [False, True])
def test_an_answer_has_a_largest_size(
    server: Local, client: Client, method: str, announced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LARGEST", 10_000)
    headers = {} if announced else {"Content-Length": "99999999999"}
    server.script = [Answer(body=b" " * 20_000, headers=headers), Answer(body=b" " * 9_000)]
    with pytest.raises(Unreadable if method == "GET" else AnswerLost, match="réponse de plus de"):
        client.request(method, "/a")
    assert client.request("GET", "/b").status == 200


def test_a_long_list_of_answers_is_no_long_answer(
    server: Local, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "LARGEST", 10_000)
    server.script = [Answer(body=b" " * 6_000)] * 3
    assert [client.request("GET", "/").status for _ in range(3)] == [200] * 3
    assert len({received.port for received in server.received}) == 1


def test_a_path_segment_is_escaped_whole() -> None:
    assert segment("a/b {{ x }}?é") == "a%2Fb%20%7B%7B%20x%20%7D%7D%3F%C3%A9"
    assert segment(7) == "7"


def test_an_address_in_a_path_is_no_other_system(server: Local, client: Client) -> None:
    client.request("GET", "/a?vers=http://ailleurs.invalid/")
    assert server.received[0].path == "/a?vers=http://ailleurs.invalid/"


def test_an_absolute_address_is_followed(server: Local, client: Client) -> None:
    with serving(Local()) as other:
        client.request("GET", f"{other.url}/b")
        client.request("GET", "/c")
        assert [received.path for received in other.received] == ["/b"]
    assert [received.path for received in server.received] == ["/c"]
