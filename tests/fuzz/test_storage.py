"""Listings of a server and kept readings: whatever the bytes, entries or a refusal."""

from __future__ import annotations

import struct
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from piste.readings.storage.walk import LARGEST
from piste.readings.table import SUBJECTS
from piste.systems.windows.shares import Entry, listed
from tests.support.fuzz import examples

LIMIT = 2**63 - 1
entries = st.lists(
    st.tuples(
        st.binary(max_size=40).filter(lambda name: len(name) % 2 == 0),
        st.tuples(*[st.integers(-LIMIT, LIMIT)] * 4),
        st.integers(0, 2**64 - 1),
        st.integers(0, 2**32 - 1),
        st.sampled_from([0, 0xA000000C, 0xA0000003, 0x80000013, 0x9000001A]),
    ),
    min_size=1,
    max_size=6,
)


def buffer(drawn: list[tuple[bytes, tuple[int, ...], int, int, int]]) -> bytes:
    parts = []
    for rank, (name, times, size, attributes, tag) in enumerate(drawn):
        length = 80 + len(name)
        padded = length + -length % 8
        following = 0 if rank == len(drawn) - 1 else padded
        fixed = struct.pack("<II4q2QIIII Q", following, 0, *times, size, size, attributes, len(name), tag, 0, rank)
        parts.append((fixed + name).ljust(padded, b"\0"))
    return b"".join(parts)


@examples(small=10, wide=3000)
@given(entries)
def test_a_listing_gives_each_name_with_its_kind(drawn: list[tuple[bytes, tuple[int, ...], int, int, int]]) -> None:
    got = listed(buffer(drawn))
    names = [name.decode("utf-16-le", "surrogatepass") for name, *_ in drawn]
    assert [entry.name for entry in got] == [name for name in names if name not in (".", "..")]
    assert all(isinstance(entry, Entry) and -LARGEST < entry.written < LARGEST for entry in got)


@examples(small=10, wide=3000)
@given(entries, st.binary(max_size=12), st.integers(0, 400))
def test_a_spoilt_listing_is_refused_or_read(
    drawn: list[tuple[bytes, tuple[int, ...], int, int, int]], noise: bytes, place: int
) -> None:
    whole = bytearray(buffer(drawn))
    whole[place : place + len(noise)] = noise
    with suppress(ValueError):
        assert len(listed(bytes(whole))) <= len(whole) // 80


@examples(small=10, wide=2000)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_bytes_are_no_reading(content: bytes) -> None:
    with suppress(ValueError):
        SUBJECTS["storage"].parsed(content)
