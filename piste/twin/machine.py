"""The machine of a twin: it makes a layout in namespaces, and removes it by name.

All names begin with `tw<id>`, every process has that name in its environment, and no link lies in the namespace of the
machine itself: whatever moment the making is killed at, `down` finds all of it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.converge.errors import Missing, Misused
from piste.repository import ROOT
from piste.twin import relay, responder
from piste.twin.layout import Host, Layout
from piste.twin.namespaces import bring_up, compute_checksums, inside, named, remove, set_kernel
from piste.twin.place import Place
from piste.twin.switch import Switch

VARIABLE, MARK = "PISTE_TWINS_DIR", "PISTE_TWIN"
PROGRAMS = {
    "ip": "iproute2",
    "nft": "nftables",
    "ovs-vswitchd": "openvswitch-switch",
    "kea-dhcp4": "kea-dhcp4-server",
    "dhcpcd": "dhcpcd-base",
    "unbound": "unbound",
    "ping": "iputils-ping",
}
_PATIENCE = 30.0
_PATH = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"


def folder(identity: str = "") -> Path:
    """Folder of a twin, or of all of them."""
    return Path(os.environ.get(VARIABLE) or ROOT / ".piste" / "twins") / identity


def ids() -> list[str]:
    """List the twins of this repository, half made ones included."""
    with suppress(FileNotFoundError):
        return sorted(path.name for path in folder().iterdir() if path.is_dir())
    return []


def only(identity: str | None) -> str:
    """Give the twin asked for, or the only twin that stands. Raises `Missing`."""
    known = ids()
    if identity is None and len(known) == 1:
        return known[0]
    if identity is None or identity not in known:
        what = f"pas de jumeau « {identity} »" if identity else "aucun jumeau" if not known else "plusieurs jumeaux"
        todo = f"--twin, au choix : {', '.join(known)}." if known else "piste twin up SITE… en dresse un."
        raise Missing(what, todo=todo)
    return identity


def state(identity: str) -> dict[str, Any]:
    """Read the state of a twin; empty where it was killed before its first line."""
    try:
        content = json.loads((folder(identity) / "state.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def places(identity: str) -> list[Place]:
    """List the computers of a twin, with their namespaces as the machine names them."""
    return [Place(**place) for place in state(identity).get("places", ())]


def run(
    place: Place, argv: Sequence[str], stdin: bytes | None = None, timeout: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a program on a computer of a twin, and wait for it."""
    words = ["ip", "netns", "exec", place.namespace, *argv]
    mark = place.namespace.partition("-")[0]
    return subprocess.run(words, input=stdin, capture_output=True, check=False, timeout=timeout, env=_environment(mark))


def lease(place: Place) -> bool:
    """Give a computer its address: by DHCP, or the fixed address of its segment. False where nothing lends any.

    The client keeps its leases in a folder that only it sees; the resolvers that it gets go to the folder of the twin.
    """
    if run(place, ["ip", "-4", "route", "show", "default"]).stdout.strip():
        return True
    if place.address:
        run(place, ["ip", "address", "replace", place.address, "dev", place.interface])
        return not run(place, ["ip", "route", "replace", "default", "via", str(place.gateway)]).returncode
    hook = folder(place.namespace.partition("-")[0].removeprefix("tw")) / "lease.sh"
    hook.write_text(_HOOK, "ascii")
    hook.chmod(0o700)
    words = ["dhcpcd", "-1", "-4", "-B", "--noarp", "-t", "10", "-c", str(hook), "-f", "/dev/null", place.interface]
    return not run(place, ["unshare", "--mount", "sh", "-c", _ALONE, "sh", str(resolvers(place)), *words]).returncode


def entering(place: Place, words: Sequence[str]) -> list[str]:
    """Words that run a command on a computer, with the resolvers of its lease."""
    inner = 'if [ -s "$1" ]; then mount --bind "$1" /etc/resolv.conf; fi; shift; exec "$@"'
    alone = ["unshare", "--mount", "sh", "-c", inner, "sh", str(resolvers(place)), *words]
    return ["ip", "netns", "exec", place.namespace, *alone]


def environment(place: Place) -> dict[str, str]:
    """Environment of a command on a computer: it belongs to the twin."""
    return _environment(place.namespace.partition("-")[0])


def resolvers(place: Place) -> Path:
    """File of the resolvers that a computer got with its lease."""
    identity, _, name = place.namespace.removeprefix("tw").partition("-")
    return folder(identity) / f"{name}.resolv"


_HOOK = """#!/bin/sh
for server in $new_domain_name_servers; do echo "nameserver $server"; done >"$RESOLVERS"
[ -z "$new_domain_name" ] || echo "search $new_domain_name" >>"$RESOLVERS"
"""
_ALONE = """for place in /var/lib/dhcpcd /run; do mount -t tmpfs tmpfs "$place"; done
mkdir /run/dhcpcd
export RESOLVERS="$1"; shift
exec "$@" -e RESOLVERS="$RESOLVERS"
"""


def check() -> None:
    """Raise `Misused` where a program is missing, or this account may not make a namespace."""
    absent = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program, path=_PATH)})
    if absent:
        raise Misused("il manque des programmes au jumeau", todo=f"Installez-les : sudo apt-get install {' '.join(absent)}")
    if os.geteuid() != 0:
        raise Misused(
            "un jumeau se dresse en root",
            why="Il fait des espaces de noms du réseau ; rien n'en sort, et le réseau de la machine n'est pas touché.",
            todo="sudo piste twin up SITE, ou, sans l'être : unshare --user --map-root-user --net --mount sh -c "
            "'mount -t tmpfs tmpfs /run && exec bash', et les mêmes commandes dans ce shell.",
        )


def up(layout: Layout, identity: str, about: dict[str, Any]) -> None:
    """Make a twin. What fails removes it again, then raises `Misused`."""
    here = folder(identity)
    here.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = f"tw{identity}"
    standing = [replace(place, namespace=f"{mark}-{place.namespace}") for place in layout.places]
    content = {
        **about,
        "pid": [os.getpid(), _birth(os.getpid())],
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "unsaid": layout.unsaid,
        "taken": layout.taken,
        "places": [asdict(place) for place in standing],
    }
    (here / "state.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    try:
        _Making(layout, mark, here).make()
    except BaseException:
        if "PISTE_TWIN_KEEP" not in os.environ:
            down(identity)
        raise
    (here / "state.json").write_text(json.dumps({**content, "ready": True}, ensure_ascii=False, indent=1), "utf-8")


def new_identity() -> str:
    while True:
        identity = secrets.token_hex(2)
        if not named(f"tw{identity}-") and not folder(identity).exists():
            return identity


class _Making:
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
        self._programs()
        self._await()

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
        wired = {wire.interface for wire in self._layout.wires if wire.host == host.name}
        wired |= {link.interface for link in self._layout.direct if link.host == host.name}
        wired |= {link.other_interface for link in self._layout.direct if link.other == host.name}
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
        lines += [f"route replace {destination} via {gateway} onlink dev {way}" for destination, gateway, way in _ways(host)]
        if lines:
            self._call(["ip", "-batch", "-"], lines)
        ruleset = host.ruleset + (responder.RULESET if host.answers else "")
        if ruleset:
            self._call(["nft", "-f", "-"], [ruleset])

    def _daemons(self, host: Host) -> None:
        if not host.files and not host.daemons:
            return
        own = self._here / host.name
        own.mkdir(mode=0o700, exist_ok=True)
        for name, text in host.files.items():
            (own / name).write_text(text.replace("{folder}", str(own)), "utf-8")
        for daemon in host.daemons:
            words = [word.replace("{folder}", str(own)) for word in daemon.words]
            self._start(words, own / f"{daemon.name}.log", {"KEA_LOCKFILE_DIR": "none", "KEA_PIDFILE_DIR": str(own)})

    def _programs(self) -> None:
        """Start our own programs, one process each for all namespaces."""
        answering = [self._name(host.name) for host in self._layout.hosts.values() if host.answers]
        relays = [[self._name(each.host), *each[1:]] for each in self._layout.relays]
        for program, listing in ((responder, "\n".join(answering)), (relay, json.dumps(relays))):
            name = Path(str(program.__file__)).stem
            (self._here / f"{name}.list").write_text(listing, "utf-8")
            words = [sys.executable, "-I", str(program.__file__)]
            files = [str(self._here / f"{name}.{end}") for end in ("list", "ready")]
            self._start([*words, *files], self._here / f"{name}.log", {})

    def _await(self) -> None:
        """Wait until the services listen. Raises `Misused` with the last words of what does not."""
        waited = [(host, 67) for host in self._layout.hosts.values() if any(d.name == "kea" for d in host.daemons)]
        waited += [(host, 53) for host in self._layout.hosts.values() if any(d.name == "unbound" for d in host.daemons)]
        until = time.monotonic() + _PATIENCE
        while waited or not all((self._here / f"{name}.ready").exists() for name in ("responder", "relay")):
            waited = [(host, port) for host, port in waited if not self._listens(host, port)]
            if time.monotonic() > until:
                said = [path.read_text("utf-8", "replace")[-400:] for path in self._here.rglob("*.log")]
                raise Misused("des services du jumeau ne démarrent pas", why=" ; ".join(filter(None, said)), todo=_REPORT)
            time.sleep(0.02)

    def _listens(self, host: Host, port: int) -> bool:
        with inside(self._name(host.name)):
            sockets = Path("/proc/thread-self/net/udp").read_text("ascii")
        return any(line.split()[1].endswith(f":{port:04X}") for line in sockets.splitlines()[1:])

    def _call(self, words: Sequence[str], lines: Iterable[str] = ()) -> None:
        done = subprocess.run(
            list(words), input="\n".join(lines).encode(), capture_output=True, check=False, env=_environment(self._mark)
        )
        if done.returncode:
            raise Misused(
                f"« {words[0]} » a échoué en dressant le jumeau",
                why=done.stderr.decode(errors="replace")[:600],
                todo=_REPORT,
            )

    def _start(self, words: Sequence[str], log: Path, more: dict[str, str]) -> None:
        with log.open("ab") as out:
            subprocess.Popen(
                list(words), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd="/",
                env={**_environment(self._mark), **more},
            )  # fmt: skip


_REPORT = "Rien n'est resté sur la machine. Vérifiez les paquets (docs/jumeau.md), puis signalez-le avec ces mots."


def _ways(host: Host) -> list[tuple[str, str, str]]:
    """List the routes of a host, each with the interface that has the network of its gateway."""
    from ipaddress import IPv4Address, IPv4Interface

    own = [
        (IPv4Interface(address).network, name) for name, addresses in host.interfaces.items() for address in addresses
    ]
    ways = []
    for destination, gateway in host.routes:
        name = next((name for network, name in own if IPv4Address(gateway) in network), None)
        if name:
            ways.append((destination, gateway, name))
    return ways


def down(identity: str) -> None:
    """Remove a twin by its name: its processes, its namespaces, its folder."""
    mark = f"tw{identity}"
    pid, birth = state(identity).get("pid") or (0, "")
    if pid and pid != os.getpid() and _birth(pid) == birth and not state(identity).get("ready"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + _PATIENCE
    while (left := _processes(mark)) or named(f"{mark}-"):
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for namespace in named(f"{mark}-"):
            remove(namespace)
        if time.monotonic() > until:
            raise Misused(f"le jumeau {identity} ne s'en va pas", why=f"Restent : {left or named(f'{mark}-')}", todo=_REPORT)
        if left:
            time.sleep(0.02)
    shutil.rmtree(folder(identity), ignore_errors=True)


def processes(identity: str) -> list[int]:
    """List the processes of a twin."""
    return _processes(f"tw{identity}")


def _processes(mark: str) -> list[int]:
    wanted, found = f"{MARK}={mark}".encode(), []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in path.read_bytes().split(b"\0") and int(path.parent.name) != os.getpid() and _alive(path.parent):
                found.append(int(path.parent.name))
    return found


def _alive(process: Path) -> bool:
    return (process / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[0] not in "ZX"


def _birth(pid: int) -> str:
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    return ""


def _environment(mark: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TERM", "TMPDIR") if name in os.environ}
    return {**kept, "PATH": _PATH, MARK: mark, "LC_ALL": "C.UTF-8"}
