"""RADIUS packets: signatures, forged answers, assigned VLANs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from piste.systems.radius import packet as wire
from piste.systems.radius.packet import (
    Packet,
    access_request,
    decode,
    is_answer,
    is_genuine,
    sign_answer,
    sign_request,
    vlan_of,
)

SECRET = b"un secret"
# RFC 2865, 7.1: nemo from 192.168.1.16, secret xyzzy5461.
EXAMPLE = bytes.fromhex(
    "01000038 0f403f94 73978057 bd83d5cb 98f4227a 01066e65 6d6f0212 0dbe708d 93d413ce"
    "3196e43f 782a0aee 0406c0a8 01100506 00000003"
)
ANSWER = bytes.fromhex("02000026 86fe220e 7624ba2a 1005f6bf 9b55e0b2 06060000 00010f06 00000000 0e06c0a8 0103")


def test_the_example_of_the_standard_reads_and_writes_the_same() -> None:
    packet = decode(EXAMPLE)
    assert packet.first(wire.USER_NAME) == b"nemo"
    assert packet.encode() == EXAMPLE
    assert wire.hidden("arctangent", packet, b"xyzzy5461") == packet.first(wire.USER_PASSWORD)


def test_the_answer_of_the_standard_is_right_for_its_secret_alone_and_proves_nothing() -> None:
    request, answer = decode(EXAMPLE), decode(ANSWER)
    assert is_answer(answer, request, b"xyzzy5461")
    assert not is_answer(answer, request, b"xyzzy5462")
    assert not is_genuine(answer, request, b"xyzzy5461")


@pytest.mark.parametrize(
    ("code", "more", "genuine"),
    [
        (wire.ACCEPT, (), False),
        (wire.CHALLENGE, ((wire.EAP_MESSAGE, b"\1\2\0\4"),), False),
        (wire.REJECT, ((wire.EAP_MESSAGE, b"\4\2\0\4"),), False),
        (wire.REJECT, (), True),
    ],
)
def test_without_a_signature_only_a_refusal_outside_eap_is_believed(code: int, more: Any, genuine: bool) -> None:
    request = sign_request(access_request([(wire.USER_NAME, b"a")]), SECRET)
    bare = Packet(code, request.identifier, request.authenticator, more)
    digest = hashlib.md5(bare.encode() + SECRET, usedforsecurity=False).digest()
    assert is_answer(replace(bare, authenticator=digest), request, SECRET)
    assert is_genuine(replace(bare, authenticator=digest), request, SECRET) is genuine


def test_a_signed_answer_is_genuine_until_one_attribute_changes() -> None:
    request = sign_request(access_request([(wire.USER_NAME, b"a")]), SECRET)
    answer = sign_answer(Packet(wire.ACCEPT, request.identifier, bytes(16), ((18, b"bonjour"),)), request, SECRET)
    assert is_genuine(answer, request, SECRET)
    forged = replace(answer, attributes=((answer.attributes[0]), (18, b"bonsoir")))
    assert not is_genuine(forged, request, SECRET)


def test_a_request_is_signed_anew_for_another_secret() -> None:
    once = sign_request(access_request([(wire.USER_NAME, b"a")]), b"radius")
    again = sign_request(once, SECRET)
    assert len(again.attributes) == len(once.attributes)
    assert again.first(wire.MESSAGE_AUTHENTICATOR) != once.first(wire.MESSAGE_AUTHENTICATOR)


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"\x01" * 19, "20 bytes"), (EXAMPLE[:-1], "length"), (EXAMPLE[:21] + b"\x01" + EXAMPLE[22:], "attribute")],
)
def test_a_packet_whose_lengths_do_not_agree_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decode(data)


@pytest.mark.parametrize(
    ("group", "vlan"), [(b"151", 151), (b"\x00151", 151), (b"\x01151", 151), (b"Utilisateurs", None)]
)
def test_the_vlan_is_read_with_or_without_a_tag(group: bytes, vlan: int | None) -> None:
    tunnel = ((wire.TUNNEL_TYPE, b"\x00\x00\x00\x0d"), (wire.TUNNEL_MEDIUM, b"\x00\x00\x00\x06"))
    assert vlan_of(Packet(wire.ACCEPT, 0, bytes(16), (*tunnel, (wire.TUNNEL_GROUP, group)))) == vlan
    assert vlan_of(Packet(wire.ACCEPT, 0, bytes(16), ((wire.TUNNEL_GROUP, group),))) is None
