"""A program that answers on every port in the namespaces of a twin.

nftables leads every TCP and UDP port of a namespace to `PORT`; a socket stays in the namespace where it was made, so
one process serves them all. TCP gets a page that names the address and the port asked; UDP gets back what it sent; port
123 gives the time (RFC 5905). Standard library only: it runs by its path.
"""

from __future__ import annotations

import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

PORT = 65007
_NAMESPACES = Path("/run/netns")
_ORIGINAL_DESTINATION = 80
_PACKET_INFO = 8
_NTP = 123
_EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970."""
_PATIENCE, _HUSH = 5.0, 0.1
"""Seconds after which a connection is closed; after which a client that says nothing is answered."""

Handler = Callable[[], None]


def ruleset(own: Iterable[int]) -> str:
    """Lead every port of a namespace to the responder, but for those of its `own` services."""
    kept = ", ".join(map(str, sorted({67, 68, _NTP, *own})))
    return (
        "table ip responder {\n  chain asked {\n    type nat hook prerouting priority -90;\n"
        f"    tcp dport != {{ {kept} }} redirect to :{PORT}\n"
        f"    udp dport != {{ {kept} }} redirect to :{PORT}\n  }}\n}}\n"
    )


class Responder:
    """The sockets of all namespaces and what to do for each."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._open: dict[socket.socket, float] = {}
        self._silent: set[socket.socket] = set()

    def stand(self, namespaces: Iterable[str]) -> None:
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        for name in namespaces:
            place = os.open(_NAMESPACES / name, os.O_RDONLY)
            os.setns(place, os.CLONE_NEWNET)
            os.close(place)
            self._listen()
        os.setns(home, os.CLONE_NEWNET)
        os.close(home)

    def _listen(self) -> None:
        server = socket.create_server(("0.0.0.0", PORT), backlog=64)
        self._hear(server, lambda: self._accept(server))
        echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        echo.bind(("0.0.0.0", PORT))
        self._hear(echo, lambda: echo_back(echo))
        clock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        clock.setsockopt(socket.IPPROTO_IP, _PACKET_INFO, 1)
        clock.bind(("0.0.0.0", _NTP))
        self._hear(clock, lambda: tell_time(clock))

    def _hear(self, made: socket.socket, handler: Handler) -> None:
        made.setblocking(False)
        self._selector.register(made, selectors.EVENT_READ, handler)

    def _accept(self, server: socket.socket) -> None:
        client, _ = server.accept()
        self._open[client] = time.monotonic()
        self._silent.add(client)
        self._hear(client, lambda: self._read(client))

    def _read(self, client: socket.socket) -> None:
        content = client.recv(65536)
        self._answer(client, nothing=b"/generate_204 " in content)
        if not content:
            self._close(client)

    def _answer(self, client: socket.socket, *, nothing: bool = False) -> None:
        """Say what was asked; a page that must be empty tells a telephone that no portal is there."""
        if client not in self._silent:
            return
        self._silent.discard(client)
        _, port, address = struct.unpack("!HH4s", client.getsockopt(socket.SOL_IP, _ORIGINAL_DESTINATION, 16)[:8])
        body = "" if nothing else f"piste-twin {socket.inet_ntoa(address)} {port}\n"
        status = "204 No Content" if nothing else f"200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}"
        client.send(f"HTTP/1.0 {status}\r\n\r\n{body}".encode())
        client.shutdown(socket.SHUT_WR)

    def _close(self, client: socket.socket) -> None:
        self._open.pop(client, None)
        self._silent.discard(client)
        self._selector.unregister(client)
        client.close()

    def run(self) -> None:
        while True:
            for key, _ in self._selector.select(_HUSH if self._silent else 1.0):
                try:
                    key.data()
                except OSError:
                    if key.fileobj in self._open:
                        self._close(key.fileobj)
            now = time.monotonic()
            for client in [client for client in self._silent if self._open[client] < now - _HUSH]:
                with suppress(OSError):
                    self._answer(client)
            late = now - _PATIENCE
            for client in [client for client, since in self._open.items() if since < late]:
                self._close(client)


def echo_back(server: socket.socket) -> None:
    content, sender = server.recvfrom(65536)
    server.sendto(content, sender)


def tell_time(server: socket.socket) -> None:
    """Answer a client of NTP from the address that it asked."""
    content, control, _, sender = server.recvmsg(512, 64)
    if len(content) < 48:
        return
    info = next((data for level, kind, data in control if (level, kind) == (socket.IPPROTO_IP, _PACKET_INFO)), b"")
    now = struct.pack("!II", int(time.time()) + _EPOCH, 0)
    answer = struct.pack("!BBbb", 0x24, 2, 6, -20) + b"\0" * 8 + b"TWIN" + now + content[40:48] + now + now
    # The address asked becomes the source of the answer.
    reply = [(socket.IPPROTO_IP, _PACKET_INFO, struct.pack("I4s4s", 0, info[8:12], b"\0" * 4))] if info else []
    server.sendmsg([answer], reply, 0, sender)


if __name__ == "__main__":
    responder = Responder()
    responder.stand(Path(sys.argv[1]).read_text("utf-8").split())
    Path(sys.argv[2]).touch()
    responder.run()
