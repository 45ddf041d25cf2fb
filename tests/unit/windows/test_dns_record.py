"""Records and settings of zones as the directory keeps them: bytes of a controller."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from piste.systems.windows.dns import properties, record

# Written by Samba's own provisioning and by `samba-tool dns add`.
ADDRESS = bytes.fromhex("0400010005f00000010000000000038400000000000000000a5d020b")
SERVICE = (
    b'"\x00!\x00\x05\xf0\x00\x00\x01\x00\x00\x00\x00\x00\x03\x84\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00d\x01\x85'
    b"\x1a\x04\x03dc1\x02ad\tlebourget\x07example\x00"
)
START = (
    b"S\x00\x06\x00\x05\xf0\x00\x00\x01\x00\x00\x00\x00\x00\x0e\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
    b"\x00\x00\x03\x84\x00\x00\x02X\x00\x01Q\x80\x00\x00\x0e\x10\x1a\x04\x03dc1\x02ad\tlebourget\x07example\x00!\x04\n"
    b"hostmaster\x02ad\tlebourget\x07example\x00"
)
SERVER = (
    b"\x1c\x00\x02\x00\x05\xf0\x00\x00\x01\x00\x00\x00\x00\x00\x03\x84\x00\x00\x00\x00\x00\x00\x00\x00\x1a\x04\x03dc1"
    b"\x02ad\tlebourget\x07example\x00"
)
GLUE = SERVER.replace(b"\x05\xf0", b"\x05\x82")
SECURE = bytes.fromhex("0100000000000000000000000100000002000000" + "02" + "00000000")
REFRESH = bytes.fromhex("0400000000000000000000000100000020000000" + "a8000000" + "00000000")


def test_the_bytes_of_a_controller_are_read_and_written_alike() -> None:
    address = record.read(ADDRESS)
    want = ("A", "10.93.2.11", 900, 1, False)
    assert (address.kind, address.value, address.ttl, address.serial, address.dynamic) == want
    assert record.write(record.A, "10.93.2.11", 900, 1) == ADDRESS
    assert record.write(record.NS, "dc1.ad.lebourget.example", 900, 1) == SERVER
    start = record.start_of_authority("dc1.ad.lebourget.example", "hostmaster.ad.lebourget.example", 1, 3600)
    assert (start, record.zone_serial(record.read(START))) == (START, 1)


def test_a_record_that_piste_does_not_write_is_of_no_kind() -> None:
    assert [record.read(raw).kind for raw in (SERVICE, START, SERVER, GLUE)] == [""] * 4
    glue = ADDRESS.replace(b"\x05\xf0", b"\x05\x80")
    assert record.read(glue).kind == ""


def test_the_ttl_is_in_network_order_and_a_timestamp_makes_a_record_dynamic() -> None:
    raw = bytearray(record.write(record.A, "10.93.2.99", 0x00000384, 7))
    assert raw[12:16] == bytes.fromhex("00000384")
    raw[20:24] = (3_733_000).to_bytes(4, "little")
    assert (record.read(bytes(raw)).dynamic, record.read(bytes(raw)).timestamp) == (True, 3_733_000)


@pytest.mark.parametrize(
    ("kind", "given", "canonical"),
    [
        ("A", "10.93.2.9", "10.93.2.9"),
        ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
        ("PTR", "Imp-1.AD.lebourget.example.", "imp-1.ad.lebourget.example"),
        ("CNAME", "www.exemple.fr", "www.exemple.fr"),
        ("TXT", "v=spf1 -all", "v=spf1 -all"),
        ("TXT", "é" * 400, "é" * 400),
    ],
)
def test_a_value_is_spelt_as_its_type_does(kind: str, given: str, canonical: str) -> None:
    assert record.canonical(kind, given) == canonical
    assert record.read(record.write(record.TYPES[kind], given, 60, 1)).value == canonical


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("A", "10.93.2"),
        ("A", "010.93.2.9"),
        ("A", "::1"),
        ("AAAA", "10.93.2.9"),
        ("AAAA", "fe80::1%eth0"),
        ("PTR", ""),
        ("CNAME", "a..b"),
        ("CNAME", f"{'x' * 64}.fr"),
        ("CNAME", ".".join(["x" * 60] * 5)),
        ("PTR", "a b.fr"),
        ("TXT", ""),
        ("TXT", "x" * 4096),
    ],
)
def test_a_value_that_the_type_does_not_have_is_refused(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        record.write(record.TYPES[kind], value, 60, 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        ADDRESS[:-1],
        ADDRESS + b"\0",
        ADDRESS.replace(b"\x05\xf0", b"\x04\xf0"),
        SERVER[:-1],
        SERVER.replace(b"\x1a\x04", b"\x1a\x05"),
        SERVER.replace(b"\x03dc1", b"\x04dc1"),
    ],
)
def test_other_bytes_are_no_record(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        record.read(raw)


def test_a_tombstone_says_when() -> None:
    raw = record.tombstone(datetime(1601, 1, 1, 0, 0, 1, 5, UTC), 3)
    assert (record.read(raw).type, raw[24:]) == (0, (10_000_050).to_bytes(8, "little"))


def test_the_settings_of_a_zone_are_read_with_their_defaults() -> None:
    read = properties.Properties([SECURE, REFRESH])
    assert (read.updates, read.number(properties.REFRESH), read.number(properties.ZONE_TYPE)) == ("secure", 168, 1)
    new = properties.Properties(properties.new("none"))
    assert (new.updates, new.number(properties.AGING), new.number(properties.NO_REFRESH)) == ("none", 0, 168)
    assert {SECURE, REFRESH} <= {*properties.new("secure")}


def test_a_forwarder_names_its_masters() -> None:
    ipv4 = properties.write(properties.MASTERS, bytes.fromhex("02000000" + "0a5d020b" + "0a5d020c"))
    assert properties.Properties([ipv4]).masters == ["10.93.2.11", "10.93.2.12"]
    address = b"\x02\x00\x00\x35" + bytes([10, 93, 2, 11]) + bytes(56)
    both = properties.write(properties.MASTERS_OF_ANY_FAMILY, bytes(32) + address)
    assert properties.Properties([both]).masters == ["10.93.2.11"]


@pytest.mark.parametrize("raw", [b"", SECURE[:10], SECURE[:20]])
def test_other_bytes_are_no_setting(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        properties.Properties([raw])
