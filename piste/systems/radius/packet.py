"""RADIUS packets: signature of requests, and proof that an answer is the server's.

Sources: RFC 2865 (sections 3 and 5), RFC 2868 (3.6, tunnel private group), RFC 3579 (3.2, Message-Authenticator).
Believed: [belief windows.nps_signed].
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace

ACCEPT, REJECT, CHALLENGE = 2, 3, 11
USER_NAME, USER_PASSWORD, NAS_IP, SERVICE_TYPE = 1, 2, 4, 6
CALLING_STATION, NAS_PORT_TYPE, EAP_MESSAGE, MESSAGE_AUTHENTICATOR = 31, 61, 79, 80
TUNNEL_TYPE, TUNNEL_MEDIUM, TUNNEL_GROUP = 64, 65, 81
CALL_CHECK, ETHERNET, WIRELESS = 10, 15, 19
VLAN, IEEE_802 = 13, 6
_REQUEST = 1
_HEADER = struct.Struct("!BBH16s")


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet as on the wire.

    `authenticator` is 16 bytes; attributes keep their order and their repeats.
    """

    code: int
    identifier: int
    authenticator: bytes
    attributes: tuple[tuple[int, bytes], ...] = ()

    def first(self, kind: int) -> bytes | None:
        return next((value for number, value in self.attributes if number == kind), None)

    def encode(self) -> bytes:
        body = b"".join(bytes((kind, len(value) + 2)) + value for kind, value in self.attributes)
        return _HEADER.pack(self.code, self.identifier, _HEADER.size + len(body), self.authenticator) + body


def decode(data: bytes) -> Packet:
    """Read a packet; ValueError where its lengths do not agree."""
    if len(data) < _HEADER.size:
        raise ValueError("a RADIUS packet has at least 20 bytes")
    code, identifier, length, authenticator = _HEADER.unpack_from(data)
    if not _HEADER.size <= length <= len(data):
        raise ValueError("the length of the RADIUS packet is wrong")
    attributes, at = [], _HEADER.size
    while at < length:
        size = data[at + 1] if at + 1 < length else 0
        if size < 2 or at + size > length:
            raise ValueError("the length of a RADIUS attribute is wrong")
        attributes.append((data[at], data[at + 2 : at + size]))
        at += size
    return Packet(code, identifier, authenticator, tuple(attributes))


def access_request(attributes: Iterable[tuple[int, bytes]]) -> Packet:
    """Build an Access-Request with a new authenticator; it is signed later."""
    return Packet(_REQUEST, os.urandom(1)[0], os.urandom(16), tuple(attributes))


def sign_request(packet: Packet, secret: bytes) -> Packet:
    """Return the request with the Message-Authenticator of this secret, as first attribute."""
    others = tuple(entry for entry in packet.attributes if entry[0] != MESSAGE_AUTHENTICATOR)
    return _sealed(replace(packet, attributes=((MESSAGE_AUTHENTICATOR, bytes(16)), *others)), secret)


def sign_answer(packet: Packet, request: Packet, secret: bytes) -> Packet:
    """Return the answer as a server with this secret would give it to the request."""
    others = tuple(entry for entry in packet.attributes if entry[0] != MESSAGE_AUTHENTICATOR)
    bare = replace(
        packet, authenticator=request.authenticator, attributes=((MESSAGE_AUTHENTICATOR, bytes(16)), *others)
    )
    sealed = _sealed(bare, secret)
    return replace(sealed, authenticator=hashlib.md5(sealed.encode() + secret, usedforsecurity=False).digest())


def is_answer(answer: Packet, request: Packet, secret: bytes) -> bool:
    """Return True if the authenticator of an answer is right.

    Anybody on the way can forge it (CVE-2024-3596).
    """
    bare = replace(answer, authenticator=request.authenticator)
    digest = hashlib.md5(bare.encode() + secret, usedforsecurity=False).digest()
    return answer.identifier == request.identifier and hmac.compare_digest(digest, answer.authenticator)


def is_unsigned(answer: Packet) -> bool:
    """Return True if an answer lacks the Message-Authenticator without which it proves nothing.

    Only a refusal outside EAP may lack it: a forged refusal admits nobody, and older servers send refusals so.
    """
    signed = answer.first(MESSAGE_AUTHENTICATOR) is not None
    return not signed and (answer.code != REJECT or answer.first(EAP_MESSAGE) is not None)


def is_genuine(answer: Packet, request: Packet, secret: bytes) -> bool:
    """Return True if a server with this secret gave this answer to the request."""
    if not is_answer(answer, request, secret) or is_unsigned(answer):
        return False
    given = answer.first(MESSAGE_AUTHENTICATOR)
    sealed = _sealed(replace(answer, authenticator=request.authenticator), secret)
    return given is None or hmac.compare_digest(given, sealed.first(MESSAGE_AUTHENTICATOR) or b"")


def hidden(password: str, packet: Packet, secret: bytes) -> bytes:
    """Hide a User-Password (RFC 2865, 5.2)."""
    plain = password.encode()
    plain += bytes(-len(plain) % 16)
    result, before = b"", packet.authenticator
    for at in range(0, len(plain), 16):
        pad = hashlib.md5(secret + before, usedforsecurity=False).digest()
        before = bytes(a ^ b for a, b in zip(plain[at : at + 16], pad, strict=True))
        result += before
    return result


def vlan_of(packet: Packet) -> int | None:
    """Return the VLAN that an answer assigns; None where it assigns none, or by a name."""
    kind, medium, group = (packet.first(name) for name in (TUNNEL_TYPE, TUNNEL_MEDIUM, TUNNEL_GROUP))
    if kind is None or medium is None or group is None:
        return None
    if int.from_bytes(kind[1:]) != VLAN or int.from_bytes(medium[1:]) != IEEE_802:
        return None
    text = (group[1:] if group[:1] <= b"\x1f" else group).decode("ascii", "replace")
    return int(text) if text.isdecimal() else None


def _sealed(packet: Packet, secret: bytes) -> Packet:
    """Fill the Message-Authenticator in its place; the authenticator must be the request's."""
    empty = tuple((kind, bytes(16) if kind == MESSAGE_AUTHENTICATOR else value) for kind, value in packet.attributes)
    digest = hmac.new(secret, replace(packet, attributes=empty).encode(), "md5").digest()
    filled = tuple((kind, digest if kind == MESSAGE_AUTHENTICATOR else value) for kind, value in empty)
    return replace(packet, attributes=filled)
