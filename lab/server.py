"""The HTTP(S) server of the simulators: threaded, keep-alive, a write for each response."""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import threading
from collections.abc import Mapping
from email.utils import formatdate
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lab.http import ConnectionCut, Request, Response, Simulator, json_response


def drawn_address() -> str:
    """Draw a loopback address where no client looks."""
    return f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


class Listener:
    """A socket on 127.0.0.1 that passes each request to the simulator of its path's prefix.

    With a `gate`, what is not below that secret path gets no answer, until `open`.
    """

    def __init__(
        self, routes: Mapping[str, Simulator], context: ssl.SSLContext | None = None, port: int = 0, gate: str = ""
    ) -> None:
        self._server = _Server(("127.0.0.1", port), routes, context)
        self._server.gate = gate
        self._closing = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        scheme = "https" if self._server.context else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_port}{self._server.gate}"

    def open(self) -> None:
        """Answer everybody from now on."""
        self._server.gate = ""

    def _accept(self) -> None:
        """Give each connection its thread; nothing looks at a flag in between."""
        while not self._closing:
            # A client that went away, or no thread for it: the next is waited for.
            with contextlib.suppress(OSError, RuntimeError):
                self._server.process_request(*self._server.get_request())

    def close(self) -> None:
        """Stop listening and drop the connections that clients keep open."""
        self._closing = True
        # It wakes the thread, which an ended socket alone would not.
        self._server.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.server_close()
        self._server.drop_connections()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    gate = ""

    def __init__(
        self, address: tuple[str, int], routes: Mapping[str, Simulator], context: ssl.SSLContext | None
    ) -> None:
        self.routes, self.context = routes, context
        self.open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context is not None:
            # The handshake runs in the thread of the connection: a slow client must not delay the others.
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a client that goes away is no event of the lab."""

    def dispatch(self, request: Request) -> Response:
        for prefix, simulator in self.routes.items():
            if request.path.startswith(prefix):
                return simulator.handle(request)
        return json_response(404, {"errors": ["Not found"]})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        scheme = "https" if self.server.context else "http"
        gate = self.server.gate
        origin = f"{scheme}://{self.headers.get('Host', '127.0.0.1')}{gate}"
        peer = "{}:{}".format(*self.client_address)
        headers = dict(self.headers)
        path = self.path.removeprefix(gate)
        if gate and not (self.path.startswith(gate) and path.startswith("/")):
            self.close_connection = True
            return
        request = Request.to(self.command, path, headers=headers, body=body, origin=origin, peer=peer)
        try:
            response = self.server.dispatch(request)
        except ConnectionCut:
            self.close_connection = True
            return
        lines = [f"HTTP/1.1 {response.status} {responses.get(response.status, '')}"]
        lines += [f"{name}: {value}" for name, value in {"Date": formatdate(usegmt=True), **response.headers}.items()]
        lines += [f"Set-Cookie: {cookie}" for cookie in response.cookies]
        if response.status != 204:
            lines.append(f"Content-Length: {len(response.body)}")
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + response.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: the lab keeps its own log of calls."""
