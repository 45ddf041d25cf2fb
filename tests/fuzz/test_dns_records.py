"""Any bytes of a DNS record or of a zone's setting are read, or refused."""

from __future__ import annotations

import struct
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from piste.systems.windows.dns import properties, record
from tests.support.fuzz import examples

LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=63)
NAMES = st.lists(LABELS, min_size=1, max_size=6).map(".".join).filter(lambda name: len(name) < 250)
VALUES = st.one_of(
    st.tuples(st.just("A"), st.ip_addresses(v=4).map(str)),
    st.tuples(st.just("AAAA"), st.ip_addresses(v=6).map(str)),
    st.tuples(st.sampled_from(["PTR", "CNAME"]), NAMES),
    st.tuples(st.just("TXT"), st.text(min_size=1, max_size=900)),
)
NUMBERS = st.integers(0, 2**32 - 1)


@st.composite
def framed(draw: st.DrawFn) -> bytes:
    """A header that fits its content, so that the content itself is read."""
    content = draw(st.binary(max_size=300))
    type_ = draw(st.sampled_from([*record.TYPES.values(), record.NS, record.SOA, 0, 33]))
    head = struct.pack("<HHBBHI", len(content), type_, 5, draw(st.sampled_from([0xF0, 0x80, 0x82])), 0, draw(NUMBERS))
    return head + struct.pack(">I", draw(NUMBERS)) + struct.pack("<II", 0, draw(NUMBERS)) + content


@examples(small=50, wide=20000)
@given(st.one_of(st.binary(max_size=80), framed()))
def test_any_bytes_are_a_record_that_writes_the_same_or_are_refused(raw: bytes) -> None:
    try:
        read = record.read(raw)
    except ValueError:
        return
    if read.kind and read.value:
        # A text may be cut into other strings, and a name may have capitals: the value is what counts.
        with suppress(ValueError):
            again = record.read(record.write(read.type, read.value, read.ttl, read.serial))
            assert (again.kind, again.value, again.ttl, again.serial) == (read.kind, read.value, read.ttl, read.serial)


@examples(small=25, wide=10000)
@given(VALUES, NUMBERS, NUMBERS)
def test_what_is_written_reads_the_same(value: tuple[str, str], ttl: int, serial: int) -> None:
    kind, text = value
    with suppress(ValueError):
        raw = record.write(record.TYPES[kind], text, ttl, serial)
        read = record.read(raw)
        assert (read.kind, read.ttl, read.serial, read.dynamic) == (kind, ttl, serial, False)
        assert read.value == record.canonical(kind, text)
        assert record.write(record.TYPES[kind], read.value, ttl, serial) == raw


@examples(small=25, wide=10000)
@given(st.lists(st.binary(max_size=120), max_size=4))
def test_any_settings_are_read_or_refused(values: list[bytes]) -> None:
    with suppress(ValueError):
        read = properties.Properties(values)
        assert read.updates in ("", *properties.UPDATES)
        assert all(len(master.split(".")) == 4 for master in read.masters)
        read.number(properties.AGING)
