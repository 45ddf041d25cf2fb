"""The making of a twin: namespaces, wires, switches, routers, programs, in this order."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from types import ModuleType

from piste.engine.converge.errors import Misused
from piste.trials.twin import authenticator, pages, portal, relay, responder
from piste.trials.twin.layout import Host, Layout
from piste.trials.twin.namespaces import bring_up, compute_checksums, inside, set_kernel
from piste.trials.twin.process import environment
from piste.trials.twin.proofs import write_proofs
from piste.trials.twin.switch import Switch

PATIENCE = 30.0
"""Seconds in which services start, and in which a twin goes away."""
PAGES = "pages"
"""The folder of the certificates of the pages, in that of the twin."""
REPORT = "Rien n’est resté sur la machine. Vérifiez les paquets (docs/jumeau.md), puis signalez-le avec ces mots."


class Making:
    """The steps of making a twin."""

    def __init__(self, layout: Layout, mark: str, here: Path) -> None:
        self._layout, self._mark, self._here = layout, mark, here
        self._switch = f"{mark}-commutateurs"

    def make(self) -> None:
        self._namespaces()
        switch = Switch(self._here / "ovs", self._call, self._start)
        with inside(self._switch):
            bring_up("lo")
            switch.start()
        for host in self._layout.hosts.values():
            with inside(self._name(host.name)):
                self._host(host)
        with inside(self._switch):
            switch.build(self._layout)
        for host in self._layout.hosts.values():
            with inside(self._name(host.name)):
                self._daemons(host)
        self._programs(switch)
        self._await(self._layout.hosts.values())

    def _name(self, host: str) -> str:
        return f"{self._mark}-{host}"

    def _namespaces(self) -> None:
        lines = [f"netns add {self._switch}", *(f"netns add {self._name(name)}" for name in self._layout.hosts)]
        for link in self._layout.direct:
            lines.append(
                f"link add name {link.interface} netns {self._name(link.host)} type veth "
                f"peer name {link.other_interface} netns {self._name(link.other)}"
            )
        for wire in self._layout.wires:
            lines.append(
                f"link add name {wire.interface} netns {self._name(wire.host)} type veth "
                f"peer name {wire.port} netns {self._switch}"
            )
        self._call(["ip", "-batch", "-"], lines)

    def _host(self, host: Host) -> None:
        for name in ("conf/all/disable_ipv6", "conf/default/disable_ipv6"):
            with suppress(OSError):
                set_kernel(f"ipv6/{name}", "1")
        for name, value in {"conf/all/rp_filter": "0", "conf/default/rp_filter": "0", **host.settings}.items():
            set_kernel(f"ipv4/{name}", value)
        wired = self._wired(host)
        bring_up("lo")
        for interface in host.interfaces:
            if interface in wired:
                compute_checksums(interface)
                bring_up(interface)
        lines = [
            f"address add {address} dev {interface}"
            for interface, addresses in host.interfaces.items()
            if interface in wired
            for address in addresses
        ]
        lines += host.commands
        lines += [f"route replace {to} via {gateway} onlink dev {way}" for to, gateway, way in ways(host, wired)]
        if lines:
            self._call(["ip", "-batch", "-"], lines)
        ruleset = host.ruleset + (responder.ruleset(host.ports | host.free) if host.answers else "")
        if ruleset:
            self._call(["nft", "-f", "-"], [ruleset])

    def _wired(self, host: Host) -> set[str]:
        wired = {wire.interface for wire in self._layout.wires if wire.host == host.name}
        wired |= {link.interface for link in self._layout.direct if link.host == host.name}
        return wired | {link.other_interface for link in self._layout.direct if link.other == host.name}

    def _daemons(self, host: Host) -> None:
        if not host.files and not host.daemons:
            return
        own = self._here / host.name
        own.mkdir(mode=0o700, exist_ok=True)
        for name, text in host.files.items():
            (own / name).write_text(text.replace("{folder}", str(own)), "utf-8")
        # What was ended keeps its number until it is reaped: a service would say that it is running already.
        for left in own.glob("*.pid"):
            left.unlink()
        for daemon in host.daemons:
            words = [word.replace("{folder}", str(own)) for word in daemon.words]
            self._start(words, own / f"{daemon.name}.log", {"KEA_LOCKFILE_DIR": "none", "KEA_PIDFILE_DIR": str(own)})

    def _programs(self, switch: Switch) -> None:
        """Start our own programs, one process each for all namespaces."""
        answering = [self._name(host.name) for host in self._layout.hosts.values() if host.answers]
        guards = [{**asdict(each), "namespace": self._name(each.host)} for each in self._layout.guards]
        admitting = {"vsctl": switch.command, "switch": self._switch, "ports": guards}
        portals = [[self._name(host), switch.revoking(bridge, cookie)] for host, bridge, cookie in self._layout.portals]
        self._program(responder, "\n".join(answering))
        self._program(relay, self._relayed())
        if guards:
            self._program(authenticator, json.dumps(admitting))
        if portals:
            self._program(portal, json.dumps(portals))
        if self._layout.pages:
            self._program(pages, self._served())

    def _served(self) -> str:
        """Write the certificates of the pages; describe what to serve."""
        shown = {page.name: page.shows for page in self._layout.pages}
        write_proofs(self._here / PAGES, shown)
        doors = dict.fromkeys((self._name(page.host), page.port) for page in self._layout.pages)
        return json.dumps({"folder": str(self._here / PAGES), "doors": [*doors], "pages": shown})

    def _relayed(self) -> str:
        return json.dumps([[self._name(each.host), *each[1:]] for each in self._layout.relays])

    def _program(self, program: ModuleType, listing: str) -> None:
        name = Path(str(program.__file__)).stem
        (self._here / f"{name}.list").write_text(listing, "utf-8")
        words = [sys.executable, "-I", str(program.__file__)]
        files = [str(self._here / f"{name}.{end}") for end in ("list", "ready")]
        self._start([*words, *files], self._here / f"{name}.log", {})

    def _await(self, hosts: Iterable[Host]) -> None:
        """Wait until the services of some hosts listen.

        Raises `Misused` with the last words of what does not.
        """
        waited = [(host, port) for host in hosts for port in host.ports]
        until = time.monotonic() + PATIENCE
        names = [path.stem for path in self._here.glob("*.list")]
        while waited or not all((self._here / f"{name}.ready").exists() for name in names):
            waited = [(host, port) for host, port in waited if not self._listens(host, port)]
            if time.monotonic() > until:
                said = [path.read_text("utf-8", "replace")[-400:] for path in self._here.rglob("*.log")]
                why = " ; ".join(filter(None, said))
                raise Misused("des services du jumeau ne démarrent pas", why=why, todo=REPORT)
            time.sleep(0.02)

    def _listens(self, host: Host, port: int) -> bool:
        with inside(self._name(host.name)):
            sockets = Path("/proc/thread-self/net/udp").read_text("ascii")
        return any(line.split()[1].endswith(f":{port:04X}") for line in sockets.splitlines()[1:])

    def _call(self, words: Sequence[str], lines: Iterable[str] = ()) -> None:
        done = subprocess.run(
            list(words), input="\n".join(lines).encode(), capture_output=True, check=False, env=environment(self._mark)
        )
        if done.returncode:
            raise Misused(
                f"« {words[0]} » a échoué en dressant le jumeau",
                why=done.stderr.decode(errors="replace")[:600],
                todo=REPORT,
            )

    def _start(self, words: Sequence[str], log: Path, more: dict[str, str]) -> None:
        with log.open("ab") as out:
            subprocess.Popen(
                list(words), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd="/",
                env={**environment(self._mark), **more},
            )  # fmt: skip


def ways(host: Host, wired: set[str]) -> list[tuple[str, str, str]]:
    """List the routes of a host, each with the interface that has the network of its gateway."""
    own = [
        (IPv4Interface(address).network, name)
        for name, addresses in host.interfaces.items()
        for address in addresses
        if name in wired
    ]
    known = []
    for destination, gateway in host.routes:
        name = next((name for network, name in own if IPv4Address(gateway) in network), None)
        if name:
            # A line of `ip` is a command: nothing that was read becomes part of it as text.
            to = destination if destination == "default" else str(IPv4Network(destination))
            known.append((to, str(IPv4Address(gateway)), name))
    return known
