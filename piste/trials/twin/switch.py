"""Open vSwitch in user space: all switches of a twin in a single process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from piste.trials.twin.layout import Layout, Port
from piste.trials.twin.namespaces import bring_up

_SWITCHED = "priority=0,actions=NORMAL"
"""The flow that a new bridge has; the flows of an access point replace it."""
_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
Call = Callable[[Sequence[str], Iterable[str]], None]
Start = Callable[[Sequence[str], Path, dict[str, str]], None]


def patching(folder: Path, port: str, peer: str) -> list[str]:
    """Words that lead a cable to a port, or to none; `folder` has the files of the switches."""
    return [*_commanding(folder / "db.sock"), "set", "interface", port, f"options:peer={peer}"]


def _commanding(socket: Path) -> list[str]:
    return ["ovs-vsctl", f"--db=unix:{socket}"]


class Switch:
    """The programs of Open vSwitch, with their files in `folder`."""

    def __init__(self, folder: Path, call: Call, start: Start) -> None:
        self._folder, self._call, self._start = folder, call, start
        self._socket = folder / "db.sock"

    def start(self) -> None:
        """Start both programs, in the current namespace."""
        self._folder.mkdir(mode=0o700)
        where = {"OVS_RUNDIR": str(self._folder), "OVS_LOGDIR": str(self._folder), "OVS_DBDIR": str(self._folder)}
        base = str(self._folder / "conf.db")
        self._call(["ovsdb-tool", "create", base, _SCHEMA], ())
        quiet = ["--verbose=off"]
        control = f"--unixctl={self._folder}"
        database = ["ovsdb-server", base, f"--remote=punix:{self._socket}", f"{control}/db.ctl", *quiet]
        self._start(database, self._folder / "db.log", where)
        until = time.monotonic() + 10
        while not self._socket.exists() and time.monotonic() < until:
            time.sleep(0.01)
        self._vsctl("--no-wait", "init")
        switch = ["ovs-vswitchd", f"unix:{self._socket}", f"{control}/vs.ctl", "--disable-system", *quiet]
        self._start(switch, self._folder / "vs.log", where)

    def build(self, layout: Layout) -> None:
        """Make the bridges and their ports in one transaction, then the flows."""
        words: list[str] = []
        for bridge in layout.bridges.values():
            words += ["--", "add-br", bridge.name, "--", "set", "bridge", bridge.name, "datapath_type=netdev"]
        for wire in layout.wires:
            bring_up(wire.port)
        for port in layout.ports:
            words += self._port(port)
        if words:
            self._vsctl("--timeout=60", *words[1:])
        for bridge in layout.bridges.values():
            if bridge.flows:
                self._call(["ovs-ofctl", "add-flows", self._control(bridge.name), "-"], bridge.flows)

    def alter(self, old: Layout, new: Layout) -> None:
        """Set the ports and the flows of bridges that stand as another layout says."""
        words: list[str] = []
        for was, port in zip(old.ports, new.ports, strict=True):
            if (was.vlans, was.protected) != (port.vlans, port.protected):
                words += ["--", "clear", "port", port.name, "tag", "trunks", "vlan_mode"]
                words += ["--", "set", "port", port.name, *(f"{name}={value}" for name, value in _given(port).items())]
        if words:
            self._vsctl("--timeout=60", *words[1:])
        for name, bridge in new.bridges.items():
            if old.bridges[name].flows != bridge.flows:
                self._call(["ovs-ofctl", "del-flows", self._control(name)], ())
                self._call(["ovs-ofctl", "add-flows", self._control(name), "-"], [_SWITCHED, *bridge.flows])

    def _port(self, port: Port) -> list[str]:
        given = _given(port)
        words = ["--", "add-port", port.bridge, port.name, *(f"{name}={value}" for name, value in given.items())]
        words += ["--", "set", "interface", port.name, f"ofport_request={port.number}"]
        return [*words, "type=patch", f"options:peer={port.peer}"] if port.peer else words

    def revoking(self, bridge: str, cookie: int) -> list[str]:
        """Words that remove the flows of a cookie."""
        return ["ovs-ofctl", "del-flows", self._control(bridge), f"cookie={cookie}/-1"]

    def _control(self, bridge: str) -> str:
        return f"unix:{self._folder}/{bridge}.mgmt"

    @property
    def command(self) -> list[str]:
        """First words of a command to the switches."""
        return _commanding(self._socket)

    def _vsctl(self, *words: str) -> None:
        self._call([*self.command, *words], ())


def _given(port: Port) -> Mapping[str, str]:
    tag, trunks, mode = port.vlans
    return {
        "vlan_mode": mode,
        **({"tag": str(tag)} if tag is not None else {}),
        **({"trunks": ",".join(map(str, trunks))} if trunks else {}),
        "protected": str(port.protected).lower(),
    }
