"""The server of Zabbix, which polls: on a loopback of its own, or in a namespace of a twin.

It polls the addresses that the town declares: from the machine of a developer, they are somebody else's. So it never
stands in the network of the machine. The frontend is there, and speaks to it through a relay.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lab import lifeline
from lab.zabbix import relay
from lab.zabbix.configuration import PORT
from lab.zabbix.host import SERVER, alone, environment, separate

# No user namespace: from inside another, nothing may ping in a namespace of a twin.
_ENTER = 'if [ -s "$1" ]; then mount --bind "$1" /etc/resolv.conf; fi; shift; exec "$@"'


class Place(NamedTuple):
    """A namespace of a twin: its name, the variables of its programs, the file of its resolvers."""

    namespace: str
    variables: Mapping[str, str]
    resolvers: str

    def within(self) -> list[str]:
        """Return the words that run a program there, in a process namespace of its own."""
        enter = ["ip", "netns", "exec", self.namespace, "unshare", "--mount", "--pid", "--ipc", "--fork"]
        return [*enter, "--kill-child", "--", "sh", "-c", _ENTER, "enter", self.resolvers]


class Polling:
    """The server between `start` and `finish`; after `open`, `port` is its port on the machine.

    A place of a twin that goes away takes the server with it: another is started on a loopback of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._door: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.place: Place | None = None
        self._lock = threading.RLock()
        self.port = 0

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def open(self) -> None:
        """Take a port on the machine, the same after each `finish`; it refuses until `start`."""
        if self._door is None:
            self._door = socket.socket()
            self._door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._door.bind(("127.0.0.1", self.port))
            self.port = self._door.getsockname()[1]

    def start(self) -> None:
        """Start the server where it was last; its database runs."""
        with self._lock:
            self._launch()

    def move(self, place: Place | None) -> None:
        """Poll from a place of a twin, or from a loopback of its own. Raises RuntimeError."""
        if place is not None and os.geteuid() != 0:
            raise RuntimeError("le serveur n’entre dans un jumeau qu’en root : démarrez-y le laboratoire en root")
        if place is not None and not Path("/run/netns", place.namespace).exists():
            raise RuntimeError(f"le laboratoire ne voit pas {place.namespace} : démarrez-le dans le même shell")
        with self._lock:
            self._stop()
            self.place = place
            self._launch()

    def finish(self) -> None:
        with self._lock:
            self._stop()
            if self._door is not None:
                self._door.close()
                self._door = None

    def _launch(self) -> None:
        assert self._door is not None
        self._door.listen(64)
        number = self._door.fileno()
        programs = {
            "server": [SERVER, "-f", "-c", "server.conf"],
            "relay": [sys.executable, "-I", str(relay.__file__), str(number), str(PORT)],
        }
        (self._folder / "server.pid").unlink(missing_ok=True)
        variables = {**environment(), **(self.place.variables if self.place else {})}
        within = self.place.within() if self.place else [*separate(), *alone()]
        self._process = lifeline.begin(
            programs, self._folder, variables, within=within, descriptors=[number], together=True
        )
        threading.Thread(target=self._follow, args=(self._process,), daemon=True).start()

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        with self._lock:
            if self._process is process and self.place is not None:
                self.place = None
                self._launch()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            lifeline.end(process)
