"""The one HTTP frame under every vendor: keep-alive, verified TLS, proxy, retries that are safe for the verb.

Raw ``http.client`` because a module pays its imports on every task: vendor kits cost 90 to 540 ms and hide
conflicts. A vendor adds its paths, its authentication and its paging; nothing of that is here.
"""

from __future__ import annotations

import http.client
import json
import random
import select
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

from piste.converge.errors import AnswerLost, Misused, Rejected, Unreachable
from piste.converge.plural import agreed

T = TypeVar("T")
R = TypeVar("R")

READS = frozenset({"GET", "HEAD", "OPTIONS"})
IDEMPOTENT = READS | {"PUT", "DELETE"}
PASSING = frozenset({502, 503, 504})
"""Answers that say "not now": the same request may succeed a moment later."""


class _NotSent(OSError):
    """No connection could be made: whatever the verb, nothing was asked of the system."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the system asks to be sent back, by name; several come under one header name."""

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
    """Requests to one system, from one process, over connections that are kept."""

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
        self._idle: dict[str, list[http.client.HTTPConnection]] = {}
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def close(self) -> None:
        with self._lock:
            for connection in (one for kept in self._idle.values() for one in kept):
                connection.close()
            self._idle.clear()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        retry_passing: bool | None = None,
        changes: bool | None = None,
    ) -> Response:
        """Send one request and return its answer, whatever its status below 500.

        ``path`` is relative to the endpoint, or absolute. Reads, PUT and DELETE are repeated after a lost
        connection or a passing refusal; a POST only after 429, which says that nothing was done: its lost answer
        raises :class:`AnswerLost`. :class:`Unreachable` when nothing answers, or asks to wait beyond our patience.
        ``changes`` says that a request is a write or a read where its method does not: a login is a POST.
        """
        kind = "writes" if (method not in READS if changes is None else changes) else "reads"
        safe = method in IDEMPOTENT if retry_passing is None else retry_passing
        url = path if path.startswith(("http://", "https://")) else self.endpoint.url.rstrip("/") + path
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query, doseq=True, safe="[]")
        deadline = time.monotonic() + self.patience
        failures = tries = 0
        while True:
            tries += 1
            self._pace.wait()
            try:
                response = self._send(method, url, body, headers or {})
            except ssl.SSLCertVerificationError as error:
                raise self._untrusted(url, error) from error
            except (OSError, http.client.HTTPException) as error:
                failures += 1
                if not isinstance(error, _NotSent):
                    self._count(kind)
                    if not safe:
                        where = f"{method} {_place(url)}"
                        raise AnswerLost(
                            "la réponse à une écriture s'est perdue", where=where, why=_reason(error)
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
            self._count(kind)
            asked = _retry_after(response)
            patient = time.monotonic() + asked < deadline
            if response.status == 429 and patient:
                self._wait_as_told(asked or 1.0)
                continue
            if response.status in PASSING and safe and patient and failures + 1 < self.attempts:
                failures += 1
                self._sleep(asked or _backoff(failures))
                continue
            if response.status >= 500 and not safe:
                raise AnswerLost(
                    f"le système a répondu {response.status} à une écriture, sans dire si elle est faite",
                    where=f"{method} {_place(url)}",
                )
            if response.status >= 500 or response.status == 429:
                raise Unreachable(
                    f"a répondu {response.status} ({agreed(tries, 'essai(s)')})",
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
        payload = None if body is None else json.dumps(body).encode()
        everything = {"Accept": "application/json", **self.endpoint.headers, **headers}
        if payload is not None:
            everything["Content-Type"] = "application/json"
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = self._connected(parts)
        try:
            connection.request(method, target, payload, everything)
            answer = connection.getresponse()
            content = answer.read()
        except BaseException:
            connection.close()
            raise
        if not answer.will_close:
            with self._lock:
                self._idle.setdefault(_origin(parts), []).append(connection)
        received = {key.lower(): value for key, value in answer.getheaders()}
        return Response(answer.status, received, content, url, cookies(answer.msg.get_all("Set-Cookie") or ()))

    def _count(self, kind: str) -> None:
        with self._lock:
            self.calls[kind] += 1

    def certificate_end(self) -> float | None:
        """When the certificate of the endpoint expires, in seconds since the epoch; None where there is no TLS."""
        connection = self._connected(urlsplit(self.endpoint.url))
        try:
            certificate = connection.sock.getpeercert() if isinstance(connection.sock, ssl.SSLSocket) else None
        finally:
            connection.close()
        return ssl.cert_time_to_seconds(str(certificate["notAfter"])) if certificate else None

    def _connected(self, parts: SplitResult) -> http.client.HTTPConnection:
        """A kept connection that still stands, or a new one."""
        while True:
            with self._lock:
                kept = self._idle.get(_origin(parts))
                connection = kept.pop() if kept else None
            if connection is None:
                break
            if not _ended(connection):
                return connection
            connection.close()
        connection = self._open(parts)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            if isinstance(error, ssl.SSLCertVerificationError):
                raise
            raise _NotSent(_reason(error)) from error
        return connection

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
                try:
                    self._context = ssl.create_default_context(cafile=self.endpoint.ca_file or None)
                except OSError as error:
                    raise Misused(
                        "l'autorité de certification est illisible",
                        where=self.endpoint.ca_file,
                        why=_reason(error),
                        todo="Donnez dans ca_file le chemin d'un fichier PEM.",
                    ) from error
            return self._context

    def _untrusted(self, url: str, error: ssl.SSLCertVerificationError) -> Unreachable:
        return Unreachable(
            "présente un certificat que rien n'atteste",
            where=_place(url),
            why=error.verify_message,
            todo="Donnez la bonne autorité (ca_file) ; la vérification ne se désactive pas.",
        )


def cookies(headers: Iterable[str]) -> dict[str, str]:
    """Name and value of each cookie that some ``Set-Cookie`` headers give."""
    pairs = (header.partition(";")[0].partition("=") for header in headers)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def rejected(response: Response, what: str, why: str) -> Rejected:
    """The error for a 4xx answer to ``what`` (verb and path), with the system's own words."""
    host = urlsplit(response.url).hostname or ""
    return Rejected(f"{what} : refusé ({response.status})", status=response.status, where=host, why=why)


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def _ended(connection: http.client.HTTPConnection) -> bool:
    """True where the other side has closed a kept connection: between two answers there is nothing else to read."""
    if connection.sock is None:
        return True
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


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
