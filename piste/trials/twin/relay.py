"""A program that relays DHCP in the routers of a twin (RFC 1542, RFC 2131).

It sends from the address of the interface in the segment of the client, as the switches and the firewall do: rules of
filtering name that address. Standard library only: it runs by its path, and one process serves all routers.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_NAMESPACES = Path("/run/netns")
_SERVER, _CLIENT = 67, 68
_REQUEST, _REPLY = 1, 2
_HOPS, _GATEWAY = 3, slice(24, 28)
_SHORTEST, _MOST_HOPS = 240, 16


@dataclass(slots=True)
class Leg:
    """An interface that relays: `clients` is its socket in the segment, `servers` the other."""

    address: str
    targets: Sequence[str]
    clients: socket.socket
    servers: socket.socket

    def ask(self) -> None:
        """Forward what a client of the segment asks, to each server."""
        content = bytearray(self.clients.recv(65536))
        if len(content) < _SHORTEST or content[0] != _REQUEST or content[_HOPS] >= _MOST_HOPS:
            return
        content[_HOPS] += 1
        if not any(content[_GATEWAY]):
            content[_GATEWAY] = socket.inet_aton(self.address)
        for target in self.targets:
            with suppress(OSError):
                self.servers.sendto(content, (target, _SERVER))

    def answer(self) -> None:
        """Forward what a server answers to the segment; all hear it, and the client knows its own."""
        content = self.servers.recv(65536)
        if len(content) >= _SHORTEST and content[0] == _REPLY and content[_GATEWAY] == socket.inet_aton(self.address):
            self.clients.sendto(content, ("255.255.255.255", _CLIENT))


def leg(interface: str, address: str, targets: Sequence[str]) -> Leg:
    """Open the sockets of an interface of the current namespace."""
    clients, servers = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    for made in (clients, servers):
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setblocking(False)
    clients.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    clients.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    # The address of broadcasts alone: the DHCP service of a firewall has its own sockets on the others.
    clients.bind(("255.255.255.255", _SERVER))
    servers.bind((address, _SERVER))
    return Leg(address, targets, clients, servers)


def main(listing: Path, ready: Path) -> None:
    selector = selectors.DefaultSelector()
    for namespace, interface, address, targets in json.loads(listing.read_text("utf-8")):
        place = os.open(_NAMESPACES / namespace, os.O_RDONLY)
        os.setns(place, os.CLONE_NEWNET)
        os.close(place)
        made = leg(interface, address, targets)
        selector.register(made.clients, selectors.EVENT_READ, made.ask)
        selector.register(made.servers, selectors.EVENT_READ, made.answer)
    ready.touch()
    while True:
        for key, _ in selector.select():
            with suppress(OSError):
                key.data()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
