"""The value of `dnsRecord`: a DNS record as the directory keeps it.

Numbers are little-endian, but for the TTL and the content of a record, which are in network order.

Sources: MS-DNSP 2.3.2.2 (`dnsRecord`), 2.2.2.2.2 (names), 2.2.2.2.4 (content by type), 2.2.2.2.4.23 (tombstone), RFC
1035 and RFC 3596 (types).
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

A, NS, CNAME, SOA, PTR, TXT, AAAA = 1, 2, 5, 6, 12, 16, 28
TYPES = {"A": A, "AAAA": AAAA, "PTR": PTR, "CNAME": CNAME, "TXT": TXT}
"""The types that Piste writes; all others are read as foreign."""
NAMED = frozenset({NS, CNAME, PTR})
"""Types whose content is a name."""
_NUMBERS = {NS: 0, CNAME: 0, PTR: 0, SOA: 20, 15: 2, 33: 6}
"""Bytes of numbers before the names of a record, by its type; the last two are MX and SRV."""
_NAMES = {number: name for name, number in TYPES.items()}

_TOMBSTONE = 0
_VERSION, _RANK_OF_ZONE = 5, 0xF0
_HEADER, _LITTLE = struct.Struct("<HHBBHI"), struct.Struct("<II")
_TTL = struct.Struct(">I")
_SIZE = _HEADER.size + _TTL.size + _LITTLE.size
_TTL_OF_TOMBSTONE = 180
LONGEST_NAME, LONGEST_LABEL, LONGEST_STRING = 255, 63, 255
_HOURS = datetime(1601, 1, 1, tzinfo=UTC)


class Record(NamedTuple):
    """A record, with its bytes. `value` is empty for a type that Piste does not write."""

    type: int
    value: str
    ttl: int
    timestamp: int
    """Hours since 1601 at the last dynamic update; 0 for a static record."""
    serial: int
    of_zone: bool
    """False for a glue record, which another zone answers for."""
    raw: bytes

    @property
    def kind(self) -> str:
        """The name of the type, empty for a type that Piste does not write, and for glue."""
        return _NAMES.get(self.type, "") if self.of_zone else ""

    @property
    def dynamic(self) -> bool:
        return self.timestamp != 0


def read(raw: bytes) -> Record:
    """Read a value of `dnsRecord`. Raises ValueError for other bytes."""
    try:
        length, type_, version, rank, _, serial = _HEADER.unpack_from(raw)
        (ttl,) = _TTL.unpack_from(raw, _HEADER.size)
        _, timestamp = _LITTLE.unpack_from(raw, _HEADER.size + _TTL.size)
    except struct.error as error:
        raise ValueError("too short for a DNS record") from error
    content = raw[_SIZE:]
    if version != _VERSION or length != len(content):
        raise ValueError("not a DNS record")
    return Record(type_, _value(type_, content), ttl, timestamp, serial, rank == _RANK_OF_ZONE, raw)


def write(type_: int, value: str, ttl: int, serial: int) -> bytes:
    """Write a static record. Raises ValueError for a value that the type does not have."""
    return _record(type_, _content(type_, value), ttl, serial)


def tombstone(now: datetime, serial: int) -> bytes:
    """Write the only record of a removed name: the time of its removal.

    The time counts tenths of a microsecond since 1601.
    """
    since = now - _HOURS
    ticks = (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10
    return _record(_TOMBSTONE, struct.pack("<Q", ticks), _TTL_OF_TOMBSTONE, serial)


def _record(type_: int, content: bytes, ttl: int, serial: int) -> bytes:
    header = _HEADER.pack(len(content), type_, _VERSION, _RANK_OF_ZONE, 0, serial)
    return header + _TTL.pack(ttl) + _LITTLE.pack(0, 0) + content


def renamed(raw: bytes, rename: Callable[[str, int], str]) -> bytes:
    """Write a record again with other names in it.

    `rename` takes a name and its rank, 1 for the mailbox of an SOA. Raises ValueError for a type that names no host.
    """
    known, start = read(raw), _SIZE + _NUMBERS.get(_HEADER.unpack_from(raw)[1], len(raw))
    names: list[bytes] = []
    at = start
    while at < len(raw):
        name, end = _name_of(raw[at:])
        new = rename(name, len(names))
        names.append(raw[at : at + end] if new == name else _name_bytes(new))
        at += end
    if not names:
        raise ValueError(f"type {known.type} names no host")
    content = raw[_SIZE:start] + b"".join(names)
    return _HEADER.pack(len(content), *_HEADER.unpack_from(raw)[1:]) + raw[_HEADER.size : _SIZE] + content


def start_of_authority(primary: str, hostmaster: str, serial: int, ttl: int) -> bytes:
    """Write the SOA of a new zone, with the intervals of Windows: 15 min, 10 min, 1 day, 1 h."""
    numbers = struct.pack(">5I", serial, 900, 600, 86_400, 3_600)
    return _record(SOA, numbers + _name_bytes(primary) + _name_bytes(hostmaster), ttl, serial)


def zone_serial(record: Record) -> int:
    """Return the serial number of a zone from its SOA. Raises ValueError."""
    content = record.raw[_SIZE:]
    if record.type != SOA or len(content) < 4:
        raise ValueError("not a start of authority")
    return int.from_bytes(content[:4], "big")


def canonical(kind: str, value: str) -> str:
    """Return the value of a type in its canonical spelling. Raises ValueError."""
    return _value(TYPES[kind], _content(TYPES[kind], value))


def _value(type_: int, content: bytes) -> str:
    if type_ == A:
        return str(ipaddress.IPv4Address(content))
    if type_ == AAAA:
        return str(ipaddress.IPv6Address(content))
    if type_ in NAMED:
        name, end = _name_of(content)
        if end != len(content):
            raise ValueError("bytes after a name")
        return name
    return _text(content) if type_ == TXT else ""


def _content(type_: int, value: str) -> bytes:
    if type_ == A:
        return ipaddress.IPv4Address(value).packed
    if type_ == AAAA:
        if "%" in value:
            raise ValueError(value)
        return ipaddress.IPv6Address(value).packed
    if type_ in NAMED:
        return _name_bytes(value)
    if type_ == TXT:
        return _strings(value)
    raise ValueError(f"type {type_} is not written")


def _text(content: bytes) -> str:
    """Join the strings of a TXT record: resolvers show them as one text."""
    text, at = b"", 0
    while at < len(content):
        length = content[at]
        if at + 1 + length > len(content):
            raise ValueError("a text beyond its record")
        text += content[at + 1 : at + 1 + length]
        at += 1 + length
    return text.decode()


def _strings(text: str) -> bytes:
    raw = text.encode()
    if not raw or len(raw) > 16 * LONGEST_STRING:
        raise ValueError(text)
    pieces = [raw[at : at + LONGEST_STRING] for at in range(0, len(raw), LONGEST_STRING)]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


def labels(name: str) -> list[str]:
    """Split a full name into its labels. Raises ValueError for what is no name."""
    parts = name.removesuffix(".").lower().split(".")
    sizes = [len(part.encode()) for part in parts]
    bad = any(not part or not part.isprintable() or set(part) & set(' /\\"@()<>;') for part in parts)
    if bad or max(sizes) > LONGEST_LABEL or sum(sizes) + len(sizes) + 1 > LONGEST_NAME:
        raise ValueError(name)
    return parts


def full_name(name: str) -> str:
    """Return the canonical spelling of a full name. Raises ValueError for what is no name."""
    return ".".join(labels(name))


def _name_bytes(name: str) -> bytes:
    """Write a `DNS_COUNT_NAME`: its length, the number of its labels, the labels, a zero."""
    parts = [part.encode() for part in labels(name)]
    body = b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
    return bytes([len(body), len(parts)]) + body


def _name_of(content: bytes) -> tuple[str, int]:
    """Read a `DNS_COUNT_NAME`; return the name and the position after it."""
    if len(content) < 3 or len(content) < 2 + content[0]:
        raise ValueError("a name beyond its record")
    end, at, parts = 2 + content[0], 2, []
    while at < end and content[at]:
        length = content[at]
        if at + 1 + length >= end:
            raise ValueError("a label beyond its name")
        parts.append(content[at + 1 : at + 1 + length].decode())
        at += 1 + length
    if at != end - 1 or len(parts) != content[1]:
        raise ValueError("a name of another length")
    return ".".join(labels(".".join(parts))), end
