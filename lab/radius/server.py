"""The RADIUS pair of the lab: for each NPS a port, and behind it a FreeRADIUS.

FreeRADIUS starts at the first request. It follows the configuration of its NPS: where this or the members of its groups
have changed, it starts again before the next exchange. Requests go on from the address of their client, by which
FreeRADIUS knows the client.
"""

from __future__ import annotations

import contextlib
import selectors
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import trustme
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from lab.ad import Controller
from lab.ad.controller import CONFIGURATION
from lab.ad.host import SYSTEM_PATH, environment, join, packages
from lab.radius import nps_export, pki
from lab.radius.nps_export import NotServed
from lab.radius.render import files
from lab.state import private_folder, read_json, write_json

PROBE, STRANGER = "127.0.0.2", "127.0.0.3"
TESTED = ("poste", "revoque")
"""Certificates of the test computer: a valid certificate, a revoked certificate."""
COMMANDS = ("freeradius", "ntlm_auth")
PATIENCE = 20.0
_STATE = 24
_KEPT_OPEN = 60.0
# FreeRADIUS ends with the lab, however the lab ends: `cat` then sees the end of its standard input.
_RUN = (
    'setpriv --pdeathsig KILL -- freeradius -f -d "$1" -n radiusd </dev/null & cat >/dev/null & wait -n; '
    "kill $(jobs -p) 2>/dev/null; wait"
)
_NESTED = "1.2.840.113556.1.4.1941"

type Export = Callable[[], str]


def obstacle() -> str:
    """Say in French why RADIUS cannot run on this machine, and the remedy; empty where it can."""
    missing = [name for name in COMMANDS if shutil.which(name, path=SYSTEM_PATH) is None]
    if not missing:
        return ""
    return (
        f"Le RADIUS du laboratoire ne peut pas démarrer : il manque à cette machine {', '.join(missing)}. "
        f"Installez : sudo apt-get install --no-install-recommends {' '.join(packages('radius'))}"
    )


class Radius:
    """The pair of servers, between `start` and `close`.

    exports    name of an NPS -> the export of its present configuration
    authority  signs the certificates of the servers and of the test computer
    """

    def __init__(
        self, folder: Path, controller: Controller, authority: trustme.CA, exports: Mapping[str, Export]
    ) -> None:
        self._folder = private_folder(folder)
        self._controller = controller
        self._certificates = _certificates(self._folder, authority, controller, exports)
        self._trusted = authority.cert_pem.bytes().decode() + pki.revocations(
            authority, [self._certificates["revoque"][0]]
        )
        self._servers = {name: _Server(self, name, export) for name, export in exports.items()}
        self._selector = selectors.DefaultSelector()
        self._stopped = False
        for server in self._servers.values():
            self._selector.register(server.front, selectors.EVENT_READ, server)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        self._stopped = True
        self._thread.join(PATIENCE)
        for server in self._servers.values():
            server.close()
        self._selector.close()

    @property
    def info(self) -> dict[str, Any]:
        """The addresses of the servers, and the addresses of this machine to send from.

        The servers know `source` as a client; they do not know `stranger`.
        """
        ports = {name: server.front.getsockname()[1] for name, server in self._servers.items()}
        return {
            "address": "127.0.0.1",
            "auth_port": next(iter(ports.values())),
            "servers": {name: {"address": "127.0.0.1", "port": port} for name, port in ports.items()},
            "source": PROBE,
            "stranger": STRANGER,
        }

    @property
    def secrets(self) -> dict[str, str]:
        """The credentials of the test computer and of the test account, by path of a secret."""
        proofs = {
            f"eap/{who}/{part}": text
            for who in TESTED
            for part, text in zip(("certificate", "key"), self._certificates[who], strict=True)
        }
        return {**proofs, "eap/agent/password": self._controller.passwords["agent.test"]}

    def moment(self) -> str:
        """Return a mark that differs after each change of the directory."""
        with self._controller.ldap() as connection:
            connection.search("", "(objectClass=*)", search_scope="BASE", attributes=["highestCommittedUSN"])
            return str(connection.entries[0]["highestCommittedUSN"].value)

    def members(self, groups: frozenset[str]) -> dict[str, frozenset[str]]:
        """Return the accounts of groups by SID, in lower case, members of members included."""
        members: dict[str, frozenset[str]] = {}
        base = self._controller.forest.base_dn
        with self._controller.ldap() as connection:
            for sid in sorted(groups):
                connection.search(base, f"(objectSid={sid})", attributes=["distinguishedName"])
                names = [str(entry.entry_dn) for entry in connection.entries]
                rid = sid.rpartition("-")[2]
                within = "".join(f"(memberOf:{_NESTED}:={escape_filter_chars(name)})" for name in names)
                connection.search(base, f"(|(primaryGroupID={rid}){within})", attributes=["sAMAccountName"])
                accounts = (str(entry["sAMAccountName"].value).lower() for entry in connection.entries)
                members[sid] = frozenset(accounts) if names else frozenset()
        return members

    def written(self, server: str, document: str, port: int) -> Mapping[str, str]:
        """Return the files of a server for an export of its NPS."""
        known = nps_export.read(document)
        certificate, key = self._certificates[server]
        forest = self._controller.forest
        rendered = files(
            known,
            self.members(known.groups),
            folder=self._folder / server,
            port=port,
            netbios=forest.netbios,
            samba=CONFIGURATION,
        )
        return {**rendered, "server.pem": certificate, "server.key": key, "trusted.pem": self._trusted}

    @property
    def controller_process(self) -> int:
        """The id of the controller's process. Raises RuntimeError while it does not run."""
        if self._controller.process_id is None:
            raise RuntimeError("the controller does not run")
        return self._controller.process_id

    def run(self, folder: Path, controller: int) -> subprocess.Popen[bytes]:
        """Start FreeRADIUS in the namespaces of the controller, whose winbind checks passwords."""
        with (folder / "radius.log").open("wb") as log:
            return subprocess.Popen(
                join(controller, ["bash", "-c", _RUN, "radius", str(folder)]),
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def folder(self, server: str) -> Path:
        return private_folder(self._folder / server)

    def _run(self) -> None:
        while not self._stopped:
            for key, _ in self._selector.select(0.1):
                if isinstance(key.data, _Server):
                    key.data.ask(self._selector)
                else:
                    key.data()


class _Server:
    """An NPS as RADIUS clients see it."""

    def __init__(self, radius: Radius, name: str, export: Export) -> None:
        self._radius, self._name, self._export = radius, name, export
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._files: Mapping[str, str] = {}
        self._seen: tuple[str, str] | None = None
        """The export of the NPS and the mark of the directory at the last look."""
        self._controller: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[Any, tuple[socket.socket, float]] = {}
        self._last: dict[Any, bytes] = {}
        """The last packet of each client."""

    def ask(self, selector: selectors.BaseSelector) -> None:
        """Pass a packet on to FreeRADIUS; it is lost where FreeRADIUS cannot run."""
        data, client = self.front.recvfrom(4096)
        with contextlib.suppress(RuntimeError, OSError, LDAPException):
            # A client that waits sends its packet again: a look at the NPS and the groups each time would delay it.
            if not _continues(data) and self._last.get(client) != data:
                self._refresh()
            self._last[client] = data
            self._towards(client, selector).sendto(data, ("127.0.0.1", self._port))

    def close(self) -> None:
        self._stop()
        self.front.close()
        for back, _ in self._clients.values():
            back.close()

    def _towards(self, client: Any, selector: selectors.BaseSelector) -> socket.socket:
        now = time.monotonic()
        for known, (old, used) in list(self._clients.items()):
            if now - used > _KEPT_OPEN:
                selector.unregister(old)
                old.close()
                del self._clients[known]
                self._last.pop(known, None)
        if client not in self._clients:
            back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            back.bind((client[0], 0))
            selector.register(back, selectors.EVENT_READ, lambda: self._answer(back, client))
            self._clients[client] = back, now
        back, _ = self._clients[client]
        self._clients[client] = back, now
        return back

    def _answer(self, back: socket.socket, client: Any) -> None:
        with contextlib.suppress(OSError):
            self.front.sendto(back.recv(4096), client)

    def _refresh(self) -> None:
        """Start FreeRADIUS again where its NPS, the members or the controller have changed."""
        controller = self._radius.controller_process
        running = self._process is not None and self._process.poll() is None
        served = running and controller == self._controller
        seen = self._export(), self._radius.moment()
        if served and seen == self._seen:
            return
        wanted = self._radius.written(self._name, seen[0], self._port)
        self._seen = seen
        if served and wanted == self._files:
            return
        self._stop()
        folder = self._radius.folder(self._name)
        for name, content in wanted.items():
            file = folder / name
            file.touch(mode=0o600)
            file.write_text(content, encoding="utf-8")
        self._files, self._controller = wanted, controller
        self._process = self._radius.run(folder, controller)
        deadline = time.monotonic() + PATIENCE
        while "Ready to process requests" not in (folder / "radius.log").read_text("utf-8", "replace"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._stop()
                raise NotServed(f"FreeRADIUS n’a pas démarré ; son journal : {folder / 'radius.log'}")
            time.sleep(0.01)

    def _stop(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process = None


def _continues(data: bytes) -> bool:
    """Tell whether a packet continues an exchange: it then has the State of the server."""
    at = 20
    while at + 1 < len(data) and data[at + 1] >= 2:
        if data[at] == _STATE:
            return True
        at += data[at + 1]
    return False


def _certificates(
    folder: Path, authority: trustme.CA, controller: Controller, servers: Mapping[str, Export]
) -> dict[str, list[str]]:
    """Return the certificate and the key of each server and test computer; a folder keeps them."""
    file, domain = folder / "certificates.json", controller.forest.domain
    kept: dict[str, list[str]] = read_json(file) or {}
    names = {name: f"{name}.{domain}" for name in servers}
    names |= dict.fromkeys(TESTED, f"pc-test-01.{domain}")
    made = {who: kept.get(who) or list(pki.issued(authority, name)) for who, name in names.items()}
    write_json(file, made)
    return made
