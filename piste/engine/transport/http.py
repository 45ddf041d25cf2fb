"""The HTTP frame of all vendors: keep-alive, verified TLS, proxy, safe retries.

It uses raw `http.client` because a module pays its imports on every task: vendor kits cost 90 to 540 ms and hide
conflicts. A vendor adds its paths, its authentication and its paging; nothing of that is here.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import select
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, Protocol, TypeVar
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from piste.engine.converge.errors import AnswerLost, Misused, Unreachable, Unreadable
from piste.engine.converge.reading import WAY_OUT
from piste.engine.transport.bounds import Bounds, Unbounded, bound
from piste.engine.transport.clock import Clock
from piste.engine.transport.faults import certificate, reason
from piste.engine.transport.proxy import proxy_headers, proxy_of
from piste.engine.transport.response import Response, cookies
from piste.engine.transport.witness import witnessed
from piste.engine.words import agreed

T = TypeVar("T")
R = TypeVar("R")

READS = frozenset({"GET", "HEAD", "OPTIONS"})
IDEMPOTENT = READS | {"PUT", "DELETE"}
PASSING = frozenset({502, 503, 504})
"""Statuses that say "not now": the same request may succeed a moment later."""
MOVED = frozenset({301, 302, 303, 307, 308})
REDIRECTS = 3
_HEADER = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")


class _NotSent(OSError):
    """No connection could be made: whatever the verb, nothing was asked of the system."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a system.

    `ca_file` replaces the machine's trust store; TLS is always verified. `domains` are those of the vendor to which a
    redirect may carry the credentials, besides the system itself.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str = ""
    proxy: str = ""
    no_proxy: tuple[str, ...] = ()
    timeout: float = 60.0
    """Seconds of silence after which an answer is given up."""
    domains: tuple[str, ...] = ()
    system: str = ""
    """The name of the system, by which a capture knows what may be asked of it."""


class Pace(Protocol):
    """The pace that keeps a run within the system's limit."""

    def wait(self) -> None: ...

    def pause(self, seconds: float) -> None: ...


class Unlimited:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def wait(self) -> None:
        return

    def pause(self, seconds: float) -> None:
        self._clock.sleep(seconds)


class Transport:
    """Requests to one system, from one process, over kept connections."""

    schemes = ("https",)
    """Schemes that may be spoken: requests carry credentials."""
    attempts = 5
    patience = 900.0
    """Seconds to wait for a system that says "too many requests": some of its limits span minutes."""
    entire = 300.0
    """Seconds within which an answer must be whole, however it comes."""
    long = 10.0
    """A longer Retry-After is about one kind of request, a shorter Retry-After about them all: only then do all
    wait."""

    def __init__(self, endpoint: Endpoint, pace: Pace | None = None, clock: Clock = time) -> None:
        self.endpoint = endpoint
        self.calls: dict[str, int] = {"reads": 0, "writes": 0}
        self.clock = clock
        self.pace = pace or Unlimited(clock)
        self._idle: dict[str, list[_Bounded]] = {}
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._ahead = 0.0

    def now(self) -> float:
        """Time of the system in seconds since 1970, after its last answer, to the second."""
        return self.clock.time() + self._ahead

    def close(self) -> None:
        with self._lock:
            for connection, _ in (connection for kept in self._idle.values() for connection in kept):
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
        """Send a request and return its answer, whatever its status below 500.

        A redirect is followed within the vendor's domains, and refused elsewhere. `path` is relative to the endpoint,
        or absolute.

        Reads, PUT and DELETE are repeated after a lost connection or a passing refusal. A POST is repeated only after
        429, which says that nothing was done: its lost answer raises `AnswerLost`. `changes` says that a request is a
        write or a read where its method does not: a login is a POST. Raises `Unreachable` when nothing answers, or when
        the system asks to wait beyond our patience.
        """
        write = method not in READS if changes is None else changes
        safe = method in IDEMPOTENT if retry_passing is None else retry_passing
        url = path if path.startswith(("http://", "https://")) else self.endpoint.url.rstrip("/") + path
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query, doseq=True, safe="[]")
        for _ in range(1 + REDIRECTS):
            response = replace(self._persist(method, url, body, headers or {}, write, safe), write=write)
            if response.status not in MOVED:
                return response
            url = self.trusted(response, response.headers.get("location", ""))
        response.refuse("renvoie sans fin d’une adresse à l’autre")

    def trusted(self, response: Response, link: str) -> str:
        """Resolve a link of an answer. Raises `Unreadable` for a place that may get no credentials."""
        here = urlsplit(response.url)
        try:
            there = urlsplit(urljoin(response.url, link))
            host, _ = there.hostname or "", there.port
            there.geturl().encode("ascii")
        except ValueError:
            response.refuse("renvoie vers une adresse qui n’en est pas une")
        ours = there.scheme == "https" and any(host.endswith(f".{domain}") for domain in self.endpoint.domains)
        if not ours and (here.scheme, here.netloc) != (there.scheme, there.netloc):
            response.refuse(f"renvoie vers {host or link}, hors des domaines de l’éditeur : rien n’y est envoyé")
        return there.geturl()

    def _persist(
        self, method: str, url: str, body: Any, headers: Mapping[str, str], write: bool, safe: bool
    ) -> Response:
        """Ask one address until it answers, as often as the verb and the answers allow."""
        kind = "writes" if write else "reads"
        deadline = self.clock.monotonic() + self.patience
        failures = tries = 0
        while True:
            tries += 1
            self.pace.wait()
            try:
                response = witnessed(self.endpoint.system, self.endpoint.url, self._send, method, url, body, headers)
            except ssl.SSLCertVerificationError as error:
                raise self._untrusted(url, error) from error
            except Unbounded as error:
                self._count(kind)
                self._endless(method, url, error, write)
            except (OSError, http.client.HTTPException) as error:
                failures += 1
                if not isinstance(error, _NotSent):
                    self._count(kind)
                    if not safe:
                        where = f"{method} {_place(url)}"
                        raise AnswerLost(
                            "la réponse à une écriture s’est perdue", where=where, why=reason(error, self._asked(url))
                        ) from error
                if failures >= self.attempts:
                    raise Unreachable(
                        "ne répond pas",
                        where=_place(url),
                        why=reason(error, self._asked(url)),
                        todo="Vérifiez le réseau, puis relancez.",
                    ) from error
                self.clock.sleep(_backoff(failures))
                continue
            self._count(kind)
            self._ahead = response.ahead(self.clock.time(), self._ahead)
            asked = response.retry_after(self.clock.time())
            patient = self.clock.monotonic() + asked < deadline
            if response.status == 429 and patient:
                self._wait(asked or 1.0)
                continue
            if response.status in PASSING and safe and patient and failures + 1 < self.attempts:
                failures += 1
                self.clock.sleep(asked or _backoff(failures))
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

    def _wait(self, seconds: float) -> None:
        if seconds > self.long:
            self.clock.sleep(seconds)
        else:
            self.pace.pause(seconds)

    def _endless(self, method: str, url: str, error: Unbounded, write: bool) -> NoReturn:
        if write:
            what = "la réponse à une écriture s’est perdue"
            raise AnswerLost(what, where=f"{method} {_place(url)}", why=str(error)) from error
        raise Unreadable("ne répond pas comme il se doit", where=_place(url), why=str(error), todo=WAY_OUT) from error

    def map(self, work: Callable[[T], R], items: Iterable[T], workers: int = 4) -> list[R]:
        """Apply `work` to `items` in order, on a few threads that end before this returns."""
        todo = list(items)
        if len(todo) < 2:
            return [work(item) for item in todo]
        with ThreadPoolExecutor(min(workers, len(todo))) as pool:
            return list(pool.map(work, todo))

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        parts = urlsplit(url)
        if parts.scheme not in self.schemes:
            raise Misused(
                "n’est pas joint en HTTPS",
                where=_place(url),
                why="Sans TLS, la clé ou le mot de passe voyagerait en clair : rien n’a été envoyé.",
                todo="Donnez une adresse en https://.",
            )
        payload = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        everything = {"Accept": "application/json", **self.endpoint.headers, **headers}
        if payload is not None:
            everything.setdefault("Content-Type", "application/json")
        if odd := [name for name, value in everything.items() if not _HEADER.fullmatch(value)]:
            why = "Sa valeur a un retour à la ligne, ou un caractère que HTTP n’a pas : rien n’a été envoyé."
            todo = "Si c’est un secret, récrivez-le au coffre, sur une ligne."
            raise Misused(f"l’en-tête {odd[0]} ne s’envoie pas", where=_place(url), why=why, todo=todo)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection, bounds = self._connected(parts)
        try:
            bounds.begin(self.entire)
            connection.request(method, target, payload, everything)
            answer = connection.getresponse()
            content = answer.read()
        except BaseException as error:
            connection.close()
            if isinstance(error, ValueError):  # http.client asks for a size below zero where an answer gives it
                raise http.client.HTTPException(str(error)) from error
            raise
        if not answer.will_close:
            with self._lock:
                self._idle.setdefault(_origin(parts), []).append((connection, bounds))
        received = {key.lower(): value for key, value in answer.getheaders()}
        return Response(answer.status, received, content, url, cookies(answer.msg.get_all("Set-Cookie") or ()))

    def _count(self, kind: str) -> None:
        with self._lock:
            self.calls[kind] += 1

    def certificate_end(self) -> float:
        """The expiry of the endpoint's certificate, in seconds since the epoch."""
        connection, _ = self._connected(urlsplit(self.endpoint.url))
        assert isinstance(connection.sock, ssl.SSLSocket)
        try:
            certificate = connection.sock.getpeercert()
        finally:
            connection.close()
        return ssl.cert_time_to_seconds(str((certificate or {})["notAfter"]))

    def _connected(self, parts: SplitResult) -> _Bounded:
        """Take a kept connection that still stands, or make a new connection."""
        while True:
            with self._lock:
                kept = self._idle.get(_origin(parts))
                known = kept.pop() if kept else None
            if known is None:
                break
            if not _ended(known[0]):
                return known
            known[0].close()
        connection = self._open(parts)
        bounds = bound(connection)
        bounds.begin(self.entire)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException, Unbounded) as error:
            connection.close()
            if isinstance(error, ssl.SSLCertVerificationError):
                raise
            raise _NotSent(str(error)) from error
        return connection, bounds

    def _open(self, parts: SplitResult) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        proxy = self._proxy(host)
        at = (proxy.hostname or "", proxy.port or 3128) if proxy else (host, port)
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(*at, timeout=self.endpoint.timeout, context=self._tls())
        else:
            connection = http.client.HTTPConnection(*at, timeout=self.endpoint.timeout)
        if proxy:
            connection.set_tunnel(host, port, proxy_headers(proxy))
        return connection

    def _tls(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                try:
                    self._context = ssl.create_default_context(cafile=self.endpoint.ca_file or None)
                except OSError as error:
                    raise Misused(
                        "l’autorité de certification est illisible",
                        where=self.endpoint.ca_file,
                        why=str(error),
                        todo="Donnez dans ca_file le chemin d’un fichier PEM.",
                    ) from error
            return self._context

    def _proxy(self, host: str) -> SplitResult | None:
        return proxy_of(host, self.endpoint.proxy, self.endpoint.no_proxy)

    def _asked(self, url: str) -> str:
        """Return the host whose name this machine looks up."""
        host = urlsplit(url).hostname or ""
        proxy = self._proxy(host)
        return (proxy.hostname or "") if proxy else host

    def _untrusted(self, url: str, error: ssl.SSLCertVerificationError) -> Unreachable:
        return Unreachable(
            "présente un certificat que rien n’atteste",
            where=_place(url),
            why=certificate(error),
            todo="Donnez la bonne autorité (ca_file) ; la vérification ne se désactive pas.",
        )


_Bounded = tuple[http.client.HTTPConnection, Bounds]


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def _ended(connection: http.client.HTTPConnection) -> bool:
    """True where the other side has closed a kept connection.

    Between two answers there is nothing else to read.
    """
    if connection.sock is None:
        return True
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _backoff(failures: int) -> float:
    return float(min(8.0, 0.25 * 2**failures) * random.uniform(0.5, 1.0))


def segment(value: Any) -> str:
    """Escape a path segment."""
    return quote(str(value), safe="")
