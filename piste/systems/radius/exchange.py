"""An exchange with a RADIUS server: EAP by `eapol_test`, a MAC address by our own packets.

`eapol_test` takes the shared secret only on its command line (version 2.10), where every user of the machine reads it.
It therefore talks to a relay on loopback under its own default secret, which is no secret; the relay signs for the
server with the real secret, and verifies the answers itself.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from piste.systems.radius import packet as wire
from piste.systems.radius.packet import Packet

PUBLIC = b"radius"
"""Default secret of `eapol_test`."""
_BETWEEN_TRIES = 2.0

_LONGEST = 120
"""Seconds after which the supplicant ends in any case; the caller's patience ends before."""

type Verdict = Literal["accepted", "refused", "unsigned", "silent", "unfinished", "broken"]


@dataclass(frozen=True, slots=True)
class Server:
    """A RADIUS server: address, shared secret, and source address of the questions to it."""

    name: str
    address: str
    port: int
    secret: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """The client that a question comes from.

    Address of the switch or access point, its medium, MAC address of the device.
    """

    nas: str
    medium: Literal["wired", "wireless"] = "wired"
    mac: str = "02:00:00:00:00:01"

    @property
    def attributes(self) -> tuple[tuple[int, bytes], ...]:
        port = wire.ETHERNET if self.medium == "wired" else wire.WIRELESS
        return (wire.NAS_IP, socket.inet_aton(self.nas)), (wire.NAS_PORT_TYPE, port.to_bytes(4))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an exchange.

    silent      the server did not answer
    unsigned    an answer came, and nothing proves that it is the server's
    unfinished  the server answered, then stopped
    broken      the supplicant gave up, for the reason `why`
    """

    verdict: Verdict
    vlan: int | None = None
    why: str = ""
    answers: int = 0


class NoSupplicant(RuntimeError):
    """`eapol_test` is not on this machine."""


def ask_eap(server: Server, place: Place, network: Mapping[str, str], folder: Path, patience: float = 10.0) -> Outcome:
    """Authenticate by `eapol_test`.

    `network` is the block of its configuration, with values in its own syntax; the file lies in `folder`, which is
    private, until the end. `patience` is in seconds for each answer. Raises `NoSupplicant`, OSError.
    """
    program = shutil.which("eapol_test")
    if program is None:
        raise NoSupplicant("eapol_test")
    block = "".join(f"  {name}={value}\n" for name, value in network.items())
    descriptor, name = tempfile.mkstemp(dir=folder, prefix="eap-", suffix=".conf")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(f"network={{\n{block}}}\n")
        # Its output shows keys and passwords: it goes to a file without a name, and few of its lines are read.
        with _Relay(server) as relay, tempfile.TemporaryFile(dir=folder) as said:
            host, port = relay.front.getsockname()
            attributes = [f"-N{kind}:x:{value.hex()}" for kind, value in place.attributes]
            options = [f"-c{name}", f"-a{host}", f"-p{port}", f"-M{place.mac}", f"-t{_LONGEST}", "-n", "-r0"]
            process = subprocess.Popen(
                [program, *options, *attributes],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.DEVNULL,
                cwd=folder,
            )
            try:
                ended = relay.serve(process, patience)
            finally:
                process.kill()
                process.wait()
            return relay.outcome(_events(said), succeeded=process.returncode == 0, ended=ended)
    finally:
        Path(name).unlink(missing_ok=True)


def ask_mac(server: Server, place: Place, patience: float = 6.0) -> Outcome:
    """Ask as a switch does for a device without a supplicant.

    The MAC address is name and password [belief windows.nps_mac].
    """
    name = place.mac.replace(":", "").lower()
    request = wire.access_request(
        [
            (wire.USER_NAME, name.encode()),
            (wire.SERVICE_TYPE, wire.CALL_CHECK.to_bytes(4)),
            (wire.CALLING_STATION, place.mac.replace(":", "-").upper().encode()),
            *place.attributes,
        ]
    )
    secret = server.secret.encode()
    password = (wire.USER_PASSWORD, wire.hidden(name, request, secret))
    signed = wire.sign_request(
        Packet(request.code, request.identifier, request.authenticator, (*request.attributes, password)), secret
    )
    with _Relay(server) as relay:
        deadline = time.monotonic() + patience
        while not relay.last and time.monotonic() < deadline:
            relay.send(signed)
            relay.hear(min(deadline, time.monotonic() + _BETWEEN_TRIES))
        return relay.outcome([], succeeded=True, ended=True)


def quoted(text: str) -> str:
    """Quote a text for the configuration of `eapol_test`, so that it cannot end the value."""
    return text.encode().hex()


class _Relay:
    """A socket for the supplicant, a socket for the server, and the server's answers."""

    def __init__(self, server: Server) -> None:
        self._secret = server.secret.encode()
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.front.bind(("127.0.0.1", 0))
            self._back.bind((server.source, 0))
            self._back.connect((server.address, server.port))
        except BaseException:
            self.close()
            raise
        self._asked: dict[int, Packet] = {}
        self.last: Packet | None = None
        self._answers = 0
        self._unsigned = False

    def __enter__(self) -> _Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.front.close()
        self._back.close()

    def serve(self, process: subprocess.Popen[bytes], patience: float) -> bool:
        """Carry packets both ways until the supplicant ends.

        Returns False where the server kept it waiting for too long.
        """
        deadline = time.monotonic() + patience
        while process.poll() is None:
            if time.monotonic() > deadline:
                return False
            ready, _, _ = select.select([self.front, self._back], [], [], 0.02)
            if self.front in ready:
                data, client = self.front.recvfrom(4096)
                # From now on the relay signs for this supplicant only.
                self.front.connect(client)
                self.send(wire.sign_request(wire.decode(data), self._secret))
            if self._back in ready and (answer := self._receive()) is not None:
                request = self._asked[answer.identifier]
                self.front.send(wire.sign_answer(answer, request, PUBLIC).encode())
                deadline = time.monotonic() + patience
        return True

    def send(self, request: Packet) -> None:
        self._asked[request.identifier] = request
        self._back.send(request.encode())

    def hear(self, deadline: float) -> None:
        """Wait for the end of an exchange of one packet."""
        while self.last is None and (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self._back], [], [], left)
            if ready:
                self._receive()

    def _receive(self) -> Packet | None:
        """Take an answer; ignore an answer that the server has not signed."""
        try:
            answer = wire.decode(self._back.recv(4096))
        except (ConnectionRefusedError, ValueError):
            return None
        request = self._asked.get(answer.identifier)
        if request is None or not wire.is_genuine(answer, request, self._secret):
            if request is not None and wire.is_answer(answer, request, self._secret) and wire.is_unsigned(answer):
                self._unsigned = True
            return None
        self._answers += 1
        if answer.code in (wire.ACCEPT, wire.REJECT):
            self.last = answer
        return answer

    def outcome(self, events: Iterable[str], *, succeeded: bool, ended: bool) -> Outcome:
        why = " ; ".join(dict.fromkeys(events))
        if self.last is None:
            late: Verdict = "broken" if ended else "unfinished"
            never: Verdict = "unsigned" if self._unsigned else "silent"
            return Outcome(late if self._answers else never, None, why, self._answers)
        if self.last.code == wire.REJECT:
            return Outcome("refused", None, why, self._answers)
        verdict: Verdict = "accepted" if succeeded else "broken"
        return Outcome(verdict, wire.vlan_of(self.last), why, self._answers)


def _events(said: IO[bytes]) -> list[str]:
    """Return the lines that name a fault; other lines of a supplicant may show secrets."""
    said.seek(0)
    lines = (line.decode("utf-8", "replace").strip() for line in said)
    return [line for line in lines if line.startswith(("CTRL-EVENT-EAP-TLS-CERT-ERROR", "TLS: Certificate verif"))]
