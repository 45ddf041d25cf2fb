"""A twin that becomes another layout where it stands: only what differs is made anew."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from piste.trials.twin import relay, responder
from piste.trials.twin.layout import Host, Layout
from piste.trials.twin.making import PATIENCE, Making, ways
from piste.trials.twin.namespaces import inside
from piste.trials.twin.process import marked
from piste.trials.twin.switch import Switch


def alike(old: Layout, new: Layout) -> bool:
    """Tell whether two layouts have the same parts, and differ only in what they are set to."""
    return _parts(old) == _parts(new)


def _parts(layout: Layout) -> tuple[Any, ...]:
    """Give what is made once: admissions and portals have a state of their own."""
    hosts = [
        (host.name, host.interfaces, host.commands, host.settings, host.daemons, host.answers, host.free)
        for host in layout.hosts.values()
    ]
    ports = [(port.name, port.bridge, port.number, port.peer) for port in layout.ports]
    radius = [host.files for host in layout.hosts.values() if 1812 in host.ports]
    admission = (layout.guards, layout.accounts, radius if layout.guards else (), layout.portals, layout.pages)
    return hosts, list(layout.bridges), ports, layout.wires, layout.direct, admission


class Altering(Making):
    """The steps from a layout that stands to another of the same parts."""

    def __init__(self, old: Layout, new: Layout, mark: str, here: Path) -> None:
        super().__init__(new, mark, here)
        self._old = old

    def alter(self) -> None:
        Switch(self._here / "ovs", self._call, self._start).alter(self._old, self._layout)
        waited = []
        for host in self._layout.hosts.values():
            was = self._old.hosts[host.name]
            if was != host:
                with inside(self._name(host.name)):
                    self._set(was, host)
                    if was.files != host.files:
                        self._stop(f"{self._here / host.name}/")
                        self._daemons(host)
                        waited.append(host)
        if self._old.relays != self._layout.relays:
            self._relays()
        self._await(waited)

    def _set(self, was: Host, host: Host) -> None:
        wired = self._wired(host)
        before, after = ways(was, wired), ways(host, wired)
        gone = [route for route in before if route not in after]
        lines = [f"route del {to} via {gateway} dev {way}" for to, gateway, way in gone]
        lines += [f"route replace {to} via {gateway} onlink dev {way}" for to, gateway, way in after]
        if before != after:
            self._call(["ip", "-batch", "-"], lines)
        if was.ruleset != host.ruleset:
            answering = responder.ruleset(host.ports | host.free) if host.answers else ""
            self._call(["nft", "-f", "-"], [f"flush ruleset\n{host.ruleset}{answering}"])

    def _relays(self) -> None:
        self._stop(str(self._here / "relay.list"))
        (self._here / "relay.ready").unlink(missing_ok=True)
        self._program(relay, self._relayed())

    def _stop(self, named: str) -> None:
        """End the programs of the twin that have a path on their command line."""
        until = time.monotonic() + PATIENCE
        while left := [number for number in marked(self._mark) if named in _words(number)]:
            for number in left:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            if time.monotonic() > until:
                return
            time.sleep(0.01)


def _words(number: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
