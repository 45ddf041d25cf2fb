"""Connections whose answers are bounded, in time and in size.

A system that drips or never ends stops no run. The timeout of a socket counts from one packet to the next, so each read
gets what is left of the time for the whole answer. Headers, chunks and the answer of a proxy are bounded alike.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any, cast

LARGEST = 64 << 20
"""Bytes of the largest answer: ten times the longest list of a large organization."""


class Unbounded(Exception):
    """An answer that is too large, or too long to come; a second request would get the same."""


class Bounds:
    """The time and the size that are left to the present answer."""

    def __init__(self) -> None:
        self._end, self._left = float("inf"), LARGEST

    def begin(self, seconds: float) -> None:
        self.seconds = seconds
        self._end, self._left = time.monotonic() + seconds, LARGEST

    def time_left(self) -> float:
        """Seconds left, never 0, which a socket takes for "at once"."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unbounded(f"réponse inachevée après {self.seconds:g} s")
        return left

    def take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise Unbounded(f"réponse de plus de {LARGEST >> 20} Mio")


class _Stream(io.RawIOBase):
    """A stream of a socket, within bounds."""

    def __init__(self, sock: socket.socket, bounds: Bounds) -> None:
        self._sock, self._bounds, self._silence = sock, bounds, sock.gettimeout()
        # The connection closes its socket as soon as the headers say that the answer is the last. A file of the socket
        # keeps it open until the answer was read, as `http.client` itself relies on.
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._bounds.time_left()
        self._sock.settimeout(left if self._silence is None else min(left, self._silence))
        try:
            count = self._sock.recv_into(buffer)
        except TimeoutError:
            self._bounds.time_left()
            raise
        finally:
            self._sock.settimeout(self._silence)
        self._bounds.take(count)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class _Receiving:
    """The part of a socket that an answer of `http.client` needs."""

    def __init__(self, sock: socket.socket, bounds: Bounds) -> None:
        self._stream = _Stream(sock, bounds)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._stream)


def bound(connection: http.client.HTTPConnection) -> Bounds:
    """Bound the answers of a connection that is about to be opened."""
    bounds = Bounds()

    def answer(sock: socket.socket, *args: Any, **options: Any) -> http.client.HTTPResponse:
        return http.client.HTTPResponse(cast(socket.socket, _Receiving(sock, bounds)), *args, **options)

    connection.response_class = answer  # type: ignore[assignment]
    return bounds
