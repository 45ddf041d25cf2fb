"""The one HTTP frame under every vendor: keep-alive, verified TLS, proxy, retries that are safe for the verb.

Raw ``http.client`` because a module pays its imports on every task: vendor kits cost 90 to 540 ms and hide
conflicts. A vendor adds its paths, its authentication and its paging; nothing of that is here.
"""

from __future__ import annotations

import http.client
import json
import random
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from piste.converge.errors import AnswerLost, Rejected, Unreachable

T = TypeVar("T")
R = TypeVar("R")

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
PASSING = frozenset({502, 503, 504})
"""Answers that say "not now": the same request may succeed a moment later."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""

    def json(self) -> Any:
        """The body as JSON, None where it is empty or something else (some errors are HTML)."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a system listens. ``ca_file`` replaces the machine's trust store; TLS is always verified."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str = ""
    proxy: str = ""
    no_proxy: tuple[str, ...] = ()
    timeout: float = 60.0


class Pace(Protocol):
    """What keeps a run within the system's limit."""

    def wait(self) -> None: ...

    def pause(self, seconds: float) -> None: ...


class Unlimited:
    def wait(self) -> None:
        return

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)


class Transport:
    """Requests to one system, from one process, over one kept connection a thread."""

    attempts = 5
    patience = 900.0
    """Seconds for which a system that says "too many requests" is waited for: some of its limits span minutes."""
    long = 10.0
    """A longer Retry-After speaks of one kind of request, a shorter one of them all: only then do all wait."""

    def __init__(
        self, endpoint: Endpoint, pace: Pace | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.endpoint = endpoint
        self.calls: dict[str, int] = {"reads": 0, "writes": 0}
        self._pace = pace or Unlimited()
        self._sleep = sleep
        self._local = threading.local()
        self._opened: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def close(self) -> None:
        for connection in self._opened:
            connection.close()
        self._opened.clear()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        retry_passing: bool | None = None,
    ) -> Response:
        """Send one request and return its answer, whatever its status below 500.

        ``path`` is relative to the endpoint, or absolute. Reads, PUT and DELETE are repeated after a lost
        connection or a passing refusal; a POST only after 429, which says that nothing was done: its lost answer
        raises :class:`AnswerLost`. :class:`Unreachable` when nothing answers.
        """
        safe = method in IDEMPOTENT if retry_passing is None else retry_passing
        url = path if "://" in path else self.endpoint.url.rstrip("/") + path
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query, doseq=True, safe="[]")
        deadline = time.monotonic() + self.patience
        failures = 0
        while True:
            self._pace.wait()
            try:
                response = self._send(method, url, body, headers or {})
            except ssl.SSLCertVerificationError as error:
                raise self._untrusted(url, error) from error
            except (OSError, http.client.HTTPException) as error:
                sent = not isinstance(error, ConnectionRefusedError)
                failures += 1
                if sent and not safe:
                    raise AnswerLost(
                        "la réponse à une écriture s'est perdue", where=f"{method} {_place(url)}", why=str(error)
                    ) from error
                if failures >= self.attempts:
                    raise Unreachable(
                        "ne répond pas",
                        where=_place(url),
                        why=_reason(error),
                        todo="Vérifiez le réseau, puis relancez.",
                    ) from error
                self._sleep(_backoff(failures))
                continue
            if response.status == 429 and time.monotonic() < deadline:
                self._wait_as_told(_retry_after(response) or 1.0)
                continue
            if response.status in PASSING and safe and failures + 1 < self.attempts:
                failures += 1
                self._sleep(_retry_after(response) or _backoff(failures))
                continue
            if response.status >= 500 and not safe:
                raise AnswerLost(
                    f"le système a répondu {response.status} à une écriture, sans dire si elle est faite",
                    where=f"{method} {_place(url)}",
                )
            if response.status >= 500 or response.status == 429:
                raise Unreachable(
                    f"a répondu {response.status} ({failures + 1} essai(s))",
                    where=_place(url),
                    todo="Attendez que le service soit rétabli, puis relancez.",
                )
            return response

    def _wait_as_told(self, seconds: float) -> None:
        if seconds > self.long:
            self._sleep(seconds)
        else:
            self._pace.pause(seconds)

    def map(self, work: Callable[[T], R], items: Iterable[T], workers: int = 4) -> list[R]:
        """``work`` over ``items`` in order, on a few threads that have all ended when this returns."""
        todo = list(items)
        if len(todo) < 2:
            return [work(item) for item in todo]
        with ThreadPoolExecutor(min(workers, len(todo))) as pool:
            return list(pool.map(work, todo))

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        parts = urlsplit(url)
        connection, fresh = self._connection(parts)
        payload = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        everything = {"Accept": "application/json", **self.endpoint.headers, **headers}
        if payload is not None:
            everything["Content-Type"] = "application/json"
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        self._count(method)
        try:
            try:
                connection.request(method, target, payload, everything)
                answer = connection.getresponse()
                content = answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # A kept connection that the other side had closed meanwhile: nothing was read, a read may go again.
                if fresh or method not in IDEMPOTENT:
                    raise
                connection.close()
                connection.request(method, target, payload, everything)
                answer = connection.getresponse()
                content = answer.read()
        except BaseException:
            connection.close()
            raise
        if answer.will_close:
            connection.close()
        return Response(answer.status, {key.lower(): value for key, value in answer.getheaders()}, content, url)

    def _count(self, method: str) -> None:
        with self._lock:
            self.calls["reads" if method in ("GET", "HEAD", "OPTIONS") else "writes"] += 1

    def _connection(self, parts: SplitResult) -> tuple[http.client.HTTPConnection, bool]:
        known: dict[str, http.client.HTTPConnection] = self._local.__dict__.setdefault("connections", {})
        place = f"{parts.scheme}://{parts.netloc}"
        connection = known.get(place)
        if connection is None:
            connection = known[place] = self._open(parts)
            with self._lock:
                self._opened.append(connection)
        return connection, connection.sock is None

    def _open(self, parts: SplitResult) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        proxy = None if _direct(host, self.endpoint.no_proxy) else urlsplit(self.endpoint.proxy or "")
        at = (proxy.hostname or "", proxy.port or 3128) if proxy and proxy.hostname else (host, port)
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(*at, timeout=self.endpoint.timeout, context=self._tls())
        else:
            connection = http.client.HTTPConnection(*at, timeout=self.endpoint.timeout)
        if proxy and proxy.hostname:
            connection.set_tunnel(host, port, _proxy_headers(proxy))
        return connection

    def _tls(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                self._context = ssl.create_default_context(cafile=self.endpoint.ca_file or None)
            return self._context

    def _untrusted(self, url: str, error: ssl.SSLCertVerificationError) -> Unreachable:
        return Unreachable(
            "présente un certificat que rien n'atteste",
            where=_place(url),
            why=error.verify_message,
            todo="Donnez la bonne autorité (ca_file) ; la vérification ne se désactive pas.",
        )


def rejected(response: Response, what: str, why: str) -> Rejected:
    """The error for a 4xx answer, with the system's own words."""
    return Rejected(f"{what} : refusé ({response.status})", status=response.status, where=_place(response.url), why=why)


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _backoff(failures: int) -> float:
    return float(min(8.0, 0.25 * 2**failures) * random.uniform(0.5, 1.0))


def _retry_after(response: Response) -> float:
    """Seconds asked for by the system: an integer in practice, a fraction or a date by the standard."""
    text = response.headers.get("retry-after", "")
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return 0.0


def _direct(host: str, no_proxy: Iterable[str]) -> bool:
    return any(
        entry == "*" or host == entry.lstrip(".") or host.endswith("." + entry.lstrip(".")) for entry in no_proxy
    )


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + b64encode(login.encode()).decode()}


def segment(value: Any) -> str:
    """One path segment, escaped."""
    return quote(str(value), safe="")
