"""A program that passes connections of the frontend on to the server, in its network.

Its socket was made where the frontend is, and stays there; it runs where the server is. Standard library only: it runs
by its path, with the descriptor of the socket and the port of the server.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading


def serve(door: socket.socket, port: int) -> None:
    """Pass on each connection; it is closed at once where the server does not listen."""
    while True:
        client, _ = door.accept()
        threading.Thread(target=_pass_on, args=(client, port), daemon=True).start()


def _pass_on(client: socket.socket, port: int) -> None:
    with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as server:
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := source.recv(65536):
            target.sendall(content)
        target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
