"""A program that admits computers at the ports of switches, as access policies say.

It stands before the switch: it hears EAPOL on the port (IEEE 802.1X), carries EAP to the RADIUS servers (RFC 3579) from
the address of the switch, and puts the port into the VLAN of the answer. A port without an answer stays in a VLAN that
leads nowhere. One process serves all ports; it runs by its path.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.systems.radius import packet as radius
from piste.systems.radius.packet import Packet

_NAMESPACES = Path("/run/netns")
_EVERY, _EAPOL, _OUTGOING = 0x0003, 0x888E, 4
_GROUP = bytes.fromhex("0180c2000003")
_EAP, _START, _LOGOFF = 0, 1, 2
_REQUEST, _RESPONSE, _SUCCESS, _FAILURE, _IDENTITY = 1, 2, 3, 4, 1
_STATE, _FRAMED, _FRAMED_MTU = 24, 2, 12
_LONGEST, _SHORTEST = 253, 18
_TRIES, _PAUSE = 3, 0.7
"""Requests to a computer, then to each server; seconds between them."""
NOWHERE = 4095


@dataclass
class Port:
    """A guarded port: its sockets, its policy, and how far its admission is."""

    given: dict[str, Any]
    vsctl: list[str]
    frames: socket.socket
    servers: socket.socket
    mac: bytes = b""
    phase: str = "idle"
    tries: int = 0
    due: float | None = None
    identity: bytes = b""
    state: bytes = b""
    identifier: int = 0
    sent: Packet | None = None
    server: int = 0
    vlan: int | None = field(default=None)

    def hear(self) -> None:
        """Hear a frame of the computer: EAPOL, or whatever shows that it is there."""
        frame, address = self.frames.recvfrom(65536)
        if address[2] == _OUTGOING or len(frame) < _SHORTEST:
            return
        self.mac = frame[6:12]
        if struct.unpack("!H", frame[12:14])[0] != _EAPOL:
            if self.phase == "idle":
                self.begin()
            return
        kind, length = frame[15], struct.unpack("!H", frame[16:18])[0]
        body = frame[18 : 18 + length]
        if kind in (_START, _LOGOFF):
            self.begin()
        elif kind == _EAP and len(body) >= 5 and body[0] == _RESPONSE and self.phase in ("asking", "open", "carrying"):
            if body[4] == _IDENTITY:
                self.identity, self.state = body[5:], b""
            self.carry(body)

    def begin(self) -> None:
        self.put(NOWHERE)
        self.phase, self.tries, self.server, self.state = "asking", 0, 0, b""
        self.identifier = (self.identifier + 1) % 256
        self.ask()

    def ask(self) -> None:
        """Ask the computer who it is; after some tries it has no 802.1X."""
        if not self.given["eap"] or self.tries >= _TRIES:
            self.phase, self.due = "silent", None
            if self.given["mac"]:
                self.by_address()
            else:
                self.end("guest", "sans 802.1X")
            return
        self.tries += 1
        self.due = time.monotonic() + _PAUSE
        self.tell(struct.pack("!BBHB", _REQUEST, self.identifier, 5, _IDENTITY))

    def tell(self, eap: bytes) -> None:
        source = self.frames.getsockname()[4]
        head = (self.mac or _GROUP) + source + struct.pack("!HBBH", _EAPOL, 2, _EAP, len(eap))
        with suppress(OSError):
            self.frames.send((head + eap).ljust(60, b"\0"))

    def carry(self, eap: bytes) -> None:
        pieces = [(radius.EAP_MESSAGE, eap[at : at + _LONGEST]) for at in range(0, len(eap), _LONGEST)]
        known = [(_STATE, self.state)] if self.state else []
        more = [(radius.SERVICE_TYPE, _FRAMED.to_bytes(4)), (_FRAMED_MTU, (1400).to_bytes(4))]
        self.request([(radius.USER_NAME, self.identity), *more, *known, *pieces])

    def by_address(self) -> None:
        """Ask for the address of the computer, name and password alike [belief windows.nps_mac]."""
        name = self.mac.hex().encode()
        self.identity = name
        self.request([(radius.USER_NAME, name), (radius.SERVICE_TYPE, radius.CALL_CHECK.to_bytes(4))], password=name)

    def request(self, attributes: list[tuple[int, bytes]], password: bytes = b"") -> None:
        station = self.mac.hex("-").upper().encode()
        address = socket.inet_aton(self.given["address"])
        place = [(radius.CALLING_STATION, station), (radius.NAS_IP, address),
                 (radius.NAS_PORT_TYPE, radius.ETHERNET.to_bytes(4))]  # fmt: skip
        self.sent = radius.access_request([*attributes, *place])
        self.password = password
        self.phase, self.tries = "carrying", 0
        self.send()

    def send(self) -> None:
        """Send the request to a server; after some tries to the next, until none is left."""
        if self.tries >= _TRIES - 1:
            self.server, self.tries = self.server + 1, 0
        if self.server >= len(self.given["servers"]):
            self.server = 0
            self.end("critical", "aucun serveur RADIUS ne répond")
            return
        assert self.sent
        host, port, secret = self.given["servers"][self.server]
        attributes = self.sent.attributes
        if self.password:
            hidden = radius.hidden(self.password.decode(), self.sent, secret.encode())
            attributes = (*attributes, (radius.USER_PASSWORD, hidden))
        whole = Packet(self.sent.code, self.sent.identifier, self.sent.authenticator, attributes)
        self.signed = radius.sign_request(whole, secret.encode())
        with suppress(OSError):
            self.servers.sendto(self.signed.encode(), (host, port))
        self.tries += 1
        self.due = time.monotonic() + _PAUSE

    def answered(self) -> None:
        """Hear a server; an answer under another secret is no answer."""
        content, _ = self.servers.recvfrom(65536)
        if self.phase != "carrying" or self.sent is None:
            return
        try:
            answer = radius.decode(content)
        except ValueError:
            return
        if not radius.is_genuine(answer, self.signed, self.given["servers"][self.server][2].encode()):
            return
        self.due = None
        eap = b"".join(value for kind, value in answer.attributes if kind == radius.EAP_MESSAGE)
        if answer.code == radius.CHALLENGE:
            self.state = answer.first(_STATE) or b""
            self.phase = "open"
            self.tell(eap)
            return
        if answer.code == radius.ACCEPT:
            self.phase = "admitted"
            self.put(radius.vlan_of(answer) or self.given["vlan"])
            self.note(f"admis, VLAN {self.vlan}")
        else:
            self.end("failed", "refusé")
        if eap or self.given["eap"]:
            code = _SUCCESS if answer.code == radius.ACCEPT else _FAILURE
            self.tell(eap or struct.pack("!BBH", code, self.identifier, 4))

    def end(self, which: str, why: str) -> None:
        """End without an admission, in the VLAN that the policy gives for that, if any."""
        self.phase, self.due = "ended", None
        vlan = self.given.get(which)
        self.put(vlan or NOWHERE)
        self.note(f"{why}, {f'VLAN {vlan}' if vlan else 'bloqué'}")

    def put(self, vlan: int) -> None:
        if vlan != self.vlan:
            self.vlan = vlan
            subprocess.run([*self.vsctl, "set", "port", self.given["port"], f"tag={vlan}"], check=False, timeout=10)

    def note(self, text: str) -> None:
        identity = "".join(sign for sign in self.identity.decode("utf-8", "replace") if sign.isprintable())
        print(f"{self.given['label']} : {identity or self.mac.hex(':')} {text}", flush=True)

    def tick(self, now: float) -> None:
        if self.due is not None and now >= self.due:
            self.due = None
            self.ask() if self.phase == "asking" else self.send() if self.phase == "carrying" else None


def entered(namespace: str) -> None:
    place = os.open(_NAMESPACES / namespace, os.O_RDONLY)
    os.setns(place, os.CLONE_NEWNET)
    os.close(place)


def main(listing: Path, ready: Path) -> None:
    given = json.loads(listing.read_text("utf-8"))
    selector, ports = selectors.DefaultSelector(), []
    for item in given["ports"]:
        entered(given["switch"])
        frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_EVERY))
        frames.bind((item["port"], _EVERY))
        entered(item["namespace"])
        servers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        servers.bind((item["address"], 0))
        port = Port(item, given["vsctl"], frames, servers)
        ports.append(port)
        selector.register(frames, selectors.EVENT_READ, port.hear)
        selector.register(servers, selectors.EVENT_READ, port.answered)
    ready.touch()
    while True:
        for key, _ in selector.select(0.1):
            with suppress(OSError):
                key.data()
        for port in ports:
            port.tick(time.monotonic())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
