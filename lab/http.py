"""Requests and responses, as simulators see them, with or without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit


class ConnectionCut(ConnectionError):
    """The simulator cuts the connection instead of an answer; the server closes the socket."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request.

    query   name of a parameter -> its values
    origin  scheme and host as the client wrote them
    peer    the connection, for authentication that is bound to it (NTLM)
    """

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = "https://lab.invalid"
    peer: str = ""

    @classmethod
    def to(
        cls,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        origin: str = "https://lab.invalid",
        peer: str = "",
    ) -> Request:
        """Build a request from a target such as `/api/v1/organizations?perPage=3`."""
        parts = urlsplit(target)
        query = parse_qs(parts.query, keep_blank_values=True)
        return cls(method, parts.path, query, dict(headers or {}), body, origin, peer)

    def header(self, name: str) -> str:
        """Return a header's value whatever the case of its name, or an empty string."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; each of `cookies` is a `Set-Cookie` header of its own."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cookies: tuple[str, ...] = ()

    def json(self) -> Any:
        """Decode the body; None where it is empty."""
        return json.loads(self.body) if self.body else None


def of_json(body: bytes) -> Any:
    """Decode a JSON body. Raises ValueError, for a lone surrogate too."""
    value = json.loads(body)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def json_response(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, body)


class Simulator(Protocol):
    """A simulated system, as the server needs it."""

    def handle(self, request: Request) -> Response: ...
