"""Debian's rsyslogd as the collector of the lab, configured as Piste configures production.

All senders are this machine: each stream has a loopback address of its own, by which the collector knows it. The
daemon ends with its standard input, hence with the lab, however the lab ends.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path, PurePosixPath
from typing import Any

import trustme

from lab import lifeline
from lab.state import private_folder
from piste.readings.logs.collector import Ears, Protocol, configuration, listeners
from piste.town.model.logs.derived import TownLogs

DRIVER = "lmnsd_gtls.so"
PLACES = ("/usr/lib", "/lib")
PATIENCE = 20.0
_RUN = (
    'exec 3<&0; setpriv --pdeathsig TERM -- rsyslogd -n -i NONE -f "$1" </dev/null 3<&- & cat <&3 >/dev/null & '
    "wait -n; kill $(jobs -p) 2>/dev/null; wait"
)
_COMMANDS = ("rsyslogd", "bash")
_SBIN = "/usr/sbin:/usr/bin:/sbin:/bin"


def obstacle() -> str:
    """Say in French why rsyslog cannot run on this machine, and the remedy; empty where it can."""
    programs = all(shutil.which(name, path=_SBIN) for name in _COMMANDS)
    if programs and any(next(Path(place).glob(f"**/rsyslog/{DRIVER}"), None) for place in PLACES):
        return ""
    return (
        "Le collecteur de journaux du laboratoire ne peut pas démarrer : rsyslog, ou son TLS, manque à cette machine. "
        "Installez : sudo apt-get install --no-install-recommends rsyslog rsyslog-gnutls"
    )


class Collector:
    """A collector that listens until `close`."""

    def __init__(self, folder: Path, authority: trustme.CA, logs: TownLogs) -> None:
        self.folder, self._authority, self._logs = private_folder(folder), authority, logs
        self.ports: dict[tuple[Protocol, int], int] = {}
        self.senders = {
            stream["name"]: f"127.93.{index // 250 + 1}.{index % 250 + 1}"
            for index, stream in enumerate(logs["streams"])
            if stream["port"]
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def info(self) -> dict[str, Any]:
        """Its ports by `protocol/declared port`, the address of each stream, a client's files."""
        return {
            "tree": str(self.tree),
            "address": "127.0.0.1",
            "ports": {f"{protocol}/{port}": number for (protocol, port), number in self.ports.items()},
            "senders": self.senders,
            "client": {"certificate": str(self.folder / "client.pem"), "key": str(self.folder / "client.key")},
        }

    def configuration(self) -> str:
        """Write the configuration: that of production, on the ports and addresses of the lab."""
        return configuration(
            self._logs,
            Ears(
                tree=PurePosixPath(self.tree),
                spool=PurePosixPath(self.folder / "spool"),
                certificate=str(self.folder / "server.pem"),
                key=str(self.folder / "server.key"),
                clients_ca=str(self.folder / "ca.pem"),
                owner=None,
                group=None,
                address="127.0.0.1",
                ports=self.ports,
                senders={name: [f"{address}/32"] for name, address in self.senders.items()},
            ),
        )

    def start(self) -> Collector:
        """Start the daemon. Raises RuntimeError where it does not listen in time."""
        for part in (self.tree, self.folder / "spool"):
            private_folder(part)
        for (protocol, port), streams in listeners(self._logs).items():
            self.ports[protocol, port] = _free(udp=protocol == "udp")
            if protocol == "tls":
                self._certify("client", next(name for stream in streams for name in stream["clients"]))
        self._certify("server", "127.0.0.1")
        self._authority.cert_pem.write_to_path(self.folder / "ca.pem")
        written = self.folder / "rsyslog.conf"
        written.write_text(self.configuration(), "utf-8")
        with (self.folder / "rsyslog.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["bash", "-c", _RUN, "rsyslog", str(written)],
                env={"PATH": _SBIN, "LC_ALL": "C.UTF-8", **lifeline.inherited()},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"rsyslog n’a pas démarré ; son journal : {self.folder / 'rsyslog.log'}")
            time.sleep(0.02)
        return self

    def close(self) -> None:
        """End the daemon, which writes what it has first."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _certify(self, name: str, identity: str) -> None:
        leaf = self._authority.issue_cert(identity.replace("*", "client"), common_name=identity)
        key = self.folder / f"{name}.key"
        key.touch(mode=0o600)
        leaf.private_key_pem.write_to_path(key)
        (self.folder / f"{name}.pem").write_bytes(b"".join(part.bytes() for part in leaf.cert_chain_pems))

    def _listens(self) -> bool:
        """Tell whether every TCP port answers, and every UDP port is taken."""
        for (protocol, _), number in self.ports.items():
            if protocol == "udp":
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
                    try:
                        mine.bind(("127.0.0.1", number))
                    except OSError:
                        continue
                    return False
            with socket.socket() as mine:
                if mine.connect_ex(("127.0.0.1", number)):
                    return False
        return True


def _free(*, udp: bool) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number
