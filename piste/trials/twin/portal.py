"""A program that is the captive portal of SSIDs: every page leads there before the terms.

The access point leads the pages of a client here, whatever their address; a page that says `grant` takes that away.
What the vendor's own page looks like is not public: a click-through page has a link or a form that grants
[belief meraki.splash_page].
One process serves all portals; it runs by its path, with the standard library only.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_NAMESPACES = Path("/run/netns")
_PAGE = '<!doctype html><title>Portail</title><form action="/piste-grant"><button>J’accepte</button></form>'


class Portal(ThreadingHTTPServer):
    """The portal of an SSID; `revoke` are the words that take away what leads clients here."""

    def __init__(self, namespace: str, revoke: list[str]) -> None:
        place = os.open(_NAMESPACES / namespace, os.O_RDONLY)
        os.setns(place, os.CLONE_NEWNET)
        os.close(place)
        self.revoke = revoke
        super().__init__(("", 80), _Page)

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)


class _Page(BaseHTTPRequestHandler):
    server: Portal
    timeout = 5

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in ("/piste-portal", "/piste-grant"):
            self._say(200, _PAGE if path == "/piste-portal" else "Accepté.")
        else:
            self._say(302, "", "/piste-portal")
        if path == "/piste-grant":
            self._let_through()

    do_POST = do_GET

    def _let_through(self) -> None:
        """Take the portal away once the client has its answer, which would be lost on the way."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.recv(1)
        subprocess.run(self.server.revoke, check=False, timeout=10)

    def _say(self, status: int, text: str, location: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the log empty."""


def main(listing: Path, ready: Path) -> None:
    portals = [Portal(namespace, revoke) for namespace, revoke in json.loads(listing.read_text("utf-8"))]
    ready.touch()
    threads = [threading.Thread(target=portal.serve_forever) for portal in portals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
