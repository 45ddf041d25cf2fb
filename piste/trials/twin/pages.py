"""A program that serves the pages of services over TLS, for the servers of a twin.

Its listing says which namespaces and ports, which hosts with the text of each, and where their certificates are. Each
connection reads `pages.faults` beside the listing, a fault by host, so that faults are seeded where the twin stands.
Standard library only: it runs by its path.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

_NAMESPACES = Path("/run/netns")
_PATIENCE = 10.0
STATUSES = {"error": "500 Internal Server Error", "forbidden": "403 Forbidden"}
LATE = 5.0
"""Seconds that a slow page takes."""


class Pages:
    """The pages of a twin, by host, with the certificates of each."""

    def __init__(self, listing: Path) -> None:
        said = json.loads(listing.read_text("utf-8"))
        self._doors, self._shown, self._faults = said["doors"], said["pages"], listing.with_suffix(".faults")
        self._contexts = {(host, state): _context(Path(said["folder"]) / f"{host}.{state}")
                          for host in self._shown for state in ("good", "expired", "elsewhere")}  # fmt: skip
        # A client that names no host gets the first certificate.
        self._first = _context(Path(said["folder"]) / f"{next(iter(self._shown))}.good")
        self._first.sni_callback = self._choose

    def run(self) -> None:
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        for namespace, port in self._doors:
            place = os.open(_NAMESPACES / namespace, os.O_RDONLY)
            os.setns(place, os.CLONE_NEWNET)
            os.close(place)
            server = socket.create_server(("0.0.0.0", port), backlog=64)
            threading.Thread(target=self._accept, args=(server,)).start()
        os.setns(home, os.CLONE_NEWNET)
        os.close(home)

    def _fault(self, host: str) -> str:
        with suppress(OSError, ValueError):
            return str(json.loads(self._faults.read_text("utf-8")).get(host, ""))
        return ""

    def _choose(self, client: ssl.SSLObject | ssl.SSLSocket, host: str | None, first: ssl.SSLContext) -> None:
        fault = self._fault(host or "")
        state = fault if fault in ("expired", "elsewhere") else "good"
        client.context = self._contexts.get((host or "", state), first)

    def _accept(self, server: socket.socket) -> None:
        while True:
            client, _ = server.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(_PATIENCE)
        with suppress(OSError), client, self._first.wrap_socket(client, server_side=True) as secure:
            asked = b""
            while b"\r\n\r\n" not in asked and (part := secure.recv(8192)):
                asked += part
            lines = asked.decode("latin-1").split("\r\n")
            named = next((line[5:].strip() for line in lines if line.lower().startswith("host:")), "")
            secure.sendall(self._page(named.partition(":")[0]))

    def _page(self, host: str) -> bytes:
        fault = self._fault(host)
        if fault == "slow":
            time.sleep(LATE)
        text = "Une autre page" if fault == "other" else self._shown.get(host, "Jumeau")
        body = f"<!doctype html><title>{text}</title>".encode()
        head = f"HTTP/1.1 {STATUSES.get(fault, '200 OK')}\r\nContent-Type: text/html; charset=utf-8\r\n"
        return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def _context(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


if __name__ == "__main__":
    Pages(Path(sys.argv[1])).run()
    Path(sys.argv[2]).touch()
