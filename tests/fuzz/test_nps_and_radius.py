"""Anything that an NPS server or a RADIUS server may send: read or refused, never misread."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as some

from piste.systems.radius import packet as wire
from piste.systems.radius.packet import Packet
from piste.systems.windows.nps import attributes, conditions, eap
from tests.support.fuzz import examples

SECRET = b"un secret"
HEX = some.text("0123456789abcdefABCDEF ", max_size=300)
THUMBPRINT = some.binary(min_size=20, max_size=20).map(lambda raw: raw.hex().upper())
BLOB = some.builds(
    lambda number, start, end, print_: eap.kind(number) + start.hex() + "14000000" + print_ + end.hex(),
    some.sampled_from([eap.TLS, eap.PEAP, 26, 43]),
    some.binary(min_size=16, max_size=20),
    some.binary(max_size=80),
    THUMBPRINT,
)
ATTRIBUTES = some.lists(
    some.tuples(some.integers(1, 255).filter(lambda kind: kind != 80), some.binary(max_size=60)), max_size=6
)


@examples(small=15, wide=5000)
@given(some.one_of(HEX, BLOB, some.text(max_size=80)), THUMBPRINT)
def test_a_configuration_that_is_read_changes_in_its_thumbprint_alone(blob: str, other: str) -> None:
    configured = eap.read(blob)
    if configured is None:
        return
    changed = eap.changed(blob, configured._replace(thumbprint=other))
    again = eap.read(changed)
    assert again is not None
    assert again.thumbprint == other
    assert eap.changed(changed, configured) == bytes.fromhex(blob).hex()


@examples(small=15, wide=5000)
@given(
    some.dictionaries(
        some.sampled_from([*sorted(attributes.EXPRESSED), "msOther"]),
        some.lists(some.one_of(some.text(max_size=20), some.just("0100006375010Bsuperuser")), min_size=1, max_size=3),
    )
)
def test_attributes_that_are_read_are_written_the_same(live: dict[str, list[str]]) -> None:
    item = attributes.read(live)
    list(attributes.unexpressed(live))
    kept = {name: list(texts) for name, (_, texts) in attributes.written(item, live.get(attributes.VENDOR, ())).items()}
    assert attributes.read({**live, **kept})["vendor_attributes"] == item["vendor_attributes"]


@examples(small=15, wide=5000)
@given(some.lists(some.one_of(some.text(max_size=40), some.from_regex(r'(MATCH|NTGROUPS|TIMEOFDAY)\("[^"]*"\)'))))
def test_conditions_of_any_text_are_read_and_none_is_lost(texts: list[str]) -> None:
    read = conditions.read(texts, str)
    written = conditions.written(read, str)
    assert len(written) == len(texts)
    assert conditions.read(written, str) == read


@examples(small=15, wide=5000)
@given(some.binary(max_size=200))
def test_a_packet_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    try:
        packet = wire.decode(data)
    except ValueError:
        return
    wire.vlan_of(packet)
    assert not wire.is_genuine(packet, packet, SECRET)


@examples(small=15, wide=5000)
@given(
    some.sampled_from([wire.ACCEPT, wire.REJECT, wire.CHALLENGE]), ATTRIBUTES, some.integers(0, 10_000), some.binary()
)
def test_a_signed_answer_of_which_a_byte_changes_is_not_genuine(
    code: int, attributes: list[tuple[int, bytes]], at: int, more: bytes
) -> None:
    request = wire.sign_request(wire.access_request([(wire.USER_NAME, b"a")]), SECRET)
    answer = wire.sign_answer(Packet(code, request.identifier, bytes(16), tuple(attributes)), request, SECRET)
    assert wire.is_genuine(answer, request, SECRET)
    raw = bytearray(answer.encode())
    raw[at % len(raw)] ^= 1 + at % 255
    try:
        other = wire.decode(bytes(raw) + more)
    except ValueError:
        return
    assert not wire.is_genuine(other, request, SECRET)
    assert not wire.is_genuine(replace(answer, attributes=answer.attributes[1:]), request, SECRET)
