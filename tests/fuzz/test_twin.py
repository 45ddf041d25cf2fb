"""Frames and packets of the computers of a twin: none stops a program of the twin."""

from __future__ import annotations

import socket
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.trials.twin.authenticator import Port
from piste.trials.twin.relay import Leg
from tests.support.fuzz import examples

_GIVEN = {"eap": True, "mac": True, "servers": [["10.0.0.1", 1812, "secret"]], "address": "10.0.0.2", "label": "sw/1",
          "port": "p1", "vlan": 101, "guest": None, "failed": None, "critical": None}  # fmt: skip


class Wire:
    """A socket that hears what a test gives it, and keeps what is sent."""

    def __init__(self, content: bytes) -> None:
        self.content, self.sent = content, list[bytes]()

    def recv(self, size: int) -> bytes:
        return self.content

    def recvfrom(self, size: int) -> tuple[bytes, Any]:
        return self.content, ("p1", 0, 0, 0, b"")

    def send(self, content: bytes) -> None:
        self.sent.append(content)

    def sendto(self, content: bytes, target: Any) -> None:
        self.sent.append(content)

    def getsockname(self) -> Any:
        return ("p1", 0, 0, 0, b"\x02" + bytes(5))


@examples(small=10, wide=2000)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_a_port_survives_any_frame_and_any_answer(frame: bytes, answer: bytes) -> None:
    for content in (frame, frame[:12] + b"\x88\x8e\x02\x00" + frame[12:]):
        port = Port(_GIVEN, ["true"], Wire(content), Wire(answer))  # type: ignore[arg-type]
        port.hear()
        port.hear()
        port.answered()
        assert port.vlan in (None, 4095)


@examples(small=10, wide=2000)
@given(st.binary(max_size=300), st.booleans())
def test_a_relay_survives_any_packet_and_keeps_the_address_of_a_first_relay(content: bytes, whole: bool) -> None:
    content = (b"\x01" + content).ljust(300, b"\0") if whole else content
    clients, servers = Wire(content), Wire(content)
    leg = Leg("10.93.41.254", ["10.93.2.11"], clients, servers)  # type: ignore[arg-type]
    leg.ask()
    leg.answer()
    for sent in servers.sent:
        wanted = content[24:28] if any(content[24:28]) else socket.inet_aton("10.93.41.254")
        assert sent[24:28] == wanted
